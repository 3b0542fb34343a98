"""What the tests of fetching share: the torture server in both forms, loops, a sink, and a way to run the handler."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvloop
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response

from umecrawl.fetch.delivery import bind_sink
from umecrawl.fetch.handler import WireDownloadHandler
from umecrawl.model.capture import Exchange, FetchFailure

# Tests are no package: this is how modules of tests/servers are found.
sys.path.insert(0, str(Path(__file__).parents[1]))

from servers.torture import Certificates, TortureServer

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@dataclass
class ListSink:
    """A sink that keeps what it is given, and gives it back as its own capture."""

    fetched: list[Exchange | FetchFailure] = field(default_factory=list)
    error: Exception | None = None

    def append(self, fetched):
        """Keep one, or fail as a full disk does."""
        if self.error is not None:
            raise self.error
        self.fetched.append(fetched)
        return fetched


@dataclass
class Fetcher:
    """Runs the handler on a loop of its own against a server to which every host is mapped."""

    loop_factory: Callable[[], asyncio.AbstractEventLoop]
    port: int
    scheme: str = "http"
    sink: ListSink = field(default_factory=ListSink)
    settings: dict = field(default_factory=dict)

    def url(self, target: str) -> str:
        """Return a URL of the server."""
        return f"{self.scheme}://torture.example/{target}"

    def run(self, *requests: Request) -> list[Response | Exception]:
        """Fetch one after the other over one handler; what is raised stands in the place of the response."""
        with asyncio.Runner(loop_factory=self.loop_factory) as runner:
            return runner.run(self._run(requests))

    def get(self, target: str, **arguments) -> Response:
        """Fetch one target and return the response."""
        (result,) = self.run(Request(self.url(target), **arguments))
        if isinstance(result, Exception):
            raise result
        return result

    @property
    def exchange(self) -> Exchange:
        """The exchange recorded last."""
        last = self.sink.fetched[-1]
        assert isinstance(last, Exchange)
        return last

    async def _run(self, requests):
        settings = {
            "UMECRAWL_CONNECT_TO": [f"::127.0.0.1:{self.port}"],
            "UMECRAWL_INSECURE": True,
            "DOWNLOAD_TIMEOUT": 10,
            **self.settings,
        }
        crawler = Crawler(Spider, settings=settings)
        bind_sink(crawler, self.sink)
        handler = WireDownloadHandler.from_crawler(crawler)
        results = []
        try:
            for request in requests:
                try:
                    results.append(await handler.download_request(request))
                except Exception as error:  # noqa: BLE001  what is raised is what is tested
                    results.append(error)
        finally:
            await handler.close()
        return results


@pytest.fixture(scope="session")
def certificates():
    """Return the test's own certificate authority."""
    return Certificates()


@pytest.fixture(scope="session")
def _tls_context(certificates):
    return certificates.server_context()


@pytest.fixture
def server():
    """Serve the cases over plain HTTP."""
    with TortureServer() as running:
        yield running


@pytest.fixture
def tls_server(_tls_context):
    """Serve the cases over TLS."""
    with TortureServer(tls=_tls_context) as running:
        yield running


@pytest.fixture(params=sorted(LOOPS))
def loop_factory(request):
    """Give each loop the handler must run on."""
    return LOOPS[request.param]


@pytest.fixture
def fetcher(loop_factory, server):
    """Fetch over plain HTTP."""
    return Fetcher(loop_factory, server.port)


@pytest.fixture
def tls_fetcher(loop_factory, tls_server):
    """Fetch over TLS."""
    return Fetcher(loop_factory, tls_server.port, "https")
