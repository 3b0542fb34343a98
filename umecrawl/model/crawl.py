"""What a crawl is made of: sources and seeds, candidates on their way, decisions about them, and runs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from umecrawl.model.urls import Url


class Hop(StrEnum):
    """One letter of a hop path, as Heritrix writes them."""

    LINK = "L"
    EMBED = "E"
    REDIRECT = "R"
    PREREQUISITE = "P"  # robots.txt
    INFERRED = "I"
    SPECULATIVE = "X"  # a place that may name pages: a feed, a sitemap, an API, or a further part of one
    MANIFEST = "M"  # a page that such a place names


class Verdict(StrEnum):
    """Whether a candidate is fetched."""

    TAKE = "take"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one candidate, with the name of the rule that had the last word and why."""

    verdict: Verdict
    rule: str
    reason: str

    @property
    def taken(self) -> bool:
        """Whether the candidate is fetched."""
        return self.verdict is Verdict.TAKE


@dataclass(frozen=True, slots=True)
class CrawlUrl:
    """A candidate on its way through a run.

    `hop_path` holds one `Hop` letter for each step from the seed and is empty for a seed; `seed` is empty where
    nobody knows which one led here (in Scrapy projects of others);
    `via` is the URL on which the candidate was found; `source` names the source of the collection;
    `attempt` counts from 1, each retry being an exchange of its own; `modified` is when a feed, sitemap or API says
    that the page was last changed, a hint and no more.
    """

    url: Url
    seed: Url
    source: str
    via: Url | None = None
    hop_path: str = ""
    attempt: int = 1
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outlink:
    """A link found on a page, resolved and normalized, with the hop that following it would be.

    `modified` is when the page that names it (a feed, a sitemap, an API's answer) says that it was last changed.
    """

    url: Url
    hop: Hop
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A URL that was left out, with the rule that left it out."""

    url: Url
    rule: str
    reason: str
    source: str
    via: Url | None
    hop_path: str
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CrawlRun:
    """One execution of a crawl with its frozen settings; written into the `warcinfo` of every file of the run.

    `id` is the start time in 14 digits (UTC) plus a short random suffix; `settings` are name-value pairs from
    which the run can be taken up again, a name standing as often as it has values; `robots` is `obey` or `ignore`.
    """

    id: str
    collection: str
    sources: tuple[str, ...]
    started_at: datetime
    operator: str
    contact: str
    user_agent: str
    robots: str
    software: str
    title: str = ""
    settings: tuple[tuple[str, str], ...] = ()


class RunOutcome(StrEnum):
    """How a run ended; a run without an end record was `killed`."""

    FINISHED = "finished"
    SEED_FAILED = "seed-failed"
    LIMIT = "limit"
    INTERRUPTED = "interrupted"
    NO_SPACE = "no-space"
    FAILED = "failed"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The end of a run, or of one stretch of a run that is resumed later.

    `not_due` counts the URLs that earlier runs captured and this one left alone until their plan says so.
    `failed_sources` names the sources of which a seed could not be captured.
    """

    run: str
    ended_at: datetime
    outcome: RunOutcome
    detail: str = ""
    not_due: int = 0
    failed_sources: tuple[str, ...] = ()


def run_id(started_at: datetime, suffix: str) -> str:
    """Return the id of a run: its start in 14 digits (UTC) and a suffix, so that ids sort by time."""
    return f"{started_at:%Y%m%d%H%M%S}-{suffix}"
