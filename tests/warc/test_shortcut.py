"""CDXJ lines taken straight from the octets of records: they are those the writer makes, and no change gets by."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.urls import Url
from umecrawl.warc.cdxj import cdxj_path, format_line, warc_entries
from umecrawl.warc.shortcut import Shortcut, read_usual
from umecrawl.warc.verify import verify

FIELDS = st.sampled_from(
    [
        b'ETag: "v1"',
        b"ETag: W/v\\2",
        b"etag:",
        b"ETag: two words",
        b"ETag: \xe5",
        b"Content-Type: text/plain",
        b"content-type:text/HTML;x=\xe5",
        b"Content-Type:",
        b'Content-Type: "odd"',
        b"Content-Type: a\r\n b",
        b"Content-Type : text/css",
        b"X-Content-Type-Options: nosniff",
        b"X: 1\nContent-Type: text/bare",
        b"Content-Encoding: gzip",
        b"Content-Encoding: g\xe5zip",
        b"no field",
        b"Location: /elsewhere",
    ]
)
STATUSES = st.sampled_from([b"200 OK", b"200", b"404 Not Found", b"301 Moved", b"000 None", b"20 Odd", b"2000 Odd"])
URLS = st.sampled_from(
    [
        "http://blog.example/a",
        "https://www.blog.example/A/b/",
        "http://blog.example/?b=2&a=1",
        "http://blog.example/%C3%A5",
        "http://10.0.0.1:81/",
    ]
)
SOURCES = st.sampled_from(["blog", "två ord", "100%41", 'a"b', "a\\b"])
VIA = Url("http://blog.example/from?x=1")
BODIES = st.sampled_from([b"", b"<p>one</p>", b"<p>two</p>" * 30])


@st.composite
def captures(draw):
    """Draw what one capture is made of."""
    return (
        draw(URLS),
        draw(BODIES),
        draw(STATUSES),
        draw(st.lists(FIELDS, max_size=3)),
        draw(SOURCES),
        draw(st.sampled_from(["", "L", "LL"])),
        draw(st.booleans()),
    )


@pytest.fixture
def lines(monkeypatch):
    """Return the lines that are made without reading records field by field."""
    made: list[bytes] = []
    real = Shortcut.line

    def watched(self, *arguments):
        line = real(self, *arguments)
        if line is not None:
            made.append(line[1])
        return line

    monkeypatch.setattr(Shortcut, "line", watched)
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(captures(), min_size=1, max_size=6))
def test_lines_are_those_the_careful_reader_makes(tmp_path_factory, make, writing, lines, drawn):
    """Whatever heads, sources and URLs hold: verify finds nothing in what was just written."""
    root = tmp_path_factory.mktemp("archive")
    lines.clear()
    with writing(root) as writer:
        for day, (url, body, status, fields, source, hops, tls) in enumerate(drawn):
            head = b"\r\n".join([b"HTTP/1.1 " + status, *fields, b"", b""])
            exchange = make.exchange(
                url,
                body,
                head=head,
                day=day,
                tls=make.tls() if tls else None,
                crawl_url=make.crawl_url(url, source=source, hop_path=hops, via=VIA if hops else None),
            )
            writer.append(exchange, (Outlink(Url("http://blog.example/next"), Hop.LINK),))
    assert [finding.rule for finding in verify(root=root) if finding.rule in {"cdxj", "content", "index-differs"}] == []
    (warc,) = root.rglob("*.warc.gz")
    kept = cdxj_path(root, warc.name).read_bytes().splitlines(keepends=True)
    assert sorted(map(format_line, warc_entries(warc))) == kept
    assert set(lines) <= set(kept)


def test_usual_captures_take_the_short_way(tmp_path, make, writing, lines):
    """New pages and revisits, plain, chunked or encoded; their lines are those in the CDXJ."""
    with writing(tmp_path) as writer:
        for day in range(4):
            writer.append(make.exchange("http://blog.example/a", fields=(b'ETag: "v1"',), day=day))
            writer.append(make.chunked("http://blog.example/chunked", day=day))
            writer.append(make.exchange("http://blog.example/b", fields=(b"Content-Encoding: gzip",), day=day))
    assert list(verify(root=tmp_path)) == []
    (warc,) = tmp_path.rglob("*.warc.gz")
    kept = cdxj_path(tmp_path, warc.name).read_bytes().splitlines(keepends=True)
    assert len(lines) > len(kept) // 2  # all but the first of each form
    assert set(lines) <= set(kept)


@pytest.fixture
def sound(tmp_path, make, writing):
    """Return an archive of usual captures."""
    with writing(tmp_path) as writer:
        for day in range(5):
            writer.append(make.exchange("http://blog.example/a", fields=(b'ETag: "v1"',), day=day))
    return tmp_path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_changed_octet_of_a_cdxj_is_found(sound, data):
    """Wherever it stands in a line, and whatever it becomes."""
    (cdxj,) = sound.rglob("*.cdxj")
    before = cdxj.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    octet = data.draw(st.integers(0, 255).filter(lambda value: value != before[place]))
    cdxj.write_bytes(before[:place] + bytes([octet]) + before[place + 1 :])
    try:
        assert {finding.rule for finding in verify(root=sound)} == {"cdxj"}
    finally:
        cdxj.write_bytes(before)


@given(
    st.lists(st.sampled_from(["outlink: ", "outlink:", "http://a.example/", "\r\n", "\r", "\n", " L", " Q", "  ", "M"]))
    | st.lists(st.sampled_from(["outlink: http://a.example/ L\r\n", "outlink: x P\r\n", "outlink: y  L\r\n"]))
)
def test_links_that_break_the_form_are_not_taken_for_read(pieces):
    """Taken apart by spaces, the lines are held to the very form that is asked of each line."""
    front, links = (
        b"hopsFromSeed: L\r\nsourceTag: a\r\nattempt: 1\r\nentityLength: 5\r\nwireLength: 9\r\n",
        "".join(pieces),
    )
    readable, said = read_usual(b"x" + front + links.encode() + b"y", 1, 1 + len(front) + len(links))
    assert readable is (re.fullmatch(r"(?:outlink: [^ \r\n]+ [LERPIXM]\r\n)*", links) is not None)
    assert readable is (said is not None)
