"""Extraction measured on the test bed: which pages are articles, every paragraph of them, and what an edit changes."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from umecrawl.extract import extract
from umecrawl.model.article import Outcome, Page, Quality
from umecrawl.model.message import decode_content
from umecrawl.model.urls import Url, canonicalize

pytestmark = pytest.mark.testbed

TESTBED = Path(__file__).parents[3] / "shared" / "testbed"
CAPTURED = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def gold(bed):
    """Give the gold records of articles and fixed pages by URL."""
    lines = (TESTBED / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return {r["url"]: r for r in map(json.loads, lines) if r["type"] in {"article", "page"}}


def read(bed, entry):
    """Extract one entry of the capture."""
    reader, capture = bed
    _, headers, payload = capture.load(entry)
    markup = decode_content(payload, reader.header(headers, "Content-Encoding") or "")
    content_type = reader.header(headers, "Content-Type") or ""
    return extract(Page(Url(entry["url"]), CAPTURED, entry["status"], content_type, markup))


@pytest.fixture(scope="module")
def first(bed):
    """Give every page of edition 1 with its extraction."""
    wanted = {"post", "page", "listing", "error"}
    entries = [e for e in bed[1].entries if e["edition"] == 1 and e["kind"] in wanted and e.get("file")]
    return [(entry, read(bed, entry)) for entry in entries]


# Fixed pages of a sentence of their own above lists of posts: the gold has them both as pages and as lists.
HYBRID = ("https://umesosse.se/nyheter/", "https://umesosse.se/arkiv/")


def lines(texts):
    """Return texts with single spaces."""
    return [" ".join(text.split()) for text in texts]


def test_every_post_and_page_is_an_article(first):
    """Posts, fixed pages and news articles are articles; the pages of uploaded pictures are not."""
    for entry, found in first:
        if entry["status"] == 200 and entry["kind"] in {"post", "page"}:
            attachment = "/bild-" in entry["url"]
            assert found.outcome is (Outcome.NOT_A_PAGE if attachment else Outcome.ARTICLE), (
                entry["url"],
                found.detail,
            )


def test_no_list_is_an_article(first):
    """Front pages, archives, terms, authors, searches, paged lists and sections never become articles."""
    listings = [(entry, found) for entry, found in first if entry["kind"] == "listing"]
    assert len(listings) > 400
    articles = [entry["url"] for entry, found in listings if found.outcome is Outcome.ARTICLE]
    assert {url.partition("?")[0] for url in articles} == set(HYBRID)


def test_a_fixed_page_with_lists_is_an_article_of_its_own_words(first, gold):
    """What stands beside the lists is the page's text; the posts in the lists follow it as excerpts."""
    found = {entry["url"]: found for entry, found in first if entry["url"] in HYBRID}
    assert {url: gold[url]["paragraphs"] for url in HYBRID} == {
        url: one.posts[0].text.split("\n") for url, one in found.items()
    }
    assert all(len(one.posts) > 1 and all(post.excerpt for post in one.posts[1:]) for one in found.values())


def test_errors_are_named(first):
    """Statuses from 400 on are error pages, and the one that pretends to be a page is a soft 404."""
    for entry, found in first:
        if entry["kind"] == "error":
            assert found.outcome is Outcome.ERROR_PAGE, entry["url"]
            assert found.quality is (Quality.SOFT_404 if entry["status"] == 200 else Quality.ERROR), entry["url"]


def test_titles_are_right(first, gold):
    """Each gold article and page has its title."""
    wrong = [
        (found.posts[0].title, gold[entry["url"]]["title"])
        for entry, found in first
        if entry["url"] in gold and found.posts and found.posts[0].title != gold[entry["url"]]["title"]
    ]
    assert wrong == []


def test_texts_are_right_paragraph_by_paragraph(first, gold):
    """All gold paragraphs are found, and what else is found is at most the source of a quotation."""
    counts = defaultdict(lambda: [0, 0, 0, 0])
    for entry, found in first:
        record = gold.get(entry["url"])
        if record is None or not found.posts:
            continue
        wanted = lines(record["paragraphs"])
        allowed = {*wanted, *lines(extra["text"] for extra in record["extras"])}
        told = [line for line in lines(found.posts[0].text.split("\n")) if line]
        count = counts[entry["site"]]
        count[0] += sum(paragraph in told for paragraph in wanted)
        count[1] += len(wanted)
        count[2] += sum(paragraph in allowed for paragraph in told)
        count[3] += len(told)
    assert set(counts) == {"A", "B", "C"}
    for site, (hits, wanted, right, told) in counts.items():
        assert hits == wanted, site
        assert right / told >= (0.99 if site == "A" else 1.0), site


def test_metadata_is_right(first, gold):
    """Times, authors, counters, paywalls and outlinks agree with gold, as far as the pages show them."""
    for entry, found in first:
        record = gold.get(entry["url"])
        if record is None or record["type"] != "article" or not found.posts:
            continue
        post = found.posts[0]
        precision = 10 if record.get("published_precision") == "day" else None
        assert post.published is not None, post.permalink
        assert post.published.value == record["published"][:precision], post.permalink
        if post.modified is not None:
            assert post.modified.value == record["modified"][:precision], post.permalink
        if record.get("author_shown", True):
            assert post.byline is not None, post.permalink
            assert post.byline.value == record["author"], post.permalink
        assert post.comment_count == record["comment_count"], post.permalink
        assert post.like_count == record.get("likes"), post.permalink
        assert post.paywall == record["paywall"], post.permalink
        links = {link["url"] for link in record["outlinks"] if link["url"].startswith("http")}
        assert {link.url for link in post.links} == {canonicalize(link) for link in links}, post.permalink


def test_variants_of_an_address_share_permalink_and_text(first):
    """`?replytocom` pages are sightings of the article they belong to."""
    plain = {entry["url"]: found.posts[0] for entry, found in first if found.posts}
    variants = [(url, post) for url, post in plain.items() if "replytocom" in url]
    assert len(variants) > 30
    for url, post in variants:
        assert post.permalink == url.partition("?")[0]
        assert post.text_sha256 == plain[post.permalink].text_sha256


def test_only_edits_change_a_text(bed):
    """Of all pages captured twice, exactly those whose words were edited have another hash."""
    capture = bed[1]
    before, after = capture.edition(1), capture.edition(2)
    for url, entries in after.items():
        entry = entries[-1]
        pages = entry["edition"] == 2 and entry["kind"] in {"post", "page"} and entry["status"] == 200
        if not pages or "replytocom" in url or url not in before or before[url][-1]["status"] != 200:
            continue
        old, new = read(bed, before[url][-1]), read(bed, entry)
        if not old.posts or not new.posts:
            continue
        change = entry.get("change", "")
        quiet = change == "chrome only" or "unchanged" in change or "counter" in change or "headline" in change
        assert (old.posts[0].text_sha256 == new.posts[0].text_sha256) is quiet, (url, change)
        assert (old.posts[0].title == new.posts[0].title) is ("headline" not in change), (url, change)
