"""Records too large to be held: inflated step by step, hashed as they pass, with only their beginning kept.

A megabyte of gzip can hold a gigabyte. So the memory that a check takes does not depend on what a member makes of
itself; that a record is large is nothing wrong.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from umecrawl.model.message import parse_head
from umecrawl.warc.members import Break, BreakKind, codec
from umecrawl.warc.records import (
    END,
    HEAD_LENGTH_FIELD,
    Record,
    RecordFormatError,
    digest_octets,
    parse_header,
)

_KEPT: Final = 1024 * 1024  # octets of the beginning
_STEP: Final = 16 * 1024  # octets of the file; deflate makes at most 1032 of one
_GZIP: Final = 31
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n?")
_LONGEST: Final = 64 * 1024  # octets of a line that gives the size of a chunk
_DIGESTED: Final = frozenset({"response", "request", "resource", "conversion"})
_START: Final = b"WARC/"

Digests = Mapping[tuple[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Large:
    """A whole member that holds one large record, and where it ends; of the record only `start` is kept.

    `record` has as much of its block as there is in `start`. `digests` are by what was hashed (`block`, `payload`, or
    the `body` with its chunks) and algorithm; no `payload` where the head of the message does not end in `start`.
    """

    end: int
    start: bytes
    record: Record
    digests: Digests


@dataclass(frozen=True, slots=True)
class Torn:
    """A whole large member that holds no whole record, where it ends, and what is wrong."""

    end: int
    message: str


def read_large(descriptor: int, offset: int) -> Large | Torn | Break:
    """Return the large record in the member at `offset`, or why it cannot be read."""
    inflater = codec.decompressobj(_GZIP)
    position, reading, message = offset, _Reading(), ""
    while not inflater.eof:
        chunk = os.pread(descriptor, _STEP, position)
        if not chunk:
            return Break(offset, BreakKind.CUT, "the file ends inside a member")
        try:
            data = inflater.decompress(chunk)
        except codec.error as error:
            return Break(offset, BreakKind.DAMAGED, str(error))
        position += len(chunk)
        if not message:  # else only the member is looked at
            try:
                reading.feed(data)
            except RecordFormatError as error:
                message = error.message
    end = position - len(inflater.unused_data)
    if message:
        return Torn(end, message)
    try:
        record = reading.finish()
    except RecordFormatError as error:
        if reading.tail.startswith(_START, len(END)):
            return Break(offset, BreakKind.MANY_RECORDS, "one gzip member holds more than one record")
        return Torn(end, error.message)
    return Large(end, bytes(reading.start), record, reading.digests())


class Dechunker:
    """Takes chunked transfer coding away step by step, as `umecrawl.model.message.dechunk` does at once."""

    def __init__(self) -> None:
        self._buffer = b""
        self._left = 0  # octets of the chunk that are still to come
        self._behind = False  # whether a chunk's data has just ended
        self._over = False

    def feed(self, data: bytes, *, last: bool = False) -> list[bytes]:
        """Return the stretches of the entity that these octets hold; `last` where no more will come."""
        self._buffer += data
        parts: list[bytes] = []
        while not self._over:
            if self._left:
                part = self._buffer[: self._left]
                self._buffer = self._buffer[len(part) :]
                self._left -= len(part)
                parts.append(part)
                if self._left:
                    break
                self._behind = True
            if not last and len(self._buffer) < len(b"\r\n"):
                break
            if self._behind and not self._pass_line_end():
                break
            if not last and b"\n" not in self._buffer and len(self._buffer) < _LONGEST:
                break
            self._begin_chunk()
        if self._over:
            self._buffer = b""
        return parts

    def _pass_line_end(self) -> bool:
        self._behind = False
        if self._buffer.startswith(b"\r\n"):
            self._buffer = self._buffer[2:]
        elif self._buffer.startswith(b"\n"):
            self._buffer = self._buffer[1:]
        else:
            self._over = True
        return not self._over

    def _begin_chunk(self) -> None:
        size = _SIZE.match(self._buffer)
        self._left = int(size[1], 16) if size is not None else 0
        self._over = not self._left
        if size is not None:
            self._buffer = self._buffer[size.end() :]


class _Reading:
    """One record as its octets pass."""

    def __init__(self) -> None:
        self.start = bytearray()
        self.tail = b""  # what stands behind the block, up to where another record would show
        self._record: Record | None = None
        self._body = 0  # octets of the header
        self._left = 0  # octets of the block that are still to come
        self._skipped: int | None = None  # octets of the message's head that are still to come; none if not known
        self._dechunker: Dechunker | None = None
        self._block: dict[str, hashlib._Hash] = {}
        self._payload: dict[str, hashlib._Hash] = {}
        self._chunks: dict[str, hashlib._Hash] = {}

    def feed(self, data: bytes) -> None:
        """Take the next octets. Raises `RecordFormatError` when the header cannot be read."""
        if self._record is not None:
            self._take(data)
            return
        self.start += data
        if len(self.start) >= _KEPT:
            self._begin()

    def finish(self) -> Record:
        """Return the record, its block cut. Raises `RecordFormatError` for a length or an end that is wrong."""
        record = self._record or self._begin()
        if self._dechunker is not None:
            self._digest_payload(self._dechunker.feed(b"", last=True))
        if self._left:
            length = int(record.get("Content-Length"))
            raise RecordFormatError(f"the block has {length - self._left} octets, its Content-Length says {length}")
        if self.tail != END:
            raise RecordFormatError("the block is not followed by two line ends and nothing else")
        return record

    def digests(self) -> Digests:
        """Return what the octets give."""
        known = (("block", self._block), ("body", self._chunks))
        found = {(what, name): one.digest() for what, hashes in known for name, one in hashes.items()}
        if self._skipped is not None:
            found |= {("payload", name): one.digest() for name, one in self._payload.items()}
        return found

    def _begin(self) -> Record:
        data = bytes(self.start)
        header, self._body = parse_header(data)
        length = header.get("Content-Length")
        if not re.fullmatch(r"\d{1,15}", length):
            raise RecordFormatError(f"the record has no valid Content-Length ({length!r})")
        self._left = int(length)
        del self.start[_KEPT:]
        record = Record(header.fields, bytes(self.start[self._body : self._body + self._left]), header.version)
        for name, hashes in (("WARC-Block-Digest", (self._block,)), ("WARC-Payload-Digest", self._of_payload(record))):
            if known := digest_octets(record.get(name)):
                for one in hashes:
                    one[known[0]] = hashlib.new(known[0], usedforsecurity=False)
        self._record = record
        self._take(data[self._body :])
        return record

    def _of_payload(self, record: Record) -> "tuple[dict[str, hashlib._Hash], ...]":
        """Find out where the payload begins and how it is coded; return what its digests are gathered in."""
        if record.type not in _DIGESTED:
            return ()
        if not record.get("Content-Type").lower().startswith("application/http"):
            self._skipped = 0
            return (self._payload,)
        length, found = record.get(HEAD_LENGTH_FIELD), _HEAD_END.search(record.block)
        self._skipped = int(length) if length.isdecimal() else found.end() if found else None
        if self._skipped is None or self._skipped > len(record.block):
            self._skipped = None
            return ()
        if "chunked" not in parse_head(record.block[: self._skipped]).joined("transfer-encoding"):
            return (self._payload,)
        self._dechunker = Dechunker()
        return (self._payload, self._chunks)

    def _take(self, data: bytes) -> None:
        block = memoryview(data)[: self._left]
        if len(self.tail) < len(END) + len(_START):
            self.tail += data[self._left :][: len(END) + len(_START)]
        self._left -= len(block)
        for one in self._block.values():
            one.update(block)
        if self._skipped is None:
            return
        body = block[self._skipped :]
        self._skipped = max(self._skipped - len(block), 0)
        if self._dechunker is None:
            self._digest_payload([body])
            return
        for one in self._chunks.values():
            one.update(body)
        self._digest_payload(self._dechunker.feed(bytes(body)))

    def _digest_payload(self, parts: "list[bytes] | list[memoryview]") -> None:
        for part in parts:
            for one in self._payload.values():
                one.update(part)
