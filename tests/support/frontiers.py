"""A frontier with a clock that stands still until it is moved, and results as the archive would report them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from umecrawl.config import Config, parse
from umecrawl.frontier.queue import HostFrontier
from umecrawl.model.capture import Capture, FailedFetch, FailureKind, RecordRef, RecordType
from umecrawl.model.crawl import CrawlUrl, Hop, Outlink, Skipped
from umecrawl.model.urls import normalize

START = datetime(2024, 3, 1, 6, tzinfo=UTC)
COLLECTION = '[collection]\nname = "test"\ncontact = "mailto:archive@test.example"\n'
SOURCE = '[[source]]\nname = "blog"\nseeds = ["https://blog.example/"]\n'


def configuration(text: str = SOURCE) -> Config:
    """Return a configuration with these sources."""
    return parse(COLLECTION + text, Path("umecrawl.toml"))


def links(*urls: str, hop: Hop = Hop.LINK) -> tuple[Outlink, ...]:
    """Return outlinks of one kind."""
    return tuple(Outlink(normalize(url), hop) for url in urls)


@dataclass
class Crawl:
    """A frontier, its clock, what it left out and what it handed out."""

    config: Config
    max_pages: int | None = None
    replay: bool = False
    now: datetime = START
    skipped: list[Skipped] = field(default_factory=list)
    asked: list[CrawlUrl] = field(default_factory=list)
    events: list[tuple[Capture | FailedFetch, bytes]] = field(default_factory=list)
    written: list[tuple[Capture | FailedFetch | Skipped, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frontier = HostFrontier(
            self.config,
            self.config.sources,
            run="20240301060000-aaaa",
            clock=lambda: self.now,
            on_skip=self._skip,
            max_pages=self.max_pages,
            replay=self.replay,
        )

    def _skip(self, skipped: Skipped) -> None:
        self.skipped.append(skipped)
        self.written.append((skipped, b""))

    @property
    def idle(self) -> bool:
        """Whether all is done: nothing waits and nothing is in flight."""
        return not self.frontier.queued and not self.frontier.in_flight

    def next(self) -> CrawlUrl | None:
        """Return the next candidate, moving the clock on when one has to be waited for."""
        while True:
            candidate = self.frontier.next(self.now)
            if candidate is not None:
                self.asked.append(candidate)
                return candidate
            wait = self.frontier.wait(self.now)
            if wait is None:
                return None
            self.now += max(wait, timedelta(microseconds=1))

    def captured(self, candidate: CrawlUrl, status: int = 200, body: bytes = b"", location: str | None = None, **more):
        """Settle a candidate with a capture; `retry_after` goes to the frontier, the rest into the capture."""
        retry_after = more.pop("retry_after", None)
        values = {
            "record": RecordRef(str(len(self.events)), "a.warc.gz", 0, 1),
            "record_type": RecordType.RESPONSE,
            "url": candidate.url,
            "captured_at": self.now,
            "status": status,
            "mime": "text/html",
            "payload_digest": "sha256:00",
            "size": len(body),
            "run": "20240301060000-aaaa",
            "source": candidate.source,
            "seed": candidate.seed,
            "via": candidate.via,
            "hop_path": candidate.hop_path,
            "attempt": candidate.attempt,
            "location": normalize(location, candidate.url) if location else None,
        }
        result = Capture(**(values | more))
        self.events.append((result, body))
        self.written.append((result, body))
        self.frontier.settle(candidate, result, self.now, entity=body, retry_after=retry_after)

    def failed(self, candidate: CrawlUrl, kind: FailureKind = FailureKind.TIMEOUT) -> None:
        """Settle a candidate with a failure."""
        result = FailedFetch(
            record=RecordRef(str(len(self.events)), "a.warc.gz", 0, 1),
            url=candidate.url,
            at=self.now,
            kind=kind,
            detail="no answer",
            run="20240301060000-aaaa",
            source=candidate.source,
            via=candidate.via,
            hop_path=candidate.hop_path,
            attempt=candidate.attempt,
        )
        self.events.append((result, b""))
        self.written.append((result, b""))
        self.frontier.settle(candidate, result, self.now)

    def past_robots(self, robots: bytes = b"") -> CrawlUrl:
        """Answer the robots.txt that comes first, and return the candidate after it."""
        candidate = self.next()
        assert candidate is not None
        assert candidate.url.endswith("/robots.txt")
        self.captured(candidate, 200 if robots else 404, robots)
        following = self.next()
        assert following is not None
        return following

    def run(self, pages: dict[str, tuple[Outlink, ...]] | None = None) -> list[str]:
        """Crawl to the end, with the links given for each page and no robots.txt anywhere; return the page URLs."""
        found = []
        while (candidate := self.next()) is not None:
            if candidate.hop_path.endswith("P"):
                self.captured(candidate, 404)
            else:
                found.append(candidate.url)
                self.captured(candidate, outlinks=(pages or {}).get(candidate.url, ()))
        return found

    def left(self, rule: str) -> list[str]:
        """Return the URLs that a rule left."""
        return [skipped.url for skipped in self.skipped if skipped.rule == rule]
