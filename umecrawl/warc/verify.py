"""Fixity: every file, member, field, digest and reference of an archive checked in one pass over the files.

The rules, as they stand in `Finding.rule`:

    cut-tail, nul-tail, gzip-member, one-member    gzip framing (WARC/1.1 annex D)
    record-framing, version, missing-field, repeated-field, forbidden-field, date-form, id-form, uri-form,
    truncation                                     the record's header (§4, §5)
    block-digest, payload-digest, payload-digest-framing, record-id, concurrent-to, refers-to, content
                                                   what the record says of itself and of others (§5, §6)
    file-name, warcinfo, empty-file, unsealed, cut-sidecar
                                                   the file (annex C)
    manifest, cdxj, missing-warc                   the archive folder
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from umecrawl.errors import NotFoundError
from umecrawl.model.capture import Capture
from umecrawl.model.message import parse_head
from umecrawl.model.urls import surt
from umecrawl.warc.cdxj import cdxj_path, entry_of, find_entries, format_line
from umecrawl.warc.companions import check_cdxj, check_manifest
from umecrawl.warc.events import OPEN_SUFFIX, Teller, warc_name
from umecrawl.warc.files import NAME, SUFFIX, list_warcs
from umecrawl.warc.members import Break, BreakKind, MemberReader
from umecrawl.warc.records import Record, RecordFormatError, bare_id, digest_octets, parse_record, split_message
from umecrawl.warc.rules import Flaw, Severity, check_digests, check_header

_BREAKS: Final = {
    BreakKind.CUT: ("cut-tail", "Run `umecrawl verify --repair`: the cut octets go to a sidecar."),
    BreakKind.NULS: ("nul-tail", "Run `umecrawl verify --repair`: the NUL octets go to a sidecar."),
    BreakKind.NOT_GZIP: ("gzip-member", "Restore the file from a copy."),
    BreakKind.DAMAGED: ("gzip-member", "Restore the file from a copy; the records behind are checked on."),
    BreakKind.MANY_RECORDS: ("one-member", "Run `warcio recompress`; the records in it were not checked."),
}
_READ: Final = 1024 * 1024
_WHERE: Final = 8  # octets of a digest kept for the check of references


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where, by which rule, and what to do; `offset` is in octets, none for a whole file."""

    path: Path
    offset: int | None
    rule: str
    severity: Severity
    message: str
    remedy: str


@dataclass(slots=True)
class _Seen:
    """What is known across files: records that hold payloads, and the references that must meet them."""

    holders: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    references: list[tuple[Path, int, Record]] = field(default_factory=list)


def verify(paths: Iterable[Path] = (), *, root: Path) -> Iterator[Finding]:
    """Yield what is wrong with the WARCs named (files or folders), or with the whole archive when none is.

    Manifest and CDXJ are checked for files of the archive at `root`. Raises `NotFoundError` for a path that is
    not there.
    """
    named = tuple(paths)
    warcs = tuple(_expand(named)) if named else list_warcs(root)
    seen = _Seen()
    for warc in warcs:
        yield from _check_file(warc, root, seen)
    yield from _check_references(seen, root)
    if not named:
        yield from _check_folder(root, warcs)


def _expand(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.name.endswith((SUFFIX, SUFFIX + OPEN_SUFFIX)))
            if not found:
                raise NotFoundError(
                    f"{path}: there is no WARC in this folder", hint="Name a WARC or a folder of WARCs."
                )
            yield from found
        elif path.exists():
            yield path
        else:
            raise NotFoundError(f"{path}: there is no such file", hint="Name a WARC or a folder of WARCs.")


def _check_file(path: Path, root: Path, seen: _Seen) -> Iterator[Finding]:
    unsealed = path.name.endswith(OPEN_SUFFIX)
    if unsealed:
        message = "the file is being written, or was left by a process that was killed"
        yield Finding(path, None, "unsealed", Severity.NOTE, message, "The next `umecrawl crawl` closes what was left.")
    if not NAME.fullmatch(warc_name(path)):
        message = "the name is not prefix-time-serial-host.warc.gz"
        yield Finding(path, None, "file-name", Severity.WARNING, message, "Rename it before it is indexed.")
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        checker = _FileChecker(path, descriptor, seen)
        for offset, flaw in checker.check():
            yield _finding(path, offset, flaw)
        if unsealed or not path.is_relative_to(root / "warc"):
            return
        for flaw in check_manifest(path, root, checker.checksum()):
            yield _finding(path, None, flaw)
        for flaw in check_cdxj(cdxj_path(root, path.name), checker.lines):
            yield _finding(cdxj_path(root, path.name), None, flaw)
    finally:
        os.close(descriptor)


class _FileChecker:
    """One pass over one WARC: it holds what has to be compared when the end is reached."""

    def __init__(self, path: Path, descriptor: int, seen: _Seen) -> None:
        self._path = path
        self._unsealed = path.name.endswith(OPEN_SUFFIX)
        self._descriptor = descriptor
        self._seen = seen
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._ids: set[str] = set()
        self._concurrent: list[tuple[int, str]] = []
        self._teller = Teller(warc_name(path))
        self._whole = True
        self.lines: list[bytes] | None = []

    def check(self) -> Iterator[tuple[int, Flaw]]:
        """Yield the flaws of the file with their offsets."""
        reader = MemberReader(self._descriptor, self._loaded)
        offset: int | None = 0
        while offset is not None and (member := reader.read(offset)) is not None:
            if isinstance(member, Break):
                yield offset, self._break(member)
                self.lines = None
                self._whole = False
                resumable = member.kind in {BreakKind.DAMAGED, BreakKind.NOT_GZIP, BreakKind.CUT}
                offset = reader.resync(offset) if resumable else None
                continue
            try:
                record = parse_record(member.data)
            except RecordFormatError as error:
                self.lines = None
                yield offset, _error("record-framing", error.message, "Restore the file from a copy.")
            else:
                for flaw in self._check_record(offset, record):
                    yield offset, flaw
                try:
                    for told in self._teller.tell(member, record):
                        if isinstance(told.event, Capture) and self.lines is not None:
                            etag = parse_head(split_message(record)[0]).get("ETag") or ""
                            self.lines.append(format_line(entry_of(told.event, etag)))
                except RecordFormatError as error:
                    self.lines = None
                    yield offset, _error("content", error.message, "Restore the file from a copy.")
            offset = member.end
        if not self._ids and self._whole:
            yield 0, _error("empty-file", "the file holds no record", "Delete it, or restore it from a copy.")
        yield from self._check_concurrent()

    def checksum(self) -> str:
        """Return the SHA-256 of the file; what the pass did not read is read now."""
        while part := os.pread(self._descriptor, _READ, self._hashed):
            self._hash.update(part)
            self._hashed += len(part)
        return self._hash.hexdigest()

    def _loaded(self, position: int, data: bytes) -> None:
        if position <= self._hashed < position + len(data):
            self._hash.update(data[self._hashed - position :])
            self._hashed = position + len(data)

    def _break(self, found: Break) -> Flaw:
        rule, remedy = _BREAKS[found.kind]
        message = found.detail
        if found.kind is BreakKind.NOT_GZIP and os.pread(self._descriptor, 5, found.offset) == b"WARC/":
            message = "the records are not compressed"
            remedy = "Run `warcio recompress`; the records in it were not checked."
        if self._unsealed and found.kind in {BreakKind.CUT, BreakKind.NULS}:
            return Flaw(rule, Severity.NOTE, message, "The next `umecrawl crawl` puts the cut octets into a sidecar.")
        return _error(rule, message, remedy)

    def _check_record(self, offset: int, record: Record) -> Iterator[Flaw]:
        yield from check_header(record)
        yield from check_digests(record)
        if not self._ids and record.type != "warcinfo":
            message = "the first record of the file is no warcinfo"
            yield Flaw("warcinfo", Severity.WARNING, message, "Nothing; who wrote the file is not known.")
        if record.type == "warcinfo" and (name := record.get("WARC-Filename")) not in {"", warc_name(self._path)}:
            message = f"the file was written under the name {name}"
            yield Flaw("file-name", Severity.NOTE, message, "Nothing, if it was renamed on purpose.")
        if record.id in self._ids:
            yield _error("record-id", f"the record id {record.id} stands twice in the file", "Find out who wrote it.")
        self._ids.add(record.id)
        self._concurrent += [(offset, bare_id(uri)) for uri in record.all("WARC-Concurrent-To")]
        if record.type in {"response", "revisit", "resource"}:
            known = digest_octets(record.get("WARC-Payload-Digest"))
            if record.id in self._seen.holders:
                yield _error("record-id", f"the record id {record.id} stands in two files", "Remove one copy.")
            self._seen.holders[record.id] = (record.type, known[1][:_WHERE] if known else b"")
        if record.type == "revisit" and record.get("WARC-Refers-To"):
            self._seen.references.append((self._path, offset, Record(record.fields, b"", record.version)))

    def _check_concurrent(self) -> Iterator[tuple[int, Flaw]]:
        if self._unsealed:  # the last exchange may still be on its way
            return
        for offset, target in self._concurrent:
            if target not in self._ids:
                message = f"WARC-Concurrent-To names {target}, which is not in the file"
                yield offset, _error("concurrent-to", message, "Restore the file from a copy, or run `--repair`.")


def _check_references(seen: _Seen, root: Path) -> Iterator[Finding]:
    for path, offset, record in seen.references:
        target = bare_id(record.get("WARC-Refers-To"))
        known = digest_octets(record.get("WARC-Payload-Digest"))
        wanted = known[1][:_WHERE] if known else b""
        holder = seen.holders.get(target) or _holder_elsewhere(root, record, target)
        if holder is None:
            message = f"WARC-Refers-To names {target}, which is not in the archive"
            yield _finding(path, offset, _error("refers-to", message, "Add the WARC that holds the original."))
        elif holder[0] == "revisit":
            message = f"WARC-Refers-To names {target}, which is a revisit and holds no payload"
            yield _finding(path, offset, _error("refers-to", message, "Its writer broke the standard (§6.7)."))
        elif wanted and holder[1] and wanted != holder[1]:
            message = f"WARC-Refers-To names {target}, whose payload has another digest"
            yield _finding(path, offset, _error("refers-to", message, "Restore the file from a copy."))


def _holder_elsewhere(root: Path, record: Record, target: str) -> tuple[str, bytes] | None:
    """Look a record up in the CDXJ files, for it may lie in a file that is not checked now."""
    key = surt(record.get("WARC-Refers-To-Target-URI").strip("<>") or record.url)
    for cdxj in sorted((root / "cdxj").glob("*.cdxj")):
        for entry in find_entries(cdxj, key):
            if entry.record.record_id == target:
                known = digest_octets(entry.digest)
                return "revisit" if entry.is_revisit else "response", known[1][:_WHERE] if known else b""
    return None


def _check_folder(root: Path, warcs: Iterable[Path]) -> Iterator[Finding]:
    names = {warc_name(path) for path in warcs}
    for manifest in sorted((root / "manifest").glob("*.sha256")):
        if manifest.name.removesuffix(".sha256") not in names:
            message = f"the file {manifest.name.removesuffix('.sha256')} is missing from the archive"
            yield Finding(manifest, None, "missing-warc", Severity.ERROR, message, "Restore it from a copy.")
    for cdxj in sorted((root / "cdxj").glob("*.cdxj")):
        if cdxj.name.removesuffix(".cdxj") + SUFFIX not in names:
            message = "there is no WARC to this CDXJ"
            yield Finding(cdxj, None, "missing-warc", Severity.ERROR, message, "Restore the WARC, or delete the CDXJ.")
    for sidecar in sorted((root / "warc").rglob("*.cut-*")):
        message = "octets that were cut from a file are kept here"
        yield Finding(
            sidecar, None, "cut-sidecar", Severity.NOTE, message, "Keep it; `zcat` shows what can be read of it."
        )


def _error(rule: str, message: str, remedy: str) -> Flaw:
    return Flaw(rule, Severity.ERROR, message, remedy)


def _finding(path: Path, offset: int | None, flaw: Flaw) -> Finding:
    return Finding(path, offset, flaw.rule, flaw.severity, flaw.message, flaw.remedy)
