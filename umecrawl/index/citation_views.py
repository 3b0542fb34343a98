"""The statement of the view that tells what articles cite, and what became of it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select

from umecrawl.index.functions import rfc3339
from umecrawl.index.schema import capture, extraction, link, post, resource, site, skip, version
from umecrawl.index.showing import BLOCKED

_OK = 200
_GONE = (404, 410)


def citations() -> Select[Any]:
    """Return the statement of the view `citations`: one row for a link of a version, however many captures show it."""
    # Links hang on readings of a page, of which a version may have several (only chrome differs).
    cited = (
        select(
            post.c.version_id,
            link.c.target_id,
            link.c.url,
            link.c.kind,
            link.c.anchor,
            link.c.sentence,
            func.min(capture.c.at).label("at"),
        )
        .select_from(
            link.join(post, (post.c.extraction_id == link.c.extraction_id) & (post.c.position == link.c.position))
            .join(extraction, extraction.c.id == link.c.extraction_id)
            .join(capture, capture.c.id == extraction.c.capture_id)
        )
        .where(post.c.version_id.is_not(None))
        .group_by(post.c.version_id, link.c.target_id, link.c.url, link.c.kind, link.c.anchor, link.c.sentence)
        .subquery("cited")
    )
    article, target = resource.alias("article"), resource.alias("target")
    home, there = site.alias("home"), site.alias("there")
    found = func.coalesce(_good(cited.c.target_id), _good_behind_redirect(cited.c.target_id))
    return select(
        article.c.url.label("from_url"),
        version.c.uid.label("from_version"),
        home.c.host.label("site"),
        cited.c.url.label("to_url"),
        there.c.host.label("target_site"),
        cited.c.kind,
        cited.c.anchor,
        cited.c.sentence,
        rfc3339(cited.c.at).label("first_seen"),
        _state(cited.c.target_id, found).label("target_state"),
        found.label("target_capture"),
    ).select_from(
        cited.join(version, version.c.id == cited.c.version_id)
        .join(article, article.c.id == version.c.article_id)
        .join(home, home.c.id == article.c.site_id)
        .join(target, target.c.id == cited.c.target_id)
        .join(there, there.c.id == target.c.site_id)
    )


def _good(target: ColumnElement[int]) -> ColumnElement[str]:
    one = capture.alias("good")
    return (
        select(one.c.uid)
        .where(one.c.resource_id == target, one.c.status == _OK)
        .order_by(one.c.at.desc(), one.c.uid.desc())
        .limit(1)
        .scalar_subquery()
    )


def _good_behind_redirect(target: ColumnElement[int]) -> ColumnElement[str]:
    one, way = capture.alias("behind"), capture.alias("way")
    return (
        select(one.c.uid)
        .select_from(one.join(way, one.c.resource_id == way.c.location_id))
        .where(way.c.resource_id == target, one.c.status == _OK)
        .order_by(one.c.at.desc(), one.c.uid.desc())
        .limit(1)
        .scalar_subquery()
    )


def _state(target: ColumnElement[int], found: ColumnElement[str]) -> ColumnElement[str]:
    one = capture.alias("latest")
    latest = (
        select(one.c.status)
        .where(one.c.resource_id == target)
        .order_by(one.c.at.desc(), one.c.uid.desc())
        .limit(1)
        .scalar_subquery()
    )
    left = select(skip.c.id).where(skip.c.resource_id == target)
    return case(
        (latest.in_(_GONE), "gone"),
        (found.is_not(None), "archived"),
        (latest.in_(BLOCKED), "blocked"),
        (left.where(skip.c.rule == "robots").exists(), "blocked"),
        (left.exists(), "excluded"),
        else_="pending",
    )
