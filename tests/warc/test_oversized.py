"""Records too large to be held are checked as they pass: the findings are those of small ones, memory stays flat."""

import tracemalloc
import zlib
from base64 import b32encode
from hashlib import sha1, sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.model.message import dechunk
from umecrawl.warc import oversized, walk
from umecrawl.warc.members import deflated
from umecrawl.warc.oversized import Dechunker
from umecrawl.warc.verify import Severity, verify

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"".join(b"%x\r\n%s\r\n" % (900, b"y" * 900) for _ in range(9)) + b"0\r\n\r\n"


@pytest.fixture
def small(monkeypatch):
    """Let records of some kilobytes count as too large to be held."""
    monkeypatch.setattr(walk, "_LARGEST", 4_000)
    monkeypatch.setattr(oversized, "_KEPT", 1_000)
    monkeypatch.setattr(oversized, "_STEP", 50)


def record(block, *fields, kind=b"response", number=1, length=None, http=b"application/http;msgtype=response"):
    """Return a record as another tool may write it."""
    lines = [
        b"WARC/1.1",
        b"WARC-Type: " + kind,
        b"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>" % number,
        b"WARC-Date: 2020-01-01T00:00:00Z",
        b"WARC-Target-URI: http://blog.example/%d" % number,
        b"Content-Type: " + http,
        *fields,
        b"Content-Length: %d" % (len(block) if length is None else length),
    ]
    return b"\r\n".join([*lines, b"", block, b"", b""])


def block_digest(data):
    """Return the field for a block."""
    return b"WARC-Block-Digest: sha1:" + b32encode(sha1(data).digest())


def payload_digest(data):
    """Return the field for a payload."""
    return b"WARC-Payload-Digest: sha256:" + sha256(data).hexdigest().encode()


BODY = b"x" * 9_000
ENTITY = b"y" * 900 * 9
CASES = {
    "right": record(HEAD + BODY, block_digest(HEAD + BODY), payload_digest(BODY)),
    "wrong block": record(HEAD + BODY, block_digest(BODY), payload_digest(BODY)),
    "wrong payload": record(HEAD + BODY, payload_digest(HEAD)),
    "wrong payload, right block": record(HEAD + BODY, block_digest(HEAD + BODY), payload_digest(HEAD)),
    "chunked": record(CHUNKED + CHUNKS, block_digest(CHUNKED + CHUNKS), payload_digest(ENTITY)),
    "chunks hashed": record(CHUNKED + CHUNKS, payload_digest(CHUNKS)),
    "chunked and wrong": record(CHUNKED + CHUNKS, payload_digest(HEAD)),
    "unknown digest": record(HEAD + BODY, b"WARC-Block-Digest: sha3:00"),
    "resource": record(BODY, payload_digest(BODY), kind=b"resource", http=b"text/plain"),
    "wrong resource": record(BODY, block_digest(BODY), payload_digest(b""), kind=b"resource", http=b"text/plain"),
    "short": record(HEAD + BODY, length=9_500),
    "long": record(HEAD + BODY, length=8_500),
    "forbidden field": record(HEAD + BODY, b"WARC-Filename: a"),
    "no record": b"z" * 9_000,
    "no length": record(HEAD + BODY).replace(b"Content-Length", b"Content-Width"),
    "interim": record(HEAD.replace(b"200 OK", b"100 Continue") + BODY),
    "two in a member": record(HEAD + BODY) + record(HEAD, number=2),
}


@pytest.mark.parametrize("name", CASES)
def test_large_records_give_the_findings_of_small_ones(tmp_path, small, monkeypatch, name):
    """Rules, offsets, counts and words, also of the records around them."""
    path = tmp_path / "tool-20200101000000-00000-host.warc.gz"
    path.write_bytes(b"".join(map(deflated, [record(HEAD, number=8), CASES[name], record(HEAD, number=9)])))
    large = list(verify([path], root=tmp_path))
    monkeypatch.undo()
    held = list(verify([path], root=tmp_path))
    if name in {"long", "no record"}:  # said in other words, for the octets are not held
        assert [(one.rule, one.offset) for one in large] == [(one.rule, one.offset) for one in held]
    else:
        assert large == held
    assert any(one.severity is not Severity.NOTE and one.offset for one in held) == (
        name not in {"right", "chunked", "resource"}
    )


def test_damage_in_a_large_record_is_found(tmp_path, small):
    """Be it cut or changed; what lies behind it is checked."""
    path = tmp_path / "tool-20200101000000-00000-host.warc.gz"
    large = bytearray(deflated(record(HEAD + bytes(range(256)) * 400)))
    path.write_bytes(deflated(record(HEAD, number=8)) + large[:-20])
    assert [one.rule for one in verify([path], root=tmp_path) if one.offset] == ["cut-tail"]
    large[-5] ^= 1
    wrong = record(HEAD, b"WARC-Filename: a", number=9)
    path.write_bytes(deflated(record(HEAD, number=8)) + large + deflated(wrong))
    assert [one.rule for one in verify([path], root=tmp_path) if one.offset] == ["gzip-member", "forbidden-field"]


def test_an_archive_with_a_large_page_has_no_findings(tmp_path, make, writing, small):
    """Also its CDXJ is checked."""
    with writing(tmp_path) as writer:
        for number in range(3):
            writer.append(make.exchange(f"http://blog.example/{number}", b"<p>%d</p>" % number * 5_000))
            writer.append(make.chunked(f"http://blog.example/chunked/{number}", b"<b>%d</b>" % number * 5_000))
    assert list(verify(root=tmp_path)) == []


def test_a_member_that_inflates_a_thousandfold_takes_little_memory(tmp_path):
    """Half a gigabyte of zeros in half a megabyte."""
    size = 512 * 1024 * 1024
    start = record(HEAD, length=len(HEAD) + size)[:-4]
    stream = zlib.compressobj(1, zlib.DEFLATED, 31)
    parts = [stream.compress(start)]
    parts += [stream.compress(bytes(1024 * 1024)) for _ in range(512)]
    parts += [stream.compress(b"\r\n\r\n"), stream.flush()]
    path = tmp_path / "tool-20200101000000-00000-host.warc.gz"
    path.write_bytes(b"".join(parts) + deflated(record(HEAD, b"WARC-Filename: a", number=9)))
    tracemalloc.start()
    rules = [one.rule for one in verify([path], root=tmp_path)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rules == ["warcinfo", "forbidden-field"]
    assert peak < 256 * 1024 * 1024


PIECES = st.sampled_from(
    [b"5\r\n", b"hello", b"\r\n", b"\n", b"0\r\n", b"\r\n\r\n", b"A;x=y\r\n", b"zz", b" 3 ;\n", b""]
)


@given(st.lists(PIECES, max_size=14).map(b"".join), st.lists(st.integers(0, 60), max_size=8))
def test_chunks_are_taken_away_step_by_step_as_at_once(body, cuts):
    """However the octets are cut, and whatever is wrong with them."""
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    dechunker = Dechunker()
    parts = [part for begin, end in pairwise(places) for part in dechunker.feed(body[begin:end])]
    parts += dechunker.feed(b"", last=True)
    assert b"".join(parts) == dechunk(body).entity
