"""The statements of those views that tell of captures, of attempts to fetch and of URLs left out."""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from umecrawl.index.functions import rfc3339
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import (
    capture,
    extraction,
    extractor,
    failure,
    payload,
    post,
    resource,
    run,
    site,
    skip,
    version,
    warc,
)
from umecrawl.index.showing import BLOCKED

# Captures of such a status show an error, whatever their body says.
_ERRORS: Final = 400


def captures() -> Select[Any]:
    """Return the statement of the view `captures`."""
    # The version of a capture is that of the article the page is; a listing shows articles but is none.
    read = and_(
        or_(capture.c.is_page, capture.c.status.in_(BLOCKED)),
        is_reading_of(extraction, capture),
    )
    article = and_(post.c.extraction_id == extraction.c.id, post.c.position == 0, post.c.own)
    return select(
        capture.c.uid.label("id"),
        capture.c.url,
        resource.c.url.label("canonical_url"),
        site.c.host.label("site"),
        rfc3339(capture.c.at).label("captured_at"),
        capture.c.status,
        capture.c.mime,
        payload.c.digest.label("payload_digest"),
        case((payload.c.digest.like("sha256:%"), func.substr(payload.c.digest, 8))).label("entity_sha256"),
        payload.c.size,
        warc.c.name.label("warc"),
        capture.c.offset,
        capture.c.length,
        capture.c.record_type,
        capture.c.refers_to,
        run.c.uid.label("run"),
        capture.c.source,
        capture.c.via,
        capture.c.hop_path,
        capture.c.attempt,
        case((extraction.c.id.is_not(None), extraction.c.quality), (capture.c.status >= _ERRORS, "error")).label(
            "quality"
        ),
        extraction.c.outcome,
        extraction.c.detail,
        extraction.c.score,
        extraction.c.reasons,
        extraction.c.encoding,
        extraction.c.encoding_source,
        extractor.c.name.label("extractor"),
        capture.c.truncated,
        capture.c.location,
        capture.c.ip,
        capture.c.elapsed_ms,
        capture.c.wire_bytes,
        version.c.uid.label("version"),
    ).select_from(
        capture.join(resource, resource.c.id == capture.c.resource_id)
        .join(site, site.c.id == resource.c.site_id)
        .join(payload, payload.c.id == capture.c.payload_id)
        .join(warc, warc.c.id == capture.c.warc_id)
        .join(run, run.c.id == capture.c.run_id)
        .outerjoin(extraction, read)
        .outerjoin(extractor, extractor.c.id == extraction.c.extractor_id)
        .outerjoin(post, article)
        .outerjoin(version, version.c.id == post.c.version_id)
    )


def fetches() -> CompoundSelect[Any]:
    """Return the statement of the view `fetches`."""
    outcome = case(
        (capture.c.status == 304, "not-modified"),  # noqa: PLR2004 - HTTP
        (capture.c.record_type == "revisit", "revisit"),
        else_="captured",
    )
    return union_all(
        _attempts(
            capture,
            outcome=outcome,
            reason=capture.c.truncated,
            detail=cast(null(), Text),
            status=capture.c.status,
            wire_bytes=capture.c.wire_bytes,
        ),
        _attempts(
            failure,
            outcome=literal("failed"),
            reason=failure.c.kind,
            detail=failure.c.detail,
            status=cast(null(), Integer),
            wire_bytes=failure.c.wire_bytes,
        ),
    )


def skipped() -> Select[Any]:
    """Return the statement of the view `skipped`."""
    return select(
        skip.c.url,
        resource.c.url.label("canonical_url"),
        site.c.host.label("site"),
        rfc3339(skip.c.at).label("skipped_at"),
        skip.c.rule,
        skip.c.reason,
        run.c.uid.label("run"),
        skip.c.source,
        skip.c.via,
        skip.c.hop_path,
    ).select_from(
        skip.join(resource, resource.c.id == skip.c.resource_id)
        .join(site, site.c.id == resource.c.site_id)
        .join(run, run.c.id == skip.c.run_id)
    )


def _attempts(table: Table, *, outcome: ColumnElement[str], **own: ColumnElement[Any]) -> Select[Any]:
    return select(
        table.c.uid.label("id"),
        table.c.url,
        resource.c.url.label("canonical_url"),
        site.c.host.label("site"),
        rfc3339(table.c.at).label("fetched_at"),
        outcome.label("outcome"),
        own["reason"].label("reason"),
        own["detail"].label("detail"),
        own["status"].label("status"),
        table.c.attempt,
        run.c.uid.label("run"),
        table.c.source,
        table.c.via,
        table.c.hop_path,
        table.c.ip,
        table.c.elapsed_ms,
        own["wire_bytes"].label("wire_bytes"),
        warc.c.name.label("warc"),
        table.c.offset,
        table.c.length,
    ).select_from(
        table.join(resource, resource.c.id == table.c.resource_id)
        .join(site, site.c.id == resource.c.site_id)
        .join(run, run.c.id == table.c.run_id)
        .join(warc, warc.c.id == table.c.warc_id)
    )
