"""The members of a WARC one after the other, fast where they are sound: each ends where the next one begins.

A member is inflated in one go up to where the ten octets of its gzip header stand again. Where that is not its end,
or it is not sound, `MemberReader` reads it anew with care and says what is wrong.
"""

import hashlib
import os
import zlib
from collections.abc import Generator, Iterator
from typing import Final

from umecrawl.warc.members import Break, BreakKind, Member, MemberReader, codec
from umecrawl.warc.oversized import Large, Torn, read_large

_WINDOW: Final = 256 * 1024  # octets that are read at once: what the nearer cache of a processor holds
_LARGEST: Final = 64 * 1024 * 1024  # octets of a record that are taken in one go
_SMALLEST: Final = 18  # octets of an empty gzip member
_FAR: Final = 1 << 62  # behind the end of any file
_GZIP: Final = 31
_MAGIC: Final = b"\x1f\x8b\x08"
_HEADER: Final = 10


Found = bytes | Large | Torn | Break


class MemberWalk:
    """One pass over an open file; with `hashed`, its checksum is taken from what is read."""

    def __init__(self, descriptor: int, *, hashed: bool) -> None:
        self._descriptor = descriptor
        self._reader = MemberReader(descriptor, limit=_LARGEST)
        self._takes_hash = hashed
        self._hash = hashlib.sha256()
        self._hashed = 0
        self.ended: int | None = None  # where the walk came to its end; none before, and where it could not go on

    def members(self, begin: int = 0, stop: int | None = None) -> Iterator[tuple[int, int, Found]]:  # noqa: C901 - one loop, for speed
        """Yield start, end and octets of each member from `begin` up to `stop`, or a `Break` where there is none.

        Of a record too large to be held there is a `Large`, or a `Torn` where it is no whole one.
        """
        buffer, start, position, at_end = b"", begin, 0, False
        view = memoryview(buffer)
        last = stop or _FAR
        inflater, broken = codec.decompressobj, (codec.error, zlib.error)
        while True:
            head = buffer[position : position + _HEADER]
            known = len(head) == _HEADER and head.startswith(_MAGIC)
            while True:
                after = buffer.find(head, position + _SMALLEST) if known else -1
                if after < 0 and at_end:
                    after = len(buffer)
                if not known or after <= position:
                    break
                stream = inflater(_GZIP)
                try:
                    data = stream.decompress(view[position:after], _LARGEST)
                except broken:
                    break
                if not stream.eof or stream.unused_data:
                    break
                yield start + position, start + after, data
                position = after
            if start + position >= last:
                self.ended = start + position
                return
            if after < 0 and position < max(len(buffer), 1) and len(buffer) - position < _LARGEST:
                rest = buffer[position:]
                # As much again as there is, so that a large member is not moved too often.
                room = max(_WINDOW, len(rest))
                more = os.pread(self._descriptor, min(room, last - start - len(buffer)), start + len(buffer))
                at_end = len(more) < room
                if self._takes_hash:
                    self._hash_chunk(start + len(buffer), more)
                buffer = rest + more
                view = memoryview(buffer)
                start, position = start + position, 0
                continue
            following = yield from self._careful(start + position)
            if following is None:
                return
            position = following - start
            if position > len(buffer):
                buffer, start, position, at_end = b"", following, 0, False
                view = memoryview(buffer)

    def checksum(self) -> str:
        """Return the SHA-256 of the file; what the pass did not read is read now."""
        self._hash_up_to(None)
        return self._hash.hexdigest()

    def _careful(self, offset: int) -> Generator[tuple[int, int, Found], None, int | None]:
        """Read one member with care; the value is the offset to go on at, none at the end of what can be read."""
        member: Member | Large | Torn | Break | None = self._reader.read(offset)
        if member is None:
            return None
        if isinstance(member, Break) and member.kind is BreakKind.LARGE:
            member = read_large(self._descriptor, offset)
        if isinstance(member, Large | Torn):
            yield offset, member.end, member
            return member.end
        if isinstance(member, Member):
            yield offset, member.end, member.data
            return member.end
        yield offset, offset, member
        return None if member.kind is BreakKind.NULS else self._reader.resync(offset)

    def _hash_chunk(self, position: int, data: bytes) -> None:
        if position > self._hashed:
            self._hash_up_to(position)
        if position <= self._hashed < position + len(data):
            self._hash.update(memoryview(data)[self._hashed - position :])
            self._hashed = position + len(data)

    def _hash_up_to(self, end: int | None) -> None:
        while end is None or self._hashed < end:
            wanted = _WINDOW if end is None else min(_WINDOW, end - self._hashed)
            part = os.pread(self._descriptor, wanted, self._hashed)
            if not part:
                return
            self._hash.update(part)
            self._hashed += len(part)
