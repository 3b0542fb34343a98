"""What is done to an exchange before anybody may use it."""

from datetime import UTC, datetime

from umecrawl.model.capture import Exchange
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.pipeline import recording


def test_a_page_whose_links_cannot_be_read_is_kept_without_them(monkeypatch, caplog):
    """A hostile page costs its links, said in a warning, and never the crawl."""

    def discover(*_):
        raise RecursionError("too deep")

    monkeypatch.setattr(recording, "discover", discover)
    url = Url("https://a.example/")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    exchange = Exchange(CrawlUrl(url, url, "test"), datetime(2026, 1, 1, tzinfo=UTC), 1, b"GET", head, b"<a href=x>")
    assert () == recording._named(exchange).outlinks
    assert "the links of https://a.example/ could not be read: RecursionError: too deep" in caplog.text
