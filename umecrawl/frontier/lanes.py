"""The candidates that wait for one host, in the order in which it will be asked for them."""

import heapq
import itertools
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.ranks import Rank
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.urls import Url


class Lane(Enum):
    """Where a candidate waits: robots.txt before all, pages and requisites in turn."""

    FIRST = "first"
    PAGES = "pages"
    REQUISITES = "requisites"


@dataclass(frozen=True, slots=True)
class Entry:
    """A waiting candidate: `key` is its canonical URL, `order` grows with each entry that is made.

    `not_before` holds back another try; `favoured` marks what `include` took, which no budget leaves. Entries sort by
    rank, then order.
    """

    candidate: CrawlUrl
    key: Url
    order: int
    rank: Rank
    favoured: bool = False
    not_before: datetime | None = None

    # In the heap as it is, for a tuple around each of a million entries takes 70 MB.
    def __lt__(self, other: "Entry") -> bool:
        return (self.rank, self.order) < (other.rank, other.order)


# Of four requests to a host where both wait, three are pages; the same for what was not asked for yet, and a new try.
_PAGES_TO_A_REQUISITE = 3
_NEW_TO_A_TRY = 3


class Lanes:
    """Four lanes: robots.txt before all, then pages and requisites in turn, and between them tries that are due again.

    What failed waits for most of what has not been asked for yet: the later it comes, the likelier it succeeds.
    """

    def __init__(self) -> None:
        self._first: list[Entry] = []
        self._again: list[tuple[datetime, int, Entry]] = []
        self._pages: list[Entry] = []
        self._requisites: list[tuple[int, Entry]] = []
        self._turn = itertools.count(1)
        self._tries = itertools.count(1)

    def push(self, entry: Entry, lane: Lane) -> None:
        """Put an entry into its lane, or aside until its time has come."""
        if entry.not_before is not None:
            heapq.heappush(self._again, (entry.not_before, entry.order, entry))
        elif lane is Lane.FIRST:
            self._first.append(entry)
        elif lane is Lane.REQUISITES:
            heapq.heappush(self._requisites, (entry.order, entry))
        else:
            heapq.heappush(self._pages, entry)

    def pop(self, now: datetime) -> Entry | None:
        """Take out the entry whose turn it is, if any is due."""
        if self._first:
            return self._first.pop()
        if self._again and self._again[0][0] <= now and self._again_first():
            return heapq.heappop(self._again)[2]
        if self._requisites and (not self._pages or next(self._turn) % (_PAGES_TO_A_REQUISITE + 1) == 0):
            return heapq.heappop(self._requisites)[1]
        return heapq.heappop(self._pages) if self._pages else None

    def _again_first(self) -> bool:
        if not (self._pages or self._requisites) or hops_of(self._again[0][2].candidate.hop_path).is_prerequisite:
            return True
        return next(self._tries) % (_NEW_TO_A_TRY + 1) == 0

    def due_at(self) -> datetime | None:
        """Return when the first entry is due if all wait for another try; the past where one is due; else nothing."""
        if self._first or self._pages or self._requisites:
            return _PAST
        return self._again[0][0] if self._again else None


_PAST = datetime.fromisoformat("0001-01-01T00:00:00+00:00")
