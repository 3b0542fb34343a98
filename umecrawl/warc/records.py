"""A WARC/1.1 record: its fields and block, how it is put into octets and read from them (ISO 28500:2017 §4-6).

The serialiser is our own, for a record library that takes an HTTP message apart and writes it anew changes it.
The order of the fields is fixed; a block is never touched.
"""

import re
from base64 import b32decode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from umecrawl.errors import DamageError, UmecrawlError

VERSION: Final = "WARC/1.1"
FIELDS_TYPE: Final = "application/warc-fields"
REQUEST_TYPE: Final = "application/http;msgtype=request"
RESPONSE_TYPE: Final = "application/http;msgtype=response"
SKIPPED_TYPE: Final = "application/x-ndjson"
IDENTICAL_PROFILE: Final = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED_PROFILE: Final = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
END: Final = b"\r\n\r\n"

# Our own extension fields (readers skip what they do not know, §4).
LEAD_FIELD: Final = "Umecrawl-Lead"  # octets of the request and metadata members that stand directly before
HEAD_LENGTH_FIELD: Final = "Umecrawl-Head-Length"  # where the block alone does not show the end of the HTTP head

_LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z)?)?)?")
_UUID_URN: Final = "urn:uuid:"
_SHA256_HEX = re.compile(r"[0-9a-f]{64}")
_SIZES: Final = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}


class RecordFormatError(DamageError):
    """The octets are not a WARC record."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands: version line, named fields in order, and the block's octets."""

    fields: tuple[tuple[str, str], ...]
    block: bytes
    version: str = VERSION

    def get(self, name: str) -> str:
        """Return the first value of a field, names compared without case; empty when there is none."""
        for key, value in self.fields:
            if key == name:
                return value
        wanted = name.lower()
        return next((value for key, value in self.fields if key.lower() == wanted), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key.lower() == wanted)

    @property
    def type(self) -> str:
        """The record type in lower case."""
        return self.get("WARC-Type").lower()

    @property
    def id(self) -> str:
        """The record's id without its `<urn:uuid:` wrapping."""
        return bare_id(self.get("WARC-Record-ID"))

    @property
    def url(self) -> str:
        """The target URI, without the angle brackets that WARC/1.0 writers put around it."""
        return self.get("WARC-Target-URI").strip("<>")


def new_record(record_type: str, record_id: str, at: datetime, fields: list[tuple[str, str]], block: bytes) -> Record:
    """Return a record with the fields every record has around those given, the block's digest and its length."""
    every = [("WARC-Type", record_type), ("WARC-Record-ID", id_uri(record_id)), ("WARC-Date", format_date(at))]
    every += fields
    every += (("WARC-Block-Digest", digest(block)), ("Content-Length", str(len(block))))
    return Record(tuple(every), block)


def header_bytes(record: Record) -> bytes:
    """Return the version line and the fields up to and including the blank line.

    Raises `UmecrawlError` when a field holds a line break: it would forge a field.
    """
    text = "\r\n".join([record.version, *[f"{name}: {value}" for name, value in record.fields], "", ""])
    if text.count("\n") != len(record.fields) + 2 or text.count("\r") != len(record.fields) + 2:
        raise UmecrawlError(f"a field of the record {record.id} holds a line break and was not written")
    return text.encode("utf-8", "backslashreplace")


def record_bytes(record: Record) -> bytes:
    """Return the whole record: header, block, two line ends (§4)."""
    return b"".join((header_bytes(record), record.block, END))


def parse_record(data: bytes) -> Record:
    """Return the record that `data` holds, whole and alone.

    Raises `RecordFormatError` when it is no record, shorter or longer than its Content-Length says, or does not
    end in two line ends.
    """
    record, body = parse_header(data)
    length = record.get("Content-Length")
    if not re.fullmatch(r"\d{1,15}", length):
        raise RecordFormatError(f"the record has no valid Content-Length ({length!r})")
    end = body + int(length)
    if len(data) < end:
        raise RecordFormatError(f"the block has {len(data) - body} octets, its Content-Length says {length}")
    if data[end:] != END:
        raise RecordFormatError(f"the block of {length} octets is not followed by two line ends and nothing else")
    return Record(record.fields, data[body:end], record.version)


def expected_length(data: bytes | bytearray) -> int | None:
    """Return how many octets the record that begins here has in all; nothing while its header is not complete."""
    end = data.find(END)
    if end < 0:
        return None
    match = _LENGTH.search(data, 0, end + 2)
    return end + 4 + int(match[1]) + 4 if match else None


def split_message(record: Record) -> tuple[bytes, bytes]:
    """Return head and body of the HTTP message in a block; a message without blank line is all head."""
    if length := record.get(HEAD_LENGTH_FIELD):
        return record.block[: int(length)], record.block[int(length) :]
    end = head_length(record.block)
    return record.block[:end], record.block[end:]


def head_length(block: bytes, begin: int = 0, stop: int | None = None) -> int:
    """Return how many octets of the message from `begin` to `stop` come before its body, by its first blank line."""
    stop = len(block) if stop is None else stop
    at = block.find(b"\r\n\r\n", begin, stop)
    # Line feeds alone may end it before; looking for them so is faster than one search for all forms.
    if at >= 0 and block.find(b"\n\n", begin, at) < 0 and block.find(b"\n\r\n", begin, at + 2) < 0:
        return at + 4 - begin
    match = _HEAD_END.search(block, begin, stop)
    return (match.end() if match else stop) - begin


def digest(data: bytes) -> str:
    """Return `sha256:` and lower-case hex (WARC/1.1 §5.8; community recommendation on digests)."""
    return "sha256:" + sha256(data).hexdigest()


def digest_octets(value: str) -> tuple[str, bytes] | None:
    """Return algorithm and octets of a digest written in hex or Base32, in any case; nothing when it is neither."""
    name, colon, text = value.partition(":")
    algorithm = name.strip().lower().replace("-", "")
    size = _SIZES.get(algorithm, 0)
    text = text.strip().rstrip("=")
    if not colon or not size:
        return None
    if len(text) == 2 * size and re.fullmatch(r"[0-9A-Fa-f]+", text):
        return algorithm, bytes.fromhex(text)
    try:
        octets = b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:  # not ASCII, or not Base32 (a kind of ValueError)
        return None
    return (algorithm, octets) if len(octets) == size else None


def is_own_digest(value: str) -> bool:
    """Return whether a digest is written as this module writes it."""
    return value.startswith("sha256:") and _SHA256_HEX.fullmatch(value, 7) is not None


def format_date(at: datetime) -> str:
    """Return a UTC time as `2026-01-31T12:00:00.000000Z` (§5.4: one to nine digits of a second)."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def parse_date(text: str) -> datetime:
    """Return the time that a WARC-Date names, whole to the microsecond; a shortened date means its beginning.

    Raises `RecordFormatError` for any other text.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise RecordFormatError(f"not a WARC-Date: {text!r}")
    year, month, day, hour, minute, second, fraction = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    try:
        return datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), micro, UTC
        )
    except ValueError as error:
        raise RecordFormatError(f"not a WARC-Date: {text!r} ({error})") from error


def id_uri(record_id: str) -> str:
    """Return a record id as the field has it: `<urn:uuid:…>`, or `<…>` around a foreign URI."""
    return f"<{record_id}>" if ":" in record_id else f"<{_UUID_URN}{record_id}>"


def bare_id(uri: str) -> str:
    """Return the UUID of `<urn:uuid:…>` in lower case, or a foreign URI without its brackets."""
    inner = uri.strip().strip("<>")
    return inner[len(_UUID_URN) :].lower() if inner.lower().startswith(_UUID_URN) else inner


def parse_header(data: bytes) -> tuple[Record, int]:
    """Return a record without its block, and where the block begins. Raises `RecordFormatError` when it is none."""
    if not data.startswith(b"WARC/"):
        raise RecordFormatError(f"a record begins with its WARC version, not with {data[:20]!r}")
    end = data.find(END)
    if end < 0:
        raise RecordFormatError("the header of the record has no end")
    head = data[:end]
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    version, *lines = text.split("\r\n")
    fields: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and fields:  # folded, allowed in WARC/1.0
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise RecordFormatError(f"a line of the header is not a field: {line[:80]!r}")
        fields.append((name.strip(), value.strip(" \t")))
    return Record(tuple(fields), b"", version), end + 4


def lead_begin(record: Record, offset: int) -> int:
    """Return where the records begin that stand directly before a capture's at `offset`, as the capture's own says."""
    lead = record.get(LEAD_FIELD)
    length = int(lead) if lead.isascii() and lead.isdecimal() else 0
    return offset - length if length <= offset else offset
