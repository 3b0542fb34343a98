"""The pump between frontier and spider: it waits until a host may be asked and stops when nothing is left."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.crawl import CrawlUrl


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may take: seconds in all, and octets of body after which it is cut.

    `pause` is how long (seconds) its host is left alone between two requests.
    """

    seconds: float
    octets: int
    pause: float = 0.0


class Errands(Protocol):
    """What the pump needs of a crawl session: the next candidate, and somewhere to bring the result."""

    def next(self, now: datetime) -> CrawlUrl | None:
        """Return a candidate that may be fetched now, or nothing."""

    def wait(self, now: datetime) -> float | None:
        """Return the seconds until `next` may have something; None while only a result can change that."""

    def settle(
        self, candidate: CrawlUrl, result: Capture | FailedFetch, now: datetime, body: bytes, retry_after: str | None
    ) -> None:
        """Take the result of a fetch: links, redirects, robots rules and retries follow from it."""

    def abandon(self, candidate: CrawlUrl) -> None:
        """Take back a candidate that was not fetched."""

    def limits(self, candidate: CrawlUrl) -> FetchLimits:
        """Return what fetching this candidate may take, as its source has it."""

    def conditions(self, candidate: CrawlUrl) -> Mapping[str, str]:
        """Return the header fields that make the request for this candidate conditional (RFC 9110 §13), if any."""


class Pump:
    """Gives out candidates, at most `in_flight` at a time, until the frontier is empty or `stop` is called.

    `more` is called when none is left; it looks for further candidates and returns whether to ask again.
    """

    def __init__(
        self,
        errands: Errands,
        *,
        in_flight: int,
        clock: Callable[[], datetime],
        more: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._errands = errands
        self._find_more = more
        self._limit = in_flight
        self._clock = clock
        self._out = 0
        self._stopped = False
        self._changed = asyncio.Event()
        self.error: BaseException | None = None

    @property
    def stopped(self) -> bool:
        """Whether nothing more is given out."""
        return self._stopped

    def stop(self, error: BaseException | None = None) -> None:
        """Give out nothing more; what is in flight still settles. `error` is kept as the reason."""
        self._stopped = True
        self.error = self.error or error
        self._changed.set()

    async def take(self) -> CrawlUrl | None:
        """Return the next candidate as soon as its host may be asked; None when the crawl is over."""
        while not self._stopped:
            self._changed.clear()
            pause: float | None = None
            if self._out < self._limit:
                now = self._clock()
                try:
                    candidate = self._errands.next(now)
                except Exception as error:  # noqa: BLE001 - kept as the reason; Scrapy would log it and call the run finished
                    self.stop(error)
                    return None
                if candidate is not None:
                    self._out += 1
                    return candidate
                pause = self._errands.wait(now)
                if pause is None and self._out == 0:
                    if not await self._more():
                        return None
                    continue
            await self._change(pause)
        return None

    def settle(
        self,
        candidate: CrawlUrl,
        result: Capture | FailedFetch,
        body: bytes = b"",
        retry_after: str | None = None,
    ) -> None:
        """Bring the result of a fetch back and let the next candidate be looked for."""
        self._out -= 1
        try:
            self._errands.settle(candidate, result, self._clock(), body, retry_after)
        except Exception as error:
            # Scrapy logs what a callback raises and goes on; a frontier that fails must end the crawl.
            self.stop(error)
            raise
        self._changed.set()

    def limits(self, candidate: CrawlUrl) -> FetchLimits:
        """Return what fetching this candidate may take."""
        return self._errands.limits(candidate)

    def conditions(self, candidate: CrawlUrl) -> Mapping[str, str]:
        """Return the header fields that make the request for this candidate conditional."""
        return self._errands.conditions(candidate)

    def abandon(self, candidate: CrawlUrl) -> None:
        """Bring back a candidate that was not fetched."""
        self._out -= 1
        self._errands.abandon(candidate)
        self._changed.set()

    async def _more(self) -> bool:
        if self._find_more is None:
            return False
        try:
            return await self._find_more()
        except Exception as error:  # noqa: BLE001 - as in `take`
            self.stop(error)
            return False

    async def _change(self, pause: float | None) -> None:
        try:
            async with asyncio.timeout(None if pause is None else max(pause, 0.001)):
                await self._changed.wait()
        except TimeoutError:
            return
