"""Files that other tools wrote: real samples, imitations, every packing, every known fault."""

import gzip
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from foreign_warcs import DATE, HEAD, PAGE, browsertrix, heritrix, identity, packings, record, response, urn, wpull
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import Capture, RecordType
from umecrawl.model.crawl import CrawlRun
from umecrawl.model.message import decode_content, parse_head
from umecrawl.pipeline.fixtures import route_table
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.recovery import recover

SAMPLES = Path(__file__).parent / "foreign"
BLOG = "http://blogg.bladet.example/annaberg/"
POST = f"{BLOG}2026/05/04/mitt-forsta-sommarjobb/"
NAMES = [
    "scrapy-warcio.warc.gz",
    "scrapy-webarchive.wacz",
    "warcio-1.0.warc.gz",
    "warcio-1.1.warc.gz",
    "warcprox.warc.gz",
    "wget.warc.gz",
]
URL = "http://blog.example/a"


def put(root: Path, name: str, data: bytes) -> WarcArchive:
    """Put a file among the WARCs of an archive and return the archive."""
    path = root / "warc" / "others" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return WarcArchive(root)


def told(archive: WarcArchive) -> tuple[list[CrawlRun], list[Capture]]:
    """Return the runs and the captures that an archive tells of."""
    events = [event for _, event in archive.events({})]
    runs = [event for event in events if isinstance(event, CrawlRun)]
    return runs, [event for event in events if isinstance(event, Capture)]


def faults(archive: WarcArchive) -> dict[str, tuple[int, int]]:
    """Return count and first offset of each fault of all files."""
    return {one.kind: (one.count, one.first_offset) for name in archive.names() for one in archive.faults(name)}


@pytest.mark.parametrize("name", NAMES)
def test_what_other_tools_recorded_is_what_the_sites_sent(name):
    """Every page of a sample decodes to the very octets that the sample sites hold."""
    routes = route_table(1)
    with WarcFiles([SAMPLES / name]) as files:
        captures = list(files.captures())
        assert files.damage == ()
        pages = {}
        for capture in captures:
            head = parse_head(files.head(capture))
            pages[capture.url] = decode_content(files.payload(capture), head.joined("content-encoding"))
            assert head.status == capture.status
            assert files.request(capture).startswith(b"GET ")
        for url in (BLOG, POST):
            assert pages[url] == routes.exact[url].body
        # scrapy-warcio writes no redirects; all others do.
        statuses = {200, 404, 410} if name == "scrapy-warcio.warc.gz" else {200, 301, 404, 410}
        assert {capture.status for capture in captures} == statuses
        assert len({capture.run for capture in captures}) == 1


def test_the_faults_of_the_samples_are_told_once():
    """With their number, and nothing is said of files that have none."""
    with WarcFiles([SAMPLES]) as files:
        assert {(one.warc, one.kind, one.count, one.first_offset) for one in files.faults} == {
            ("scrapy-warcio.warc.gz", "date-form", 13, 0)
        }


def test_a_revisit_of_warcprox_has_its_payload():
    """It names its original by id, URL and date."""
    with WarcFiles([SAMPLES / "warcprox.warc.gz"]) as files:
        response, revisit = [one for one in files.captures() if one.url == POST]
        assert (response.record_type, revisit.record_type) == (RecordType.RESPONSE, RecordType.REVISIT)
        assert revisit.payload_digest == response.payload_digest
        assert files.payload(revisit) == files.payload(response)


def test_heritrix_tells_where_a_page_was_found_behind_the_page(tmp_path):
    """`via`, `hopsFromSeed` and `fetchTimeMs` reach the capture; names looked up are no captures."""
    archive = put(tmp_path, "UMEA-20240506070809123-00000-7~crawler~8443.warc.gz", heritrix())
    (run,), captures = told(archive)
    assert (run.id[:21], run.software[:8], run.operator) == ("import-20240506070809", "Heritrix", "Exempelarkivet")
    assert (run.robots, run.collection, run.title) == ("obey", "umea", "Partierna")
    assert [(one.url, one.via, one.hop_path, one.elapsed_ms) for one in captures] == [
        ("http://blog.example/", None, "", 41),
        ("http://blog.example/a", "http://blog.example/", "L", 42),
        ("http://blog.example/b", None, "LL", 9),
    ]
    assert {one.run for one in captures} == {run.id}
    assert archive.payload(captures[2]) == PAGE
    assert captures[2].payload_digest == captures[1].payload_digest
    assert faults(archive) == {}


def test_an_unfinished_file_of_heritrix_is_read_and_left_alone(tmp_path):
    """Recovery closes what we left, not what others left."""
    archive = put(tmp_path, "UMEA-20240506070809123-00000-7~c~1.warc.gz.open", heritrix()[:-20])
    (path,) = (tmp_path / "warc").rglob("*.open")
    assert recover(tmp_path) == []
    assert path.exists()
    assert [one.url[-1] for one in told(archive)[1]] == ["/", "a", "b"]


def test_browsertrix_pages_are_captures_and_what_it_says_of_them_is_not(tmp_path):
    """A resource at an http URL is a capture; `urn:pageinfo:` and `urn:text:` are none; stale codings are seen."""
    archive = put(tmp_path, "rec.warc.gz", browsertrix())
    (run,), (page, picture, copy) = told(archive)
    assert run.software.startswith("Browsertrix-Crawler")
    assert (picture.url, picture.record_type, picture.status) == (
        "https://blog.example/bild.svg",
        RecordType.RESOURCE,
        200,
    )
    assert (picture.mime, archive.payload(picture)) == ("image/svg+xml", b"<svg/>")
    assert b"image/svg+xml" in archive.payload_head(picture)
    assert archive.payload(page) == archive.payload(copy) == PAGE
    assert faults(archive) == {"not-chunked": (1, page.record.offset)}


def test_wpull_revisits_are_found_by_id_alone(tmp_path):
    """The request stands first, the revisit names a record and no URL."""
    archive = put(tmp_path, "wpull.warc.gz", wpull())
    (run,), (page, copy) = told(archive)
    assert run.software == "Wpull/2.0.1 Python/3.6.9"
    assert archive.payload(copy) == archive.payload(page) == PAGE


@pytest.mark.parametrize("tool", [heritrix, browsertrix, wpull])
@pytest.mark.parametrize("packing", list(packings(wpull())))
def test_every_packing_tells_the_same(tmp_path, tool, packing):
    """One member a record, one for all, blocks that cut through records, plain, Zstandard with a dictionary."""
    reference = put(tmp_path / "r", "a.warc.gz", tool())
    expected = [(one.id, one.payload_digest, one.via) for one in told(reference)[1]]
    archive = put(tmp_path / "other", packing, packings(tool())[packing])
    captures = told(archive)[1]
    assert [(one.id, one.payload_digest, one.via) for one in captures] == expected
    for one, original in reversed(list(zip(captures, told(reference)[1], strict=True))):
        assert archive.payload(one) == reference.payload(original)
        assert archive.raw(one.record) == reference.raw(original.record)
    offsets = [one.record.offset for one in captures]
    assert offsets == sorted(set(offsets))
    assert set(faults(archive)) <= {"one-member", "not-chunked"}


@pytest.mark.parametrize("packing", list(packings(wpull())))
def test_reading_goes_on_at_every_mark(tmp_path, packing):
    """Whoever stops behind an event and comes back gets the rest, each event once."""
    data = packings(heritrix())[packing]
    archive = put(tmp_path, packing, data)
    events = list(archive.events({}))
    for number, (mark, _) in enumerate(events):
        rest = [event for _, event in archive.events({packing: mark.offset})]
        assert [event for event in rest if isinstance(event, Capture)] == [
            event for _, event in events[number + 1 :] if isinstance(event, Capture)
        ]
    assert all(a.offset <= b.offset for (a, _), (b, _) in pairwise(events))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_warcs_in_a_wacz_are_read_in_place(tmp_path, method):
    """Stored as they should be, or deflated as they should not."""
    folder = tmp_path / "warc"
    folder.mkdir()
    with zipfile.ZipFile(folder / "crawl.wacz", "w", method) as package:
        package.writestr("datapackage.json", "{}")
        package.writestr("archive/data.warc.gz", wpull())
        package.writestr("archive/sub/more.warc", gzip.decompress(browsertrix()))
    archive = WarcArchive(tmp_path)
    assert archive.names() == ("crawl.wacz!data.warc.gz", "crawl.wacz!sub~more.warc")
    captures = told(archive)[1]
    assert len(captures) == 5
    assert {archive.payload(one) for one in captures} == {PAGE, b"<svg/>"}
    recover(tmp_path)
    assert len(list((tmp_path / "cdxj").iterdir())) == 2
    assert {archive.payload(one) for one in told(WarcArchive(tmp_path))[1]} == {PAGE, b"<svg/>"}


def test_a_wacz_that_is_no_zip_is_told_and_holds_nothing_up(tmp_path):
    """The other files are read."""
    put(tmp_path, "broken.wacz", b"PK not a zip file")
    archive = put(tmp_path, "good.warc.gz", wpull())
    assert len(told(archive)[1]) == 2
    (message,) = archive.unreadable()
    assert "broken.wacz: the ZIP file cannot be read" in message


def faulty(first: bytes) -> bytes:
    """Return a plain file of a faulty record before a sound one."""
    return first + response(2, f"{URL}2")


FAULTS = {
    "line-ends": (record("1.0", *[("WARC-Type", "response"), ("WARC-Target-URI", URL), ("WARC-Date", DATE)],
                         ("WARC-Record-ID", urn(1)), ("Content-Type", "application/http"), block=HEAD + PAGE,
                         line="\n"), 2),
    "header": (response(1, URL, ("WARC-IP-Address", "192.0.2.1\r\nno field")), 2),
    "encoding": (response(1, URL, ("X-Note", "Ume\udce5")), 2),
    "content-length": (response(1, URL, ("Content-Length", "x")), 1),
    "record-end": (response(1, URL)[:-4], 2),
    "date-form": (response(1, URL).replace(DATE.encode(), b"2024-05-06T07:08:09.5Z"), 2),
    "date": (response(1, URL).replace(b"WARC-Date", b"X-Date"), 1),
    "record-id": (response(1, URL).replace(b"WARC-Record-ID", b"X-Id"), 1),
    "target": (response(1, "http://blog.example/m\udcf6te 1"), 2),
    "content-type": (response(1, URL).replace(b"Content-Type: application", b"X-Type: application"), 2),
    "status-line": (response(1, URL, block=HEAD.replace(b"HTTP/1.1", b"HTTP/2") + PAGE), 2),
    "not-chunked": (response(1, URL, block=HEAD[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + PAGE), 2),
    "junk": (b"what is this?\n" + response(1, URL), 2),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_told_and_the_rest_is_read(tmp_path, kind):
    """The fault is named with its place; the record itself is kept where it can be."""
    first, kept = FAULTS[kind]
    archive = put(tmp_path, "a.warc", faulty(first))
    captures = told(archive)[1]
    assert (len(captures), kind in faults(archive)) == (kept, True)
    assert all(archive.payload(one) == PAGE for one in captures)
    assert all(one.status == 200 for one in captures)


def test_a_thousand_faults_of_one_kind_are_one(tmp_path):
    """Counted, with the offset of the first."""
    sound = response(0, URL)
    wrong = b"".join(response(number, URL)[:-2] for number in range(1, 1001))
    archive = put(tmp_path, "a.warc", sound + wrong)
    assert len(told(archive)[1]) == 1001
    assert faults(archive) == {"record-end": (1000, len(sound))}


def test_letters_that_no_uri_has_are_percent_encoded(tmp_path):
    """Latin-1 and UTF-8 octets as they stand, spaces too."""
    urls = ["http://blog.example/m\udcf6te", "http://blog.example/möte", "http://blog.example/a b"]
    archive = put(tmp_path, "a.warc", b"".join(response(number, url) for number, url in enumerate(urls)))
    assert [one.url for one in told(archive)[1]] == [
        "http://blog.example/m%F6te",
        "http://blog.example/m%C3%B6te",
        "http://blog.example/a%20b",
    ]


def test_lower_case_and_folded_fields_are_read(tmp_path):
    """Names are compared without case; a folded field is one."""
    data = response(1, URL).replace(b"WARC-Type", b"warc-type").replace(b"Content-Length", b"content-length")
    data = data.replace(b"WARC-Target-URI: ", b"warc-target-uri:\r\n ").replace(b"WARC-Record-ID", b"warc-record-id")
    (capture,) = told(put(tmp_path, "a.warc", data))[1]
    assert (capture.id, capture.url) == (identity(1), URL)


@pytest.mark.parametrize("delta", [-20, 20, 500])
@pytest.mark.parametrize("packed", [True, False])
def test_a_wrong_length_costs_one_record_at_most(tmp_path, delta, packed):
    """Too long or too short, the records that follow are found."""
    wrong = response(1, URL, ("Content-Length", str(len(HEAD + PAGE) + delta)))
    records = [wrong, *(response(number, f"{URL}{number}") for number in range(2, 8))]
    data = b"".join(map(gzip.compress, records)) if packed else b"".join(records)
    archive = put(tmp_path, "a.warc.gz" if packed else "a.warc", data)
    captures = told(archive)[1]
    assert [one.url for one in captures] == [URL, *(f"{URL}{number}" for number in range(2, 8))]
    assert {archive.payload(one) for one in captures[1:]} == {PAGE}
    assert faults(archive)


@pytest.mark.parametrize("packing", list(packings(wpull())))
def test_a_file_that_is_cut_is_read_up_to_there_and_told(tmp_path, packing):
    """With file and place, and not silently."""
    data = packings(wpull())[packing]
    archive = put(tmp_path, packing, data[:-30])
    seen = []
    with pytest.raises(DamageError, match=rf"{packing}: offset \d+: "):
        seen.extend(event for _, event in archive.events({}))
    if "one" not in packing:
        assert any(isinstance(event, Capture) for event in seen)


def test_a_run_has_the_same_name_each_time(tmp_path):
    """It follows from the warcinfo record, or from the file's name where there is none."""
    with_info = [told(put(tmp_path / str(n), f"{n}.warc.gz", wpull()))[0][0].id for n in range(2)]
    assert len(set(with_info)) == 1
    bare = [told(put(tmp_path / f"b{n}", f"{n}.warc", response(1, URL)))[0][0].id for n in (1, 1, 2)]
    assert (bare[0], bare[0] == bare[2]) == (bare[1], False)
    assert bare[0].startswith("import-20240506070809-")


def test_the_capture_closest_in_time_is_found(tmp_path):
    """The very URL goes before one with its parameters in another order."""
    dates = ["2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z", "2024-06-01T00:00:00Z"]
    records = [response(n, f"{URL}?x=1&y=2").replace(DATE.encode(), date.encode()) for n, date in enumerate(dates)]
    (tmp_path / "a.warc").write_bytes(b"".join(records) + response(9, f"{URL}?y=2&x=1"))
    with WarcFiles([tmp_path / "a.warc"]) as files:
        found = [
            files.find(f"{URL}?x=1&y=2", at)
            for at in (None, datetime(2023, 1, 1, tzinfo=UTC), datetime(2024, 3, 20, tzinfo=UTC))
        ]
        assert [one.id for one in found] == [identity(2), identity(0), identity(1)]
        assert files.find(f"{URL}?y=2&x=1").id == identity(9)
        assert files.find("http://blog.example/none") is None


def test_a_revisit_is_resolved_over_all_files(tmp_path):
    """Its original may lie in another file; without that file the loss is told."""
    data = packings(wpull())["plain.warc"]
    records = [b"WARC/1." + part for part in data.split(b"WARC/1.")[1:]]
    (tmp_path / "first.warc").write_bytes(b"".join(records[:3]))
    (tmp_path / "second.warc").write_bytes(b"".join(records[3:]))
    with WarcFiles([tmp_path]) as files:
        copy = files.find("http://blog.example/kopia")
        assert (copy.record_type, files.payload(copy)) == (RecordType.REVISIT, PAGE)
        assert files.head(copy) == HEAD
    with WarcFiles([tmp_path / "second.warc"]) as files, pytest.raises(NotFoundError, match="none of the files"):
        files.payload(files.find("http://blog.example/kopia"))


def test_files_of_one_name_are_kept_apart(tmp_path):
    """Two folders may each have a `data.warc`."""
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "data.warc").write_bytes(response(number, f"{URL}{number}"))
    with WarcFiles([tmp_path]) as files:
        assert [(one.url, files.payload(one)) for one in files.captures()] == [(f"{URL}1", PAGE), (f"{URL}2", PAGE)]


SEEDS = [gzip.decompress(heritrix()), heritrix(), *packings(browsertrix()).values()]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(SEEDS) | st.binary(max_size=300),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 40), st.binary(max_size=12)), max_size=6),
    end=st.integers(0, 6000),
)
def test_no_octets_make_the_reader_fail(tmp_path, seed, changes, end):
    """Whatever a file holds, reading it ends, and raises `DamageError` or nothing; what is told can be got again."""
    data = bytearray(seed[:end])
    for place, length, new in changes:
        data[place : place + length] = new
    path = tmp_path / "a.warc.gz"
    path.write_bytes(data)
    with WarcFiles([path]) as files:
        for capture in files.captures():
            try:
                files.head(capture)
                files.payload(capture)
            except NotFoundError:
                assert capture.record_type is RecordType.REVISIT
            except DamageError:
                assert files.damage  # a walk over a shared member ends where the first reading ended


def test_a_bomb_is_passed_over(tmp_path):
    """A member that inflates to far more than a page is neither held nor taken for a page."""
    size = 300 * 1024 * 1024
    header = response(1, URL, ("Content-Length", str(size)))[: -len(HEAD + PAGE) - 4]
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(header) + b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(300)) + packer.flush()
    for name, data in (("a.warc.gz", bomb), ("b.warc.zst", zstandard.compress(header + bytes(size)))):
        archive = put(tmp_path / name, name, data + (b"" if name[0] == "b" else gzip.compress(response(2, URL))))
        assert [one.id for one in told(archive)[1]] == ([] if name[0] == "b" else [identity(2)])
        assert "too-large" in faults(archive)


def test_a_length_of_gigabytes_hides_nothing_behind_it(tmp_path):
    """In members the next record is found; a plain file is told to end inside the record."""
    liar = response(1, URL, ("Content-Length", str(2**31)))
    records = [liar, *(response(number, f"{URL}{number}") for number in range(2, 5))]
    archive = put(tmp_path, "a.warc.gz", b"".join(map(gzip.compress, records)))
    assert [one.id for one in told(archive)[1]] == [identity(number) for number in range(2, 5)]
    assert faults(archive).keys() == {"too-large", "content-length"}
    with pytest.raises(DamageError, match="the file ends inside a record"):
        told(put(tmp_path / "plain", "a.warc", b"".join(records)))


def test_a_dictionary_that_is_none_is_told(tmp_path):
    """The frames behind it cannot be read; the place is named."""
    dictionary = struct.pack("<II", 0x184D2A5D, 34) + b"\x37\xa4\x30\xec" + b"junk" * 7 + b"!!"
    with pytest.raises(DamageError, match="offset 42: "):
        told(put(tmp_path, "a.warc.zst", dictionary + zstandard.compress(response(1, URL))))


@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz"])
def test_a_file_without_a_single_record_is_damage_and_no_fault(tmp_path, name):
    """It is no WARC, whatever its name says; nobody is to believe that it was read."""
    path = tmp_path / name
    path.write_bytes(b"no record at all " * 100)
    files = WarcFiles([path])
    assert "no WARC record" in files.damage[0]
    files.close()


@pytest.mark.parametrize("data", [b"", b"no WARC at all\n", b"\r\n\r\n"])
def test_a_file_without_a_record_is_told(tmp_path, data):
    """Whoever names a wrong file learns it, and not only that nothing was found."""
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    with WarcFiles([path]) as files:
        (told_of,) = files.damage
        assert str(path) in told_of
        assert "no WARC record" in told_of
