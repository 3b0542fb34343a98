"""The download handler that asks records instead of servers: same spiders, same sink, and no socket is opened."""

from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from umecrawl.fetch.delivery import deliver
from umecrawl.fetch.request import address_of, crawl_url_of
from umecrawl.model.ports import ReplaySource

_SOURCES: WeakKeyDictionary[Crawler, ReplaySource] = WeakKeyDictionary()


def bind_source(crawler: Crawler, source: ReplaySource) -> None:
    """Answer the requests of this crawler from a source; to be called before its handlers are made."""
    _SOURCES[crawler] = source


class ReplayDownloadHandler(BaseDownloadHandler):
    """Answers http and https requests from the source bound to its crawler.

    Nothing is resolved, connected or sent; `download_timeout`, `download_maxsize` and proxies have no meaning. Meta
    read: `crawl_url`. Meta written: `capture`.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        """Take the source; raises `NotConfigured` where none is bound, for the network is no substitute."""
        super().__init__(crawler)
        source = _SOURCES.get(crawler)
        if source is None:
            raise NotConfigured("no WARC files are bound to this crawler: see umecrawl.fetch.replay.bind_source")
        self._source = source

    async def download_request(self, request: Request) -> Response:
        """Return the recorded answer; a 404 with the flag `not-archived` where there is none.

        Raises `DamageError` when a record cannot be read, and whatever the sink raises.
        """
        request.meta.pop("capture", None)
        spider = self.crawler.spider
        crawl_url = crawl_url_of(request, address_of(request.url).url, spider.name if spider else "")
        return deliver(self.crawler, request, self._source.answer(crawl_url, request.method))

    async def close(self) -> None:
        """Nothing is open."""
