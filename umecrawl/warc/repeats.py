"""Which stored payload an exchange repeats: the one a 304 confirms, or the one whose octets came again."""

import re
from typing import Final

from umecrawl.model.capture import Exchange
from umecrawl.model.message import Head, framing
from umecrawl.warc.payloads import MIN_SIZE, PayloadStore, StoredPayload

_OK: Final = 200
_NOT_MODIFIED: Final = 304
_CONDITION: Final = re.compile(rb"\r\n(If-None-Match|If-Modified-Since):([^\r\n]*)", re.IGNORECASE)


def confirmed_payload(payloads: PayloadStore | None, exchange: Exchange, head: Head) -> StoredPayload | None:
    """Return the payload that a 304 confirms; a 304 that brought a body or is cut is a response like any other.

    So is one that nobody asked for. What was sent says which payload it is: the tag that comes back may be another
    spelling of it (Apache's, without `-gzip`).
    """
    if payloads is None or head.status != _NOT_MODIFIED or exchange.response_body or exchange.truncated:
        return None
    tag = head.get("ETag") or ""
    if exchange.request:
        asked = _CONDITION.findall(exchange.request.partition(b"\r\n\r\n")[0])
        if not asked:
            return None
        tag = next((value.decode("latin-1").strip() for name, value in asked if name[3:4] in b"Nn"), "")
    return payloads.newest(exchange.crawl_url.url, tag)


def known_payload(
    payloads: PayloadStore | None, exchange: Exchange, head: Head, entity: bytes, payload_digest: str
) -> StoredPayload | None:
    """Return the response whose payload this exchange repeats.

    Only for 200: error pages and redirects are small, and the ledger of what disappeared must not hang on another
    record. Only for whole bodies, and only under equal codings, for replay joins the new head with the old body.
    """
    if payloads is None or head.status != _OK or exchange.truncated or len(entity) < MIN_SIZE:
        return None
    return payloads.find(payload_digest, framing(head))
