"""The whole check of one WARC: its octets, then the files that lie beside it."""

import gc
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from umecrawl.warc.cdxj import cdxj_path
from umecrawl.warc.companions import Listed, check_cdxj, check_manifest, sum_cdxj
from umecrawl.warc.events import OPEN_SUFFIX, warc_name
from umecrawl.warc.files import NAME, sha256_of
from umecrawl.warc.findings import Finding, Tally, finding
from umecrawl.warc.leaves import Leaves
from umecrawl.warc.outcome import Outcome
from umecrawl.warc.rules import Flaw, Severity
from umecrawl.warc.scan import Scan
from umecrawl.warc.sections import WHOLE, Section
from umecrawl.warc.trace import Oddities


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the check of one file brought.

    `sha256` only of closed files of an archive; `seconds` is wall time, of a file in sections that of all together.

    `own` says whether we wrote it, `whole` whether every record in it could be read.
    """

    path: Path
    size: int
    sha256: str
    records: int
    own: bool
    whole: bool
    seconds: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What the check of one section of a file brought.

    `beside` is there if the section is all of a closed file; `seconds` is wall time.
    """

    outcome: Outcome
    tally: Tally
    beside: "Beside | None"
    seconds: float


@dataclass(frozen=True, slots=True)
class Beside:
    """What the files beside a closed WARC are compared with: its SHA-256 in hex; and what its CDXJ holds."""

    checksum: str
    listed: Listed | None


def inspect(path: Path, root: Path, leaves: Leaves, number: int, *, explain: bool = False) -> Inspection:
    """Check one WARC and note on the leaves what it says of records elsewhere."""
    part = inspect_section(path, root, leaves, number, explain=explain)
    return _inspection(path, root, part, explain=explain)


def inspect_section(
    path: Path, root: Path, leaves: Leaves, number: int, section: Section = WHOLE, *, explain: bool = False
) -> Part:
    """Check one section of a WARC; what lies beside the file is left to `join`."""
    began = time.monotonic()
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        archived = is_archived(path, root)
        scan = Scan(path, descriptor, leaves, number, archived=archived, explain=explain, section=section)
        tally = Tally(path)
        with _no_cycles():
            tally.add(scan.run())
        beside = None
        if section == WHOLE and is_closed(path, root):
            beside = Beside(scan.checksum(), sum_cdxj(cdxj_path(root, path.name)))
    finally:
        os.close(descriptor)
    return Part(scan.outcome(), tally, beside, time.monotonic() - began)


def look_beside(path: Path, root: Path) -> Beside:
    """Return what the files beside a closed WARC are compared with, where it is checked in sections."""
    return Beside(sha256_of(path), sum_cdxj(cdxj_path(root, path.name)))


def join(
    path: Path, root: Path, parts: Sequence[Part], beside: Beside | None, *, explain: bool = False
) -> Inspection | None:
    """Return what the sections of a file come to; nothing where they have to be checked in one piece."""
    if len(parts) == 1:
        return _inspection(path, root, parts[0], explain=explain)
    first, *others = parts
    outcome, tally = first.outcome, first.tally
    for part in others:
        outcome.join(part.outcome)
        tally.join(part.tally)
    if not outcome.closed:
        return None
    whole = Part(outcome, tally, beside, sum(part.seconds for part in parts))
    return _inspection(path, root, whole, explain=explain)


def is_archived(path: Path, root: Path) -> bool:
    """Return whether a file is one of the archive's, so that manifest and CDXJ belong to it."""
    return path.is_relative_to(root / "warc")


def is_closed(path: Path, root: Path) -> bool:
    """Return whether a file is one of the archive's and no longer written."""
    return is_archived(path, root) and not path.name.endswith(OPEN_SUFFIX)


def _inspection(path: Path, root: Path, part: Part, *, explain: bool) -> Inspection:
    outcome, beside, began = part.outcome, part.beside, time.monotonic()
    part.tally.add(outcome.flaws())
    findings = [finding(path, None, flaw) for flaw in _name_flaws(path)]
    findings += part.tally.findings()
    if beside is not None:
        findings += [finding(path, None, flaw) for flaw in check_manifest(path, root, beside.checksum)]
        cdxj = cdxj_path(root, path.name)
        if outcome.whole:  # else the lines cannot be known, which is told already
            wrong = check_cdxj(cdxj, path, outcome.lines.value, beside.listed)
            findings += [finding(cdxj, None, flaw) for flaw in wrong]
    if explain:
        findings += _false_alarms(path, outcome.oddities)
    return Inspection(
        path=path,
        size=path.stat().st_size,
        sha256=beside.checksum if beside is not None else "",
        records=outcome.records,
        own=outcome.own,
        whole=outcome.whole,
        seconds=part.seconds + time.monotonic() - began,
        findings=tuple(findings),
    )


@contextmanager
def _no_cycles() -> Iterator[None]:
    # A pass makes millions of objects and no cycle among them; looking for some takes a twentieth of its time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _name_flaws(path: Path) -> Iterator[Flaw]:
    if path.name.endswith(OPEN_SUFFIX):
        message = "the file is being written, or was left by a process that was killed"
        yield Flaw("unsealed", Severity.NOTE, message, "The next `umecrawl crawl` closes what was left.")
    if not NAME.fullmatch(warc_name(path)):
        message = "the name is not prefix-time-serial-host.warc.gz"
        yield Flaw(
            "file-name", Severity.WARNING, message, "Nothing, if another tool wrote it; else find out who renamed it."
        )


def _false_alarms(path: Path, oddities: Oddities) -> Iterator[Finding]:
    """Yield which sound records other validators will report, and why they are wrong."""
    if oddities.chunked:
        number = len(oddities.chunked)
        message = (
            f"{number} chunked response{'s' * (number != 1)}: `warcio check` and `fastwarc check -p` will report "
            "the payload digest, for they hash the chunks too"
        )
        remedy = "Nothing: the digest is right, over the body without transfer coding (ISO 28500 §6.3.2)."
        records = tuple(oddities.chunked)
        yield Finding(path, None, "false-alarm", Severity.NOTE, message, remedy, number, records)
    if oddities.revisits:
        number = len(oddities.revisits)
        message = (
            f"{number} revisit{'s' * (number != 1)}: `fastwarc check -p` will report the payload digest, for it "
            "hashes what the record holds, not the payload it stands for"
        )
        remedy = "Nothing: the digest is right, it is the original's (ISO 28500 §6.7.2)."
        records = tuple(oddities.revisits)
        yield Finding(path, None, "false-alarm", Severity.NOTE, message, remedy, number, records)
