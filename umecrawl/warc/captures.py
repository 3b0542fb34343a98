"""The capture that a record makes: its facts in our terms, and the head, body and entity that the record holds."""

from typing import Final

from umecrawl.model.capture import Capture, RecordRef, RecordType, Truncation
from umecrawl.model.message import Head, entity_of, framing, is_chunked, media_type, parse_head
from umecrawl.model.reservation import header_reservations
from umecrawl.model.urls import InvalidUrlError, Url, normalize
from umecrawl.warc.provenance import Provenance
from umecrawl.warc.records import LEAD_FIELD, Record, bare_id, digest, is_own_digest, parse_date, split_message

_REDIRECTS: Final = range(300, 400)
_NOT_MODIFIED: Final = "/revisit/server-not-modified"


def capture_of(
    record: Record,
    ref: RecordRef,
    provenance: Provenance | None,
    run: str,
    *,
    head: Head | None = None,
    digests: dict[str, str] | None = None,
) -> Capture:
    """Return the capture that a response or revisit record and its provenance make.

    The writer and the reader both build captures here, so that they cannot differ. `digests` collects, for
    records by other writers, which digest of theirs is which of ours. `head` spares reading it again.
    """
    kind = RecordType(record.type)
    revisit = kind is RecordType.REVISIT
    if head is None:
        kept = provenance.not_modified_head if provenance is not None else b""
        head = parse_head(kept or message_of(record)[0])
    status = head.status
    if not status and record.get("WARC-Profile").endswith(_NOT_MODIFIED):
        status = 304
    payload_digest = record.get("WARC-Payload-Digest")
    size = provenance.size if provenance is not None else 0
    if provenance is None and not revisit:
        entity = payload_of(record)
        size = len(entity)
        if not is_own_digest(payload_digest):
            theirs, payload_digest = payload_digest, digest(entity)
            if digests is not None:
                digests[theirs] = payload_digest
    elif digests is not None:
        payload_digest = digests.get(payload_digest, payload_digest)
    return Capture(
        record=ref,
        record_type=kind,
        url=Url(record.url),
        captured_at=parse_date(record.get("WARC-Date")),
        status=status,
        mime=media_type(head.get("Content-Type")),
        payload_digest=payload_digest,
        size=size,
        run=run,
        framing=_framing(kind, head, provenance),
        source=provenance.source if provenance is not None else "",
        seed=provenance.seed if provenance is not None else None,
        via=provenance.via if provenance is not None else None,
        hop_path=provenance.hop_path if provenance is not None else "",
        attempt=provenance.attempt if provenance is not None else 1,
        refers_to=(bare_id(record.get("WARC-Refers-To")) or None) if revisit else None,
        truncated=None if revisit else _truncation(record),
        location=_location(head, record.url),
        ip=record.get("WARC-IP-Address") or None,
        elapsed_ms=provenance.elapsed_ms if provenance is not None else None,
        wire_bytes=provenance.wire_bytes if provenance is not None else len(record.block),
        outlinks=provenance.outlinks if provenance is not None else (),
        reading=provenance.reading if provenance is not None else None,
        sketch=provenance.sketch if provenance is not None else None,
        reservations=header_reservations(head),
    )


def message_of(record: Record) -> tuple[bytes, bytes]:
    """Return head and body of the message of a capture; a resource gets the head that shows what it is."""
    if record.type != RecordType.RESOURCE:
        return split_message(record)
    mime = record.get("Content-Type") or "application/octet-stream"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nContent-Length: {len(record.block)}\r\n\r\n"
    return head.encode("utf-8", "backslashreplace"), record.block


def payload_of(record: Record) -> bytes:
    """Return the entity that a record holds: content coding kept, transfer coding removed.

    What another tool stored without chunks under a head that speaks of chunks is its own entity.
    """
    head, body = message_of(record)
    parsed = parse_head(head)
    if not record.get(LEAD_FIELD) and not is_chunked(parsed, body):
        return body
    return entity_of(parsed, body)


def _framing(kind: RecordType, head: Head, provenance: Provenance | None) -> str:
    if kind is RecordType.RESOURCE:
        return str(kind)  # no response: a revisit may not name it
    return (provenance.framing if provenance is not None else "") or framing(head)


def _truncation(record: Record) -> Truncation | None:
    reason = record.get("WARC-Truncated").lower()
    if not reason:
        return None
    return Truncation(reason) if reason in set(Truncation) else Truncation.UNSPECIFIED


def _location(head: Head, url: str) -> Url | None:
    target = head.get("Location") if head.status in _REDIRECTS else None
    if not target:
        return None
    try:
        return normalize(target, url)
    except InvalidUrlError:  # a redirect to nowhere is a fact about the server, not about the archive
        return None
