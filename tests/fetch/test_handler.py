"""The handler as Scrapy sees it: sink, meta, responses, what is raised, settings."""

import asyncio
import socket
from datetime import UTC, datetime

import pytest
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    NotSupported,
)
from scrapy.http import HtmlResponse
from servers.torture import PAGE

from umecrawl.errors import NoSpaceError, UsageError
from umecrawl.fetch.delivery import bind_sink
from umecrawl.fetch.handler import WireDownloadHandler
from umecrawl.model.capture import Exchange, FailureKind, FetchFailure, Truncation


def test_a_response_is_what_scrapy_expects(fetcher):
    """Class, headers with repetitions, address and protocol are there; Latin-1 octets are left alone."""
    response = fetcher.get("repeated_fields")
    assert isinstance(response, HtmlResponse)
    assert response.headers.getlist("Set-Cookie") == [b"a=1; Path=/", b"b=2"]
    assert response.headers.getlist("X") == [b"1", b"2"]
    assert str(response.ip_address) == "127.0.0.1"
    assert response.protocol == "HTTP/1.1"
    assert response.certificate is None
    assert "Västerslätt" in response.text
    assert fetcher.get("latin1_value").headers["X-Title"] == b"Ume\xe5"


def test_content_coding_is_left_to_scrapy(fetcher):
    """The body keeps its coding and the header that names it."""
    response = fetcher.get("chunked_gzip")
    assert response.body[:2] == b"\x1f\x8b"
    assert response.headers["Content-Encoding"] == b"gzip"


def test_the_capture_is_in_the_meta(fetcher):
    """What the sink wrote is told to whoever comes after, and how long the server took."""
    good, bad = Request(fetcher.url("plain")), Request(fetcher.url("close_at_once"))
    fetcher.run(good, bad)
    assert [good.meta["capture"], bad.meta["capture"]] == fetcher.sink.fetched
    assert good.meta["download_latency"] >= 0
    assert isinstance(bad.meta["capture"], FetchFailure)


def test_without_record_there_is_no_page(fetcher):
    """What the sink raises comes through, and nothing is left in the meta that says otherwise."""
    fetcher.sink.error = NoSpaceError("the disk is full")
    request = Request(fetcher.url("plain"), meta={"capture": "of an earlier attempt"})
    (error,) = fetcher.run(request)
    assert error is fetcher.sink.error
    assert "capture" not in request.meta


def test_without_sink_nothing_is_recorded(loop_factory, server):
    """In a shell the handler fetches all the same."""

    async def fetch():
        crawler = Crawler(Spider, settings={"UMECRAWL_CONNECT_TO": [f"::127.0.0.1:{server.port}"]})
        handler = WireDownloadHandler.from_crawler(crawler)
        request = Request("http://torture.example/plain")
        response = await handler.download_request(request)
        await handler.close()
        return request, response

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        request, response = runner.run(fetch())
    assert response.body == PAGE
    assert "capture" not in request.meta


def test_the_handlers_of_a_run_share_connections(loop_factory, server):
    """Scrapy makes a handler for http and one for https; names and connections are those of the run."""

    async def fetch():
        crawler = Crawler(Spider, settings={"UMECRAWL_CONNECT_TO": [f"::127.0.0.1:{server.port}"]})
        handlers = [WireDownloadHandler.from_crawler(crawler) for _ in range(2)]
        for handler in handlers:
            await handler.download_request(Request("http://torture.example/plain"))
        for handler in handlers:
            await handler.close()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(fetch())
    assert server.connections == 1


def test_time_is_that_of_the_beginning(server, loop_factory):
    """The clock is read once, before anything is sent."""
    times = [datetime(2026, 5, 1, 12, 0, tzinfo=UTC)]

    async def fetch():
        crawler = Crawler(Spider, settings={"UMECRAWL_CONNECT_TO": [f"::127.0.0.1:{server.port}"]})
        fetched = []

        class Sink:
            def append(self, exchange):
                fetched.append(exchange)

        bind_sink(crawler, Sink())
        handler = WireDownloadHandler(crawler, clock=times.pop)
        await handler.download_request(Request("http://torture.example/plain"))
        await handler.close()
        return fetched

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        (exchange,) = runner.run(fetch())
    assert exchange.started_at == datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    assert exchange.elapsed_ms >= 0


def test_the_spider_gets_each_attempt_as_one_exchange(fetcher):
    """Two requests, two records, each with its own bytes."""
    fetcher.run(Request(fetcher.url("error")), Request(fetcher.url("error"), meta={"retry_times": 1}))
    assert [exchange.crawl_url.attempt for exchange in fetcher.sink.fetched] == [1, 2]


def test_a_refused_connection_is_a_failure(fetcher):
    """A port where nobody listens is told as such, and no request as sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        fetcher.port = free.getsockname()[1]
    (error,) = fetcher.run(Request(fetcher.url("plain")))
    assert isinstance(error, DownloadConnectionRefusedError)
    (failure,) = fetcher.sink.fetched
    assert failure.kind is FailureKind.REFUSED
    assert failure.request == b""
    assert failure.ip == "127.0.0.1"
    assert f"127.0.0.1:{fetcher.port}" in failure.detail


def test_an_unknown_host_is_a_failure(fetcher):
    """A name that cannot be resolved is recorded as DNS failure."""
    name = "a" * 64 + ".example"
    fetcher.settings = {"UMECRAWL_CONNECT_TO": []}
    (error,) = fetcher.run(Request(f"http://{name}/"))
    assert isinstance(error, CannotResolveHostError)
    (failure,) = fetcher.sink.fetched
    assert failure.kind is FailureKind.DNS
    assert failure.ip is None


def test_a_private_address_is_not_asked(fetcher, server):
    """A link to the inside is recorded as refused by rule and not tried again."""
    fetcher.settings = {"UMECRAWL_CONNECT_TO": []}
    (error,) = fetcher.run(Request(f"http://127.0.0.1:{server.port}/plain"))
    assert isinstance(error, DownloadCancelledError)
    assert fetcher.sink.fetched[0].kind is FailureKind.FORBIDDEN_ADDRESS
    assert server.connections == 0


def test_a_named_host_may_be_private(fetcher, server):
    """A seed on loopback is fetched."""
    fetcher.settings = {"UMECRAWL_CONNECT_TO": [], "UMECRAWL_NAMED_HOSTS": ["127.0.0.1"]}
    (response,) = fetcher.run(Request(f"http://127.0.0.1:{server.port}/plain"))
    assert response.status == 200
    assert fetcher.exchange.request.split(b"\r\n")[1] == b"Host: 127.0.0.1:%d" % server.port


def test_the_real_name_stands_in_url_host_and_record(tls_fetcher, tls_server):
    """A mapping changes where to connect and nothing else."""
    tls_fetcher.get("plain?a=%C3%A5")
    exchange = tls_fetcher.exchange
    assert exchange.crawl_url.url == "https://torture.example/plain?a=%C3%A5"
    assert exchange.request.startswith(b"GET /plain?a=%C3%A5 HTTP/1.1\r\nHost: torture.example\r\n")


def test_a_silent_server_is_given_up(fetcher):
    """The idle limit ends a wait that the total one would allow; what came is kept."""
    fetcher.settings = {"UMECRAWL_IDLE_TIMEOUT": 0.1}
    (response,) = fetcher.run(Request(fetcher.url("silence_in_body")))
    assert response.flags == ["truncated"]
    assert fetcher.exchange.truncated is Truncation.TIME
    assert "0.1 s" in fetcher.exchange.note


def test_a_handshake_that_never_ends_is_given_up(loop_factory, fetcher):
    """A server that accepts and says nothing costs the connect timeout."""
    fetcher.scheme, fetcher.settings = "https", {"UMECRAWL_CONNECT_TIMEOUT": 0.1}
    with socket.create_server(("127.0.0.1", 0)) as mute:
        fetcher.port = mute.getsockname()[1]
        (error,) = fetcher.run(Request(fetcher.url("plain")))
    assert isinstance(error, DownloadTimeoutError)
    assert fetcher.sink.fetched[0].kind is FailureKind.TIMEOUT


def test_settings_give_the_limits(fetcher):
    """Timeout and size come from Scrapy's settings where the request has none of its own."""
    fetcher.settings = {"DOWNLOAD_TIMEOUT": 0.1, "DOWNLOAD_MAXSIZE": 100}
    fetcher.run(Request(fetcher.url("silence")), Request(fetcher.url("plain")))
    failure, exchange = fetcher.sink.fetched
    assert failure.kind is FailureKind.TIMEOUT
    assert isinstance(exchange, Exchange)
    assert exchange.response_body == PAGE[:100]


def test_a_proxy_is_not_supported(fetcher):
    """Whoever sets a proxy is told, rather than connected past it."""
    (error,) = fetcher.run(Request(fetcher.url("plain"), meta={"proxy": "http://127.0.0.1:1"}))
    assert isinstance(error, NotSupported)
    assert "proxy" in str(error)
    assert fetcher.sink.fetched == []


def test_a_wrong_mapping_is_told_at_once():
    """The handler cannot be made with a mapping that is none."""
    with pytest.raises(UsageError, match="nonsense"):
        WireDownloadHandler(Crawler(Spider, settings={"UMECRAWL_CONNECT_TO": ["nonsense"]}))


def test_a_cancelled_fetch_leaves_no_connection(loop_factory, server):
    """A download that Scrapy gives up is no record, and its connection is gone."""

    async def fetch():
        crawler = Crawler(Spider, settings={"UMECRAWL_CONNECT_TO": [f"::127.0.0.1:{server.port}"]})
        handler = WireDownloadHandler.from_crawler(crawler)
        task = asyncio.ensure_future(handler.download_request(Request("http://torture.example/silence")))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), 0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await handler.close()
        return len(asyncio.all_tasks())

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert runner.run(fetch()) == 1


def test_many_at_once_are_kept_apart(loop_factory, server):
    """Fifty requests over several connections at the same time, each with its own answer."""

    async def fetch():
        crawler = Crawler(Spider, settings={"UMECRAWL_CONNECT_TO": [f"::127.0.0.1:{server.port}"]})
        handler = WireDownloadHandler.from_crawler(crawler)
        names = ["plain", "chunked", "not_found", "until_close", "bare_lf"] * 10
        urls = [f"http://torture.example/{name}" for name in names]
        responses = await asyncio.gather(*(handler.download_request(Request(url)) for url in urls))
        await handler.close()
        return names, responses

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        names, responses = runner.run(fetch())
    bodies = {"plain": PAGE, "chunked": PAGE, "not_found": PAGE, "until_close": PAGE, "bare_lf": b"hello"}
    assert [response.body for response in responses] == [bodies[name] for name in names]
