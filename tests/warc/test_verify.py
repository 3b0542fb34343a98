"""Fixity: every damage that other checkers miss is found, and nothing is found where nothing is wrong."""

import gzip
import os
import re
import subprocess
import sys
from base64 import b32encode
from hashlib import sha1, sha256
from pathlib import Path

import pytest
import zstandard

from umecrawl.errors import NotFoundError
from umecrawl.model.crawl import RunEnd, RunOutcome
from umecrawl.warc.cdxj import cdxj_path
from umecrawl.warc.files import manifest_path
from umecrawl.warc.members import deflated
from umecrawl.warc.verify import Finding, Severity, verify

URL = "http://blog.example/a"


@pytest.fixture
def archive(tmp_path, make, writing):
    """Return an archive with every kind of record, and its files in order."""
    with writing(tmp_path) as writer:
        writer.append(make.exchange(URL, tls=make.tls(), fields=(b'ETag: "v1"',)))
        writer.append(make.chunked("http://blog.example/chunked"))
        writer.append(
            make.exchange("http://blog.example/gz", gzip.compress(make.page), fields=(b"Content-Encoding: gzip",))
        )
        writer.append(make.failure(request=b"GET / HTTP/1.1\r\n\r\n"))
        writer.skip(make.skipped())
    with writing(tmp_path, run=make.run(2)) as writer:
        writer.append(make.exchange(URL, day=1, fields=(b'ETag: "v1"',)))
        writer.append(make.chunked("http://blog.example/chunked", size=50, day=1))
        writer.append(make.not_modified(URL, b'ETag: "v1"', day=2))
        writer.append(make.exchange("http://blog.example/last", b"<p>last page</p>" * 99, day=2))
        writer.end(RunEnd(make.run(2).id, make.begin, RunOutcome.FINISHED))
    return tmp_path, sorted(tmp_path.rglob("*.warc.gz"))


def found(root, *paths) -> list[Finding]:
    """Return what is found, without the notes."""
    return [finding for finding in verify(paths, root=root) if finding.severity is not Severity.NOTE]


def every(root, *paths) -> set[str]:
    """Return the rules of all findings."""
    return {finding.rule for finding in verify(paths, root=root)}


def rules(root, *paths) -> set[str]:
    """Return the rules that are broken."""
    return {finding.rule for finding in found(root, *paths)}


def split(path) -> list[bytes]:
    """Return the records of a WARC."""
    return [b"WARC/1.1\r\n" + part for part in gzip.decompress(path.read_bytes()).split(b"WARC/1.1\r\n")[1:]]


def pack(path, records: list[bytes]) -> None:
    """Write records to a WARC, each in its member."""
    path.write_bytes(b"".join(map(deflated, records)))


def test_a_sound_archive_has_no_findings(archive):
    """Nothing at all, not even a note: chunked digests and revisits are right as they are."""
    root, paths = archive
    assert list(verify(root=root)) == []
    assert list(verify(paths, root=root)) == []
    assert list(verify([paths[1]], root=root)) == []  # its originals lie in the other file
    assert list(verify([root / "warc"], root=root)) == []


@pytest.mark.parametrize("lost", [1, 4, 8, 300])
def test_a_cut_file_is_found(archive, lost):
    """Be it the last octet of the last member; the offset is that of the member that is cut."""
    root, paths = archive
    data = paths[1].read_bytes()
    paths[1].write_bytes(data[:-lost])
    findings = {finding.rule: finding for finding in found(root)}
    assert set(findings) >= {"cut-tail", "manifest"}
    assert 0 < findings["cut-tail"].offset < len(data) - lost
    assert findings["cut-tail"].path == paths[1]
    assert findings["cut-tail"].remedy


def test_a_cut_inside_a_gzip_header_is_found(archive):
    """Where only a few octets of the next member were written."""
    root, paths = archive
    data = paths[1].read_bytes()
    for extra in (data[:1], data[:5]):
        paths[1].write_bytes(data + extra)
        (finding,) = [finding for finding in found(root) if finding.rule == "cut-tail"]
        assert finding.offset == len(data)


def test_a_nul_tail_is_found(archive):
    """The room a power cut left behind."""
    root, paths = archive
    data = paths[1].read_bytes()
    paths[1].write_bytes(data + b"\0" * 5000)
    assert [(f.rule, f.offset) for f in found(root) if f.offset] == [("nul-tail", len(data))]


def test_one_member_for_the_whole_file_is_found(archive):
    """And the way to mend it is named."""
    root, paths = archive
    paths[1].write_bytes(gzip.compress(gzip.decompress(paths[1].read_bytes())))
    (finding,) = [finding for finding in found(root) if finding.rule == "one-member"]
    assert "warcio recompress" in finding.remedy


def test_a_file_without_compression_is_found(archive):
    """It is not taken for garbage."""
    root, paths = archive
    paths[1].write_bytes(gzip.decompress(paths[1].read_bytes()))
    (finding,) = [finding for finding in found(root) if finding.rule == "gzip-member"]
    assert finding.message == "the records are not compressed"


def test_every_flipped_bit_is_found(archive):
    """Wherever it lies, at least the manifest disagrees; within a member the member is named as well."""
    root, paths = archive
    data = paths[0].read_bytes()
    for position in range(12, len(data), 211):
        changed = bytearray(data)
        changed[position] ^= 0x10
        paths[0].write_bytes(changed)
        assert rules(root, paths[0]) > {"manifest"}, position


def test_checking_goes_on_behind_damage(archive):
    """Two damaged members give two findings."""
    root, paths = archive
    data = bytearray(paths[0].read_bytes())
    starts = [match.start() for match in re.finditer(re.escape(deflated(b"")[:10]), data)]
    for start in (starts[2], starts[6]):
        data[start + 40] ^= 0xFF
    paths[0].write_bytes(data)
    offsets = [finding.offset for finding in found(root, paths[0]) if finding.rule == "gzip-member"]
    assert offsets == [starts[2], starts[6]]


@pytest.mark.parametrize("packed", [deflated, lambda record: gzip.compress(record, mtime=1)])
def test_checking_goes_on_behind_a_member_of_two_records(archive, packed):
    """Whether the member behind it begins with the same octets or, as of another writer, with others."""
    root, paths = archive
    records = split(paths[1])
    wrong = records[-2].replace(b"<p>last page</p>", b"<p>lost page</p>", 1)
    assert wrong != records[-2]
    members = [deflated(records[0] + records[1]), *map(packed, records[2:-2]), packed(wrong), packed(records[-1])]
    paths[1].write_bytes(b"".join([deflated(records[0]), *members]))
    assert {"one-member", "block-digest", "payload-digest"} <= rules(root, paths[1])


EDITS = {
    "bit in payload": (b"<p>last page</p>", b"<p>lost page</p>", {"block-digest", "payload-digest"}),
    "wrong payload digest": (rb"(last\r\n[\s\S]*?WARC-Payload-Digest: sha256:)....", rb"\g<1>0000", {"payload-digest"}),
    "wrong block digest": (rb"(WARC-Block-Digest: sha256:)....", rb"\g<1>0000", {"block-digest"}),
    "unreadable digest": (rb"WARC-Block-Digest: sha256:", b"WARC-Block-Digest: sha3:", {"block-digest"}),
    "forbidden Refers-To": (
        b"WARC-Type: response\r\n",
        b"WARC-Type: response\r\nWARC-Refers-To: <urn:uuid:1>\r\n",
        {"forbidden-field"},
    ),
    "forbidden filename": (
        b"WARC-Type: response\r\n",
        b"WARC-Type: response\r\nWARC-Filename: a\r\n",
        {"forbidden-field"},
    ),
    "IP on warcinfo": (
        b"WARC-Type: warcinfo\r\n",
        b"WARC-Type: warcinfo\r\nWARC-IP-Address: 1.2.3.4\r\n",
        {"forbidden-field"},
    ),
    "repeated target": (rb"(WARC-Target-URI: http://blog.example/last\r\n)", rb"\1\1", {"repeated-field"}),
    "no date": (rb"WARC-Date: \S+\r\n", b"", {"missing-field", "content"}),
    "no id": (rb"WARC-Record-ID: \S+\r\n", b"", {"missing-field", "concurrent-to"}),
    "no target": (rb"(WARC-Type: response[\s\S]*?)WARC-Target-URI: \S+\r\n", rb"\1", {"missing-field"}),
    "bad date": (rb"(WARC-Date: \S+)Z", rb"\1+01:00", {"date-form", "content"}),
    "fraction in 1.0": (rb"^WARC/1.1", b"WARC/1.0", {"date-form"}),
    "unknown version": (rb"^WARC/1.1", b"WARC/2.0", {"version"}),
    "bad id": (rb"<urn:uuid:(\S+)>", rb"\1", {"id-form"}),
    "brackets": (rb"WARC-Target-URI: (http\S+)", rb"WARC-Target-URI: <\1>", {"uri-form"}),
    "space in target": (b"http://blog.example/last", b"http://blog.example/the last", {"uri-form"}),
    "unknown reason": (rb"WARC-Truncated: length", b"WARC-Truncated: tired", {"truncation"}),
    "no profile": (rb"WARC-Profile: \S+\r\n", b"", {"missing-field"}),
    "no original date": (rb"WARC-Refers-To-Date: \S+\r\n", b"", {"refers-to"}),
    "unknown original": (rb"WARC-Refers-To: <urn:uuid:.{8}", b"WARC-Refers-To: <urn:uuid:ffffffff", {"refers-to"}),
    "other payload": (rb"(WARC-Profile[\s\S]*WARC-Payload-Digest: sha256:)....", rb"\g<1>0000", {"refers-to"}),
    "short block": (
        rb"(WARC-Type: response[\s\S]*?\nContent-Length: )1\d\d\d\r\n\r\n",
        rb"\g<1>1000\r\n\r\n",
        {"record-framing"},
    ),
    "date that is no day": (rb"(WARC-Date: \d{4})-\d\d-\d\d", rb"\1-02-30", {"date-form"}),
    "month 13": (rb"(WARC-Date: \d{4})-\d\d", rb"\1-13", {"date-form"}),
    "date without time zone": (rb"(WARC-Date: \S+)Z\r", rb"\1\r", {"date-form"}),
    "address": (rb"WARC-IP-Address: \S+", b"WARC-IP-Address: 2001:DB8::1", {"ip-form"}),
    "no address": (rb"WARC-IP-Address: \S+", b"WARC-IP-Address: 999.0.2.1", {"ip-form"}),
    "folded field": (rb"(WARC-Target-URI:) (http\S+)", rb"\1\r\n \2", {"folded-field"}),
    "Latin-1 in the header": (
        b"WARC-Type: response\r\n",
        lambda match: match[0] + b"X-Place: Ume\xe5\r\n",
        {"header-text"},
    ),
    "encoded word": (rb"(WARC-Type: response\r\n)", rb"\1X-Place: =?UTF-8?Q?Ume=C3=A5?=\r\n", {"header-text"}),
    "profile of WARC/1.0": (rb"(WARC-Profile: \S+)/1\.1/", rb"\1/1.0/", {"profile"}),
    "digest in upper-case hex": (
        rb"WARC-Block-Digest: sha256:(\S+)",
        lambda match: b"WARC-Block-Digest: SHA-256:" + match[1].upper(),
        {"digest-form"},
    ),
    "response of another content type": (
        rb"application/http;msgtype=response",
        b"text/html",
        {"content-type"},
    ),
    "other URL of the original": (
        rb"WARC-Refers-To-Target-URI: (\S+)",
        rb"WARC-Refers-To-Target-URI: \1x",
        {"refers-to"},
    ),
    "other date of the original": (
        rb"WARC-Refers-To-Date: \d{4}",
        rb"WARC-Refers-To-Date: 1999",
        {"refers-to"},
    ),
    "payload digest on metadata": (
        b"WARC-Type: metadata\r\n",
        b"WARC-Type: metadata\r\nWARC-Payload-Digest: sha256:" + b"0" * 64 + b"\r\n",
        {"forbidden-field"},
    ),
    "warcinfo that is not there": (
        rb"(WARC-Type: (?!warcinfo)[\s\S]*WARC-Warcinfo-ID: <urn:uuid:).{8}",
        rb"\g<1>ffffffff",
        {"warcinfo-id"},
    ),
    "path in the file name": (rb"WARC-Filename: ", b"WARC-Filename: /data/", {"file-name"}),
    "other date than the request": (
        rb"(WARC-Type: request[\s\S]*WARC-Date: \d{4})-\d\d",
        rb"\1-11",
        {"concurrent-date"},
    ),
    "bad Base64": (rb"notModifiedHead: .", b"notModifiedHead: *", {"content", "block-digest"}),
}


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_wrong_with_a_record_is_found(archive, edit):
    """Each broken rule by its name, beside the checksum of the file that has changed."""
    root, paths = archive
    pattern, replacement, expected = EDITS[edit]
    before = split(paths[1])
    after = [re.sub(pattern, replacement, record) for record in before]
    assert after != before
    pack(paths[1], after)
    assert every(root) >= {"manifest", *expected}
    for finding in verify(root=root):
        assert finding.message
        assert finding.remedy
        assert finding.path


def test_members_of_an_exchange_that_are_missing_are_found(archive):
    """A request without its response names a record that is not there."""
    root, paths = archive
    pack(paths[1], [record for record in split(paths[1]) if b"WARC-Type: response" not in record])
    assert "concurrent-to" in rules(root)


def test_a_revisit_of_a_revisit_is_found(archive):
    """Only a response holds a payload."""
    root, paths = archive
    records = split(paths[1])
    revisits = [record for record in records if b"WARC-Type: revisit" in record]
    first_id = re.search(rb"WARC-Record-ID: (\S+)", revisits[0])[1]
    changed = re.sub(rb"WARC-Refers-To: \S+", b"WARC-Refers-To: " + first_id, revisits[2])
    pack(paths[1], [changed if record == revisits[2] else record for record in records])
    assert any("is a revisit" in finding.message for finding in found(root))


def test_record_ids_that_stand_twice_are_found(archive):
    """Within a file, and in a copy of a file under another name."""
    root, paths = archive
    paths[0].with_name("umea-20260131120000-00009-crawler.warc.gz").write_bytes(paths[0].read_bytes())
    assert [f.rule for f in found(root)].count("copy") == 1
    pack(paths[1], [*split(paths[1]), split(paths[1])[-1]])
    assert any("stands twice" in finding.message for finding in found(root))


def test_a_changed_file_is_found_by_its_manifest(archive):
    """Also when every record in it is sound."""
    root, paths = archive
    pack(paths[1], split(paths[1])[:-1])
    assert rules(root) == {"manifest"}
    manifest_path(root, paths[1].name).unlink()
    assert [(f.rule, f.severity) for f in found(root)] == [("manifest", Severity.WARNING)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[::-1], "not sorted"),
        (lambda lines: lines[1:], "has no line"),
        (lambda lines: [*lines, b"zzz 2020 {}\n"], "not a CDXJ line"),
        (lambda lines: [lines[0].replace(b'"offset": "', b'"offset": "1'), *lines[1:]], "does not agree"),
    ],
)
def test_a_cdxj_that_does_not_agree_is_found(archive, change, message):
    """Unsorted, short, long or wrong."""
    root, paths = archive
    path = cdxj_path(root, paths[1].name)
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    findings = found(root)
    assert {(finding.rule, finding.path) for finding in findings} == {("cdxj", path)}
    assert any(message in finding.message for finding in findings)


def test_a_missing_cdxj_is_found(archive):
    """It can be made anew, so it is a warning."""
    root, paths = archive
    cdxj_path(root, paths[1].name).unlink()
    assert [(f.rule, f.severity) for f in found(root)] == [("cdxj", Severity.WARNING)]


def test_a_missing_warc_is_found(archive):
    """Its manifest and its CDXJ remember it; revisits of its records are told as well."""
    root, paths = archive
    paths[0].unlink()
    assert rules(root) == {"missing-warc"}
    cdxj_path(root, paths[0].name).unlink()
    assert rules(root) == {"missing-warc", "refers-to"}


def test_what_a_crash_left_is_noted(archive):
    """An unsealed file and its cut end are no errors, for the next crawl mends them."""
    root, paths = archive
    data = paths[1].read_bytes()
    paths[1].with_name("umea-20260131120000-00009-crawler.warc.gz.open").write_bytes(data[:-5])
    paths[1].with_name("umea-20260131120000-00008-crawler.warc.gz.cut-0").write_bytes(b"x")
    paths[1].unlink()
    cdxj_path(root, paths[1].name).unlink()
    manifest_path(root, paths[1].name).unlink()
    assert found(root) == []
    assert {finding.rule for finding in verify(root=root)} >= {"unsealed", "cut-tail", "cut-sidecar"}


def test_an_empty_file_and_an_odd_name_are_found(tmp_path):
    """A file that holds no record is no WARC."""
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(b"")
    assert rules(tmp_path, path) == {"empty-file", "file-name"}
    with pytest.raises(NotFoundError, match="no such file"):
        list(verify([tmp_path / "none.warc.gz"], root=tmp_path))


def test_a_digest_over_chunks_is_told_for_what_it_is(tmp_path):
    """Other tools count the transfer coding; nothing is damaged then."""
    body = b"5\r\nhello\r\n0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    record = b"\r\n".join(
        [
            b"WARC/1.1",
            b"WARC-Type: response",
            b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>",
            b"WARC-Date: 2020-01-01T00:00:00Z",
            b"WARC-Target-URI: http://blog.example/a",
            b"WARC-Payload-Digest: sha1:" + b32encode(sha1(body).digest()),
            b"Content-Type: application/http; msgtype=response",
            b"Content-Length: %d" % len(head + body),
            b"",
            head + body,
            b"",
            b"",
        ]
    )
    path = tmp_path / "prefix-20200101000000-00000-host.warc.gz"
    pack(path, [record])
    assert rules(tmp_path, path) == {"warcinfo", "payload-digest-framing"}
    assert {finding.severity for finding in found(tmp_path, path)} == {Severity.WARNING}


def test_a_large_file_is_read_once(archive, monkeypatch):
    """The checksum is taken from what the check of the members reads."""
    root, paths = archive
    read = []
    real = os.pread

    def counted(descriptor, size, offset):
        data = real(descriptor, size, offset)
        read.append(len(data))
        return data

    monkeypatch.setattr(os, "pread", counted)
    assert list(verify([paths[0]], root=root)) == []
    assert sum(read) == paths[0].stat().st_size


def test_a_folder_without_a_warc_is_not_called_sound(tmp_path):
    """Having checked nothing is no clean result."""
    with pytest.raises(NotFoundError, match="there is no WARC in this folder"):
        list(verify([tmp_path], root=tmp_path))


BLOCKS = {
    "an interim answer in the block": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", "interim"),
    "a status line of HTTP/2": (b"HTTP/2 200\r\n\r\nx", "status-line"),
    "no status line": (b"ICY 200 OK\r\n\r\nx", "status-line"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_what_no_response_may_hold_is_found(tmp_path, name):
    """Interim answers and status lines that HTTP/1.x does not have."""
    block, rule = BLOCKS[name]
    path = tmp_path / "prefix-20200101000000-00000-host.warc.gz"
    pack(path, [foreign(block)])
    assert rule in every(tmp_path, path)


def foreign(block: bytes, *fields: bytes, kind: bytes = b"response", number: int = 1) -> bytes:
    """Return a record as another tool may write it."""
    lines = [
        b"WARC/1.0",
        b"WARC-Type: " + kind,
        b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>" % number,
        b"WARC-Date: 2020-01-01T00:00:00Z",
        b"WARC-Target-URI: <http://blog.example/%d>" % number,
        b"Content-Type: application/http;msgtype=" + kind,
        *fields,
        b"Content-Length: %d" % len(block),
    ]
    return b"\r\n".join([*lines, b"", block, b"", b""])


def test_a_not_modified_revisit_with_a_block_is_found(tmp_path):
    """Replay would show the empty 304."""
    profile = b"WARC-Profile: http://netpreserve.org/warc/1.0/revisit/server-not-modified"
    path = tmp_path / "prefix-20200101000000-00000-host.warc.gz"
    pack(path, [foreign(b"HTTP/1.1 304 Not Modified\r\n\r\n", profile, kind=b"revisit")])
    assert "not-modified-block" in every(tmp_path, path)


def test_a_revisit_of_another_framing_is_found(archive):
    """The head says chunked, the original's body is not: replay would cut the page."""
    root, paths = archive
    records = split(paths[1])
    (revisit,) = (r for r in records if b"WARC-Type: revisit" in r and b"/chunked\r\n" in r)
    changed = revisit.replace(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encodinh: chunked\r\n")
    pack(paths[1], [changed if record == revisit else record for record in records])
    assert any("codings" in finding.message for finding in found(root))


def test_a_capture_split_over_two_files_is_found(archive):
    """Request and response belong into one file."""
    root, paths = archive
    records = split(paths[1])
    response = next(r for r in records if b"WARC-Type: response" in r)
    other = paths[1].with_name("umea-20260131120000-00007-crawler.warc.gz")
    pack(other, [records[0].replace(b"Record-ID: <urn:uuid:0", b"Record-ID: <urn:uuid:f"), response])
    pack(paths[1], [record for record in records if record != response])
    assert any("in another file" in finding.message for finding in found(root))


def test_digests_of_two_kinds_in_a_file_are_noted(tmp_path):
    """Equal pages would not be found equal."""
    block = b"HTTP/1.1 200 OK\r\n\r\nx"
    first = b"WARC-Block-Digest: sha1:" + b32encode(sha1(block).digest())
    second = b"WARC-Block-Digest: sha256:" + sha256(block).hexdigest().encode()
    path = tmp_path / "prefix-20200101000000-00000-host.warc.gz"
    pack(path, [foreign(block, first), foreign(block, second, number=2)])
    assert "digest-form" in every(tmp_path, path)


def test_faults_of_other_tools_are_told_once_and_are_no_damage(tmp_path):
    """Thirty records of wget's faults: one finding for each kind with its count, and none is an error."""
    body = b"5\r\nhello\r\n0\r\n\r\n"
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    digests = [
        b"WARC-Block-Digest: sha1:" + b32encode(sha1(block).digest()),
        b"WARC-Payload-Digest: sha1:" + b32encode(sha1(body).digest()),
        b"WARC-Refers-To: <urn:uuid:1>",
    ]
    path = tmp_path / "wget-20200101000000-00000-host.warc.gz"
    pack(path, [foreign(block, *digests, number=n) for n in range(30)])
    findings = {finding.rule: finding for finding in verify([path], root=tmp_path)}
    assert set(findings) == {"warcinfo", "payload-digest-framing", "forbidden-field"}
    assert {finding.severity for finding in findings.values()} == {Severity.WARNING}
    assert findings["payload-digest-framing"].count == findings["forbidden-field"].count == 30
    assert findings["forbidden-field"].offset == 0
    assert "29 more" in findings["forbidden-field"].message


def test_a_payload_digest_of_another_tool_is_no_damage_where_the_block_is_right(tmp_path):
    """But where nothing vouches for the block, it may be damage, and is an error."""
    block = b"HTTP/1.1 200 OK\r\n\r\nhello"
    right = b"WARC-Block-Digest: sha1:" + b32encode(sha1(block).digest())
    wrong = b"WARC-Payload-Digest: sha1:" + b32encode(sha1(b"other").digest())
    path = tmp_path / "tool-20200101000000-00000-host.warc.gz"
    for fields, severity in ((right, wrong), Severity.WARNING), ((wrong,), Severity.ERROR):
        pack(path, [foreign(block, *fields)])
        (finding,) = (f for f in verify([path], root=tmp_path) if f.rule == "payload-digest")
        assert finding.severity is severity


@pytest.mark.parametrize("form", ["plain", "one member", "zstd"])
def test_other_packings_are_checked_record_by_record(tmp_path, form):
    """A flipped bit is found in a plain file, in a single gzip member and in Zstandard."""
    good = b"HTTP/1.1 200 OK\r\n\r\nhello"
    digest = b"WARC-Block-Digest: sha1:" + b32encode(sha1(good).digest())
    data = foreign(good, digest) + foreign(good.replace(b"hello", b"hullo"), digest, number=2)
    packed, name = {
        "plain": (data, "a-20200101000000-00000-h.warc"),
        "one member": (gzip.compress(data), "a-20200101000000-00000-h.warc.gz"),
        "zstd": (zstandard.compress(data), "a-20200101000000-00000-h.warc.zst"),
    }[form]
    path = tmp_path / name
    path.write_bytes(packed)
    findings = list(verify([path], root=tmp_path))
    assert [finding.rule for finding in findings if finding.severity is Severity.ERROR] == ["block-digest"]


def test_a_file_named_twice_is_checked_once(archive):
    """By its own name and as part of its folder; it is no copy of itself."""
    root, paths = archive
    assert found(root, paths[0], paths[1], paths[0], paths[0].parent) == []


def test_a_copy_of_a_file_is_one_finding(archive):
    """However many records stand in both."""
    root, paths = archive
    paths[0].with_name("umea-20260131120000-00009-crawler.warc.gz").write_bytes(paths[0].read_bytes())
    assert sorted(finding.rule for finding in found(root)) == ["cdxj", "copy", "manifest"]


def test_processes_find_the_same_as_one(archive, monkeypatch):
    """Findings and their order do not depend on how many processes look."""
    root, paths = archive
    data = bytearray(paths[0].read_bytes())
    data[len(data) // 2] ^= 1
    paths[0].write_bytes(data)
    pack(paths[1], split(paths[1])[:-2])
    alone = list(verify(root=root))
    monkeypatch.setattr("umecrawl.warc.verify._WORTH_A_PROCESS", 1)
    assert list(verify(root=root, workers=2)) == alone
    assert alone


def test_what_other_validators_say_wrongly_is_explained(archive):
    """`warcio check` names exactly the chunked responses, `fastwarc check -p` these and the revisits with a digest."""
    root, paths = archive
    told = [finding for finding in verify(root=root, explain=True) if finding.rule == "false-alarm"]
    assert {finding.severity for finding in told} == {Severity.NOTE}
    chunked = {record for finding in told for record in finding.records if "chunked response" in finding.message}
    revisits = {record for finding in told for record in finding.records if "chunked response" not in finding.message}
    assert len(chunked) == 1
    assert len(revisits) == 3
    bin_folder = Path(sys.executable).parent
    warcio = subprocess.run(
        [bin_folder / "warcio", "check", "-v", *paths], capture_output=True, text=True, check=False
    ).stdout
    assert blamed_by_warcio(warcio) == chunked
    blamed = set()
    for path in paths:
        report = path.with_suffix(".report")
        subprocess.run([bin_folder / "fastwarc", "check", "-q", "-p", "-o", report, path], check=False)
        blamed |= set(re.findall(r"urn:uuid:([0-9a-f-]{36})", "".join(fails(report))))
        report.unlink()
    assert blamed == chunked | revisits


def blamed_by_warcio(output: str) -> set[str]:
    """Return the ids of the records whose digest `warcio check -v` calls wrong."""
    blamed, last = set(), ""
    for line in output.splitlines():
        if match := re.search(r"WARC-Record-ID <urn:uuid:([0-9a-f-]{36})>", line):
            last = match[1]
        if "failed" in line and "pass" not in line:
            blamed.add(last)
    return blamed


def fails(report: Path) -> list[str]:
    """Return the lines of a report of `fastwarc check` that tell of a failure."""
    return [line for line in report.read_text().splitlines() if "FAIL" in line.upper()]
