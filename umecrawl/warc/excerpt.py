"""Captures of an archive copied into WARC files of their own, octet for octet: a result set that stands alone.

The gzip members of a capture (request, metadata, response or revisit) are taken as they lie in the source, behind a
copy of the warcinfo they belong to. Each file begins with a warcinfo that says what was chosen from where.
"""

import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self
from uuid import NAMESPACE_URL, uuid5

from umecrawl.errors import UsageError
from umecrawl.warc.cdxj import CdxEntry, cdxj_path, read_cdxj, warc_entries
from umecrawl.warc.events import OPEN_SUFFIX, damage
from umecrawl.warc.fields import escape, write_fields
from umecrawl.warc.files import format_name
from umecrawl.warc.members import Break, Member, MemberReader, deflated
from umecrawl.warc.records import (
    FIELDS_TYPE,
    LEAD_FIELD,
    Record,
    RecordFormatError,
    bare_id,
    new_record,
    parse_record,
    record_bytes,
    split_message,
)
from umecrawl.warc.runs import CONFORMS_TO, FORMAT
from umecrawl.warc.writer import MAX_SIZE

_SECRETS: Final = re.compile(rb"\r?\n(cookie|authorization|proxy-authorization)[ \t]*:", re.IGNORECASE)


class OctetSink(Protocol):
    """What octets are written to."""

    def write(self, data: bytes, /) -> int:
        """Write them all."""
        ...


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


def copy_whole(path: Path, sink: OctetSink, *, with_credentials: bool) -> None:
    """Copy a closed WARC octet for octet, reading every record on the way.

    Raises `DamageError` with file and offset where a member cannot be read, `UsageError` at a request that carries
    cookies or credentials, unless they are wanted.
    """
    copied = 0

    def loaded(position: int, data: bytes) -> None:
        nonlocal copied
        if position <= copied < position + len(data):
            sink.write(data[copied - position :])
            copied = position + len(data)

    with _reading(path) as descriptor:
        reader = MemberReader(descriptor, loaded)
        offset = 0
        while (member := reader.read(offset)) is not None:
            if isinstance(member, Break):
                raise damage(path, member.offset, member.detail, member.kind)
            if not with_credentials:
                _refuse_credentials(path, offset, _parsed(path, member))
            offset = member.end


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

    def copy(self, root: Path, path: Path, offsets: Iterable[int]) -> Iterator[CdxEntry]:
        """Copy the captures of one WARC whose records begin at these offsets; yield their lines at the new place.

        Raises as `copy_whole`.
        """
        wanted = set(offsets)
        entries = {entry.record.offset: entry for entry in entries_of(root, path) if entry.record.offset in wanted}
        with _reading(path) as descriptor:
            reader = MemberReader(descriptor)
            self._prologue = list(_prologue(path, descriptor, reader))
            foreign = []
            for offset in sorted(entries):
                last = _read(path, reader, offset)
                lead = last.record.get(LEAD_FIELD)
                if not lead.isdecimal():
                    foreign.append(offset)
                    continue
                members = [*_until(path, reader, offset - int(lead), offset), last]
                yield self._put_capture(path, descriptor, members, entries[offset])
            if foreign:
                yield from self._copy_foreign(path, descriptor, [entries[offset] for offset in foreign])
        self._prologue = []

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

    def _copy_foreign(self, path: Path, descriptor: int, entries: Sequence[CdxEntry]) -> Iterator[CdxEntry]:
        """Copy captures of files by others, whose records stand in any order: read the file and see what belongs."""
        reader = MemberReader(descriptor)
        captures = {entry.record.record_id: entry for entry in entries}
        named: dict[str, str] = {}
        for entry in entries:
            for uri in _read(path, reader, entry.record.offset).record.all("WARC-Concurrent-To"):
                named[bare_id(uri)] = entry.record.record_id
        found: dict[str, list[_Placed]] = {capture: [] for capture in captures}
        for placed in _until(path, reader, 0, None):
            record = placed.record
            to = record.all("WARC-Concurrent-To") + (record.all("WARC-Refers-To") if record.type == "metadata" else ())
            owners = [record.id, named.get(record.id, ""), *map(bare_id, to)]
            owner = next((one for one in owners if one in captures), None)
            if owner is not None:
                found[owner].append(replace(placed, record=Record(record.fields, _head(record), record.version)))
        for capture, members in found.items():
            # The capture's own record goes last, as in our files: whoever reads it knows the rest already.
            members.sort(key=lambda placed: (placed.record.id == capture, placed.offset))
            yield self._put_capture(path, descriptor, members, captures[capture])

    def _put_capture(self, path: Path, descriptor: int, members: Sequence["_Placed"], entry: CdxEntry) -> CdxEntry:
        if not self._with_credentials:
            for placed in members:
                _refuse_credentials(path, placed.offset, placed.record)
        self._make_room()
        for placed in members:
            offset = self._put(os.pread(descriptor, placed.length, placed.offset))
        return replace(entry, record=replace(entry.record, warc=self._name, offset=offset))

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
            self._said: set[bytes] = set()
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


def entries_of(root: Path, path: Path) -> Iterator[CdxEntry]:
    """Yield the lines of a WARC: from its CDXJ, or from the file itself where it has none or is being written."""
    cdxj = cdxj_path(root, path.name)
    closed = not path.name.endswith(OPEN_SUFFIX)
    yield from read_cdxj(cdxj) if closed and cdxj.exists() else warc_entries(path)


@dataclass(frozen=True, slots=True)
class _Placed:
    offset: int
    length: int
    record: Record


@contextmanager
def _reading(path: Path) -> Generator[int, None, None]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(path: Path, reader: MemberReader, offset: int) -> _Placed:
    member = reader.read(offset)
    if member is None or isinstance(member, Break):
        kind = member.kind if member else None
        raise damage(path, offset, member.detail if member else "the file ends before the record", kind)
    return _Placed(offset, member.length, _parsed(path, member))


def _until(path: Path, reader: MemberReader, begin: int, end: int | None) -> Iterator[_Placed]:
    """Yield the records from one offset to another, or to the end of the file."""
    while end is None or begin < end:
        member = reader.read(begin)
        if member is None and end is None:
            return
        placed = _read(path, reader, begin)
        yield placed
        begin += placed.length


def _prologue(path: Path, descriptor: int, reader: MemberReader) -> Iterator[bytes]:
    """Yield the members of the warcinfo records with which a file begins."""
    for placed in _until(path, reader, 0, None):
        if placed.record.type != "warcinfo":
            return
        yield os.pread(descriptor, placed.length, placed.offset)


def _parsed(path: Path, member: Member) -> Record:
    try:
        return parse_record(member.data)
    except RecordFormatError as error:
        raise damage(path, member.offset, error.message) from error


def _head(record: Record) -> bytes:
    return split_message(record)[0] if record.type == "request" else b""


def _refuse_credentials(path: Path, offset: int, record: Record) -> None:
    if record.type != "request":
        return
    found = _SECRETS.search(split_message(record)[0])
    if found:
        field = found[1].decode("ascii").title()
        raise UsageError(
            f"{path}: offset {offset}: the request for {record.url} carries the field {field}",
            hint="Nothing was exported. If the receiver may have it, add --with-credentials.",
        )
