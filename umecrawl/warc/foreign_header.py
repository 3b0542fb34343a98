"""The header of a record that any tool wrote, read leniently: what is no field is told and left out."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote_from_bytes

from umecrawl.warc.faults import FaultKind

_TARGET: Final = b"warc-target-uri"
_URI_SAFE: Final = "%!#$&'()*+,/:;=?@[]~-._<>"
_URI_UNSAFE: Final = re.compile(rb"[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e<>]")

Noting = Callable[[FaultKind], None]


def read_fields(header: bytes, note: Noting) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the fields and the version line of a header, from there to its blank line; `note` is told of faults."""
    if b"\n" in header.replace(b"\r\n", b""):
        note(FaultKind.LINE_ENDS)
    version, *lines = header.rstrip(b"\r\n").replace(b"\r\n", b"\n").split(b"\n")
    raw: list[tuple[bytes, bytes]] = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if line[:1] in {b" ", b"\t"} and raw:  # folded, allowed in WARC/1.0
            raw[-1] = (raw[-1][0], (raw[-1][1] + b" " + line.strip()).strip())
        elif not colon or not name.strip():
            note(FaultKind.HEADER)
        else:
            raw.append((name.strip(), value.strip(b" \t")))
    return tuple((_text(name, note), _value(name, value, note)) for name, value in raw), _text(version.strip(), note)


def _value(name: bytes, value: bytes, note: Noting) -> str:
    if name.lower() == _TARGET and _URI_UNSAFE.search(value):
        note(FaultKind.TARGET)
        return quote_from_bytes(value, safe=_URI_SAFE)
    return _text(value, note)


def _text(value: bytes, note: Noting) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        note(FaultKind.ENCODING)
        return value.decode("latin-1")
