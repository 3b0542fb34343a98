"""The octets of records, golden and by property."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.errors import UmecrawlError
from umecrawl.model.crawl import Hop, Outlink, RunEnd, RunOutcome
from umecrawl.model.urls import Url
from umecrawl.warc.records import (
    Record,
    RecordFormatError,
    digest_octets,
    expected_length,
    format_date,
    head_length,
    header_bytes,
    new_record,
    parse_date,
    parse_record,
    record_bytes,
)

GOLDEN = Path(__file__).with_name("golden.warc")


def test_a_whole_file_is_golden(tmp_path, make, writing, the_warc, records_of):
    """With frozen ids and times the records of a file are these octets and no others."""
    with writing(tmp_path, run=make.run(settings=(("delay", "1s"), ("odd=name", "a\nb")))) as writer:
        body = b"<p>hej</p>" * 60
        first = make.exchange("https://blog.example/a", body, tls=make.tls(), fields=(b'ETag: "v1"',))
        writer.append(first, (Outlink(Url("http://news.example/1"), Hop.LINK),))
        writer.append(make.exchange("http://blog.example/b", body, day=1))
        writer.append(make.not_modified("https://blog.example/a", b'ETag: "v1"', day=2))
        writer.append(make.failure(request=b"GET / HTTP/1.1\r\n\r\n"))
        writer.skip(make.skipped())
        writer.end(RunEnd(make.run().id, make.begin, RunOutcome.FINISHED, "all done"))
    written = b"".join(records_of(the_warc(tmp_path)))
    # How long a member is depends on the compressor at hand.
    written = re.sub(rb"(Umecrawl-Lead|WARC-Refers-To-File-Offset): \d+", rb"\1: 0", written)
    assert written == GOLDEN.read_bytes()


def test_a_record_reads_back_as_it_was(make):
    """Fields in order, repeated ones included, and block survive being written and read."""
    record = new_record(
        "resource", "urn:x:1", make.begin, [("WARC-Protocol", "a"), ("WARC-Protocol", "b")], b"\0\r\n\r\n"
    )
    assert parse_record(record_bytes(record)) == record
    assert record.all("warc-protocol") == ("a", "b")
    assert record.id == "urn:x:1"


@given(block=st.binary(max_size=300))
def test_every_block_survives(block):
    """No octets in a block can confuse the reader."""
    record = new_record("resource", "urn:x:1", datetime(2026, 1, 1, tzinfo=UTC), [], block)
    data = record_bytes(record)
    assert parse_record(data) == record
    assert expected_length(data) == len(data)


@pytest.mark.parametrize("value", ["a\r\nWARC-Type: response", "a\nb", "a\rb"])
def test_a_field_cannot_forge_another(value):
    """A line break in a value is refused, for it would begin a field of its own."""
    with pytest.raises(UmecrawlError, match="line break"):
        header_bytes(Record((("WARC-Type", value),), b""))


@given(data=st.binary(max_size=200))
def test_reading_never_fails_otherwise(data):
    """Any octets either are a record or raise `RecordFormatError`."""
    for octets in (data, b"WARC/1.1\r\n" + data, b"WARC/1.1\r\nContent-Length: 2\r\n\r\n" + data):
        try:
            assert isinstance(parse_record(octets), Record)
        except RecordFormatError:
            continue


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", "begins with its WARC version"),
        (b"WARC/1.1\r\nContent-Length: 0", "no end"),
        (b"WARC/1.1\r\nno field\r\n\r\n", "not a field"),
        (b"WARC/1.1\r\nWARC-Type: x\r\n\r\n", "no valid Content-Length"),
        (b"WARC/1.1\r\nContent-Length: -1\r\n\r\n", "no valid Content-Length"),
        (b"WARC/1.1\r\nContent-Length: 9\r\n\r\nabc\r\n\r\n", "7 octets, its Content-Length says 9"),
        (b"WARC/1.1\r\nContent-Length: 3\r\n\r\nabc\r\n", "two line ends"),
        (b"WARC/1.1\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n\0", "two line ends"),
    ],
)
def test_what_is_wrong_with_a_record_is_said(data, complaint):
    """The message names the fault."""
    with pytest.raises(RecordFormatError, match=complaint):
        parse_record(data)


def test_a_record_of_version_1_0_is_read():
    """Folded lines, brackets around the URI and Latin-1 octets are read as older tools wrote them."""
    data = (
        b"WARC/1.0\r\nWARC-Type: Response\r\nWARC-Target-URI: <http://a.example/>\r\n"
        b"X: a\r\n \xe5\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    )
    record = parse_record(data)
    assert (record.version, record.type, record.url, record.get("x")) == (
        "WARC/1.0",
        "response",
        "http://a.example/",
        "a å",
    )


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001 - gets UTC below
def test_dates_survive(at):
    """A time is kept to the microsecond."""
    at = at.replace(tzinfo=UTC)
    assert parse_date(format_date(at)) == at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04T05:06Z", datetime(2026, 3, 4, 5, 6, tzinfo=UTC)),
        ("2026-03-04T05:06:07Z", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)),
        ("2026-03-04T05:06:07.1Z", datetime(2026, 3, 4, 5, 6, 7, 100_000, tzinfo=UTC)),
        ("2026-03-04T05:06:07.123456789Z", datetime(2026, 3, 4, 5, 6, 7, 123_456, tzinfo=UTC)),
    ],
)
def test_shorter_and_finer_dates_are_read(text, expected):
    """All forms that WARC/1.1 allows are understood."""
    assert parse_date(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+01:00"])
def test_other_texts_are_no_dates(text):
    """What is no date is refused."""
    with pytest.raises(RecordFormatError):
        parse_date(text)


@pytest.mark.parametrize(
    ("value", "algorithm"),
    [
        ("sha1:QMRXGKXZDXVVVVXEMVYCZK5RZC5WZB5G", "sha1"),
        ("SHA-1:qmrxgkxzdxvvvvxemvyczk5rzc5wzb5g", "sha1"),
        ("sha256:" + "0a" * 32, "sha256"),
        ("sha-256:" + "0A" * 32, "sha256"),
        ("md5:" + "0a" * 16, "md5"),
    ],
)
def test_digests_are_read_in_every_form(value, algorithm):
    """Hex and Base32, any case, with or without a hyphen."""
    assert digest_octets(value)[0] == algorithm


@pytest.mark.parametrize("value", ["", "sha256", "sha256:zz", "crc32:00000000", "sha1:ABC"])
def test_what_is_no_digest_is_told(value):
    """Other texts give nothing."""
    assert digest_octets(value) is None


def test_the_list_of_skipped_urls_is_json_lines(tmp_path, make, writing, the_warc, records_of):
    """Each line is a JSON object any tool can read."""
    with writing(tmp_path) as writer:
        writer.skip(make.skipped(1))
        writer.skip(make.skipped(2))
    (record,) = [record for record in records_of(the_warc(tmp_path)) if b"x-ndjson" in record]
    lines = parse_record(record).block.splitlines()
    assert [json.loads(line)["url"] for line in lines] == ["http://elsewhere.example/1", "http://elsewhere.example/2"]


@given(st.binary(max_size=3), st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"\n\n", b"a", b"GET"]), max_size=12))
def test_the_first_blank_line_of_any_kind_ends_a_head(front, pieces):
    """CRLF, line feeds alone and both mixed, wherever the message lies among other octets."""
    message = b"".join(pieces)
    blank = re.search(rb"\r?\n\r?\n", message)
    data = front + message + b"\r\n\r\n"
    expected = blank.end() if blank else len(message)
    assert head_length(data, len(front), len(front) + len(message)) == expected
    assert head_length(message) == expected
