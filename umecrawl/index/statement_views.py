"""The statements of those views that tell where articles were sighted and what pages say beside their texts."""

from typing import Any

from sqlalchemy import FromClause, Integer, Select, Table, and_, case, cast, func, null, or_, select

from umecrawl.index.functions import rfc3339
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, extractor, post, resource, run, site, text, version
from umecrawl.index.statement_tables import claim, comment, person, signature

_article = resource.alias("article")


def sightings() -> Select[Any]:
    """Return the statement of the view `sightings`."""
    return (
        select(
            capture.c.uid.label("capture"),
            rfc3339(capture.c.at).label("captured_at"),
            capture.c.url,
            capture.c.mime,
            _article.c.url.label("article"),
            site.c.host.label("site"),
            post.c.position,
            version.c.uid.label("version"),
            cast(post.c.excerpt, Integer).label("excerpt"),
            # Not yet worked out is neither yes nor no.
            case(
                (or_(post.c.excerpt, resource.c.stale), null()),
                (post.c.version_id.is_(None), 1),
                else_=0,
            ).label("differs"),
            post.c.title,
            text.c.body.label("text"),
            text.c.sha256.label("text_sha256"),
            post.c.byline,
            post.c.published_at,
            post.c.published_source,
            post.c.modified_at,
            post.c.modified_source,
            post.c.comment_count,
            post.c.like_count,
            extractor.c.name.label("extractor"),
            run.c.uid.label("run"),
        )
        .select_from(
            _shown()
            .join(resource, resource.c.id == extraction.c.resource_id)
            .join(text, text.c.id == post.c.text_id)
            .join(extractor, extractor.c.id == extraction.c.extractor_id)
            .join(run, run.c.id == capture.c.run_id)
        )
        .where(~post.c.own)
    )


def counts() -> Select[Any]:
    """Return the statement of the view `counts`."""
    return (
        select(
            _article.c.url.label("article"),
            site.c.host.label("site"),
            rfc3339(capture.c.at).label("captured_at"),
            capture.c.uid.label("capture"),
            capture.c.url,
            cast(post.c.own, Integer).label("own"),
            version.c.uid.label("version"),
            post.c.comment_count,
            post.c.like_count,
        )
        .select_from(_shown())
        .where(or_(post.c.comment_count.is_not(None), post.c.like_count.is_not(None)))
    )


def signatories() -> Select[Any]:
    """Return the statement of the view `signatories`."""
    return (
        select(
            version.c.uid.label("version"),
            _article.c.url,
            site.c.host.label("site"),
            person.c.name,
            signature.c.party,
            signature.c.office,
        )
        .distinct()
        .select_from(
            _said(signature)
            .join(person, person.c.id == signature.c.person_id)
            # Rows of a version are read from one or many captures that all show it.
            .join(version, version.c.id == post.c.version_id)
        )
    )


def claims() -> Select[Any]:
    """Return the statement of the view `claims`."""
    return select(
        _article.c.url,
        site.c.host.label("site"),
        version.c.uid.label("version"),
        capture.c.uid.label("capture"),
        rfc3339(capture.c.at).label("captured_at"),
        post.c.position,
        cast(post.c.own, Integer).label("own"),
        claim.c.field,
        claim.c.rank,
        claim.c.source,
        claim.c.value,
        claim.c.raw,
        cast(claim.c.differs, Integer).label("differs"),
    ).select_from(
        _said(claim)
        .join(extraction, extraction.c.id == claim.c.extraction_id)
        .join(capture, capture.c.id == extraction.c.capture_id)
        .outerjoin(version, version.c.id == post.c.version_id)
    )


def disagreements() -> Select[Any]:
    """Return the statement of the view `disagreements`."""
    taken = claim.alias("taken")
    first = and_(
        taken.c.extraction_id == claim.c.extraction_id,
        taken.c.position == claim.c.position,
        taken.c.field == claim.c.field,
        taken.c.rank == 0,
    )
    said = (
        version.c.uid.label("version"),
        _article.c.url,
        site.c.host.label("site"),
        claim.c.field,
        taken.c.value.label("taken_value"),
        taken.c.source.label("taken_source"),
        claim.c.value.label("value"),
        claim.c.source.label("source"),
        claim.c.raw.label("raw"),
    )
    return (
        select(
            *said,
            rfc3339(func.min(capture.c.at)).label("first_seen"),
            func.count().label("readings"),
        )
        .select_from(
            _said(claim)
            .join(taken, first)
            .join(extraction, extraction.c.id == claim.c.extraction_id)
            .join(capture, capture.c.id == extraction.c.capture_id)
            .join(version, version.c.id == post.c.version_id)
        )
        .where(claim.c.differs)
        .group_by(*said)
    )


def comments(article_id: int | None = None, *, masked: bool = True) -> Select[Any]:
    """Return the statement of the view `comments`, or that for one article; unmasked it names the authors."""
    # A comment is known by article, key and text; a capture that shows it twice counts once.
    known_by = (post.c.article_id, comment.c.key, comment.c.text_id)
    seen = (
        select(
            *known_by,
            comment.c.extraction_id,
            func.min(comment.c.position).label("position"),
            func.min(comment.c.number).label("number"),
            capture.c.id.label("capture_id"),
            capture.c.at,
            capture.c.uid,
        )
        .select_from(
            comment.join(post, _is_post_of(comment))
            .join(extraction, extraction.c.id == comment.c.extraction_id)
            .join(capture, _shows())
        )
        .group_by(*known_by, comment.c.extraction_id, capture.c.id, capture.c.at, capture.c.uid)
    )
    if article_id is not None:
        seen = seen.where(post.c.article_id == article_id)
    one = seen.subquery("seen")
    each = (one.c.article_id, one.c.key, one.c.text_id)
    ranked = select(
        *one.c,
        func.row_number().over(partition_by=each, order_by=(one.c.at, one.c.uid)).label("from_first"),
        func.max(one.c.at).over(partition_by=each).label("last_at"),
        func.count().over(partition_by=each).label("captures"),
    ).subquery("ranked")
    first = and_(
        comment.c.extraction_id == ranked.c.extraction_id,
        comment.c.position == ranked.c.position,
        comment.c.number == ranked.c.number,
    )
    author = (comment.c.pseudonym if masked else comment.c.author).label("author")
    return (
        select(
            _article.c.url,
            site.c.host.label("site"),
            comment.c.key,
            author,
            comment.c.at,
            comment.c.at_source,
            text.c.body.label("text"),
            comment.c.reply_to,
            rfc3339(ranked.c.at).label("first_seen"),
            rfc3339(ranked.c.last_at).label("last_seen"),
            ranked.c.captures,
            ranked.c.uid.label("first_capture"),
        )
        .select_from(
            ranked.join(comment, first)
            .join(_article, _article.c.id == ranked.c.article_id)
            .join(site, site.c.id == _article.c.site_id)
            .join(text, text.c.id == ranked.c.text_id)
        )
        .where(ranked.c.from_first == 1)
    )


def _shown() -> FromClause:
    """Return posts with their articles and the captures that show them, and the versions they show if any."""
    return (
        post.join(extraction, extraction.c.id == post.c.extraction_id)
        .join(capture, _shows())
        .join(_article, _article.c.id == post.c.article_id)
        .join(site, site.c.id == _article.c.site_id)
        .outerjoin(version, version.c.id == post.c.version_id)
    )


def _said(table: Table) -> FromClause:
    """Return rows that hang on posts, with these and their articles."""
    return (
        table.join(post, _is_post_of(table))
        .join(_article, _article.c.id == post.c.article_id)
        .join(site, site.c.id == _article.c.site_id)
    )


def _is_post_of(table: Table) -> Any:
    return and_(post.c.extraction_id == table.c.extraction_id, post.c.position == table.c.position)


def _shows() -> Any:
    return and_(is_reading_of(extraction, capture), capture.c.is_page)
