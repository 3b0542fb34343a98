"""An archive of hostile pages goes into the index of either database: every page has its row, whatever it says."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from umecrawl.index.engine import Index
from umecrawl.index.schema import extraction
from umecrawl.index.schema import post as post_table
from umecrawl.index.statement_tables import comment
from umecrawl.model.article import Outcome
from umecrawl.model.capture import Capture, Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.pipeline.extraction import ExtractionPool
from umecrawl.pipeline.indexing import bring_up_to_date
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.writer import WarcWriter

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = "<p>Nämnden beslutade i går att bygga två nya broar över älven, en för cyklar och en för bussar.</p>" * 4
LISTED = (
    '<article class="post hentry"><h2 class="entry-title"><a href="/2024/05/06/inlagg-{n}/">Inlägg {n}</a></h2>'
    '<div class="entry-content"><p>Nämnden beslutade i går om bro nummer {n} över älven.</p></div></article>'
)
COMMENT = (
    '<li class="comment" id="comment-{n}"><cite class="fn">Läsare {n}</cite><time datetime="2024-05-07">7 maj</time>'
    "<p>Det här är svar nummer {n}.</p></li>"
)
REST = {"type": "post", "link": "https://blogg.example/2024/05/06/bron/", "content": {"rendered": BODY}}


def article(head="", body=BODY, after=""):
    """Return the page of an article."""
    return f"<html><head>{head}</head><body><article><h1>Bron</h1>{body}</article>{after}</body></html>"


def linked(**told):
    """Return JSON-LD of an article."""
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'Article', 'headline': 'Bron', **told})}</script>"


PAGES = {
    "/2024/05/06/nul/": ("text/html", article("<title>Bro\x00n &#0;&#xd800;&#1;</title>", BODY + "<p>\x00\x01&#31;</p>")),  # noqa: E501 (the markup is one piece)
    "/2024/05/06/halves/": ("text/html", article(linked(headline="\ud800 \x00", author="\udfff", datePublished="\ud800"))),  # noqa: E501 (the markup is one piece)
    "/2024/05/06/counts/": ("text/html", article(linked(commentCount=10**30, datePublished="9999-12-31T23:59:59-14:00"))),  # noqa: E501 (the markup is one piece)
    "/2024/05/06/title/": ("text/html", article(f"<title>{'Bron brinner ' * 400_000}</title>")),
    "/2024/05/06/word/": ("text/html", article(body=BODY + f"<p>{'x' * 3_000_000}</p>")),
    "/2024/05/06/words/": (
        "text/html",
        article(body=BODY + "".join(f"<p>bro{n} bor{n} orb{n} rob{n}</p>" for n in range(60_000))),
    ),
    "/2024/05/06/answers/": (
        "text/html",
        article(after=f"<ol class='comment-list'>{''.join(COMMENT.format(n=n) for n in range(10_000))}</ol>"),
    ),
    "/": ("text/html", f"<html><body class=home>{''.join(LISTED.format(n=n) for n in range(500))}</body></html>"),
    "/wp-json/wp/v2/posts/": (
        "application/json",
        json.dumps([{**REST, "title": {"rendered": "\ud800\x00 Bron"}, "date_gmt": "\x00", "_embedded": {"author": [{"name": "\x00\udc00"}]}}]),  # noqa: E501 (the markup is one piece)
    ),
    "/feed/": (
        "application/rss+xml",
        (
            "<rss><channel><item><title>Bron &#xD800;&#0;</title><link>https://blogg.example/2024/05/06/bro&#x1;n/</link>"
            f"<description>{'Bron brinner ' * 9}</description></item></channel></rss>"
        ),
    ),
    "/2024/05/06/lang/": (
        "text/html",
        article("<link rel=canonical href='https://blogg.example/" + "a%00" * 9_000 + "'>").replace("<html>", "<html lang='\ufffe'>"),  # noqa: E501 (the markup is one piece)
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Make an archive of the pages."""
    folder = tmp_path_factory.mktemp("hostile")
    run = CrawlRun("20260301120000-aaaa", "umea", ("blogg",), T0, "Arkivet", "https://a.example", "ua", "obey", "x")
    head = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n"
    with PayloadStore(folder) as payloads, WarcWriter(folder, run, payloads=payloads, hostname="host") as writer:
        for number, (path, (kind, page)) in enumerate(PAGES.items()):
            url, body, at = Url(f"https://blogg.example{path}"), page.encode(), T0 + timedelta(hours=number)
            told = head.format(kind, len(body)).encode()
            writer.append(Exchange(CrawlUrl(url, url, "blogg"), at, 5, b"GET / HTTP/1.1\r\n\r\n", told, body))
    return folder


def test_hostile_pages_are_stored(root, database):
    """Each is read and none fails; posts and comments have their rows, and indexing again finds nothing to do."""
    index = Index.open(database)
    with ExtractionPool[Capture](1) as pool:
        summary = bring_up_to_date(root, index, pool=pool)
        again = bring_up_to_date(root, index, pool=pool)
    with index.connect() as connection:
        failed = connection.scalars(
            select(extraction.c.detail).where(extraction.c.outcome == Outcome.FAILED.value)
        ).all()
        posts = connection.scalar(select(func.count()).select_from(post_table))
        comments = connection.scalar(select(func.count()).select_from(comment))
    index.close()
    assert ((), len(PAGES), 0) == (summary.damage, summary.extracted, again.extracted)
    assert [] == failed
    assert posts >= 500 + len(PAGES) - 2
    assert comments == 10_000
