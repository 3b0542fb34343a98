"""Which of the URLs that earlier runs captured this run leaves alone because they are not due."""

from collections.abc import Mapping
from datetime import datetime

from umecrawl.config import Source
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.manifests import is_manifest
from umecrawl.frontier.revisit import Due, Role, Why, due_at, host_due_at
from umecrawl.frontier.robots import robots_url
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.history import History
from umecrawl.model.ports import Histories
from umecrawl.model.urls import Url

_NEW = Due(datetime.fromisoformat("0001-01-01T00:00:00+00:00"), Why.NEVER_SEEN)


class Visits:
    """Asks the plan about URLs as they stood at `now`, the beginning of the run, and knows which of them rest.

    In a `full` run all are due. A URL is either queued or rests, so a million known URLs take no more memory than a
    million that wait.
    """

    def __init__(
        self, sources: Mapping[str, Source], histories: Histories, now: datetime, *, full: bool = False
    ) -> None:
        self._sources = sources
        self._histories = histories
        self._now = now
        self._full = full
        self._resting: set[Url] = set()
        self._hinted: set[Url] = set()
        self._hosts: dict[Url, History | None] = {}

    def __len__(self) -> int:
        """Return how many URLs rest."""
        return len(self._resting)

    def rests(self, key: Url) -> bool:
        """Return whether a canonical URL was met and found not to be due."""
        return key in self._resting

    def is_hinted(self, key: Url) -> bool:
        """Return whether a canonical URL is due because something says that it has changed."""
        return key in self._hinted

    def page(self, key: Url) -> CrawlUrl | None:
        """Return the way a canonical URL was first found by an earlier run."""
        return self._histories.page(key)

    def plan(self, candidate: CrawlUrl, key: Url, *, inside: bool, history: History | None = None) -> Due:
        """Return when a candidate is due; its history is looked up unless it is at hand.

        `inside` says whether it lies within the scope of its source.
        """
        if self._full:
            return _NEW
        history = history or self._histories.of(key)
        role = role_of(candidate, inside=inside)
        revisit = self._sources[candidate.source].revisit
        if history is not None:
            return due_at(history, key, role, revisit, hint=candidate.modified)
        place = robots_url(candidate.url) if role is Role.REQUISITE and not inside else None
        robots = self._robots_of(place) if place is not None else None
        return host_due_at(robots, revisit) if robots is not None else _NEW

    def _robots_of(self, place: Url) -> History | None:
        if place not in self._hosts:
            self._hosts[place] = self._histories.of(place)
        return self._hosts[place]

    def admit(self, key: Url, due: Due) -> bool:
        """Note whether a URL is due now, or rests."""
        if due.at > self._now:
            self._resting.add(key)
            return False
        self._resting.discard(key)
        if due.why is Why.HINT:
            self._hinted.add(key)
        return True


def role_of(candidate: CrawlUrl, *, inside: bool) -> Role:
    """Return what a candidate is to the crawl; `inside` says whether it lies within the scope of its source."""
    hops = hops_of(candidate.hop_path)
    if hops.is_requisite:
        return Role.REQUISITE
    if hops.is_seed or hops.is_manifest or (inside and is_manifest(candidate.url)):
        return Role.SOURCE
    return Role.PAGE
