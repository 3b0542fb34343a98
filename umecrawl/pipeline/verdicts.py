"""What is known of the interfaces of a source once they can be set against each other and against its pages."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Final

from umecrawl.frontier.interfaces import collection_of
from umecrawl.model.discovery import Audit, Enumeration, Interface, Place, Reading, Standing
from umecrawl.model.urls import Url

# A feed whose newest entry is older than the newest post by this much no longer tells of what is new.
_STALE: Final = timedelta(days=7)
# So many of the pages that a list names, and this share of them, may be gone before it counts as wrong.
_GONE: Final = 3
_GONE_SHARE: Final = 0.2
_EXAMPLES: Final = 5
_LINKS: Final = "links"


@dataclass(slots=True)
class Met:
    """What a run met of the pages of one source, by canonical URL.

    `pages` are those captured whole that are no listings, `linked` what pages link to, `gone` counts for each
    interface the pages that it names and that are not there.
    """

    pages: set[Url] = field(default_factory=set)
    linked: set[Url] = field(default_factory=set)
    gone: dict[Url, int] = field(default_factory=dict)


def judged(places: Collection[Place], whole: Iterable[Enumeration], gone: Mapping[Url, int]) -> Iterator[Place]:
    """Yield the interfaces of a source, those marked as lying that others, or their own pages, prove wrong."""
    counted = {one.place: len(one.urls) for one in whole if one.interface is Interface.REST}
    newest = max(
        (p.reading.newest for p in places if p.reading.interface is Interface.REST and p.reading.newest is not None),
        default=None,
    )
    for place in places:
        count = gone.get(place.url, 0)
        wrong = _contradicted(place, counted, newest) if place.reading.standing.usable else ""
        if count >= max(_GONE, _GONE_SHARE * place.reading.named):
            wrong = f"{count} of the {place.reading.named} pages that it names are gone"
        yield replace(place, reading=_lying(place.reading, wrong)) if wrong else place


def _contradicted(place: Place, counted: Mapping[Url, int], newest: datetime | None) -> str:
    """Return what is wrong with what an interface says, as far as another answer tells."""
    reading = place.reading
    if reading.interface is Interface.REST and reading.total is not None:
        named = counted.get(collection_of(place.url) or place.url)
        if named is not None and named != reading.total:
            return f"says that there are {reading.total}, and names {named}"
    if reading.interface is not Interface.FEED or newest is None or reading.newest is None:
        return ""
    if newest - reading.newest > _STALE:
        return f"its newest entry is of {reading.newest:%Y-%m-%d}, the newest post of {newest:%Y-%m-%d}"
    return ""


def audits(run: str, source: str, whole: Iterable[Enumeration], met: Met) -> Iterator[Audit]:
    """Yield what links found that whole lists missed, the other way round, and what one kind of list has alone."""
    named: dict[str, set[Url]] = {}
    for one in whole:
        named.setdefault(str(one.interface), set()).update(one.urls)
    named.pop(Interface.LIST, None)  # a list is what links say
    for way, urls in named.items():
        yield from _audit(run, source, (_LINKS, way), met.pages - urls)
        yield from _audit(run, source, (way, _LINKS), (met.pages & urls) - met.linked)
    for way, other in permutations(named, 2):
        yield from _audit(run, source, (way, other), (met.pages & named[way]) - named[other])


def _audit(run: str, source: str, ways: tuple[str, str], urls: set[Url]) -> Iterator[Audit]:
    if urls:
        yield Audit(run, source, *ways, len(urls), tuple(sorted(urls)[:_EXAMPLES]))


def _lying(reading: Reading, detail: str) -> Reading:
    return replace(reading, standing=Standing.LYING, detail=detail)
