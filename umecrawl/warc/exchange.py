"""The records one fetch becomes: request and metadata first, the response or revisit last.

The last record completes the capture, so whoever reads a growing file never sees a capture before it is whole.
All of them share the WARC-Date (WARC/1.1 §5.4); the first ones name the last by WARC-Concurrent-To (§5.7).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from umecrawl.model.capture import Exchange, FetchFailure
from umecrawl.model.message import Head
from umecrawl.warc.payloads import StoredPayload
from umecrawl.warc.records import (
    FIELDS_TYPE,
    HEAD_LENGTH_FIELD,
    IDENTICAL_PROFILE,
    LEAD_FIELD,
    NOT_MODIFIED_PROFILE,
    REQUEST_TYPE,
    RESPONSE_TYPE,
    Record,
    format_date,
    head_length,
    id_uri,
    new_record,
)

_PACKED_TYPES: Final = ("image/", "video/", "audio/", "font/woff", "application/zip", "application/gzip")
_PLAIN_IMAGES: Final = frozenset({"image/svg+xml", "image/bmp", "image/x-ms-bmp"})
_PROTOCOLS: Final = {b"HTTP/1.1": "http/1.1", b"HTTP/1.0": "http/1.0"}


@dataclass(frozen=True, slots=True)
class RecordIds:
    """The ids of the records of one fetch; `last` is the capture's or the failure's public id."""

    last: str
    request: str
    metadata: str
    warcinfo: str


def request_record(fetched: Exchange | FetchFailure, ids: RecordIds) -> Record:
    """Return the record of the request as it was sent."""
    fields = _shared(fetched, ids.last)
    fields.append(("Content-Type", REQUEST_TYPE))
    return new_record("request", ids.request, fetched.started_at, fields, fetched.request)


def metadata_record(exchange: Exchange, ids: RecordIds, block: bytes) -> Record:
    """Return the record that says where a capture comes from."""
    fields = _shared(exchange, ids.last)
    fields.append(("Content-Type", FIELDS_TYPE))
    return new_record("metadata", ids.metadata, exchange.started_at, fields, block)


def failure_record(failure: FetchFailure, ids: RecordIds, block: bytes) -> Record:
    """Return the record of a fetch that brought no response."""
    fields = [*_shared(failure), ("WARC-Warcinfo-ID", id_uri(ids.warcinfo)), ("Content-Type", FIELDS_TYPE)]
    return new_record("metadata", ids.last, failure.started_at, fields, block)


def response_record(exchange: Exchange, head: Head, payload_digest: str, ids: RecordIds, lead: int) -> Record:
    """Return the record of a response as it came; `lead` is the length of the members before it."""
    fields = _shared(exchange)
    fields += _connection(exchange, head)
    if exchange.truncated is not None:
        fields.append(("WARC-Truncated", exchange.truncated.value))
    fields += (("WARC-Warcinfo-ID", id_uri(ids.warcinfo)), ("Content-Type", RESPONSE_TYPE), (LEAD_FIELD, str(lead)))
    block = exchange.response_head + exchange.response_body
    if head_length(block) != len(exchange.response_head):
        fields.append((HEAD_LENGTH_FIELD, str(len(exchange.response_head))))
    fields.append(("WARC-Payload-Digest", payload_digest))
    return new_record("response", ids.last, exchange.started_at, fields, block)


def identical_record(exchange: Exchange, head: Head, original: StoredPayload, ids: RecordIds, lead: int) -> Record:
    """Return a revisit for a payload the archive holds: the new head, and three references (§6.7.2)."""
    fields = [*_revisit(exchange, head, original, IDENTICAL_PROFILE, ids, lead), ("WARC-Truncated", "length")]
    if head_length(exchange.response_head) != len(exchange.response_head):
        fields.append((HEAD_LENGTH_FIELD, str(len(exchange.response_head))))
    return new_record("revisit", ids.last, exchange.started_at, fields, exchange.response_head)


def not_modified_record(exchange: Exchange, head: Head, original: StoredPayload, ids: RecordIds, lead: int) -> Record:
    """Return a revisit for a 304 (§6.7.3).

    Its block is empty, for replay shows an empty page where it holds the head of the 304; that head is kept in
    the metadata record.
    """
    fields = _revisit(exchange, head, original, NOT_MODIFIED_PROFILE, ids, lead)
    return new_record("revisit", ids.last, exchange.started_at, fields, b"")


def is_packed(head: Head, mime: str) -> bool:
    """Return whether the body of a response is compressed already."""
    if head.joined("content-encoding") not in {"", "identity"}:
        return True
    return mime.startswith(_PACKED_TYPES) and mime not in _PLAIN_IMAGES


def _shared(fetched: Exchange | FetchFailure, concurrent_to: str = "") -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = [("WARC-Target-URI", fetched.crawl_url.url)]
    if concurrent_to:
        fields.append(("WARC-Concurrent-To", id_uri(concurrent_to)))
    if fetched.ip:
        fields.append(("WARC-IP-Address", fetched.ip))
    return fields


def _connection(exchange: Exchange, head: Head) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    if exchange.replayed is not None:
        # What the first recorder saw; the head does not tell, for h2 is written down as HTTP/1.1.
        fields += [("WARC-Protocol", protocol) for protocol in exchange.replayed.protocols]
    elif protocol := _PROTOCOLS.get(head.version.upper()):
        fields.append(("WARC-Protocol", protocol))
    if exchange.tls is not None:
        if exchange.tls.version and exchange.replayed is None:
            fields.append(("WARC-Protocol", exchange.tls.version))
        if exchange.tls.cipher:
            fields.append(("WARC-Cipher-Suite", exchange.tls.cipher))
    return fields


def _revisit(  # noqa: PLR0917 - what a revisit is made of
    exchange: Exchange, head: Head, original: StoredPayload, profile: str, ids: RecordIds, lead: int
) -> list[tuple[str, str]]:
    at: datetime = original.captured_at
    return [
        *_shared(exchange),
        *_connection(exchange, head),
        ("WARC-Profile", profile),
        ("WARC-Refers-To", id_uri(original.record_id)),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", format_date(at)),
        # Where the original lies, as OpenWayback reads it: a hint that spares a look-up.
        ("WARC-Refers-To-Filename", original.warc),
        ("WARC-Refers-To-File-Offset", str(original.offset)),
        ("WARC-Warcinfo-ID", id_uri(ids.warcinfo)),
        ("Content-Type", RESPONSE_TYPE),
        (LEAD_FIELD, str(lead)),
        ("WARC-Payload-Digest", original.digest),
    ]
