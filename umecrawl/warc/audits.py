"""The history of checks: one JSON line for each WARC and check in `audits.jsonl`.

Of all that lies beside the WARC files, this alone cannot be derived from them: that a file was whole on some day is
known only to who looked that day. A line is appended in one write and waited for; a line that a power cut tore is
passed over when read. Fields, times in UTC:

    at, file, size, sha256, ok, findings (rule: number), records, seconds, software
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from umecrawl.warc.disk import sync_folder, writing
from umecrawl.warc.findings import Finding
from umecrawl.warc.inspection import Inspection
from umecrawl.warc.records import RecordFormatError, format_date, parse_date
from umecrawl.warc.rules import Severity
from umecrawl.warc.volumes import SUFFIX, WACZ_SUFFIX, WARC_SUFFIXES, warc_name

_CDXJ: Final = ".cdxj"
_MANIFEST: Final = ".sha256"


@dataclass(frozen=True, slots=True)
class Audit:
    """What one check found in one WARC.

    `ok` is false where octets are damaged or a rule is broken (severity `error`); `findings` counts all by rule,
    notes included. `sha256` and `size` (octets) are the file's; `seconds` is what the check of it took.
    """

    at: datetime
    file: str
    size: int
    sha256: str
    ok: bool
    findings: Mapping[str, int] = field(default_factory=dict)
    records: int = 0
    seconds: float = 0.0
    software: str = ""


def audits_path(root: Path) -> Path:
    """Return where the history of an archive lies."""
    return root / "audits.jsonl"


def audits_of(
    inspections: Iterable[Inspection], findings: Iterable[Finding], at: datetime, software: str
) -> Iterator[Audit]:
    """Yield what a check found, file by file; a finding about a CDXJ or a manifest counts for its WARC."""
    rules: dict[str, Counter[str]] = {}
    bad: set[str] = set()
    for finding in findings:
        name = _warc_of(finding.path)
        rules.setdefault(name, Counter())[finding.rule] += finding.count
        if finding.severity is Severity.ERROR:
            bad.add(name)
    sizes = {warc_name(one.path): one for one in inspections}
    for name in sorted({*sizes, *(name for name in rules if name.endswith((*WARC_SUFFIXES, WACZ_SUFFIX)))}):
        one = sizes.get(name)
        yield Audit(
            at=at,
            file=name,
            size=one.size if one else 0,
            sha256=one.sha256 if one else "",
            ok=name not in bad,
            findings=dict(sorted(rules.get(name, Counter()).items())),
            records=one.records if one else 0,
            seconds=round(one.seconds, 3) if one else 0.0,
            software=software,
        )


def append_audits(root: Path, audits: Iterable[Audit]) -> None:
    """Add lines to the history and wait until the disk has them.

    Raises `NoSpaceError` when they do not fit; the history is then as it was.
    """
    path = audits_path(root)
    lines = b"".join(_line(audit) for audit in audits)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":  # torn by a power cut: it keeps its own line
                lines = b"\n" + lines
            view = memoryview(lines)
            try:
                while view:
                    view = view[os.write(descriptor, view) :]
            except OSError:
                os.ftruncate(descriptor, size)
                raise
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(path.parent)


def read_audits(root: Path) -> Iterator[Audit]:
    """Yield the history, oldest first; lines that cannot be read (one torn by a power cut) are passed over."""
    path = audits_path(root)
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            audit = _parsed(line)
            if audit is not None:
                yield audit


def last_audits(root: Path) -> dict[str, Audit]:
    """Return the latest check of each WARC by the file's name."""
    return {audit.file: audit for audit in read_audits(root)}


def _warc_of(path: Path) -> str:
    name = warc_name(path)
    if name.endswith(_CDXJ):
        return name.removesuffix(_CDXJ) + SUFFIX
    return name.removesuffix(_MANIFEST)


def _line(audit: Audit) -> bytes:
    values = {
        "at": format_date(audit.at),
        "file": audit.file,
        "size": audit.size,
        "sha256": audit.sha256,
        "ok": audit.ok,
        "findings": dict(audit.findings),
        "records": audit.records,
        "seconds": audit.seconds,
        "software": audit.software,
    }
    return json.dumps(values).encode("ascii") + b"\n"


def _parsed(line: bytes) -> Audit | None:
    try:
        values = json.loads(line)
        return Audit(
            at=parse_date(values["at"]),
            file=str(values["file"]),
            size=int(values["size"]),
            sha256=str(values["sha256"]),
            ok=values["ok"] is True,
            findings={str(rule): int(number) for rule, number in values["findings"].items()},
            records=int(values.get("records", 0)),
            seconds=float(values.get("seconds", 0)),
            software=str(values.get("software", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecordFormatError):
        return None
