"""The server of the sample sites: HTTP/1.1 on two loopback ports, told apart by host, in two editions."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import NamedTuple, Self

from umecrawl.errors import UmecrawlError
from umecrawl.model.clock import utc_now
from umecrawl.pipeline.answers import SampleRequest, SampleResponse, answer, parse_request, plain_answer
from umecrawl.pipeline.certificate import self_signed, server_context
from umecrawl.pipeline.fixtures import RouteTable, route_table, sample_sites

ADDRESS = "127.0.0.1"
_MAX_BODY = 1024 * 1024


class SampleExchange(NamedTuple):
    """One exchange as read from and written to the socket: requested URL, request bytes, response bytes."""

    url: str
    request: bytes
    response: bytes


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
            writer.write(
                plain_answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request head is too long.\n").raw
            )
            await writer.drain()
            return False
        request = parse_request(scheme, raw)
        if request is None:
            response = plain_answer(HTTPStatus.BAD_REQUEST, "This is not an HTTP/1.1 request.\n")
        else:
            length = request.head.get("content-length") or "0"
            if length.isdigit() and int(length) <= _MAX_BODY and not request.head.joined("transfer-encoding"):
                raw += await reader.readexactly(int(length))
                response = self._respond(request, scheme)
            else:
                response = plain_answer(HTTPStatus.BAD_REQUEST, "A body must have a small Content-Length.\n")
        self._exchanges.append(SampleExchange(request.url if request else "", raw, response.raw))
        writer.write(response.raw)
        await writer.drain()
        return response.persistent

    def _respond(self, request: SampleRequest, scheme: str) -> SampleResponse:
        date = self._clock()
        table = self._tables[self._edition]
        route = table.find(request.url)
        if request.host not in self._hosts or route is None:
            known = "no such host" if request.host not in self._hosts else f"not served over {scheme}"
            return plain_answer(HTTPStatus.MISDIRECTED_REQUEST, f"{known}: {request.host}\n")
        if request.method not in {"GET", "HEAD"}:
            return plain_answer(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD.\n", (("Allow", "GET, HEAD"),))
        return answer(route, request, date)
