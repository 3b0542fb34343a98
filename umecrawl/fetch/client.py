"""The client of one run: opens connections, keeps them for the next request, and brings back what the server sent."""

import asyncio
import errno
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace

from umecrawl.errors import UmecrawlError
from umecrawl.fetch.addresses import AddressBook, AddressError, Target
from umecrawl.fetch.connection import Connection, Ending, Origin
from umecrawl.fetch.kept import KeptConnections
from umecrawl.fetch.tls import client_context
from umecrawl.fetch.wire import Framer
from umecrawl.model.capture import FailureKind, TlsFacts, Truncation

# Seconds a TLS connection may take to say goodbye.
_SHUTDOWN_SECONDS = 1.0
# Safe to send again when a kept connection turns out to be closed (RFC 9110 §9.2.2).
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
_REFUSED = frozenset({errno.ECONNREFUSED})


@dataclass(frozen=True, slots=True)
class Limits:
    """How long (seconds) and how much (octets of body): `idle` and `max_body` are not limited when 0.

    `pause` is how long (seconds) a server is left alone before a request is sent to it again.
    """

    total: float
    connect: float
    idle: float = 0.0
    max_body: int = 0
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """A request to be sent: its bytes are `request`, in full; `method` stands in them and is what framing needs."""

    origin: Origin
    method: str
    request: bytes
    limits: Limits


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: the framer that holds its bytes, and over which connection it came.

    `latency` is the time in seconds from sending the request to the final head.
    """

    framer: Framer
    ip: str
    tls: TlsFacts | None
    latency: float
    truncated: Truncation | None
    note: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No final response head came; `sent` says whether the request was written, `partial` is what arrived."""

    kind: FailureKind
    detail: str
    ip: str | None = None
    sent: bool = False
    partial: bytes = b""


class ConnectError(UmecrawlError):
    """No connection could be made; stays within this module."""

    def __init__(self, kind: FailureKind, detail: str, ip: str | None = None) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.ip = kind, detail, ip


class Client:
    """Owns the connections of one run and the context of its TLS layer."""

    def __init__(self, addresses: AddressBook, *, insecure: bool = False) -> None:
        """Connect where the address book says; `insecure` accepts any certificate."""
        self._addresses = addresses
        self._insecure = insecure
        self._context: ssl.SSLContext | None = None
        self._kept = KeptConnections()
        self._open: set[Connection] = set()

    async def fetch(self, call: Call) -> Answer | NoAnswer:
        """Send a request and return what came of it; expected failures are values.

        A kept connection that the server closed before a byte of the answer is replaced by a new one: that is no
        exchange (RFC 9112 §9.3.1), but to the server it is a further request, so the pause is kept. Where octets came
        that belong to no answer, the answer's note tells that the request was sent twice.
        """
        deadline = asyncio.get_running_loop().time() + call.limits.total
        unasked = ""
        if call.method in _IDEMPOTENT:
            connection = self._kept.take(call.origin)
            if connection is not None:
                result = await self._exchange(connection, call, deadline)
                if result is not None:
                    return result
                unasked = connection.unasked
                await asyncio.sleep(min(call.limits.pause, deadline - asyncio.get_running_loop().time()))
        self._kept.leave(call.origin)
        try:
            connection = await self._connect(call.origin, call.limits, deadline)
        except ConnectError as error:
            return NoAnswer(error.kind, error.detail, error.ip)
        result = await self._exchange(connection, call, deadline)
        assert result is not None
        if isinstance(result, Answer) and unasked:
            return replace(result, note=_joined(result.note, f"asked twice: {unasked}"))
        return result

    async def close(self) -> None:
        """End all connections and wait until they are gone."""
        waiting = [connection.lost for connection in self._open]
        self._kept.forget_all()
        for connection in list(self._open):
            connection.abort()
        await self._addresses.close()
        if waiting:
            await asyncio.wait(waiting, timeout=_SHUTDOWN_SECONDS)

    async def _exchange(self, connection: Connection, call: Call, deadline: float) -> Answer | NoAnswer | None:
        """Send and read over one connection; None when it was a kept one that is of no use any more."""
        was_kept = connection.used
        framer = Framer(call.method, max_body=call.limits.max_body)
        sent_at = asyncio.get_running_loop().time()
        ending: Ending | None = None
        try:
            ending = await connection.exchange(call.request, framer, deadline=deadline, idle=call.limits.idle)
        finally:
            if ending is Ending.FRAMED and framer.reusable and connection.alive and connection.drained:
                self._kept.keep(connection, call.origin)
            elif ending is Ending.FRAMED and framer.truncated is None:
                connection.close()
            else:
                connection.abort()
        if framer.parsed is not None:
            truncated = Truncation.TIME if ending is Ending.TIMEOUT else framer.truncated
            note = _joined(framer.note, "" if truncated is None else _reason(ending, connection, call.limits))
            latency = connection.answered_at - sent_at
            return Answer(framer, connection.ip, connection.tls, latency, truncated, note)
        if was_kept and (ending is Ending.NOT_HTTP or (not framer.started and ending is not Ending.TIMEOUT)):
            # Closed in between, or what came is the rest of an earlier answer: a new connection tells.
            return None
        if not connection.used:
            detail = "the server closed the connection before it was asked"
            return NoAnswer(FailureKind.DISCONNECT, detail, connection.ip, partial=connection.early)
        kind = _KINDS.get(ending, FailureKind.DISCONNECT)
        detail = _reason(ending, connection, call.limits) or "the server closed the connection"
        return NoAnswer(kind, f"{detail} before a response head", connection.ip, sent=True, partial=framer.partial)

    async def _connect(self, origin: Origin, limits: Limits, deadline: float) -> Connection:
        """Return a new connection to the first address that answers, each having its share of the time."""
        loop = asyncio.get_running_loop()
        until = min(deadline, loop.time() + limits.connect)
        try:
            async with asyncio.timeout_at(until):
                target = await self._addresses.find(origin.host, origin.port)
        except TimeoutError as error:
            detail = f"resolving {origin.host} took longer than {_seconds(limits.connect, limits.total)}"
            raise ConnectError(FailureKind.TIMEOUT, detail) from error
        except AddressError as error:
            raise ConnectError(error.kind, error.message) from error
        failures: list[ConnectError] = []
        for position, address in enumerate(target.addresses):
            share = (until - loop.time()) / (len(target.addresses) - position)
            try:
                connection = await self._dial(origin, target, address, loop.time() + share)
            except ConnectError as error:
                failures.append(error)
                continue
            self._addresses.prefer(origin.host, target, address)
            return connection
        first = failures[0]
        detail = "; ".join(dict.fromkeys(failure.detail for failure in failures))
        raise ConnectError(first.kind, detail, first.ip)

    async def _dial(self, origin: Origin, target: Target, address: str, until: float) -> Connection:
        loop = asyncio.get_running_loop()
        connection = Connection(loop)
        connected = False
        secure = origin.scheme == "https"
        peer = f"{address}:{target.port}" if ":" not in address else f"[{address}]:{target.port}"
        ip = address.partition("%")[0]
        try:
            async with asyncio.timeout_at(until):
                if secure:
                    await loop.create_connection(
                        lambda: connection,
                        address,
                        target.port,
                        ssl=self._tls(),
                        server_hostname=origin.host.rstrip("."),
                        ssl_shutdown_timeout=_SHUTDOWN_SECONDS,
                    )
                else:
                    await loop.create_connection(lambda: connection, address, target.port)
            connected = True
        except TimeoutError as error:
            raise ConnectError(FailureKind.TIMEOUT, f"connecting to {peer} took too long", ip) from error
        except ssl.SSLError as error:
            raise ConnectError(FailureKind.TLS, f"TLS with {peer} failed: {_ssl_reason(error)}", ip) from error
        except (OSError, UnicodeError, ValueError) as error:
            raise ConnectError(
                _connect_kind(error, secure=secure), f"connecting to {peer} failed: {error}", ip
            ) from error
        finally:
            if not connected:
                # Time may run out, or the download be given up, just when the connection stands.
                connection.abort()
        self._open.add(connection)
        connection.lost.add_done_callback(self._when_lost(connection))
        return connection

    def _tls(self) -> ssl.SSLContext:
        # Reading the system's certificates takes some 30 ms: only when the first https URL comes.
        if self._context is None:
            self._context = client_context(insecure=self._insecure)
        return self._context

    def _when_lost(self, connection: Connection) -> Callable[[asyncio.Future[None]], None]:
        def gone(_: asyncio.Future[None]) -> None:
            self._open.discard(connection)
            self._kept.forget(connection)

        return gone


_KINDS = {Ending.TIMEOUT: FailureKind.TIMEOUT, Ending.NOT_HTTP: FailureKind.PROTOCOL}


def _reason(ending: Ending | None, connection: Connection, limits: Limits) -> str:
    if ending is Ending.TIMEOUT:
        return f"no end within {_seconds(limits.total, limits.idle)}"
    if ending is Ending.RESET:
        return f"the connection was lost ({connection.detail or 'reset'})"
    if ending is Ending.NOT_HTTP:
        return connection.detail
    return "the server closed the connection" if ending is Ending.CLOSED else ""


def _seconds(*limits: float) -> str:
    return f"{min(limit for limit in limits if limit):g} s"


def _joined(*texts: str) -> str:
    return "; ".join(text for text in texts if text)


def _connect_kind(error: Exception, *, secure: bool) -> FailureKind:
    if isinstance(error, ConnectionRefusedError) or getattr(error, "errno", None) in _REFUSED:
        return FailureKind.REFUSED
    if secure and isinstance(error, ConnectionError | ValueError):
        # TCP stood, or the name cannot be asked for: the handshake is what failed.
        return FailureKind.TLS
    return FailureKind.UNREACHABLE


def _ssl_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted ({error.verify_message})"
    return str(error.reason or error).replace("_", " ").lower()
