"""Listings, feeds and the API measured on the test bed: every post of every list, none invented, the same texts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from umecrawl.extract import extract
from umecrawl.model.article import Outcome, Page
from umecrawl.model.message import decode_content, media_type
from umecrawl.model.urls import Url, canonicalize

pytestmark = pytest.mark.testbed

TESTBED = Path(__file__).parents[3] / "shared" / "testbed"
CAPTURED = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def found(bed):
    """Give a function that extracts the page of a URL as it stood in edition 1, once each."""
    reader, capture = bed
    entries = {}
    for entry in capture.entries:
        if entry["edition"] == 1 and entry["status"] == 200 and entry.get("file"):
            entries.setdefault(entry["url"], entry)
    known = {}

    def found(url):
        if url not in known:
            _, headers, payload = capture.load(entries[url])
            markup = decode_content(payload, reader.header(headers, "Content-Encoding") or "")
            known[url] = extract(Page(Url(url), CAPTURED, 200, reader.header(headers, "Content-Type") or "", markup))
        return known[url]

    found.entries = entries
    return found


@pytest.fixture(scope="module")
def listings(bed):
    """Give the gold of the pages with several posts."""
    lines = (TESTBED / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["type"] == "listing"]


def test_every_post_of_every_list_is_found_and_none_invented(found, listings):
    """The posts of each list are those of gold, in its order, with title and time."""
    assert len(listings) >= 28
    for record in listings:
        extraction = found(record["url"])
        gold = {canonicalize(post["url"]): post for post in record["posts"]}
        assert extraction.outcome is Outcome.LISTING, record["url"]
        assert [post.permalink for post in extraction.posts] == list(gold), record["url"]
        for post in extraction.posts:
            assert post.title == gold[post.permalink]["title"]
            assert post.published is not None, post.permalink
            assert post.published.value == gold[post.permalink]["published"]
            assert post.excerpt is not record["full_bodies"], (record["url"], post.permalink)


def test_whole_posts_have_their_counts_and_texts(found, listings):
    """On lists of whole posts each has its paragraphs, author, comments and likes."""
    compared = 0
    for record in listings:
        gold = {canonicalize(post["url"]): post for post in record["posts"] if record["full_bodies"]}
        for post in found(record["url"]).posts if gold else ():
            one = gold[post.permalink]
            assert " ".join(" ".join(one["paragraphs"]).split()) == " ".join(post.text.split()), post.permalink
            assert post.byline is not None, post.permalink
            assert (post.byline.value, post.comment_count, post.like_count) == (
                one["author"],
                one["comment_count"],
                one["likes"],
            )
            links = {canonicalize(link["url"]) for link in one["outlinks"] if link["url"].startswith("http")}
            assert {link.url for link in post.links} == links
            compared += 1
    assert compared > 20


def test_a_post_has_one_text_wherever_it_stands_whole(found):
    """Lists, feeds and the API show the same text as the permalink, to the hash."""
    kinds = {"listing": 0, "feed": 0, "api": 0}
    for url, entry in found.entries.items():
        if entry["kind"] not in kinds or entry["site"] not in {"A", "B"}:
            continue
        for post in found(url).posts:
            if post.excerpt or post.permalink not in found.entries or post.permalink == canonicalize(url):
                continue
            single = found(post.permalink).posts[0]
            if post.permalink.partition("?")[0] in {"https://umesosse.se/arkiv/", "https://umesosse.se/nyheter/"}:
                continue
            assert post.text_sha256 == single.text_sha256, (url, post.permalink)
            kinds[entry["kind"]] += 1
    assert all(count > 100 for count in kinds.values()), kinds


def test_posts_lead_to_posts(found):
    """No list leads to a menu, an archive or a file: each permalink is that of a post or page of the capture."""
    pages = {canonicalize(url) for url, entry in found.entries.items() if entry["kind"] in {"post", "page"}}
    pages |= {canonicalize(url) for url in ("https://umesosse.se/nyheter/", "https://umesosse.se/arkiv/")}
    for url, entry in found.entries.items():
        if entry["kind"] == "listing" and urlsplit(url).hostname in {"umesosse.se", "blogg.vk.se"}:
            assert {post.permalink for post in found(url).posts} <= pages, url


def test_sitemaps_are_no_posts(found):
    """A sitemap is a list of addresses, which is for the frontier."""
    maps = [url for url, entry in found.entries.items() if entry["kind"] == "sitemap"]
    assert maps
    for url in maps:
        assert found(url).outcome is Outcome.NOT_A_PAGE, (url, media_type(found.entries[url]["content_type"]))
