"""What `append` returns is what a reader finds, whatever was fetched."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from umecrawl.model.capture import Capture, Exchange, FailedFetch, FailureKind, FetchFailure, TlsFacts, Truncation
from umecrawl.model.crawl import CrawlRun, CrawlUrl, Hop, Outlink, RunEnd, RunOutcome, Skipped
from umecrawl.model.message import entity_of, parse_head
from umecrawl.model.urls import normalize
from umecrawl.warc.fields import escape, unescape
from umecrawl.warc.reader import WarcArchive

times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC by timezones
texts = st.text(max_size=30)
paths = st.text("aåÅ/?&=%2 .-;:|\"'", max_size=12)
urls = st.builds(lambda host, path: normalize(f"http://{host}.example/{path}"), st.sampled_from("abc"), paths)
hop_paths = st.text([hop.value for hop in Hop], max_size=4)
crawl_urls = st.builds(CrawlUrl, urls, urls, texts, st.none() | urls, hop_paths, st.integers(1, 9))
ips = st.sampled_from([None, "192.0.2.1", "2001:db8::1"])
lines = st.sampled_from(
    [
        b"Content-Type: text/html; charset=utf-8",
        b"Content-Encoding: gzip",
        b"Transfer-Encoding: chunked",
        b"Location: /elsewhere",
        b"Location: http://[broken",
        b"X-Title: Ume\xe5",
        b'ETag: W/"1"',
        b" folded",
        b"no colon",
        b"",
    ]
)
heads = st.builds(
    lambda status, fields, end, blank: end.join([status, *fields]) + blank,
    st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.0 301", b"http/1.1 404 x", b"HTTP/1.1 304 Not", b"ICY 200", b"?"]),
    st.lists(lines, max_size=4),
    st.sampled_from([b"\r\n", b"\n"]),
    st.sampled_from([b"\r\n\r\n", b"\n\n", b"\r\n\n", b""]),
)
bodies = st.binary(max_size=60) | st.sampled_from([b"5\r\nhallo\r\n0\r\n\r\n", b"<p>text</p>" * 80, b"7\r\nbroken"])
tls = st.none() | st.builds(
    TlsFacts, st.sampled_from(["tls/1.3", ""]), st.sampled_from(["TLS_AES_128_GCM_SHA256", ""]), st.tuples(st.binary())
)
exchanges = st.builds(
    Exchange,
    crawl_url=crawl_urls,
    started_at=times,
    elapsed_ms=st.integers(0, 10**6),
    request=st.sampled_from([b"", b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"]),
    response_head=heads,
    response_body=bodies,
    ip=ips,
    tls=tls,
    interim=st.binary(max_size=10),
    excess=st.binary(max_size=10),
    truncated=st.none() | st.sampled_from(Truncation),
    note=texts,
)
failures = st.builds(
    FetchFailure,
    crawl_url=crawl_urls,
    started_at=times,
    elapsed_ms=st.integers(0, 10**6),
    kind=st.sampled_from(FailureKind),
    detail=texts,
    ip=ips,
    request=st.binary(max_size=20),
    partial=st.binary(max_size=20),
)
outlinks = st.lists(st.builds(Outlink, urls, st.sampled_from(Hop)), max_size=3).map(tuple)
runs = st.builds(
    CrawlRun,
    id=texts.filter(bool),
    collection=st.just("umea"),
    sources=st.lists(texts, max_size=3).map(tuple),
    started_at=times,
    operator=texts,
    contact=texts,
    user_agent=texts,
    robots=st.sampled_from(["obey", "ignore"]),
    software=texts,
    title=texts,
    settings=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(run=runs, fetches=st.lists(st.tuples(exchanges | failures, outlinks), max_size=5))
def test_the_reader_finds_what_the_writer_returned(tmp_path_factory, writing, run, fetches):
    """Captures, failures and the run come back equal, and every payload and head octet for octet."""
    root = tmp_path_factory.mktemp("archive")
    with writing(root, run=run) as writer:
        written = [writer.append(fetched, links) for fetched, links in fetches]
    archive = WarcArchive(root)
    events = [event for _, event in archive.events({})]
    assert events == ([run, *written] if fetches else [])
    for (fetched, _), capture in zip(fetches, written, strict=True):
        if isinstance(fetched, FetchFailure):
            assert isinstance(capture, FailedFetch)
            continue
        assert isinstance(capture, Capture)
        assert archive.head(capture) == fetched.response_head
        assert archive.request(capture) == fetched.request
        if capture.status != 304:
            assert archive.payload(capture) == entity_of(parse_head(fetched.response_head), fetched.response_body)
        assert len(archive.payload(capture)) == capture.size


@quick
@given(
    end=st.builds(RunEnd, texts.filter(bool), times, st.sampled_from(RunOutcome), texts),
    skipped=st.lists(
        st.builds(Skipped, urls, texts, texts, texts, st.none() | urls, hop_paths, texts, times), max_size=5
    ),
)
def test_ends_and_skipped_urls_come_back(tmp_path_factory, make, writing, end, skipped):
    """What was left out, and how the run ended, read as they were told."""
    root = tmp_path_factory.mktemp("archive")
    with writing(root) as writer:
        for one in skipped:
            writer.skip(one)
        writer.end(end)
    assert [event for _, event in WarcArchive(root).events({})] == [make.run(), *skipped, end]


@given(st.text(st.characters(codec=None)))
def test_every_text_fits_in_one_line(text):
    """Escaping keeps any text, lone surrogates included, and leaves no line break."""
    line = escape(text)
    assert unescape(line) == text
    assert not set(line) & set("\r\n\0")
    assert line.encode("utf-8").decode("utf-8") == line


@pytest.mark.parametrize("text", ["Socialdemokraterna i Umeå", "100 % av 5", "a, b; c=d", "%zz"])
def test_ordinary_text_stays_readable(text):
    """Letters, punctuation and harmless percent signs are not escaped."""
    assert escape(text) == text
