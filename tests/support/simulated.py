"""Runs of a whole session against a site made of functions, under a clock that is set: weeks pass in a second.

Everything is real but Scrapy, the network and the clock: frontier, plan, WARC files, look-ups. The site gets what would
go over the wire and gives what would come back.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from umecrawl.config import load
from umecrawl.model.capture import Exchange, FailureKind, FetchFailure
from umecrawl.model.crawl import CrawlUrl, Hop, RunOutcome
from umecrawl.model.urls import Url
from umecrawl.pipeline.runs import CrawlOptions
from umecrawl.pipeline.session import CrawlSession

HOME = "https://blog.example/"
BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
_CONFIGURATION = f"""
[collection]
name = "test"
contact = "mailto:archive@archive.example"

[politeness]
delay = "0s"
max_delay = "0s"

[[source]]
name = "blog"
seeds = ["{HOME}"]
"""


@dataclass
class Page:
    """A page of the site: its text and where it links to; `status` may say that it is gone or broken."""

    text: str
    links: tuple[str, ...] = ()
    status: int = 200
    etag: bool = True
    location: str = ""


@dataclass
class Site:
    """The pages by URL; `tags` makes the entity tag, `confirms` decides on a conditional request."""

    pages: dict[str, Page] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)
    tags: Callable[[bytes], str] = lambda body: f'"{sha256(body).hexdigest()[:12]}"'
    confirms: Callable[[str, str], bool] = lambda sent, tag: sent == tag

    def answer(self, candidate: CrawlUrl, request: bytes, at: datetime) -> Exchange | FetchFailure:
        """Return what the network would bring."""
        if candidate.url in self.unreachable:
            return FetchFailure(candidate, at, 1, FailureKind.TIMEOUT, "no answer", request=request)
        page = self.pages.get(candidate.url, Page("saknas", status=404))
        links = "".join(f'<a href="{link}">{link}</a>' for link in page.links)
        body = f"<html><body><p>{page.text}</p>{links}</body></html>".encode() * (1 if page.status != 200 else 20)
        head = [f"HTTP/1.1 {page.status} Svar", f"Date: {format_datetime(at, usegmt=True)}"]
        if page.location:
            head.append(f"Location: {page.location}")
        if page.etag and page.status == 200:
            tag = self.tags(body)
            sent = re.search(rb"If-None-Match: (.+?)\r\n", request)
            if sent and self.confirms(sent[1].decode(), tag):
                lines = ["HTTP/1.1 304 Not Modified", f"ETag: {tag}", "", ""]
                return Exchange(candidate, at, 1, request, "\r\n".join(lines).encode(), b"")
            head.append(f"ETag: {tag}")
        head += ["Content-Type: text/html", f"Content-Length: {len(body)}", "", ""]
        return Exchange(candidate, at, 1, request, "\r\n".join(head).encode(), body)


@dataclass(frozen=True)
class Ran:
    """What one run asked for, in order, with the status of each answer (0: none), and what it left as not due.

    The site has neither feed nor sitemap nor API; where they were looked for is left out.
    """

    asked: tuple[tuple[str, int], ...]
    not_due: int
    run: str

    @property
    def urls(self) -> list[str]:
        """The URLs asked for, without robots.txt, sorted."""
        return sorted(url for url, _ in self.asked if not url.endswith("/robots.txt"))

    def of(self, status: int) -> list[str]:
        """Return the URLs that answered so."""
        return sorted(url for url, one in self.asked if one == status)


@dataclass
class Archive:
    """An archive and the site it is made from."""

    root: Path
    site: Site
    configuration: str = ""
    runs: int = 0

    def __post_init__(self) -> None:
        (self.root / "umecrawl.toml").write_text(_CONFIGURATION + self.configuration, encoding="utf-8")

    def crawl(
        self,
        at: datetime,
        *,
        stop_after: int | None = None,
        resume: str | None = None,
        leads: Iterable[str] = (),
        **options: bool,
    ) -> Ran:
        """Crawl at that time; after `stop_after` requests the run is interrupted. Leads come when all else is done."""
        clock = _Clock(at)
        self.runs += 1
        chosen = CrawlOptions(index=False, resume=resume, **options)
        settings = load(self.root / "umecrawl.toml")
        asked: list[tuple[str, int]] = []
        waiting = list(leads)
        with CrawlSession(self.root, settings, chosen, clock=clock, new_suffix=lambda: f"{self.runs:04}") as session:
            while stop_after is None or len(asked) < stop_after:
                candidate = session.next(clock.now)
                if candidate is not None:
                    status = self._fetch(session, candidate, clock.now)
                    if not candidate.hop_path.endswith(Hop.SPECULATIVE):
                        asked.append((candidate.url, status))
                    continue
                pause = session.wait(clock.now)
                if pause is not None:
                    clock.now += timedelta(seconds=max(pause, 0.001))
                elif not asyncio.run(session.more()):
                    taken = [url for url in waiting if session.frontier.lead(Url(url), clock.now)]
                    waiting = []
                    if not taken:
                        break
            session.end(RunOutcome.INTERRUPTED if stop_after is not None else RunOutcome.FINISHED)
            return Ran(tuple(asked), session.frontier.not_due, session.run.id)

    def _fetch(self, session: CrawlSession, candidate: CrawlUrl, now: datetime) -> int:
        lines = [f"GET {candidate.url} HTTP/1.1", "Host: blog.example"]
        lines += [f"{name}: {value}" for name, value in session.conditions(candidate).items()]
        fetched = self.site.answer(candidate, "\r\n".join([*lines, "", ""]).encode(), now)
        result = session.sink.append(fetched)
        body = fetched.payload if isinstance(fetched, Exchange) else b""
        session.settle(candidate, result, now, body, None)
        return getattr(result, "status", 0)


@dataclass
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now
