"""The reader: growing files, marks, damage, and files that other tools wrote."""

import gc
import gzip
import re
import warnings
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import Capture, FailedFetch, RecordType
from umecrawl.model.crawl import CrawlRun, Skipped
from umecrawl.warc.cdxj import cdxj_path
from umecrawl.warc.members import deflated
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.records import digest, parse_record
from umecrawl.warc.recovery import recover

URL = "http://blog.example/a"


def test_a_reader_that_comes_back_sees_what_is_new(tmp_path, make, writing):
    """From its last mark on, with the run known though the warcinfo lies before it."""
    archive, marks = WarcArchive(tmp_path), {}

    def news():
        events = list(archive.events(marks))
        marks.update({mark.warc: mark.offset for mark, _ in events})
        return [event for _, event in events]

    assert news() == []
    with writing(tmp_path) as writer:
        first = writer.append(make.exchange(URL))
        assert news() == [make.run(), first]
        assert news() == []
        second, third = writer.append(make.exchange(f"{URL}2")), writer.append(make.failure())
        assert news() == [second, third]
        assert second.run == third.run == make.run().id
        last = writer.append(make.exchange(f"{URL}3"))
    assert news() == [last]
    assert news() == []


def test_a_mark_never_lies_between_events_of_one_record(tmp_path, make, writing):
    """Whoever stops after the first of several skipped URLs gets all of them again."""
    with writing(tmp_path) as writer:
        for number in range(3):
            writer.skip(make.skipped(number))
    events = list(WarcArchive(tmp_path).events({}))
    skipped = [(mark, event) for mark, event in events if isinstance(event, Skipped)]
    (name,) = {mark.warc for mark, _ in events}
    for mark, _ in skipped[:2]:
        again = [event for _, event in WarcArchive(tmp_path).events({name: mark.offset})]
        assert again == [event for _, event in skipped]
    assert list(WarcArchive(tmp_path).events({name: skipped[2][0].offset})) == []


def test_files_come_in_the_order_of_their_names(tmp_path, make, writing):
    """Closed and open files alike, under their names without `.open`."""
    with writing(tmp_path) as writer:
        first = writer.append(make.exchange(URL, b"1" * 600))
    with writing(tmp_path, run=make.run(2)) as writer:
        second = writer.append(make.exchange(URL, b"2" * 600))
        events = list(WarcArchive(tmp_path).events({}))
    assert [event for _, event in events] == [make.run(), first, make.run(2), second]
    assert [mark.warc for mark, _ in events] == sorted(mark.warc for mark, _ in events)
    assert not any(mark.warc.endswith(".open") for mark, _ in events)


def test_an_incomplete_end_is_passed_over_only_while_a_file_is_open(tmp_path, make, writing, the_warc):
    """The same octets are damage once the file is closed."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange(URL))
        writer.append(make.exchange(f"{URL}2", make.page + b"2"))
    path = the_warc(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DamageError, match=rf"{path.name}: offset \d+: the file ends inside a member"):
        list(WarcArchive(tmp_path).events({}))
    path.rename(path.with_name(path.name + ".open"))
    captures = [event for _, event in WarcArchive(tmp_path).events({}) if isinstance(event, Capture)]
    assert [capture.url for capture in captures] == [URL]


@pytest.mark.parametrize("unfinished", ["", ".open"])
def test_damage_is_told_with_file_and_offset(tmp_path, make, writing, the_warc, unfinished):
    """A flipped bit within the file stops the reader, open or closed; what stands before it is told."""
    with writing(tmp_path) as writer:
        first = writer.append(make.exchange(URL, b"1" * 900))
        second = writer.append(make.exchange(f"{URL}2", b"2" * 900))
        writer.append(make.exchange(f"{URL}3", b"3" * 900))
    path = the_warc(tmp_path)
    data = bytearray(path.read_bytes())
    data[second.record.offset + second.record.length - 6] ^= 1
    path.write_bytes(data)
    path.rename(path.with_name(path.name + unfinished))
    seen = []
    with pytest.raises(DamageError, match=rf"{path.name}.*: offset {second.record.offset}: ") as told:
        seen.extend(event for _, event in WarcArchive(tmp_path).events({}))
    assert told.value.exit_code == 5
    assert "umecrawl verify" in told.value.hint
    with pytest.raises(DamageError, match=str(second.record.offset)):
        WarcArchive(tmp_path).payload(second)
    assert WarcArchive(tmp_path).payload(first) == b"1" * 900


def test_another_record_in_the_place_is_told(tmp_path, make, writing):
    """A file that was packed anew is not read as if nothing had happened."""
    with writing(tmp_path) as writer:
        first = writer.append(make.exchange(URL, b"1" * 900))
        second = writer.append(make.exchange(f"{URL}2", b"2" * 900))
    misplaced = replace(first, record=replace(second.record, record_id=first.id))
    with pytest.raises(DamageError, match=f"the record {second.id} stands where {first.id} should"):
        WarcArchive(tmp_path).payload(misplaced)


def test_raw_octets_and_members_can_be_had(tmp_path, make, writing):
    """The record as it stands, and the members of the whole exchange for copying."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange("http://blog.example/before"))
        capture = writer.append(make.exchange(URL, day=1))
    archive = WarcArchive(tmp_path)
    assert parse_record(archive.raw(capture.record)).id == capture.id
    assert [record.type for record in archive.exchange(capture)] == ["request", "metadata", "revisit"]
    assert gzip.decompress(archive.members(capture)).count(b"\r\nWARC-Type: ") == 3
    assert archive.request(capture) == make.request


@pytest.mark.parametrize("with_cdxj", [True, False])
def test_an_original_is_found_where_the_hint_is_wrong(tmp_path, make, writing, with_cdxj):
    """After the original's file was packed anew it is looked up in the CDXJ, or else in the files."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange("http://blog.example/x", b"x" * 600))
        first = writer.append(make.exchange(URL))
    with writing(tmp_path, run=make.run(2)) as writer:
        again = writer.append(make.exchange("http://blog.example/b", day=1))
    path = WarcArchive(tmp_path).path(first.record.warc)
    records = gzip.decompress(path.read_bytes()).split(b"WARC/1.1\r\n")[1:]
    path.write_bytes(b"".join(deflated(b"WARC/1.1\r\n" + record) for record in reversed(records)))
    cdxj_path(tmp_path, path.name).unlink()
    if with_cdxj:
        recover(tmp_path)
    assert WarcArchive(tmp_path).payload(again) == make.page


def test_a_lost_original_is_told(tmp_path, make, writing):
    """The error names the record and the URL that are missing."""
    with writing(tmp_path) as writer:
        first = writer.append(make.exchange(URL))
    with writing(tmp_path, run=make.run(2)) as writer:
        again = writer.append(make.exchange(URL, day=1))
    WarcArchive(tmp_path).path(first.record.warc).unlink()
    cdxj_path(tmp_path, first.record.warc).unlink()
    with pytest.raises(NotFoundError, match=rf"{first.id}.*{URL}"):
        WarcArchive(tmp_path).payload(again)


def written_by_warcio(version: str) -> bytes:
    """Return a WARC with a response, its request behind it, and a revisit that names no record."""
    stream = BytesIO()
    writer = WARCWriter(stream, gzip=True, warc_version=version)
    writer.write_record(writer.create_warcinfo_record("foreign.warc.gz", {"software": "another"}))
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), ("X", "1")], protocol="HTTP/1.1")
    sent = StatusAndHeaders("GET /a HTTP/1.1", [("Host", "blog.example")], is_http_request=True)
    dated = {"WARC-Date": "2020-02-03T04:05:06Z"}
    response = writer.create_warc_record(
        URL, "response", BytesIO(b"<p>hello</p>"), http_headers=headers, warc_headers_dict=dated
    )
    request = writer.create_warc_record(URL, "request", BytesIO(), http_headers=sent, warc_headers_dict=dated)
    writer.write_request_response_pair(request, response)
    payload = response.rec_headers.get_header("WARC-Payload-Digest")
    writer.write_record(
        writer.create_revisit_record("http://blog.example/b", payload, URL, dated["WARC-Date"], http_headers=headers)
    )
    return stream.getvalue()


@pytest.fixture
def foreign(tmp_path):
    """Return a function that puts a WARC written by warcio into an archive."""

    def write(version: str) -> None:
        with warnings.catch_warnings():  # warcio leaves temporary files to the garbage collector
            warnings.simplefilter("ignore")
            data = written_by_warcio(version)
            gc.collect()
        path = tmp_path / "warc" / "other" / "foreign.warc.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)

    return write


@pytest.mark.parametrize("version", ["WARC/1.0", "WARC/1.1"])
def test_files_of_other_tools_give_captures(tmp_path, foreign, version):
    """Response before request, no provenance, SHA-1: the digest is worked out, the revisit finds its original."""
    foreign(version)
    archive = WarcArchive(tmp_path)
    run, response, revisit = [event for _, event in archive.events({})]
    assert (run.software, run.id[:7]) == ("another", "import-")
    assert (response.url, response.via, response.run, response.status) == (URL, None, run.id, 200)
    assert response.captured_at == datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert response.payload_digest == revisit.payload_digest == digest(b"<p>hello</p>")
    assert (response.size, response.mime) == (12, "text/html")
    assert revisit.record_type is RecordType.REVISIT
    assert archive.payload(response) == archive.payload(revisit) == b"<p>hello</p>"
    recover(tmp_path)
    assert WarcArchive(tmp_path).payload(revisit) == b"<p>hello</p>"


def test_one_member_for_all_is_read(tmp_path, make, writing, the_warc):
    """A file of ours that another tool packed into one member tells what it told before."""
    with writing(tmp_path) as writer:
        for number in range(3):
            writer.append(make.exchange(f"{URL}{number}", make.page + b"%d" % number))
    before = [event for _, event in WarcArchive(tmp_path).events({})]
    path = the_warc(tmp_path)
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    archive = WarcArchive(tmp_path)
    after = [event for _, event in archive.events({})]
    assert [event.id for event in after] == [event.id for event in before]
    captures = [event for event in after if isinstance(event, Capture)]
    for number in (2, 0, 1):
        assert archive.payload(captures[number]) == make.page + b"%d" % number
        assert parse_record(archive.raw(captures[number].record)).id == captures[number].id


def test_failures_are_told(tmp_path, make, writing):
    """With what was sent, though nothing came back."""
    with writing(tmp_path) as writer:
        written = writer.append(make.failure(request=b"GET / HTTP/1.1\r\n\r\n", partial=b"HT"))
    run, failed = [event for _, event in WarcArchive(tmp_path).events({})]
    assert isinstance(run, CrawlRun)
    assert isinstance(failed, FailedFetch)
    assert failed == written
    assert b"partial: SFQ=" in WarcArchive(tmp_path).raw(failed.record)


@pytest.mark.parametrize("lead", [b"99999", b"00007", "٣٣٣٣".encode()], ids=["before the file", "amid", "no digits"])
def test_a_lead_that_leads_nowhere_leaves_the_capture_alone(tmp_path, make, writing, lead):
    """As after a repair, or in a changed file: the capture is read, and nothing else is taken for its own."""
    with writing(tmp_path) as writer:
        kept = writer.append(make.exchange())
    path = WarcArchive(tmp_path).path(kept.record.warc)
    members, offset, data = [], 0, path.read_bytes()
    while offset < len(data):
        inflater = zlib.decompressobj(31)
        members.append(inflater.decompress(data[offset:]))
        offset = len(data) - len(inflater.unused_data)
    changed = re.sub(rb"(?<=Umecrawl-Lead: )\d+", lead, members[-1])
    begin = kept.record.offset
    path.write_bytes(data[:begin] + deflated(changed))
    archive = WarcArchive(tmp_path)
    assert [kept.id] == [record.id for record in archive.exchange(kept)]
    assert b"" == archive.request(kept)
    assert deflated(changed) == archive.members(
        replace(kept, record=replace(kept.record, length=len(deflated(changed))))
    )
    assert make.page == archive.payload(kept)
