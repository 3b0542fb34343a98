"""Content codings are undone in bounded room and time, whatever stands in a body."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.model.message import decode_content

ZEROS = bytes(64 * 1024 * 1024)
BOMBS = {
    "gzip": gzip.compress(ZEROS, 1),
    "deflate": zlib.compress(ZEROS, 1),
    "br": brotli.compress(ZEROS, quality=1),
    "zstd": zstandard.compress(ZEROS, 1),
}


def test_a_page_without_coding_is_read_up_to_the_same_limit():
    """However a large page is sent, no more of it is looked through."""
    assert ZEROS[:1_000] == decode_content(ZEROS, "", 1_000)


@pytest.mark.parametrize("coding", BOMBS)
def test_a_compressed_bomb_takes_no_more_room_than_allowed(coding):
    """Of 64 MB only what was asked for is made, and not much more is held on the way."""
    tracemalloc.start()
    try:
        decoded = decode_content(BOMBS[coding], coding, 1_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert bytes(1_000_000) == decoded
    assert peak < 8_000_000


def test_a_row_of_empty_gzip_members_costs_no_more_than_its_length():
    """4 MB of them took half a minute when each copied all that lay behind it; what shows no page stays as it is."""
    body = gzip.compress(b"") * 200_000
    assert body == decode_content(body, "gzip")


@given(st.lists(st.binary(max_size=5_000), min_size=1, max_size=20), st.sampled_from([0, 1, 9]))
def test_gzip_members_are_read_one_after_the_other(texts, level):
    """A body of several members is the texts of all of them (RFC 1952 §2.2)."""
    whole = b"".join(texts)
    body = b"".join(gzip.compress(text, level) for text in texts)
    assert (whole or body) == decode_content(body, "gzip")


@given(
    st.binary(min_size=1, max_size=20_000), st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.integers(0, 10**6)
)
def test_a_cut_stream_gives_the_beginning_of_the_text(text, coding, cut):
    """What arrived before the cut is not thrown away, and nothing is made up."""
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}[coding]
    body = pack(text)
    assert text == decode_content(body, coding)
    part = body[: cut % len(body)]
    decoded = decode_content(part, coding)
    assert decoded == part or text.startswith(decoded)


def test_a_damaged_stream_gives_what_stood_before_the_damage():
    """A flipped bit in the second member costs nothing of the first."""
    first, second = gzip.compress(b"a" * 10_000, 0), bytearray(gzip.compress(b"b" * 10_000, 0))
    second[-2] ^= 0xFF
    decoded = decode_content(first + bytes(second), "gzip")
    assert decoded.startswith(b"a" * 10_000)
    assert set(decoded[10_000:]) <= set(b"b")
