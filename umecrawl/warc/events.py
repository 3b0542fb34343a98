"""What one WARC file tells, in the order of writing: runs, captures, failures, skipped URLs, ends of runs.

In our files the records of an exchange stand together, the response or revisit last; so a capture is told when its
last record is whole, and nothing has to be taken back. Files of other writers are read leniently; their captures are
told once a record comes that does not belong to them, for Heritrix writes where a page was found behind the page.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.model.capture import ArchiveEvent, Capture, Mark, RecordRef, RecordType, Truncation
from umecrawl.model.crawl import CrawlRun
from umecrawl.model.message import Head, entity_of, framing, is_chunked, media_type, parse_head
from umecrawl.model.urls import InvalidUrlError, Url, normalize
from umecrawl.warc.faults import FaultKind, FaultLog
from umecrawl.warc.foreign import read_foreign
from umecrawl.warc.imported import Origin, imported_run, mended, read_origin, run_without_info
from umecrawl.warc.members import Break, BreakKind, Member, MemberReader
from umecrawl.warc.provenance import Provenance, is_failure, read_failure, read_provenance
from umecrawl.warc.records import (
    LEAD_FIELD,
    SKIPPED_TYPE,
    Record,
    RecordFormatError,
    bare_id,
    digest,
    is_own_digest,
    parse_date,
    parse_record,
    split_message,
)
from umecrawl.warc.runs import is_end, read_end, read_run, read_skipped
from umecrawl.warc.streams import StreamBreakError
from umecrawl.warc.volumes import OPEN_SUFFIX, Octets, Volume, volume_of, warc_name

# The first and the last are named here for the many who know files by their events.
__all__ = [
    "OPEN_SUFFIX",
    "Teller",
    "Told",
    "by_others",
    "capture_of",
    "damage",
    "foreign_run",
    "is_ours",
    "message_of",
    "payload_of",
    "read_any",
    "read_events",
    "read_records",
    "warc_name",
]

_REDIRECTS: Final = range(300, 400)
_HTTP: Final = ("http:", "https:")
_NOT_MODIFIED: Final = "/revisit/server-not-modified"
_OURS: Final = b"\numecrawl-run: "
_TAILS: Final = frozenset({BreakKind.CUT, BreakKind.NULS})


@dataclass(frozen=True, slots=True)
class Told:
    """An event with the mark behind it and the record that completed it."""

    mark: Mark
    event: ArchiveEvent
    record: Record


def read_records(path: Path, start: int = 0) -> Iterator[tuple[Member, Record]]:
    """Yield the records of a file from the offset of a member on.

    Stops silently where an `.open` file ends inside a member; raises `DamageError` with file and offset for
    every other place that cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        reader = MemberReader(descriptor)
        offset = start
        while (member := reader.read(offset)) is not None:
            if isinstance(member, Break):
                if path.name.endswith(OPEN_SUFFIX) and member.kind in {BreakKind.CUT, BreakKind.NULS}:
                    return
                raise damage(path, member.offset, member.detail, member.kind)
            try:
                record = parse_record(member.data)
            except RecordFormatError as error:
                raise damage(path, offset, error.message) from error
            yield member, record
            offset = member.end
    finally:
        os.close(descriptor)


def is_ours(volume: Volume) -> bool:
    """Return whether umecrawl wrote a file: a gzip member for each record, the first a warcinfo of ours."""
    try:
        with Octets(volume) as octets:
            placed = next(read_foreign(octets), None)
            if placed is None or placed.mark == placed.offset + 1 or octets.read(2, 0) != b"\x1f\x8b":
                return False
    except (StreamBreakError, DamageError):
        return False
    return placed.record.type == "warcinfo" and _OURS in placed.record.block


def by_others(volume: Volume) -> bool:
    """Return whether another tool wrote a file, as far as its first record tells; a torn one tells nothing."""
    try:
        with Octets(volume) as octets:
            placed = next(read_foreign(octets), None)
    except (StreamBreakError, DamageError):
        return False
    return placed is not None and not (placed.record.type == "warcinfo" and _OURS in placed.record.block)


def read_events(source: Path | Volume, start: int = 0, log: FaultLog | None = None) -> Iterator[Told]:
    """Yield what a file tells from a mark on; faults of files by others go to `log`.

    Raises `DamageError` as `read_records` does.
    """
    volume = volume_of(source) if isinstance(source, Path) else source
    log = log or FaultLog(volume.name)
    if volume.size is None and is_ours(volume):
        yield from _own_events(volume.path, start)
        return
    teller = Teller(volume.name, foreign_run(volume) if start else "")
    try:
        for record, ref, mark in read_any(volume, start, log):
            try:
                yield from teller.tell_at(record, ref, mark)
            except RecordFormatError:
                log.note(FaultKind.CONTENT, ref.offset)
    except DamageError:
        yield from teller.finish()
        raise
    yield from teller.finish()


def read_any(volume: Volume, start: int, log: FaultLog) -> Iterator[tuple[Record, RecordRef, Mark]]:
    """Yield the records of a file by any tool with their places. Raises `DamageError` as `read_records` does."""
    try:
        with Octets(volume) as octets:
            for placed in read_foreign(octets, start, log.note):
                record = mended(placed.record, placed.offset, log.note)
                if record is not None:
                    ref = RecordRef(record.id, volume.name, placed.offset, placed.length)
                    yield record, ref, Mark(volume.name, placed.mark)
    except StreamBreakError as error:
        if not (volume.unfinished and error.found.kind in _TAILS):
            raise damage(volume.path, error.found.offset, error.found.detail, error.found.kind) from error


def _own_events(path: Path, start: int) -> Iterator[Told]:
    name = warc_name(path)
    teller = Teller(name, _run_of(path) if start else "")
    for member, record in read_records(path, start):
        try:
            yield from teller.tell(member, record)
        except RecordFormatError as error:
            raise damage(path, member.offset, error.message) from error
    yield from teller.finish()


@dataclass(slots=True)
class _Held:
    """A capture by another tool that waits for what may be said of it behind it."""

    capture: Capture
    record: Record
    mark: Mark

    def belongs(self, record: Record) -> bool:
        """Return whether a record is of the same exchange."""
        named = {bare_id(uri) for uri in record.all("WARC-Concurrent-To")}
        return self.capture.id in named or record.id in {bare_id(uri) for uri in self.record.all("WARC-Concurrent-To")}


class Teller:
    """Turns the records of one file into events; it holds what the records around a capture said of it."""

    def __init__(self, name: str, run: str = "") -> None:
        self._name = name
        self._run = run
        self._pending: dict[str, Provenance] = {}
        self._origins: dict[str, Origin] = {}
        self._held: _Held | None = None
        self._digests: dict[str, str] = {}  # of files by others: what they say -> ours

    @property
    def idle(self) -> bool:
        """Whether the run is known and nothing told so far bears upon the records that come."""
        return bool(self._run) and self._held is None and not (self._pending or self._origins or self._digests)

    def tell(self, member: Member, record: Record) -> Iterator[Told]:
        """Yield what the next record completes. Raises `RecordFormatError` when its content cannot be read."""
        ref = RecordRef(record.id, self._name, member.offset, member.length)
        return self.tell_at(record, ref, Mark(self._name, member.end))

    def tell_at(self, record: Record, ref: RecordRef, mark: Mark) -> Iterator[Told]:
        """Yield what the next record completes, as `tell` does; `mark` is the place behind it."""
        if self._held is not None:
            if record.type in {"request", "metadata"} and self._held.belongs(record):
                self._held.mark = mark
                if record.type == "metadata":
                    self._held.capture = _with_origin(self._held.capture, read_origin(record.block))
                return
            yield from self.finish()
        match record.type:
            case "warcinfo":
                run = read_run(record.block) or imported_run(record, self._name)
                self._run = run.id
                yield Told(mark, run, record)
            case "metadata":
                yield from self._metadata(record, ref, mark)
            case "response" | "revisit" | "resource" if record.url.lower().startswith(_HTTP):
                yield from self._capture(record, ref, mark)
            case _:
                pass

    def finish(self) -> Iterator[Told]:
        """Yield the capture that waited for more to be said of it, at the end of a file."""
        if self._held is not None:
            held, self._held = self._held, None
            yield Told(held.mark, held.capture, held.record)

    def _capture(self, record: Record, ref: RecordRef, mark: Mark) -> Iterator[Told]:
        provenance = self._pending.get(record.id)
        self._pending.clear()
        if not self._run:
            run: CrawlRun = run_without_info(self._name, parse_date(record.get("WARC-Date")))
            self._run = run.id
            yield Told(Mark(ref.warc, ref.offset), run, record)
        capture = capture_of(record, ref, provenance, self._run, digests=self._digests)
        if provenance is not None:
            yield Told(mark, capture, record)
            return
        if origin := self._origins.get(record.id):
            capture = _with_origin(capture, origin)
        self._origins.clear()
        self._held = _Held(capture, record, mark)

    def _metadata(self, record: Record, ref: RecordRef, mark: Mark) -> Iterator[Told]:
        if is_failure(record):
            yield Told(mark, read_failure(record, ref, self._run), record)
        elif is_end(record):
            yield Told(mark, read_end(record), record)
        elif record.get("Content-Type") == SKIPPED_TYPE:
            skipped = read_skipped(record.block)
            # Only behind the last line is the whole record known; who stops before it reads the record again.
            for one in skipped[:-1]:
                yield Told(Mark(ref.warc, ref.offset), one, record)
            for one in skipped[-1:]:
                yield Told(mark, one, record)
        elif capture := record.get("WARC-Concurrent-To"):
            provenance = read_provenance(record.block)
            if provenance is not None:
                self._pending[bare_id(capture)] = provenance
            else:
                self._origins = {bare_id(capture): read_origin(record.block)}


def capture_of(
    record: Record,
    ref: RecordRef,
    provenance: Provenance | None,
    run: str,
    *,
    head: Head | None = None,
    digests: dict[str, str] | None = None,
) -> Capture:
    """Return the capture that a response or revisit record and its provenance make.

    The writer and the reader both build captures here, so that they cannot differ. `digests` collects, for
    records by other writers, which digest of theirs is which of ours. `head` spares reading it again.
    """
    kind = RecordType(record.type)
    revisit = kind is RecordType.REVISIT
    if head is None:
        kept = provenance.not_modified_head if provenance is not None else b""
        head = parse_head(kept or message_of(record)[0])
    status = head.status
    if not status and record.get("WARC-Profile").endswith(_NOT_MODIFIED):
        status = 304
    payload_digest = record.get("WARC-Payload-Digest")
    size = provenance.size if provenance is not None else 0
    if provenance is None and not revisit:
        entity = payload_of(record)
        size = len(entity)
        if not is_own_digest(payload_digest):
            theirs, payload_digest = payload_digest, digest(entity)
            if digests is not None:
                digests[theirs] = payload_digest
    elif digests is not None:
        payload_digest = digests.get(payload_digest, payload_digest)
    return Capture(
        record=ref,
        record_type=kind,
        url=Url(record.url),
        captured_at=parse_date(record.get("WARC-Date")),
        status=status,
        mime=media_type(head.get("Content-Type")),
        payload_digest=payload_digest,
        size=size,
        run=run,
        framing=_framing(kind, head, provenance),
        source=provenance.source if provenance is not None else "",
        seed=provenance.seed if provenance is not None else None,
        via=provenance.via if provenance is not None else None,
        hop_path=provenance.hop_path if provenance is not None else "",
        attempt=provenance.attempt if provenance is not None else 1,
        refers_to=(bare_id(record.get("WARC-Refers-To")) or None) if revisit else None,
        truncated=None if revisit else _truncation(record),
        location=_location(head, record.url),
        ip=record.get("WARC-IP-Address") or None,
        elapsed_ms=provenance.elapsed_ms if provenance is not None else None,
        wire_bytes=provenance.wire_bytes if provenance is not None else len(record.block),
        outlinks=provenance.outlinks if provenance is not None else (),
    )


def message_of(record: Record) -> tuple[bytes, bytes]:
    """Return head and body of the message of a capture; a resource gets the head that shows what it is."""
    if record.type != RecordType.RESOURCE:
        return split_message(record)
    mime = record.get("Content-Type") or "application/octet-stream"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nContent-Length: {len(record.block)}\r\n\r\n"
    return head.encode("utf-8", "backslashreplace"), record.block


def payload_of(record: Record) -> bytes:
    """Return the entity that a record holds: content coding kept, transfer coding removed.

    What another tool stored without chunks under a head that speaks of chunks is its own entity.
    """
    head, body = message_of(record)
    parsed = parse_head(head)
    if not record.get(LEAD_FIELD) and not is_chunked(parsed, body):
        return body
    return entity_of(parsed, body)


def damage(path: Path, offset: int, detail: str, kind: BreakKind | None = None) -> DamageError:
    """Return the error for a place that cannot be read."""
    hint = "Run `umecrawl verify` to see what is damaged and what can be done."
    if kind is BreakKind.MANY_RECORDS:  # only in a file of ours that was changed: those by others are read
        hint = f"Give every record a member of its own: warcio recompress {path.name} new.warc.gz"
    return DamageError(f"{path}: offset {offset}: {detail}", hint=hint)


def _run_of(path: Path) -> str:
    for _, record in read_records(path):
        run = read_run(record.block) if record.type == "warcinfo" else None
        return run.id if run else ""
    return ""


def foreign_run(volume: Volume) -> str:
    """Return the id of the run that a file by another tool begins with; empty when it begins without one."""
    for record, _, _ in read_any(volume, 0, FaultLog(volume.name)):
        if record.type == "warcinfo":
            return (read_run(record.block) or imported_run(record, volume.name)).id
        if record.type in set(RecordType) and record.url.lower().startswith(_HTTP):
            return run_without_info(volume.name, parse_date(record.get("WARC-Date"))).id
    return ""


def _with_origin(capture: Capture, origin: Origin) -> Capture:
    return replace(
        capture,
        via=origin.via,
        hop_path=origin.hop_path,
        source=origin.source,
        seed=origin.seed,
        elapsed_ms=origin.elapsed_ms,
    )


def _framing(kind: RecordType, head: Head, provenance: Provenance | None) -> str:
    if kind is RecordType.RESOURCE:
        return str(kind)  # no response: a revisit may not name it
    return (provenance.framing if provenance is not None else "") or framing(head)


def _truncation(record: Record) -> Truncation | None:
    reason = record.get("WARC-Truncated").lower()
    if not reason:
        return None
    return Truncation(reason) if reason in set(Truncation) else Truncation.UNSPECIFIED


def _location(head: Head, url: str) -> Url | None:
    target = head.get("Location") if head.status in _REDIRECTS else None
    if not target:
        return None
    try:
        return normalize(target, url)
    except InvalidUrlError:  # a redirect to nowhere is a fact about the server, not about the archive
        return None
