"""HTTP/1.x messages as bytes: heads, framing, transfer and content coding (RFC 9110, RFC 9112), read leniently.

Nothing here raises for what a server may send: an archive has to read every message it stored.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import brotli
import zstandard

# A page larger than this is read up to here: looking for links in it holds up the whole crawl (a second or two).
MAX_DECODED = 32 * 1024 * 1024

# Octets of compressed data that are decoded at once: at the start of a gzip member, and at most.
_FIRST_BITE = 1024
_LARGEST_BITE = 1024 * 1024
# gzip members that are read: a body of more is no page, but built to keep its reader busy.
_MOST_MEMBERS = 100_000

_SIZE_LINE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_CUT_SIZE = re.compile(rb"[ \t]*[0-9A-Fa-f]{1,8}[ \t]*(?:;[^\r\n]*)?\r?")
_HEX = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n?")


@dataclass(frozen=True, slots=True)
class Head:
    """A parsed response head: `fields` keep order, case and repetitions; names and values are raw bytes.

    `status` is 0 where the first line has none.
    """

    version: bytes
    status: int
    reason: bytes
    fields: tuple[tuple[bytes, bytes], ...]

    def get(self, name: str) -> str | None:
        """Return the first value of a field, names compared without case; UTF-8, or Latin-1 where it is not."""
        wanted = name.lower().encode("ascii")
        for key, value in self.fields:
            if key.lower() == wanted:
                return _text(value)
        return None

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field in order."""
        wanted = name.lower().encode("ascii")
        return tuple(_text(value) for key, value in self.fields if key.lower() == wanted)

    def joined(self, name: str) -> str:
        """Return the values of a list field joined by commas, in lower case (RFC 9110 §5.3)."""
        return ",".join(self.all(name)).lower()


def parse_head(head: bytes) -> Head:
    """Return the parsed form of a response head (status line to blank line, the blank line optional)."""
    lines = head.replace(b"\r\n", b"\n").split(b"\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    first = lines.pop(0).split(None, 2) if lines else []
    version = first[0] if first else b""
    digits = re.match(rb"\d{3}", first[1]) if len(first) > 1 else None
    fields: list[tuple[bytes, bytes]] = []
    for line in lines:
        if not line:
            break
        if line[:1] in b" \t" and fields:  # obs-fold (RFC 9112 §5.2)
            name, value = fields[-1]
            fields[-1] = (name, (value + b" " + line.strip()).strip())
            continue
        name, colon, value = line.partition(b":")
        if colon:
            fields.append((name.strip(), value.strip(b" \t")))
    return Head(version, int(digits[0]) if digits else 0, first[2] if len(first) > 2 else b"", tuple(fields))  # noqa: PLR2004


def is_redirect(status: int) -> bool:
    """Return whether a status sends the client to the `Location` that comes with it (RFC 9110 §15.4)."""
    return status in {301, 302, 303, 307, 308}


def media_type(content_type: str | None) -> str:
    """Return the media type of a Content-Type value in lower case, without parameters; empty when there is none."""
    return (content_type or "").partition(";")[0].strip().lower()


def framing(head: Head) -> str:
    """Return the codings of a response as `transfer/content`, for instance `chunked/gzip` or `/`.

    Two captures may share a payload by revisit only when this is equal: replay joins the head of the one with
    the body of the other.
    """
    return f"{head.joined('transfer-encoding')}/{head.joined('content-encoding')}".replace(" ", "")


@dataclass(frozen=True, slots=True)
class Dechunked:
    """The entity of a chunked body, how many octets of it were framing and data, and whether its end was seen."""

    entity: bytes
    consumed: int
    complete: bool


def dechunk(body: bytes) -> Dechunked:
    """Remove chunked transfer coding (RFC 9112 §7.1); a broken body gives what could be read before the break."""
    parts: list[bytes] = []
    position = 0
    while match := _HEX.match(body, position):
        size = int(match[1], 16)
        start = match.end()
        if size == 0:
            return Dechunked(b"".join(parts), _end_of_trailers(body, start), complete=True)
        data = body[start : start + size]
        parts.append(data)
        position = start + len(data)
        if len(data) < size:
            break
        if body[position : position + 2] == b"\r\n":
            position += 2
        elif body[position : position + 1] == b"\n":
            position += 1
        elif position < len(body):
            break
    return Dechunked(b"".join(parts), position, complete=False)


def is_chunked(head: Head, body: bytes) -> bool:
    """Return whether a body is in chunks; other tools keep the header of a coding that they have taken away."""
    if "chunked" not in head.joined("transfer-encoding"):
        return False
    size = _SIZE_LINE.match(body)
    if size is None:  # nothing, or a size line that was cut
        return not body or _CUT_SIZE.fullmatch(body) is not None
    end = size.end() + int(size[1], 16)
    return end == size.end() or end >= len(body) or body[end : end + 1] in {b"\r", b"\n"}


def entity_of(head: Head, body: bytes) -> bytes:
    """Return the payload of a stored response: its body without transfer coding (WARC/1.1 §6.3.2)."""
    return dechunk(body).entity if "chunked" in head.joined("transfer-encoding") else body


def decode_content(entity: bytes, content_encoding: str, max_size: int = MAX_DECODED) -> bytes:
    """Undo the content codings named (gzip, deflate, br, zstd), outermost last as in the header.

    An unknown coding or bytes that are not what the header says are returned as they are; a cut stream gives
    what it held. The result is never longer than `max_size` octets.
    """
    for coding in reversed([c.strip().lower() for c in content_encoding.split(",") if c.strip()]):
        decoder = _DECODERS.get(coding)
        if decoder is not None and entity:
            decoded = decoder(entity, max_size)
            if decoded:
                entity = decoded
    return entity[:max_size]


def _end_of_trailers(body: bytes, start: int) -> int:
    if body[start : start + 2] == b"\r\n":
        return start + 2
    end = body.find(b"\r\n\r\n", start)
    return len(body) if end < 0 else end + 4


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _inflate(entity: bytes, window: int, max_size: int) -> bytes:
    octets = memoryview(entity)
    parts: list[bytes] = []
    position, room, members = 0, max_size, 0
    while position < len(octets) and room > 0 and members < _MOST_MEMBERS:
        start, before, room_before, members = position, len(parts), room, members + 1
        stream = zlib.decompressobj(window)
        # zlib copies what lies behind a member's end: in large bites a row of tiny members would cost its square.
        bite = _FIRST_BITE
        try:
            while not stream.eof and position < len(octets) and room > 0:
                piece = octets[position : position + bite]
                part = stream.decompress(piece, room)
                parts.append(part)
                room -= len(part)
                position += len(piece) - len(stream.unused_data)
                bite = min(bite * 4, _LARGEST_BITE)
        except zlib.error:
            # Keep what the stream gave before the damage, in steps as small as they must be.
            parts[before:] = [_salvage(entity[start:], window, room_before)]
            break
    return b"".join(parts)


def _salvage(entity: bytes, window: int, room: int) -> bytes:
    stream = zlib.decompressobj(window)
    out = bytearray()
    try:
        for start in range(0, len(entity), 256):
            out += stream.decompress(entity[start : start + 256], room - len(out) or 1)
            if len(out) >= room:
                break
    except zlib.error:
        pass
    return bytes(out)


def _gunzip(entity: bytes, max_size: int) -> bytes:
    return _inflate(entity, 31, max_size)


def _undeflate(entity: bytes, max_size: int) -> bytes:
    # "deflate" means zlib (RFC 9110 §8.4.1.2), but some servers send the raw stream.
    return _inflate(entity, 15, max_size) or _inflate(entity, -15, max_size)


def _unbrotli(entity: bytes, max_size: int) -> bytes:
    decoder = brotli.Decompressor()
    out = bytearray()
    try:
        for start in range(0, len(entity), _LARGEST_BITE):
            out += decoder.process(entity[start : start + _LARGEST_BITE], output_buffer_limit=_LARGEST_BITE)
            # A few octets of brotli can stand for gigabytes: they are asked for piece by piece.
            while len(out) < max_size and not decoder.can_accept_more_data():
                out += decoder.process(b"", output_buffer_limit=_LARGEST_BITE)
            if len(out) >= max_size:
                break
    except brotli.error:
        pass
    del out[max_size:]
    return bytes(out)


def _unzstd(entity: bytes, max_size: int) -> bytes:
    out = bytearray()
    try:
        with zstandard.ZstdDecompressor().stream_reader(entity, read_across_frames=True) as reader:
            while len(out) < max_size and (part := reader.read(min(131_072, max_size - len(out)))):
                out += part
    except zstandard.ZstdError:
        pass
    return bytes(out)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
