"""The chunked coding of one body, followed through the pieces it arrives in: where it ends, and its entity.

As lenient as browsers are: bare LF, chunk extensions, trailers (RFC 9112 §7.1). No I/O happens here.
"""

import re
from enum import Enum, auto
from typing import Final

# A chunk-size line with extensions, and all trailers together.
MAX_CHUNK_LINE: Final = 16 * 1024
MAX_TRAILERS: Final = 64 * 1024

_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_EMPTY_LINES = (b"\r\n", b"\n")


class _Phase(Enum):
    SIZE = auto()
    DATA = auto()
    END = auto()
    TRAILERS = auto()


class Chunks:
    """Follows a chunked body and collects its entity.

    `done` says that it ended as the coding wants it, `fault` what is wrong where its end can no longer be known.
    """

    def __init__(self) -> None:
        self.entity = bytearray()
        self.done = False
        self.fault = ""
        self._phase = _Phase.SIZE
        self._left = 0  # octets to come of a chunk
        self._line = b""  # the beginning of a line
        self._trailers = 0  # octets of trailers so far

    @property
    def is_whole(self) -> bool:
        """Whether the last chunk was there; trailers or the empty line behind it may still be missing."""
        return self._phase is _Phase.TRAILERS

    def take(self, data: bytes) -> int:
        """Follow the coding through a piece; return how many of its octets belong to the body.

        All do where the coding is broken, for nobody can tell what follows.
        """
        position, size = 0, len(data)
        while position < size:
            if self._phase is _Phase.DATA:
                step = min(self._left, size - position)
                self.entity += data[position : position + step]
                self._left -= step
                position += step
                if not self._left:
                    self._phase = _Phase.END
                continue
            if self._phase is _Phase.SIZE and not self._line and (behind := self._take_chunk(data, position)):
                position = behind
                continue
            end = data.find(b"\n", position) + 1
            if not end:
                self._line += data[position:]
                if len(self._line) > MAX_CHUNK_LINE:
                    self.fault = "a line of the chunked framing has no end"
                return size
            line = self._line + data[position:end]
            self._line = b""
            position = end
            self._take_line(line)
            if self.done:
                return position
            if self.fault:
                return size
        return size

    def _take_chunk(self, data: bytes, position: int) -> int:
        """Take a chunk that lies whole in a piece, and return where it ends; 0 where there is none.

        A body of chunks of one octet each has some 200 000 of them in a megabyte: they are taken in one step each.
        """
        match = _CHUNK_SIZE.match(data, position)
        if match is None:
            return 0
        start = match.end()
        end = start + int(match[1], 16)
        if end == start or data[end : end + 2] != b"\r\n":
            return 0
        self.entity += data[start:end]
        return end + 2

    def _take_line(self, line: bytes) -> None:
        """Follow a whole line of chunked framing: a chunk size, the end of a chunk, a trailer field or the end."""
        if self._phase is _Phase.SIZE:
            match = _CHUNK_SIZE.fullmatch(line)
            if match is None:
                self.fault = f"no chunk size: {line[:40]!r}"
                return
            self._left = int(match[1], 16)
            self._phase = _Phase.DATA if self._left else _Phase.TRAILERS
        elif self._phase is _Phase.END:
            if line in _EMPTY_LINES:
                self._phase = _Phase.SIZE
            else:
                self.fault = f"a chunk is longer than its size says: {line[:40]!r}"
        elif line in _EMPTY_LINES:
            self.done = True
        else:
            self._trailers += len(line)
            if self._trailers > MAX_TRAILERS:
                self.fault = "the trailers have no end"
