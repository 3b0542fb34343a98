"""Every saved sample page gives the extraction that stands beside it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from umecrawl.extract import extract
from umecrawl.extract.text import normalized
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


def outcome_of(saved_page):
    """Return the expected outcome of a saved page."""
    return json.loads(saved_page.values[1].read_text(encoding="utf-8"))["outcome"]


def value(sourced):
    """Return the value of something that is kept with its source."""
    return sourced.value if sourced is not None else None


def same_time(there, here):
    """Tell whether a gold time and a told one are the same, as exactly as the page tells it."""
    if there is None or here is None:
        return there is here
    return there.startswith(here) or datetime.fromisoformat(there) == datetime.fromisoformat(here)


def read(route):
    """Extract a saved page."""
    at = datetime(2026, 6, 1, tzinfo=UTC)
    return extract(Page(Url(route.url), at, route.status, route.content_type, route.body))


@pytest.mark.parametrize(("route", "gold"), [one for one in saved() if outcome_of(one) == "article"])
def test_a_saved_article_gives_its_expected_extraction(route, gold):
    """Outcome, quality, permalink, text, dates, byline, counts, links and language are as expected."""
    expected = json.loads(gold.read_text(encoding="utf-8"))
    found = read(route)
    assert (expected["outcome"], expected["quality"]) == (found.outcome, found.quality), found.detail
    post = found.posts[0]
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
    assert same_time(expected["published"], value(post.published))
    assert same_time(expected["modified"], value(post.modified))
    assert [] == [words for words in expected["absent"] if words in post.text]


@pytest.mark.parametrize(("route", "gold"), [one for one in saved() if outcome_of(one) != "article"])
def test_a_saved_list_gives_its_expected_posts(route, gold):
    """All posts of a list come out in its order and nothing else; whole where they stand whole, else as excerpts."""
    expected = json.loads(gold.read_text(encoding="utf-8"))
    found = read(route)
    assert (expected["outcome"], expected["quality"]) == (found.outcome, found.quality), found.detail
    assert [one["permalink"] for one in expected["posts"]] == [post.permalink for post in found.posts]
    for one, post in zip(expected["posts"], found.posts, strict=True):
        assert one["title"] == post.title
        assert same_time(one["published"], value(post.published)) or b"<time" not in route.body
        assert post.excerpt is ("text" not in one)
        assert [] == [words for words in expected["absent"] if words in post.text]
        if "text" in one:
            assert one["text"] == post.text.split("\n")
            assert (one["byline"], one["comment_count"], one["like_count"]) == (
                value(post.byline),
                post.comment_count,
                post.like_count,
            )
        else:
            assert normalized(one.get("excerpt") or "") == normalized(post.text)
