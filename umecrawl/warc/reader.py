"""The archive as a `CaptureSource`: every event in the order of writing, and the octets of any record."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import ArchiveEvent, Capture, Mark, RecordRef, RecordType
from umecrawl.model.message import entity_of, parse_head
from umecrawl.model.urls import surt
from umecrawl.warc.cdxj import cdxj_path, find_entries
from umecrawl.warc.events import OPEN_SUFFIX, damage, read_events, read_records, warc_name
from umecrawl.warc.files import find_warc, list_warcs
from umecrawl.warc.members import Break, Member, MemberReader
from umecrawl.warc.provenance import read_provenance
from umecrawl.warc.records import (
    LEAD_FIELD,
    Record,
    RecordFormatError,
    bare_id,
    format_date,
    parse_record,
    split_message,
)


class WarcArchive:
    """The WARC files of one archive, closed and being written, for reading."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths: dict[str, Path] = {}
        self._unindexed: dict[str, tuple[int, dict[str, RecordRef]]] = {}

    def events(self, after: Mapping[str, int]) -> Iterator[tuple[Mark, ArchiveEvent]]:
        """Yield what every WARC tells, files in the order of their names, each from the offset given for its name.

        A mark lies behind the last record of its event; of several events of one record (skipped URLs) only the
        last one's does. An `.open` file ends silently where its last member is incomplete. Raises `DamageError`
        naming file and offset for any other damage.
        """
        for name in self.names():
            yield from self.read(name, after.get(name, 0))

    def names(self) -> tuple[str, ...]:
        """Return the base names of all WARCs, closed and being written, in order."""
        return tuple(warc_name(path) for path in list_warcs(self._root))

    def read(self, name: str, start: int = 0) -> Iterator[tuple[Mark, ArchiveEvent]]:
        """Yield what one WARC tells from an offset on; as `events` does for all."""
        path = self.path(name)
        try:
            if start < path.stat().st_size:
                for told in read_events(path, start):
                    yield told.mark, told.event
        except FileNotFoundError:  # sealed since it was found; nothing of it has been told yet
            for told in read_events(path.with_name(name), start):
                yield told.mark, told.event

    def payload(self, capture: Capture) -> bytes:
        """Return the entity of a capture: transfer coding removed, content coding kept; of a revisit, the original's.

        Raises `NotFoundError` when the original of a revisit is not in the archive, `DamageError` when a record
        cannot be read.
        """
        head, body = split_message(self._holder(capture))
        return entity_of(parse_head(head), body)

    def payload_head(self, capture: Capture) -> bytes:
        """Return the response head that came with the payload: for a 304 the original's, else the capture's own."""
        record = self._record(capture.record)
        if not record.block and capture.record_type is RecordType.REVISIT:
            record = self._holder(capture)
        return split_message(record)[0]

    def head(self, capture: Capture) -> bytes:
        """Return the head of the response itself, also of a 304 whose record leaves it out."""
        record = self._record(capture.record)
        if record.block:
            return split_message(record)[0]
        for before in self.exchange(capture)[:-1]:
            provenance = read_provenance(before.block) if before.type == "metadata" else None
            if provenance is not None:
                return provenance.not_modified_head
        return b""

    def request(self, capture: Capture) -> bytes:
        """Return the request as it was sent; nothing when it is not in the archive."""
        records = self.exchange(capture)
        return next((record.block for record in records if record.type == "request"), b"")

    def exchange(self, capture: Capture) -> tuple[Record, ...]:
        """Return the records of a capture as they stand together; in files by others the last one alone."""
        last = self._record(capture.record)
        lead = last.get(LEAD_FIELD)
        offset = capture.record.offset - int(lead) if lead.isdecimal() else capture.record.offset
        records: list[Record] = []
        while offset < capture.record.offset:
            member = self._member(capture.record.warc, offset)
            records.append(_parsed(member, capture.record.warc))
            offset = member.end
        return (*records, last)

    def members(self, capture: Capture) -> bytes:
        """Return the gzip members of a capture's records as they stand in the file, for copying them elsewhere."""
        lead = self._record(capture.record).get(LEAD_FIELD)
        start = capture.record.offset - (int(lead) if lead.isdecimal() else 0)
        return self._read(capture.record.warc, start, capture.record.offset + capture.record.length - start)

    def raw(self, ref: RecordRef) -> bytes:
        """Return the octets of a record: header, block and what ends it."""
        return self._member(ref.warc, ref.offset).data

    def path(self, name: str) -> Path:
        """Return where the WARC of that base name lies, closed or being written. Raises `NotFoundError`."""
        known = self._paths.get(name)
        if known is None or not known.exists():
            known = self._paths[name] = find_warc(self._root, name)
        return known

    def _holder(self, capture: Capture) -> Record:
        record = self._record(capture.record)
        if record.type != RecordType.REVISIT:
            return record
        wanted = bare_id(record.get("WARC-Refers-To"))
        name, offset = record.get("WARC-Refers-To-Filename"), record.get("WARC-Refers-To-File-Offset")
        if wanted and name and offset.isdecimal():
            try:
                original = _parsed(self._member(name, int(offset)), name)
            except (NotFoundError, DamageError):
                pass  # the hint is out of date: the file was moved or packed anew
            else:
                if original.id == wanted:
                    return original
        ref = self._look_up(record, wanted)
        if ref is None:
            raise NotFoundError(
                f"the original of the revisit {record.id} is not in the archive: {record.get('WARC-Refers-To')} "
                f"({record.get('WARC-Refers-To-Target-URI') or record.url})",
                hint="Add the WARC that holds it.",
            )
        return self._record(ref)

    def _look_up(self, revisit: Record, wanted: str) -> RecordRef | None:
        url = revisit.get("WARC-Refers-To-Target-URI").strip("<>") or revisit.url
        key, at = surt(url), revisit.get("WARC-Refers-To-Date")
        # Some tools name the original by URL and date alone.
        wanted = wanted or _name_by_date(url, at)
        for path in list_warcs(self._root):
            cdxj = cdxj_path(self._root, path.name)
            if path.name.endswith(OPEN_SUFFIX) or not cdxj.exists():
                ref = self._scanned(path).get(wanted)
                if ref is not None:
                    return ref
                continue
            for entry in find_entries(cdxj, key):
                if entry.is_revisit:
                    continue
                if wanted in {entry.record.record_id, _name_by_date(entry.url, format_date(entry.captured_at))}:
                    return entry.record
        return None

    def _scanned(self, path: Path) -> dict[str, RecordRef]:
        """Return the responses of a file without CDXJ, read once and then from where it ended."""
        name = warc_name(path)
        end, found = self._unindexed.get(name, (0, {}))
        for member, record in read_records(path, end):
            if record.type == RecordType.RESPONSE:
                ref = RecordRef(record.id, name, member.offset, member.length)
                found[record.id] = found[_name_by_date(record.url, record.get("WARC-Date"))] = ref
            end = member.end
        self._unindexed[name] = (end, found)
        return found

    def _record(self, ref: RecordRef) -> Record:
        record = _parsed(self._member(ref.warc, ref.offset), ref.warc)
        if ref.record_id and record.id != ref.record_id:
            raise DamageError(
                f"{ref.warc}: offset {ref.offset}: the record {record.id} stands where {ref.record_id} should",
                hint="The file was changed: run `umecrawl verify`, then `umecrawl index --rebuild`.",
            )
        return record

    def _member(self, name: str, offset: int) -> Member:
        descriptor = self._open(name)
        try:
            member = MemberReader(descriptor).read(offset)
        finally:
            os.close(descriptor)
        if isinstance(member, Member):
            return member
        raise damage(self.path(name), offset, member.detail if isinstance(member, Break) else "the file ends before it")

    def _read(self, name: str, start: int, length: int) -> bytes:
        descriptor = self._open(name)
        try:
            return os.pread(descriptor, length, start)
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        try:
            return os.open(self.path(name), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # sealed between look-up and opening
            return os.open(find_warc(self._root, name), os.O_RDONLY | os.O_CLOEXEC)


def _parsed(member: Member, name: str) -> Record:
    try:
        return parse_record(member.data)
    except RecordFormatError as error:
        raise damage(Path(name), member.offset, error.message) from error


def _name_by_date(url: str, warc_date: str) -> str:
    # To the second, for WARC/1.0 knows nothing finer.
    return f"{surt(url)} {warc_date[:19]}"
