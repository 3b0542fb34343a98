"""The text form `application/warc-fields` of warcinfo and metadata blocks (WARC/1.1 §6.2, §6.5, annex B).

One `name: value` a line, ended by CR LF. Free text keeps its letters; only control characters, lone surrogates
and a `%` that would read as an escape are percent-encoded, so every text survives the round trip.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Sequence

from umecrawl.warc.records import RecordFormatError

Pairs = Sequence[tuple[str, str]]

_ESCAPED = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]|%(?=[0-9A-Fa-f]{2})")
_ESCAPES = re.compile(r"(?:%[0-9A-F]{2})+")


def write_fields(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return the block; values must be escaped already where they can hold control characters."""
    return "".join([f"{name}: {value}\r\n" for name, value in pairs]).encode("utf-8", "backslashreplace")


def read_fields(block: bytes) -> tuple[tuple[str, str], ...]:
    """Return the names and values of a block in order; lines without a colon are left out."""
    pairs: list[tuple[str, str]] = []
    for line in block.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.removesuffix("\r").partition(":")
        if colon:
            pairs.append((name.strip(), value.removeprefix(" ")))
    return tuple(pairs)


def first(pairs: Pairs, name: str, default: str = "") -> str:
    """Return the first value of a name, compared without case."""
    wanted = name.lower()
    return next((value for key, value in pairs if key.lower() == wanted), default)


def every(pairs: Pairs, name: str) -> tuple[str, ...]:
    """Return all values of a name in order, compared without case."""
    wanted = name.lower()
    return tuple(value for key, value in pairs if key.lower() == wanted)


def escape(text: str) -> str:
    """Return the text in one line."""
    return _ESCAPED.sub(_percent, text)


def unescape(text: str) -> str:
    """Return what `escape` was given."""
    return _ESCAPES.sub(_plain, text) if "%" in text else text


def octets(data: bytes) -> str:
    """Return octets as Base64."""
    return b64encode(data).decode("ascii")


def octets_of(pairs: Pairs, name: str) -> bytes:
    """Return the octets of a Base64 field; none when it is not there. Raises `RecordFormatError` for other text."""
    try:
        return b64decode(first(pairs, name), validate=True)
    except (Base64Error, ValueError) as error:
        raise RecordFormatError(f"the field {name} of a metadata record is not Base64") from error


def number_of(pairs: Pairs, name: str) -> int | None:
    """Return the number a field holds, if it is there. Raises `RecordFormatError` for other text."""
    text = first(pairs, name)
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise RecordFormatError(f"the field {name} of a metadata record is not a number: {text[:40]!r}")
    return int(text)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode("utf-8", "surrogatepass"))


def _plain(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # not written by `escape`
        return match[0]
