"""Hands candidates out: each waits for its host, for the robots.txt of its origin, and for room under the limits."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from umecrawl.config import Robots, Source
from umecrawl.frontier.hops import Hops, hops_of
from umecrawl.frontier.hosts import Host, HostPool, HostState
from umecrawl.frontier.lanes import Entry, Lane
from umecrawl.frontier.limits import Limits
from umecrawl.frontier.notices import Notices
from umecrawl.frontier.politeness import HostPace
from umecrawl.frontier.ranks import Rank
from umecrawl.frontier.retries import Trouble
from umecrawl.frontier.robots import RobotsMemory, RobotsRules
from umecrawl.model.crawl import CrawlUrl, Decision, Hop, Verdict
from umecrawl.model.urls import Url, host_of


class Dispatch:
    """What waits and what is in flight.

    `refuse` is asked about each entry whose turn has come and may still leave it; `on_drop` is told of each that
    is left so late, for that reason, for robots.txt or because its host is gone. `notices` gets what hosts asked for;
    quiet hours are those of `zone`.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        limits: Limits,
        refuse: Callable[[Entry, datetime], Decision | None],
        on_drop: Callable[[CrawlUrl, Decision], None],
        *,
        notices: Notices,
        zone: ZoneInfo,
    ) -> None:
        self._sources = sources
        self._limits = limits
        self._refuse = refuse
        self._on_drop = on_drop
        self._notices = notices
        self._hosts = HostPool(zone)
        self._robots = RobotsMemory()
        self._orders = itertools.count(1)
        self._waiting: dict[Url, int] = {}  # canonical URL: order of its valid entry
        self._in_flight: dict[CrawlUrl, Host] = {}
        self._asking: set[Url] = set()  # robots.txt that is queued or under way
        self._parked: dict[Url, list[Entry]] = {}  # by the robots.txt waited for
        self._held: list[Entry] = []  # pages that wait until a limit is known to be reached or not

    @property
    def queued(self) -> int:
        """How many candidates wait."""
        return len(self._waiting)

    @property
    def in_flight(self) -> int:
        """How many candidates are handed out and not released, robots.txt among them."""
        return len(self._in_flight)

    def delay(self, candidate: CrawlUrl) -> timedelta:
        """Return the time from one request to the next for the host of a candidate."""
        return self._host(candidate).pace.delay

    def hosts(self) -> tuple[HostState, ...]:
        """Return the hosts in the order in which they were met."""
        return self._hosts.states()

    def put(
        self, candidate: CrawlUrl, key: Url, rank: Rank, *, favoured: bool = False, not_before: datetime | None = None
    ) -> None:
        """Queue a candidate under its canonical URL; an entry that waits under the same one is replaced."""
        entry = Entry(candidate, key, next(self._orders), rank, favoured=favoured, not_before=not_before)
        host = self._host(candidate)
        if key not in self._waiting:
            host.queued += 1
        self._waiting[key] = entry.order
        self._push(host, entry)

    def put_robots(self, candidate: CrawlUrl, not_before: datetime | None = None) -> None:
        """Queue a robots.txt again, before all else of its host."""
        entry = Entry(candidate, candidate.url, next(self._orders), Rank.SEED, not_before=not_before)
        self._push(self._host(candidate), entry)

    def withdraw(self, candidate: CrawlUrl, key: Url) -> None:
        """Take a candidate out of the queue, if it waits there."""
        if self._waiting.pop(key, None) is not None:
            self._host(candidate).queued -= 1

    def next(self, now: datetime) -> CrawlUrl | None:
        """Return a candidate whose host may be asked now, or nothing."""
        while (host := self._hosts.take(now)) is not None:
            candidate = self._take(host, now)
            self._hosts.schedule(host)
            if candidate is not None:
                return candidate
        return None

    def wait(self, now: datetime) -> timedelta | None:
        """Return how long until something may be handed out; nothing when that hangs on what is in flight."""
        return self._hosts.wait(now)

    def release(self, candidate: CrawlUrl, learn: Callable[[HostPace], None] | None = None) -> None:
        """Take a candidate back from those in flight; `learn` tells its host's pace what became of it."""
        host = self._in_flight.pop(candidate, None)
        if host is None:  # settled twice
            return
        host.pace.release()
        if learn is not None:
            learn(host.pace)
            for text in host.pace.news:
                self._notices.add(host.name, text)
            host.pace.news.clear()
        if hops_of(candidate.hop_path).is_page:
            self._limits.stop(candidate.source)
            held, self._held = self._held, []
            self._put_back(held)
        self._hosts.schedule(host)

    def worth_retrying(self, candidate: CrawlUrl, trouble: Trouble | None) -> bool:
        """Return whether a URL is worth another try that has just had this trouble."""
        if trouble is None:
            return False
        minor = hops_of(candidate.hop_path).embeds > 0
        return self._host(candidate).record.worth(candidate.url, trouble, candidate.attempt, minor=minor)

    def note(self, candidate: CrawlUrl, trouble: Trouble | None) -> None:
        """Count a result for its host."""
        self._host(candidate).record.note(candidate.url, trouble, candidate.attempt)

    def answer(self, place: Url, answer: RobotsRules | Url, now: datetime) -> None:
        """Keep what the robots.txt at `place` answered (rules, or where it redirects to), and wake who waits for it."""
        self._asking.discard(place)
        self._robots.remember(place, answer, now)
        self._put_back(self._parked.pop(place, ()))

    def forbidden(self, candidate: CrawlUrl, now: datetime) -> Decision | None:
        """Return what a robots.txt that is known already says against a candidate, if it says anything.

        robots.txt is the last rule: where it forbids what another rule leaves too, it is the one to be named.
        """
        source = self._sources.get(candidate.source)
        if source is None or source.politeness.robots is Robots.IGNORE:
            return None
        rules = self._robots.rules_for(candidate.url, now)
        if not isinstance(rules, RobotsRules) or rules.refusal:
            return None
        reason = rules.refused(candidate.url)
        return Decision(Verdict.LEAVE, "robots", reason) if reason else None

    def _take(self, host: Host, now: datetime) -> CrawlUrl | None:
        while (entry := host.lanes.pop(now)) is not None:
            candidate = entry.candidate
            hops = hops_of(candidate.hop_path)
            if hops.is_prerequisite:
                return self._start(host, candidate, now)
            if self._waiting.get(entry.key) != entry.order:
                continue
            if refusal := self._refusal(entry, host, now):
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
                self.withdraw(candidate, entry.key)
                return self._start(host, candidate, now)
        return None

    def _refusal(self, entry: Entry, host: Host, now: datetime) -> Decision | None:
        if host.pace.given_up:
            return Decision(Verdict.LEAVE, "host-down", f"{host.name} {host.pace.given_up}")
        return self._refuse(entry, now)

    def _permits(self, entry: Entry, rules: RobotsRules, host: Host) -> bool:
        if (delay := rules.crawl_delay) is not None:
            host.pace.ask_delay(delay)
        if self._sources[entry.candidate.source].politeness.robots is Robots.IGNORE:
            return True
        reason = rules.refused(entry.candidate.url)
        if reason:
            self._drop(entry, Decision(Verdict.LEAVE, "robots", reason))
        return not reason

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
        if self._host(asked) is host:
            return self._start(host, asked, now)
        self.put_robots(asked)
        return None

    def _start(self, host: Host, candidate: CrawlUrl, now: datetime) -> CrawlUrl:
        host.pace.start(now)
        self._limits.begin(candidate.source, now)
        host.requested += 1
        self._in_flight[candidate] = host
        if hops_of(candidate.hop_path).is_page:
            self._limits.start(candidate.source)
        return candidate

    def _drop(self, entry: Entry, decision: Decision) -> None:
        self.withdraw(entry.candidate, entry.key)
        self._on_drop(entry.candidate, decision)

    def _put_back(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._push(self._host(entry.candidate), entry)

    def _push(self, host: Host, entry: Entry) -> None:
        host.lanes.push(entry, _lane(hops_of(entry.candidate.hop_path)))
        self._hosts.schedule(host)

    def _host(self, candidate: CrawlUrl) -> Host:
        return self._hosts.get(host_of(candidate.url), self._sources[candidate.source].politeness)


def _lane(hops: Hops) -> Lane:
    if hops.is_prerequisite:
        return Lane.FIRST
    return Lane.REQUISITES if hops.is_requisite else Lane.PAGES
