"""The way from a captured page to its outcome."""

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from umecrawl.extract import EXTRACTOR, extract
from umecrawl.model.article import Outcome, Page, Quality
from umecrawl.model.urls import Url

PARTS = [
    *("<p>", "</p>", "<div class='entry-content'>", "</div>", "<h1>Rubrik</h1>", "<a href='/x'>länk</a>", "ord "),
    *("<table><tr><td>", "<time datetime='2024-05-06'>", "<li>", "<script type='application/ld+json'>{", "<!--"),
    *("\x00", "&#0;", "<meta name=date content=x>", "<title>404", "<svg>", "<body class='single postid-1'>"),
    *("<link rel=canonical href='::'>", "<meta name=generator content=WordPress>"),
]


def test_an_article_crosses_process_borders(read, body):
    """Pages and extractions are values that can be pickled, with who read them."""
    found = read(f"<html><body><h1>Bron</h1>{body}</body></html>")
    assert pickle.loads(pickle.dumps(found)) == found
    assert found.extractor == EXTRACTOR
    assert "trafilatura" in EXTRACTOR
    post = found.posts[0]
    assert post.language == "sv"
    assert post.permalink == "https://tidning.example/2024/05/06/broarna/"
    assert post.published is not None
    assert post.published.source == "url"
    assert len(post.text_sha256) == 64


@pytest.mark.parametrize(
    ("status", "content_type", "markup", "outcome"),
    [
        (404, "text/html", "<h1>Finns inte</h1>", (Outcome.ERROR_PAGE, Quality.ERROR)),
        (500, "text/html", "", (Outcome.ERROR_PAGE, Quality.ERROR)),
        (410, "application/json", "{}", (Outcome.ERROR_PAGE, Quality.ERROR)),
        (403, "text/html", "<title>Just a moment...</title>", (Outcome.ERROR_PAGE, Quality.CHALLENGE)),
        (301, "text/html", "<h1>Moved</h1>", (Outcome.NOT_A_PAGE, Quality.EMPTY)),
        (304, "", "", (Outcome.NOT_A_PAGE, Quality.EMPTY)),
        (200, "application/rss+xml; charset=utf-8", "<urlset/>", (Outcome.NOT_A_PAGE, Quality.FULL)),
        (200, "application/xml", "<rss/>", (Outcome.NOT_A_PAGE, Quality.FULL)),
        (404, "application/rss+xml", "<rss/>", (Outcome.ERROR_PAGE, Quality.ERROR)),
        (200, "application/pdf", "%PDF-1.4", (Outcome.NOT_A_PAGE, Quality.FULL)),
        (200, "", "%PDF-1.4", (Outcome.NOT_A_PAGE, Quality.FULL)),
        (200, "text/html", "", (Outcome.EMPTY, Quality.EMPTY)),
        (200, "text/html", "<html></html>", (Outcome.EMPTY, Quality.EMPTY)),
        (200, "text/html", "<h1>Kort</h1><p>Tre ord här.</p>", (Outcome.EMPTY, Quality.EMPTY)),
    ],
)
def test_what_is_no_article_is_named(read, status, content_type, markup, outcome):
    """Errors, redirects, other types and empty pages have outcomes of their own and no posts."""
    found = read(markup, "https://tidning.example/umea/bron", status=status, content_type=content_type)
    assert (found.outcome, found.quality, found.posts) == (*outcome, ())
    assert found.detail


def test_a_page_without_a_type_is_read_when_it_looks_like_one(read, body):
    """A server that names no type still sent a page."""
    assert (
        read(f"<!DOCTYPE html><html><body><h1>Bron</h1>{body}</body></html>", content_type="").outcome
        is Outcome.ARTICLE
    )


def test_variants_of_an_address_are_one_article(read, body):
    """A page asked for with `replytocom` has the permalink and text of the page itself."""
    markup = (
        f"<html><head><link rel='canonical' href='https://blogg.example/2024/05/06/bron/'></head>"
        f"<body><h1>Bron</h1>{body}</body></html>"
    )
    one, other = (
        read(markup, f"https://blogg.example/2024/05/06/bron{tail}").posts[0] for tail in ("/", "?replytocom=3")
    )
    assert (one.permalink, one.text_sha256) == (other.permalink, other.text_sha256)


def test_counters_do_not_change_a_text(read, body):
    """A new comment or like is no new version."""
    page = (
        "<html><head><meta name='generator' content='WordPress'></head><body class='single postid-1'>"
        "<div class='entry-meta'><a class='comments-link'>%d kommentarer</a> <span class='gilla'>%d</span>"
        "</div><div class='entry-content'>%s<p>%d kommentarer</p></div></body></html>"
    )
    one, other = (read(page % (n, n + 5, body, n)).posts[0] for n in (2, 3))
    assert one.text_sha256 == other.text_sha256
    assert (one.comment_count, one.like_count) == (2, 7)
    assert (other.comment_count, other.like_count) == (3, 8)


def test_a_fault_of_a_library_is_an_outcome(read, body, monkeypatch):
    """An exception inside the reading of one page is told in its outcome and stops nothing."""

    def fail(*_args, **_keywords):
        raise RecursionError("too deep")

    monkeypatch.setattr("umecrawl.extract.scoring.bare_extraction", fail)
    found = read(f"<html><body><h1>Bron</h1>{body}</body></html>", "https://tidning.example/umea/bron")
    assert (found.outcome, found.quality) == (Outcome.FAILED, Quality.ERROR)
    assert "RecursionError: too deep" in found.detail


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join), st.sampled_from([200, 404]))
def test_no_markup_raises(markup, status):
    """Any tangle of tags gives a named outcome, and none of them is a failure."""
    page = Page(
        Url("https://a.example/2024/05/06/x/"), datetime(2024, 9, 1, tzinfo=UTC), status, "text/html", markup.encode()
    )
    assert extract(page).outcome is not Outcome.FAILED


@pytest.mark.parametrize(
    "markup",
    [
        b"<div>" * 300_000,
        b"<b>" * 100_000 + b"hej " * 1_000,
        b"<table><tr><td>" * 50_000 + b"x",
        b"<p>" + b"<a href='/x'>ord</a> " * 20_000,
        b"<!--" * 200_000,
        b"<" * 300_000,
        b"&" * 300_000,
        bytes(range(256)) * 500,
        b"<p>ett</p>" + b"\x00" * 100_000 + b"<p>tv\xc3\xa5</p>",
    ],
    ids=["div", "b", "table", "links", "comments", "lt", "amp", "bytes", "nul"],
)
def test_hostile_markup_has_an_outcome(read, markup):
    """Pages made to hurt end in a named outcome that is no failure."""
    assert read(b"<html><body>" + markup).outcome is not Outcome.FAILED
