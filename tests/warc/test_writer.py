"""The writer: what becomes a revisit, when a file ends, and what a full disk leaves."""

import gzip
import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from umecrawl.errors import NoSpaceError
from umecrawl.model.capture import Capture, RecordType, Truncation
from umecrawl.model.crawl import RunEnd, RunOutcome
from umecrawl.model.urls import Url
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.payloads import MIN_SIZE, PayloadStore
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.records import bare_id, parse_record
from umecrawl.warc.verify import verify
from umecrawl.warc.writer import SKIPPED_BATCH, WarcWriter

URL = "http://blog.example/a"


def types(records: list[bytes]) -> list[str]:
    """Return the types of records in order."""
    return [parse_record(record).type for record in records]


def test_the_records_of_an_exchange_stand_together_and_the_response_last(tmp_path, make, writing, the_warc, records_of):
    """Request and metadata name the response by Concurrent-To and share its date."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange())
    _, *exchange = [parse_record(record) for record in records_of(the_warc(tmp_path))]
    assert [record.type for record in exchange] == ["request", "metadata", "response"]
    assert len({record.get("WARC-Date") for record in exchange}) == 1
    assert {bare_id(record.get("WARC-Concurrent-To")) for record in exchange[:2]} == {exchange[2].id}


def test_the_block_is_what_came_over_the_wire(tmp_path, make, writing, the_warc, records_of):
    """Odd case, repeated fields, Latin-1, folding and chunks stand in the record octet for octet."""
    head = (
        b"HTTP/1.1 200\r\nX-wEiRd:a\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
        b"X: Ume\xe5\r\n  folded\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    body = b"5;ext=1\r\nhallo\r\n0\r\nTrailer: x\r\n\r\n"
    with writing(tmp_path) as writer:
        capture = writer.append(make.exchange(URL, body, head=head))
    record = parse_record(records_of(the_warc(tmp_path))[-1])
    assert record.block == head + body
    assert WarcArchive(tmp_path).payload(capture) == b"hallo"
    assert capture.size == 5


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"HTTP/1.1 200 OK\nA: b\n\n", b"\r\n\r\nbody"),
        (b"HTTP/1.1 200 OK\r\nA: b", b""),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\n\r\n", b"body\n\n"),
    ],
)
def test_the_end_of_an_odd_head_is_kept(tmp_path, make, writing, head, body):
    """Where the block does not show the end of the head, a field of ours says it."""
    with writing(tmp_path) as writer:
        capture = writer.append(make.exchange(URL, body, head=head))
    archive = WarcArchive(tmp_path)
    assert (archive.head(capture), archive.payload(capture)) == (head, body)


def test_an_append_is_readable_before_it_returns(tmp_path, make, writing, the_warc):
    """Another process sees whole members at once: nothing waits in a buffer of ours."""
    with writing(tmp_path, dedup=False) as writer:
        for number in range(3):
            writer.append(make.exchange(f"{URL}{number}"))
            path = the_warc(tmp_path)
            assert path.name.endswith(".open")
            assert gzip.decompress(path.read_bytes()).count(b"WARC-Type: response") == number + 1


def test_packed_bodies_are_stored_and_text_is_deflated(tmp_path, make, writing, the_warc):
    """A gzip body or an image stands in the file as it came; a plain page does not."""
    packed, image = gzip.compress(make.page, mtime=0), os.urandom(3000)
    head = make.head(len(image)).replace(b"text/html; charset=utf-8", b"image/jpeg")
    with writing(tmp_path) as writer:
        writer.append(make.exchange(URL, packed, fields=(b"Content-Encoding: gzip",)))
        writer.append(make.exchange(URL, image, head=head))
        writer.append(make.exchange(URL))
    data = the_warc(tmp_path).read_bytes()
    assert packed in data
    assert image in data
    assert make.page not in data


def test_a_repeated_payload_becomes_a_revisit(tmp_path, make, writing, the_warc, records_of):
    """It keeps its own head, names an existing response three times, and its payload is read through it."""
    with writing(tmp_path) as writer:
        first = writer.append(make.exchange(URL))
        again = writer.append(make.exchange("http://blog.example/copy", day=1, fields=(b"X-Seen: 2",)))
        third = writer.append(make.exchange(URL, day=2))
    assert [c.record_type for c in (first, again, third)] == [
        RecordType.RESPONSE,
        RecordType.REVISIT,
        RecordType.REVISIT,
    ]
    assert again.refers_to == third.refers_to == first.id
    assert (again.payload_digest, again.size, again.truncated) == (first.payload_digest, first.size, None)
    record = next(r for r in map(parse_record, records_of(the_warc(tmp_path))) if r.id == again.id)
    original = next(r for r in map(parse_record, records_of(the_warc(tmp_path))) if r.id == first.id)
    assert record.get("WARC-Refers-To-Target-URI") == original.url
    assert record.get("WARC-Refers-To-Date") == original.get("WARC-Date")
    assert record.get("WARC-Truncated") == "length"
    archive = WarcArchive(tmp_path)
    assert b"X-Seen: 2" in archive.head(again)
    assert archive.payload(again) == archive.payload(first) == make.page


def test_chunk_sizes_do_not_matter_but_framing_does(tmp_path, make, writing):
    """Equal chunked pages share a payload; the same page with a Content-Length is stored whole, for replay's sake."""
    with writing(tmp_path) as writer:
        first = writer.append(make.chunked(URL, size=17))
        other_chunks = writer.append(make.chunked(URL, size=40, day=1))
        with_length = writer.append(make.exchange(URL, day=2))
    assert first.payload_digest == other_chunks.payload_digest == with_length.payload_digest
    assert other_chunks.refers_to == first.id
    assert with_length.record_type is RecordType.RESPONSE


@pytest.mark.parametrize(
    "changes",
    [
        {"body": b"x" * (MIN_SIZE - 1)},
        {"truncated": Truncation.DISCONNECT},
        {"head": b"HTTP/1.1 404 Not Found\r\n\r\n"},
        {"head": b"HTTP/1.1 301 Moved\r\nLocation: /b\r\n\r\n"},
    ],
    ids=["tiny", "truncated", "missing", "redirect"],
)
def test_what_is_stored_whole_every_time(tmp_path, make, writing, changes):
    """Tiny and cut bodies, errors and redirects never hang on another record."""
    with writing(tmp_path) as writer:
        captures = [writer.append(make.exchange(URL, day=day, **changes)) for day in (0, 1)]
    assert [capture.record_type for capture in captures] == [RecordType.RESPONSE] * 2


def test_without_a_store_every_response_is_whole(tmp_path, make, writing):
    """`payloads=None` switches revisits off."""
    with writing(tmp_path, dedup=False) as writer:
        captures = [writer.append(make.exchange(URL, day=day)) for day in (0, 1)]
    assert {capture.record_type for capture in captures} == {RecordType.RESPONSE}


def test_a_304_confirms_what_was_asked_about_however_it_spells_the_tag(tmp_path, make, writing):
    """Apache leaves `-gzip` off the tag of a 304; one that nobody asked for confirms nothing."""
    asked = make.request[:-2] + b'if-none-match: "1-gzip"\r\n\r\n'
    with writing(tmp_path) as writer:
        page = writer.append(make.exchange(URL, make.page, fields=(b'ETag: "1-gzip"',)))
        confirmed = writer.append(make.not_modified(URL, b'ETag: "1"', day=1, request=asked))
        unasked = writer.append(make.not_modified(URL, b'ETag: "1-gzip"', day=2, request=make.request))
    assert (confirmed.record_type, confirmed.refers_to) == (RecordType.REVISIT, page.id)
    assert (unasked.record_type, unasked.status) == (RecordType.RESPONSE, 304)


def test_a_304_becomes_a_revisit_of_what_it_confirms(tmp_path, make, writing, the_warc, records_of):
    """Its block is empty, its own head is kept beside it, and its payload is that of the tag it names."""
    with writing(tmp_path) as writer:
        old = writer.append(make.exchange(URL, make.page, fields=(b'ETag: "old"',)))
        new = writer.append(make.exchange(URL, make.page + b"!", fields=(b'ETag: "new"',), day=1))
        untagged = writer.append(make.not_modified(URL, day=2))
        tagged = writer.append(make.not_modified(URL, b'ETag: W/"old"', day=3))
    assert (untagged.refers_to, tagged.refers_to) == (new.id, old.id)
    assert (tagged.status, tagged.payload_digest, tagged.size) == (304, old.payload_digest, old.size)
    record = parse_record(records_of(the_warc(tmp_path))[-1])
    assert record.block == b""
    assert record.get("WARC-Profile").endswith("server-not-modified")
    archive = WarcArchive(tmp_path)
    assert archive.head(tagged) == b'HTTP/1.1 304 Not Modified\r\nETag: W/"old"\r\n\r\n'
    assert archive.payload(tagged) == make.page
    assert b'ETag: "old"' in archive.payload_head(tagged)


@pytest.mark.parametrize("url", ["http://blog.example/never-seen", URL])
def test_a_304_for_something_unknown_is_a_response(tmp_path, make, writing, url):
    """Neither an unknown URL nor an unknown tag is made to refer to something else."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange(URL, fields=(b'ETag: "v1"',)))
        capture = writer.append(make.not_modified(url, b'ETag: "v2"'))
    assert (capture.record_type, capture.status, capture.refers_to) == (RecordType.RESPONSE, 304, None)


def test_payloads_are_known_across_runs(tmp_path, make, writing):
    """The next run's revisit names the record of the run before."""
    with writing(tmp_path) as writer:
        first = writer.append(make.exchange(URL))
    with writing(tmp_path, run=make.run(2)) as writer:
        again = writer.append(make.exchange(URL, day=1))
    assert again.refers_to == first.id
    assert again.record.warc != first.record.warc
    assert WarcArchive(tmp_path).payload(again) == make.page


def test_a_clock_that_goes_back_costs_neither_names_nor_references(tmp_path, make, writing):
    """Also within a run: names stay unique, a revisit may be older than its original, and verify finds nothing."""
    days = iter((5, 3, 1, 5, 3, 1, 5, 3, 1, 5, 3, 1))
    clock = lambda: make.begin + timedelta(days=next(days))  # noqa: E731  # each file asks it twice
    captures = []
    for number, day in enumerate((9, 4, 7), 1):
        with writing(tmp_path, run=make.run(number), clock=clock) as writer:
            captures += [
                writer.append(make.exchange(URL, fields=(b'ETag: "v1"',), day=day)),
                writer.append(make.not_modified(URL, b'ETag: "v1"', day=day - 1)),
            ]
    first, *others = captures
    archive = WarcArchive(tmp_path)
    assert {first.id} == {capture.refers_to for capture in others}
    assert {make.page} == {archive.payload(capture) for capture in captures}
    assert len(archive.names()) == len(set(archive.names())) == 3
    assert list(verify(root=tmp_path)) == []
    with WarcFiles(sorted(tmp_path.rglob("*.warc.gz"))) as files:
        for capture in captures:
            assert files.find(Url(URL), capture.captured_at) == capture


def test_files_end_between_exchanges(tmp_path, make, writing, records_of):
    """Past the wanted size a new file begins, with a warcinfo of the same run and a name of its own."""
    with writing(tmp_path, max_size=1500, dedup=False) as writer:
        for number in range(4):
            writer.append(make.exchange(f"{URL}{number}", os.urandom(600)))
    files = sorted(tmp_path.rglob("*.warc.gz"))
    assert len(files) == 4
    for path in files:
        assert types(records_of(path)) == ["warcinfo", "request", "metadata", "response"]
        assert parse_record(records_of(path)[0]).get("WARC-Filename") == path.name


def test_a_name_is_never_given_twice(tmp_path, make, writing):
    """Also not in the same second, when the clock stands still, or when the file was taken away since."""
    for number in range(3):
        with writing(tmp_path) as writer:
            writer.append(make.exchange(f"{URL}{number}"))
        (path,) = tmp_path.rglob(f"*-0000{number}-*.warc.gz")
        if number == 1:
            path.unlink()
    with writing(tmp_path) as writer:
        capture = writer.append(make.exchange(URL))
    assert "-00003-" in capture.record.warc


def test_a_chain_of_certificates_is_kept_once_for_each_file(tmp_path, make, writing, records_of):
    """Each file holds the chains of its connections, whatever files lie beside it."""
    with writing(tmp_path, max_size=2500, dedup=False) as writer:
        for number in range(4):
            writer.append(make.exchange(f"{URL}{number}", os.urandom(600), tls=make.tls(b"leaf" * 99, b"issuer" * 99)))
    files = sorted(tmp_path.rglob("*.warc.gz"))
    assert len(files) > 1
    for path in files:
        blocks = [record for record in records_of(path) if b"WARC-Type: metadata" in record]
        assert [block.count(b"tlsCertificate") for block in blocks] == [2, *[0] * (len(blocks) - 1)]
        assert all(b"tlsPeer: " in block for block in blocks)


def test_skipped_urls_are_written_in_batches(tmp_path, make, writing):
    """Five hundred make a record, the rest comes when the writer closes."""
    with writing(tmp_path) as writer:
        for number in range(SKIPPED_BATCH + 1):
            writer.skip(make.skipped(number))
        assert len(list(WarcArchive(tmp_path).events({}))) == 1 + SKIPPED_BATCH
    assert len(list(WarcArchive(tmp_path).events({}))) == 2 + SKIPPED_BATCH


def test_skipped_urls_do_not_wait_for_ever(tmp_path, make, writing):
    """What was noted a minute ago is written with the next exchange."""
    now = [0.0]
    with writing(tmp_path, elapsed=lambda: now[0]) as writer:
        writer.skip(make.skipped())
        writer.append(make.exchange(f"{URL}1"))
        assert len(list(WarcArchive(tmp_path).events({}))) == 2
        now[0] = 61.0
        writer.append(make.exchange(f"{URL}2"))
        assert len(list(WarcArchive(tmp_path).events({}))) == 4


def test_the_disk_is_asked_every_few_seconds(tmp_path, make, writing, monkeypatch):
    """Not for each exchange, and always when the file is sealed."""
    synced = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    now = [0.0]
    with writing(tmp_path, elapsed=lambda: now[0]) as writer:
        for second in (0.0, 1.0, 4.9, 5.1, 6.0, 10.2):
            now[0] = second
            writer.append(make.exchange(f"{URL}{second}"))
        assert len(synced) == 2
    assert len(synced) == 3


def test_a_writer_that_wrote_nothing_leaves_nothing(tmp_path, writing):
    """No run, no file."""
    with writing(tmp_path):
        pass
    assert not list(tmp_path.rglob("*.warc.gz*"))


def test_a_run_that_only_ended_is_told(tmp_path, make, writing):
    """Also a run that fetched nothing has a file."""
    end = RunEnd(make.run().id, make.begin, RunOutcome.FAILED, "no seed")
    with writing(tmp_path) as writer:
        writer.end(end)
    assert [event for _, event in WarcArchive(tmp_path).events({})] == [make.run(), end]


FULL_DISK = """
    import resource, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from conftest import Make
    from umecrawl.errors import NoSpaceError
    from umecrawl.warc.writer import WarcWriter

    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    make = Make()
    for root in map(Path, sys.argv[2:]):
        writer = WarcWriter(root, make.run(), payloads=None, hostname="crawler")
        writer.append(make.exchange("http://blog.example/0"))
        limit(int(root.name))
        try:
            for number in range(1, 100):
                writer.append(make.exchange(f"http://blog.example/{number}"))
        except NoSpaceError as error:
            assert error.exit_code == 8, error
            print(number)
        limit(resource.RLIM_INFINITY)
        writer.append(make.exchange("http://blog.example/after"))
        writer.close()
"""


def test_a_full_disk_leaves_whole_exchanges(tmp_path):
    """A write that stops half-way is taken back to the octet, and the writer goes on when there is room again."""
    roots = [tmp_path / str(limit) for limit in (2500, 3001, 3500, 4097)]
    command = [sys.executable, "-c", textwrap.dedent(FULL_DISK), str(Path(__file__).parent), *map(str, roots)]
    failed_at = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    for root, number in zip(roots, failed_at, strict=True):
        captures = [event for _, event in WarcArchive(root).events({}) if isinstance(event, Capture)]
        assert [c.url.rpartition("/")[2] for c in captures] == [*map(str, range(int(number))), "after"]
        assert list(verify(root=root)) == []


def test_a_file_that_cannot_begin_is_taken_away(tmp_path, make, monkeypatch):
    """When not even the warcinfo fits, no empty file is left."""
    writer = WarcWriter(tmp_path, make.run(), payloads=None, hostname="crawler", new_id=lambda: UUID(int=1))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(NoSpaceError, match="No space left"):
        writer.append(make.exchange())
    assert not list(tmp_path.rglob("*.open"))


def test_a_failed_append_is_not_known(tmp_path, make, writing, monkeypatch):
    """What could not be written is no payload to refer to."""
    with (
        PayloadStore(tmp_path) as payloads,
        WarcWriter(tmp_path, make.run(), payloads=payloads, hostname="crawler") as writer,
    ):
        writer.append(make.exchange("http://blog.example/first", b"f" * 900))
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
            with pytest.raises(NoSpaceError):
                writer.append(make.exchange(URL))
        assert writer.append(make.exchange(URL)).record_type is RecordType.RESPONSE


def test_an_interrupted_append_leaves_nothing(tmp_path, make, writing, monkeypatch):
    """Ctrl-C in the middle of a write takes back what was written of it."""
    write = os.write

    def interrupted(descriptor, data):
        write(descriptor, data[:100])
        raise KeyboardInterrupt

    with writing(tmp_path) as writer:
        first = writer.append(make.exchange(URL))
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", interrupted)
            with pytest.raises(KeyboardInterrupt):
                writer.append(make.exchange(f"{URL}2"))
        again = writer.append(make.exchange(URL, day=1))
    assert [event for _, event in WarcArchive(tmp_path).events({})] == [make.run(), first, again]
    assert list(verify(root=tmp_path)) == []
