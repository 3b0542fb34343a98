"""An archive opened from Python: what is served comes back byte for byte, and answers come as rows."""

import gzip
import hashlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

import umecrawl
from umecrawl.errors import NotFoundError, UmecrawlError, UsageError
from umecrawl.index.engine import Index
from umecrawl.model.article import Extraction, Outcome, Post, Quality
from umecrawl.model.capture import Capture, Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.query import frames
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.writer import WarcWriter

URL = Url("https://blogg.example/skolan")
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Too short an entity would be stored twice rather than as a revisit.
NOISE = "".join(hashlib.sha256(b"%d" % number).hexdigest() for number in range(100))
ENTITY = gzip.compress(f"<h1>Skolan</h1><p>Kommunalråden bygger i Umeå.</p><!-- {NOISE} -->".encode(), mtime=0)
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ENTITY), ENTITY)
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@pytest.fixture
def root(tmp_path):
    """Make an archive with one page captured twice, the second time as a revisit, and its index."""
    run = CrawlRun("20260301120000-aaaa", "umea", ("blogg",), T0, "Arkivet", "https://a.example", "ua", "obey", "x")
    with PayloadStore(tmp_path) as payloads, WarcWriter(tmp_path, run, payloads=payloads, hostname="host") as writer:
        for hour in (1, 2):
            candidate = CrawlUrl(URL, URL, "blogg")
            writer.append(Exchange(candidate, T0 + timedelta(hours=hour), 5, b"GET / HTTP/1.1\r\n\r\n", HEAD, CHUNKED))
    index = Index.open(Index.default_url(tmp_path))
    post = Post(URL, "Skolan", "Kommunalråden bygger i Umeå.", "a" * 64)
    with index.writer() as writer:
        for mark, event in WarcArchive(tmp_path).events({}):
            writer.put(mark, event)
            if isinstance(event, Capture) and writer.wants(event):
                writer.put_extraction(event, Extraction(Outcome.ARTICLE, Quality.FULL, "test 1", (post,)))
        writer.commit()
        writer.finish()
    index.close()
    return tmp_path


@pytest.mark.parametrize("ask", ["search", "changes", "removals", "coverage"])
def test_a_bound_that_is_no_date_is_refused_in_words(root, ask):
    """A text in place of a date is what one tries first; a time without a zone is one in UTC."""
    words = ("bygga",) if ask == "search" else ()
    with umecrawl.open(root) as archive:
        with pytest.raises(UsageError, match="no date or time: '2026-03-01'") as caught:
            getattr(archive, ask)(*words, since="2026-03-01")
        assert caught.value.hint
        for shift, found in ((timedelta(0), True), (timedelta(days=1), False)):
            aware = T0 + shift
            naive = aware.replace(tzinfo=None)
            rows = [getattr(archive, ask)(*words, since=bound) for bound in (aware, naive)]
            assert rows[0] == rows[1]
            assert bool(rows[0]) == (found and ask in {"search", "coverage"})


def test_the_time_of_a_capture_is_taken_as_a_bound_is(root):
    """With a zone, without one, as a day; a text is refused."""
    with umecrawl.open(root) as archive:
        first, last = archive.history(URL)
        for at, row in ((last.captured_at, last), (last.captured_at.replace(tzinfo=None), last), (T0.date(), first)):
            assert archive.capture(URL, at) == row
        with pytest.raises(UsageError, match="no date or time"):
            archive.cite(URL, "2026-03-01")


def test_bytes_come_back_as_served(root):
    """The entity of a response and of a revisit: chunks removed, gzip kept."""
    with umecrawl.open(root) as archive:
        rows = archive.history(URL)
        assert [row.record_type for row in rows] == ["response", "revisit"]
        assert [archive.read(row.id) for row in rows] == [ENTITY, ENTITY]
        with pytest.raises(NotFoundError):
            archive.read("00000000-0000-0000-0000-000000000000")


def test_head_and_record_come_back_as_stored(root):
    """The head as it was sent, and the whole record with its header."""
    with umecrawl.open(root) as archive:
        first, second = archive.history(URL)
        assert archive.head(first.id) == archive.head(second.id) == HEAD
        assert archive.record(first.id).startswith(b"WARC/1.1\r\n")
        assert CHUNKED in archive.record(first.id)
        assert b"WARC-Type: revisit" in archive.record(second.id)


def test_a_version_is_found_by_its_id(root):
    """The id that a capture names leads to the text."""
    with umecrawl.open(root) as archive:
        (first, _) = archive.history(URL)
        assert archive.version(first.version).title == "Skolan"
        with pytest.raises(NotFoundError, match="no version"):
            archive.version("0" * 32)


def test_a_capture_is_read_anew(root):
    """What the index does not keep comes from the WARC by the extractor at hand, of a revisit too."""
    with umecrawl.open(root) as archive:
        for row in archive.history(URL):
            read = archive.extraction(row.id)
            assert read.extractor != "test 1"
            assert read.outcome in set(Outcome)
        with pytest.raises(NotFoundError):
            archive.post("00000000-0000-0000-0000-000000000000")


def test_every_question_can_be_asked(root):
    """Search, versions, captures, runs, status and the report of a run answer through one object."""
    with umecrawl.open(str(root)) as archive:
        (hit,) = archive.search("kommunalråd", site="blogg.example")
        (step,) = archive.versions("blogg.example/skolan")
        assert hit.id == step.id
        assert step.captures == 2
        assert [row.id for row in archive.captures()] == [row.id for row in archive.history(URL)]
        assert archive.capture(URL, T0).captured_at == T0 + timedelta(hours=1)
        (run,) = archive.runs()
        assert len(archive.fetches(run.id)) == 2
        assert archive.skipped(run.id) == []
        assert archive.reuse() == []
        assert archive.status().revisits == 1
        assert [row.kind.value for row in archive.report(run.id)] == ["new"]


def test_an_open_archive_sees_what_is_added(root):
    """Each question sees the index of its moment, so a notebook may stay open during a crawl."""
    with umecrawl.open(root) as archive:
        assert len(archive.runs()) == 1
        index = Index.open(Index.default_url(root))
        with index.writer() as writer:
            later = CrawlRun("20260302120000-bbbb", "umea", ("blogg",), T0, "A", "https://a.example", "ua", "obey", "x")
            mark, _ = next(WarcArchive(root).events({}))
            writer.put(mark, later)
            writer.commit()
        index.close()
        assert len(archive.runs()) == 2


def test_what_is_not_there_is_told(tmp_path):
    """No folder, or no index in it, is told with what to do; nothing is made by looking."""
    with pytest.raises(NotFoundError, match="no archive"):
        umecrawl.open(tmp_path / "nothing")
    with pytest.raises(NotFoundError, match="no index") as caught:
        umecrawl.open(tmp_path)
    assert "umecrawl index" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_view_becomes_a_data_frame(root):
    """Times of captures are times, and every row of the view is there."""
    pandas = pytest.importorskip("pandas", reason="the extra `frame` is not installed")
    with umecrawl.open(root) as archive:
        frame = archive.frame("captures")
        assert list(frame["record_type"]) == ["response", "revisit"]
        assert frame["captured_at"].max() - frame["captured_at"].min() == pandas.Timedelta(hours=1)
        assert len(archive.frame("skipped")) == 0
        with pytest.raises(UsageError, match="nothing"):
            archive.frame("nothing")


def test_without_pandas_the_error_says_what_to_install(root, monkeypatch):
    """Data frames are an extra."""
    monkeypatch.setattr(frames, "find_spec", lambda _: None)
    with umecrawl.open(root) as archive, pytest.raises(UmecrawlError) as caught:
        archive.frame("captures")
    assert "umecrawl[frame]" in caught.value.hint


def test_importing_the_package_loads_no_database_and_no_dictionary():
    """`import umecrawl` is for everybody; SQLAlchemy, numpy and the WARC readers come when an archive is opened."""
    code = (
        "import sys, umecrawl; "
        "print(sorted({'sqlalchemy', 'numpy', 'warcio', 'fastwarc', 'scrapy', 'simplemma'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
