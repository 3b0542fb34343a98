"""The framer alone: the same result for any cuts, no byte lost, nothing raised but its own error."""

import asyncio
import socket
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.torture import CASES, End, chunked, head

from umecrawl.fetch.chunks import MAX_CHUNK_LINE, MAX_TRAILERS
from umecrawl.fetch.connection import Connection, Ending
from umecrawl.fetch.wire import MAX_EXCESS, MAX_HEAD, Framer, FramingError
from umecrawl.model.capture import Truncation
from umecrawl.model.message import entity_of

SMALL = [case for case in CASES if len(case.raw) < 100_000]
ENDS = {End.CLOSE: True, End.ABRUPT: True, End.RESET: False}


def outcome(framer):
    """Return all that a framer found out."""
    return (
        framer.interim,
        framer.head,
        framer.body,
        framer.excess,
        framer.partial,
        framer.truncated,
        framer.note,
        framer.over,
        framer.reusable,
        framer.entity,
    )


def run(pieces, case):
    """Feed pieces and the end of a case; return the outcome, or the text of the error."""
    framer = Framer(case.method, max_body=case.max_body)
    try:
        for piece in pieces:
            framer.feed(piece)
        if case.end in ENDS:
            framer.finish(clean=ENDS[case.end])
    except FramingError as error:
        return error.message.partition(":")[0]
    return outcome(framer)


def cut(data, places):
    """Cut bytes at places that may lie anywhere."""
    marks = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(marks)]


def feed(data, *, method="GET", max_body=0):
    """Return a framer that was fed all at once."""
    framer = Framer(method, max_body=max_body)
    framer.feed(data)
    return framer


@given(case=st.sampled_from(SMALL), places=st.lists(st.integers(0, 100_000), max_size=12))
def test_cuts_change_nothing(case, places):
    """However the network cuts an answer, the framer finds the same parts."""
    assert run(cut(case.raw, places), case) == run([case.raw], case)


@pytest.mark.parametrize("case", [case for case in SMALL if len(case.raw) < 5000], ids=lambda case: case.name)
def test_single_octets_change_nothing(case):
    """An answer that comes octet by octet gives the same parts."""
    assert run([bytes([octet]) for octet in case.raw], case) == run([case.raw], case)


@st.composite
def mutated(draw):
    """Draw the bytes of a case with some octets changed, removed, repeated or put in."""
    data = bytearray(draw(st.sampled_from(SMALL)).raw)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        # Most of what matters lies in the head.
        place = place % 200 if draw(st.booleans()) else place
        match draw(st.sampled_from(["set", "remove", "insert", "repeat"])):
            case "set" if place < len(data):
                data[place] = draw(st.sampled_from(b"\r\n\0 :;09afF\xe5") | st.integers(0, 255))
            case "remove":
                del data[place : place + draw(st.integers(1, 20))]
            case "insert":
                data[place:place] = draw(st.sampled_from([b"\r\n", b"\n\n", b"0", b"HTTP/1.1 100 ", b"\0"]))
            case _:
                data[place:place] = data[place : place + draw(st.integers(1, 40))]
    return bytes(data)


@given(data=mutated(), places=st.lists(st.integers(0, 100_000), max_size=8), clean=st.booleans())
def test_no_byte_of_a_broken_answer_is_lost(data, places, clean):
    """Whatever comes, each octet stands in one part, in order, and only `FramingError` is raised."""
    framer = Framer()
    fed = b""
    try:
        for piece in cut(data, places):
            fed += piece
            framer.feed(piece)
        framer.finish(clean=clean)
    except FramingError:
        assert framer.partial == fed
        return
    if framer.parsed is None:
        assert framer.partial == data
    else:
        assert framer.interim + framer.head + framer.body + framer.excess == data
        assert framer.entity == entity_of(framer.parsed, framer.body)


@given(data=st.binary(max_size=300))
def test_noise_is_refused_or_kept(data):
    """Random bytes are refused or waited on, and kept."""
    framer = Framer()
    try:
        framer.feed(data)
    except FramingError:
        assert framer.partial == data
        return
    assert framer.partial + framer.head + framer.body + framer.excess == data


@given(
    body=st.binary(max_size=500),
    size=st.integers(1, 200),
    extension=st.sampled_from([b"", b";x", b' ; a="b"']),
    data=st.data(),
)
def test_the_entity_of_a_chunked_body_is_what_was_sent(body, size, extension, data):
    """Framer and `entity_of` agree on chunked bodies: complete, no excess, the entity whole."""
    message = head("Transfer-Encoding: chunked") + chunked(body, size, extension=extension)
    framer = Framer()
    for piece in cut(message, data.draw(st.lists(st.integers(0, 1000), max_size=5))):
        framer.feed(piece)
    assert framer.over
    assert framer.truncated is None
    assert framer.entity == entity_of(framer.parsed, framer.body) == body


@pytest.mark.parametrize("piece", [1000, MAX_EXCESS, 3 * MAX_EXCESS])
@pytest.mark.parametrize("coding", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_of_endless_excess_a_stated_part_is_kept(coding, piece):
    """What comes behind the message is kept up to the bound, however it is cut, and the note tells of the rest."""
    body = b"hello" if "Length" in coding else chunked(b"hello")
    framer = feed(head(coding) + body)
    rest = bytes(range(256)) * 1024
    for start in range(0, len(rest), piece):
        framer.feed(rest[start : start + piece])
    assert framer.body == body
    assert framer.excess == rest[:MAX_EXCESS]
    assert framer.note.count("is not kept") == 1
    assert framer.truncated is None
    assert not framer.reusable


@given(length=st.integers(0, 50), limit=st.integers(1, 60), places=st.lists(st.integers(0, 200), max_size=4))
def test_a_size_limit_cuts_exactly(length, limit, places):
    """A body beyond the limit is kept to the last octet allowed; one within it is whole."""
    body = bytes(range(length))
    framer = Framer(max_body=limit)
    for piece in cut(head(f"Content-Length: {length}") + body, places):
        framer.feed(piece)
    assert framer.body == body[:limit]
    assert framer.over
    assert framer.truncated is (Truncation.LENGTH if length > limit else None)
    assert not framer.excess


@pytest.mark.parametrize(
    ("answer", "reusable"),
    [
        (head("Content-Length: 0"), True),
        (head("Content-Length: 0", "Connection: close"), False),
        (head("Content-Length: 0", "Connection: Upgrade, Close"), False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", True),
        (head("Content-Length: 0") + b"x", False),
        (head("Content-Length: 1", "Content-Length: 0") + b"x", False),
        (head("Transfer-Encoding: chunked") + b"zz\r\n", False),
        (head(status="304 Not Modified"), True),
        (head(status="101 Switching Protocols"), False),
    ],
)
def test_a_connection_is_kept_only_when_its_state_is_known(answer, reusable):
    """Close wishes, old versions, excess and broken framing forbid another request."""
    assert feed(answer).reusable is reusable


def test_a_closed_connection_is_not_kept():
    """A message that ended before the close leaves nothing to send on."""
    framer = feed(head("Content-Length: 0"))
    framer.finish()
    assert not framer.reusable


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n" + b"x" * MAX_HEAD,
        b"\r\n" * MAX_HEAD,
        head(status="100 Continue") * (MAX_HEAD // 20),
    ],
    ids=["field", "blank", "interim"],
)
def test_a_head_without_end_is_refused(data):
    """An endless head stops at the limit, whatever it is made of."""
    with pytest.raises(FramingError, match="larger than"):
        feed(data)


@pytest.mark.parametrize(
    "body",
    [b"1;" + b"x" * MAX_CHUNK_LINE, b"0\r\n" + b"X: y\r\n" * (MAX_TRAILERS // 5), b"f" * 16 + b"\r\n"],
    ids=["line", "trailers", "size"],
)
def test_chunked_framing_without_end_is_broken_off(body):
    """Endless lines, endless trailers and sizes beyond reason end the message; the octets are kept."""
    framer = feed(head("Transfer-Encoding: chunked") + body)
    assert framer.over
    assert framer.truncated is Truncation.UNSPECIFIED
    assert framer.body == body


def test_rubbish_is_refused_as_soon_as_it_is_seen():
    """No more octets than needed are waited for before a peer is told off."""
    with pytest.raises(FramingError, match="not an HTTP response"):
        feed(b"220 mail.example ESMTP")


def test_a_connection_keeps_what_comes_before_anybody_looks():
    """Octets that arrive behind the message, in a piece of their own, are excess of that message."""
    with asyncio.Runner() as runner:
        framer = runner.run(_answered_in_pieces(head("Content-Length: 5") + b"hello", b", world"))
    assert framer.body == b"hello"
    assert framer.excess == b", world"


async def _answered_in_pieces(*pieces):
    """Run one exchange whose answer comes in these pieces, all before the one who waits is awake."""
    left, right = socket.socketpair()
    loop = asyncio.get_running_loop()
    connection, framer = Connection(loop), Framer()
    with right:
        await loop.create_connection(lambda: connection, sock=left)
        loop.call_soon(lambda: [connection.data_received(piece) for piece in pieces])
        ending = await connection.exchange(b"GET / HTTP/1.1\r\n\r\n", framer, deadline=loop.time() + 10)
        connection.abort()
        await connection.lost
    assert ending is Ending.FRAMED
    return framer
