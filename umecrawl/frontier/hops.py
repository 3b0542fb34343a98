"""What a hop path says about a candidate: how it was reached, in the letters of `Hop`."""

from dataclasses import dataclass
from functools import lru_cache

from umecrawl.model.crawl import Hop


@dataclass(frozen=True, slots=True)
class Hops:
    """A hop path read; the flags are worked out once, since every rule asks for them.

    `last` is the last letter that is no redirect (empty for a seed). `pages` counts the steps from page to page,
    `embeds` those to requisites, `redirects` the unbroken run of redirects at the end. A candidate is a seed (or
    what a seed redirects to), a requisite of a page, a prerequisite (robots.txt), a manifest (a feed, sitemap or API,
    asked for what it names: the last letter is X), or a page fetched for its own sake; a seed is a page too.
    """

    path: str
    last: str
    pages: int
    embeds: int
    redirects: int
    is_seed: bool
    is_requisite: bool
    is_prerequisite: bool
    is_manifest: bool
    is_page: bool


@lru_cache(maxsize=4_096)
def hops_of(path: str) -> Hops:
    """Return what the hop path says."""
    core = path.rstrip(Hop.REDIRECT)
    last = core[-1:]
    embeds = core.count(Hop.EMBED)
    return Hops(
        path=path,
        last=last,
        pages=len(path) - embeds - path.count(Hop.REDIRECT) - path.count(Hop.PREREQUISITE),
        embeds=embeds,
        redirects=len(path) - len(core),
        is_seed=not last,
        is_requisite=last == Hop.EMBED,
        is_prerequisite=last == Hop.PREREQUISITE,
        is_manifest=last == Hop.SPECULATIVE,
        is_page=last not in {Hop.EMBED, Hop.PREREQUISITE, Hop.SPECULATIVE},
    )
