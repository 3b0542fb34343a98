"""Whole Scrapy runs with the handler: its middlewares above it, without a reactor and on the asyncio reactor."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
import scrapy
from scrapy.crawler import AsyncCrawlerRunner
from servers.torture import PAGE, Case, TortureServer, head

from umecrawl.fetch.delivery import bind_sink

HANDLER = "umecrawl.fetch.handler.WireDownloadHandler"
SETTINGS = {
    "TWISTED_REACTOR_ENABLED": False,
    "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER},
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "ROBOTSTXT_OBEY": True,
    "COOKIES_ENABLED": False,  # Scrapy's cookie code would ask the network for the public suffix list
    "RETRY_TIMES": 1,
    "UMECRAWL_INSECURE": True,
    "LOG_ENABLED": False,
}
SITE = (
    Case(
        "robots.txt", head("Content-Type: text/plain", "Content-Length: 35"), b"User-agent: *\nDisallow: /forbidden\n"
    ),
    Case("start", head("Location: /page", "Content-Length: 0", status="302 Found")),
    Case("page", head("Content-Type: text/html", f"Content-Length: {len(PAGE)}"), PAGE),
    Case("again", head("Content-Type: text/html", "Content-Length: 2"), b"ok"),
    Case("broken", head("Content-Length: 2", status="503 Service Unavailable"), b"no", status=503),
)


class SmallSpider(scrapy.Spider):
    """Follows a redirect, then asks for another page, a forbidden one and a broken one."""

    name = "small"
    seen: list

    async def start(self):
        """Begin at the redirect."""
        yield scrapy.Request("http://torture.example/start", callback=self.parse)

    def parse(self, response, **arguments):
        """Note the page and go on from the first."""
        self.seen.append((response.url, response.status, type(response).__name__))
        if response.url.endswith("/page"):
            for name in ("again", "forbidden", "broken"):
                yield response.follow(f"/{name}", callback=self.parse)


def test_scrapys_middlewares_work_above_the_handler(sink):
    """Robots.txt, redirects and retries do their work, and each fetch is a record of its own."""
    seen = []
    with TortureServer(SITE) as server:
        settings = {**SETTINGS, "UMECRAWL_CONNECT_TO": [f"::127.0.0.1:{server.port}"]}

        async def crawl():
            runner = AsyncCrawlerRunner(settings)
            crawler = runner.create_crawler(SmallSpider)
            bind_sink(crawler, sink)
            await runner.crawl(crawler, seen=seen)

        asyncio.run(crawl())
        requests = [served.request for served in server.served]
    assert seen == [
        ("http://torture.example/page", 200, "HtmlResponse"),
        ("http://torture.example/again", 200, "HtmlResponse"),
    ]
    assert sorted(requests) == sorted(exchange.request for exchange in sink.fetched)
    fetched = [(e.crawl_url.url.rpartition("/")[2], e.crawl_url.hop_path, e.crawl_url.attempt) for e in sink.fetched]
    assert fetched[:3] == [("robots.txt", "P", 1), ("start", "", 1), ("page", "R", 1)]
    assert sorted(fetched[3:]) == [("again", "L", 1), ("broken", "L", 1), ("broken", "L", 2)]


@pytest.fixture
def sink():
    """Return a sink that keeps all."""

    class Sink:
        def __init__(self):
            self.fetched = []

        def append(self, fetched):
            self.fetched.append(fetched)
            return fetched

    return Sink()


SCRIPT = """
import json, sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from umecrawl.fetch.delivery import bind_sink

class Sink:
    def append(self, fetched):
        print(json.dumps([fetched.crawl_url.url, (fetched.response_head + fetched.response_body).hex()]))

class OneSpider(scrapy.Spider):
    name = "one"
    start_urls = ["http://torture.example/chunked", "https://torture.example/plain"]
    def parse(self, response):
        pass

process = AsyncCrawlerProcess(json.loads(sys.argv[1]))
crawler = process.create_crawler(OneSpider)
bind_sink(crawler, Sink())
process.crawl(crawler)
process.start()
"""


def test_the_handler_runs_on_the_asyncio_reactor(server, tls_server):
    """With Twisted's asyncio reactor the same bytes are recorded, plain and over TLS."""
    settings = {
        **SETTINGS,
        "TWISTED_REACTOR_ENABLED": True,
        "ROBOTSTXT_OBEY": False,
        "UMECRAWL_CONNECT_TO": [f":80:127.0.0.1:{server.port}", f":443:127.0.0.1:{tls_server.port}"],
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(settings)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    recorded = dict(json.loads(line) for line in done.stdout.splitlines())
    assert recorded == {
        "http://torture.example/chunked": server.served[0].response.hex(),
        "https://torture.example/plain": tls_server.served[0].response.hex(),
    }
