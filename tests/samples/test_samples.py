"""The sample server: correct HTTP/1.1 over http and https, byte for byte on record."""

import gzip
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from umecrawl.errors import UmecrawlError
from umecrawl.model.message import dechunk, parse_head
from umecrawl.pipeline.fixtures import EDITIONS, Framing, Match, route_table, sample_sites
from umecrawl.pipeline.samples import SampleSites

CLOCK = datetime(2026, 5, 20, 10, 0, tzinfo=UTC)


class Wire:
    """A client that keeps every byte it sends and reads."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.buffer = b""

    def ask(
        self, target: str, host: str, *fields: str, method: str = "GET", version: str = "HTTP/1.1"
    ) -> tuple[bytes, bytes]:
        """Send one request and return its bytes and those of the response."""
        head = [f"{method} {target} {version}", f"Host: {host}", *fields]
        request = ("\r\n".join(head) + "\r\n\r\n").encode()
        self.connection.sendall(request)
        return request, self.response(method)

    def response(self, method: str = "GET") -> bytes:
        """Read one response by its framing."""
        while b"\r\n\r\n" not in self.buffer:
            assert self._more(), "the server closed before the head was whole"
        end = self.buffer.index(b"\r\n\r\n") + 4
        head = parse_head(self.buffer[:end])
        if method == "HEAD" or head.status == 304:
            size = end
        elif (length := head.get("content-length")) is not None:
            size = end + int(length)
            while len(self.buffer) < size:
                assert self._more()
        elif "chunked" in head.joined("transfer-encoding"):
            while not (body := dechunk(self.buffer[end:])).complete:
                assert self._more()
            size = end + body.consumed
        else:
            while self._more():
                pass
            size = len(self.buffer)
        message, self.buffer = self.buffer[:size], self.buffer[size:]
        return message

    def closed(self) -> bool:
        """Whether the server has nothing more to say."""
        return self.buffer == b"" and not self._more()

    def _more(self) -> bool:
        data = self.connection.recv(65536)
        self.buffer += data
        return bool(data)


@pytest.fixture(scope="module")
def sites() -> Iterator[SampleSites]:
    """Serve edition 1 for the tests that change nothing."""
    with SampleSites(clock=lambda: CLOCK) as served:
        yield served


@contextmanager
def wire(sites: SampleSites, scheme: str, host: str) -> Iterator[Wire]:
    """Connect as a client that checks the certificate."""
    port = sites.https_port if scheme == "https" else sites.http_port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        if scheme == "http":
            yield Wire(plain)
            return
        context = ssl.create_default_context(cadata=sites.certificate_pem.decode())
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        with context.wrap_socket(plain, server_hostname=host) as secure:
            yield Wire(secure)


def split(message: bytes) -> tuple[object, bytes]:
    """Return the parsed head and the body as sent."""
    head, _, body = message.partition(b"\r\n\r\n")
    return parse_head(head), body


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_route_is_answered_as_the_table_says(edition):
    """Status, type, fields, framing and body of each route, over one kept connection per site."""
    with SampleSites(edition=edition) as served:
        for site in sample_sites():
            routes = [
                route
                for route in route_table(edition).exact.values()
                if route.url.startswith(f"{site.scheme}://{site.host}/") and route.framing is not Framing.CLOSE
            ]
            with wire(served, site.scheme, site.host) as client:
                for route in routes:
                    parts = urlsplit(route.url)
                    target = parts.path + (f"?{parts.query}" if parts.query else "")
                    _, response = client.ask(target, site.host, "Accept-Encoding: gzip")
                    head, body = split(response)
                    assert head.status == route.status, route.url
                    assert (head.get("content-type") or "") == route.content_type
                    chunked = head.joined("transfer-encoding") == "chunked"
                    assert chunked == (route.framing is Framing.CHUNKED)
                    entity = dechunk(body).entity if chunked else body
                    assert (head.get("content-encoding") == "gzip") == route.gzip
                    assert (gzip.decompress(entity) if route.gzip else entity) == route.body
                    for name, value in route.headers:
                        assert value in head.all(name) or f"W/{value}" in head.all(name)


def test_exchanges_are_the_bytes_on_the_socket(sites):
    """What a client sent and read, over http and https, is what the server says it read and sent."""
    wanted = []
    before = len(sites.exchanges)
    for scheme, host, target in (
        ("https", "partiet.example", "/"),
        ("https", "partiet.example", "/wp-json/wp/v2/posts?per_page=100&page=1"),
        ("http", "blogg.bladet.example", "/annaberg/2026/02/02/varfor-jag-skriver/"),
        ("https", "www.nybygdet.example", "/finns-inte"),
    ):
        with wire(sites, scheme, host) as client:
            request, response = client.ask(target, host, "Accept-Encoding: gzip", "X-Odd:  spaced ")
            wanted.append((f"{scheme}://{host}{target}", request, response))
    assert sites.exchanges[before:] == wanted


def test_connections_are_kept_and_requests_may_be_pipelined(sites):
    """Two requests sent at once get two responses in order, on the same connection (RFC 9112 §9.3)."""
    with wire(sites, "http", "blogg.bladet.example") as client:
        one = b"GET /robots.txt HTTP/1.1\r\nHost: blogg.bladet.example\r\n\r\n"
        two = b"GET /annaberg/feed/ HTTP/1.1\r\nHost: blogg.bladet.example\r\nConnection: close\r\n\r\n"
        client.connection.sendall(one + two)
        assert b"Crawl-delay" in client.response()
        head, body = split(client.response())
        assert body.startswith(b"<?xml")
        assert head.joined("connection") == "close"
        assert client.closed()


def test_the_edition_can_be_set_while_serving():
    """A removed post and a restored one change places."""
    removed = "/2026/04/09/badhuset-ar-en-framtidsfraga/"
    restored = "/annaberg/2026/04/20/sa-laser-du-en-kommunbudget/"
    with SampleSites() as served:
        statuses = []
        for edition in (1, 2, 1):
            served.edition = edition
            with wire(served, "https", "partiet.example") as client:
                gone = parse_head(client.ask(removed, "partiet.example")[1]).status
            with wire(served, "http", "blogg.bladet.example") as client:
                back = parse_head(client.ask(restored, "blogg.bladet.example")[1]).status
            statuses.append((gone, back))
        assert statuses == [(200, 410), (404, 200), (200, 410)]
        with pytest.raises(UmecrawlError, match="no edition 7"):
            served.edition = 7
        assert served.edition == 1


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_validators_give_304(sites, coding):
    """An entity tag or a date that still holds is answered without a body (RFC 9110 §13)."""
    target = "/2026-01-29/forslag-rusta-tre-skolor"
    with wire(sites, "https", "www.bladet.example") as client:
        head, _ = split(client.ask(target, "www.bladet.example", f"Accept-Encoding: {coding}")[1])
        tag, changed = head.get("etag"), head.get("last-modified")
        assert tag.startswith("W/") == (coding == "gzip")
        for field in (
            f"If-None-Match: {tag}",
            f'If-None-Match: "x", {tag}',
            "If-None-Match: *",
            f"If-Modified-Since: {changed}",
        ):
            again, body = split(client.ask(target, "www.bladet.example", field)[1])
            assert (again.status, body) == (304, b"")
            assert again.get("etag").removeprefix("W/") == tag.removeprefix("W/")
        for field in (
            'If-None-Match: "x"',
            f'If-None-Match: "x"\r\nIf-Modified-Since: {changed}',
            "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT",
            "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 -0000",
            "If-Modified-Since: i fjol",
        ):
            assert parse_head(client.ask(target, "www.bladet.example", field)[1]).status == 200


def test_pages_without_validators_are_sent_again(sites):
    """Where nothing was promised, a condition changes nothing."""
    target = "/2026/01/29/sa-rustar-vi-upp-granviks-skolor/"
    with wire(sites, "https", "partiet.example") as client:
        for field in ("If-None-Match: *", "If-Modified-Since: Sat, 01 Jan 2028 00:00:00 GMT"):
            assert parse_head(client.ask(target, "partiet.example", field)[1]).status == 200


@pytest.mark.parametrize(
    ("asked", "coded"),
    [("gzip, br", True), ("br", False), ("gzip;q=0", False), ("*", False), ("deflate, gzip;q=0.5", True)],
)
def test_gzip_is_sent_only_when_accepted(sites, asked, coded):
    """The choice is told in Vary, and a client that did not ask gets identity."""
    with wire(sites, "https", "partiet.example") as client:
        head, _ = split(client.ask("/", "partiet.example", f"Accept-Encoding: {asked}")[1])
    assert (head.get("content-encoding") == "gzip") == coded
    assert head.get("vary") == "Accept-Encoding"


def test_head_has_no_body_and_other_methods_are_refused(sites):
    """HEAD gives the fields of GET; POST is 405 with Allow, its body read."""
    with wire(sites, "https", "partiet.example") as client:
        shown, _ = split(client.ask("/robots.txt", "partiet.example")[1])
        head, body = split(client.ask("/robots.txt", "partiet.example", method="HEAD")[1])
        assert (head.fields, body) == (shown.fields, b"")
        client.connection.sendall(b"POST / HTTP/1.1\r\nHost: partiet.example\r\nContent-Length: 3\r\n\r\nabc")
        refused, _ = split(client.response())
        assert (refused.status, refused.get("allow")) == (405, "GET, HEAD")


def test_http_1_0_gets_neither_chunks_nor_a_kept_connection(sites):
    """An old client is told the end of a chunked page by the end of the connection."""
    with wire(sites, "https", "partiet.example") as client:
        head, body = split(client.ask("/", "partiet.example", version="HTTP/1.0")[1])
        assert head.get("transfer-encoding") is None
        assert body == route_table(1).exact["https://partiet.example/"].body
        assert client.closed()


def test_a_page_without_length_ends_with_the_connection(sites):
    """One page is framed as in the nineties."""
    route = next(route for route in route_table(1).exact.values() if route.framing is Framing.CLOSE)
    with wire(sites, "http", "blogg.bladet.example") as client:
        head, body = split(client.ask(urlsplit(route.url).path, "blogg.bladet.example")[1])
        assert (head.get("content-length"), head.get("transfer-encoding")) == (None, None)
        assert body == route.body
        assert client.closed()


def test_redirects_below_keep_path_and_query(sites):
    """Plain http leads to https for the sites that have it, with the path asked for."""
    with wire(sites, "http", "partiet.example") as client:
        head, _ = split(client.ask("/tag/skola/?a=1&b=2", "partiet.example")[1])
    assert (head.status, head.get("location")) == (301, "https://partiet.example/tag/skola/?a=1&b=2")


def test_unknown_hosts_and_schemes_are_misdirected(sites):
    """A host that is none of ours, or not on this port, gets 421 in plain text (RFC 9110 §15.5.20)."""
    with wire(sites, "http", "film.example") as client:
        head, body = split(client.ask("/", "film.example")[1])
        assert (head.status, body) == (421, b"no such host: film.example\n")
    with wire(sites, "https", "partiet.example") as client:
        head, body = split(client.ask("/annaberg/", "blogg.bladet.example")[1])
        assert (head.status, head.get("content-type")) == (421, "text/plain; charset=utf-8")
        assert b"not served over https" in body


def test_the_absolute_form_is_understood(sites):
    """A request target may be a whole URL; it wins over Host (RFC 9112 §3.2.2)."""
    with wire(sites, "http", "blogg.bladet.example") as client:
        assert b"Crawl-delay" in client.ask("http://blogg.bladet.example/robots.txt", "partiet.example")[1]


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: partiet.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET \xff HTTP/1.1\r\nHost: partiet.example\r\n\r\n",
        b"GET x HTTP/1.1\r\nHost: partiet.example\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: partiet.example\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: partiet.example\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_400(sites, raw):
    """The server says so, closes, and lives on."""
    with wire(sites, "http", "partiet.example") as client:
        client.connection.sendall(raw)
        assert parse_head(client.response()).status == 400
        assert client.closed()


def test_a_head_without_end_is_refused(sites):
    """More than 64 KiB of head gets 431."""
    with wire(sites, "http", "partiet.example") as client:
        client.connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 65520)
        client.connection.sendall(b"\r\n" + b"b" * 65520)
        assert parse_head(client.response()).status == 431


def test_connect_to_names_exactly_the_sample_hosts(sites):
    """Each host is mapped on both ports, in curl's form, and no other host is."""
    rows = [row.split(":") for row in sites.connect_to]
    assert {(row[0], row[1]) for row in rows} == {
        (site.host, port) for site in sample_sites() for port in ("80", "443")
    }
    assert {(row[1], row[2], row[3]) for row in rows} == {
        ("80", "127.0.0.1", str(sites.http_port)),
        ("443", "127.0.0.1", str(sites.https_port)),
    }


def test_the_certificate_is_for_the_https_hosts_only(sites):
    """Strict verification passes for them (every other test does it) and fails for the http blog."""
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        wire(sites, "https", "blogg.bladet.example"),
    ):
        pass


def test_the_date_is_that_of_the_clock(sites):
    """Responses carry the time they were given."""
    with wire(sites, "http", "partiet.example") as client:
        head, _ = split(client.ask("/", "partiet.example")[1])
    assert head.get("date") == "Wed, 20 May 2026 10:00:00 GMT"


def test_open_connections_do_not_keep_the_server_alive():
    """Leaving the block closes what clients hold open and frees the ports."""
    with SampleSites() as served:
        port = served.http_port
        idle = socket.create_connection(("127.0.0.1", port), timeout=10)
        idle.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: blogg.bladet.example\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200 OK")
    with idle, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)
    assert served.http_port == 0


def test_every_url_of_a_site_has_an_answer():
    """What no route names falls to the site's own error page or redirect, never to 421."""
    table = route_table(1)
    for site in sample_sites():
        route = table.find(f"{site.scheme}://{site.host}/wp-login.php?x=1")
        assert route.match is Match.BELOW
        assert route.status == 404
