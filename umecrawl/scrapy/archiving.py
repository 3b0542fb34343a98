"""The download handler for other people's Scrapy projects: the wire handler, with a WARC writer behind it.

Settings read besides those of `umecrawl.fetch.handler`: `UMECRAWL_WARC_DIR` and `UMECRAWL_CONTACT` (both required),
`UMECRAWL_OPERATOR` (who archives; `BOT_NAME` by default).
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import is_asyncio_available

from umecrawl.errors import NoSpaceError, UmecrawlError, UsageError
from umecrawl.fetch.addresses import parse_connect_to
from umecrawl.fetch.delivery import bind_sink
from umecrawl.fetch.handler import WireDownloadHandler
from umecrawl.model.clock import utc_now
from umecrawl.scrapy.identity import archive_folder, contact_of, dress, new_run
from umecrawl.scrapy.recorder import NO_SPACE, ProjectRecorder
from umecrawl.scrapy.refusal import refuse, tell

# Scrapy makes a handler for each scheme; both record into the one WARC of their crawler. None: it could not be opened.
_RECORDERS: WeakKeyDictionary[Crawler, ProjectRecorder | None] = WeakKeyDictionary()


class ArchivingDownloadHandler(WireDownloadHandler):
    """Fetches http and https URLs and writes what went over the wire to WARC files before Scrapy sees it.

    Everything above it is Scrapy's: delays, robots.txt, cookies, redirects and retries, each a capture of its own.
    """

    def __init__(self, crawler: Crawler, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Open the archive; raises `NotConfigured`, and the spider closes before its first request, when it cannot."""
        if crawler not in _RECORDERS:
            _RECORDERS[crawler] = _open(crawler)
        recorder = _RECORDERS[crawler]
        if recorder is None:
            raise NotConfigured("the WARC files cannot be written; the log says why")
        super().__init__(crawler, clock=clock)
        self._bot = recorder.run.collection
        self._contact = recorder.run.contact
        self._stopping: asyncio.Task[None] | None = None

    async def download_request(self, request: Request) -> Response:
        """Fetch a request, record it, and return the response.

        Raises as `WireDownloadHandler` does. When the disk is full nothing is handed on, and the spider is closed.
        """
        dress(request, self._contact, self._bot)
        try:
            return await super().download_request(request)
        except DownloadCancelledError as error:
            raise DownloadCancelledError(f"{error}; to archive it, name the host in UMECRAWL_NAMED_HOSTS") from error
        except NoSpaceError as error:
            if self._stopping is None:
                tell(error)
                self._stopping = asyncio.ensure_future(self._stop())
            raise

    def named_hosts(self) -> frozenset[str]:
        """Return the hosts that may have a private address: those of the setting and of the spider's `start_urls`."""
        urls = getattr(self.crawler.spider, "start_urls", None) or ()
        hosts = (urlsplit(str(url)).hostname for url in urls)
        return super().named_hosts() | {host for host in hosts if host}

    async def _stop(self) -> None:
        engine = self.crawler.engine
        if engine is not None:
            await engine.close_spider_async(reason=NO_SPACE)


def _open(crawler: Crawler) -> ProjectRecorder | None:
    """Return the recorder of a crawler, closed with its spider; nothing when it cannot be opened, which is logged."""
    try:
        _check(crawler)
        run = new_run(crawler, contact_of(crawler), utc_now(), secrets.token_hex(2))
        recorder = ProjectRecorder(archive_folder(crawler), run)
    except UmecrawlError as error:
        refuse(crawler, error)
        return None

    def close(reason: str) -> None:
        recorder.close(reason)

    bind_sink(crawler, recorder)
    crawler.signals.connect(close, signals.spider_closed, weak=False)
    return recorder


def _check(crawler: Crawler) -> None:
    """Raise `UsageError` for what would fail later, at each request and less clearly."""
    if not is_asyncio_available():
        raise UsageError(
            "the archiving handler needs asyncio, and Scrapy runs on another reactor",
            hint="Remove TWISTED_REACTOR from settings.py: Scrapy's default is the asyncio reactor.",
        )
    for mapping in crawler.settings.getlist("UMECRAWL_CONNECT_TO"):
        parse_connect_to(mapping)
