"""The frontier on the test bed, without a network: it ends by itself and misses nothing."""

import functools
import importlib.util
import json
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from frontiers import Crawl, configuration

from umecrawl.frontier.links import discover
from umecrawl.frontier.wording import sketch_of
from umecrawl.model.capture import FailureKind
from umecrawl.model.message import decode_content

pytestmark = pytest.mark.testbed

TESTBED = Path(__file__).parents[3] / "shared" / "testbed"
FOLLOW = 'follow = ["vk.se", "folkbladet.nu", "dn.se", "svt.se", "umea.se", "aftonbladet.se"]\n'
SOURCES = (
    f'[[source]]\nname = "umesosse"\nseeds = ["https://umesosse.se/"]\nscope = "host"\n{FOLLOW}'
    f'[[source]]\nname = "lundgren"\nseeds = ["http://blogg.vk.se/andreaslundgren/"]\nscope = "prefix"\n{FOLLOW}'
)
FOLLOWED = ("vk.se", "folkbladet.nu", "dn.se", "svt.se", "umea.se", "aftonbladet.se")


class Bed:
    """One edition of the capture, answering by URL as the replay server would."""

    def __init__(self, edition):
        spec = importlib.util.spec_from_file_location("capture_io", TESTBED / "capture_io.py")
        self.reader = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.reader)
        self.capture = self.reader.Capture()
        self.entries = self.capture.edition(edition)
        self.prefixes = [e for entries in self.entries.values() for e in entries if e.get("url_prefix")]
        self.hosts = {urlsplit(url).hostname for url in self.entries}

    def answer(self, crawl, candidate):
        """Settle a candidate with what the edition holds for its URL."""
        entries = self.entries.get(candidate.url)
        if entries is None and any(candidate.url.startswith(e["url_prefix"]) for e in self.prefixes):
            return crawl.captured(candidate)
        if entries is None and urlsplit(candidate.url).hostname not in self.hosts:
            return crawl.failed(candidate, FailureKind.DNS)
        if entries is None:
            return crawl.captured(candidate, 404)
        entry = next((e for e in entries if e.get("seq", 1) == candidate.attempt), entries[-1])
        body = self.body(entry)
        return crawl.captured(
            candidate,
            entry["status"],
            body,
            entry.get("location"),
            outlinks=discover(candidate.url, entry["content_type"], body),
            sketch=sketch_of(body) if "html" in entry["content_type"] and entry["status"] == 200 else None,
        )

    def body(self, entry):
        """Return the decoded body of an entry, nothing for one that the server makes up."""
        if entry["storage"] == "synthetic":
            return b""
        _, headers, payload = self.capture.load(entry)
        return decode_content(payload, self.reader.header(headers, "Content-Encoding") or "")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A crawl of the test bed that has ended."""

    bed: Bed
    crawl: Crawl
    requests: int

    @property
    def fetched(self):
        """The URLs that were asked for."""
        return {candidate.url for candidate in self.crawl.asked}


@functools.cache
def rehearsed(edition):
    """Crawl an edition to its end, or for two thousand requests."""
    bed = Bed(edition)
    crawl = Crawl(configuration(SOURCES))
    crawl.frontier.seed_all()
    requests = 0
    while requests < 2_000 and (candidate := crawl.next()) is not None:
        requests += 1
        bed.answer(crawl, candidate)
    return Rehearsal(bed, crawl, requests)


@pytest.fixture(params=[1, 2])
def rehearsal(request):
    """Return the crawl of one edition."""
    if not TESTBED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the test bed is missing: {TESTBED}")
        pytest.skip("the test bed is not beside the project")
    return rehearsed(request.param)


def test_the_crawl_ends_by_itself_within_a_thousand_requests(rehearsal):
    """Two pairs of page counters, a calendar, replies and feeds everywhere do not keep it going."""
    assert rehearsal.crawl.idle
    assert rehearsal.requests < 1_000
    assert rehearsal.crawl.frontier.failed_seeds == ()
    assert not rehearsal.crawl.frontier.limited


def test_every_post_and_page_of_the_blogs_is_asked_for(rehearsal):
    """All posts that answer under their own address, and the pages of the gold data."""
    pattern = re.compile(r"(?:https://umesosse\.se|http://blogg\.vk\.se/andreaslundgren)/\d{4}/\d\d/\d\d/[^/?]+/")
    entries = rehearsal.bed.entries
    posts = {url for url, found in entries.items() if pattern.fullmatch(url) and found[0]["status"] == 200}
    gold = map(json.loads, (TESTBED / "gold.jsonl").read_text(encoding="utf-8").splitlines())
    pages = {record["url"] for record in gold if record["type"] == "page"}
    assert len(posts) >= 65
    assert len(pages) >= 8
    assert (posts | pages) - rehearsal.fetched == set()


def test_every_news_page_that_a_blog_links_to_is_asked_for_unless_robots_forbid(rehearsal):
    """One hop off the blogs, and no further."""
    crawl = rehearsal.crawl
    blogs = ("https://umesosse.se/", "http://blogg.vk.se/andreaslundgren/")
    linked = {
        link.url
        for event, _ in crawl.events
        for link in getattr(event, "outlinks", ())
        if event.url.startswith(blogs) and link.hop == "L" and (urlsplit(link.url).hostname or "").endswith(FOLLOWED)
    }
    articles = {url for url in linked if rehearsal.bed.entries.get(url, [{}])[-1].get("kind") == "post"}
    news = {url for url in articles if not url.startswith(blogs)}
    assert len(news) >= 15
    assert news - set(crawl.left("robots")) - rehearsal.fetched == set()


def test_each_list_is_paged_alone_and_to_its_end(rehearsal):
    """Of /nyheter/ with 10 and 4 pages, 13 addresses are asked for, not 40 or 80."""
    nyheter = {url for url in rehearsal.fetched if url.startswith("https://umesosse.se/nyheter/?")}
    pairs = {tuple(re.findall(r"paged(\d)=(\d+)", url)) for url in nyheter}
    assert all(len(pair) == 1 for pair in pairs)
    assert {pair[0] for pair in pairs} >= {("1", str(n)) for n in range(2, 11)} | {("2", str(n)) for n in range(2, 5)}
    arkiv = {url for url in rehearsal.fetched if url.startswith("https://umesosse.se/arkiv/?")}
    assert 5 <= len(arkiv) <= 8


def test_no_trap_is_entered(rehearsal):
    """Replies, part feeds, the REST interface, the calendar and shared links are left."""
    forbidden = re.compile(
        r"replytocom|/comments/feed|/\d\d/[^/]+/feed/|/wp-json/|/kalender\?|[?&]share=|share\.php|[?&]s="
    )
    assert [url for url in rehearsal.fetched if forbidden.search(url)] == []


def test_no_host_is_asked_faster_than_it_wants(rehearsal):
    """With a second between requests and Crawl-delays of up to two, the slowest host sets the time."""
    delays = {state.host: state.delay for state in rehearsal.crawl.frontier.hosts()}
    assert delays["umesosse.se"] == timedelta(seconds=1)
    assert delays["www.vk.se"] == timedelta(seconds=2)
