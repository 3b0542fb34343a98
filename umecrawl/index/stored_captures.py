"""Captures as the index gives them back: what the archive told of them, as far as rows keep it."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from umecrawl.index.schema import capture, payload, run, warc
from umecrawl.model.capture import Capture, RecordRef, RecordType, Truncation
from umecrawl.model.urls import Url


def stored_captures(connection: Connection, numbers: Sequence[int]) -> list[Capture]:
    """Return captures as they were put, without seed and outlinks, in the order of the numbers."""
    rows = connection.execute(
        select(
            capture,
            payload.c.digest,
            payload.c.size,
            run.c.uid.label("run_uid"),
            warc.c.name.label("warc_name"),
        )
        .join(payload, payload.c.id == capture.c.payload_id)
        .join(run, run.c.id == capture.c.run_id)
        .join(warc, warc.c.id == capture.c.warc_id)
        .where(capture.c.id.in_(numbers))
    )
    found = {
        row.id: Capture(
            record=RecordRef(row.uid, row.warc_name, row.offset, row.length),
            record_type=RecordType(row.record_type),
            url=Url(row.url),
            captured_at=row.at,
            status=row.status,
            mime=row.mime,
            payload_digest=row.digest,
            size=row.size,
            run=row.run_uid,
            framing=row.framing,
            source=row.source,
            via=None if row.via is None else Url(row.via),
            hop_path=row.hop_path,
            attempt=row.attempt,
            refers_to=row.refers_to,
            truncated=None if row.truncated is None else Truncation(row.truncated),
            location=None if row.location is None else Url(row.location),
            ip=row.ip,
            elapsed_ms=row.elapsed_ms,
            wire_bytes=row.wire_bytes,
        )
        for row in rows
    }
    return [found[number] for number in numbers]
