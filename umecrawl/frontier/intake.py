"""What comes in: each candidate is judged once, set against the plan, and queued; so is what captures lead to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from umecrawl.config import Source
from umecrawl.frontier.dispatch import Dispatch
from umecrawl.frontier.following import Following
from umecrawl.frontier.judgement import Judgement, is_favoured
from umecrawl.frontier.ranks import rank_of
from umecrawl.frontier.scope import Scope
from umecrawl.frontier.seen import Seen
from umecrawl.frontier.skips import SkipLog
from umecrawl.frontier.visits import Visits
from umecrawl.model.capture import Capture
from umecrawl.model.crawl import CrawlUrl, Decision, Outlink, Verdict
from umecrawl.model.history import History
from umecrawl.model.message import is_redirect
from umecrawl.model.urls import Url, canonicalize

_SEEN = Decision(Verdict.LEAVE, "seen", "this run has it already")
_NOT_DUE = Decision(Verdict.LEAVE, "not-due", "an earlier run has it, and its plan says later")


class Intake:
    """Takes candidates into the queue of `dispatch`, or leaves them and has `skips` report it.

    `seen` and `visits` know what was taken and what rests; `clock` gives the present in UTC.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        scopes: Mapping[str, Scope],
        judgement: Judgement,
        dispatch: Dispatch,
        skips: SkipLog,
        *,
        seen: Seen,
        visits: Visits,
        clock: Callable[[], datetime],
    ) -> None:
        self._scopes = scopes
        self._judgement = judgement
        self._dispatch = dispatch
        self._skips = skips
        self._seen = seen
        self._visits = visits
        self._clock = clock
        self._following = Following(sources, scopes, seen, self._follow)
        self._quiet = False

    def offer(self, candidate: CrawlUrl, history: History | None = None) -> Decision:
        """Decide on a candidate and queue it when it is taken, new and due; its history is looked up unless given."""
        url = candidate.url
        if url in self._seen:
            return _SEEN
        key = _key_of(url)
        if self._seen.has(key):
            self._seen.add(url, key)
            return _SEEN
        rested = self._visits.rests(key)
        if rested and candidate.modified is None:
            return _NOT_DUE
        decision = self._judgement.decide(candidate)
        if not decision.taken:
            if not self._quiet:
                self._skips.leave(candidate, self._dispatch.forbidden(candidate, self._clock()) or decision)
            return decision
        inside = self._scopes[candidate.source].contains(url)
        due = self._visits.plan(candidate, key, inside=inside, history=history)
        if not rested:
            self._judgement.met(candidate, key)
        if not self._visits.admit(key, due):
            return _NOT_DUE
        self._seen.add(url, key)
        rank = rank_of(candidate, inside=inside, due=due)
        self._dispatch.put(candidate, key, rank, favoured=is_favoured(decision))
        return decision

    def offer_known(self, candidate: CrawlUrl, history: History) -> Decision:
        """Decide on a URL that an earlier run captured, as `offer` does; nothing is reported of what is left."""
        with self._quietly():
            return self.offer(candidate, history)

    def lead(self, url: Url, at: datetime) -> bool:
        """Ask for a URL that has changed, as was noticed `at`, although its plan says later; return whether it will be.

        What this run has is not asked for again.
        """
        page = self._visits.page(canonicalize(url))
        return page is not None and self.offer(replace(page, modified=at)).taken

    def follow(self, candidate: CrawlUrl, capture: Capture) -> None:
        """Offer where a capture leads: the target of its redirect, and its links."""
        if is_redirect(capture.status) and capture.location is not None:
            self._following.redirect(candidate, capture.location)
        self._following.links(candidate, capture.outlinks)

    def remember(self, candidate: CrawlUrl, outlinks: Sequence[Outlink]) -> None:
        """Offer the links of a page that an earlier run captured; nothing is reported of what is left."""
        with self._quietly():
            self._following.links(candidate, outlinks)

    def recall(self, candidate: CrawlUrl) -> None:
        """Take in that a candidate was handed out by an earlier stretch of this run."""
        key = _key_of(candidate.url)
        if not self._seen.has(key):
            self._seen.add(candidate.url, key)
            self._judgement.met(candidate, key)
        self._dispatch.withdraw(candidate, key)

    def put_back(self, candidate: CrawlUrl, *, favoured: bool = False, not_before: datetime | None = None) -> None:
        """Queue a candidate again that was handed out."""
        rank = rank_of(candidate, inside=self._scopes[candidate.source].contains(candidate.url))
        self._dispatch.put(candidate, _key_of(candidate.url), rank, favoured=favoured, not_before=not_before)

    def _follow(self, candidate: CrawlUrl) -> Decision:
        """Decide on what a page leads to, as `offer` does, unless too many of its kind wait that led to each other."""
        known = candidate.url in self._seen or self._visits.rests(canonicalize(candidate.url))
        crowded = None if known else self._judgement.crowded(candidate)
        if crowded is not None and not self._seen.has(_key_of(candidate.url)):
            if not self._quiet:
                self._skips.leave(candidate, crowded)
            return crowded
        decision = self.offer(candidate)
        if decision.taken:
            self._judgement.took(candidate)
        return decision

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False


def _key_of(url: Url) -> Url:
    # One string for both where they are equal: with a million URLs that is 100 MB.
    key = canonicalize(url)
    return url if key == url else key
