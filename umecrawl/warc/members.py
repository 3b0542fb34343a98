"""Gzip members as WARC wants them: one whole member a record, deflated or stored, and their reading at an offset.

A member is RFC 1952 with a fixed ten-octet header (no time, no name, system unknown), so that equal records
give equal members. isal is used where it is installed, else zlib; both are exact, isal is several times faster.
"""

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct
from types import ModuleType
from typing import Final

from umecrawl.warc.records import expected_length

codec: ModuleType
try:
    from isal import isal_zlib
except ImportError:  # no wheel for this machine
    codec = zlib
else:
    codec = isal_zlib

# isal's level 2 costs an eighth of zlib's 6 and gives 8 % more bytes (docs/explanation); zlib knows only its own scale.
_LEVEL: Final = 6 if codec is zlib else 2
MEMBER_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_MAGIC: Final = b"\x1f\x8b"
_TRAILER: Final = Struct("<II")
_STORED: Final = Struct("<BHH")
_STORED_MAX: Final = 0xFFFF
_RAW: Final = -15
_GZIP: Final = 31
_FIRST_READ: Final = 8 * 1024  # most request and metadata members fit
_NEXT_READ: Final = 64 * 1024
_WINDOW: Final = 256 * 1024


def deflated(record: bytes) -> bytes:
    """Return the record as one deflated member."""
    return b"".join((MEMBER_HEADER, codec.compress(record, _LEVEL, _RAW), _trailer(codec.crc32(record), len(record))))


def stored(head: bytes, body: bytes, tail: bytes) -> bytes:
    """Return a member with `head` deflated and `body` and `tail` in stored blocks (RFC 1951 §3.2.4).

    For bodies that are compressed already: deflating them again costs time and saves nothing.
    """
    stream = codec.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    parts: list[bytes | memoryview] = [MEMBER_HEADER, stream.compress(head), stream.flush(codec.Z_SYNC_FLUSH)]
    view = memoryview(body)
    for start in range(0, len(body), _STORED_MAX):
        part = view[start : start + _STORED_MAX]
        parts += (_STORED.pack(0, len(part), len(part) ^ 0xFFFF), part)
    parts += (_STORED.pack(1, len(tail), len(tail) ^ 0xFFFF), tail)
    crc = codec.crc32(tail, codec.crc32(body, codec.crc32(head)))
    parts.append(_trailer(crc, len(head) + len(body) + len(tail)))
    return b"".join(parts)


class BreakKind(StrEnum):
    """Why a member could not be read."""

    CUT = "cut"  # the file ends inside the member
    NULS = "nuls"  # nothing but NUL octets up to the end
    NOT_GZIP = "not-gzip"
    LARGE = "large"  # more octets than the reader was to take
    DAMAGED = "damaged"  # the deflate stream, its checksum or its length is wrong
    MANY_RECORDS = "many-records"  # the member goes on behind its first record


@dataclass(frozen=True, slots=True)
class Member:
    """One whole member: where it lies in the file (octets) and what it holds."""

    offset: int
    length: int
    data: bytes

    @property
    def end(self) -> int:
        """The offset behind the member."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Break:
    """The place where reading cannot go on, and why."""

    offset: int
    kind: BreakKind
    detail: str


class MemberReader:
    """Reads members of one file at any offset; the file may grow meanwhile.

    It reads with `pread` and never maps the file, for a writer that runs out of space cuts it back.
    """

    def __init__(
        self, descriptor: int, loaded: Callable[[int, bytes], None] | None = None, *, limit: int | None = None
    ) -> None:
        """Read from an open file; `loaded` is told every stretch that is read, with its offset.

        A member of more than `limit` octets is not read whole.
        """
        self._descriptor = descriptor
        self._limit = limit
        self._loaded = loaded
        self._buffer = memoryview(b"")
        self._start = 0

    def read(self, offset: int) -> Member | Break | None:  # noqa: PLR0911
        """Return the member that begins at `offset`; nothing at the end of the file."""
        inflater = codec.decompressobj(_GZIP)
        data = bytearray()
        expected: int | None = None
        position, wanted = offset, _FIRST_READ
        while not inflater.eof:
            chunk = self._chunk(position, wanted)
            wanted = _NEXT_READ
            if not chunk:
                return None if position == offset else Break(offset, BreakKind.CUT, "the file ends inside a member")
            if position == offset and bytes(chunk[:2]) != _MAGIC[: len(chunk)]:
                return self._no_member(offset)
            try:
                data += inflater.decompress(chunk)
            except codec.error as error:
                if self._nuls_to_end(position):
                    return Break(offset, BreakKind.NULS, "the file ends in NUL octets inside a member")
                return Break(offset, BreakKind.DAMAGED, str(error))
            position += len(chunk)
            if self._limit is not None and len(data) > self._limit:
                return Break(offset, BreakKind.LARGE, f"the member holds more than {self._limit} octets")
            expected = expected or expected_length(data)
            if expected is not None and data.startswith(b"WARC/", expected):
                return Break(offset, BreakKind.MANY_RECORDS, "one gzip member holds more than one record")
        end = position - len(inflater.unused_data)
        return Member(offset, end - offset, bytes(data))

    def resync(self, offset: int) -> int | None:
        """Return the offset of the first whole record member behind `offset`, if any."""
        position = offset + 1
        while chunk := self._chunk(position, _WINDOW):
            found = bytes(chunk).find(MEMBER_HEADER[:3])
            if found < 0:
                position += max(len(chunk) - 2, 1)
                continue
            position += found
            member = self.read(position)
            if isinstance(member, Member) and member.data.startswith(b"WARC/"):
                return position
            if isinstance(member, Break) and member.kind is BreakKind.LARGE:  # its reader will see
                return position
            position += 1
        return None

    def _no_member(self, offset: int) -> Break:
        if self._nuls_to_end(offset):
            return Break(offset, BreakKind.NULS, "the file ends in NUL octets")
        return Break(offset, BreakKind.NOT_GZIP, "no gzip member begins here")

    def _nuls_to_end(self, position: int) -> bool:
        if not self._chunk(position, 1):
            return False
        # The octets just read may still belong to the member; only an unbroken run up to the end counts.
        end = os.fstat(self._descriptor).st_size
        tail = os.pread(self._descriptor, min(512, end - position), max(position, end - 512))
        return bool(tail) and not tail.strip(b"\0")

    def _chunk(self, position: int, wanted: int) -> memoryview:
        begin = position - self._start
        if not 0 <= begin < len(self._buffer):
            data = os.pread(self._descriptor, _WINDOW, position)
            if self._loaded is not None:
                self._loaded(position, data)
            self._buffer = memoryview(data)
            self._start, begin = position, 0
        return self._buffer[begin : begin + wanted]


def _trailer(crc: int, size: int) -> bytes:
    return _TRAILER.pack(crc, size & 0xFFFFFFFF)
