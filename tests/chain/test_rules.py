"""The rules R1 to R32 of an exact WARC (research of the project), each held by an archive made by a real crawl.

The records are read here by zlib and a dozen lines, so that no reader of ours or others' forgives a fault.
"""

import hashlib
import ipaddress
import json
import re
import subprocess
import sys
import zlib
from collections import Counter
from dataclasses import dataclass

import pytest
from warcio.archiveiterator import ArchiveIterator

from umecrawl.model.urls import Url
from umecrawl.pipeline.audit import audit
from umecrawl.warc.recovery import recover

from .answers import SITE, TURNS

HTTP = {"response", "request", "revisit", "metadata", "resource"}
MANDATORY = {"WARC-Record-ID", "Content-Length", "WARC-Date", "WARC-Type"}
REPEATABLE = {"WARC-Concurrent-To", "WARC-Protocol"}
NAME = re.compile(r"rows-\d{14}-\d{5}-[\w.-]+\.warc\.gz")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


@dataclass(frozen=True)
class Raw:
    """A record as its octets say, with the file and the member it stands in."""

    warc: str
    offset: int
    length: int
    data: bytes
    fields: tuple[tuple[str, str], ...]
    block: bytes

    def get(self, name):
        """Return the first value of a field."""
        return next((value for key, value in self.fields if key == name), None)

    @property
    def type(self):
        """The WARC-Type."""
        return self.get("WARC-Type")


@pytest.fixture(scope="module")
def records(rows):
    """Return every record of the archive."""
    found = []
    for path in sorted((rows.root / "warc").rglob("*")):
        if path.is_file():
            found += _read(path)
    return found


def _read(path):
    data, offset = path.read_bytes(), 0
    while offset < len(data):
        inflater = zlib.decompressobj(31)
        text = inflater.decompress(data[offset:])
        assert inflater.eof
        length = len(data) - offset - len(inflater.unused_data)
        head, _, rest = text.partition(b"\r\n\r\n")
        version, *lines = head.split(b"\r\n")
        assert version == b"WARC/1.1"
        fields = tuple(tuple(line.decode("utf-8").split(": ", 1)) for line in lines)
        size = int(dict(fields)["Content-Length"])
        yield Raw(path.name, offset, length, text, fields, rest[:size])
        offset += length


def of(records, *types):
    """Return the records of these types."""
    found = [record for record in records if record.type in types]
    assert found
    return found


def test_r01_a_record_is_version_fields_block_and_two_empty_lines(records):
    """Fields end in CRLF and are not folded; the block has exactly Content-Length octets; no RFC 2047 words."""
    for record in records:
        head = record.data[: record.data.index(b"\r\n\r\n")]
        assert b"\n" not in head.replace(b"\r\n", b"")
        assert not re.search(rb"\r\n[ \t]", head)
        assert b"=?" not in head
        assert record.data == head + b"\r\n\r\n" + record.block + b"\r\n\r\n"


def test_r02_each_record_is_a_member_and_the_first_is_warcinfo(records, rows):
    """Any member can be read by its offset and length alone."""
    firsts = {}
    for record in records:
        firsts.setdefault(record.warc, record)
        path = next((rows.root / "warc").rglob(record.warc))
        part = path.read_bytes()[record.offset : record.offset + record.length]
        assert zlib.decompress(part, 31) == record.data
    assert {"warcinfo"} == {record.type for record in firsts.values()}


def test_r03_names_follow_the_form_and_are_never_reused(records):
    """Prefix, 14 digits, serial, host; WARC-Filename holds the base name."""
    names = [(record.warc, record.get("WARC-Filename")) for record in of(records, "warcinfo")]
    assert all(NAME.fullmatch(name) and name == given for name, given in names)
    assert len(set(names)) == len(names)


def test_r04_mandatory_fields_are_there_once(records):
    """No field repeats but the two that may; every id is a URN of its own."""
    for record in records:
        counts = Counter(name for name, _ in record.fields)
        assert counts.keys() >= MANDATORY
        assert {name for name, count in counts.items() if count > 1} <= REPEATABLE
    ids = [record.get("WARC-Record-ID") for record in records]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"<urn:uuid:[0-9a-f-]{36}>", value) for value in ids)


def test_r05_a_capture_has_one_date_that_of_its_beginning(records):
    """UTC, at most nine digits of a second; request, metadata and response of a capture share it."""
    dates = {record.get("WARC-Record-ID"): record.get("WARC-Date") for record in records}
    assert all(DATE.fullmatch(date) for date in dates.values())
    for record in of(records, "response", "revisit"):
        for name, other in record.fields:
            if name == "WARC-Concurrent-To":
                assert dates[other] == record.get("WARC-Date")


def test_r06_target_uris_are_plain_and_ascii(records):
    """No angle brackets, no spaces, letters percent-encoded; none on warcinfo."""
    for record in records:
        target = record.get("WARC-Target-URI")
        if record.type == "warcinfo":
            assert target is None
        elif record.type in {"response", "request", "revisit", "resource"}:
            assert re.fullmatch(r"[!-~]+", target)
            assert "<" not in target


def test_r07_a_response_is_what_came_over_the_network(records, rows):
    """Every response block is an answer that the server wrote, codings and all; every request one that it read."""
    written = [served.response for served in rows.served]
    read = {served.request for served in rows.served}
    for record in of(records, "response"):
        assert "application/http;msgtype=response" == record.get("Content-Type").replace(" ", "")
        assert any(record.block in answer for answer in written)
    for record in of(records, "request"):
        if "badtls" not in record.get("WARC-Target-URI"):
            assert record.block in read


def test_r08_the_payload_is_the_entity_without_transfer_coding(rows, records):
    """Answers that differ in the sizes of their chunks alone have one payload digest and other blocks."""
    first, second = (rows.records(capture) for capture in rows.captures("/sizes"))
    assert first["response"].get("WARC-Payload-Digest") == second["revisit"].get("WARC-Payload-Digest")
    assert TURNS["/sizes"][0].body != TURNS["/sizes"][1].body


def test_r09_digests_are_of_one_algorithm_in_one_form(records):
    """`sha256:` and 64 lower-case hex digits, over the block as it is stored."""
    for record in records:
        for name in ("WARC-Block-Digest", "WARC-Payload-Digest"):
            assert record.get(name) is None or re.fullmatch(r"sha256:[0-9a-f]{64}", record.get(name))
        if record.get("WARC-Block-Digest"):
            assert "sha256:" + hashlib.sha256(record.block).hexdigest() == record.get("WARC-Block-Digest")


def test_r10_truncation_is_named(records):
    """length, time or disconnect; the digest is over what is stored."""
    reasons = {record.get("WARC-Truncated") for record in of(records, "response")}
    assert {None, "length", "time", "disconnect"} == reasons


def test_r11_addresses_stand_where_they_may(records):
    """On what came from a server, in canonical form; never on warcinfo."""
    for record in records:
        address = record.get("WARC-IP-Address")
        if record.type == "warcinfo":
            assert address is None
        elif record.type in {"response", "revisit"}:
            assert str(ipaddress.ip_address(address)) == address


def test_r12_the_records_of_a_capture_name_each_other_in_one_file(records):
    """Concurrent-To leads to records of the same file; warcinfo has none."""
    place = {record.get("WARC-Record-ID"): record.warc for record in records}
    for record in records:
        for name, other in record.fields:
            if name == "WARC-Concurrent-To":
                assert record.type not in {"warcinfo", "conversion", "continuation"}
                assert place[other] == record.warc
    linked = {}
    for record in records:
        for name, other in record.fields:
            if name == "WARC-Concurrent-To":
                linked.setdefault(other, set()).add(record.type)
    for record in of(records, "response", "revisit"):
        assert {"request", "metadata"} == linked[record.get("WARC-Record-ID")]


def test_r13_no_type_is_copied_from_a_header(records):
    """WARC-Identified-Payload-Type stands only for what was found by looking; umecrawl does not look."""
    assert {None} == {record.get("WARC-Identified-Payload-Type") for record in records}


def test_r14_status_lines_are_http_1(records):
    """Nothing but HTTP/1.x is spoken, and so nothing else stands in a status line."""
    assert all(re.match(rb"HTTP/1\.[01] ?", record.block, re.IGNORECASE) for record in of(records, "response"))


def test_r15_interim_answers_are_no_part_of_the_block(rows):
    """A 100 or 103 before the answer is kept, but not in the response."""
    for path in ("/continue", "/hints"):
        record = rows.records(rows.captures(path)[0])["response"]
        assert record.block.startswith(b"HTTP/1.1 200")
        assert TURNS[path][0].interim not in record.block


def test_r16_revisits_have_a_profile_of_1_1(records):
    """One of the two URIs that WARC 1.1 gives."""
    base = "http://netpreserve.org/warc/1.1/revisit/"
    profiles = {record.get("WARC-Profile") for record in of(records, "revisit")}
    assert {base + "identical-payload-digest", base + "server-not-modified"} == profiles


def test_r17_a_revisit_names_one_existing_response_in_three_fields(records):
    """Id, URI and date agree with a response of the same digest; the block is the head and nothing else."""
    responses = {record.get("WARC-Record-ID"): record for record in of(records, "response")}
    for record in of(records, "revisit"):
        original = responses[record.get("WARC-Refers-To")]
        assert original.get("WARC-Target-URI") == record.get("WARC-Refers-To-Target-URI")
        assert original.get("WARC-Date") == record.get("WARC-Refers-To-Date")
        assert original.get("WARC-Payload-Digest") == record.get("WARC-Payload-Digest")
        if record.get("WARC-Profile").endswith("identical-payload-digest"):
            assert record.block.endswith(b"\r\n\r\n")
            assert "length" == record.get("WARC-Truncated")


def test_r18_only_revisits_refer_to_a_uri_and_date(records):
    """And Refers-To stands on nothing that may not have it."""
    for record in records:
        if record.type != "revisit":
            assert record.get("WARC-Refers-To-Target-URI") is None
            assert record.get("WARC-Refers-To-Date") is None
        if record.type in {"warcinfo", "response", "resource", "request", "continuation"}:
            assert record.get("WARC-Refers-To") is None


def test_r19_server_not_modified_has_an_empty_block(records):
    """And the digest of the original, so that replay gives the page and no empty 304."""
    found = [r for r in of(records, "revisit") if r.get("WARC-Profile").endswith("server-not-modified")]
    assert found
    assert {b""} == {record.block for record in found}
    assert all(record.get("WARC-Payload-Digest") for record in found)


def test_r20_what_is_no_revisit(rows):
    """Other framing, tiny bodies and errors are stored whole, every time."""
    assert [None, None] == [capture.refers_to for capture in rows.captures("/framing")]
    assert [None, None] == [capture.refers_to for capture in rows.captures("/missing")]
    assert [None, None] == [capture.refers_to for capture in rows.captures("/continue")]


def test_r21_warcinfo_says_who_made_the_file_and_how(records):
    """As warc-fields: software, operator, robots, user agent, format; no target, no payload digest."""
    for record in of(records, "warcinfo"):
        assert "application/warc-fields" == record.get("Content-Type")
        fields = dict(line.split(": ", 1) for line in record.block.decode().split("\r\n") if line)
        assert fields.keys() >= {
            "software", "operator", "hostname", "robots", "http-header-user-agent", "format", "conformsTo", "isPartOf",
        }  # fmt: skip
        assert "classic" == fields["robots"]
        assert record.get("WARC-Payload-Digest") is None


def test_r22_metadata_says_how_the_page_was_found(records):
    """via, hopsFromSeed and fetchTimeMs, as warc-fields, without payload digest."""
    found = [record for record in of(records, "metadata") if record.get("WARC-Concurrent-To")]
    hops = set()
    for record in found:
        assert "application/warc-fields" == record.get("Content-Type")
        assert record.get("WARC-Payload-Digest") is None
        fields = dict(line.split(": ", 1) for line in record.block.decode().split("\r\n") if ": " in line)
        assert "fetchTimeMs" in fields
        hops.add(fields.get("hopsFromSeed", ""))
    assert {"", "L", "LR", "LRR", "P", "X", "XX", "XXX"} == hops


def test_r23_nothing_is_converted(records):
    """Text is derived and lives in the index: a conversion record would be a second memento of its page."""
    assert {"warcinfo", "request", "metadata", "response", "revisit"} == {record.type for record in records}


def test_r24_unknown_fields_and_types_are_passed_over(rows, tmp_path):
    """A reader goes on behind a record type and a field that it does not know."""
    source = next((rows.root / "warc").rglob("*.warc.gz"))
    strange = (
        b"WARC/1.1\r\nWARC-Type: dream\r\nWARC-Record-ID: <urn:uuid:9f0f1d9e-0a43-4b56-a1fa-02ea2c1d5f6d>\r\n"
        b"WARC-Date: 2026-01-01T00:00:00Z\r\nX-Unheard-Of: yes\r\nContent-Length: 2\r\n\r\nhm\r\n\r\n"
    )
    packer = zlib.compressobj(wbits=31)
    folder = tmp_path / "warc" / "rows"
    folder.mkdir(parents=True)
    (folder / source.name).write_bytes(source.read_bytes() + packer.compress(strange) + packer.flush())
    recover(tmp_path)
    found = list(type(rows)(tmp_path, ()).warcs.events({}))
    assert found[-1][1] == list(type(rows)(rows.root, ()).warcs.read(source.name))[-1][1]


def test_r25_files_are_gzip(rows):
    """Zstd is read (tests of the reader) and never written."""
    assert {".gz"} == {path.suffix for path in (rows.root / "warc").rglob("*") if path.is_file()}


def test_r26_cdxj_is_sorted_by_octet_and_complete(rows, records):
    """SURT, 14 or 17 digits, JSON with the seven fields; one line for each response and revisit."""
    total = 0
    for path in sorted((rows.root / "cdxj").rglob("*.cdxj")):
        lines = path.read_bytes().splitlines()
        assert lines == sorted(lines)
        for line in lines:
            key, stamp, facts = line.split(b" ", 2)
            assert key
            assert re.fullmatch(rb"\d{14}(\d{3})?", stamp)
            assert json.loads(facts).keys() >= {"url", "digest", "mime", "filename", "offset", "length", "status"}
        total += len(lines)
    assert len(of(records, "response", "revisit")) == total


@pytest.mark.parametrize("rule", ["R27", "R28"])
def test_r27_r28_exports_conform(rule, rows, tmp_path):
    """WACZ 1.1.1 and its signature: tests/warc/test_wacz.py holds the details; here, that this archive exports."""
    target = tmp_path / "rows.wacz"
    sign = ["--sign", str(tmp_path / "key.pem")] if rule == "R28" else []
    command = [sys.executable, "-m", "umecrawl", "export", "wacz", "-o", str(target), *sign]
    subprocess.run([*command, "--archive", str(rows.root)], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-m", "umecrawl", "verify", str(target), "--archive", str(rows.root)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert 0 == done.returncode, done.stdout + done.stderr


def test_r29_each_capture_has_a_moment_of_its_own(rows):
    """No two captures of a URL share a time: a TimeMap has no duplicates (pywb is asked in .ci/replay.py)."""
    moments = Counter((capture.url, capture.captured_at) for path in TURNS for capture in rows.captures(path))
    assert {1} == set(moments.values())


def test_r30_no_open_file_is_left_and_every_row_points_at_its_record(rows, indexed, records):
    """Sealed files end in .warc.gz; offset and length in the index are those of the members."""
    assert not list((rows.root / "warc").rglob("*.open"))
    place = {
        record.get("WARC-Record-ID")[10:-1]: (record.warc, record.offset, record.length)
        for record in of(records, "response", "revisit")
    }
    assert place == {row.id: (row.warc, row.offset, row.length) for row in indexed.values()}


def test_r31_a_manifest_holds_the_checksum_of_every_file(rows):
    """In the form of sha256sum; `umecrawl verify` reads it again and finds nothing."""
    for path in sorted((rows.root / "warc").rglob("*.warc.gz")):
        [line] = (rows.root / "manifest").joinpath(f"{path.name}.sha256").read_text().splitlines()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == line.split()[0]
    assert [] == list(audit(rows.root, database=None))


def test_r32_requests_hold_no_credentials(records):
    """No cookie is sent back and nobody logs in, so there is nothing to take out before publishing."""
    for record in of(records, "request"):
        assert not re.search(rb"\r\n(cookie|authorization|proxy-authorization):", record.block, re.IGNORECASE)


def test_warcio_knows_every_record(rows):
    """A last word by another reader: as many records, none of them unread."""
    count = 0
    for path in sorted((rows.root / "warc").rglob("*.warc.gz")):
        with path.open("rb") as file:
            count += sum(1 for _ in ArchiveIterator(file, check_digests=False))
    assert count > 2 * len(TURNS)


def test_targets_are_those_that_were_asked(rows):
    """A Target-URI is the URL of the request line, on its host."""
    asked = {Url(f"http://{SITE}{served.target}") for served in rows.served if SITE.encode() in served.request}
    assert {capture.url for path in TURNS for capture in rows.captures(path)} <= asked
