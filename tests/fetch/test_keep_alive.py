"""Connections kept for the next request: reused, replaced when stale, never shared by accident."""

from scrapy import Request
from servers.torture import Case, End, TortureServer, head

from umecrawl.model.capture import Exchange


def names(fetcher, *targets, **arguments):
    """Return requests for targets."""
    return [Request(fetcher.url(target), **arguments) for target in targets]


def test_a_connection_is_used_again(fetcher, server):
    """Answers that end by themselves leave the connection to the next request."""
    fetcher.run(
        *names(fetcher, "plain", "chunked", "not_modified"),
        *names(fetcher, "head", method="HEAD"),
        *names(fetcher, "not_found"),
    )
    assert [served.connection for served in server.served] == [1] * 5


def test_a_tls_connection_is_used_again(tls_fetcher, tls_server):
    """So it is over TLS, where a handshake is saved; the facts of the layer are the same object."""
    tls_fetcher.run(*names(tls_fetcher, "plain", "chunked"))
    assert [served.connection for served in tls_server.served] == [1, 1]
    first, second = tls_fetcher.sink.fetched
    assert first.tls is second.tls


def test_other_hosts_have_connections_of_their_own(fetcher, server):
    """A connection belongs to its scheme, host and port, even where all are mapped to one server."""
    fetcher.run(Request("http://a.example/plain"), Request("http://b.example/plain"))
    assert server.connections == 2


def test_a_stale_connection_is_replaced_unseen(fetcher, server):
    """A kept connection that the server closes on the next request costs neither a failure nor a record."""
    responses = fetcher.run(*names(fetcher, "stale", "plain"))
    assert [response.status for response in responses] == [200, 200]
    assert len(fetcher.sink.fetched) == 2
    assert [served.connection for served in server.served] == [1, 2]


def test_a_stale_tls_connection_is_replaced_unseen(tls_fetcher, tls_server):
    """The same over TLS."""
    responses = tls_fetcher.run(*names(tls_fetcher, "stale", "plain"))
    assert [response.status for response in responses] == [200, 200]
    assert len(tls_fetcher.sink.fetched) == 2


def test_what_nobody_asked_for_is_no_answer(fetcher, server):
    """Octets that come behind an answer never become the answer to the next request."""
    responses = fetcher.run(*names(fetcher, "rubbish_behind", "plain"))
    assert [response.status for response in responses] == [200, 200]
    first, second = fetcher.sink.fetched
    assert isinstance(second, Exchange)
    assert first.response_body == b"hello"
    assert second.interim == b""
    assert second.response_head == server.of("plain")[-1].response[: len(second.response_head)]


def test_a_request_sent_twice_for_rubbish_is_told(fetcher):
    """What came instead of the answer is no exchange, but the record of the second asking tells of the first."""
    responses = fetcher.run(*names(fetcher, "rubbish_late", "plain"))
    assert [response.status for response in responses] == [200, 200]
    assert [exchange.note.startswith("asked twice: on a kept connection") for exchange in fetcher.sink.fetched] == [
        False,
        True,
    ]


def test_a_post_takes_no_kept_connection(fetcher, server):
    """What must not be sent twice is not sent where it may have to be."""
    fetcher.run(*names(fetcher, "plain"), *names(fetcher, "plain", method="POST", body=b"a=1"))
    assert [served.connection for served in server.served] == [1, 2]
    assert fetcher.exchange.request.endswith(b"\r\nContent-Length: 3\r\n\r\na=1")


def test_a_connection_in_doubt_is_not_kept(fetcher, server):
    """Excess, broken framing, a limit reached, a wish to close: each ends the connection."""
    targets = ["length_too_short", "bad_chunk_size", "connection_close", "http_1_0", "length_conflict", "plain"]
    fetcher.run(*names(fetcher, *targets))
    fetcher.run(*names(fetcher, "plain", meta={"download_maxsize": 10}), *names(fetcher, "plain"))
    assert [served.connection for served in server.served] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_many_hosts_do_not_pile_up_connections(fetcher, server, monkeypatch):
    """Beyond the limit the connection unused for longest is closed."""
    monkeypatch.setattr("umecrawl.fetch.kept.KEEP_MOST", 2)
    hosts = ["a", "b", "c", "b", "c", "a"]
    fetcher.run(*(Request(f"http://{host}.example/plain") for host in hosts))
    assert [served.connection for served in server.served] == [1, 2, 3, 2, 3, 4]


def test_a_large_upload_meets_an_early_answer(loop_factory, fetcher, server):
    """An answer that comes before the request is out is recorded all the same."""
    early = Case("early", head("Content-Length: 2", status="413 Too Large"), b"no", status=413, end=End.CLOSE)
    with TortureServer([early]) as other:
        fetcher.port = other.port
        (response,) = fetcher.run(*names(fetcher, "early", method="POST", body=b"x" * 300_000))
        assert response.status == 413
        assert len(other.served[0].request) > 300_000
