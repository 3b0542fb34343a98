"""What the tests of the archive's files share: frozen ids and times, invented runs and exchanges."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from umecrawl.model.capture import Exchange, FailureKind, FetchFailure, TlsFacts
from umecrawl.model.crawl import CrawlRun, CrawlUrl, Skipped
from umecrawl.model.urls import Url
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.writer import WarcWriter

BEGIN = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
PAGE = b"<!doctype html><title>Exempel</title>" + b"<p>Ett stycke text.</p>" * 40
REQUEST = b"GET / HTTP/1.1\r\nHost: blog.example\r\n\r\n"


class Make:
    """Builds values for tests; each call takes what matters to the test and invents the rest."""

    begin = BEGIN
    page = PAGE
    request = REQUEST

    def run(self, number: int = 1, **changes) -> CrawlRun:
        """Return a run."""
        values = {
            "id": f"2026013112000{number}-abcd",
            "collection": "umea",
            "sources": ("blog",),
            "started_at": BEGIN,
            "operator": "Exempelarkivet",
            "contact": "mailto:archive@archive.example",
            "user_agent": "umecrawl/0.1 (+mailto:archive@archive.example)",
            "robots": "obey",
            "software": "umecrawl/0.1",
        }
        return CrawlRun(**(values | changes))

    def crawl_url(self, url: str = "http://blog.example/a", **changes) -> CrawlUrl:
        """Return a candidate."""
        values = {"url": Url(url), "seed": Url("http://blog.example/"), "source": "blog"}
        return CrawlUrl(**(values | changes))

    def exchange(self, url: str = "http://blog.example/a", body: bytes = PAGE, **changes) -> Exchange:
        """Return an exchange; `fields` go into its head, `day` moves it in time."""
        head = changes.pop("head", None) or self.head(len(body), *changes.pop("fields", ()))
        values = {
            "crawl_url": self.crawl_url(url),
            "started_at": BEGIN + timedelta(days=changes.pop("day", 0)),
            "elapsed_ms": 12,
            "request": REQUEST,
            "response_head": head,
            "response_body": body,
            "ip": "192.0.2.1",
        }
        return Exchange(**(values | changes))

    def head(self, length: int, *fields: bytes, status: bytes = b"200 OK") -> bytes:
        """Return the head of a response."""
        lines = [b"HTTP/1.1 " + status, b"Content-Type: text/html; charset=utf-8", *fields]
        if not any(field.lower().startswith(b"transfer-encoding") for field in fields):
            lines.append(b"Content-Length: %d" % length)
        return b"\r\n".join([*lines, b"", b""])

    def chunked(self, url: str, entity: bytes = PAGE, size: int = 17, **changes) -> Exchange:
        """Return an exchange whose entity came in chunks."""
        parts = [entity[i : i + size] for i in range(0, len(entity), size)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        return self.exchange(url, body, fields=(b"Transfer-Encoding: chunked",), **changes)

    def not_modified(self, url: str, *fields: bytes, **changes) -> Exchange:
        """Return an exchange that ended in a 304; the request was conditional, on the tag that comes back if any."""
        head = b"\r\n".join([b"HTTP/1.1 304 Not Modified", *fields, b"", b""])
        tags = [field.partition(b" ")[2] for field in fields if field.startswith(b"ETag: ")]
        asked = b"If-None-Match: " + tags[0] if tags else b"If-Modified-Since: Sat, 31 Jan 2026 12:00:00 GMT"
        changes.setdefault("request", REQUEST[:-2] + asked + b"\r\n\r\n")
        return self.exchange(url, b"", head=head, **changes)

    def failure(self, url: str = "http://gone.example/", **changes) -> FetchFailure:
        """Return a fetch that brought no response."""
        values = {
            "crawl_url": self.crawl_url(url, via=Url("http://blog.example/a"), hop_path="L"),
            "started_at": BEGIN,
            "elapsed_ms": 7,
            "kind": FailureKind.DNS,
            "detail": "no such host",
        }
        return FetchFailure(**(values | changes))

    def skipped(self, number: int = 1) -> Skipped:
        """Return a URL that was left out."""
        url = Url(f"http://elsewhere.example/{number}")
        return Skipped(url, "scope", "another host", "blog", Url("http://blog.example/a"), "L", self.run().id, BEGIN)

    def tls(self, *chain: bytes) -> TlsFacts:
        """Return the facts of a TLS connection."""
        return TlsFacts("tls/1.3", "TLS_AES_128_GCM_SHA256", chain or (b"leaf", b"issuer"))


@pytest.fixture(scope="session")
def make() -> Make:
    """Return the builder of invented values."""
    return Make()


Writing = Callable[..., AbstractContextManager[WarcWriter]]


@pytest.fixture
def writing(make: Make) -> Writing:
    """Return a context that opens store and writer on a folder, with frozen ids and clock."""
    numbers = iter(range(1, 10**9))

    @contextmanager
    def opened(root: Path, *, run: CrawlRun | None = None, dedup: bool = True, **options) -> Iterator[WarcWriter]:
        options = {
            "hostname": "crawler",
            "clock": lambda: BEGIN,
            "new_id": lambda: UUID(int=next(numbers), version=4),
            "elapsed": lambda: 0.0,
        } | options
        if not dedup:
            with WarcWriter(root, run or make.run(), payloads=None, **options) as writer:
                yield writer
            return
        with (
            PayloadStore(root) as payloads,
            WarcWriter(root, run or make.run(), payloads=payloads, **options) as writer,
        ):
            yield writer

    return opened


@pytest.fixture(scope="session")
def records_of() -> Callable[[Path], list[bytes]]:
    """Return a function that splits a WARC into the octets of its records, by the gzip module alone."""

    def split(path: Path) -> list[bytes]:
        data = gzip.decompress(path.read_bytes())
        return [b"WARC/1." + part for part in data.split(b"WARC/1.")[1:]]

    return split


def only_warc(root: Path) -> Path:
    """Return the one WARC of an archive."""
    (path,) = (root / "warc").rglob("*.warc.gz*")
    return path


@pytest.fixture(scope="session")
def the_warc() -> Callable[[Path], Path]:
    """Return a function that finds the one WARC of an archive."""
    return only_warc
