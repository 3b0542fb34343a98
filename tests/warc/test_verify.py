"""Fixity: every damage that other checkers miss is found, and nothing is found where nothing is wrong."""

import gzip
import os
import re
from base64 import b32encode
from hashlib import sha1

import pytest

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
    assert rules(root) >= {"manifest", *expected}


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
