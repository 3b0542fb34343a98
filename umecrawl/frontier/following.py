"""Where a captured page leads: its redirect and its links become candidates of each source they count for."""

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime

from umecrawl.config import Source
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.scope import STEADY_RULES, Scope
from umecrawl.model.crawl import CrawlUrl, Decision, Hop, Outlink
from umecrawl.model.urls import Url, host_of, in_domain

# Decisions about links that were left are kept for their next appearance; this many, then anew.
_MAX_KEPT_DECISIONS = 200_000


class Following:
    """Offers what captures lead to, and remembers what was left for good: navigation stands on every page.

    `seen` are the URLs that were taken, as they are written; `offer` decides on a candidate.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        scopes: Mapping[str, Scope],
        seen: Container[Url],
        offer: Callable[[CrawlUrl], Decision],
    ) -> None:
        self._sources = sources
        self._scopes = scopes
        self._seen = seen
        self._offer = offer
        self._left: set[tuple[str, bool, int, Hop, Url]] = set()

    def redirect(self, candidate: CrawlUrl, target: Url) -> None:
        """Offer where a candidate redirects to; a seed that moved takes its scope along."""
        if hops_of(candidate.hop_path).is_seed:
            old, new = (host_of(url).removeprefix("www.") for url in (candidate.url, target))
            # A seed that moved within its own domain moves the source; one that left it brings only that page,
            # lest a lapsed name draw a stranger's site into the archive.
            if in_domain(old, new) or in_domain(new, old):
                self._scopes[candidate.source].admit(target)
                self._left.clear()
        for source, seed in self._owners(candidate):
            self._offer(_step(candidate, source, seed, target, Hop.REDIRECT))

    def links(self, candidate: CrawlUrl, outlinks: Iterable[Outlink]) -> None:
        """Offer the links of a page; whether its manifests (hop X) are asked is not decided here."""
        links = [link for link in outlinks if link.hop is not Hop.SPECULATIVE and link.url not in self._seen]
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
                decision = self._offer(_step(candidate, source, seed, link.url, link.hop, modified=link.modified))
                if not decision.taken and decision.rule in STEADY_RULES:
                    self._left.add(known)

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


def _step(
    candidate: CrawlUrl, source: str, seed: Url, target: Url, hop: Hop, *, modified: datetime | None = None
) -> CrawlUrl:
    hop_path = candidate.hop_path + hop
    return CrawlUrl(url=target, seed=seed, source=source, via=candidate.url, hop_path=hop_path, modified=modified)
