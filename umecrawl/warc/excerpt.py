"""Captures of an archive copied into WARC files of their own, octet for octet: a result set that stands alone.

The gzip members of a capture (request, metadata, response or revisit) are taken as they lie in the source, behind a
copy of the warcinfo they belong to. Each file begins with a warcinfo that says what was chosen from where.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import NAMESPACE_URL, uuid5

from umecrawl.warc.access import RecordAccess
from umecrawl.warc.cdxj import CdxEntry, cdxj_path, read_cdxj, warc_entries
from umecrawl.warc.copying import OctetSink, refuse_credentials
from umecrawl.warc.fields import escape, write_fields
from umecrawl.warc.files import format_name
from umecrawl.warc.foreign import Placed, read_foreign
from umecrawl.warc.members import Member, MemberReader, deflated
from umecrawl.warc.records import (
    END,
    FIELDS_TYPE,
    Record,
    RecordFormatError,
    bare_id,
    lead_begin,
    new_record,
    parse_record,
    record_bytes,
    split_message,
)
from umecrawl.warc.recordstream import damage_at, is_ours, records_from
from umecrawl.warc.runs import CONFORMS_TO, FORMAT
from umecrawl.warc.streams import Form, StreamBreakError, form_of
from umecrawl.warc.volumes import Octets, Volume
from umecrawl.warc.writer import MAX_SIZE

Opener = Callable[[str], AbstractContextManager[OctetSink]]


@dataclass(frozen=True, slots=True)
class About:
    """What an export says of itself: `collection` it comes from, `chosen` in words, the filters as name and value."""

    collection: str
    operator: str
    hostname: str
    software: str
    created: datetime
    description: str
    filters: tuple[tuple[str, str], ...] = ()


class ExcerptWriter:
    """Writes WARC files of at most about `max_size` octets, named as WARC/1.1 annex C has it.

    `open_file` gives a sink for a file of that name. The ids of its own records follow from what it is told, so that
    the same export gives the same octets.
    """

    def __init__(
        self, open_file: Opener, about: About, *, with_credentials: bool = False, max_size: int = MAX_SIZE
    ) -> None:
        self._open_file = open_file
        self._about = about
        self._with_credentials = with_credentials
        self._max_size = max_size
        self._stack = ExitStack()
        self._sink: OctetSink | None = None
        self._prologue: list[bytes] = []
        self._serial = 0
        self._name = ""
        self._size = 0
        self._said: set[bytes] = set()

    def copy(self, root: Path, volume: Volume, offsets: Iterable[int]) -> Iterator[CdxEntry]:
        """Copy the captures of one WARC whose records lie at these places; yield their lines at the new place.

        Raises `DamageError` with file and offset where a record cannot be read, `UsageError` at a request that
        carries cookies or credentials, unless they are wanted.
        """
        wanted = set(offsets)
        entries = [entry for entry in entries_of(root, volume) if entry.record.offset in wanted]
        entries.sort(key=lambda entry: entry.record.offset)
        exchanges = _own if is_ours(volume) else _foreign
        with Octets(volume) as octets:
            self._prologue = []
            for exchange in exchanges(volume, octets, entries):
                if exchange.entry is None:
                    self._prologue = [packed for _, packed in exchange.records]
                    continue
                if not self._with_credentials:
                    for record, _ in exchange.records:
                        refuse_credentials(volume, exchange.entry.record.offset, record)
                yield self._put_exchange(exchange.entry, [packed for _, packed in exchange.records])

    def close(self) -> None:
        """End the last file."""
        self._stack.close()
        self._sink = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        self._sink = None

    def _put_exchange(self, entry: CdxEntry, members: Sequence[bytes]) -> CdxEntry:
        self._make_room()
        for member in members:
            offset = self._put(member)
        place = replace(entry.record, warc=self._name, offset=offset, length=len(members[-1]))
        return replace(entry, record=place)

    def _make_room(self) -> None:
        """Begin a file where there is none or the last is full; say in it where the records come from."""
        if self._sink is None or self._size >= self._max_size:
            self._stack.close()
            at = self._about.created
            self._name = format_name(f"{self._about.collection}-export", at, self._serial, self._about.hostname)
            self._sink = self._stack.enter_context(self._open_file(self._name))
            self._serial += 1
            self._size = 0
            self._put(deflated(record_bytes(self._warcinfo())))
            self._said = set()
        for member in self._prologue:
            if member not in self._said:
                self._said.add(member)
                self._put(member)

    def _put(self, data: bytes) -> int:
        assert self._sink is not None
        offset = self._size
        self._sink.write(data)
        self._size += len(data)
        return offset

    def _warcinfo(self) -> Record:
        about = self._about
        pairs = [
            ("software", about.software),
            ("operator", about.operator),
            ("hostname", about.hostname),
            ("format", FORMAT),
            ("conformsTo", CONFORMS_TO),
            ("isPartOf", about.collection),
            ("description", about.description),
            *[("umecrawl-filter", f"{name}={value}") for name, value in about.filters],
        ]
        block = write_fields((name, escape(value)) for name, value in pairs if value)
        record_id = str(uuid5(NAMESPACE_URL, f"{self._name} {block.decode()}"))
        fields = [("WARC-Filename", self._name), ("Content-Type", FIELDS_TYPE)]
        return new_record("warcinfo", record_id, about.created, fields, block)


def entries_of(root: Path, volume: Volume) -> Iterator[CdxEntry]:
    """Yield the lines of a WARC: from its CDXJ, or from the file itself where it has none or is being written."""
    cdxj = cdxj_path(root, volume.name)
    yield from read_cdxj(cdxj) if not volume.unfinished and cdxj.exists() else warc_entries(volume)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """Records with their gzip members, the capture's own last; without an entry, the warcinfo before them."""

    entry: CdxEntry | None
    records: tuple[tuple[Record, bytes], ...]


def _own(volume: Volume, octets: Octets, entries: Sequence[CdxEntry]) -> Iterator[_Exchange]:
    """Yield the exchanges of one of our files, whose records stand together and say how far before they begin."""
    reader = MemberReader(octets.descriptor)

    def read(offset: int, end: int) -> Iterator[tuple[Record, bytes]]:
        for member, record in records_from(reader, volume.path, offset, end):
            yield record, octets.read(member.length, member.offset)

    yield _Exchange(None, tuple(read(0, 1)))
    for entry in entries:
        offset = entry.record.offset
        last = tuple(read(offset, offset + 1))
        yield _Exchange(entry, (*read(lead_begin(last[0][0], offset), offset), *last))


def _foreign(volume: Volume, octets: Octets, entries: Sequence[CdxEntry]) -> Iterator[_Exchange]:
    """Yield the exchanges of a file by another tool, whose records stand in any order, in one pass after a look-up."""
    owner: dict[str, str] = {entry.record.record_id: entry.record.record_id for entry in entries}
    with closing(RecordAccess(volume)) as access:
        for entry in entries:
            for uri in access.at(entry.record.offset).record.all("WARC-Concurrent-To"):
                owner.setdefault(bare_id(uri), entry.record.record_id)
    found: dict[str, list[tuple[Record, bytes]]] = {entry.record.record_id: [] for entry in entries}
    first: list[tuple[Record, bytes]] = []
    try:
        for placed in read_foreign(octets):
            record = placed.record
            if record.type == "warcinfo":
                first.append((record, _member_of(volume, octets, placed)))
                continue
            named = record.all("WARC-Concurrent-To") + record.all("WARC-Refers-To") * (record.type == "metadata")
            capture = next((owner[one] for one in (record.id, *map(bare_id, named)) if one in owner), None)
            if capture is not None:
                head = split_message(record)[0] if record.type == "request" else b""
                light = Record(record.fields, head, record.version)
                found[capture].append((light, _member_of(volume, octets, placed)))
    except StreamBreakError as error:
        raise damage_at(volume.path, error.found) from error
    yield _Exchange(None, tuple(first))
    for entry in entries:
        own = entry.record.record_id
        yield _Exchange(entry, tuple(sorted(found.pop(own), key=lambda one: one[0].id == own)))


def _member_of(volume: Volume, octets: Octets, placed: Placed) -> bytes:
    """Return the gzip member of a record, or a new one where it shares its own or was not packed with gzip."""
    if volume.start == 0 and form_of(octets) is Form.GZIP:
        member = MemberReader(octets.descriptor).read(placed.offset)
        if isinstance(member, Member):
            with suppress(RecordFormatError):
                parse_record(member.data)
                return octets.read(member.length, member.offset)
    return deflated(placed.header + placed.record.block + END)
