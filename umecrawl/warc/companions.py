"""The files that lie beside a closed WARC, manifest and CDXJ, checked against it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from umecrawl.warc.cdxj import CdxEntry, parse_line
from umecrawl.warc.files import manifest_path
from umecrawl.warc.records import RecordFormatError
from umecrawl.warc.rules import Flaw, Severity

_REINDEX: Final = "Delete the file and run `umecrawl index`, which writes it anew."
_SHOWN: Final = 5  # findings of one kind about one CDXJ; the rest are counted


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


def check_cdxj(cdxj: Path, expected: list[bytes] | None) -> Iterator[Flaw]:
    """Yield where a CDXJ differs from the lines its WARC gives; `expected` is None where the WARC cannot be read."""
    if expected is None:  # the WARC could not be read whole, which is told already
        return
    if not cdxj.exists():
        message = "the file is missing"
        yield Flaw("cdxj", Severity.WARNING, message, "Run `umecrawl index`, which writes it.")
        return
    found = cdxj.read_bytes().splitlines(keepends=True)
    if found == sorted(expected):
        return
    if found != sorted(found):
        yield _error("cdxj", "the lines are not sorted by octets", _REINDEX)
    wrong = [_line_differs(line) for line in sorted(set(found) - set(expected))]
    wrong += [f"a capture has no line: {line[:80]!r}" for line in sorted(set(expected) - set(found))]
    for message in wrong[:_SHOWN]:
        yield _error("cdxj", message, _REINDEX)
    if len(wrong) > _SHOWN:
        yield _error("cdxj", f"{len(wrong) - _SHOWN} lines more do not agree with the WARC", _REINDEX)


def _line_differs(line: bytes) -> str:
    try:
        entry: CdxEntry = parse_line(line)
    except RecordFormatError as error:
        return error.message
    return f"a line does not agree with the WARC: {entry.url} at offset {entry.record.offset}"


def _error(rule: str, message: str, remedy: str) -> Flaw:
    return Flaw(rule, Severity.ERROR, message, remedy)
