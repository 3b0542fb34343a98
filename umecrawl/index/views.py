"""The views that outsiders query, with the columns of the contract; Datasette opens them as they are.

Public ids stand in them under `id`, times are RFC 3339 text in UTC with six decimals on both databases, absent
values are null. `captures.c`, `versions.c` … name their columns for statements of our own; `DESCRIPTIONS` says what
each view holds. A table of columns, view after view: it is long because the contract is, and is read by looking up.
"""

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    MetaData,
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
from sqlalchemy.sql.ddl import CreateView

from umecrawl.index import citation_views, statement_views
from umecrawl.index.functions import json_counts, rfc3339
from umecrawl.index.schema import (
    BLOCKED,
    capture,
    change,
    extraction,
    extractor,
    failure,
    payload,
    post,
    resource,
    run,
    run_end,
    site,
    skip,
    text,
    version,
    warc,
)

views_metadata = MetaData()

# Captures of such a status show an error, whatever their body says.
_ERRORS: Final = 400


def _captures() -> Select[Any]:
    # The version of a capture is that of the article the page is; a listing shows articles but is none.
    read = and_(
        or_(capture.c.is_page, capture.c.status.in_(BLOCKED)),
        extraction.c.payload_id == capture.c.payload_id,
        extraction.c.resource_id == capture.c.resource_id,
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


def _versions() -> Select[Any]:
    first, last = capture.alias("first_shown"), capture.alias("last_shown")
    return select(
        version.c.uid.label("id"),
        resource.c.url,
        site.c.host.label("site"),
        version.c.title,
        version.c.kind,
        version.c.basis,
        version.c.byline,
        version.c.byline_source,
        version.c.byline_raw,
        func.coalesce(version.c.signatories, "[]").label("signatories"),
        version.c.account,
        version.c.account_source,
        version.c.account_raw,
        version.c.published_at,
        version.c.published_source,
        version.c.published_raw,
        version.c.modified_at,
        version.c.modified_source,
        version.c.modified_raw,
        version.c.language,
        version.c.paywall,
        text.c.body.label("text"),
        text.c.sha256.label("text_sha256"),
        text.c.words,
        rfc3339(version.c.first_seen).label("first_seen"),
        rfc3339(version.c.last_seen).label("last_seen"),
        version.c.captures,
        version.c.sightings,
        rfc3339(version.c.first_sighted).label("first_sighted"),
        rfc3339(version.c.last_sighted).label("last_sighted"),
        first.c.uid.label("first_capture"),
        last.c.uid.label("last_capture"),
        extractor.c.name.label("extractor"),
        version.c.comment_count,
        version.c.like_count,
        # An integer on both, for SQLite has no other truth values.
        cast(version.c.is_current, Integer).label("current"),
    ).select_from(
        # Joined to the captures, a version that is not yet worked out is not shown.
        version.join(resource, resource.c.id == version.c.article_id)
        .join(site, site.c.id == resource.c.site_id)
        .join(text, text.c.id == version.c.text_id)
        .join(extractor, extractor.c.id == version.c.extractor_id)
        .join(first, first.c.id == version.c.first_capture_id)
        .join(last, last.c.id == version.c.last_capture_id)
    )


def _current(kind: str) -> Select[Any]:
    return _versions().where(version.c.is_current == literal(True, Boolean), version.c.kind == kind)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _runs() -> Select[Any]:
    fetched = (
        select(
            capture.c.run_id,
            func.count().label("captured"),
            _count(capture.c.status == 304).label("not_modified"),  # noqa: PLR2004 - HTTP
            _count(and_(capture.c.record_type == "revisit", capture.c.status != 304)).label("revisits"),  # noqa: PLR2004 - HTTP
            cast(func.sum(capture.c.wire_bytes), Integer().with_variant(capture.c.length.type, "postgresql")).label(
                "bytes_wire"
            ),
            cast(func.sum(capture.c.length), Integer().with_variant(capture.c.length.type, "postgresql")).label(
                "bytes_stored"
            ),
        )
        .group_by(capture.c.run_id)
        .subquery("fetched")
    )
    failed = select(failure.c.run_id, func.count().label("failed")).group_by(failure.c.run_id).subquery("failed")
    # The inner order is kept by json_group_object, which has no order of its own before SQLite 3.44.
    ruled = (
        select(skip.c.run_id, skip.c.rule, func.count().label("urls"))
        .group_by(skip.c.run_id, skip.c.rule)
        .order_by(skip.c.run_id, skip.c.rule)
        .subquery("ruled")
    )
    skips = (
        select(
            ruled.c.run_id,
            cast(func.sum(ruled.c.urls), Integer).label("skipped"),
            json_counts(ruled.c.rule, ruled.c.urls).label("skipped_by_reason"),
        )
        .group_by(ruled.c.run_id)
        .subquery("skips")
    )
    new = (
        select(capture.c.run_id, func.count().label("new_versions"))
        .select_from(version.join(capture, capture.c.id == version.c.first_capture_id))
        .group_by(capture.c.run_id)
        .subquery("new")
    )
    later = run_end.alias("later")
    last_end = and_(
        run_end.c.run_id == run.c.id,
        ~select(literal(1))
        .where(
            later.c.run_id == run_end.c.run_id,
            or_(
                later.c.ended_at > run_end.c.ended_at,
                and_(later.c.ended_at == run_end.c.ended_at, later.c.outcome > run_end.c.outcome),
            ),
        )
        .exists(),
    )
    captured = func.coalesce(fetched.c.captured, 0)
    return select(
        run.c.uid.label("id"),
        run.c.collection,
        run.c.source,
        rfc3339(run.c.started_at).label("started_at"),
        rfc3339(run_end.c.ended_at).label("ended_at"),
        run_end.c.outcome,
        run_end.c.detail,
        (captured + func.coalesce(failed.c.failed, 0)).label("requested"),
        captured.label("captured"),
        func.coalesce(fetched.c.not_modified, 0).label("not_modified"),
        func.coalesce(fetched.c.revisits, 0).label("revisits"),
        func.coalesce(failed.c.failed, 0).label("failed"),
        func.coalesce(skips.c.skipped, 0).label("skipped"),
        func.coalesce(skips.c.skipped_by_reason, "{}").label("skipped_by_reason"),
        func.coalesce(fetched.c.bytes_wire, 0).label("bytes_wire"),
        func.coalesce(fetched.c.bytes_stored, 0).label("bytes_stored"),
        func.coalesce(new.c.new_versions, 0).label("new_versions"),
        run.c.title,
        run.c.operator,
        run.c.contact,
        run.c.user_agent,
        run.c.robots,
        run.c.software,
        run.c.settings,
    ).select_from(
        run.outerjoin(run_end, last_end)
        .outerjoin(fetched, fetched.c.run_id == run.c.id)
        .outerjoin(failed, failed.c.run_id == run.c.id)
        .outerjoin(skips, skips.c.run_id == run.c.id)
        .outerjoin(new, new.c.run_id == run.c.id)
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


def _fetches() -> Any:
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
            wire_bytes=cast(null(), capture.c.wire_bytes.type),
        ),
    )


def _skipped() -> Select[Any]:
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


def _changes() -> Select[Any]:
    return select(
        change.c.uid.label("id"),
        change.c.kind,
        resource.c.url,
        site.c.host.label("site"),
        rfc3339(change.c.at).label("detected_at"),
        change.c.from_version,
        change.c.to_version,
        change.c.summary,
        change.c.words_added,
        change.c.words_removed,
        change.c.similarity,
        change.c.classes,
        change.c.announced,
        cast(change.c.confirmed, Integer).label("confirmed"),
        change.c.evidence,
        run.c.uid.label("run"),
    ).select_from(
        change.join(resource, resource.c.id == change.c.article_id)
        .join(site, site.c.id == resource.c.site_id)
        .join(run, run.c.id == change.c.run_id)
    )


captures: Final = CreateView(_captures(), "captures", metadata=views_metadata).table
versions: Final = CreateView(_versions(), "versions", metadata=views_metadata).table
articles: Final = CreateView(_current("article"), "articles", metadata=views_metadata).table
documents: Final = CreateView(_current("document"), "documents", metadata=views_metadata).table
runs: Final = CreateView(_runs(), "runs", metadata=views_metadata).table
fetches: Final = CreateView(_fetches(), "fetches", metadata=views_metadata).table
skipped: Final = CreateView(_skipped(), "skipped", metadata=views_metadata).table
sightings: Final = CreateView(statement_views.sightings(), "sightings", metadata=views_metadata).table
counts: Final = CreateView(statement_views.counts(), "counts", metadata=views_metadata).table
signatories: Final = CreateView(statement_views.signatories(), "signatories", metadata=views_metadata).table
claims: Final = CreateView(statement_views.claims(), "claims", metadata=views_metadata).table
disagreements: Final = CreateView(statement_views.disagreements(), "disagreements", metadata=views_metadata).table
changes: Final = CreateView(_changes(), "changes", metadata=views_metadata).table
citations: Final = CreateView(citation_views.citations(), "citations", metadata=views_metadata).table
comments: Final = CreateView(statement_views.comments(), "comments", metadata=views_metadata).table

DESCRIPTIONS: Final = {
    "captures": "Every observation of a resource, with its record in the WARC, its quality and the version it shows",
    "versions": (
        "Every distinct title and text of every article, with when it was first and last seen. The captures are those "
        "of the article's own page; where that was never read (`basis` is listing), those of the listings, feeds and "
        "API answers that show the text whole"
    ),
    "articles": "The version that the latest capture of each article shows",
    "documents": "The same of PDF files, which the view `versions` holds too, told apart by `kind`",
    "runs": (
        "Every run with its figures: requested = captured + failed; not_modified (304) and revisits (same octets as "
        "before) are among the captured; bytes_stored counts the compressed records of responses and revisits; "
        "outcome is null while a run is under way and where it was killed"
    ),
    "fetches": "Every attempt to fetch: captured, revisit, not-modified or failed, with the reason",
    "skipped": "Every URL that was left out, with the rule that left it out",
    "sightings": (
        "Every capture of a listing, feed or API answer with each article it shows there. An excerpt is never a "
        "version; a whole text that is none of the article's own page differs and makes no version either"
    ),
    "counts": "What captures claim of comments and likes, as a series in time for each article",
    "signatories": "Who signs which version in its text, with party and office as stated",
    "claims": (
        "What each source of an article's page says of title, byline and dates, in the order of trust; of sightings "
        "only on fields on which their sources contradict each other"
    ),
    "disagreements": "Fields of versions on which a page contradicts itself: what was taken and what was said besides",
    "changes": (
        "What changed in articles: edits, headlines, removals, returns, paywalls and moves, each with the captures "
        "that show it. A stealth edit left the time of change that the page or an API tells as it was, and added no "
        "notice. A removal is confirmed when captures of three days say so"
    ),
    "citations": (
        "Every link in the text of an article with its sentence, once for each version, and what became of its target: "
        "archived, gone (the latest answer is 404 or 410), blocked (by robots.txt or a wall), excluded (by a rule, see "
        "`skipped`), pending (not captured so far). target_capture is the latest good capture, past one redirect too"
    ),
    "comments": (
        "What readers wrote under articles, each distinct text once. The author is a pseudonym, the same for one name "
        "on one site; that is no anonymity, for whoever knows a name can work it out, and texts name people"
    ),
}
