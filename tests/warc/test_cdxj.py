"""CDXJ: sorted, agreeing with replay tools, and found by bisection."""

import json
import subprocess
import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from umecrawl.errors import DamageError
from umecrawl.model.capture import RecordRef
from umecrawl.model.urls import InvalidUrlError, Surt, Url, normalize, surt
from umecrawl.warc.cdxj import (
    CdxEntry,
    cdxj_path,
    find_entries,
    format_line,
    parse_line,
    read_cdxj,
    write_cdxj,
    write_lines,
)
from umecrawl.warc.records import RecordFormatError

with warnings.catch_warnings():  # its patterns are written without raw strings
    warnings.simplefilter("ignore")
    from surt import surt as reference_surt

URL = "http://blog.example/a"
LISTED = [
    "http://example.com/",
    "https://www.Example.com/a/B/",
    "http://www2.example.com:8080/x?b=2&a=1",
    "http://www.www1.example.com/",
    "https://blogg.example.se/lundgren/2023/05/07/slug/",
    "http://example.org/%C3%A5?q=%C3%B6",
    "http://example.org/a%20b%2Fc//d/../e/./f",
    "http://example.org/?utm_source=x&b=1",
    "http://example.org/?a-b=1&a=2&a&A=0",
    "http://127.0.0.1:81/a",
    "http://[::1]/a",
    "http://user:pass@example.org:80/",
    "https://example.org:80/",
    "http://example.org/index.php?PHPSESSID=0123456789abcdefghijklemopqrstuv&x=1",
    "http://example.org/(a(0123456789abcdefghijklmn))/p.aspx",
    "http://example.org/%7Ex%25a|b?",
    "http://xn--ume-ula.example/#fragment",
]
HOSTS = ["www.a.example", "a-1.www2.b.example", "a.example:8080", "10.0.0.1"]
PIECES = [
    "/",
    "//",
    "/../",
    "%2F",
    "%25",
    "%C3%A5",
    "a",
    "B",
    "?",
    "&",
    "=",
    "a=1",
    "~",
    ";",
    "|",
    ".",
    "sid=" + "0" * 32,
    "+",
    "'",
    "(",
    ".aspx",
    "/(a(0123456789abcdefghijklmn))/",
]
texts = st.text(max_size=20)
times = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC by timezones
sizes = st.integers(0, 10**12)
keys = st.text("abc,)/.-", min_size=1, max_size=6).map(Surt)
entries = st.builds(
    CdxEntry,
    key=keys,
    url=texts.map(Url),
    captured_at=times,
    mime=st.sampled_from(["text/html", "warc/revisit"]),
    status=st.integers(0, 999),
    digest=texts,
    record=st.builds(RecordRef, texts, texts, sizes, sizes),
    framing=texts,
    size=sizes,
    refers_to=st.none() | texts.filter(bool),
    etag=texts,
    truncated=st.sampled_from(["", "length"]),
)


@pytest.mark.parametrize("url", LISTED)
def test_the_key_is_the_one_of_replay_tools(url):
    """Replay tools, pywb among them, look captures up by the key of the surt package."""
    assert surt(url) == reference_surt(url)


@given(
    st.sampled_from(["www.a.example", "a-1.www2.b.example", "a.example:8080", "10.0.0.1"]),
    st.lists(st.sampled_from(PIECES), max_size=9),
)
def test_the_key_of_any_url_we_fetch_is_the_one_of_replay_tools(host, pieces):
    """Whatever path and query are made of."""
    try:
        url = normalize(f"http://{host}/{''.join(pieces)}")
    except InvalidUrlError:
        return
    assert surt(url) == reference_surt(url)


@given(st.text(max_size=40))
def test_any_text_has_a_key_that_fits_in_a_line(text):
    """No key holds a space or a line break, not even of what is no URL."""
    key = surt(text)
    assert key == "".join(key.split())


@given(entries)
def test_an_entry_survives_its_line(entry):
    """All that a line carries is read back."""
    line = format_line(entry)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert parse_line(line) == entry


@settings(max_examples=25)
@given(st.lists(entries, max_size=30), keys)
def test_bisection_finds_what_reading_finds(tmp_path_factory, found, key):
    """The same entries, in the same order, also for keys that are not there."""
    path = write_lines(tmp_path_factory.mktemp("cdxj") / "a.cdxj", [format_line(entry) for entry in found])
    for wanted in {key, *(entry.key for entry in found)}:
        assert list(find_entries(path, wanted)) == [entry for entry in read_cdxj(path) if entry.key == wanted]


def test_lines_of_other_tools_are_read():
    """Seventeen digits, and only the fields every tool writes."""
    line = b'com,example)/ 20200203040506123 {"url": "http://example.com/", "mime": "text/html", "status": "200", '
    line += b'"digest": "AAA", "length": "10", "offset": "20", "filename": "a.warc.gz"}\n'
    entry = parse_line(line)
    assert entry.captured_at == datetime(2020, 2, 3, 4, 5, 6, 123_000, tzinfo=UTC)
    assert (entry.record.warc, entry.record.offset, entry.record.length) == ("a.warc.gz", 20, 10)


@pytest.mark.parametrize(
    "line", [b"", b"key 2020", b"key 2020 []", b'key 2020 {"url": 1}', b"key 2020 {", b"\xff 1 {}"]
)
def test_what_is_no_line_is_told(line):
    """Every other line raises `RecordFormatError`."""
    with pytest.raises(RecordFormatError, match="not a CDXJ line"):
        parse_line(line)


def test_a_bad_line_is_told_with_its_number(tmp_path):
    """The error names file and line; lines of metadata are passed over."""
    path = tmp_path / "a.cdxj"
    path.write_bytes(b'!meta {"format": "cdxj"}\nnonsense\n')
    with pytest.raises(DamageError, match=r"a\.cdxj: line 2"):
        list(read_cdxj(path))


def test_the_writer_and_the_file_give_the_same_lines(tmp_path, make, writing, the_warc):
    """What was collected while writing is what reading the WARC gives, octet for octet, and sorted as `sort` does."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange("http://z.example/Å"))
        writer.append(make.exchange(URL, fields=(b'ETag: "v1"',)))
        writer.append(make.exchange(URL, day=1, fields=(b'ETag: "v1"',)))
        writer.append(make.not_modified(URL, b'ETag: "v1"', day=2))
        writer.append(make.chunked("http://a.example/", day=1))
        writer.append(make.failure())
    path = the_warc(tmp_path)
    written = cdxj_path(tmp_path, path.name)
    assert write_cdxj(path, tmp_path / "again.cdxj").read_bytes() == written.read_bytes()
    subprocess.run(["sort", "-c", written], env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}, check=True)
    lines = [line.split(" ", 2) for line in written.read_text().splitlines()]
    assert len(lines) == 5
    assert all(
        set(json.loads(block)) > {"url", "mime", "status", "digest", "length", "offset", "filename"}
        for *_, block in lines
    )
    assert {json.loads(block)["mime"] for *_, block in lines} == {"text/html", "warc/revisit"}
