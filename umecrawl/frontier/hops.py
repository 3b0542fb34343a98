"""What a hop path says about a candidate: how it was reached, in the letters of `Hop`."""

from dataclasses import dataclass
from functools import lru_cache

from umecrawl.model.crawl import Hop


@dataclass(frozen=True, slots=True)
class Hops:
    """A hop path read: `last` is its last letter that is no redirect (empty for a seed).

    `pages` counts the steps from page to page, `embeds` those to requisites, `redirects` the unbroken run of
    redirects at the end.
    """

    path: str
    last: str
    pages: int
    embeds: int
    redirects: int

    @property
    def is_seed(self) -> bool:
        """Whether this is a seed, or what a seed redirects to."""
        return not self.last

    @property
    def is_requisite(self) -> bool:
        """Whether this is wanted for the replay of a page."""
        return self.last == Hop.EMBED

    @property
    def is_prerequisite(self) -> bool:
        """Whether this is a robots.txt."""
        return self.last == Hop.PREREQUISITE

    @property
    def is_page(self) -> bool:
        """Whether this is fetched for its own sake: neither a requisite nor a robots.txt."""
        return not (self.is_requisite or self.is_prerequisite)


@lru_cache(maxsize=4_096)
def hops_of(path: str) -> Hops:
    """Return what the hop path says."""
    core = path.rstrip(Hop.REDIRECT)
    embeds = core.count(Hop.EMBED)
    redirects = path.count(Hop.REDIRECT)
    prerequisites = path.count(Hop.PREREQUISITE)
    return Hops(path, core[-1:], len(path) - embeds - redirects - prerequisites, embeds, len(path) - len(core))
