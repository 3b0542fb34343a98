"""The statements of those views that tell of the versions of articles and of what changed in them."""

from typing import Any

from sqlalchemy import Boolean, Integer, Select, cast, func, literal, select

from umecrawl.index.functions import rfc3339
from umecrawl.index.schema import capture, change, extractor, resource, run, site, text, version


def versions() -> Select[Any]:
    """Return the statement of the view `versions`."""
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


def current(kind: str) -> Select[Any]:
    """Return the statement of the views of what the latest captures of articles, or of documents, show."""
    return versions().where(version.c.is_current == literal(True, Boolean), version.c.kind == kind)


def changes() -> Select[Any]:
    """Return the statement of the view `changes`."""
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
