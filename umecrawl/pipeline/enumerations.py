"""What whole lists name: their parts put together, and what they named before and do not name any more."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from umecrawl.frontier.address import address_of
from umecrawl.frontier.interfaces import collection_of, collection_page
from umecrawl.frontier.listings import page_number
from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Departure, Enumeration, Interface, Reading
from umecrawl.model.urls import Url, canonicalize

# More URLs than these are not compared: a list that long is read in parts over many runs.
MOST_URLS: Final = 500_000
# A list that lost more than half of what it named, and more than this, has changed itself.
_A_FEW: Final = 20


@dataclass(frozen=True, slots=True)
class Part:
    """One answer that lists URLs: a page of a REST collection, a sitemap, a page of a listing.

    `links` gives what it names (pages, or further sitemaps), canonical; asked for only when it is needed. `top` says
    that nothing else of the list led to it.
    """

    url: Url
    at: datetime
    reading: Reading
    top: bool
    links: Callable[[], frozenset[Url]]


@dataclass(frozen=True, slots=True)
class Whole:
    """A list with all its parts."""

    interface: Interface
    place: Url
    parts: tuple[Part, ...]


def named_by(reading: Reading, links: Iterable[Outlink]) -> frozenset[Url]:
    """Return what an answer names, canonical: further parts where it is an index, else pages."""
    wanted = {Hop.SPECULATIVE} if reading.index else {Hop.MANIFEST, Hop.LINK}
    return frozenset(canonicalize(link.url) for link in links if link.hop in wanted)


def wholes(parts: Mapping[Url, Part], lists: Iterable[Url] = ()) -> Iterator[Whole]:
    """Yield the lists of a source of which every part is there.

    `parts` are by canonical URL; `lists` are the first pages of its listings.
    """
    for part in parts.values():
        if not part.reading.standing.usable:
            continue
        whole: list[Part] | None = None
        place = part.url
        if part.reading.interface is Interface.REST and not part.reading.index:
            collection = collection_of(part.url)
            if collection is not None:
                place, whole = collection, _collection(part, parts)
        elif part.reading.interface is Interface.SITEMAP and part.top:
            whole = _sitemaps(part, parts)
        if whole:
            yield Whole(part.reading.interface, place, tuple(whole))
    for first in lists:
        if chain := _chain(first, parts):
            yield Whole(Interface.LIST, canonicalize(first), tuple(chain))


def enumeration(source: str, whole: Whole) -> Enumeration | None:
    """Return what a whole list names; nothing where that is too much to be compared."""
    urls: set[Url] = set()
    for part in whole.parts:
        if part.reading.index:
            continue
        urls |= part.links()
        if len(urls) > MOST_URLS:
            return None
    return Enumeration(source, whole.interface, whole.place, min(part.at for part in whole.parts), frozenset(urls))


def departures(before: Enumeration, now: Enumeration) -> tuple[Departure, ...]:
    """Return what left a list between two readings; nothing where so much did that the list itself must be another."""
    gone = before.urls - now.urls
    if len(gone) > _A_FEW and len(gone) * 2 > len(before.urls):
        return ()
    return tuple(Departure(now.source, url, now.interface, now.place, before.read_at) for url in sorted(gone))


def _collection(start: Part, parts: Mapping[Url, Part]) -> list[Part] | None:
    found = [start]
    for page in range(2, (start.reading.pages or 1) + 1):
        part = parts.get(canonicalize(collection_page(start.url, page)))
        if part is None or not part.reading.standing.usable:
            return None
        found.append(part)
    return found


def _sitemaps(top: Part, parts: Mapping[Url, Part]) -> list[Part] | None:
    found: dict[Url, Part] = {}
    waiting = [top]
    while waiting:
        part = waiting.pop()
        if part.url in found:
            continue
        found[part.url] = part
        if part.reading.index:
            for url in part.links():
                child = parts.get(url)
                if child is None or not child.reading.standing.usable:
                    return None
                waiting.append(child)
    return list(found.values())


def _chain(first: Url, parts: Mapping[Url, Part]) -> list[Part] | None:
    """Return the pages of a listing in their order, if there are several and all that they name are there."""
    root = address_of(first)
    pages: dict[int, Part] = {}
    last = 1
    for part in parts.values():
        if part.reading.interface is not Interface.LIST or not part.reading.standing.usable:
            continue
        number = page_number(root, address_of(part.url))
        if number is None:
            continue
        pages[number] = part
        named = (page_number(root, address_of(url)) for url in part.links())
        last = max(last, number, *(one for one in named if one is not None))
    complete = last > 1 and all(number in pages for number in range(1, last + 1))
    return [pages[number] for number in sorted(pages)] if complete else None
