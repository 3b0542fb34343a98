"""Leads: articles of which a listing, feed or API answer shows something else than their own page did.

A sighting is a lead when

- a run made it that began after the article's page was last checked,
- no run in between sighted the same title and text, back to the run that brought the current version,
- and it is not what the page showed: another whole text, another title, or an excerpt that the text does not contain.

What always differs, because a feed writes its excerpts by hand or an API leaves out what the page adds, was sighted
before and is no lead; a text that was changed back is one.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    FromClause,
    Row,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
)

from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, post, resource, run, text, version
from umecrawl.model.history import Lead
from umecrawl.model.urls import Url

_LATEST_RUNS: Final = 10
_SERVER_ERRORS: Final = 500
_TOO_MANY: Final = 429
# What a theme puts behind an excerpt.
_CUT: Final = re.compile(
    r"(?:\s|…|\.\.\.|\[…\]|\[\.\.\.\]|&hellip;|läs mer|fortsätt läsa|read more|continue reading|»|→)+$"
)
_WORD: Final = re.compile(r"\w+")


def find_leads(connection: Connection, since: datetime) -> list[Lead]:
    """Return the articles of which a capture since then shows something new, each once, in the order of their URLs.

    Only the latest runs are looked at: those before them had their own leads, and a site that is swept every hour would
    make this ever slower.
    """
    found: dict[str, Lead] = {}
    begun = select(run.c.started_at).where(run.c.started_at.is_not(None)).order_by(run.c.started_at.desc())
    earliest = connection.execute(begun.offset(_LATEST_RUNS - 1).limit(1)).scalar()
    if earliest is not None:
        since = max(since, earliest)
    for row in connection.execute(_differing(since)):
        if row.url not in found and _is_new(row):
            found[row.url] = Lead(Url(row.url), row.at, f"{row.shown_on} shows another text or title")
    return [found[url] for url in sorted(found)]


def _differing(since: datetime) -> Select[Any]:
    """Select sightings that nothing resembled when the article's page was last checked, with the current version."""
    shown_on = resource.alias("shown_on")
    checked = _last_check()
    first, first_run = capture.alias("first_shown"), run.alias("first_run")
    resembled = _resembled(checked, _begun(first_run, first)).correlate(post, text, first, first_run)
    current_text = text.alias("current_text")
    return (
        select(
            resource.c.url,
            shown_on.c.url.label("shown_on"),
            capture.c.at,
            post.c.excerpt,
            post.c.title,
            text.c.body,
            text.c.sha256,
            version.c.title.label("current_title"),
            current_text.c.body.label("current_body"),
            current_text.c.sha256.label("current_sha256"),
        )
        .select_from(
            capture.join(extraction, is_reading_of(extraction, capture))
            .join(post, post.c.extraction_id == extraction.c.id)
            .join(text, text.c.id == post.c.text_id)
            .join(resource, resource.c.id == post.c.article_id)
            .join(run, run.c.id == capture.c.run_id)
            .join(shown_on, shown_on.c.id == capture.c.resource_id)
            .join(version, and_(version.c.article_id == post.c.article_id, version.c.is_current))
            .join(current_text, current_text.c.id == version.c.text_id)
            .join(first, first.c.id == version.c.first_capture_id)
            .join(first_run, first_run.c.id == first.c.run_id)
        )
        .where(capture.c.at >= since, capture.c.is_page, ~post.c.own, _begun(run, capture) > checked, ~resembled)
        .order_by(resource.c.url, capture.c.at)
    )


def _last_check() -> ScalarSelect[datetime]:
    """Select when the page of a post's article last gave word of itself: no server error, no redirect to itself."""
    return (
        select(func.max(capture.c.at))
        .where(
            capture.c.resource_id == post.c.article_id,
            capture.c.status < _SERVER_ERRORS,
            capture.c.status != _TOO_MANY,
            or_(capture.c.location_id.is_(None), capture.c.location_id != capture.c.resource_id),
        )
        .correlate(post)
        .scalar_subquery()
    )


def _resembled(checked: ColumnElement[datetime], brought: ColumnElement[datetime]) -> Exists:
    """Return whether a run that began before `checked` sighted the same, from when the current version was brought."""
    earlier_post, earlier_extraction, earlier = post.alias(), extraction.alias(), capture.alias()
    earlier_text, earlier_run = text.alias(), run.alias()
    return exists(
        select(earlier.c.id)
        .select_from(
            earlier_post.join(earlier_extraction, earlier_extraction.c.id == earlier_post.c.extraction_id)
            .join(earlier_text, earlier_text.c.id == earlier_post.c.text_id)
            .join(earlier, is_reading_of(earlier_extraction, earlier))
            .join(earlier_run, earlier_run.c.id == earlier.c.run_id)
        )
        .where(
            earlier_post.c.article_id == post.c.article_id,
            ~earlier_post.c.own,
            earlier_post.c.title == post.c.title,
            earlier_text.c.sha256 == text.c.sha256,
            _begun(earlier_run, earlier) <= checked,
            earlier.c.at >= brought,
        )
    )


def _begun(of: FromClause, made: FromClause) -> ColumnElement[datetime]:
    """Return when the run of a capture began, which for one by another tool may not be known."""
    return func.coalesce(of.c.started_at, made.c.at)


def _is_new(row: Row[Any]) -> bool:
    """Return whether what a sighting shows is not what the current version says."""
    if _words(row.title) and _words(row.title) != _words(row.current_title):
        return True
    if not row.excerpt:
        return bool(row.sha256 != row.current_sha256)
    excerpt = _words(_CUT.sub("", row.body.casefold()))
    return bool(excerpt) and not _holds(_words(row.current_body), excerpt)


def _words(text_: str) -> Sequence[str]:
    return _WORD.findall(text_.casefold())


def _holds(words: Sequence[str], part: Sequence[str]) -> bool:
    """Return whether a run of words stands in a text; the last of them may be cut short."""
    return f" {' '.join(part)}" in f" {' '.join(words)}"
