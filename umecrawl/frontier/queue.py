"""What to fetch next: candidates come in, are handed out when their host may be asked, and come back with a result.

What comes in is the business of `intake`, what goes out that of `dispatch`. Results come back here through `settle`
(now) or `recall` (from an earlier stretch of the same run), both of which lead to the same state. Nothing here fetches
or reads a clock of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from umecrawl.config import Config, Source
from umecrawl.frontier.dispatch import Dispatch
from umecrawl.frontier.hops import Hops, hops_of
from umecrawl.frontier.hosts import HostState
from umecrawl.frontier.intake import Intake
from umecrawl.frontier.judgement import Judgement
from umecrawl.frontier.limits import Limits
from umecrawl.frontier.notices import Notices
from umecrawl.frontier.politeness import HostPace, retry_wait
from umecrawl.frontier.retries import trouble_of
from umecrawl.frontier.robots import answer_of
from umecrawl.frontier.scope import Scope
from umecrawl.frontier.seeds import FailedSeed, seed_of
from umecrawl.frontier.seen import Seen
from umecrawl.frontier.skips import SkipLog
from umecrawl.frontier.visits import Visits
from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.crawl import CrawlUrl, Decision, Outlink, Skipped
from umecrawl.model.history import History, NoHistories
from umecrawl.model.message import is_redirect
from umecrawl.model.ports import Histories
from umecrawl.model.urls import Url, canonicalize


class HostFrontier:
    """The frontier of one run: candidates by host, each host asked politely, robots.txt first.

    `sources` are those of the collection that are crawled, all where none are named; `run` is the id of the run,
    `clock` gives the present in UTC, `on_skip` gets each URL that is left out, once. `max_pages` limits the pages
    of the whole run besides each source's own limit. A URL that one page leaves (a link off the site) may still be
    taken for another (an image on a page); then it was reported and is captured. In a `replay` the answers come from
    records: asking again brings nothing new, and no host needs patience. `histories` tell what earlier runs saw
    and `began` when the run began, which is the present of its plan; where it is `full`, everything is due.
    """

    def __init__(
        self,
        config: Config,
        sources: Sequence[Source],
        *,
        run: str,
        clock: Callable[[], datetime],
        on_skip: Callable[[Skipped], None],
        max_pages: int | None = None,
        replay: bool = False,
        histories: Histories | None = None,
        full: bool = False,
        began: datetime | None = None,
    ) -> None:
        chosen = tuple(sources) or config.sources
        self._replay = replay
        self._sources = {source.name: source for source in chosen}
        self._scopes = {source.name: Scope(source) for source in chosen}
        self._limits = Limits(chosen, max_pages)
        self._skips = SkipLog(run, clock, on_skip)
        self._failed_seeds: dict[Url, FailedSeed] = {}
        self.notices = Notices()
        seen = Seen()
        self._visits = Visits(self._sources, histories or NoHistories(), began or clock(), full=full)
        self._judgement = Judgement(
            self._sources,
            self._scopes,
            self._limits,
            self.notices,
            knows=lambda key: seen.has(key) or self._visits.rests(key),
            clock=clock,
        )
        self._dispatch = Dispatch(
            self._sources,
            self._limits,
            self._judgement.refuse,
            self._drop,
            notices=self.notices,
            zone=ZoneInfo(config.collection.timezone),
        )
        self._intake = Intake(
            self._sources,
            self._scopes,
            self._judgement,
            self._dispatch,
            self._skips,
            seen=seen,
            visits=self._visits,
            clock=clock,
        )

    # What is there

    @property
    def queued(self) -> int:
        """How many candidates wait."""
        return self._dispatch.queued

    @property
    def in_flight(self) -> int:
        """How many candidates are handed out and not settled, robots.txt among them."""
        return self._dispatch.in_flight

    @property
    def limited(self) -> str:
        """Which limits on pages, octets or time left something out; empty where none did."""
        return self._judgement.limited

    @property
    def failed_seeds(self) -> tuple[FailedSeed, ...]:
        """The seeds that could not be captured."""
        return tuple(self._failed_seeds.values())

    @property
    def not_due(self) -> int:
        """How many URLs that earlier runs captured are left alone until their plan says so."""
        return len(self._visits)

    def rests(self, url: Url) -> bool:
        """Return whether a URL is left alone because it is not due."""
        return self._visits.rests(canonicalize(url))

    def is_hinted(self, url: Url) -> bool:
        """Return whether a URL is asked for because something says that it has changed."""
        return self._visits.is_hinted(canonicalize(url))

    def delay(self, candidate: CrawlUrl) -> timedelta:
        """Return the time from one request to the next for the host of a candidate."""
        return self._dispatch.delay(candidate)

    def hosts(self) -> tuple[HostState, ...]:
        """Return the hosts met so far, in the order in which they were met."""
        return self._dispatch.hosts()

    def contains(self, source: str, url: Url) -> bool:
        """Return whether a URL lies on the own ground of a source of this run."""
        scope = self._scopes.get(source)
        return scope is not None and scope.contains(url)

    # In

    def seed_all(self) -> None:
        """Offer every seed of every source."""
        for source in self._sources.values():
            for seed in source.seeds:
                self.offer(CrawlUrl(url=seed, seed=seed, source=source.name))

    def offer(self, candidate: CrawlUrl) -> Decision:
        """Decide on a candidate and queue it when it is taken, new and due.

        The rule `seen` says that this run has it, `not-due` that an earlier run has it and its plan says later;
        neither is reported.
        """
        return self._intake.offer(candidate)

    def offer_known(self, candidate: CrawlUrl, history: History) -> Decision:
        """Decide on a URL that an earlier run captured, as `offer` does; nothing is reported of what is left."""
        return self._intake.offer_known(candidate, history)

    def lead(self, url: Url, at: datetime) -> bool:
        """Ask for a URL that earlier runs captured although its plan says later; return whether it will be.

        `at` is when it was noticed that it has changed. What this run has is not asked for again.
        """
        return self._intake.lead(url, at)

    def remember(self, candidate: CrawlUrl, outlinks: Sequence[Outlink]) -> None:
        """Offer the links of a page that an earlier run captured; nothing is reported of what is left."""
        self._intake.remember(candidate, outlinks)

    # Out

    def next(self, now: datetime) -> CrawlUrl | None:
        """Return a candidate whose host may be asked now, or nothing; the longest-waiting host comes first."""
        self._skips.report()
        return self._dispatch.next(now)

    def wait(self, now: datetime) -> timedelta | None:
        """Return how long until something may be handed out; nothing when that hangs on what is in flight."""
        return self._dispatch.wait(now)

    def _drop(self, candidate: CrawlUrl, decision: Decision) -> None:
        self._skips.leave(candidate, decision)
        if hops_of(candidate.hop_path).is_seed:
            self._seed_failed(candidate, f"{decision.rule}: {decision.reason}")

    # Back

    def settle(
        self,
        candidate: CrawlUrl,
        result: Capture | FailedFetch,
        now: datetime,
        *,
        entity: bytes = b"",
        retry_after: str | None = None,
    ) -> None:
        """Take in what became of a candidate: its host is free again, its links and redirect are offered.

        `entity` is the decoded body where the hop path ends in P (robots.txt); `retry_after` the value of that
        header, if it was sent. What is worth another try is queued again with the next attempt's number.
        """

        def learn(pace: HostPace) -> None:
            if self._replay:  # nobody was asked
                pace.answered(now)
            else:
                pace.learn(result, now, retry_after)

        self._dispatch.release(candidate, learn)
        politeness = self._sources[candidate.source].politeness
        self._learn(candidate, result, now, entity, now + retry_wait(candidate.attempt, politeness))

    def tries_again(self, candidate: CrawlUrl, result: Capture | FailedFetch) -> bool:
        """Return whether a result that is not taken in yet is going to be followed by another try."""
        if self._replay or candidate.source not in self._sources:
            return False
        return self._dispatch.worth_retrying(candidate, trouble_of(result))

    def recall(self, event: Capture | FailedFetch | Skipped, *, entity: bytes = b"") -> None:
        """Take in what an earlier stretch of this run did: nothing of it is fetched or reported again.

        Events come in the order of writing. `entity` is the decoded body of a robots.txt. A result that was
        worth another try and got none is queued for it; one of a source that this run does not have is ignored.
        """
        if isinstance(event, Skipped):
            self._skips.recall(event)
            return
        self._skips.hold()
        source = self._sources.get(event.source)
        if source is None:
            return
        hops = hops_of(event.hop_path)
        candidate = CrawlUrl(event.url, seed_of(event, source), source.name, event.via, event.hop_path, event.attempt)
        at = event.captured_at if isinstance(event, Capture) else event.at
        if not hops.is_prerequisite:
            self._intake.recall(candidate)
            if hops.is_seed:
                self._failed_seeds.pop(candidate.seed, None)
        self._learn(candidate, event, at, entity, None)

    def abandon(self, candidate: CrawlUrl) -> None:
        """Put a candidate back that was handed out and not fetched."""
        self._dispatch.release(candidate)
        if hops_of(candidate.hop_path).is_prerequisite:
            self._dispatch.put_robots(candidate)
        else:
            self._intake.put_back(candidate, favoured=True)

    def _learn(
        self,
        candidate: CrawlUrl,
        result: Capture | FailedFetch,
        now: datetime,
        entity: bytes,
        retry_at: datetime | None,
    ) -> None:
        hops = hops_of(candidate.hop_path)
        if isinstance(result, Capture):
            self._limits.received(candidate.source, result.wire_bytes)
        again = self.tries_again(candidate, result)
        self._dispatch.note(candidate, trouble_of(result))
        if again:
            self._try_again(candidate, retry_at)
        elif hops.is_prerequisite:
            self._dispatch.answer(candidate.url, answer_of(result, entity), now)
        elif isinstance(result, FailedFetch):
            if hops.is_seed:
                self._seed_failed(candidate, f"{result.kind}: {result.detail}")
        else:
            self._learn_page(candidate, result, hops)

    def _try_again(self, candidate: CrawlUrl, at: datetime | None) -> None:
        following = replace(candidate, attempt=candidate.attempt + 1)
        if not hops_of(candidate.hop_path).is_prerequisite:
            self._intake.put_back(following, not_before=at)
        elif at is not None:  # what an earlier stretch did not get is asked anew when it is needed
            self._dispatch.put_robots(following, at)

    def _learn_page(self, candidate: CrawlUrl, capture: Capture, hops: Hops) -> None:
        if hops.is_page and not is_redirect(capture.status):
            self._judgement.captured(candidate)
        if hops.is_seed and capture.status >= 400:  # noqa: PLR2004 - HTTP
            self._seed_failed(candidate, f"answered with status {capture.status}")
        self._intake.follow(candidate, capture)
        if hops.is_page:
            self._judgement.saw(candidate, capture)

    def _seed_failed(self, candidate: CrawlUrl, reason: str) -> None:
        self._failed_seeds[candidate.seed] = FailedSeed(candidate.seed, candidate.source, reason)
