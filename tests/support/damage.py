"""Damage done to WARC files: to their octets, to their members, and to single records that are then packed anew."""

import gzip
from hashlib import sha256

from hypothesis import strategies as st

from umecrawl.warc.members import deflated


def change(data: bytes, kind: str, place: float, other: float) -> bytes:
    """Return the file's octets with one damage."""
    magic = deflated(b"")[:10]
    starts = [at for at in range(len(data)) if data.startswith(magic, at)]
    if not starts:
        return data
    at = int(place * (len(data) - 1))
    to = min(at + int(other * 3_000) + 1, len(data))
    number = int(place * (len(starts) - 1))
    begin, end = starts[number], [*starts, len(data)][number + 1]
    return {
        "flip": data[:at] + bytes([data[at] ^ (1 << int(other * 7))]) + data[at + 1 :],
        "remove": data[:at] + data[to:],
        "nuls": data[:at] + b"\0" * (to - at) + data[to:],
        "cut": data[:at],
        "without a member": data[:begin] + data[end:],
        "member twice": data[:end] + data[begin:end] + data[end:],
        "foreign member": data[:begin] + deflated(b"no record") + data[begin:],
        "two records": data[:begin] + deflated(RECORD + RECORD) + data[begin:],
    }[kind]


RECORD = (
    b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2020-01-01T00:00:00Z\r\n"
    b"WARC-Block-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\nWARC-Refers-To: <urn:uuid:2>\r\n"
    b"WARC-Concurrent-To: <urn:uuid:3>\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
)
DAMAGE = st.tuples(
    st.sampled_from(
        ["flip", "remove", "nuls", "cut", "without a member", "member twice", "foreign member", "two records"]
    ),
    st.floats(0, 1),
    st.floats(0, 1),
)


def edit(record: bytes, kind: str, place: float, other: float) -> bytes:
    """Return a record with one thing changed in its header or block."""
    head, _, block = record.removesuffix(b"\r\n\r\n").partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    sign = b"0aZ %\xe5<>:;/-."[int(place * 997) % 13 :][:1]
    if kind == "end":
        return record[:-2] + sign + record[-1:]
    if kind.startswith("block"):
        at = int(other * max(len(block) - 1, 0))
        block = block[:at] + sign + block[at + 1 :]
        if kind == "block and digest":
            digest = b"WARC-Block-Digest: sha256:" + sha256(block).hexdigest().encode()
            length = b"Content-Length: %d" % len(block)
            named = {line.partition(b": ")[0]: line for line in (digest, length)}
            lines = [named.get(line.partition(b": ")[0], line) for line in lines]
    else:
        number = 1 + int(place * (len(lines) - 2))
        lines[number : number + 1] = changed(lines[number], kind, other, sign)
    return b"\r\n".join([*lines, b"", block, b"", b""])


def changed(line: bytes, kind: str, place: float, sign: bytes) -> list[bytes]:
    """Return what becomes of a line of a header."""
    name, _, value = line.partition(b": ")
    at = int(place * max(len(value) - 1, 0))
    return {
        "field away": [],
        "field twice": [line, line],
        "field of another record": [line, FIELDS[int(place * (len(FIELDS) - 1))]],
        "value changed": [name + b": " + value[:at] + sign + value[at + 1 :]],
        "value cut": [name + b": " + value[:at]],
        "value empty": [name + b": "],
        "upper case": [line.upper()],
        "space": [name + b":  " + value + b" "],
        "fold": [name + b":\r\n " + value],
    }[kind]


FIELDS = (
    b"WARC-Refers-To: <urn:uuid:00000000-0000-4000-8000-000000000001>",
    b"WARC-Refers-To-Date: 2020-02-30T00:00:00Z",
    b"WARC-Concurrent-To: <urn:uuid:00000000-0000-4000-8000-000000000009>",
    b"WARC-Concurrent-To: <>",
    b"WARC-Filename: other.warc.gz",
    b"WARC-Truncated: length",
    b"WARC-Truncated: tired",
    b"WARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
    b"WARC-Segment-Number: 1",
    b"WARC-Date: 0000-01-01T00:00:00Z",
    b"WARC-IP-Address: 2001:DB8::1",
    b"Umecrawl-Head-Length: 20",
    b"X-Other: =?UTF-8?Q?a?=",
)
EDIT = st.tuples(
    st.sampled_from(
        [
            "field away",
            "field twice",
            "field of another record",
            "value changed",
            "value cut",
            "value empty",
            "upper case",
            "space",
            "fold",
            "block",
            "block and digest",
            "end",
        ]
    ),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)


def edited(data: bytes, edits) -> bytes:
    """Return the file's octets with records changed, each packed in a member of its own."""
    records = [b"WARC/1.1\r\n" + part for part in gzip.decompress(data).split(b"WARC/1.1\r\n")[1:]]
    for kind, which, place, other in edits:
        number = int(which * (len(records) - 1))
        records[number] = edit(records[number], kind, place, other)
    return b"".join(map(deflated, records))
