"""Every row of the fixture list through the whole chain: what a server sent, its records, and what the index says."""

import hashlib
from urllib.parse import unquote

import pytest
from servers.torture import Case
from warcio.archiveiterator import ArchiveIterator

from umecrawl.model.capture import FailureKind, RecordType, Truncation
from umecrawl.model.crawl import Skipped
from umecrawl.model.message import dechunk, decode_content, parse_head

from .answers import MAX_BYTES, PAGE, SITE, TURNS


def sha256(data):
    """Return a digest as the archive writes it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def entity(case: Case) -> bytes:
    """Return the entity of an answer."""
    return dechunk(case.body).entity if b"chunked" in case.head else case.body


WHOLE = sorted(set(TURNS) - {"/stale", "/short", "/stall", "/huge", "/patience", "/busy"})


@pytest.mark.parametrize("path", WHOLE)
def test_blocks_and_digests_are_those_of_the_wire(rows, path):
    """Request and response blocks equal what the server read and wrote; the digest is that of the entity."""
    captures, served = rows.captures(path), rows.sent(path)
    assert len(captures) == len(served) == 2, "each run asked once"
    for number, (capture, exchange) in enumerate(zip(captures, served, strict=True)):
        case = TURNS[path][min(number, len(TURNS[path]) - 1)]
        records = rows.records(capture)
        assert exchange.request == records["request"].block
        assert sha256(entity(case)) == capture.payload_digest
        if "response" in records:
            assert case.head + case.body == records["response"].block
        else:
            assert case.head == records["revisit"].block
        assert entity(case) == rows.warcs.payload(capture)


def test_other_chunk_sizes_are_the_same_payload(rows):
    """The blocks differ, the payload digest does not; both are chunked, so the second is a revisit."""
    first, second = rows.captures("/sizes")
    assert first.payload_digest == second.payload_digest
    assert (RecordType.RESPONSE, RecordType.REVISIT) == (first.record_type, second.record_type)
    assert first.id == second.refers_to


def test_other_framing_is_stored_whole(rows):
    """The same entity, chunked first and with a length later, is no revisit: replay would join the wrong halves."""
    first, second = rows.captures("/framing")
    assert first.payload_digest == second.payload_digest
    assert (RecordType.RESPONSE, RecordType.RESPONSE) == (first.record_type, second.record_type)


@pytest.mark.parametrize(("path", "words"), [
    ("/packed", "packningen"), ("/extension", "tillägget"), ("/trailers", "släpet"), ("/odd", "torget"),
    ("/latin1", "Umeå"), ("/mislabelled", "räksmörgåsen"), ("/bom", "märket"), ("/brotli", "brödet"),
    ("/zstd", "zonen"), ("/q?a=1&b=2", "frågan"), ("/%C3%B6?x=%E5", "ön"), ("/with%20space", "mellanrummet"),
    ("/third", "den tredje"), ("/old", "det gamla"),
])  # fmt: skip
def test_the_page_reaches_the_index_in_its_own_letters(articles, path, words):
    """Whatever framing, coding and charset: the article has its title and text."""
    title, text = articles[f"http://{SITE}{path}"]
    assert words == title
    assert f"Mening 7 om {words} i Exempelköping" in text


def test_br_and_zstd_are_kept_as_they_came(rows):
    """Nobody asked for them; the bytes are stored all the same, and the coding can be asked for."""
    for path, coding in (("/brotli", "br"), ("/zstd", "zstd")):
        [first, _] = rows.captures(path)
        assert f"/{coding}" == first.framing
        assert b"Accept-Encoding: gzip\r\n" in rows.sent(path)[0].request
        assert decode_content(rows.warcs.payload(first), coding).startswith(b"<!doctype")


def test_odd_heads_are_kept_octet_for_octet(rows):
    """Case, spaces, repetition, folding, Latin-1 and a missing reason stay."""
    [first, second] = rows.captures("/odd")
    for capture in (first, second):
        head = rows.warcs.head(capture)
        assert TURNS["/odd"][0].head == head
        assert ("a=1; Path=/", "b=2") == parse_head(head).all("set-cookie")


def test_request_lines_and_targets_have_the_query(rows):
    """The query goes out and into the record; letters are percent-encoded; a fragment is in neither."""
    targets = {served.target for served in rows.served}
    urls = {url for _, url in _records(rows.root)}
    for path in ("/q?a=1&b=2", "/%C3%B6?x=%E5", "/with%20space"):
        assert path in targets
        assert f"http://{SITE}{path}" in urls
    assert not any("#" in (url or "") for url in urls | targets)
    assert not any(set(url) - set(map(chr, range(33, 127))) for url in urls if url), "RFC 3986: ASCII only"


def test_every_hop_of_a_redirect_is_a_record(rows, indexed):
    """Each hop adds an R to the hop path; the last hop of a loop is kept; one that leaves the scope ends there."""
    hops = [rows.captures(path)[0] for path in ("/first", "/second", "/third")]
    assert [301, 302, 200] == [hop.status for hop in hops]
    assert ["L", "LR", "LRR"] == [hop.hop_path for hop in hops]
    assert [301, 301] == [rows.captures(path)[0].status for path in ("/loop", "/pool")]
    [away, _] = rows.captures("/away")
    assert "http://elsewhere.example/there" == indexed[away.id].location
    assert "http://elsewhere.example/there" in _skipped(rows)
    assert 301 == rows.captures("/moved-latin1")[0].status
    assert rows.captures("/Ume%C3%A5"), "the target of a Location in Latin-1 was asked for"


def test_a_304_is_a_revisit_of_what_it_confirms(rows):
    """Server-not-modified: no block, all fields that refer, and the original's payload; its own head is kept too."""
    first, second = rows.captures("/stale")
    record = rows.records(second)["revisit"]
    assert 304 == second.status
    assert b"" == record.block
    assert record.get("WARC-Profile").endswith("/server-not-modified")
    assert first.id == second.refers_to
    assert rows.warcs.payload(first) == rows.warcs.payload(second)
    assert parse_head(rows.warcs.head(second)).status == 304


@pytest.mark.parametrize(("path", "statuses", "quality"), [
    ("/missing", [404, 404], "error"), ("/gone", [410, 410], "error"), ("/challenge", [403, 403], "challenge"),
    ("/patience", [429, 200, 200], "error"), ("/busy", [503, 503, 503, 200, 200], "error"),
])  # fmt: skip
def test_every_answer_is_recorded_and_labelled(rows, indexed, path, statuses, quality):
    """All tries are captures of their own, blocked ones too, with a label of what they show."""
    captures = rows.captures(path)
    assert statuses == [capture.status for capture in captures]
    assert quality == indexed[captures[0].id].quality
    for capture, served in zip(captures, rows.sent(path), strict=True):
        if capture.record_type is RecordType.RESPONSE:
            assert served.response == rows.records(capture)["response"].block


def test_retry_after_is_obeyed(rows):
    """Between 429 and the next try lies the second that the server asked for."""
    first, second, _ = rows.captures("/patience")
    assert (second.captured_at - first.captured_at).total_seconds() >= 1


@pytest.mark.parametrize(("path", "why", "kept"), [
    ("/short", Truncation.DISCONNECT, b"only 14 octets"), ("/stall", Truncation.TIME, b"half of it"),
    ("/huge", Truncation.LENGTH, TURNS["/huge"][0].body[:MAX_BYTES]),
])  # fmt: skip
def test_what_was_cut_is_kept_and_marked(rows, indexed, path, why, kept):
    """The record says why it is short, holds what came, and its digest is over that."""
    for capture in rows.captures(path):
        record = rows.records(capture)["response"]
        assert why == capture.truncated
        assert why.value == record.get("WARC-Truncated") == indexed[capture.id].truncated
        assert record.block.endswith(kept)
        assert sha256(kept) == capture.payload_digest


@pytest.mark.parametrize(("url", "kinds"), [
    ("http://name.invalid/robots.txt", {FailureKind.DNS}),
    ("http://refused.example/robots.txt", {FailureKind.REFUSED}),
    ("https://badtls.example/robots.txt", {FailureKind.TLS}),
])  # fmt: skip
def test_a_fetch_without_answer_is_a_metadata_record(rows, url, kinds):
    """No response is invented; the failure is told by kind, in the archive and in the index."""
    assert kinds == {failure.kind for failure in rows.failures(url)}
    assert {"metadata"} <= {kind for kind, target in _records(rows.root) if target == url} <= {"metadata", "request"}


@pytest.mark.parametrize("path", ["/continue", "/hints"])
def test_a_block_begins_at_the_final_status_line(rows, path):
    """What came before it (100, 103) is no part of the response."""
    [first, _] = rows.captures(path)
    assert rows.records(first)["response"].block.startswith(b"HTTP/1.1 200")
    assert rows.sent(path)[0].response.startswith(b"HTTP/1.1 10")


def test_the_same_payload_under_two_urls_is_a_revisit(rows):
    """Within a run and across URLs; all three fields name the one response."""
    [first, *_] = rows.captures("/same")
    [other, *_] = rows.captures("/same?again=1")
    record = rows.records(other)["revisit"]
    assert first.id == other.refers_to
    assert first.url == record.get("WARC-Refers-To-Target-URI")
    assert rows.records(first)["response"].get("WARC-Date") == record.get("WARC-Refers-To-Date")


def test_an_unchanged_page_is_a_revisit_in_the_next_run(rows, indexed):
    """The second run stores a revisit, and the version is the same."""
    first, second = rows.captures("/unchanged")
    assert RecordType.REVISIT == second.record_type
    assert indexed[first.id].version == indexed[second.id].version


def test_another_frame_around_the_same_text_is_the_same_version(rows, indexed):
    """Other bytes are stored whole; the index says that the text is unchanged."""
    first, second = rows.captures("/frame")
    assert RecordType.RESPONSE == second.record_type
    assert first.payload_digest != second.payload_digest
    assert indexed[first.id].version == indexed[second.id].version is not None


def test_binary_files_pass_through(rows):
    """Images and PDF files are stored exactly, and disturb nobody."""
    assert PAGE != rows.warcs.payload(rows.captures("/image.png")[0])
    assert TURNS["/paper.pdf"][0].body == rows.warcs.payload(rows.captures("/paper.pdf")[0])


@pytest.mark.parametrize(("host", "asked"), [
    ("robots404.example", True), ("robots5xx.example", False), ("robotsmoved.example", True),
    ("robotsdelay.example", True), ("robotsstall.example", False),
])  # fmt: skip
def test_robots_txt_is_obeyed_and_kept(rows, host, asked):
    """404 allows, 5xx and silence forbid, redirects are followed; what was decided from is kept."""
    assert asked is bool(rows.sent("/", host))
    url = f"http://{host}/robots.txt"
    assert rows.captures("/robots.txt", host) or rows.failures(url)


def test_a_forbidden_page_of_a_moved_robots_txt_is_left_out(rows):
    """The rules behind the redirect hold for the host that redirects."""
    assert not rows.sent("/hidden", "robotsmoved.example")
    assert "http://robotsmoved.example/hidden" in _skipped(rows)


def _records(root):
    for warc in sorted((root / "warc").rglob("*.warc.gz")):
        with warc.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                yield record.rec_type, record.rec_headers.get_header("WARC-Target-URI")


def _skipped(rows):
    return {unquote(event.url) for _, event in rows.warcs.events({}) if isinstance(event, Skipped)}
