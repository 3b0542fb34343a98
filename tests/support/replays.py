"""Runs a spider over WARC files in this process: what it yields is a test's result, and no socket is opened."""

import asyncio
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
