"""The WACZ itself: its files octet for octet, its checksums, its signature, and what is left when writing fails."""

import base64
import gzip
import hashlib
import json
import random
import resource
import signal
import struct
import subprocess
import tracemalloc
import zipfile
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.errors import ArchiveInUseError, NoSpaceError, UsageError
from umecrawl.warc.cdxj import format_line
from umecrawl.warc.copying import copy_own
from umecrawl.warc.excerpt import entries_of
from umecrawl.warc.newfile import NewFile
from umecrawl.warc.sortedlines import SortedLines
from umecrawl.warc.verify import verify
from umecrawl.warc.volumes import volume_of
from umecrawl.warc.wacz import Package, WaczWriter
from umecrawl.warc.waczindex import blocks
from umecrawl.warc.waczpages import WaczPage, page_line
from umecrawl.warc.waczsignature import SigningKey, is_signed

CREATED = datetime(2026, 1, 31, 12, 0, 1, tzinfo=UTC)
PAGES = (
    WaczPage("b", "http://blog.example/å", CREATED, "Å", "En text.", "text/html", 200, 12),
    WaczPage("a", "http://blog.example/", CREATED.replace(microsecond=123456), mime="text/html", size=5, seed=True),
)
LINES = [b'example,blog)/ 20260131120000 {"url": "%d"}\n' % number for number in range(10)]


def write(target, key=None):
    """Write a small WACZ."""
    with WaczWriter(target, CREATED) as wacz:
        with wacz.entry("archive/A!b.warc.gz", size=10) as entry:
            entry.write(b"0123456789")
        with wacz.entry("archive/c.warc.gz") as entry:
            entry.write(b"of unknown size")
        wacz.put_index(LINES)
        first = wacz.put_pages(PAGES, with_text=True)
        return wacz.finish(Package("Umeå", "Ett prov", CREATED, "umecrawl/0", first), key)


@pytest.fixture
def wacz(tmp_path):
    """Return a small WACZ."""
    return write(tmp_path / "a.wacz")


def test_the_package_says_what_the_standard_asks(wacz):
    """Title, times, software, main page, and name, path, hash and size of every other file."""
    with zipfile.ZipFile(wacz) as file:
        package = json.loads(file.read("datapackage.json"))
        files = {name: file.read(name) for name in file.namelist()}
    resources = package.pop("resources")
    assert package == {
        "profile": "data-package",
        "title": "Umeå",
        "description": "Ett prov",
        "created": "2026-01-31T12:00:01Z",
        "modified": "2026-01-31T12:00:01Z",
        "wacz_version": "1.1.1",
        "software": "umecrawl/0",
        "mainPageUrl": "http://blog.example/",
        "mainPageDate": "2026-01-31T12:00:01.123Z",
    }
    described = files.pop("datapackage.json")
    digest = json.loads(files.pop("datapackage-digest.json"))
    assert digest == {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(described).hexdigest()}"}
    assert {one["path"]: (one["hash"], one["bytes"]) for one in resources} == {
        name: (f"sha256:{hashlib.sha256(data).hexdigest()}", len(data)) for name, data in files.items()
    }
    assert [one["name"] for one in resources] == [
        "a-b.warc.gz", "c.warc.gz", "index.cdx.gz", "index.idx", "pages.jsonl"
    ]  # fmt: skip


def test_the_list_of_pages_is_that_of_the_golden_lines(wacz):
    """A header, then a line a page; what is not known is left out, letters stay letters."""
    with zipfile.ZipFile(wacz) as file:
        assert file.read("pages/pages.jsonl").decode() == (
            '{"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": true}\n'
            '{"id": "b", "url": "http://blog.example/å", "ts": "2026-01-31T12:00:01.000Z", "title": "Å", '
            '"text": "En text.", "mime": "text/html", "size": 12, "status": 200}\n'
            '{"id": "a", "url": "http://blog.example/", "ts": "2026-01-31T12:00:01.123Z", '
            '"mime": "text/html", "size": 5, "status": 200, "seed": true}\n'
        )


def test_players_find_every_file_by_ranges(wacz):
    """WARCs and index are stored; a local header has an extra field only where the directory has one.

    wabac.js works out where a file begins from the directory alone, if that has no extra field.
    """
    data = wacz.read_bytes()
    with zipfile.ZipFile(wacz) as file:
        for info in file.infolist():
            name, extra = struct.unpack_from("<HH", data, info.header_offset + 26)
            assert extra == 0 or info.extra
            begin = info.header_offset + 30 + name + extra
            if info.filename.startswith("archive/") or info.filename.endswith(".cdx.gz"):
                assert data[begin : begin + info.file_size] == file.read(info)
            assert not info.flag_bits & 0x08  # sizes stand before the data, not behind


def test_the_same_content_gives_the_same_octets(tmp_path, wacz):
    """Also when it is signed: the signature is deterministic where the system's OpenSSL can do that."""
    assert write(tmp_path / "b.wacz").read_bytes() == wacz.read_bytes()


@given(st.lists(st.integers(0, 999), min_size=1).map(sorted), st.integers(1, 7))
def test_blocks_hold_the_lines_and_their_list_finds_each(numbers, size):
    """Each member unpacks alone, at the place the list gives, and begins with the line whose key the list gives."""
    lines = [b'k%03d 20260131 {"url": "x"}\n' % number for number in numbers]
    made = list(blocks(lines, size))
    data = b"".join(block.data for block in made)
    assert gzip.decompress(data) == b"".join(lines)
    for number, block in enumerate(made):
        prefix, place = block.line.split(b" {")[0], json.loads(b"{" + block.line.split(b" {")[1])
        member = data[place["offset"] : place["offset"] + place["length"]]
        assert gzip.decompress(member) == b"".join(lines[number * size : (number + 1) * size])
        assert gzip.decompress(member).startswith(prefix + b" {")
        assert place["digest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"


@given(st.text(), st.text())
def test_any_title_and_text_is_one_line_of_json(title, text):
    """Line breaks, quotes and lone surrogates do not break the list."""
    line = page_line(WaczPage("a", "http://blog.example/", CREATED, title, text))
    assert line.count(b"\n") == 1
    assert json.loads(line).get("title", "") == title.encode("utf-8", "backslashreplace").decode()


def test_a_signature_is_one_that_openssl_accepts(tmp_path):
    """It is over the text of the checksum, by the key in the file, which is made for its owner's eyes only."""
    path = tmp_path / "key.pem"
    target = write(tmp_path / "a.wacz", SigningKey.of(path))
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(target) as file:
        digest = json.loads(file.read("datapackage-digest.json"))
        package = json.loads(file.read("datapackage.json"))
    signed = digest["signedData"]
    assert signed.keys() == {"hash", "created", "software", "signature", "publicKey"}
    assert (signed["hash"], signed["created"]) == (digest["hash"], package["created"])
    assert is_signed(signed)
    r, s = (base64.b64decode(signed["signature"])[part : part + 48] for part in (0, 48))
    (tmp_path / "text").write_text(signed["hash"])
    numbers = [b"\x02" + bytes([len(n)]) + n for n in (_positive(r), _positive(s))]
    body = b"".join(numbers)
    (tmp_path / "signature").write_bytes(b"\x30" + bytes([len(body)]) + body)
    (tmp_path / "public").write_bytes(
        b"-----BEGIN PUBLIC KEY-----\n" + signed["publicKey"].encode() + b"\n-----END PUBLIC KEY-----\n"
    )
    command = ["openssl", "dgst", "-sha256", "-verify", "public", "-signature", "signature", "text"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


def _positive(octets):
    octets = octets.lstrip(b"\0")
    return b"\0" + octets if octets[0] & 0x80 else octets


def test_a_signature_fits_nothing_else(tmp_path):
    """Another checksum, another key or a cut signature is found out."""
    signed = SigningKey.of(tmp_path / "key.pem").sign("sha256:00", "2026-01-31T12:00:01Z", "umecrawl/0")
    other = SigningKey.of(tmp_path / "other.pem").public_key()
    assert is_signed(signed)
    assert SigningKey.of(tmp_path / "key.pem").public_key() == signed["publicKey"]
    for wrong in (
        {"hash": "sha256:01"},
        {"publicKey": other},
        {"signature": signed["signature"][:-4]},
        {"signature": "?"},
    ):
        assert not is_signed(signed | wrong)
    assert not is_signed({})


def test_verify_finds_a_signature_that_fits_no_more(tmp_path):
    """A package that was changed and hashed anew keeps its old signature; nothing is said of one that fits."""
    target = write(tmp_path / "a.wacz", SigningKey.of(tmp_path / "key.pem"))
    assert "wacz-signature" not in {finding.rule for finding in verify([target], root=tmp_path)}
    with zipfile.ZipFile(target) as file:
        files = {name: file.read(name) for name in file.namelist()}
    files["datapackage.json"] = files["datapackage.json"].replace(b"12:00:01Z", b"12:00:02Z")
    digest = json.loads(files["datapackage-digest.json"])
    digest["hash"] = f"sha256:{hashlib.sha256(files['datapackage.json']).hexdigest()}"
    for told in (
        ["the signature is for another package: it names another hash",
         "the signature was made at 2026-01-31T12:00:01Z, the package says 2026-01-31T12:00:02Z"],
        ["the signature does not fit the hash and the public key"],
    ):  # fmt: skip
        files["datapackage-digest.json"] = json.dumps(digest).encode()
        with zipfile.ZipFile(tmp_path / "b.wacz", "w") as file:
            for name, data in files.items():
                file.writestr(name, data)
        found = verify([tmp_path / "b.wacz"], root=tmp_path)
        assert [finding.message for finding in found if finding.rule == "wacz-signature"] == told
        digest["signedData"] |= {"hash": digest["hash"], "created": "2026-01-31T12:00:02Z"}


def test_a_file_that_holds_no_fitting_key_is_refused(tmp_path):
    """A text, and a key on another curve."""
    (tmp_path / "text").write_text("no key")
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "p256").write_bytes(pem)
    for name in ("text", "p256"):
        with pytest.raises(UsageError, match=name):
            SigningKey.of(tmp_path / name)


def test_nothing_is_left_where_an_export_fails(tmp_path):
    """Neither the file nor its unfinished form."""
    with pytest.raises(RuntimeError, match="midway"), WaczWriter(tmp_path / "a.wacz", CREATED) as wacz:
        _fail_midway(wacz)
    assert list(tmp_path.iterdir()) == []


def _fail_midway(wacz):
    with wacz.entry("archive/a.warc.gz") as entry:
        entry.write(b"x" * 100_000)
        raise RuntimeError("midway")


@pytest.mark.parametrize("limit", [0, 100, 5000, 200_000, 1_000_000])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, limit):
    """Wherever the space ends: in the first header, in a file, or at the end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(NoSpaceError, match=r"a\.wacz"):
            _write_much(tmp_path / "a.wacz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert list(tmp_path.iterdir()) == []


def _write_much(target):
    with WaczWriter(target, CREATED) as wacz:
        with wacz.entry("archive/a.warc.gz", size=1_000_000) as entry:
            for _ in range(10):
                entry.write(b"x" * 100_000)
        wacz.finish(Package("", "", CREATED, "umecrawl/0"))


def test_memory_stays_flat(tmp_path, make, writing, the_warc):
    """A WARC of 30 MB passes through less than a tenth of that."""
    root = tmp_path / "archive"
    with writing(root, dedup=False) as writer:
        for number in range(300):
            writer.append(make.exchange(f"http://blog.example/{number}", random.Random(number).randbytes(100_000)))
    volume = volume_of(the_warc(root))
    tracemalloc.start()
    with WaczWriter(tmp_path / "a.wacz", CREATED) as wacz, SortedLines(at_once=10_000) as lines:
        with wacz.entry("archive/a.warc.gz") as entry:
            copy_own(volume, entry, with_credentials=False)
        for line in entries_of(root, volume):
            lines.add(format_line(line))
        wacz.put_index(lines)
        wacz.finish(Package("", "", CREATED, "umecrawl/0"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert volume.path.stat().st_size > 30_000_000
    assert peak < 3_000_000


def test_no_file_is_overwritten_and_two_do_not_write_one(tmp_path):
    """What is there stays; what a killed process left is taken over."""
    (tmp_path / "there").write_bytes(b"kept")
    with pytest.raises(UsageError, match="there already is a file"):
        NewFile(tmp_path / "there")
    (tmp_path / "new.part").write_bytes(b"left by a process that was killed")
    with NewFile(tmp_path / "new") as first:
        with pytest.raises(ArchiveInUseError, match="another process"):
            NewFile(tmp_path / "new")
        first.write(b"whole")
        first.finish()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"there": b"kept", "new": b"whole"}
