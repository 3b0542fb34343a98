"""What earlier runs saw of one URL: the facts from which the next visit is planned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from umecrawl.model.capture import RecordRef
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.urls import Url


class State(StrEnum):
    """What the last answer of a URL was, as far as a visit is concerned."""

    THERE = "there"  # 200, or a 304 that confirms one
    GONE = "gone"  # 404 or 410
    ELSEWHERE = "elsewhere"  # a redirect
    REFUSED = "refused"  # another error of the asker: 401, 403, 451 …
    FAILING = "failing"  # an error of the server, too many requests, a body cut short, a 304 that confirms nothing


@dataclass(frozen=True, slots=True)
class History:
    """The answers that earlier runs got of one URL.

    `since` is when the answer became what it was last: the first capture of that payload, the first 404 in a row.
    `checks` holds the times of the latest answers in order, a few at most. `compared` counts answers that can be
    set against one before, `changed` those of them that brought another payload. `was_there` says whether the URL was
    ever captured whole, and `gone_days` on how many days (UTC) in a row it has been missing since. `from_start` says
    that it was found in the first run of its source, so that it may be much older than `first_seen`. `whole` is where
    the latest whole answer lies and `whole_at` when it came; `confirmed` counts the 304s since.
    """

    first_seen: datetime
    since: datetime
    checks: tuple[datetime, ...]
    state: State
    was_there: bool
    from_start: bool = False
    compared: int = 0
    changed: int = 0
    gone_days: int = 0
    whole: RecordRef | None = None
    whole_at: datetime | None = None
    confirmed: int = 0

    @property
    def last_checked(self) -> datetime:
        """When the last answer came."""
        return self.checks[-1]


@dataclass(frozen=True, slots=True)
class Lead:
    """A URL that is to be asked for although its plan says later, with when and how it was noticed."""

    url: Url
    at: datetime
    why: str


class NoHistories:
    """The histories of an archive without earlier runs, or of a run that does not ask for them."""

    def of(self, _key: Url) -> History | None:
        """Return nothing."""
        return None

    def known(self) -> Iterator[tuple[CrawlUrl, History]]:
        """Yield nothing."""
        return iter(())

    def page(self, _key: Url) -> CrawlUrl | None:
        """Return nothing."""
        return None
