"""What to fetch next: every candidate is judged once, waits for its host, and is handed out when the host may be asked.

Nothing here fetches or reads a clock of its own. What has been captured comes back through `settle` (now) or
`recall` (from an earlier stretch of the same run), both of which lead to the same state.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from umecrawl.config import Config, Robots, Source
from umecrawl.frontier.address import address_of
from umecrawl.frontier.hops import Hops, hops_of
from umecrawl.frontier.hosts import Host, HostPool, HostState
from umecrawl.frontier.lanes import Entry, Lane, Rank
from umecrawl.frontier.limits import PageLimits
from umecrawl.frontier.listings import Budget, ListingKind, listing_kind, same_list
from umecrawl.frontier.politeness import UNREACHABLE_AFTER, parse_retry_after, retry_wait
from umecrawl.frontier.retries import THROTTLING, worth_retrying
from umecrawl.frontier.robots import RobotsMemory, RobotsRules, refuse_all, rules_of
from umecrawl.frontier.scope import Scope
from umecrawl.frontier.skips import SkipLog
from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.crawl import CrawlUrl, Decision, Hop, Outlink, Skipped, Verdict
from umecrawl.model.urls import Url, canonicalize, host_of, in_domain

_SEEN = Decision(Verdict.LEAVE, "seen", "this run has it already")
# Decisions about links that were left are kept for their next appearance; this many, then anew.
_MAX_KEPT_DECISIONS = 200_000


@dataclass(frozen=True, slots=True)
class FailedSeed:
    """A seed that could not be captured, and why."""

    url: Url
    source: str
    reason: str


class HostFrontier:
    """The frontier of one run: candidates by host, each host asked politely, robots.txt first.

    `sources` are those of the collection that are crawled, all where none are named; `run` is the id of the run,
    `clock` gives the present in UTC, `on_skip` gets each URL that is left out, once. `max_pages` limits the pages
    of the whole run besides each source's own limit. A URL that one page leaves (a link off the site) may still be
    taken for another (an image on a page); then it was reported and is captured.
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
    ) -> None:
        chosen = tuple(sources) or config.sources
        self._sources = {source.name: source for source in chosen}
        self._scopes = {source.name: Scope(source) for source in chosen}
        self._skips = SkipLog(run, clock, on_skip)
        self._limits = PageLimits(chosen, max_pages)
        self._budget = Budget()
        self._robots = RobotsMemory()
        self._hosts = HostPool()
        self._orders = itertools.count(1)
        self._seen: set[Url] = set()  # canonical
        self._seen_as_written: set[Url] = set()
        self._lists: dict[Url, Url] = {}
        self._left: dict[tuple[str, bool, int, Hop, Url], None] = {}
        self._waiting: dict[Url, int] = {}  # canonical URL: order of its valid entry
        self._in_flight: dict[CrawlUrl, Host] = {}
        self._asking: set[Url] = set()  # robots.txt that is queued or under way
        self._parked: dict[Url, list[Entry]] = {}  # by the robots.txt waited for
        self._held: list[Entry] = []  # pages that wait until a limit is known to be reached or not
        self._failed_seeds: dict[Url, FailedSeed] = {}
        self._limited = False

    # What is there

    @property
    def queued(self) -> int:
        """How many candidates wait."""
        return len(self._waiting)

    @property
    def in_flight(self) -> int:
        """How many candidates are handed out and not settled, robots.txt among them."""
        return len(self._in_flight)

    @property
    def idle(self) -> bool:
        """Whether all is done: nothing waits and nothing is in flight."""
        return not self._waiting and not self._in_flight

    @property
    def limited(self) -> bool:
        """Whether a limit on pages left something out."""
        return self._limited

    @property
    def failed_seeds(self) -> tuple[FailedSeed, ...]:
        """The seeds that could not be captured."""
        return tuple(self._failed_seeds.values())

    def hosts(self) -> tuple[HostState, ...]:
        """Return the hosts met so far, in the order in which they were met."""
        return self._hosts.states()

    # In

    def seed_all(self) -> None:
        """Offer every seed of every source."""
        for source in self._sources.values():
            for seed in source.seeds:
                self.offer(CrawlUrl(url=seed, seed=seed, source=source.name))

    def offer(self, candidate: CrawlUrl) -> Decision:
        """Decide on a candidate and queue it when it is taken and new; the rule `seen` says that it is not new."""
        url = candidate.url
        if url in self._seen_as_written:
            return _SEEN
        key = canonicalize(url)
        if key in self._seen:
            self._seen_as_written.add(url)
            return _SEEN
        decision = self._judge(candidate)
        if decision.taken:
            self._see(candidate, key)
            self._enqueue(candidate, key, favoured=decision.rule == "include")
        else:
            self._skips.leave(candidate, decision)
        return decision

    def _judge(self, candidate: CrawlUrl) -> Decision:
        scope = self._scopes.get(candidate.source)
        if scope is None:
            return Decision(Verdict.LEAVE, "scope", f"the source {candidate.source!r} is not crawled in this run")
        decision = scope.decide(candidate)
        if not decision.taken or not hops_of(candidate.hop_path).is_page:
            return decision
        address = address_of(candidate.url)
        bare = same_list(address)
        if bare != address.url and decision.rule != "include" and (bare in self._seen or bare in self._lists):
            return Decision(Verdict.LEAVE, "page-counters", f"shows the same list as {self._lists.get(bare, bare)}")
        if reached := self._limits.reached(candidate.source):
            self._limited = True
            return Decision(Verdict.LEAVE, "max-pages", reached)
        return decision

    def _see(self, candidate: CrawlUrl, key: Url) -> None:
        self._seen.add(key)
        self._seen_as_written.add(candidate.url)
        bare = same_list(address_of(candidate.url))
        if bare != key:
            self._lists.setdefault(bare, candidate.url)
        # A listing has earned its place when it shows a page that nothing had shown before.
        via = candidate.via
        if via is not None and self._listing_kind(candidate.source, candidate.url) is None:
            scope = self._scopes[candidate.source]
            kind = self._listing_kind(candidate.source, via)
            if kind is not None and scope.contains(candidate.url) and hops_of(candidate.hop_path).is_page:
                self._budget.found(candidate.source, kind)

    def _enqueue(
        self, candidate: CrawlUrl, key: Url, *, favoured: bool = False, not_before: datetime | None = None
    ) -> None:
        hops = hops_of(candidate.hop_path)
        entry = Entry(
            candidate=candidate,
            key=key,
            order=next(self._orders),
            rank=self._rank(candidate, hops),
            favoured=favoured,
            not_before=not_before,
        )
        host = self._host(candidate)
        if key not in self._waiting:
            host.queued += 1
        self._waiting[key] = entry.order
        host.lanes.push(entry, _lane(hops))
        self._hosts.schedule(host)

    def _rank(self, candidate: CrawlUrl, hops: Hops) -> Rank:
        if hops.is_seed:
            return Rank.SEED
        if not self._scopes[candidate.source].contains(candidate.url):
            return Rank.FOLLOWED
        kind = self._listing_kind(candidate.source, candidate.url)
        if kind is None:
            return Rank.PAGE
        return Rank.LIST if kind is ListingKind.PAGES else Rank.ARCHIVE

    def _listing_kind(self, source: str, url: Url) -> ListingKind | None:
        return listing_kind(address_of(url)) if self._scopes[source].contains(url) else None

    def _host(self, candidate: CrawlUrl) -> Host:
        politeness = self._sources[candidate.source].politeness
        return self._hosts.get(host_of(candidate.url), politeness)

    # Out

    def next(self, now: datetime) -> CrawlUrl | None:
        """Return a candidate whose host may be asked now, or nothing; the longest-waiting host comes first."""
        self._skips.report()
        while (host := self._hosts.take(now)) is not None:
            candidate = self._take(host, now)
            self._hosts.schedule(host)
            if candidate is not None:
                return candidate
        return None

    def wait(self, now: datetime) -> timedelta | None:
        """Return how long until something may be handed out; nothing when that hangs on what is in flight."""
        return self._hosts.wait(now)

    def _take(self, host: Host, now: datetime) -> CrawlUrl | None:
        while (entry := host.lanes.pop(now)) is not None:
            candidate = entry.candidate
            hops = hops_of(candidate.hop_path)
            if hops.is_prerequisite:
                return self._start(host, candidate, now)
            if self._waiting.get(entry.key) != entry.order:
                continue
            if refusal := self._refusal(entry, hops, host):
                self._drop(entry, refusal)
                continue
            if hops.is_page and self._limits.is_full(candidate.source):
                self._held.append(entry)
                continue
            rules = self._robots.rules_for(candidate.url, now)
            if not isinstance(rules, RobotsRules):
                self._parked.setdefault(rules, []).append(entry)
                if asked := self._ask(rules, candidate, host, now):
                    return asked
            elif self._permits(entry, rules, host):
                if host.pace.next_at > now:  # a Crawl-delay that was not known before
                    host.lanes.push(entry, _lane(hops))
                    return None
                self._unqueue(entry.key, host)
                return self._start(host, candidate, now)
        return None

    def _permits(self, entry: Entry, rules: RobotsRules, host: Host) -> bool:
        if (delay := rules.crawl_delay) is not None:
            host.pace.ask_delay(delay)
        if self._sources[entry.candidate.source].politeness.robots is Robots.IGNORE:
            return True
        reason = rules.refused(entry.candidate.url)
        if reason:
            self._drop(entry, Decision(Verdict.LEAVE, "robots", reason))
        return not reason

    def _refusal(self, entry: Entry, hops: Hops, host: Host) -> Decision | None:
        source = entry.candidate.source
        if host.pace.failures >= UNREACHABLE_AFTER:
            reason = f"{host.name} could not be reached {host.pace.failures} times in a row"
            return Decision(Verdict.LEAVE, "host-down", reason)
        if not hops.is_page:
            return None
        if reached := self._limits.reached(source):
            self._limited = True
            return Decision(Verdict.LEAVE, "max-pages", reached)
        if entry.favoured or hops.is_seed or entry.candidate.attempt > 1:
            return None
        kind = self._listing_kind(source, entry.candidate.url)
        if kind is not None and (reason := self._budget.exhausted(source, kind)):
            return Decision(Verdict.LEAVE, "listing-budget", reason)
        return None

    def _ask(self, place: Url, candidate: CrawlUrl, host: Host, now: datetime) -> CrawlUrl | None:
        """Ask for a robots.txt unless that is under way: at once where it lies on the same host, else in its turn."""
        if place in self._asking:
            return None
        self._asking.add(place)
        asked = CrawlUrl(
            url=place,
            seed=candidate.seed,
            source=candidate.source,
            via=candidate.url,
            hop_path=candidate.hop_path + Hop.PREREQUISITE,
        )
        target = self._host(asked)
        if target is host:
            return self._start(host, asked, now)
        self._push_first(target, asked)
        return None

    def _push_first(self, host: Host, candidate: CrawlUrl, not_before: datetime | None = None) -> None:
        entry = Entry(candidate, candidate.url, next(self._orders), Rank.SEED, not_before=not_before)
        host.lanes.push(entry, Lane.FIRST)
        self._hosts.schedule(host)

    def _start(self, host: Host, candidate: CrawlUrl, now: datetime) -> CrawlUrl:
        host.pace.start(now)
        host.requested += 1
        self._in_flight[candidate] = host
        if hops_of(candidate.hop_path).is_page:
            self._limits.start(candidate.source)
        return candidate

    def _unqueue(self, key: Url, host: Host) -> None:
        if self._waiting.pop(key, None) is not None:
            host.queued -= 1

    def _drop(self, entry: Entry, decision: Decision) -> None:
        self._unqueue(entry.key, self._host(entry.candidate))
        self._skips.leave(entry.candidate, decision)
        if hops_of(entry.candidate.hop_path).is_seed:
            self._seed_failed(entry.candidate, f"{decision.rule}: {decision.reason}")

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
        host = self._release(candidate)
        if isinstance(result, FailedFetch):
            host.pace.unreached(now)
        elif result.status in THROTTLING:
            host.pace.throttled(now, parse_retry_after(retry_after, now))
        else:
            host.pace.answered()
        politeness = self._sources[candidate.source].politeness
        self._learn(candidate, result, now, entity, now + retry_wait(candidate.attempt, politeness))
        self._hosts.schedule(host)

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
        candidate = CrawlUrl(
            url=event.url,
            seed=_seed_of(event, source),
            source=event.source,
            via=event.via,
            hop_path=event.hop_path,
            attempt=event.attempt,
        )
        at = event.captured_at if isinstance(event, Capture) else event.at
        if not hops.is_prerequisite:
            key = canonicalize(event.url)
            if key not in self._seen:
                self._see(candidate, key)
            self._unqueue(key, self._host(candidate))
            if hops.is_seed:
                self._failed_seeds.pop(candidate.seed, None)
        self._learn(candidate, event, at, entity, None)

    def abandon(self, candidate: CrawlUrl) -> None:
        """Put a candidate back that was handed out and not fetched."""
        host = self._release(candidate)
        if hops_of(candidate.hop_path).is_prerequisite:
            self._push_first(host, candidate)
        else:
            self._enqueue(candidate, canonicalize(candidate.url), favoured=True)
        self._hosts.schedule(host)

    def _release(self, candidate: CrawlUrl) -> Host:
        host = self._in_flight.pop(candidate, None)
        if host is None:
            return self._host(candidate)
        host.pace.release()
        if hops_of(candidate.hop_path).is_page:
            self._limits.stop(candidate.source)
            held, self._held = self._held, []
            self._requeue(held)
        return host

    def _requeue(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            host = self._host(entry.candidate)
            host.lanes.push(entry, _lane(hops_of(entry.candidate.hop_path)))
            self._hosts.schedule(host)

    def _learn(
        self,
        candidate: CrawlUrl,
        result: Capture | FailedFetch,
        now: datetime,
        entity: bytes,
        retry_at: datetime | None,
    ) -> None:
        hops = hops_of(candidate.hop_path)
        again = worth_retrying(result, candidate.attempt)
        if hops.is_prerequisite:
            if not again:
                self._learn_robots(candidate, result, now, entity)
            elif retry_at is not None:  # what an earlier stretch did not get is asked anew when it is needed
                following = replace(candidate, attempt=candidate.attempt + 1)
                self._push_first(self._host(candidate), following, not_before=retry_at)
        elif again:
            following = replace(candidate, attempt=candidate.attempt + 1)
            self._enqueue(following, canonicalize(candidate.url), not_before=retry_at)
        elif isinstance(result, FailedFetch):
            if hops.is_seed:
                self._seed_failed(candidate, f"{result.kind}: {result.detail}")
        else:
            self._learn_page(candidate, result, hops)

    def _learn_robots(self, candidate: CrawlUrl, result: Capture | FailedFetch, now: datetime, entity: bytes) -> None:
        place = candidate.url
        self._asking.discard(place)
        answer: RobotsRules | Url
        if isinstance(result, FailedFetch):
            answer = refuse_all(f"robots.txt cannot be had ({result.kind}: {result.detail})")
        elif result.location is not None and _is_redirect(result.status):
            answer = result.location
        else:
            answer = rules_of(result.status, entity)
        self._robots.remember(place, answer, now)
        self._requeue(self._parked.pop(place, ()))

    def _learn_page(self, candidate: CrawlUrl, capture: Capture, hops: Hops) -> None:
        redirects = _is_redirect(capture.status)
        if hops.is_page and not redirects:
            self._limits.captured(candidate.source)
            kind = self._listing_kind(candidate.source, candidate.url)
            if kind is not None:
                self._budget.asked(candidate.source, kind)
        if hops.is_seed and capture.status >= 400:  # noqa: PLR2004 - HTTP
            self._seed_failed(candidate, f"answered with status {capture.status}")
        if redirects and capture.location is not None:
            self._follow_redirect(candidate, capture.location, hops)
        self._offer_links(candidate, capture.outlinks)

    def _follow_redirect(self, candidate: CrawlUrl, target: Url, hops: Hops) -> None:
        if hops.is_seed:
            old, new = (host_of(url).removeprefix("www.") for url in (candidate.url, target))
            # A seed that moved within its own domain moves the source; one that left it brings only that page,
            # lest a lapsed name draw a stranger's site into the archive.
            if in_domain(old, new) or in_domain(new, old):
                self._scopes[candidate.source].admit(target)
                self._left.clear()
        for source, seed in self._owners(candidate):
            self.offer(
                CrawlUrl(
                    url=target,
                    seed=seed,
                    source=source,
                    via=candidate.url,
                    hop_path=candidate.hop_path + Hop.REDIRECT,
                )
            )

    def _offer_links(self, candidate: CrawlUrl, outlinks: Iterable[Outlink]) -> None:
        links = [link for link in outlinks if link.url not in self._seen_as_written]
        if not links:
            return
        if len(self._left) > _MAX_KEPT_DECISIONS:
            self._left.clear()
        embeds = hops_of(candidate.hop_path).embeds
        for source, seed in self._owners(candidate):
            inside = self._scopes[source].contains(candidate.url)
            for link in links:
                known = (source, inside, embeds, link.hop, link.url)
                if known in self._left:
                    continue
                decision = self.offer(
                    CrawlUrl(
                        url=link.url,
                        seed=seed,
                        source=source,
                        via=candidate.url,
                        hop_path=candidate.hop_path + link.hop,
                    )
                )
                # Only these rules ask nothing of the linking page but what `known` holds.
                if not decision.taken and decision.rule in _STEADY_RULES:
                    self._left[known] = None

    def _owners(self, candidate: CrawlUrl) -> list[tuple[str, Url]]:
        """Return the sources for which a page's links count: its own, and any other within whose scope it lies."""
        owners = [(candidate.source, candidate.seed)]
        if len(self._sources) > 1:
            owners += [
                (name, source.seeds[0])
                for name, source in self._sources.items()
                if name != candidate.source and self._scopes[name].contains(candidate.url)
            ]
        return owners

    def _seed_failed(self, candidate: CrawlUrl, reason: str) -> None:
        self._failed_seeds[candidate.seed] = FailedSeed(candidate.seed, candidate.source, reason)


# Everything but `hops`, which counts steps, and the rules that look at the linking page or at history.
_STEADY_RULES = frozenset(
    {"scope", "follow", "scheme", "replies", "sharing", "calendar", "session-id", "facets", "account"}
) | {
    "machine-interface",
    "page-counters",
    "part-feed",
    "rendering",
    "repeated-segments",
    "search-results",
    "too-long",
    "exclude",
    "requisites",
}


def _seed_of(event: Capture | FailedFetch, source: Source) -> Url:
    if isinstance(event, Capture) and event.seed is not None:
        return event.seed
    # A failure does not say which seed led to it; that matters only for seeds and what they redirect to.
    return next((url for url in (event.url, event.via) if url in source.seeds), source.seeds[0])


def _lane(hops: Hops) -> Lane:
    if hops.is_prerequisite:
        return Lane.FIRST
    return Lane.REQUISITES if hops.is_requisite else Lane.PAGES


def _is_redirect(status: int) -> bool:
    return status in {301, 302, 303, 307, 308}
