"""Whether a candidate is taken: what the scope says, and what this run has learned of limits, listings and traps.

A candidate is judged when it is met (`decide`) and, for much may have been learned since, when its turn has come
(`refuse`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from umecrawl.config import Source, TrapRule
from umecrawl.frontier.address import address_of
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.lanes import Entry
from umecrawl.frontier.limits import Limits
from umecrawl.frontier.listings import Budget, ListingKind, listing_kind, same_list
from umecrawl.frontier.notices import Notices
from umecrawl.frontier.scope import Scope
from umecrawl.frontier.symptoms import Symptoms
from umecrawl.model.capture import Capture
from umecrawl.model.crawl import CrawlUrl, Decision, Verdict
from umecrawl.model.urls import Url


class Judgement:
    """Decides on the candidates of one run, and learns from what is met and captured.

    `notices` gets the traps that pages make known; `knows` says whether a canonical URL was taken or rests; `clock`
    gives the present in UTC.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        scopes: Mapping[str, Scope],
        limits: Limits,
        notices: Notices,
        *,
        knows: Callable[[Url], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._sources = sources
        self._scopes = scopes
        self._limits = limits
        self._notices = notices
        self._knows = knows
        self._clock = clock
        self._budget = Budget()
        self._symptoms = {name: Symptoms(source.rules_off) for name, source in sources.items()}
        self._lists: dict[Url, Url] = {}  # by the URL of the same list without counters: the first that was met
        self._limited: dict[str, None] = {}  # reasons, in order

    @property
    def limited(self) -> str:
        """Which limits on pages, octets or time left something out; empty where none did."""
        return "; ".join(self._limited)

    # What is decided

    def decide(self, candidate: CrawlUrl) -> Decision:
        """Decide on a candidate that is met."""
        scope = self._scopes.get(candidate.source)
        if scope is None:
            return Decision(Verdict.LEAVE, "scope", f"the source {candidate.source!r} is not crawled in this run")
        decision = scope.decide(candidate)
        if decision.taken and (spent := self._limits.spent(candidate.source, self._clock())):
            return self._limit(spent)
        if not decision.taken or not hops_of(candidate.hop_path).is_page:
            return decision
        return (
            self._same_list(candidate, decision)
            or (None if is_favoured(decision) else self._closed(candidate))
            or self._full(candidate)
            or decision
        )

    def crowded(self, candidate: CrawlUrl) -> Decision | None:
        """Return the decision that leaves a candidate for now, although it would be taken, if there is one.

        So it is where too many of its kind wait that led to each other.
        """
        crowded = self._symptoms[candidate.source].crowded(candidate)
        if crowded is None:
            return None
        decision = self.decide(candidate)
        return crowded if decision.taken and not is_favoured(decision) else None

    def refuse(self, entry: Entry, now: datetime) -> Decision | None:
        """Return the decision that leaves what was taken now that its turn has come, if there is one."""
        candidate = entry.candidate
        hops = hops_of(candidate.hop_path)
        spent = self._limits.spent(candidate.source, now)
        if spent is not None:
            return self._limit(spent)
        if not hops.is_page:
            return None
        full = self._full(candidate)
        if full is not None or entry.favoured or hops.is_seed or candidate.attempt > 1:
            return full
        return self._closed(candidate) or self._over_budget(candidate)

    def _same_list(self, candidate: CrawlUrl, decision: Decision) -> Decision | None:
        """Return the decision that leaves a page because another shows the same list."""
        address = address_of(candidate.url)
        bare = same_list(address)
        if bare == address.url or is_favoured(decision) or self._is_off(candidate.source, TrapRule.PAGE_COUNTERS):
            return None
        first = self._lists.get(bare)
        if first is None and not self._knows(bare):
            return None
        return Decision(Verdict.LEAVE, TrapRule.PAGE_COUNTERS, f"shows the same list as {first or bare}")

    def _closed(self, candidate: CrawlUrl) -> Decision | None:
        """Return the decision that leaves a page because its shape is closed."""
        if hops_of(candidate.hop_path).is_seed or not self._scopes[candidate.source].contains(candidate.url):
            return None
        return self._symptoms[candidate.source].refused(address_of(candidate.url))

    def _over_budget(self, candidate: CrawlUrl) -> Decision | None:
        """Return the decision that leaves a listing because its kind finds nothing any more."""
        kind = self._listing_kind(candidate.source, candidate.url)
        if kind is None or self._is_off(candidate.source, TrapRule.LISTING_BUDGET):
            return None
        reason = self._budget.exhausted(candidate.source, kind)
        return Decision(Verdict.LEAVE, TrapRule.LISTING_BUDGET, reason) if reason else None

    def _full(self, candidate: CrawlUrl) -> Decision | None:
        """Return the decision that leaves a page because there are as many as there may be."""
        full = self._limits.full(candidate.source)
        return self._limit(full) if full is not None else None

    def _limit(self, decision: Decision) -> Decision:
        self._limited.setdefault(decision.reason)
        return decision

    def _is_off(self, source: str, rule: TrapRule) -> bool:
        return rule in self._sources[source].rules_off

    # What is learned

    def met(self, candidate: CrawlUrl, key: Url) -> None:
        """Note a candidate that is not known yet, with its canonical URL: the list that it shows, or was found on."""
        bare = same_list(address_of(candidate.url))
        if bare != key:
            self._lists.setdefault(bare, candidate.url)
        # A listing has earned its place when it shows a page that nothing had shown before.
        via = candidate.via
        if via is not None and self._listing_kind(candidate.source, candidate.url) is None:
            kind = self._listing_kind(candidate.source, via)
            inside = self._scopes[candidate.source].contains(candidate.url)
            if kind is not None and inside and hops_of(candidate.hop_path).is_page:
                self._budget.found(candidate.source, kind)

    def took(self, candidate: CrawlUrl) -> None:
        """Note a link that was taken and waits."""
        self._symptoms[candidate.source].took(candidate)

    def captured(self, candidate: CrawlUrl) -> None:
        """Count a page that was captured, for the limits and the budget of its kind."""
        self._limits.captured(candidate.source)
        kind = self._listing_kind(candidate.source, candidate.url)
        if kind is not None:
            self._budget.asked(candidate.source, kind)

    def saw(self, candidate: CrawlUrl, capture: Capture) -> None:
        """Learn from what a page shows, once its links are offered."""
        if capture.status != 200 or not self._scopes[candidate.source].contains(candidate.url):  # noqa: PLR2004 - HTTP
            return
        trap = self._symptoms[candidate.source].saw(candidate, capture)
        if trap is not None:
            self._notices.add(candidate.source, str(trap))

    def _listing_kind(self, source: str, url: Url) -> ListingKind | None:
        return listing_kind(address_of(url)) if self._scopes[source].contains(url) else None


def is_favoured(decision: Decision) -> bool:
    """Return whether a candidate was taken by `include`, so that neither trap nor budget leaves it."""
    return decision.rule == "include"
