"""The archival spider: it asks for what the frontier hands out and brings back what was recorded."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Self, cast

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.crawl import CrawlUrl
from umecrawl.spiders.pump import Pump


class ArchivalSpider(Spider):
    """Carries candidates from the pump to the downloader and results back; it extracts nothing.

    The `crawl` command gives it a pump. `scrapy crawl archival -a archive=DIR` opens the archive through the
    setting `UMECRAWL_SESSION`.
    """

    name = "archival"

    def __init__(self, pump: Pump, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pump = pump

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build the spider, with the pump given or with one on the archive named (Scrapy's contract)."""
        if "pump" not in kwargs:
            open_session = cast("Callable[..., Pump]", load_object(crawler.settings["UMECRAWL_SESSION"]))
            kwargs = {"pump": open_session(crawler, **kwargs)}
        return super().from_crawler(crawler, *args, **kwargs)

    async def start(self) -> AsyncIterator[Request]:
        """Yield a request for each candidate the pump gives out."""
        while (candidate := await self.pump.take()) is not None:
            limits = self.pump.limits(candidate)
            yield Request(
                candidate.url,
                callback=self.parse,
                errback=self.failed,
                dont_filter=True,
                headers=dict(self.pump.conditions(candidate)),
                # Our URLs are already what goes on the wire; Scrapy must not write them anew.
                meta={
                    "crawl_url": candidate,
                    "verbatim_url": True,
                    "download_timeout": limits.seconds,
                    "download_maxsize": limits.octets,
                    "download_pause": limits.pause,
                },
            )

    def parse(self, response: Response, **_: Any) -> None:
        """Bring back a capture; its body travels along only for robots.txt, which the frontier reads."""
        meta = response.meta
        retry_after = response.headers.get("Retry-After")
        wait = retry_after.decode("latin-1") if retry_after else None
        self.pump.settle(meta["crawl_url"], meta["capture"], response.body, wait)

    def failed(self, failure: Failure) -> None:
        """Bring back a failed fetch; stop the crawl when recording itself failed."""
        meta = cast("Request", failure.request).meta  # type: ignore[attr-defined]  # set by Scrapy on every download failure
        candidate: CrawlUrl = meta["crawl_url"]
        result: Capture | FailedFetch | None = meta.get("capture")
        if result is not None:
            self.pump.settle(candidate, result)
            return
        self.pump.abandon(candidate)
        self.pump.stop(failure.value)
