"""What one WARC file tells, in the order of writing: runs, captures, failures, skipped URLs, ends of runs.

The records of an exchange stand together, the response or revisit last; so a capture is told when its last
record is whole, and nothing has to be taken back. Files of other writers have no provenance before a response:
their captures have no via, and what the header does not say is worked out from the block.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.model.capture import ArchiveEvent, Capture, Mark, RecordRef, RecordType, Truncation
from umecrawl.model.message import Head, entity_of, framing, media_type, parse_head
from umecrawl.model.urls import InvalidUrlError, Url, normalize
from umecrawl.warc.members import Break, BreakKind, Member, MemberReader
from umecrawl.warc.provenance import Provenance, is_failure, read_failure, read_provenance
from umecrawl.warc.records import (
    NOT_MODIFIED_PROFILE,
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

OPEN_SUFFIX: Final = ".open"
_REDIRECTS: Final = range(300, 400)
_HTTP: Final = ("http:", "https:")


@dataclass(frozen=True, slots=True)
class Told:
    """An event with the mark behind it and the record that completed it."""

    mark: Mark
    event: ArchiveEvent
    record: Record


def warc_name(path: Path) -> str:
    """Return the base name of a WARC, without `.open`."""
    return path.name.removesuffix(OPEN_SUFFIX)


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


def read_events(path: Path, start: int = 0) -> Iterator[Told]:
    """Yield what a file tells from the offset of a member on. Raises as `read_records`."""
    name = warc_name(path)
    teller = Teller(name, _run_of(path) if start else "")
    for member, record in read_records(path, start):
        try:
            yield from teller.tell(member, record)
        except RecordFormatError as error:
            raise damage(path, member.offset, error.message) from error


class Teller:
    """Turns the records of one file into events; it holds what the records before a capture said of it."""

    def __init__(self, name: str, run: str = "") -> None:
        self._name = name
        self._run = run
        self._pending: dict[str, Provenance] = {}
        self._digests: dict[str, str] = {}  # of files by others: what they say -> ours

    def tell(self, member: Member, record: Record) -> Iterator[Told]:
        """Yield what the next record completes. Raises `RecordFormatError` when its content cannot be read."""
        mark = Mark(self._name, member.end)
        ref = RecordRef(record.id, self._name, member.offset, member.length)
        match record.type:
            case "warcinfo":
                run = read_run(record.block)
                self._run = run.id if run else ""
                if run:
                    yield Told(mark, run, record)
            case "metadata":
                yield from self._metadata(record, ref, mark)
            case "response" | "revisit" if record.url.lower().startswith(_HTTP):
                provenance = self._pending.get(record.id)
                self._pending.clear()
                yield Told(mark, capture_of(record, ref, provenance, self._run, digests=self._digests), record)
            case _:
                pass

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
    revisit = record.type == RecordType.REVISIT
    if head is None:
        kept = provenance.not_modified_head if provenance is not None else b""
        head = parse_head(kept or split_message(record)[0])
    status = head.status
    if not status and record.get("WARC-Profile") == NOT_MODIFIED_PROFILE:
        status = 304
    payload_digest = record.get("WARC-Payload-Digest")
    size = provenance.size if provenance is not None else 0
    if provenance is None and not revisit:
        entity = entity_of(head, split_message(record)[1])
        size = len(entity)
        if not is_own_digest(payload_digest):
            theirs, payload_digest = payload_digest, digest(entity)
            if digests is not None:
                digests[theirs] = payload_digest
    elif digests is not None:
        payload_digest = digests.get(payload_digest, payload_digest)
    return Capture(
        record=ref,
        record_type=RecordType.REVISIT if revisit else RecordType.RESPONSE,
        url=Url(record.url),
        captured_at=parse_date(record.get("WARC-Date")),
        status=status,
        mime=media_type(head.get("Content-Type")),
        payload_digest=payload_digest,
        size=size,
        run=run,
        framing=(provenance.framing if provenance is not None else "") or framing(head),
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


def damage(path: Path, offset: int, detail: str, kind: BreakKind | None = None) -> DamageError:
    """Return the error for a place that cannot be read."""
    hint = "Run `umecrawl verify` to see what is damaged and what can be done."
    if kind is BreakKind.MANY_RECORDS:
        hint = f"Give every record a member of its own: warcio recompress {path.name} new.warc.gz"
    return DamageError(f"{path}: offset {offset}: {detail}", hint=hint)


def _run_of(path: Path) -> str:
    for _, record in read_records(path):
        run = read_run(record.block) if record.type == "warcinfo" else None
        return run.id if run else ""
    return ""


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
