"""When the interfaces of a site are asked again, and which parts of one: as little as shows all that is new.

What is known of them is what earlier answers were (`Known`), read from the archive. Intervals hold for one address.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from umecrawl.config import Kind
from umecrawl.model.crawl import Outlink
from umecrawl.model.discovery import Interface, Reading, Standing
from umecrawl.model.urls import Url

# A list of no more parts than this is read whole in every run.
HANDFUL: Final = 5
# Of a longer one, this many parts come round in each run, those first that were read longest ago.
ROTATION: Final = 2
# Parts of one list that a run asks for at most.
MOST_PARTS: Final = 1_000
# How deep sitemaps may stand in each other.
MAX_DEPTH: Final = 4
# A sitemap beside a REST API that names every post and page is an audit.
AUDIT_EVERY: Final = timedelta(days=7)

_AGAIN: Final[Mapping[Standing, timedelta]] = {
    Standing.ABSENT: timedelta(days=30),
    Standing.OFF: timedelta(days=30),
    Standing.BLOCKED: timedelta(days=7),
    Standing.BROKEN: timedelta(days=1),
}
_INDEX_AGAIN: Final = timedelta(days=30)

_PER_PAGE: Final = 100  # the most that WordPress gives
_DEFAULT_PER_PAGE: Final = 10  # what it gives unasked
_REST_KINDS: Final = frozenset({Kind.AUTO, Kind.WORDPRESS, Kind.BLOG})
_FEED_KINDS: Final = frozenset({Kind.AUTO, Kind.WORDPRESS, Kind.BLOG, Kind.NEWS})
_WORDPRESS_SITEMAPS: Final = ("wp-sitemap.xml", "sitemap_index.xml", "sitemap.xml")
_OTHER_SITEMAPS: Final = ("sitemap.xml", "sitemap_index.xml")


@dataclass(frozen=True, slots=True)
class Known:
    """The last answer of an address as an interface; `at` is when it came (UTC)."""

    url: Url
    at: datetime
    reading: Reading


def due_again(known: Known | None, now: datetime) -> bool:
    """Return whether an address that may be an interface is asked: if it never was, or not for long enough.

    One that answers is asked in every run; one that is absent or switched off once a month, a wall once a week, a
    broken one once a day.
    """
    if known is None:
        return True
    if known.reading.index and known.reading.interface is Interface.REST:
        return now - known.at >= _INDEX_AGAIN
    wait = _AGAIN.get(known.reading.standing)
    return wait is None or now - known.at >= wait


def wants_rest(kind: Kind) -> bool:
    """Return whether a source of this kind is asked for WordPress's REST API without being told of one."""
    return kind in _REST_KINDS


def wants_feed(kind: Kind) -> bool:
    """Return whether a source of this kind is asked for a feed without being told of one."""
    return kind in _FEED_KINDS


def sitemap_places(root: Url, kind: Kind) -> tuple[Url, ...]:
    """Return where a sitemap is looked for that robots.txt does not name, the likeliest first."""
    names = _OTHER_SITEMAPS if kind in {Kind.NEWS, Kind.SITE} else _WORDPRESS_SITEMAPS
    return tuple(Url(f"{root}{name}") for name in names)


def rest_index(root: Url) -> Url:
    """Return where WordPress has the index of its REST API."""
    return Url(f"{root}wp-json/")


def plain_rest_index(root: Url) -> Url:
    """Return where WordPress has it when its permalinks are plain."""
    return Url(f"{root}?rest_route=/")


def collection_start(collection: Url) -> Url:
    """Return the first page of a collection, as large as WordPress gives it."""
    return _with(collection, f"per_page={_PER_PAGE}")


def collection_page(start: Url, page: int) -> Url:
    """Return a further page of a collection; `start` is its first page, of whatever size."""
    size = "" if "per_page=" in start else f"per_page={_DEFAULT_PER_PAGE}&"
    return _with(start, f"{size}page={page}")


def changed_since(start: Url, since: datetime) -> Url:
    """Return the first page of what a collection says was changed since the day before (WordPress 5.7).

    The site compares in its own time zone; hence the day. Older versions ignore the parameter.
    """
    day = (since - timedelta(days=1)).strftime("%Y-%m-%d")
    return Url(f"{changes_of(start)}{day}T00:00:00")


def changes_of(start: Url) -> Url:
    """Return what the addresses begin with that ask a collection for its changes."""
    return _with(start, "modified_after=")


def collection_of(url: Url) -> Url | None:
    """Return the collection that a REST address is the first page of, whole; nothing for any other address."""
    parts = urlsplit(url)
    parameters = dict(parse_qsl(parts.query))
    if {"page", "modified_after"} & parameters.keys():
        return None
    route = parameters.get("rest_route")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return Url(f"{base}?rest_route={route}") if route else Url(base)


def longest_unread(parts: Iterable[Url], known: Mapping[Url, Known], count: int) -> list[Url]:
    """Return the parts whose turn has come: those never read, then those read longest ago."""
    ordered = sorted(parts, key=lambda part: known[part].at.timestamp() if part in known else 0.0)
    return ordered[:count]


def sitemaps_to_read(children: Sequence[Outlink], known: Mapping[Url, Known]) -> list[Url]:
    """Return which sitemaps of an index are read in this run.

    All, while they are a handful; else those that were never read or are said to have changed since, and some whose
    turn has come.
    """
    urls = [child.url for child in children]
    if len(urls) <= HANDFUL + 1:
        return urls
    fresh = [child.url for child in children if _is_news(child, known.get(child.url))]
    return list(dict.fromkeys([*fresh, *longest_unread(urls, known, ROTATION)]))[:MOST_PARTS]


def _is_news(child: Outlink, known: Known | None) -> bool:
    if known is None:
        return True
    return child.modified is not None and child.modified > known.at


def _with(url: Url, parameters: str) -> Url:
    return Url(f"{url}{'&' if '?' in url else '?'}{parameters}")
