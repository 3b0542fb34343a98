"""The files that lie beside a closed WARC, manifest and CDXJ, checked against it."""

import hashlib
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.warc.cdxj import CdxEntry, cdxj_path, format_line, parse_line, warc_entries
from umecrawl.warc.files import MISNAMED, list_misnamed, manifest_path, sha256_of
from umecrawl.warc.findings import Finding
from umecrawl.warc.records import RecordFormatError
from umecrawl.warc.rules import Flaw, Severity
from umecrawl.warc.volumes import Volume, files_below

_REINDEX: Final = "Delete the file and run `umecrawl index`, which writes it anew."
_SHOWN: Final = 5  # findings of one kind about one CDXJ; the rest are counted


class LineSum:
    """A sum over lines that does not depend on their order, so that they need not be kept to be compared."""

    def __init__(self) -> None:
        self.count = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        """Count a line in."""
        self.count += 1
        self._sum += int.from_bytes(hashlib.blake2b(line, digest_size=16).digest(), "little")

    def join(self, other: "LineSum") -> None:
        """Count the lines of another sum in."""
        self.count += other.count
        self._sum += other.value[1]

    @property
    def value(self) -> tuple[int, int]:
        """How many lines there were, and their sum."""
        return self.count, self._sum % (1 << 128)


def check_manifest(path: Path, root: Path, checksum: str) -> Iterator[Flaw]:
    """Yield what is wrong with the manifest of a closed WARC, whose SHA-256 in hex is given."""
    manifest = manifest_path(root, path.name)
    if not manifest.exists():
        message = "there is no checksum of the file"
        yield Flaw("manifest", Severity.WARNING, message, "Run `umecrawl index`, which takes one.")
        return
    recorded = manifest.read_text(encoding="utf-8", errors="replace").split()[:1]
    if recorded != [checksum]:
        message = f"the SHA-256 is {checksum}, the manifest says {' '.join(recorded) or 'nothing'}"
        yield _error("manifest", message, "The file has changed since it was closed: restore it from a copy.")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a CDXJ file holds: number and sum of its lines (`LineSum`), and whether they are sorted."""

    lines: tuple[int, int]
    in_order: bool


def sum_cdxj(cdxj: Path) -> Listed | None:
    """Return what a CDXJ holds; nothing where there is none."""
    found, in_order, before = LineSum(), True, b""
    try:
        with cdxj.open("rb") as file:
            for line in file:
                found.add(line)
                in_order = in_order and before <= line
                before = line
    except FileNotFoundError:
        return None
    return Listed(found.value, in_order)


def check_cdxj(cdxj: Path, warc: Path | Volume, expected: tuple[int, int], listed: Listed | None) -> Iterator[Flaw]:
    """Yield where a CDXJ, of which `listed` is told, differs from the lines its WARC gives: their number and sum."""
    if listed is None:
        message = "the file is missing"
        yield Flaw("cdxj", Severity.WARNING, message, "Run `umecrawl index`, which writes it.")
        return
    if not listed.in_order:
        yield _error("cdxj", "the lines are not sorted by octets", _REINDEX)
    if listed.lines == expected:
        return
    wrong = _differences(cdxj, warc)
    yield from (_error("cdxj", message, _REINDEX) for message in islice(wrong, _SHOWN))
    if more := sum(1 for _ in wrong):
        yield _error("cdxj", f"{more} lines more do not agree with the WARC", _REINDEX)


def _differences(cdxj: Path, warc: Path | Volume) -> Iterator[str]:
    """Yield what is wrong in the CDXJ, then what is missing; the lines are compared on disk."""
    with closing(sqlite3.connect("")) as database:  # a temporary file
        database.execute("CREATE TABLE expected (line UNIQUE, found)")
        try:
            database.executemany(
                "INSERT OR IGNORE INTO expected VALUES (?, 0)", ((format_line(entry),) for entry in warc_entries(warc))
            )
        except DamageError as error:
            yield f"the lines cannot be compared, for the WARC cannot be read: {error.message}"
            return
        with cdxj.open("rb") as file:
            for line in file:
                if not database.execute("UPDATE expected SET found = 1 WHERE line = ? AND NOT found", (line,)).rowcount:
                    yield _line_differs(line)
        for (line,) in database.execute("SELECT line FROM expected WHERE NOT found ORDER BY line"):
            yield f"a capture has no line: {line[:80]!r}"


def _line_differs(line: bytes) -> str:
    try:
        entry: CdxEntry = parse_line(line)
    except RecordFormatError as error:
        return error.message
    return f"a line does not agree with the WARC: {entry.url} at offset {entry.record.offset}"


def check_folder(root: Path, names: Collection[str]) -> Iterator[Finding]:
    """Yield what lies in the folders of an archive without a WARC of these names."""
    for manifest in sorted((root / "manifest").glob("*.sha256")):
        if ".cut-" in manifest.name:
            yield from _check_sidecars(manifest, root)
        elif manifest.name.removesuffix(".sha256") not in names:
            message = f"the file {manifest.name.removesuffix('.sha256')} is missing from the archive"
            yield Finding(manifest, None, "missing-warc", Severity.ERROR, message, "Restore it from a copy.")
    wanted = {cdxj_path(root, name) for name in names}
    for cdxj in sorted((root / "cdxj").glob("*.cdxj")):
        if cdxj not in wanted:
            message = "there is no WARC to this CDXJ"
            yield Finding(cdxj, None, "missing-warc", Severity.ERROR, message, "Restore the WARC, or delete the CDXJ.")
    for path in list_misnamed(root):
        yield Finding(path, None, "file-name", Severity.ERROR, MISNAMED, "Rename it, then run `umecrawl index`.")
    for sidecar in sorted(path for path in files_below(root / "warc") if ".cut-" in path.name):
        message = "octets that were cut from a file are kept here"
        remedy = "Keep it; `zcat` shows what can be read of it."
        yield Finding(sidecar, None, "cut-sidecar", Severity.NOTE, message, remedy)
    damaged = root / "damaged"
    for sidecar in sorted(damaged.glob("*.bad-*")):
        message = f"{sidecar.stat().st_size} octets of {sidecar.name.partition('.bad-')[0]} that hold no sound record"
        remedy = f"They are lost, unless a copy has them; they stood at offset {sidecar.name.rpartition('-')[2]}."
        yield Finding(sidecar, None, "lost", Severity.NOTE, message, remedy)
    for checksums in sorted(damaged.glob("*.sha256")):
        yield from _check_sidecars(checksums, damaged)


def _check_sidecars(checksums: Path, folder: Path) -> Iterator[Finding]:
    """Yield which files of a list are not what they were; the list is as `sha256sum` writes it."""
    for line in checksums.read_text(encoding="utf-8", errors="replace").splitlines():
        checksum, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file():
            message = "octets that were put aside by a repair are missing"
            yield Finding(path, None, "sidecar", Severity.WARNING, message, "Restore the file from a copy.")
        elif sha256_of(path) != checksum:
            message = "octets that were put aside by a repair have changed since"
            yield Finding(path, None, "sidecar", Severity.WARNING, message, "Restore the file from a copy.")


def _error(rule: str, message: str, remedy: str) -> Flaw:
    return Flaw(rule, Severity.ERROR, message, remedy)
