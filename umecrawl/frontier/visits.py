"""Which of the URLs that earlier runs captured this run leaves alone because they are not due."""

from collections.abc import Mapping
from datetime import datetime

from umecrawl.config import Source
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.manifests import is_manifest
from umecrawl.frontier.revisit import Due, Role, Why, due_at
from umecrawl.model.crawl import CrawlUrl, Hop
from umecrawl.model.history import Histories, History
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

    def plan(self, candidate: CrawlUrl, key: Url, history: History | None = None) -> Due:
        """Return when a candidate is due; its history is looked up unless it is at hand."""
        if self._full:
            return _NEW
        history = history or self._histories.of(key)
        if history is None:
            return _NEW
        revisit = self._sources[candidate.source].revisit
        return due_at(history, key, role_of(candidate), revisit, hint=candidate.modified)

    def admit(self, key: Url, due: Due) -> bool:
        """Note whether a URL is due now, or rests."""
        if due.at > self._now:
            self._resting.add(key)
            return False
        self._resting.discard(key)
        if due.why is Why.HINT:
            self._hinted.add(key)
        return True


def role_of(candidate: CrawlUrl) -> Role:
    """Return what a candidate is to the crawl."""
    hops = hops_of(candidate.hop_path)
    if hops.is_requisite:
        return Role.REQUISITE
    if hops.is_seed or hops.last == Hop.SPECULATIVE or is_manifest(candidate.url):
        return Role.SOURCE
    return Role.PAGE
