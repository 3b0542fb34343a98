"""The archive as a `CaptureSource`: every event in the order of writing, and the octets of any record."""

import weakref
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import ArchiveEvent, Capture, Fault, Mark, RecordRef, RecordType
from umecrawl.model.crawl import Outlink
from umecrawl.model.urls import Url
from umecrawl.warc.access import OpenVolumes
from umecrawl.warc.captures import message_of, payload_of
from umecrawl.warc.events import Told, read_events
from umecrawl.warc.faults import FaultLog
from umecrawl.warc.files import find_volume, list_volumes
from umecrawl.warc.members import BreakKind, Member, MemberReader, deflated
from umecrawl.warc.originals import Originals
from umecrawl.warc.provenance import read_provenance
from umecrawl.warc.records import (
    END,
    Record,
    RecordFormatError,
    bare_id,
    digest,
    is_own_digest,
    lead_begin,
    parse_record,
)
from umecrawl.warc.recordstream import damage, damage_at, record_in, records_from
from umecrawl.warc.volumes import SUFFIX, Octets, Volume, volume_of

_REMEMBERED: Final = 10_000


class WarcArchive:
    """The WARC files of one archive, closed and being written, for reading."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._volumes: dict[str, Volume] = {}
        self._faults: dict[str, tuple[Fault, ...]] = {}
        self._completed: dict[str, tuple[str, int]] = {}
        # The record behind the capture that was told last: whoever asks for its content need not read it again.
        self._latest: tuple[RecordRef, Record] | None = None
        self._originals = Originals(root)
        self._open_volumes = OpenVolumes()
        weakref.finalize(self, self._originals.close)
        weakref.finalize(self, self._open_volumes.close)

    def events(self, after: Mapping[str, int]) -> Iterator[tuple[Mark, ArchiveEvent]]:
        """Yield what every WARC tells, files in the order of their names, each from the offset given for its name.

        A mark lies behind the last record of its event; of several events of one record (skipped URLs) only the
        last one's does. An `.open` file ends silently where its last member is incomplete. Raises `DamageError`
        naming file and offset for any other damage.
        """
        for name in self.names():
            yield from self.read(name, after.get(name, 0))

    def names(self) -> tuple[str, ...]:
        """Return the names of all WARCs, closed and being written, in order; those in a WACZ included.

        Raises nothing for a WACZ that cannot be read: `unreadable` names it.
        """
        volumes = list_volumes(self._root)
        self._volumes = {volume.name: volume for volume in volumes}
        return tuple(self._volumes)

    def unreadable(self) -> tuple[str, ...]:
        """Return what is wrong with each WACZ that cannot be opened."""
        errors: list[DamageError] = []
        list_volumes(self._root, errors)
        return tuple(error.message for error in errors)

    def read(self, name: str, start: int = 0) -> Iterator[tuple[Mark, ArchiveEvent]]:
        """Yield what one WARC tells from a mark on; as `events` does for all.

        Faults of files by others that were read past are told by `faults` afterwards.
        """
        log = FaultLog(name)
        try:
            for told in self._told(name, start, log):
                if isinstance(told.event, Capture) and told.is_as_stored:
                    self._latest = told.event.record, told.record
                yield told.mark, self._whole(told.event)
        finally:
            self._latest = None
            self._faults[name] = log.faults()

    def faults(self, name: str) -> tuple[Fault, ...]:
        """Return the faults that the last reading of a WARC met."""
        return self._faults.get(name, ())

    def _told(self, name: str, start: int, log: FaultLog) -> Iterator[Told]:
        volume = self._volume(name)
        try:
            if volume.size is not None or start < volume.path.stat().st_size:
                yield from read_events(volume, start, log)
        except (FileNotFoundError, NotFoundError):  # sealed since it was found; nothing of it has been told yet
            yield from read_events(volume_of(volume.path.with_name(name)), start, log)

    def _whole(self, event: ArchiveEvent) -> ArchiveEvent:
        """Return a revisit by another tool with the digest and size of its payload as we know them."""
        if not isinstance(event, Capture) or event.record_type is not RecordType.REVISIT:
            return event
        if is_own_digest(event.payload_digest):
            return event
        known = self._completed.get(event.payload_digest)
        if known is None:
            try:
                entity = self.payload(event)
            except (NotFoundError, DamageError):  # the original may come later: the index is told by then
                return event
            known = digest(entity), len(entity)
            if len(self._completed) >= _REMEMBERED:
                self._completed.clear()
            self._completed[event.payload_digest] = known
        return replace(event, payload_digest=known[0], size=known[1])

    def payload(self, capture: Capture) -> bytes:
        """Return the entity of a capture: transfer coding removed, content coding kept; of a revisit, the original's.

        Raises `NotFoundError` when the original of a revisit is not in the archive, `DamageError` when a record
        cannot be read.
        """
        return payload_of(self._holder(capture))

    def payload_head(self, capture: Capture) -> bytes:
        """Return the response head that came with the payload: for a 304 the original's, else the capture's own."""
        record = self._record(capture.record)
        if not record.block and capture.record_type is RecordType.REVISIT:
            record = self._holder(capture)
        return message_of(record)[0]

    def content(self, capture: Capture) -> tuple[bytes, bytes]:
        """Return `payload_head` and `payload` of a capture, read once. Raises as these do."""
        record = self._record(capture.record)
        holder = self._holding(record)
        empty = not record.block and capture.record_type is RecordType.REVISIT
        return message_of(holder if empty else record)[0], payload_of(holder)

    def head(self, capture: Capture) -> bytes:
        """Return the head of the response itself, also of a 304 whose record leaves it out."""
        record = self._record(capture.record)
        if record.block:
            return message_of(record)[0]
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
        """Return the records of a capture as they stand together; in files by others the last one alone.

        So it is where a repair took away what stood before it.
        """
        return self._exchange(capture.record)

    def links(self, ref: RecordRef) -> tuple[Outlink, ...]:
        """Return the links that were found in a capture when it was recorded; none where nobody looked for them."""
        for before in self._exchange(ref)[:-1]:
            provenance = read_provenance(before.block) if before.type == "metadata" else None
            if provenance is not None:
                return provenance.outlinks
        return ()

    def response(self, ref: RecordRef) -> tuple[Url, bytes]:
        """Return the URL and the head of the record of a capture."""
        record = self._record(ref)
        return Url(record.url), message_of(record)[0]

    def _exchange(self, ref: RecordRef) -> tuple[Record, ...]:
        last = self._record(ref)
        try:
            before = self._before(ref, lead_begin(last, ref.offset))
        except DamageError:
            before = []
        return (*(record for record in before if last.id in map(bare_id, record.all("WARC-Concurrent-To"))), last)

    def _before(self, ref: RecordRef, offset: int) -> list[Record]:
        volume = self._volume(ref.warc)
        if volume.size is None and offset < ref.offset:
            with self._octets(ref.warc) as octets:
                return [
                    record
                    for _, record in records_from(MemberReader(octets.descriptor), volume.path, offset, ref.offset)
                ]
        records: list[Record] = []
        while offset < ref.offset:  # in a WACZ offsets count from where the WARC begins
            placed = self._open_volumes.at(volume, offset)
            records.append(placed.record)
            offset = placed.mark
        return records

    def members(self, capture: Capture) -> bytes:
        """Return the gzip members of a capture's records as they stand in the file, for copying them elsewhere.

        A record that has no member of its own is given one.
        """
        ref = capture.record
        member = self._member(ref)
        if member is None:
            return deflated(self.raw(ref))
        *before, last = self.exchange(capture)
        start = lead_begin(last, ref.offset) if before else ref.offset
        with Octets(self._volume(ref.warc)) as octets:
            return octets.read(ref.offset + ref.length - start, start)

    def raw(self, ref: RecordRef) -> bytes:
        """Return the octets of a record: header, block and what ends it."""
        member = self._member(ref)
        if member is not None:
            return member.data
        placed = self._open_volumes.at(self._volume(ref.warc), ref.offset)
        return placed.header + placed.record.block + END

    def path(self, name: str) -> Path:
        """Return where the WARC of that name lies, closed or being written, or its WACZ. Raises `NotFoundError`."""
        return self._volume(name).path

    def _volume(self, name: str) -> Volume:
        known = self._volumes.get(name)
        if known is None or not known.path.exists():
            known = self._volumes[name] = find_volume(self._root, name)
        return known

    def _holder(self, capture: Capture) -> Record:
        return self._holding(self._record(capture.record))

    def _holding(self, record: Record) -> Record:
        """Return the record that holds the payload of another one: itself, or of a revisit the original."""
        if record.type != RecordType.REVISIT:
            return record
        wanted = bare_id(record.get("WARC-Refers-To"))
        name, offset = record.get("WARC-Refers-To-Filename"), record.get("WARC-Refers-To-File-Offset")
        if wanted and name and offset.isdecimal():
            try:
                original = self._record(RecordRef("", name, int(offset), 0))
            except (NotFoundError, DamageError):
                pass  # the hint is out of date: the file was moved or packed anew
            else:
                if original.id == wanted:
                    return original
        ref = self._originals.find(record)
        if ref is None:
            raise NotFoundError(
                f"the original of the revisit {record.id} is not in the archive: {record.get('WARC-Refers-To')} "
                f"({record.get('WARC-Refers-To-Target-URI') or record.url})",
                hint="Add the WARC that holds it.",
            )
        return self._record(ref)

    def _record(self, ref: RecordRef) -> Record:
        if self._latest is not None and self._latest[0] == ref:
            return self._latest[1]
        member = self._member(ref)
        if member is not None:
            record = record_in(member, Path(ref.warc))
        else:
            record = self._open_volumes.at(self._volume(ref.warc), ref.offset).record
        if ref.record_id and record.id != ref.record_id:
            raise DamageError(
                f"{ref.warc}: offset {ref.offset}: the record {record.id} stands where {ref.record_id} should",
                hint="The file was changed: run `umecrawl verify`, then `umecrawl index --rebuild`.",
            )
        return record

    def _member(self, ref: RecordRef) -> Member | None:
        """Return the gzip member that a record has for itself, as all of ours have; nothing where it has none."""
        volume = self._volume(ref.warc)
        if volume.size is not None or not volume.name.endswith(SUFFIX):
            return None
        with self._octets(ref.warc) as octets:
            member = MemberReader(octets.descriptor).read(ref.offset)
        if isinstance(member, Member):
            try:
                parse_record(member.data)
            except RecordFormatError:
                return None
            return member
        if member is None:
            raise damage(volume.path, ref.offset, "the file ends before it")
        if member.kind in {BreakKind.MANY_RECORDS, BreakKind.NOT_GZIP}:
            return None
        raise damage_at(volume.path, member)

    def _octets(self, name: str) -> Octets:
        try:
            return Octets(self._volume(name))
        except NotFoundError:  # sealed between look-up and opening
            self._volumes.pop(name, None)
            return Octets(self._volume(name))
