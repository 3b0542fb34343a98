"""The client under Scrapy: several addresses of a host, connections that grow old, IPv6."""

import asyncio
import socket

import pytest
from servers.torture import PAGE

from umecrawl.fetch.addresses import AddressBook
from umecrawl.fetch.client import Answer, Call, Client, Limits, NoAnswer
from umecrawl.fetch.connection import Origin
from umecrawl.model.capture import FailureKind

LIMITS = Limits(total=10, connect=10)
REQUEST = b"GET /plain HTTP/1.1\r\nHost: a.example\r\n\r\n"


def client_of(*addresses):
    """Return a client for which `a.example` has these addresses."""

    async def lookup(host, port):
        return list(addresses)

    return Client(AddressBook(named_hosts=["a.example"], lookup=lookup))


def fetch(loop_factory, client, port, times=1):
    """Fetch a page some times; return the last result."""

    async def run():
        for _ in range(times):
            result = await client.fetch(Call(Origin("http", "a.example", port), "GET", REQUEST, LIMITS))
        await client.close()
        return result

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(run())


def test_the_next_address_is_tried(loop_factory, server):
    """A host with a dead address is reached at its other one."""
    result = fetch(loop_factory, client_of("127.0.0.2", "127.0.0.1"), server.port)
    assert isinstance(result, Answer)
    assert (result.ip, result.framer.body) == ("127.0.0.1", PAGE)


def test_all_dead_addresses_are_named(loop_factory, server):
    """When none answers, the failure names each."""
    result = fetch(loop_factory, client_of("127.0.0.2", "127.0.0.3"), server.port)
    assert isinstance(result, NoAnswer)
    assert result.kind is FailureKind.REFUSED
    assert "127.0.0.2" in result.detail
    assert "127.0.0.3" in result.detail
    assert not result.sent


def test_a_connection_is_not_kept_for_ever(loop_factory, server, monkeypatch):
    """A connection that nobody uses is closed."""
    monkeypatch.setattr("umecrawl.fetch.kept.KEEP_SECONDS", 0.01)
    client = client_of("127.0.0.1")

    async def run():
        call = Call(Origin("http", "a.example", server.port), "GET", REQUEST, LIMITS)
        await client.fetch(call)
        (kept,) = client._open
        await asyncio.wait_for(kept.lost, 5)
        await client.fetch(call)
        await client.close()
        return kept in client._open

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        assert not runner.run(run())
    assert server.connections == 2


def test_a_host_is_reached_over_ipv6(loop_factory):
    """An IPv6 address is connected to and told in its short form."""
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    result = ask(loop_factory, answer, "::1", "0:0:0:0:0:0:0:1")
    assert isinstance(result, Answer)
    assert result.ip == "::1"
    assert result.framer.parsed.status == 204


def test_a_server_that_greets_is_no_http_server(loop_factory):
    """A greeting that comes before the request is taken for what it is, and kept."""

    async def greet(reader, writer):
        writer.write(b"220 mail.example ESMTP\r\n")
        await reader.read()
        writer.close()

    result = ask(loop_factory, greet, "127.0.0.1")
    assert isinstance(result, NoAnswer)
    assert result.kind is FailureKind.PROTOCOL
    assert result.partial == b"220 mail.example ESMTP\r\n"


def test_a_server_may_refuse_at_once(loop_factory):
    """An overloaded server that answers without reading gives an answer or a lost connection; nobody hangs on it."""

    async def refuse(reader, writer):
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    result = ask(loop_factory, refuse, "127.0.0.1")
    if isinstance(result, NoAnswer):
        assert result.kind is FailureKind.DISCONNECT
    else:
        assert result.framer.parsed.status == 503


def ask(loop_factory, serve, host, address=None):
    """Serve one connection with a coroutine and return what the client makes of it."""

    async def run():
        served = await asyncio.start_server(serve, host, 0)
        port = served.sockets[0].getsockname()[1]
        client = client_of(address or host)
        result = await client.fetch(Call(Origin("http", "a.example", port), "GET", REQUEST, LIMITS))
        await client.close()
        served.close()
        await served.wait_closed()
        return result

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(run())
