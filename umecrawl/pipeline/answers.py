"""HTTP messages of the sample sites: a request is read, and what the site answers is put into bytes."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from umecrawl.model.message import Head, parse_head
from umecrawl.pipeline.fixtures import Framing, Match, Route

_CHUNK = 4096  # small enough that most pages come in several chunks
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A request as read: its octets and what they ask for; `url` is absolute, `host` without port."""

    raw: bytes
    method: str
    url: str
    host: str
    version: str
    head: Head

    @property
    def persistent(self) -> bool:
        """Whether the client lets the connection stay open (RFC 9112 §9.3)."""
        asked = self.head.joined("connection")
        return "close" not in asked if self.version == "HTTP/1.1" else "keep-alive" in asked

    def accepts_gzip(self) -> bool:
        """Return whether the client takes gzip (RFC 9110 §12.5.3)."""
        codings = (coding.partition(";") for coding in self.head.joined("accept-encoding").split(","))
        return any(name.strip() == "gzip" and weight.replace(" ", "") != "q=0" for name, _, weight in codings)


@dataclass(frozen=True, slots=True)
class SampleResponse:
    """A response as octets, and whether the connection stays open after it."""

    raw: bytes
    persistent: bool


def parse_request(scheme: str, raw: bytes) -> SampleRequest | None:
    """Return the request that a head asks for; nothing where it is no HTTP/1.x request with a host."""
    try:
        method, target, version = raw.partition(b"\r\n")[0].decode("ascii").split(" ")
    except ValueError:
        return None
    head = parse_head(raw)
    host = (head.get("host") or "").lower()
    if target.startswith(("http://", "https://")):  # the absolute form (RFC 9112 §3.2.2)
        parts = urlsplit(target)
        scheme, host = parts.scheme, parts.netloc.lower()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = host.partition(":")[0]
    if not target.startswith("/") or not host or version not in {"HTTP/1.1", "HTTP/1.0"}:
        return None
    return SampleRequest(raw, method, f"{scheme}://{host}{target}", host, version, head)


def answer(route: Route, request: SampleRequest, date: datetime) -> SampleResponse:
    """Return what a route says to a request at this time: whole, coded as agreed, or 304."""
    stamp = ("Date", format_datetime(date.astimezone(UTC), usegmt=True))
    target = "/" + request.url.split("/", 3)[3]
    fields = [
        (name, value.replace("*", target) if name == "Location" and route.match is Match.BELOW else value)
        for name, value in route.headers
    ]
    if _not_modified(route, request):
        kept = [(name, value) for name, value in fields if name in {"ETag", "Last-Modified", "Vary", "Cache-Control"}]
        return _message(
            HTTPStatus.NOT_MODIFIED, [("Server", "nginx"), stamp, *kept], b"", persistent=request.persistent
        )
    body = route.body
    if route.content_type:
        fields.insert(0, ("Content-Type", route.content_type))
    if route.gzip:
        fields.append(("Vary", "Accept-Encoding"))
        if request.accepts_gzip():
            # A coding makes another representation, so the tag that both share is weak (RFC 9110 §8.8.3.3).
            fields = [(name, f"W/{value}" if name == "ETag" else value) for name, value in fields]
            fields.append(("Content-Encoding", "gzip"))
            body = gzip.compress(body, mtime=0)
    framing = route.framing
    if framing is Framing.CHUNKED and request.version == "HTTP/1.0":
        framing = Framing.CLOSE
    if framing is Framing.CHUNKED:
        fields.append(("Transfer-Encoding", "chunked"))
        body = _chunked(body)
    elif framing is Framing.LENGTH:
        fields.append(("Content-Length", str(len(body))))
    return _message(
        HTTPStatus(route.status),
        [("Server", "nginx"), stamp, *fields],
        b"" if request.method == "HEAD" else body,
        persistent=request.persistent and framing is not Framing.CLOSE,
    )


def _not_modified(route: Route, request: SampleRequest) -> bool:
    """Whether the client has this very answer already (RFC 9110 §13.2.2: the entity tag has the last word)."""
    validators = dict(route.headers)
    if route.status != HTTPStatus.OK:
        return False
    if (wanted := request.head.get("if-none-match")) is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return "ETag" in validators and (validators["ETag"].removeprefix("W/") in tags or wanted.strip() == "*")
    since = request.head.get("if-modified-since")
    if since is None or "Last-Modified" not in validators:
        return False
    try:
        return parsedate_to_datetime(validators["Last-Modified"]) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # no date, or one without a zone: as if the field were not there
        return False


def _chunked(body: bytes) -> bytes:
    pieces = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def plain_answer(status: HTTPStatus, text: str, fields: tuple[tuple[str, str], ...] = ()) -> SampleResponse:
    """Return a sentence of plain text with a status; the connection ends with it."""
    body = text.encode()
    return _message(
        status, [("Content-Type", _TEXT), ("Content-Length", str(len(body))), *fields], body, persistent=False
    )


def _message(status: HTTPStatus, fields: list[tuple[str, str]], body: bytes, *, persistent: bool) -> SampleResponse:
    fields = [*fields, ("Connection", "keep-alive" if persistent else "close")]
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    return SampleResponse(f"{head}\r\n".encode("latin-1") + body, persistent)
