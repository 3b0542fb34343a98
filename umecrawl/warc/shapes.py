"""Headers like one seen before: one regular expression tells that such a header is right, and takes out its values.

A writer gives the headers of its records few forms. The first record of a form is read and checked field by field
(`umecrawl.warc.rules`); where that finds nothing, its form becomes a pattern that allows only values the same rules
would pass. A header that matches no pattern is not wrong: it has to be looked at.
"""

import re
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1, sha256
from ipaddress import ip_address
from typing import Final, NamedTuple

from umecrawl.warc.records import (
    FIELDS_TYPE,
    HEAD_LENGTH_FIELD,
    REQUEST_TYPE,
    RESPONSE_TYPE,
    VERSION,
    Record,
    digest_octets,
)

_KEY: Final = 28  # octets of a header that tell most forms apart: version line and record type
_MOST: Final = 64  # forms that are tried
_URI: Final = rb"[A-Za-z][A-Za-z0-9+.\-]*:[!#-;=?-\[\]_a-z~]+"
# Every day there is but 29 February, which is looked at by itself.
_DAY: Final = (
    rb"(?!0000)\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    rb"T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
)
_DATES: Final = {"WARC/1.0": _DAY + b"Z", "WARC/1.1": _DAY + rb"(?:\.\d{1,9})?Z"}
_DIGESTS: Final = ((b"sha256:", rb"[0-9a-f]{64}", rb".{64}"), (b"sha1:", rb"[A-Z2-7]{32}", rb".{32}"))
# Fields that stand for themselves: other values are another form.
_LITERAL: Final = frozenset({"warc-type", "content-type", "warc-profile", "warc-truncated", "warc-segment-number"})
_SLOTS: Final = {
    "warc-record-id": "id",
    "warc-date": "date",
    "content-length": "length",
    "warc-target-uri": "target",
    "warc-warcinfo-id": "warcinfo",
    "warc-block-digest": "block",
    "warc-payload-digest": "payload",
    "warc-ip-address": "ip",
    "warc-refers-to": "refers",
    "warc-refers-to-target-uri": "original",
    "warc-refers-to-date": "originally",
    HEAD_LENGTH_FIELD.lower(): "head",
}
_IDS: Final = frozenset({"id", "warcinfo", "refers"})
_CONCURRENT: Final = ("concurrent0", "concurrent1", "concurrent2")
_SHAPED: Final = frozenset({"request", "response", "metadata", "revisit", "resource"})


class Values(NamedTuple):
    """The values of a header in octets, without angle brackets and names of digests; None where there is no field."""

    id: bytes
    date: bytes
    length: bytes
    target: bytes | None
    warcinfo: bytes | None
    block: bytes | None
    payload: bytes | None
    ip: bytes | None
    refers: bytes | None
    original: bytes | None
    originally: bytes | None
    head: bytes | None
    concurrent0: bytes | None
    concurrent1: bytes | None
    concurrent2: bytes | None


_make: Final = tuple.__new__  # what `Values._make` does, without its check of the number
Digest = Callable[[bytes | memoryview], bytes]


@dataclass(frozen=True, slots=True)
class Shape:
    """One form of a header; the two functions give digests as the field's text has them.

    `usual` says that no field of it has to be read to tell what the record means, beside its values.
    """

    pattern: re.Pattern[bytes]
    slots: tuple[int, ...]
    type: str
    is_http: bool
    profile: str
    block_digest: Digest
    payload_digest: Digest
    payload_algorithm: bytes
    usual: bool


class Shapes:
    """The forms of header seen in one file."""

    def __init__(self) -> None:
        self._known: dict[bytes, list[Shape]] = {}
        self._addresses: set[bytes] = set()
        self._number = 0

    def match(self, data: bytes) -> tuple[Shape, Values, int] | None:
        """Return form and values of the header that `data` begins with, and where its block begins."""
        for shape in self._known.get(data[:_KEY], ()):
            found = shape.pattern.match(data)
            if found is not None:
                values = _make(Values, found.group(*shape.slots))
                ip = values.ip
                if ip is not None and ip not in self._addresses:
                    if not is_address(ip):
                        return None
                    self._addresses.add(ip)
                return shape, values, found.end()
        return None

    def learn(self, data: bytes, record: Record) -> None:
        """Remember the form of a header that the rules find right."""
        if self._number >= _MOST or record.type not in _SHAPED:
            return
        self._number += 1
        shape = _shape_of(record)
        if shape is None or shape.pattern.match(data) is None:
            return  # spaces or folds that the parser forgives
        self._known.setdefault(data[:_KEY], []).append(shape)


@lru_cache(maxsize=4096)
def is_address(text: bytes) -> bool:
    """Return whether an IP address is written as RFC 5952 says, or as four plain numbers."""
    try:
        return str(ip_address(text.decode("ascii"))) == text.decode("ascii")
    except ValueError:
        return False


def values_of(record: Record) -> Values:
    """Return the values of a header that was read field by field, as `Shapes.match` gives them."""

    def octets(name: str) -> bytes | None:
        return record.get(name).strip("<>").replace("\0", "").encode("utf-8", "surrogateescape") or None

    known = digest_octets(record.get("WARC-Payload-Digest"))
    concurrent: list[bytes | None] = [uri.strip("<>").encode() for uri in record.all("WARC-Concurrent-To")]
    return Values(
        octets("WARC-Record-ID") or b"",
        octets("WARC-Date") or b"",
        octets("Content-Length") or b"",
        octets("WARC-Target-URI"),
        octets("WARC-Warcinfo-ID"),
        None,
        _spelled(*known) if known else None,
        None,
        octets("WARC-Refers-To"),
        octets("WARC-Refers-To-Target-URI"),
        octets("WARC-Refers-To-Date"),
        None,
        *[*concurrent, None, None, None][:3],
    )


def _spelled(algorithm: str, octets: bytes) -> bytes:
    """Return a digest as forms of header have it, so that equal ones are equal."""
    if algorithm == "sha1":
        return b"sha1:" + b32encode(octets)
    return f"{algorithm}:{octets.hex()}".encode()


def _shape_of(record: Record) -> Shape | None:
    parts = [record.version.encode(), b"\r\n"]
    concurrent = 0
    seen: set[str] = set()
    digests: dict[str, bytes] = {}
    for name, value in record.fields:
        slot = _SLOTS.get(name.lower(), "")
        if name.lower() == "warc-concurrent-to":
            if concurrent == len(_CONCURRENT):
                return None
            slot = _CONCURRENT[concurrent]
            concurrent += 1
        octets = value.encode("latin-1", "replace")
        if slot in {"block", "payload"}:
            found = next((known for known in _DIGESTS if octets.startswith(known[0])), None)
            if found is None:
                return None
            algorithm, strict, loose = found
            digests[slot] = algorithm
            # The block's is compared with what is worked out, letter by letter.
            value_pattern = algorithm + b"(?P<%s>%s)" % (slot.encode(), loose if slot == "block" else strict)
        elif slot:
            if slot in seen:
                return None
            value_pattern = _value_pattern(slot, record.version)
        elif name.lower() in _LITERAL:
            value_pattern = re.escape(octets)
        else:
            value_pattern = rb"[!-~](?:[ -~]*[!-~])?"
        seen.add(slot)
        parts.append(re.escape(name.encode("latin-1", "replace")) + b": " + value_pattern + b"\r\n")
    parts.append(rb"\r\n(?P<none>(?!))?")
    pattern = re.compile(b"".join(parts))
    block, payload = (digests.get(slot, b"sha256:") for slot in ("block", "payload"))
    return Shape(
        pattern=pattern,
        slots=tuple(pattern.groupindex.get(slot, pattern.groupindex["none"]) for slot in Values._fields),
        type=record.type,
        is_http=record.get("Content-Type").lower().startswith("application/http"),
        profile=record.get("WARC-Profile"),
        block_digest=_FUNCTIONS[block],
        payload_digest=_FUNCTIONS[payload],
        payload_algorithm=payload,
        usual=record.version == VERSION
        and record.get("Content-Type") in {FIELDS_TYPE, REQUEST_TYPE, RESPONSE_TYPE}
        and (record.type == "revisit" or not record.get("WARC-Truncated"))
        and "head" not in seen
        and payload == b"sha256:",
    )


def _value_pattern(slot: str, version: str) -> bytes:
    if slot in _IDS or slot in _CONCURRENT:
        return b"<(?P<%s>%s)>" % (slot.encode(), _URI)
    if slot in {"date", "originally"}:
        return b"(?P<%s>%s)" % (slot.encode(), _DATES[version])
    if slot in {"length", "head"}:
        return rb"(?P<%s>\d{1,15})" % slot.encode()
    if slot in {"target", "original"}:
        return b"(?P<%s>%s)" % (slot.encode(), _URI)
    return rb"(?P<%s>[!-~]+)" % slot.encode()


def _sha256(octets: bytes | memoryview) -> bytes:
    return sha256(octets).hexdigest().encode()


def _sha1(octets: bytes | memoryview) -> bytes:
    return b32encode(sha1(octets, usedforsecurity=False).digest())


_FUNCTIONS: Final[dict[bytes, Digest]] = {b"sha256:": _sha256, b"sha1:": _sha1}
