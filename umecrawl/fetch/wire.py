"""The framer: where an HTTP/1.x response begins and ends, found in bytes as they arrive, every byte kept.

No I/O happens here. It is as lenient as browsers are (RFC 9112 §2.2, §6.3; WHATWG Fetch; Chromium's HttpStreamParser):
bare LF, no reason phrase, obs-fold, any octet in a field, blank lines or a few octets of rubbish before the status
line, repeated or conflicting lengths, chunk extensions. Only what is no HTTP at all is refused.
"""

import re
from enum import Enum, auto

from umecrawl.errors import UmecrawlError
from umecrawl.fetch.chunks import Chunks
from umecrawl.model.capture import Truncation
from umecrawl.model.message import Head, dechunk, parse_head

# Chromium's limit for a response head (256 KiB); 1xx heads count as well, or an endless row of them would pass.
MAX_HEAD = 256 * 1024
# Octets kept of what a server sends behind the message; it ends the connection, and nobody reads on.
MAX_EXCESS = 64 * 1024

# Chromium looks for the status line behind up to four octets of rubbish (kStatusLineStartSlop).
_START = re.compile(rb"[\r\n\t ]*(?:.{0,4}?)(HTTP/)", re.IGNORECASE | re.DOTALL)
_BLANK = b"\r\n\t "
_NAME = b"http/"
_SLOP = 4
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_DIGITS = re.compile(r"[0-9]{1,18}")

_SWITCHING_PROTOCOLS = 101
_INTERIM = range(100, 200)
_BODILESS = frozenset({_SWITCHING_PROTOCOLS, 204, 304})


class FramingError(UmecrawlError):
    """What the peer sent is no HTTP response, or its head has no end within `MAX_HEAD` octets."""


class _Phase(Enum):
    HEAD = auto()
    LENGTH = auto()
    CHUNKED = auto()
    UNTIL_CLOSE = auto()
    DONE = auto()
    BROKEN = auto()  # the end of the body can no longer be known
    LIMITED = auto()  # the size limit is reached


_OVER = frozenset({_Phase.DONE, _Phase.BROKEN, _Phase.LIMITED})


class Framer:
    """Finds head, body and what lies around them in one response to one request.

    `feed` takes what arrives, in pieces of any size; `finish` is told that nothing more will come. Without a size
    limit `interim + head + body + excess` is at every moment what was fed, or `partial` is, while there is no head;
    of what comes behind the message `MAX_EXCESS` octets are kept, and `note` says when there were more.
    """

    def __init__(self, method: str = "GET", *, max_body: int = 0) -> None:
        """Expect the response to a request of that method; keep at most `max_body` octets of body (0: all)."""
        self.interim = b""
        self.head = b""
        self.parsed: Head | None = None
        self.excess = b""
        self.note = ""
        self.truncated: Truncation | None = None
        self._bodiless = method.upper() == "HEAD"
        self._max_body = max_body
        self._phase = _Phase.HEAD
        self._pending = bytearray()  # octets that do not yet make a head
        self._start = -1  # where in them the status line begins
        self._searched = 0  # up to where they hold no end of head
        self._parts: list[bytes] = []
        self._size = 0  # octets of body so far
        self._left = 0  # octets to come of a body with length
        self._lengths: frozenset[int] = frozenset()
        self._chunks: Chunks | None = None  # of a chunked body
        self._flooded = False  # more came behind the message than is kept
        self._closed = False

    @property
    def body(self) -> bytes:
        """The body as on the wire, transfer coding included."""
        if len(self._parts) > 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""

    @property
    def entity(self) -> bytes:
        """The body without transfer coding (RFC 9112 §7.1), equal to what `model.message.entity_of` makes of it."""
        if self._chunks is None:
            return self.body
        # Where the framing broke, a record is read as leniently as it can be: there is one such reader, and no two.
        whole = self._phase is _Phase.DONE and not self.truncated
        return bytes(self._chunks.entity) if whole else dechunk(self.body).entity

    @property
    def partial(self) -> bytes:
        """All that arrived as long as there is no final head."""
        return self.interim + bytes(self._pending)

    @property
    def over(self) -> bool:
        """Whether nothing more is wanted from the peer."""
        return self._phase in _OVER

    @property
    def started(self) -> bool:
        """Whether any byte arrived."""
        return bool(self.parsed or self.interim or self._pending)

    @property
    def reusable(self) -> bool:
        """Whether the connection may carry another request: the message ended by itself and nobody wants to close."""
        if self._phase is not _Phase.DONE or self._closed or self.excess or self.parsed is None:
            return False
        if self.parsed.status == _SWITCHING_PROTOCOLS or len(self._lengths) > 1:
            return False
        options = {option.strip() for option in self.parsed.joined("connection").split(",")}
        if "close" in options:
            return False
        return "keep-alive" in options or not self.parsed.version.upper().startswith((b"HTTP/1.0", b"HTTP/0"))

    def feed(self, data: bytes) -> bool:
        """Take the next bytes; return whether nothing more is wanted.

        Raises `FramingError` for what is no HTTP; the bytes then stand in `partial`.
        """
        if self._phase is _Phase.HEAD:
            data = self._feed_head(data)
        if data:
            self._feed_body(data)
        return self._phase in _OVER

    def finish(self, *, clean: bool = True) -> None:
        """Note that the peer closed the connection; `clean` is false for a reset.

        Sets `truncated` when the message was to go on. Raises `FramingError` when what arrived is not the start of
        an HTTP response.
        """
        phase, self._closed = self._phase, True
        if phase in _OVER:
            return
        if phase is _Phase.HEAD:
            begun = bytes(self._pending).lstrip(_BLANK).lower()
            if self._start < 0 and not _NAME.startswith(begun):
                raise FramingError(f"not an HTTP response: {bytes(self._pending[:40])!r}")
            return
        self._phase = _Phase.DONE
        if clean and (phase is _Phase.UNTIL_CLOSE or (phase is _Phase.LENGTH and self._size in self._lengths)):
            return
        # With the last chunk the entity is whole; only the empty line behind it is missing.
        if self._chunks is not None and self._chunks.is_whole:
            self._remark("the connection was closed before the end of the chunked framing")
            return
        self.truncated = Truncation.DISCONNECT

    def _feed_head(self, data: bytes) -> bytes:
        """Look for the final head; return what lies behind it."""
        pending = self._pending
        pending += data
        while True:
            if self._start < 0 and not self._find_start():
                return b""
            end = _END_OF_HEAD.search(pending, max(self._searched - 2, self._start))
            if end is None:
                self._searched = len(pending)
                self._check_head_size(len(pending))
                return b""
            self._check_head_size(end.end())
            head = bytes(pending[self._start : end.end()])
            parsed = parse_head(head)
            if parsed.status in _INTERIM and parsed.status != _SWITCHING_PROTOCOLS:
                self.interim += bytes(pending[: end.end()])
                del pending[: end.end()]
                self._start, self._searched = -1, 0
                continue
            self.interim += bytes(pending[: self._start])
            rest = bytes(pending[end.end() :])
            pending.clear()
            self.head, self.parsed = head, parsed
            self._begin_body(parsed)
            return rest

    def _find_start(self) -> bool:
        match = _START.match(self._pending)
        if match is not None:
            self._start = match.start(1)
            return True
        begun = self._pending.lstrip(_BLANK)
        if len(begun) >= _SLOP + len(_NAME):
            raise FramingError(f"not an HTTP response: {bytes(begun[:40])!r}")
        self._check_head_size(len(self._pending))
        return False

    def _check_head_size(self, size: int) -> None:
        if len(self.interim) + size > MAX_HEAD:
            raise FramingError(f"the head of the response is larger than {MAX_HEAD} octets")

    def _begin_body(self, head: Head) -> None:
        """Choose how the end of the body is found (RFC 9112 §6.3)."""
        if self._bodiless or head.status in _BODILESS:
            self._phase = _Phase.DONE
            return
        codings = head.joined("transfer-encoding")
        if "chunked" in codings:
            self._phase, self._chunks = _Phase.CHUNKED, Chunks()
            return
        self._lengths = frozenset() if codings.strip() not in {"", "identity"} else _content_lengths(head)
        if not self._lengths:
            self._phase = _Phase.UNTIL_CLOSE
            return
        # Of conflicting lengths the largest loses nothing; a close at any of them is a proper end.
        self._left = max(self._lengths)
        if len(self._lengths) > 1:
            self._remark(f"conflicting lengths: {', '.join(str(n) for n in sorted(self._lengths))}")
        self._phase = _Phase.LENGTH if self._left else _Phase.DONE

    def _feed_body(self, data: bytes) -> None:
        if self._phase is _Phase.DONE:
            self._keep_excess(data)
            return
        if self._phase is _Phase.LIMITED:
            return
        over = self._max_body and self._size + len(data) > self._max_body
        piece = data[: self._max_body - self._size] if over else data
        taken = self._take(piece)
        self._parts.append(piece[:taken])
        self._size += taken
        if taken == len(data):
            return
        if over and not self.over:
            self._phase = _Phase.LIMITED
            self.truncated = Truncation.LENGTH
            self._remark(f"stopped reading at the size limit of {self._max_body} octets")
        elif self.truncated is None:
            self._keep_excess(data[taken:])

    def _keep_excess(self, data: bytes) -> None:
        room = MAX_EXCESS - len(self.excess)
        self.excess += data[:room]
        if len(data) > room and not self._flooded:
            self._flooded = True
            self._remark(f"more than {MAX_EXCESS} octets came behind the message; the rest is not kept")

    def _take(self, data: bytes) -> int:
        """Follow the framing through a piece of body; return how many of its octets belong to the body."""
        if self._phase is _Phase.LENGTH:
            taken = min(self._left, len(data))
            self._left -= taken
            if not self._left:
                self._phase = _Phase.DONE
            return taken
        chunks = self._chunks
        if chunks is None or self._phase is _Phase.BROKEN:
            return len(data)
        taken = chunks.take(data)
        if chunks.done:
            self._phase = _Phase.DONE
        elif chunks.fault:
            self._phase = _Phase.BROKEN
            self.truncated = Truncation.UNSPECIFIED
            self._remark(f"the chunked framing is broken: {chunks.fault}")
        return taken

    def _remark(self, text: str) -> None:
        self.note = f"{self.note}; {text}" if self.note else text


def _content_lengths(head: Head) -> frozenset[int]:
    """Return the different lengths that the head claims; empty when it claims none, or one that is no number."""
    claims = [claim.strip() for value in head.all("content-length") for claim in value.split(",")]
    return frozenset(int(claim) for claim in claims if _DIGITS.fullmatch(claim))
