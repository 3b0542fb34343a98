"""The server of the sample sites: HTTP/1.1 on two loopback ports, told apart by host, in two editions."""

import asyncio
import gzip
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from umecrawl.errors import UmecrawlError
from umecrawl.model.clock import utc_now
from umecrawl.model.message import Head, parse_head
from umecrawl.pipeline.certificate import self_signed, server_context
from umecrawl.pipeline.fixtures import Framing, Match, Route, RouteTable, route_table, sample_sites

ADDRESS = "127.0.0.1"
_CHUNK = 4096  # small enough that most pages come in several chunks
_MAX_BODY = 1024 * 1024
_TEXT = "text/plain; charset=utf-8"


class SampleExchange(NamedTuple):
    """One exchange as read from and written to the socket: requested URL, request bytes, response bytes."""

    url: str
    request: bytes
    response: bytes


@dataclass(frozen=True, slots=True)
class _Request:
    raw: bytes
    method: str
    url: str
    host: str
    version: str
    head: Head

    @property
    def persistent(self) -> bool:
        asked = self.head.joined("connection")
        return "close" not in asked if self.version == "HTTP/1.1" else "keep-alive" in asked

    def accepts_gzip(self) -> bool:
        codings = (coding.partition(";") for coding in self.head.joined("accept-encoding").split(","))
        return any(name.strip() == "gzip" and weight.replace(" ", "") != "q=0" for name, _, weight in codings)


@dataclass(frozen=True, slots=True)
class _Response:
    raw: bytes
    persistent: bool


class SampleSites:
    """Serves the sample sites while its `with` block runs.

    Two ports of 127.0.0.1 are bound, one for http and one for https; the sites are told apart by the Host field. A
    host that is none of theirs gets 421. `edition` may be set while the server runs and holds for the requests that
    follow. Validators are honoured (RFC 9110 §13), connections are kept open, nothing is read from the network.
    `clock` gives the `Date` of the responses.

    Raises `UmecrawlError` when `fixtures/` is missing or no port can be bound.
    """

    def __init__(self, *, edition: int = 1, clock: Callable[[], datetime] = utc_now) -> None:
        self._sites = sample_sites()
        self._hosts = {site.host: site.scheme for site in self._sites}
        self._tables: dict[int, RouteTable] = {}
        self._clock = clock
        # Clients check the certificate by the time of the machine, whatever the clock of the responses says.
        self._certificate = self_signed([s.host for s in self._sites if s.scheme == "https"], utc_now())
        self._exchanges: list[SampleExchange] = []
        self._conversations: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._ready = threading.Event()
        self._failure: OSError | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ports = {"http": 0, "https": 0}
        self.edition = edition

    @property
    def edition(self) -> int:
        """The edition that is served."""
        return self._edition

    @edition.setter
    def edition(self, edition: int) -> None:
        if edition not in self._tables:
            self._tables[edition] = route_table(edition)
        self._edition = edition

    @property
    def connect_to(self) -> tuple[str, ...]:
        """Where the sample hosts are, in the form of curl's `--connect-to`: `HOST:PORT:ADDR:PORT`.

        Both ports of each host are named, so that none of these names is ever looked up.
        """
        return tuple(
            f"{host}:{port}:{ADDRESS}:{self._ports[scheme]}"
            for host in self._hosts
            for scheme, port in (("http", 80), ("https", 443))
        )

    @property
    def exchanges(self) -> list[SampleExchange]:
        """All exchanges so far, in the order of answering, byte for byte.

        An exchange is noted before its response is written, so what a client has read is always here.
        """
        return list(self._exchanges)

    @property
    def certificate_pem(self) -> bytes:
        """The certificate of the https hosts, which is its own trust anchor."""
        return self._certificate.certificate_pem

    @property
    def http_port(self) -> int:
        """The port of plain HTTP; 0 when the server does not run."""
        return self._ports["http"]

    @property
    def https_port(self) -> int:
        """The port of HTTPS; 0 when the server does not run."""
        return self._ports["https"]

    def __enter__(self) -> Self:
        self._ready.clear()
        self._thread = threading.Thread(target=self._run, name="umecrawl-samples", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise UmecrawlError(
                f"the sample sites cannot be served on {ADDRESS} ({self._failure})",
                hint="Check that this machine allows programs to listen on loopback.",
            ) from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join()
        self._ports = {"http": 0, "https": 0}

    def _run(self) -> None:
        # A loop of its own kind, whatever policy the process has: the crawler under test may run on uvloop.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            try:
                runner.run(self._serve())
            except OSError as error:
                self._failure = error
            finally:
                self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        plain = await asyncio.start_server(partial(self._converse, "http"), ADDRESS, 0)
        secure = await asyncio.start_server(
            partial(self._converse, "https"),
            ADDRESS,
            0,
            ssl=server_context(self._certificate),
            ssl_shutdown_timeout=1,
        )
        self._ports = {
            "http": plain.sockets[0].getsockname()[1],
            "https": secure.sockets[0].getsockname()[1],
        }
        self._ready.set()
        await self._stop.wait()
        for server in (plain, secure):
            server.close()
        for writer in self._conversations.values():
            writer.transport.abort()
        await asyncio.gather(*self._conversations, return_exceptions=True)
        for server in (plain, secure):
            await server.wait_closed()

    async def _converse(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._conversations[task] = writer
        try:
            while await self._answer_one(scheme, reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone, as clients may
        finally:
            del self._conversations[task]
            writer.close()

    async def _answer_one(self, scheme: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            raw = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            writer.write(_plain(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request head is too long.\n").raw)
            await writer.drain()
            return False
        request = _parse(scheme, raw)
        if request is None:
            response = _plain(HTTPStatus.BAD_REQUEST, "This is not an HTTP/1.1 request.\n")
        else:
            length = request.head.get("content-length") or "0"
            if length.isdigit() and int(length) <= _MAX_BODY and not request.head.joined("transfer-encoding"):
                raw += await reader.readexactly(int(length))
                response = self._respond(request, scheme)
            else:
                response = _plain(HTTPStatus.BAD_REQUEST, "A body must have a small Content-Length.\n")
        self._exchanges.append(SampleExchange(request.url if request else "", raw, response.raw))
        writer.write(response.raw)
        await writer.drain()
        return response.persistent

    def _respond(self, request: _Request, scheme: str) -> _Response:
        date = self._clock()
        table = self._tables[self._edition]
        route = table.find(request.url)
        if request.host not in self._hosts or route is None:
            known = "no such host" if request.host not in self._hosts else f"not served over {scheme}"
            return _plain(HTTPStatus.MISDIRECTED_REQUEST, f"{known}: {request.host}\n")
        if request.method not in {"GET", "HEAD"}:
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD.\n", (("Allow", "GET, HEAD"),))
        return _answer(route, request, date)


def _parse(scheme: str, raw: bytes) -> _Request | None:
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
    return _Request(raw, method, f"{scheme}://{host}{target}", host, version, head)


def _answer(route: Route, request: _Request, date: datetime) -> _Response:
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


def _not_modified(route: Route, request: _Request) -> bool:
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


def _plain(status: HTTPStatus, text: str, fields: tuple[tuple[str, str], ...] = ()) -> _Response:
    body = text.encode()
    return _message(
        status, [("Content-Type", _TEXT), ("Content-Length", str(len(body))), *fields], body, persistent=False
    )


def _message(status: HTTPStatus, fields: list[tuple[str, str]], body: bytes, *, persistent: bool) -> _Response:
    fields = [*fields, ("Connection", "keep-alive" if persistent else "close")]
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    return _Response(f"{head}\r\n".encode("latin-1") + body, persistent)
