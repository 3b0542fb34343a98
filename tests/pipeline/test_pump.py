"""The pump gives out what the frontier has, waits when it must and stops when told."""

import asyncio
from datetime import UTC, datetime

import pytest

from umecrawl.errors import NoSpaceError
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.spiders.pump import FetchLimits, Pump


class Listed:
    """Errands from a list; a result may bring more."""

    def __init__(self, *urls, more=()):
        self.waiting = [CrawlUrl(Url(u), Url(u), "test") for u in urls]
        self.more = list(more)
        self.abandoned = []

    def next(self, now):
        """Give the first that waits."""
        return self.waiting.pop(0) if self.waiting else None

    def wait(self, now):
        """Know of no later time."""
        return

    def settle(self, candidate, result, now, body, retry_after):
        """Add what a result brings."""
        if result == "broken":
            raise RuntimeError("no settling")
        if self.more:
            url = Url(self.more.pop(0))
            self.waiting.append(CrawlUrl(url, url, "test"))

    def limits(self, candidate):
        """Set the same limits for all."""
        return FetchLimits(10, 1000)

    def abandon(self, candidate):
        """Remember what came back unfetched."""
        self.abandoned.append(candidate.url)


def pump_of(errands, in_flight=2):
    """Return a pump with a clock that stands still."""
    return Pump(errands, in_flight=in_flight, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))


def test_it_ends_when_nothing_waits_and_nothing_is_out():
    """The last result with no new link ends the crawl."""

    async def run():
        pump = pump_of(Listed("https://a.example/1", more=["https://a.example/2"]))
        seen = []
        while (candidate := await pump.take()) is not None:
            seen.append(candidate.url)
            pump.settle(candidate, "captured")
        return seen

    assert ["https://a.example/1", "https://a.example/2"] == asyncio.run(run())


def test_no_more_are_out_than_allowed():
    """A further candidate waits until one has settled."""

    async def run():
        pump = pump_of(Listed("https://a.example/1", "https://a.example/2"), in_flight=1)
        first = await pump.take()
        second = asyncio.ensure_future(pump.take())
        await asyncio.sleep(0)
        blocked = not second.done()
        pump.settle(first, "captured")
        return blocked, (await second).url

    assert (True, "https://a.example/2") == asyncio.run(run())


def test_stop_ends_a_waiting_take():
    """Who waits for a candidate is told that there will be none."""

    async def run():
        pump = pump_of(Listed("https://a.example/1"), in_flight=1)
        await pump.take()
        waiting = asyncio.ensure_future(pump.take())
        await asyncio.sleep(0)
        pump.stop()
        return await waiting

    assert asyncio.run(run()) is None


def test_a_frontier_that_cannot_give_ends_the_crawl():
    """A disk that fills while a skipped URL is noted is why the crawl ends, and not taken for the end of the work."""

    class Full(Listed):
        def next(self, now):
            """Fail as the writer does on a full disk."""
            raise NoSpaceError("no space left")

    async def run():
        pump = pump_of(Full("https://a.example/1"))
        return await pump.take(), str(pump.error)

    assert (None, "no space left") == asyncio.run(run())


def test_a_frontier_that_fails_ends_the_crawl():
    """The error is kept as the reason and not only logged."""

    async def run():
        pump = pump_of(Listed("https://a.example/1"))
        candidate = await pump.take()
        with pytest.raises(RuntimeError, match="no settling"):
            pump.settle(candidate, "broken")
        return str(pump.error), await pump.take()

    assert ("no settling", None) == asyncio.run(run())
