"""Titles of pages without an article, read from their WARC records."""

import gzip
from datetime import UTC, datetime

import pytest

from umecrawl.model.capture import Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.pipeline.titles import Titles
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.writer import WarcWriter

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = CrawlRun("20260301120000-aaaa", "test", ("s",), AT, "Test", "mailto:a@archive.example", "ua", "obey", "umecrawl")
LONG = "å".encode() * 40_000
PAGES = {
    "plain": (b"<html><title>Nyheter i Exempelk\xc3\xb6ping</title>", ()),
    "latin": (
        "<title lang=sv>Umeå\n  och   Vännäs</title>".encode("latin-1"),
        (b"Content-Type: text/html; charset=latin1",),
    ),
    "entities": (b"<TITLE>S&amp;V &ndash; &#229;sikter &#xd800;</TITLE>", ()),
    "packed": (gzip.compress(b"<title>Packad</title>"), (b"Content-Encoding: gzip",)),
    "long": (b"<title>L\xc3\xa5ng</title><p>" + b"x" + LONG, ()),
    "endless": (b"<title>" + b"ord " * 90_000, ()),
    "none": (b"<h1>Utan</h1>", ()),
    "no markup": (b"x" * 70_000, ()),
    "lies": (b"<title>trasig</title>", (b"Content-Encoding: br",)),
}
TITLES = {
    "plain": "Nyheter i Exempelköping", "latin": "Umeå och Vännäs", "entities": "S&V \u2013 åsikter \ufffd",
    "packed": "Packad", "long": "Lång", "endless": "", "none": "", "no markup": "", "lies": "trasig",
}  # fmt: skip


class Chosen:
    """The captures of an archive by their ids."""

    def __init__(self, captures):
        self._captures = {capture.id: capture for capture in captures}

    def by_id(self, capture_id):
        """Return a capture."""
        return self._captures.get(capture_id)


@pytest.mark.parametrize("name", PAGES)
def test_the_title_of_any_page_is_read(tmp_path, name):
    """In its letters and its coding, on one line, from the front of the page alone."""
    body, fields = PAGES[name]
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *fields, b"Content-Length: %d" % len(body), b"", b""])
    url = Url("http://site.example/")
    with WarcWriter(tmp_path, RUN, payloads=None, hostname="h") as writer:
        capture = writer.append(Exchange(CrawlUrl(url, url, "s"), AT, 5, b"GET / HTTP/1.1\r\n\r\n", head, body))
    titles = Titles(Chosen([capture]), WarcArchive(tmp_path))
    assert titles.of(capture.id) == TITLES[name]
    assert titles.of("unknown") == ""
    next(tmp_path.rglob("*.warc.gz")).write_bytes(b"")
    assert titles.of(capture.id) == TITLES[name], "read once"
    assert Titles(Chosen([capture]), WarcArchive(tmp_path)).of(capture.id) == ""
