"""The CDXJ line of a usual capture, put together from the octets of its records without reading field by field.

Most captures of ours are alike: a metadata record in the writer's words, then the response or revisit in a form of
header that was seen before. What is not alike (a 304, a truncated body, text that JSON escapes) gets no line here
and has to be read with care. A line from here that were wrong could hide nothing: it would not be found in the CDXJ,
and the file's lines are made anew with care before one is called wrong.
"""

import json
import re
from typing import Final

from umecrawl.model.urls import surt
from umecrawl.warc.members import Member
from umecrawl.warc.shapes import Shape, Values

_BASE64: Final = rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_NUMBER: Final = rb"(?:0|[1-9]\d{0,17})"
# A metadata block as `umecrawl.warc.provenance` writes it, but for a 304; `%` may be an escape.
_USUAL: Final = re.compile(
    rb"(?:seed: (?P<seed>[!#-\[\]-~]+)\r\n)?"
    rb"(?:via: (?P<via>[!#-\[\]-~]+)\r\n)?"
    rb"hopsFromSeed: (?P<hop>[!#-\[\]-~]*)\r\n"
    rb"sourceTag: (?P<source>(?:(?!%)[!#-\[\]-~])*)\r\n"
    rb"attempt: " + _NUMBER + rb"\r\n"
    rb"(?:fetchTimeMs: -?" + _NUMBER + rb"\r\n)?"
    rb"entityLength: (?P<size>" + _NUMBER + rb")\r\n"
    rb"wireLength: " + _NUMBER + rb"\r\n"
    rb"(?:(?:note|tlsPeer|replayed-from): [^\r\n]*\r\n"
    rb"|(?:interim|excess|tlsCertificate): " + _BASE64 + rb"\r\n)*"
    rb"(?:outlink: [!-~]++ [LERPIXM]\r\n)*+"
)
# Any metadata block of ours of a capture: what matches can be read.
_READABLE: Final = re.compile(
    rb"(?:(?:seed|via|hopsFromSeed|sourceTag|note|replayed-from|tlsPeer|entityFraming): [^\r\n]*\r\n"
    rb"|(?:attempt|fetchTimeMs|entityLength|wireLength): -?\d{1,18}\r\n"
    rb"|(?:interim|excess|notModifiedHead|tlsCertificate): " + _BASE64 + rb"\r\n)*"
    rb"(?:outlink: [^ \r\n]++ [LERPIXM]\r\n)*+"
)
# A head without folds, bare line feeds and odd names, so that its fields can be found by looking for their names.
_HEAD: Final = re.compile(
    rb"HTTP/1\.\d (\d{3})(?: [^\r\n]*+)?+\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++:[^\r\n]*+\r\n)*+\r\n"
)
_MIME: Final = re.compile(rb"\r\ncontent-type:[ \t]*([!#-+\--:<-\[\]-~]*)[ \t]*[;\r]")
_ETAG: Final = re.compile(rb"\r\netag:[ \t]*([!-~]*)[ \t]*\r\n", re.IGNORECASE)
_DATE_LENGTH: Final = len("2026-01-31T12:00:00.000000Z")
_NO_CODINGS: Final = '"/"'
_ID: Final = re.compile(rb"urn:uuid:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")


def read_usual(data: bytes, begin: int, stop: int) -> tuple[bool, re.Match[bytes] | None]:
    """Return whether a metadata block in `data` can be read, and its values where it is a usual one."""
    said = _USUAL.fullmatch(data, begin, stop)
    return said is not None or _READABLE.fullmatch(data, begin, stop) is not None, said


class Shortcut:
    """Makes the lines of one file; it keeps the metadata record that waits for its capture."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._quoted = json.dumps(name)
        self._waiting: tuple[int, int, bytes] | None = None
        self._capture = b""
        self._said: re.Match[bytes] | None = None

    def keep(self, member: tuple[int, int, bytes], values: Values, said: re.Match[bytes]) -> bool:
        """Keep a metadata record for its capture, with what `read_usual` found; false where another waits already.

        `member` is its offset, end and octets.
        """
        if self._waiting is not None or values.concurrent0 is None:
            return False
        self._waiting, self._capture, self._said = member, values.concurrent0, said
        return True

    def take(self) -> Member | None:
        """Return the metadata record that waits, which then has to be told with care."""
        if self._waiting is None:
            return None
        (offset, end, data), self._waiting, self._said = self._waiting, None, None
        return Member(offset, end - offset, data)

    def line(
        self, shape: Shape, values: Values, heads: tuple[bytes, bytes], codings: str, place: tuple[int, int]
    ) -> tuple[str, bytes, str] | None:
        """Return id, line and facts (`umecrawl.warc.ledger.facts`) of a capture; nothing where it is not usual.

        `heads` is that of the response, as it is and in lower case, `place` offset and length of the member.
        """
        said = self._said
        if said is None or self._capture != values.id or not shape.usual:
            return None
        record, date, message = _ID.fullmatch(values.id), values.date, _message(shape, values, *heads)
        target, payload = values.target, values.payload
        # The form of the date was checked with the header; this is the length of one to the microsecond.
        if record is None or len(date) != _DATE_LENGTH or message is None or target is None or payload is None:
            return None
        if not target.startswith((b"http:", b"https:")):
            return None
        self._waiting = self._said = None
        seed, via, hop, source, size = said.group("seed", "via", "hop", "source", "size")
        status, mime, more = message
        for key, value in (("source", source), ("seed", seed), ("via", via), ("hop", hop)):
            if value:
                more += f', "{key}": "{value.decode()}"'
        url, name, (offset, length), digest = target.decode(), record[1].decode(), place, f"sha256:{payload.decode()}"
        line = (
            f'{surt(url)} {date[:19].translate(None, b"-T:").decode()} {{"url": "{url}", "mime": "{mime}", '
            f'"status": "{status}", "digest": "{digest}", "length": "{length}", "offset": "{offset}", '
            f'"filename": {self._quoted}, "id": "{name}", "date": "{date.decode()}", '
            f'"framing": {json.dumps(codings) if codings else _NO_CODINGS}, "size": "{size.decode()}"{more}}}\n'
        )
        return name, line.encode("ascii"), f"{self._name} {offset} {length} {digest} {status} {url}"


def _message(shape: Shape, values: Values, head: bytes, lowered: bytes) -> tuple[int, str, str] | None:
    """Return status and mime of a capture, and the part of its line that names original and ETag."""
    found = _HEAD.fullmatch(head)
    if found is None or found[1] == b"000":
        return None
    mime, more = "unk", ""
    if shape.type == "revisit":
        original = _ID.fullmatch(values.refers or b"")
        if original is None:
            return None
        mime, more = "warc/revisit", f', "refers": "{original[1].decode()}"'
    elif (at := lowered.find(b"\r\ncontent-type:")) > 0:
        named = _MIME.match(lowered, at)
        if named is None:
            return None
        mime = named[1].decode() or "unk"
    if (at := lowered.find(b"\r\netag:")) > 0:
        tag = _ETAG.match(head, at)
        if tag is None:
            return None
        if tag[1]:  # JSON escapes two of the signs that may stand in it
            text = tag[1].decode().replace("\\", "\\\\").replace('"', '\\"')
            more += f', "etag": "{text}"'
    return int(found[1]), mime, more
