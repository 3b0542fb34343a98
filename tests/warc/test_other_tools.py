"""Other tools read what we write: gzip, warcio, FastWARC, and every response of the test bed."""

import gzip
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from umecrawl.model.message import entity_of, parse_head
from umecrawl.model.urls import normalize
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.verify import verify

TESTBED = Path(__file__).parents[2].parent / "shared" / "testbed"


@pytest.fixture
def written(tmp_path, make, writing, the_warc):
    """Return a WARC without chunked records, for on those warcio digests something else than the payload."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange("http://blog.example/a", tls=make.tls(), fields=(b'ETag: "v1"',)))
        packed = gzip.compress(make.page, mtime=0)
        writer.append(make.exchange("http://blog.example/gz", packed, fields=(b"Content-Encoding: gzip",)))
        writer.append(make.exchange("http://blog.example/a", day=1))
        writer.append(make.not_modified("http://blog.example/a", b'ETag: "v1"', day=2))
        writer.append(make.failure(request=b"GET / HTTP/1.1\r\n\r\n"))
        writer.skip(make.skipped())
    return the_warc(tmp_path)


def test_gzip_and_warcio_find_nothing_wrong(written):
    """`gzip -t` and `warcio check` end with 0 and say nothing."""
    subprocess.run(["gzip", "-t", written], check=True)
    command = [Path(sys.executable).with_name("warcio"), "check", written]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_warcio_reads_the_records(written):
    """Types, offsets and decoded pages are as we know them."""
    with written.open("rb") as file:
        iterator = WarcioIterator(file)
        read = []
        for record in iterator:
            page = record.content_stream().read() if record.rec_type == "response" else b""
            read.append((record.rec_type, record.rec_headers["WARC-Target-URI"], page))
    responses = [(url, page) for kind, url, page in read if kind == "response"]
    page = WarcArchive(written.parents[2])
    captures = [event for _, event in page.events({}) if getattr(event, "record_type", None) == "response"]
    assert [url for url, _ in responses] == [capture.url for capture in captures]
    assert len({page for _, page in responses}) == 1


def test_fastwarc_finds_the_same_offsets(written):
    """What we say of a capture's place is where another reader finds its record."""
    captures = [event for _, event in WarcArchive(written.parents[2]).events({}) if hasattr(event, "record_type")]
    places = {record.record_id: record.stream_pos for record in ArchiveIterator(str(written), parse_http=False)}
    assert {f"<urn:uuid:{capture.id}>": capture.record.offset for capture in captures}.items() <= places.items()


@pytest.mark.testbed
def test_every_response_of_the_test_bed_survives(tmp_path, make, writing):
    """Octet for octet through the archive, and `verify` agrees with all of it."""
    if not TESTBED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the test bed is missing: {TESTBED}")
        pytest.skip("the test bed is not beside the project")
    spec = spec_from_file_location("capture_io", TESTBED / "capture_io.py")
    capture_io = module_from_spec(spec)
    spec.loader.exec_module(capture_io)
    bed = capture_io.Capture()
    kept = []
    with writing(tmp_path) as writer:
        for day, entry in enumerate(bed.entries[::7]):
            wire = bed.wire(entry)
            end = wire.index(b"\r\n\r\n") + 4
            exchange = make.exchange(normalize(entry["url"]), wire[end:], head=wire[:end], day=day)
            kept.append((exchange, writer.append(exchange)))
    archive = WarcArchive(tmp_path)
    for exchange, capture in kept:
        head = exchange.response_head
        assert archive.head(capture) == head
        assert archive.payload(capture) == entity_of(parse_head(head), exchange.response_body)
    assert [event for _, event in archive.events({})][1:] == [capture for _, capture in kept]
    assert list(verify(root=tmp_path)) == []
