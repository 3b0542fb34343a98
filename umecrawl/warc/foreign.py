"""The records of a WARC that any tool wrote, read leniently: WARC 0.17 to 1.1, however packed and however ended.

Where our own files are read strictly, here a fault is counted and read past. The place of a record is the offset of
the gzip member or Zstandard frame it begins in plus the number of records that begin there before it, which is the
member's own offset in a file as WARC wants it; in a plain file it is the record's own offset.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from umecrawl.warc.faults import FaultKind
from umecrawl.warc.foreign_header import read_fields
from umecrawl.warc.members import Break, BreakKind
from umecrawl.warc.records import Record
from umecrawl.warc.streams import Form, StreamBreakError, begins_unit, form_of, stretches
from umecrawl.warc.volumes import Octets

# A block beyond this is passed over: it is no page, and whoever reads it holds it in memory.
MAX_BLOCK: Final = 128 * 1024 * 1024
_MAX_HEADER: Final = 256 * 1024
_KEEP: Final = 16  # octets that may be the begin of a version line
_VERSION: Final = re.compile(rb"WARC/(?:0\.1[0-9]|1\.[0-9])(?:\.[0-9])?[ \t]*\r?\n")
_VERSION_LONGEST: Final = 32
_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_NEXT_IN_BLOCK: Final = re.compile(rb"\r?\n\r?\n(?=WARC/1\.[01]\r?\n[A-Za-z-]+:)")
_LENGTH: Final = re.compile(r"\d{1,15}")
_LINE_ENDS: Final = b"\r\n"
_BLANK: Final = re.compile(rb"[\r\n]+")

Noting = Callable[[FaultKind, int], None]


@dataclass(frozen=True, slots=True)
class Placed:
    """A record with its place: `offset` and `length` as in a `RecordRef`, `mark` the place behind it.

    `header` is what stands before the block in the file, octet for octet.
    """

    record: Record
    offset: int
    length: int
    mark: int
    header: bytes

    @property
    def shares_member(self) -> bool:
        """Whether more records stand in its member: then places in there are counts, and the next one is the mark."""
        return self.mark == self.offset + 1


def read_foreign(octets: Octets, start: int = 0, note: Noting = lambda _kind, _offset: None) -> Iterator[Placed]:
    """Yield the records from a place on; `note` is told of every fault and where.

    Raises `StreamBreakError` where the file cannot be read on: it is cut, or a member is damaged.
    """
    yield from _Reader(octets, start, note).records()


class _Reader:
    """One pass over a file; it holds a record and a step more."""

    def __init__(self, octets: Octets, start: int, note: Noting) -> None:
        self._plain = form_of(octets) is Form.PLAIN
        # Behind the first record of a shared member nothing can be begun: read again what lies before.
        self._wanted = start
        begin = start if self._plain or not start or begins_unit(octets, start) else 0
        self._stretches = stretches(octets, begin)
        self._note = note
        self._buffer = bytearray()
        self._position = begin  # of the buffer's first octet among all octets read (uncompressed)
        self._units: deque[tuple[int, int]] = deque()  # where a unit's octets begin, and its offset
        self._ends: dict[int, int] = {}  # by a unit's offset, where it ends, once that is known
        self._over = False
        self._broken: StreamBreakError | None = None
        self._recordless = not begin  # the whole file is read, and no record has begun so far
        self._strange = False  # octets that belong to no record have been met
        self._unit, self._begun = -1, 0

    def records(self) -> Iterator[Placed]:
        """Yield the records."""
        while True:
            self._skip_line_ends()
            if not self._need(1):
                if self._broken is not None:
                    raise self._broken
                if self._strange and self._recordless:
                    raise StreamBreakError(Break(0, BreakKind.NOT_GZIP, "no WARC record stands in the file"))
                return
            self._need(_VERSION_LONGEST)
            if not _VERSION.match(self._buffer):
                self._strange = True
                self._skip_junk()
                continue
            self._recordless = False
            placed = self._record()
            if placed is not None and placed.offset >= self._wanted:
                yield placed

    def _record(self) -> Placed | None:
        offset = self._begin()
        begin = self._position
        end = self._header_end()
        if end is None:
            if self._over and len(self._buffer) < _MAX_HEADER and (self._broken is not None or self._plain):
                raise self._cut(offset)
            self._fault(FaultKind.HEADER, offset)
            self._drop(min(len(self._buffer), _MAX_HEADER))  # from here on it is junk up to the next record
            return None
        header = bytes(self._buffer[:end])
        fields, version = read_fields(header, lambda kind: self._fault(kind, offset))
        record = Record(fields, b"", version)
        length = record.get("Content-Length")
        self._drop(end)
        if not _LENGTH.fullmatch(length):
            self._fault(FaultKind.CONTENT_LENGTH, offset)
            return None
        if int(length) > MAX_BLOCK:
            self._fault(FaultKind.TOO_LARGE, offset)
            self._pass(int(length), offset)
            return None
        block = self._block(int(length), offset)
        self._end(offset)
        placed = self._placed(Record(fields, block, version), header, offset, begin)
        if self._shared(offset):
            self._fault(FaultKind.ONE_MEMBER, offset)
        return placed

    def _begin(self) -> int:
        """Return the place of the record that begins now."""
        unit = self._place()
        if self._plain:
            return unit
        if unit != self._unit:
            self._unit, self._begun = unit, 0
            self._ends = {known: end for known, end in self._ends.items() if known >= unit}
        self._begun += 1
        return unit + self._begun - 1

    def _placed(self, record: Record, header: bytes, offset: int, begin: int) -> Placed:
        if self._plain:
            return Placed(record, offset, self._position - begin, self._position, header)
        length = self._position - begin
        self._skip_line_ends()
        end, boundary = self._ends.get(self._unit), self._boundary()
        if end is None or (self._buffer if boundary is None else boundary > self._position):
            return Placed(record, offset, length, offset + 1, header)
        return Placed(record, offset, end - self._unit if self._begun == 1 else length, end, header)

    def _shared(self, offset: int) -> bool:
        return not self._plain and offset != self._unit

    def _boundary(self) -> int | None:
        """Return where the next unit's octets begin, if that is known."""
        return next((at for at, unit in self._units if unit > self._unit), None)

    def _header_end(self) -> int | None:
        searched = 0
        while True:
            found = _HEADER_END.search(self._buffer, searched, _MAX_HEADER)
            if found:
                return found.end()
            searched = max(0, len(self._buffer) - 4)
            if len(self._buffer) >= _MAX_HEADER or not self._fill():
                return None

    def _block(self, length: int, offset: int) -> bytes:
        whole = self._need(length)
        boundary = None if self._plain else self._next_record_unit(min(length, len(self._buffer)))
        if boundary is not None:  # the length reaches into the next member, which is a record of its own
            self._fault(FaultKind.CONTENT_LENGTH, offset)
            return self._take(self._without_end(boundary))
        if not whole:
            if self._broken is not None or self._plain:
                raise self._cut(offset)
            self._fault(FaultKind.CONTENT_LENGTH, offset)
            return self._take(self._without_end(len(self._buffer)))
        self._need(length + 4)
        behind = bytes(self._buffer[length : length + 4])
        if behind.strip(_LINE_ENDS) and not behind.startswith(b"WARC"):
            found = _NEXT_IN_BLOCK.search(self._buffer, 0, length + 4)
            if found:
                self._fault(FaultKind.CONTENT_LENGTH, offset)
                return self._take(found.start())
        return self._take(length)

    def _cut(self, offset: int) -> StreamBreakError:
        return self._broken or StreamBreakError(Break(offset, BreakKind.CUT, "the file ends inside a record"))

    def _without_end(self, length: int) -> int:
        """Return how many of the octets are block, without the line ends behind it."""
        for end in (b"\r\n\r\n", b"\n\n"):
            if self._buffer.endswith(end, 0, length):
                return length - len(end)
        return length

    def _next_record_unit(self, length: int) -> int | None:
        """Return where within the next `length` octets a unit begins that begins with a record."""
        for at, _ in self._units:
            begin = at - self._position
            if begin >= length:
                return None
            if begin > 0 and self._buffer.startswith(b"WARC/1.", begin):
                return begin
        return None

    def _end(self, offset: int) -> None:
        self._need(4)
        if self._buffer.startswith(b"\r\n\r\n"):
            self._drop(4)
            return
        self._fault(FaultKind.RECORD_END, offset)

    def _skip_line_ends(self) -> None:
        while self._need(1):
            blank = _BLANK.match(self._buffer)
            self._drop(blank.end() if blank else 0)
            if self._buffer:
                return

    def _skip_junk(self) -> None:
        self._fault(FaultKind.JUNK, self._place())
        self._drop(1)
        while self._need(1):
            found = self._buffer.find(b"WARC/")
            if found >= 0:
                self._drop(found)
                self._need(_VERSION_LONGEST)
                if _VERSION.match(self._buffer):
                    return
                self._drop(1)
                continue
            self._drop(max(len(self._buffer) - _KEEP, 1))
            if not self._fill():
                self._drop(len(self._buffer))

    def _place(self) -> int:
        while len(self._units) > 1 and self._units[1][0] <= self._position:
            self._units.popleft()
        return self._position if self._plain else self._units[0][1]

    def _fault(self, kind: FaultKind, offset: int) -> None:
        if offset >= self._wanted:
            self._note(kind, offset)

    def _take(self, length: int) -> bytes:
        data = bytes(memoryview(self._buffer)[:length])
        self._drop(length)
        return data

    def _pass(self, length: int, offset: int) -> None:
        """Read past a block, at most up to the next unit that begins with a record: the length may be a lie."""
        while length:
            if not self._need(1):
                if self._broken is not None or self._plain:
                    raise self._cut(offset)
                self._fault(FaultKind.CONTENT_LENGTH, offset)
                return
            self._need(2 * _KEEP)
            step = min(length, len(self._buffer) - (0 if self._over else _KEEP))
            boundary = None if self._plain else self._next_record_unit(step + 1)
            if boundary is not None and boundary < length:
                self._fault(FaultKind.CONTENT_LENGTH, offset)
                self._drop(boundary)
                return
            self._drop(step)
            length -= step

    def _drop(self, length: int) -> None:
        del self._buffer[:length]
        self._position += length

    def _need(self, length: int) -> bool:
        while len(self._buffer) < length:
            if not self._fill():
                return False
        return True

    def _fill(self) -> bool:
        """Take one stretch more; whether there was one."""
        while not self._over:
            try:
                stretch = next(self._stretches, None)
            except StreamBreakError as error:  # told once all that stands before it is read
                self._broken, stretch = error, None
            if stretch is None:
                self._over = True
                break
            if not self._plain and (not self._units or self._units[-1][1] != stretch.unit):
                self._units.append((self._position + len(self._buffer), stretch.unit))
            if stretch.end is not None:
                self._ends[stretch.unit] = stretch.end
            if stretch.data:
                self._buffer += stretch.data
                return True
        return False
