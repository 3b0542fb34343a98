"""Any WARC as a stream of stretches: gzip members, Zstandard frames or plain octets, decompressed step by step.

What others write is not always one member a record. So a stretch says in which member (or frame) it stands, and
nothing here holds more than a step of data, whatever a compressed file makes of itself.

Zstandard WARCs may begin with a dictionary in a skippable frame 0x184D2A5D, plain or itself a frame ("WARC/1.0-zst",
the IIPC's proposal).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from struct import Struct
from typing import Final

import zstandard

from umecrawl.warc.members import Break, BreakKind, codec
from umecrawl.warc.volumes import Octets

_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_START: Final = b"\x1f\x8b\x08"
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_SKIPPABLE: Final = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18", re.DOTALL)
_DICTIONARY_FRAME: Final = b"\x5d\x2a\x4d\x18"
OTHERWISE_PACKED: Final = (b"WARC/", _ZSTD_MAGIC, _DICTIONARY_FRAME)  # how a file begins that is no gzip
_GZIP: Final = 31
_STEP: Final = 16 * 1024  # deflate makes at most 1032 octets of one
_PLAIN_STEP: Final = 256 * 1024
_SEARCH: Final = 256 * 1024
_MAX_DICTIONARY: Final = 64 * 1024 * 1024
_MAX_WINDOW: Final = 128 * 1024 * 1024  # what `zstd` itself reads unasked
_MAX_FRAME_HEADER: Final = 18
_BLOCK_MAX: Final = 128 * 1024
_UINT32: Final = Struct("<I")
_CHECKSUM: Final = 4
_RLE, _RESERVED = 1, 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Octets of one unit (member, frame or plain file) in order.

    `unit` is where the unit begins in the file; `end`, given with the last stretch of a unit, where it ends. In a
    plain file every stretch is a unit of its own, so that a place in it is known to the octet.
    """

    unit: int
    data: bytes
    end: int | None = None


class StreamBreakError(Exception):
    """The place where a file cannot be read on."""

    def __init__(self, found: Break) -> None:
        super().__init__(found.detail)
        self.found = found


class Form(StrEnum):
    """How a file is compressed, by its first octets."""

    GZIP = "gzip"
    ZSTD = "zstd"
    PLAIN = "plain"


def form_of(octets: Octets) -> Form:
    """Return how a file is compressed; plain when its first octets say nothing else."""
    first = octets.read(4, 0)
    if first.startswith(_GZIP_MAGIC):
        return Form.GZIP
    return Form.ZSTD if first == _ZSTD_MAGIC or _SKIPPABLE.match(first) else Form.PLAIN


def begins_unit(octets: Octets, position: int) -> bool:
    """Return whether reading can begin at a position of a compressed file."""
    first = octets.read(4, position)
    return first.startswith(_GZIP_START) or first == _ZSTD_MAGIC or _SKIPPABLE.match(first) is not None


def stretches(octets: Octets, start: int = 0) -> Iterator[Stretch]:
    """Yield what a file holds from the beginning of a unit on. Raises `StreamBreakError` where it cannot be read."""
    match form_of(octets):
        case Form.GZIP:
            yield from _gzip(octets, start)
        case Form.ZSTD:
            yield from _zstd(octets, start)
        case _:
            yield from _plain(octets, start)


def _plain(octets: Octets, position: int) -> Iterator[Stretch]:
    while data := octets.read(_PLAIN_STEP, position):
        yield Stretch(position, data)
        position += len(data)


def _gzip(octets: Octets, position: int) -> Iterator[Stretch]:
    size = octets.size
    while position < size:
        if octets.read(3, position) != _GZIP_START:
            following = _next_member(octets, position)
            if following is None:
                raise StreamBreakError(_tail(octets, position, size))
            # What stands between members belongs to no record; the reader of records says so.
            yield Stretch(position, octets.read(min(following - position, _SEARCH), position), following)
            position = following
            continue
        inflater = codec.decompressobj(_GZIP)
        here = position
        while not inflater.eof:
            chunk = octets.read(_STEP, here)
            if not chunk:
                raise StreamBreakError(Break(position, BreakKind.CUT, "the file ends inside a member"))
            try:
                data = inflater.decompress(chunk)
            except codec.error as error:
                kind = BreakKind.NULS if not chunk.strip(b"\0") else BreakKind.DAMAGED
                raise StreamBreakError(Break(position, kind, str(error))) from error
            here += len(chunk)
            if data and not inflater.eof:
                yield Stretch(position, data)
        here -= len(inflater.unused_data)
        yield Stretch(position, data, here)
        position = here


def _next_member(octets: Octets, position: int) -> int | None:
    while chunk := octets.read(_SEARCH, position):
        found = chunk.find(_GZIP_START)
        while found >= 0:
            try:
                # Three octets are soon met by chance; what they begin must inflate.
                if codec.decompressobj(_GZIP).decompress(octets.read(_STEP, position + found)):
                    return position + found
            except codec.error:
                pass
            found = chunk.find(_GZIP_START, found + 1)
        if len(chunk) < _SEARCH:
            return None
        position += len(chunk) - len(_GZIP_START) + 1
    return None


def _tail(octets: Octets, position: int, size: int) -> Break:
    if not octets.read(min(512, size - position), max(position, size - 512)).strip(b"\0"):
        return Break(position, BreakKind.NULS, "the file ends in NUL octets")
    return Break(position, BreakKind.NOT_GZIP, "no gzip member begins here")


def _zstd(octets: Octets, position: int) -> Iterator[Stretch]:
    dictionary = _dictionary(octets)
    size = octets.size
    while position < size:
        end = _frame_end(octets, position, size)
        if _SKIPPABLE.match(octets.read(4, position)):
            yield Stretch(position, b"", end)
        else:
            yield from _frame(octets, position, end, dictionary)
        position = end


def _frame(
    octets: Octets, position: int, end: int, dictionary: zstandard.ZstdCompressionDict | None
) -> Iterator[Stretch]:
    try:
        decompressor = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_MAX_WINDOW)
        with decompressor.stream_reader(_Part(octets, position, end)) as reader:
            while data := reader.read(_PLAIN_STEP):
                yield Stretch(position, data)
    except (zstandard.ZstdError, MemoryError) as error:
        raise StreamBreakError(Break(position, BreakKind.DAMAGED, str(error))) from error
    yield Stretch(position, b"", end)


class _Part(BytesIO):
    """A stretch of a file as something to read from; it ends where the frame ends."""

    def __init__(self, octets: Octets, start: int, end: int) -> None:
        super().__init__()
        self._octets, self._position, self._end = octets, start, end

    def read(self, size: int | None = -1) -> bytes:
        """Return the next octets."""
        left = self._end - self._position
        data = self._octets.read(left if size is None or size < 0 else min(size, left), self._position)
        self._position += len(data)
        return data


def _frame_end(octets: Octets, position: int, size: int) -> int:
    """Return where a frame ends, from the lengths of its blocks alone (RFC 8878 §3.1.1)."""
    first = octets.read(_MAX_FRAME_HEADER, position)
    cut = StreamBreakError(Break(position, BreakKind.CUT, "the file ends inside a frame"))
    if _SKIPPABLE.match(first):
        if len(first) < 8:  # noqa: PLR2004 - magic and length
            raise cut
        end = position + 8 + int(_UINT32.unpack_from(first, 4)[0])
        if end > size:
            raise cut
        return end
    if not first.startswith(_ZSTD_MAGIC):
        kind = BreakKind.NOT_GZIP if first.strip(b"\0") else BreakKind.NULS
        raise StreamBreakError(Break(position, kind, "no Zstandard frame begins here"))
    try:
        here = position + zstandard.frame_header_size(first)
        checksum = zstandard.get_frame_parameters(first).has_checksum
    except zstandard.ZstdError as error:
        raise cut from error
    last = False
    while not last:
        header = octets.read(3, here)
        if len(header) < 3:  # noqa: PLR2004 - the length of a block header
            raise cut
        value = int.from_bytes(header, "little")
        last, form, length = bool(value & 1), value >> 1 & 3, value >> 3
        if form == _RESERVED or length > _BLOCK_MAX:
            raise StreamBreakError(Break(position, BreakKind.DAMAGED, "a frame has a block that cannot be"))
        here += 3 + (1 if form == _RLE else length)
    here += _CHECKSUM if checksum else 0
    if here > size:
        raise cut
    return here


def _dictionary(octets: Octets) -> zstandard.ZstdCompressionDict | None:
    if octets.read(4, 0) != _DICTIONARY_FRAME:
        return None
    end = _frame_end(octets, 0, octets.size)
    if end > _MAX_DICTIONARY:
        raise StreamBreakError(Break(0, BreakKind.DAMAGED, f"a dictionary of {end - 8} octets is not read"))
    data = octets.read(end - 8, 8)
    try:
        if data.startswith(_ZSTD_MAGIC):
            with zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).stream_reader(data) as reader:
                data = reader.read(_MAX_DICTIONARY)
        return zstandard.ZstdCompressionDict(data)
    except (zstandard.ZstdError, MemoryError, ValueError) as error:
        raise StreamBreakError(Break(0, BreakKind.DAMAGED, f"the dictionary cannot be read: {error}")) from error
