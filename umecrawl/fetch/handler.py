"""The Scrapy download handler that records exact bytes: request out, exchange to the sink, and only then a page.

It needs asyncio, with or without a Twisted reactor:

    DOWNLOAD_HANDLERS = {"http": "umecrawl.fetch.handler.WireDownloadHandler", "https": <the same>}

Settings read: `DOWNLOAD_TIMEOUT` (seconds in all), `DOWNLOAD_MAXSIZE` (octets of body, transfer coding included; what
arrived up to there is kept), `UMECRAWL_CONNECT_TIMEOUT` and `UMECRAWL_IDLE_TIMEOUT` (seconds; 0 for no idle limit),
`UMECRAWL_CONNECT_TO` (list of `HOST:PORT:ADDR:PORT`), `UMECRAWL_INSECURE`, `UMECRAWL_NAMED_HOSTS` (hosts that may have
a private address). Meta read: `crawl_url`, `download_timeout`, `download_maxsize`, `download_pause` (seconds before a
request is sent again because its connection was closed). Meta written: `capture`, `download_latency`.
"""

import time
from collections.abc import Callable
from datetime import datetime
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import NotSupported
from scrapy.http import Response

from umecrawl.fetch.addresses import AddressBook, parse_connect_to
from umecrawl.fetch.client import Call, Client, Limits, NoAnswer
from umecrawl.fetch.delivery import deliver
from umecrawl.fetch.request import address_of, crawl_url_of, request_bytes
from umecrawl.model.capture import Exchange, FetchFailure
from umecrawl.model.clock import utc_now

CONNECT_SECONDS = 20.0

# Scrapy makes a handler for each scheme; connections and names are those of the run.
_CLIENTS: WeakKeyDictionary[Crawler, Client] = WeakKeyDictionary()


class WireDownloadHandler(BaseDownloadHandler):
    """Fetches http and https URLs over HTTP/1.1 and hands every byte to the sink of its crawler."""

    lazy = False

    def __init__(self, crawler: Crawler, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Read the settings; raises `UsageError` when a mapping in `UMECRAWL_CONNECT_TO` is none."""
        super().__init__(crawler)
        settings = crawler.settings
        self._clock = clock
        self._timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._connect_timeout = settings.getfloat("UMECRAWL_CONNECT_TIMEOUT", CONNECT_SECONDS)
        self._idle_timeout = settings.getfloat("UMECRAWL_IDLE_TIMEOUT", 0.0)
        self._max_body = settings.getint("DOWNLOAD_MAXSIZE")
        client = _CLIENTS.get(crawler)
        if client is None:
            mappings = [parse_connect_to(text) for text in settings.getlist("UMECRAWL_CONNECT_TO")]
            client = Client(AddressBook(mappings, self.named_hosts()), insecure=settings.getbool("UMECRAWL_INSECURE"))
            _CLIENTS[crawler] = client
        self._client = client

    async def download_request(self, request: Request) -> Response:
        """Fetch a request, have it recorded, and return the response.

        A response that was cut short (size limit, time, lost connection) is returned with the flag `truncated`.
        Raises one of `scrapy.exceptions` when no response head came (after the failure was recorded), `NotSupported`
        for a proxy or a URL that is not http or https, and whatever the sink raises: no record, no page.
        """
        if request.meta.get("proxy"):
            raise NotSupported(
                "the wire handler speaks to servers directly; unset meta['proxy'] and set HTTPPROXY_ENABLED = False"
            )
        request.meta.pop("capture", None)
        address = address_of(request.url)
        spider = self.crawler.spider
        crawl_url = crawl_url_of(request, address.url, spider.name if spider else "")
        sent = request_bytes(request, address)
        started_at, started = self._clock(), time.monotonic()
        result = await self._client.fetch(Call(address.origin, request.method, sent, self._limits(request)))
        elapsed_ms = round((time.monotonic() - started) * 1000)
        if isinstance(result, NoAnswer):
            failure = FetchFailure(
                crawl_url=crawl_url,
                started_at=started_at,
                elapsed_ms=elapsed_ms,
                kind=result.kind,
                detail=result.detail,
                ip=result.ip,
                request=sent if result.sent else b"",
                partial=result.partial,
            )
            return deliver(self.crawler, request, failure)
        request.meta["download_latency"] = result.latency
        framer = result.framer
        exchange = Exchange(
            crawl_url=crawl_url,
            started_at=started_at,
            elapsed_ms=elapsed_ms,
            request=sent,
            response_head=framer.head,
            response_body=framer.body,
            ip=result.ip,
            tls=result.tls,
            interim=framer.interim,
            excess=framer.excess,
            truncated=result.truncated,
            note=result.note,
            entity=framer.entity,
        )
        return deliver(self.crawler, request, exchange)

    def named_hosts(self) -> frozenset[str]:
        """Return the hosts that may have a private address (the setting `UMECRAWL_NAMED_HOSTS`)."""
        return frozenset(self.crawler.settings.getlist("UMECRAWL_NAMED_HOSTS"))

    async def close(self) -> None:
        """End the connections of the run."""
        _CLIENTS.pop(self.crawler, None)
        await self._client.close()

    def _limits(self, request: Request) -> Limits:
        total = float(request.meta.get("download_timeout") or self._timeout)
        return Limits(
            total=total,
            connect=min(total, self._connect_timeout or total),
            idle=self._idle_timeout,
            max_body=int(request.meta.get("download_maxsize", self._max_body)),
            pause=float(request.meta.get("download_pause") or 0.0),
        )
