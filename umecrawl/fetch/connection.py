"""One connection to a server: a request goes out, a framer reads the answer as it arrives.

It runs on any asyncio loop (uvloop, the standard one, Twisted's asyncio reactor). What can go wrong once a connection
stands is told as an `Ending`, never raised.
"""

import asyncio
import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from umecrawl.fetch.tls import tls_facts
from umecrawl.fetch.wire import Framer, FramingError
from umecrawl.model.capture import TlsFacts

# Octets kept of a server that speaks before it is asked.
MAX_EARLY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host (lower case, no brackets) and port (RFC 6454)."""

    scheme: str
    host: str
    port: int


class Ending(StrEnum):
    """How the wait for an answer ended."""

    FRAMED = "framed"  # the framer wants nothing more
    CLOSED = "closed"
    RESET = "reset"
    TIMEOUT = "timeout"
    NOT_HTTP = "not-http"


class Connection(asyncio.Protocol):
    """A connection that carries one exchange at a time and tells when it is lost."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait to be connected; `ip` and `tls` are known from then on."""
        self.ip = ""
        self.tls: TlsFacts | None = None
        self.used = False
        self.early = b""  # what the server said before it was asked
        self.detail = ""  # the reason behind RESET and NOT_HTTP
        self.answered_at = 0.0  # loop time of the final head
        self.lost: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._framer: Framer | None = None
        self._ended_framer: Framer | None = None  # takes what comes until the exchange is over
        self._waiter: asyncio.Future[Ending] | None = None
        self._heard_at = 0.0
        self._alive = False
        self._rubbish = False

    @property
    def unasked(self) -> str:
        """What came on a kept connection instead of an answer; empty where nothing did."""
        return f"on a kept connection came no answer but octets of none ({self.detail})" if self._rubbish else ""

    @property
    def alive(self) -> bool:
        """Whether a request can be sent: connected, and the server has neither closed nor spoken unasked."""
        return self._alive and self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes, framer: Framer, *, deadline: float, idle: float = 0.0) -> Ending:
        """Send a request and read until the framer is content, the server closes or time is up.

        `deadline` is loop time; `idle` is how many seconds the server may be silent (0: until the deadline).
        """
        transport = self._transport
        if transport is None or not self.alive:
            return Ending.CLOSED
        early, self.early = self.early, b""
        waiter: asyncio.Future[Ending] = self._loop.create_future()
        self._framer, self._waiter, self.used, self.answered_at = framer, waiter, True, 0.0
        self._ended_framer = None
        self._heard_at = self._loop.time()
        timers: list[asyncio.TimerHandle] = []
        self._watch(timers, deadline, idle)
        try:
            transport.write(request)
            if early:
                self.data_received(early)
            return await waiter
        finally:
            timers.pop().cancel()
            self._framer = self._waiter = self._ended_framer = None

    @property
    def drained(self) -> bool:
        """Whether all that was to be sent is sent."""
        return self._transport is not None and self._transport.get_write_buffer_size() == 0

    def close(self) -> None:
        """End the connection properly."""
        self._alive = False
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._alive = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the peer and the TLS layer."""
        # uvloop's transports have the interface without the base class.
        self._transport, self._alive = cast("asyncio.Transport", transport), True
        peer = transport.get_extra_info("peername")
        self.ip = ipaddress.ip_address(str(peer[0]).partition("%")[0]).compressed if peer else ""
        self.tls = tls_facts(transport)

    def data_received(self, data: bytes) -> None:
        """Hand what arrived to the framer."""
        framer = self._framer
        if framer is None and self._ended_framer is not None:
            self._ended_framer.feed(data)  # behind the message: excess, as far as it is kept
            return
        if framer is None:
            # Servers of other protocols greet first, overloaded ones refuse at once. On a kept connection, whatever
            # comes unasked must not become the answer to the next request.
            if self.used or len(self.early) > MAX_EARLY:
                self.abort()
            else:
                self.early += data
            return
        self._heard_at = self._loop.time()
        try:
            over = framer.feed(data)
        except FramingError as error:
            self.detail, self._rubbish = error.message, True
            self._end(Ending.NOT_HTTP)
            return
        if not self.answered_at and framer.parsed is not None:
            self.answered_at = self._heard_at
        if over:
            self._end(Ending.FRAMED)

    def eof_received(self) -> None:
        """Take the end of the stream for the end of the connection."""
        self._alive = False
        self._ended(clean=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        self._alive = False
        self.detail = self.detail or (str(exc) if exc else "")
        self._ended(clean=exc is None)
        if not self.lost.done():
            self.lost.set_result(None)

    def _ended(self, *, clean: bool) -> None:
        if self._framer is None or self._waiter is None or self._waiter.done():
            return
        try:
            self._framer.finish(clean=clean)
        except FramingError as error:
            self.detail, self._rubbish = error.message, True
            self._end(Ending.NOT_HTTP)
            return
        self._end(Ending.CLOSED if clean else Ending.RESET)

    def _end(self, ending: Ending) -> None:
        # What arrives until whoever waits is awake is still part of what the server sent.
        if ending is Ending.FRAMED:
            self._ended_framer = self._framer
        self._framer = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(ending)

    def _watch(self, timers: list[asyncio.TimerHandle], deadline: float, idle: float) -> None:
        """Look again when time may be up; one timer serves both limits, so that data costs none."""
        silent_until = self._heard_at + idle if idle else deadline
        due = min(deadline, silent_until)
        if timers and self._loop.time() >= due:
            self._end(Ending.TIMEOUT)
            return
        timers[:] = [self._loop.call_at(due, self._watch, timers, deadline, idle)]
