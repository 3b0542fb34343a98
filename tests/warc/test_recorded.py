"""Recorded answers: octets, dates and addresses of captures, revisits resolved, and nothing that no server said."""

from datetime import timedelta

import pytest

from umecrawl.model.capture import Exchange, FailureKind, FetchFailure
from umecrawl.model.message import entity_of, parse_head
from umecrawl.model.urls import Url
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.recorded import RecordedAnswers

URL = "http://blog.example/a"


@pytest.fixture
def replay(tmp_path, make):
    """Return a function that answers one URL from the files below a folder."""

    def answer(url=URL, at=None, method="GET"):
        with WarcFiles([tmp_path]) as files:
            return RecordedAnswers(files, at, clock=lambda: make.begin).answer(make.crawl_url(url), method)

    return answer


def record(kind, url, block, *fields, content_type="application/http;msgtype=response", record_id="1"):
    """Return a record as another tool may write it."""
    lines = [
        b"WARC/1.0",
        b"WARC-Type: " + kind,
        b"WARC-Record-ID: <urn:uuid:0000000%s-0000-4000-8000-000000000000>" % record_id.encode(),
        b"WARC-Date: 2020-01-02T03:04:05Z",
        b"WARC-Target-URI: " + url.encode(),
        b"Content-Type: " + content_type.encode(),
        *fields,
        b"Content-Length: %d" % len(block),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + block + b"\r\n\r\n"


def test_a_capture_is_given_as_it_was_recorded(tmp_path, make, writing, replay):
    """Request, head, body, date, address, duration and TLS are those of the record, which is named."""
    sent = make.chunked(URL, tls=make.tls())
    with writing(tmp_path) as writer:
        capture = writer.append(sent)
    found = replay()
    for name in ("request", "response_head", "response_body", "started_at", "ip", "elapsed_ms"):
        assert getattr(found, name) == getattr(sent, name)
    assert (found.tls.version, found.tls.cipher) == (sent.tls.version, sent.tls.cipher)
    assert found.payload == make.page
    assert (found.replayed.warc, found.replayed.record_id) == (capture.record.warc, capture.id)
    assert found.replayed.protocols == ("http/1.1", "tls/1.3")


def test_the_capture_nearest_in_time_answers_and_without_a_time_the_latest(tmp_path, make, writing, replay):
    """Editions are told apart by time."""
    with writing(tmp_path) as writer:
        for day, body in enumerate((b"first" * 100, b"second" * 100, b"third" * 100)):
            writer.append(make.exchange(URL, body, day=day))
    assert replay().payload.startswith(b"third")
    assert replay(at=make.begin + timedelta(hours=20)).payload.startswith(b"second")
    assert replay(at=make.begin - timedelta(days=900)).payload.startswith(b"first")


def test_a_revisit_has_its_own_head_and_the_body_it_repeats(tmp_path, make, writing, replay):
    """The date is that of the revisit, and the note says whose body it is."""
    with writing(tmp_path) as writer:
        original = writer.append(make.exchange(URL))
        writer.append(make.exchange(URL, day=1, fields=(b"X-Again: yes",)))
    found = replay()
    assert b"X-Again: yes" in found.response_head
    assert found.response_body == make.page
    assert found.started_at == make.begin + timedelta(days=1)
    assert original.id in found.note


def test_a_304_is_answered_by_the_capture_that_it_confirms(tmp_path, make, writing, replay):
    """A page that nobody sent on that day is not dated on it."""
    with writing(tmp_path) as writer:
        original = writer.append(make.exchange(URL, fields=(b'ETag: "1"',)))
        confirmed = writer.append(make.not_modified(URL, b'ETag: "1"', day=1))
    assert confirmed.record_type == "revisit"
    found = replay()
    assert (found.payload, found.started_at) == (make.page, make.begin)
    assert found.replayed.record_id == original.id


def test_what_is_in_no_file_is_a_failure(tmp_path, make, writing, replay):
    """So is a method that reads nothing; the time is that of the look-up."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange(URL))
    for found in (replay("http://blog.example/b"), replay(method="POST")):
        assert isinstance(found, FetchFailure)
        assert (found.kind, found.started_at, found.request) == (FailureKind.NOT_ARCHIVED, make.begin, b"")


def test_a_revisit_without_its_original_is_a_failure(tmp_path, replay):
    """Half an answer is none."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    fields = (b"WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest",)
    (tmp_path / "a.warc").write_bytes(record(b"revisit", URL, head, *fields, b"WARC-Payload-Digest: sha1:" + b"A" * 32))
    found = replay()
    assert isinstance(found, FetchFailure)
    assert "original" in found.detail


def test_a_resource_is_no_answer_of_a_server(tmp_path, replay):
    """Its head would have to be made up."""
    (tmp_path / "a.warc").write_bytes(record(b"resource", URL, b"<p>hello", content_type="text/html"))
    found = replay()
    assert isinstance(found, FetchFailure)
    assert "resource" in found.detail


def test_a_revisit_of_another_framing_is_answered_by_its_original(tmp_path, replay):
    """The new head before the old body would be no message."""
    body = b"5\r\nhello\r\n0\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    plain = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    fields = (
        b"WARC-Profile: http://netpreserve.org/warc/1.0/revisit/identical-payload-digest",
        b"WARC-Refers-To: <urn:uuid:00000001-0000-4000-8000-000000000000>",
    )
    (tmp_path / "a.warc").write_bytes(
        record(b"response", URL, chunked) + record(b"revisit", URL, plain, *fields, record_id="2")
    )
    found = replay()
    assert found.response_head + found.response_body == chunked
    assert found.payload == b"hello"


def test_chunks_that_a_tool_took_away_are_put_back_as_one(tmp_path, make, writing, replay):
    """Head and body fit together again, the entity is the recorded one, and the note says what was done."""
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<p>hello"
    (tmp_path / "a.warc").write_bytes(record(b"response", URL, block))
    found = replay()
    assert found.payload == b"<p>hello" == entity_of(parse_head(found.response_head), found.response_body)
    assert "chunks" in found.note
    root = tmp_path / "copy"
    with writing(root) as writer:
        capture = writer.append(found)
    assert WarcArchive(root).payload(capture) == b"<p>hello"


def test_what_a_tool_does_not_tell_is_not_made_up(tmp_path, make, writing, replay, the_warc):
    """No request, duration, address or protocol: none is in the copy, whose date is the original's."""
    block = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    (tmp_path / "a.warc").write_bytes(record(b"response", URL, block, b"WARC-IP-Address: unknown"))
    found = replay()
    assert isinstance(found, Exchange)
    assert (found.request, found.elapsed_ms, found.ip, found.tls) == (b"", None, None, None)
    root = tmp_path / "copy"
    with writing(root) as writer:
        capture = writer.append(found)
    assert capture.captured_at.isoformat() == "2020-01-02T03:04:05+00:00"
    metadata, response = WarcArchive(root).exchange(capture)
    assert b"\r\nreplayed-from: a.warc 00000001-0000-4000-8000-000000000000\r\n" in metadata.block
    assert b"fetchTimeMs" not in metadata.block
    assert not response.get("WARC-Protocol")
    [told] = [event for _, event in WarcArchive(root).events({}) if getattr(event, "url", "") == URL]
    assert told == capture


def test_a_url_is_recorded_as_it_was_fetched(tmp_path, make, writing, replay):
    """A URL that differs in the order of its parameters finds the capture, and the copy has the capture's."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange("http://blog.example/?b=2&a=1"))
    found = replay("http://blog.example/?a=1&b=2")
    assert found.crawl_url.url == Url("http://blog.example/?b=2&a=1")
