"""What names the pages of a site: interfaces that list them, what each of them answered, and what a list names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from umecrawl.model.urls import Url


class Interface(StrEnum):
    """A way in which a site names its pages, the most telling first."""

    REST = "rest"  # WordPress's REST API (wp/v2)
    SITEMAP = "sitemap"
    FEED = "feed"
    LIST = "list"  # the page that shows the newest entries, and its further pages


class Standing(StrEnum):
    """What an address is good for as an interface."""

    OFFERED = "offered"
    UNCHANGED = "unchanged"  # a 304: as before
    MOVED = "moved"  # a redirect
    ABSENT = "absent"
    OFF = "off"  # it is there, and answers that it has been switched off
    BLOCKED = "blocked"  # a wall: 401, 403, 429, a challenge, robots.txt
    BROKEN = "broken"  # an answer of another kind than was asked for, a server error, or none
    LYING = "lying"  # it answers, and what it says is known to be wrong

    @property
    def usable(self) -> bool:
        """Whether pages can be learned from it."""
        return self in {Standing.OFFERED, Standing.UNCHANGED, Standing.LYING}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer is as an interface.

    `named` counts the pages (of an `index`, the further interfaces) that it names; `total` and `pages` are how many
    it says there are on all its pages, and how many pages; `newest` is the latest time of publication that it
    states (UTC). `detail` is a sentence for people, empty where there is nothing to say.
    """

    interface: Interface
    standing: Standing
    named: int = 0
    total: int | None = None
    pages: int | None = None
    newest: datetime | None = None
    index: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """What a list that claims to name everything names, all of its parts read.

    `place` tells one such list of a source from another in every run: the collection of a REST API, a topmost
    sitemap, the first page of a chain of listings. `read_at` is when its first part was read (UTC), `urls` are
    canonical.
    """

    source: str
    interface: Interface
    place: Url
    read_at: datetime
    urls: frozenset[Url]


@dataclass(frozen=True, slots=True)
class Departure:
    """A page that an enumeration named at its last reading and does not name any more."""

    source: str
    url: Url
    interface: Interface
    place: Url
    named_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """How an interface of a source stands at the end of a run; `checked_at` is when it was last asked (UTC)."""

    run: str
    source: str
    url: Url
    checked_at: datetime
    reading: Reading


@dataclass(frozen=True, slots=True)
class Audit:
    """How many pages of a source one way of finding pages named that another one missed, with a few of them."""

    run: str
    source: str
    named_by: str
    missed_by: str
    count: int
    examples: tuple[Url, ...] = ()


_WORD = re.compile(r"[a-z]+")


def format_reading(reading: Reading) -> str:
    """Return a reading as a line: `rest offered named=10 total=46 pages=5 newest=2024-06-17T08:20:00+00:00 detail`."""
    return " ".join((reading.interface, reading.standing, *_facts(reading), reading.detail)).rstrip()


def parse_reading(line: str) -> Reading | None:
    """Return the reading that a line tells of; nothing for a line that tells of none."""
    words = line.split(" ")
    try:
        interface, standing = Interface(words[0]), Standing(words[1])
    except (ValueError, IndexError):
        return None
    facts: dict[str, str] = {}
    place = 2
    while place < len(words):
        name, equals, value = words[place].partition("=")
        if not equals or not _WORD.fullmatch(name):
            break
        facts[name] = value
        place += 1
    try:
        return Reading(
            interface,
            standing,
            named=int(facts.get("named", 0)),
            total=int(facts["total"]) if "total" in facts else None,
            pages=int(facts["pages"]) if "pages" in facts else None,
            newest=datetime.fromisoformat(facts["newest"]) if "newest" in facts else None,
            index="index" in facts,
            detail=" ".join(words[place:]),
        )
    except ValueError:
        return None


def _facts(reading: Reading) -> Iterator[str]:
    if reading.named:
        yield f"named={reading.named}"
    if reading.total is not None:
        yield f"total={reading.total}"
    if reading.pages is not None:
        yield f"pages={reading.pages}"
    if reading.newest is not None:
        yield f"newest={reading.newest.isoformat()}"
    if reading.index:
        yield "index=yes"
