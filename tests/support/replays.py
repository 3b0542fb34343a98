"""Scrapy as tests run it: over WARC files in this process, without a socket, or in one of its own."""

import asyncio
import os
from pathlib import Path

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerRunner


def run_over(spider: type[Spider], *paths: Path, settings: dict[str, object] | None = None) -> list[object]:
    """Return the items that a spider yields when its requests are answered from these files or folders."""
    values = {
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "umecrawl.scrapy.ReplayDownloadHandler"),
        "UMECRAWL_FROM_WARC": [str(path) for path in paths],
        "TWISTED_REACTOR_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "COOKIES_ENABLED": False,  # Scrapy's cookie code would ask the network for the public suffix list
        "LOG_ENABLED": False,
        **(settings or {}),
    }
    items: list[object] = []

    def take(item: object) -> None:
        items.append(item)

    async def crawl() -> None:
        runner = AsyncCrawlerRunner(values)
        crawler = runner.create_crawler(spider)
        crawler.signals.connect(take, signals.item_scraped)
        await runner.crawl(crawler)

    asyncio.run(crawl())
    return items


def without_proxy() -> dict[str, str]:
    """Return the environment for a Scrapy process: a proxy of this machine is no matter of the tests."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
