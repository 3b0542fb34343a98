"""Gzip members: readable by everyone, and every break told for what it is."""

import gzip
import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.warc import members
from umecrawl.warc.members import Break, BreakKind, Member, MemberReader, deflated, stored


def record(block: bytes = b"x") -> bytes:
    """Return the least record that holds a block."""
    return b"WARC/1.1\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block), block)


@pytest.fixture
def reader(tmp_path):
    """Return a function that writes octets to a file and reads members from it."""
    opened = []

    def read(data: bytes) -> MemberReader:
        path = tmp_path / f"{len(opened)}.gz"
        path.write_bytes(data)
        opened.append(os.open(path, os.O_RDONLY))
        return MemberReader(opened[-1])

    yield read
    for descriptor in opened:
        os.close(descriptor)


@given(head=st.binary(max_size=200), body=st.binary(max_size=400), repeat=st.sampled_from([1, 300, 70_000]))
def test_both_forms_are_plain_gzip(head, body, repeat):
    """A member, deflated or stored, is what the gzip module reads; sizes cross the limit of a stored block."""
    body = body[:4] * repeat
    tail = b"\r\n\r\n"
    assert gzip.decompress(stored(head, body, tail)) == head + body + tail
    assert gzip.decompress(deflated(head + body)) == head + body


def test_stored_octets_stand_in_the_member_as_they_are():
    """A body that is compressed already is not compressed again."""
    body = os.urandom(50_000)
    assert body in stored(b"head", body, b"end")


def test_the_header_of_a_member_is_fixed():
    """No time, no name, no system: equal records give equal members."""
    assert deflated(b"x").startswith(bytes.fromhex("1f8b08000000000000ff"))


def test_zlib_serves_where_isal_is_not(monkeypatch, reader):
    """Without isal the same octets are read back."""
    monkeypatch.setattr(members, "codec", zlib)
    monkeypatch.setattr(members, "_LEVEL", 6)
    data = deflated(record()) + stored(record()[:-5], b"x", b"\r\n\r\n")
    source = reader(data)
    first = source.read(0)
    assert first.data == source.read(first.end).data == record()
    assert isinstance(reader(data[:-1]).read(first.end), Break)


def test_members_are_read_one_after_the_other(reader):
    """Each member says where it lies; the end of the file gives nothing."""
    blocks = [b"a", b"b" * 100_000, os.urandom(300_000), b""]
    source = reader(b"".join(deflated(record(block)) for block in blocks))
    offset, found = 0, []
    while member := source.read(offset):
        assert isinstance(member, Member)
        found.append(member.data)
        offset = member.end
    assert found == [record(block) for block in blocks]


def test_a_file_may_grow_while_it_is_read(tmp_path):
    """What is appended after the end was reached is found."""
    path = tmp_path / "growing.gz"
    path.write_bytes(deflated(record(b"1")))
    descriptor = os.open(path, os.O_RDONLY)
    source = MemberReader(descriptor)
    first = source.read(0)
    assert source.read(first.end) is None
    with path.open("ab") as file:
        file.write(deflated(record(b"2")))
    assert source.read(first.end).data == record(b"2")
    os.close(descriptor)


@given(cut=st.integers(min_value=1, max_value=10_000))
def test_every_cut_is_a_cut(tmp_path_factory, cut):
    """A member that lacks its end, be it only the last octet, is never taken for whole."""
    data = deflated(record(b"some text " * 30))
    path = tmp_path_factory.mktemp("cut") / "cut.gz"
    path.write_bytes(data[: cut % (len(data) - 1) + 1])
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = MemberReader(descriptor).read(0)
    finally:
        os.close(descriptor)
    assert isinstance(found, Break)
    assert found.kind is BreakKind.CUT


@pytest.mark.parametrize(
    ("tail", "kind"),
    [
        (b"\0" * 4096, BreakKind.NULS),
        (b"garbage that is no member", BreakKind.NOT_GZIP),
        (deflated(record())[:10] + b"\x07" * 50, BreakKind.DAMAGED),
        (deflated(record())[:-2] + b"\1\1" + b"after", BreakKind.DAMAGED),
        (deflated(record() + record()), BreakKind.MANY_RECORDS),
        (deflated(record(os.urandom(2000)))[:1000] + b"\0" * 4096, BreakKind.NULS),
    ],
    ids=["nuls", "garbage", "bad block", "bad trailer", "two records", "nuls inside"],
)
def test_the_kind_of_a_break_is_told(reader, tail, kind):
    """What follows a whole member is named for what it is."""
    whole = deflated(record())
    found = reader(whole + tail).read(len(whole))
    assert isinstance(found, Break)
    assert (found.offset, found.kind) == (len(whole), kind)


def test_reading_goes_on_behind_damage(reader):
    """The next whole record is found, gzip data within a record is not taken for one."""
    inner = stored(b"WARC/1.1\r\nContent-Length: 20\r\n\r\n", gzip.compress(b"x")[:20], b"\r\n\r\n")
    broken = bytearray(inner)
    broken[14] ^= 0xFF
    last = deflated(record(b"last"))
    source = reader(bytes(broken) + last)
    assert isinstance(source.read(0), Break)
    assert source.resync(0) == len(broken)
    assert source.resync(len(broken)) is None
