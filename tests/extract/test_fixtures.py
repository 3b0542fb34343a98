"""Every saved sample page gives the extraction that stands beside it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from umecrawl.extract import extract
from umecrawl.model.article import Page
from umecrawl.model.urls import Url
from umecrawl.pipeline.fixtures import EDITIONS, route_table

FOLDER = Path(__file__).resolve().parents[2] / "fixtures"


def saved():
    """Yield each saved page of each edition with what must come of it."""
    for edition in EDITIONS:
        for route in route_table(edition).exact.values():
            gold = (FOLDER / route.file).with_suffix(".expected.json") if route.file.endswith(".html") else None
            if gold is not None and gold.exists() and route.status == 200:
                yield pytest.param(route, gold, id=f"{edition} {route.url}")


def value(sourced):
    """Return the value of something that is kept with its source."""
    return sourced.value if sourced is not None else None


@pytest.mark.parametrize(("route", "gold"), list(saved()))
def test_a_saved_page_gives_its_expected_extraction(route, gold):
    """Outcome, quality, permalink, text, dates, byline, counts, links and language are as expected."""
    expected = json.loads(gold.read_text(encoding="utf-8"))
    at = datetime(2026, 6, 1, tzinfo=UTC)
    found = extract(Page(Url(route.url), at, route.status, route.content_type, route.body))
    assert (expected["outcome"], expected["quality"]) == (found.outcome, found.quality), found.detail
    if expected["outcome"] != "article":
        assert () == found.posts
        return
    [post] = found.posts
    told = {
        "permalink": post.permalink,
        "title": post.title,
        "byline": value(post.byline),
        "language": post.language,
        "paywall": post.paywall,
        "comment_count": post.comment_count,
        "like_count": post.like_count,
        "text": post.text.split("\n"),
        "links": [link.url for link in post.links],
    }
    assert {name: expected[name] for name in told} == told
    for name in ("published", "modified"):
        there, here = expected[name], value(getattr(post, name))
        assert (there is None) == (here is None), name
        assert there is None or datetime.fromisoformat(there) == datetime.fromisoformat(here), name
    assert [] == [words for words in expected["absent"] if words in post.text]
