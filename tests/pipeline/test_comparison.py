"""What another extractor would change, told for a sample of an archive."""

from datetime import UTC, datetime, timedelta

import pytest
import readers

from umecrawl.index.engine import Index
from umecrawl.model.capture import Capture, Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.pipeline.comparison import compare_with_index
from umecrawl.pipeline.extraction import ExtractionPool
from umecrawl.pipeline.indexing import bring_up_to_date
from umecrawl.query.counts import Counts
from umecrawl.query.json_form import as_json
from umecrawl.query.readings import sampled_readings
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.writer import WarcWriter

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGES = ("Skolan\nHuset brinner.\nDela", "Vägen\nBilen står.", "Tomt", "Bron\nDela\nSlut.")


@pytest.fixture
def root(tmp_path):
    """Make an archive of four pages."""
    run = CrawlRun("20260301120000-aaaa", "umea", ("blogg",), T0, "Arkivet", "https://a.example", "ua", "obey", "x")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
    with PayloadStore(tmp_path) as payloads, WarcWriter(tmp_path, run, payloads=payloads, hostname="host") as writer:
        for number, page in enumerate(PAGES):
            url, body = Url(f"https://blogg.example/{number}"), page.encode()
            at = T0 + timedelta(hours=number)
            writer.append(
                Exchange(CrawlUrl(url, url, "blogg"), at, 5, b"GET / HTTP/1.1\r\n\r\n", head % len(body), body)
            )
    return tmp_path


@pytest.fixture
def index(root):
    """Index it with the older reader."""
    index = Index.open(Index.default_url(root))
    with ExtractionPool[Capture](1, reader=readers.read_old) as pool:
        bring_up_to_date(root, index, pool=pool)
    yield index
    index.close()


def compared(root, index, reader, sample=10):
    """Compare what the index holds with another reader."""
    with ExtractionPool[Capture](1, reader=reader) as pool:
        return compare_with_index(root, index, pool=pool, sample=sample, seed=1)


def test_the_same_reader_changes_nothing(root, index):
    """What the index keeps is what the extractor said, so only another extractor differs from it."""
    found = compared(root, index, readers.read_old)
    assert (found.sampled, found.changed, found.changes, found.fields) == (4, 0, (), Counts())
    assert found.extractors == Counts((("reader 1", 4),))


def test_another_reader_is_told_field_by_field(root, index):
    """A byline found and a line left out, with the words that went."""
    found = compared(root, index, readers.read_new)
    assert (found.changed, found.fields) == (2, Counts((("byline", 2), ("text", 2))))
    of_first = {one.field: one for one in found.changes if one.url.endswith("/0")}
    assert (of_first["byline"].before, of_first["byline"].after) == (None, "Åsa Ek")
    text = of_first["text"]
    assert (text.before, text.after, text.words_added, text.words_removed) == ("Dela", "", 0, 1)
    assert as_json(found)["changes"][0]["captured_at"].endswith("Z")


def test_a_capture_that_is_gone_is_named(root, index):
    """What cannot be read again is no change."""
    for warc in (root / "warc").rglob("*.warc.gz"):
        warc.unlink()
    found = compared(root, index, readers.read_new)
    assert (len(found.damage), found.changes) == (4, ())


def test_a_sample_is_the_same_for_the_same_seed(index):
    """It hangs on the ids of captures and the seed alone; a larger one holds the smaller."""
    with index.connect() as connection:
        small, large, other = (
            {reading.capture.id for reading in sampled_readings(connection, size, seed)}
            for size, seed in ((2, 1), (3, 1), (2, 2))
        )
        assert small == {reading.capture.id for reading in sampled_readings(connection, 2, 1)}
    assert small < large
    assert len(other) == 2
