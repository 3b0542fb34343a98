"""What a project did wrong is told in its log; a spider that cannot do its work is closed before its first request."""

import logging

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from umecrawl.errors import UmecrawlError

_log = logging.getLogger(__name__)


def tell(error: UmecrawlError) -> None:
    """Log what went wrong and what to do."""
    _log.error("%s. %s", error.message, error.hint)


def refuse(crawler: Crawler, error: UmecrawlError) -> None:
    """Tell an error, and close the spider when it opens: a crawl without its files would ask sites for nothing."""
    tell(error)
    crawler.signals.connect(_close, signals.spider_opened, weak=False)


def _close() -> None:
    raise CloseSpider("umecrawl_not_configured")
