"""The bytes of a request, the URL it is recorded under, and the candidate it stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import NotSupported

from umecrawl.fetch.connection import Origin
from umecrawl.fetch.request import address_of, crawl_url_of, request_bytes
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.urls import Url


def written(request):
    """Return the bytes of a request."""
    return request_bytes(request, address_of(request.url))


@pytest.mark.parametrize(
    ("url", "host", "target", "fetched"),
    [
        ("http://a.example", "a.example", "/", "http://a.example/"),
        ("http://a.example?q=1", "a.example", "/?q=1", "http://a.example/?q=1"),
        ("http://a.example#top", "a.example", "/", "http://a.example/"),
        ("http://a.example/x?", "a.example", "/x?", "http://a.example/x?"),
        ("http://a.example/x?a=1&b=2#c?d", "a.example", "/x?a=1&b=2", "http://a.example/x?a=1&b=2"),
        ("http://a.example/%41%zz/../b;c=d", "a.example", "/%41%zz/../b;c=d", "http://a.example/%41%zz/../b;c=d"),
        ("https://A.Example:443/x", "a.example", "/x", "https://a.example/x"),
        ("https://a.example:8443/x", "a.example:8443", "/x", "https://a.example:8443/x"),
        ("http://a.example:/x", "a.example", "/x", "http://a.example/x"),
        ("http://user:pass@a.example/x", "a.example", "/x", "http://a.example/x"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080", "/", "http://[2001:db8::1]:8080/"),
        ("http://umeå.example/å b", "xn--ume-wla.example", "/%C3%A5%20b", "http://xn--ume-wla.example/%C3%A5%20b"),
        ("http://a.example/x\r\nX: y", "a.example", "/x%0D%0AX:%20y", "http://a.example/x%0D%0AX:%20y"),
    ],
)
def test_a_url_is_split_without_being_rewritten(url, host, target, fetched):
    """Target and recorded URL agree; only what no request line can carry is encoded."""
    address = address_of(url)
    assert (address.host, address.target, address.url) == (host, target, fetched)


def test_an_origin_is_bare():
    """Brackets, case and default ports are no part of an origin."""
    assert address_of("https://[2001:DB8::1]/").origin == Origin("https", "2001:db8::1", 443)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/x",
        "ftp://a.example/",
        "http:///x",
        "http://a.example:0/",
        "http://a.example:70000/",
        "http://a:b:c/",
        "http://å..example/",
    ],
)
def test_what_is_no_http_url_is_not_supported(url):
    """The refusal shows the URL."""
    with pytest.raises(NotSupported, match="URL"):
        address_of(url)


@given(st.text(max_size=30))
def test_a_request_line_is_one_line(tail):
    """No URL can break out of the request line."""
    line = written(Request("http://a.example/", meta={"verbatim_url": True}).replace(url="http://a.example/" + tail))
    assert line.count(b"\r\n") == 3
    assert line.split(b"\r\n")[0].count(b" ") == 2


def test_host_comes_first_and_fields_keep_their_order():
    """The fields of Scrapy follow in their order, repeated ones on lines of their own."""
    request = Request("http://a.example/x", headers=[("B", "1"), ("A", "2"), ("B", "3")])
    assert written(request) == b"GET /x HTTP/1.1\r\nHost: a.example\r\nB: 1\r\nB: 3\r\nA: 2\r\n\r\n"


def test_a_host_field_of_the_caller_is_used():
    """Who sets Host gets it, still in the first place and once."""
    request = Request("http://a.example/x", headers={"X": "1", "Host": "b.example"})
    assert written(request) == b"GET /x HTTP/1.1\r\nHost: b.example\r\nX: 1\r\n\r\n"


def test_a_body_is_sent_with_its_length():
    """Length and body are those of the request, whatever the caller's fields say."""
    request = Request("http://a.example/x", method="POST", body=b"a=1", headers={"Content-Length": "99"})
    assert written(request) == b"POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\na=1"


def test_an_empty_post_says_so():
    """A method that expects a body gets a length of none."""
    assert b"\r\nContent-Length: 0\r\n" in written(Request("http://a.example/x", method="POST"))


def test_a_field_cannot_start_another():
    """Line breaks in names and values become spaces; what is meant for a proxy is not sent."""
    request = Request("http://a.example/x", headers={"X": "a\r\nY: b", "Proxy-Authorization": "secret"})
    assert written(request) == b"GET /x HTTP/1.1\r\nHost: a.example\r\nX: a Y: b\r\n\r\n"


def candidate(url="http://a.example/x", **more):
    """Return a candidate found on a page."""
    return CrawlUrl(Url(url), Url("http://a.example/"), "a", Url("http://a.example/"), "L", **more)


def test_the_candidate_of_the_caller_is_kept():
    """What the frontier knows of a URL goes into the record."""
    given = candidate()
    request = Request("http://a.example/x", meta={"crawl_url": given})
    assert crawl_url_of(request, Url("http://a.example/x"), "spider") is given


def test_a_retry_counts():
    """Scrapy's retries are attempts of their own."""
    request = Request("http://a.example/x", meta={"crawl_url": candidate(), "retry_times": 2})
    assert crawl_url_of(request, Url("http://a.example/x"), "spider") == candidate(attempt=3)


def test_a_record_never_names_a_url_that_was_not_fetched():
    """Behind Scrapy's redirect middleware the candidate of the first request becomes one of the target."""
    meta = {"crawl_url": candidate(), "redirect_urls": ["http://a.example/x", "http://a.example/y#z"]}
    found = crawl_url_of(Request("http://a.example/z", meta=meta), Url("http://a.example/z"), "spider")
    assert found == CrawlUrl(Url("http://a.example/z"), Url("http://a.example/"), "a", Url("http://a.example/y"), "LRR")
    other = crawl_url_of(Request("http://a.example/b", meta={"crawl_url": candidate()}), Url("http://a.example/b"), "")
    assert (other.url, other.hop_path) == ("http://a.example/b", "L")


def test_a_candidate_is_made_where_none_is_given():
    """In other people's projects depth, referer and redirects tell the way; the seed is known at depth 0 alone."""
    request = Request("http://a.example/x", headers={"Referer": "http://a.example/"}, meta={"depth": 2})
    assert crawl_url_of(request, Url("http://a.example/x"), "spider") == CrawlUrl(
        Url("http://a.example/x"), Url(""), "spider", Url("http://a.example/"), "LL"
    )
    redirected = Request("http://a.example/x", meta={"redirect_urls": ["http://a.example/old"]})
    assert crawl_url_of(redirected, Url("http://a.example/x"), "").via == "http://a.example/old"
    assert crawl_url_of(redirected, Url("http://a.example/x"), "").hop_path == "R"
    assert crawl_url_of(redirected, Url("http://a.example/x"), "").seed == "http://a.example/old"
    robots = Request("http://a.example/robots.txt")
    assert crawl_url_of(robots, Url("http://a.example/robots.txt"), "").hop_path == "P"
