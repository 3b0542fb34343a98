"""The compressed index of a WACZ: sorted CDXJ lines in gzip members of a few thousand, and the list of the members.

This is the ZipNum form `cdxj-gzip-1.0` that py-wacz writes and wabac.js reads: `indexes/index.cdx.gz`, and
`indexes/index.idx` with the key and time of each member's first line, its offset, length and digest.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Final

CDX_NAME: Final = "index.cdx.gz"
LINES: Final = 3000
_GZIP: Final = 31


@dataclass(frozen=True, slots=True)
class Block:
    """One gzip member: its octets and the line of the list that tells of it."""

    data: bytes
    line: bytes


def idx_header() -> bytes:
    """Return the first line of the list."""
    return b"!meta 0 " + json.dumps({"format": "cdxj-gzip-1.0", "filename": CDX_NAME}).encode() + b"\n"


def blocks(lines: Iterable[bytes], size: int = LINES) -> Iterator[Block]:
    """Yield the members of an index; `lines` must be sorted."""
    offset = 0
    rest = iter(lines)
    while batch := list(islice(rest, size)):
        # zlib itself and not the faster codec of the WARCs: the same octets on every machine.
        stream = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        data = stream.compress(b"".join(batch)) + stream.flush()
        place = {"offset": offset, "length": len(data), "digest": f"sha256:{sha256(data).hexdigest()}"}
        prefix = batch[0].split(b"{", 1)[0].rstrip()
        yield Block(data, prefix + b" " + json.dumps(place).encode() + b"\n")
        offset += len(data)
