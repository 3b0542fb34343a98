"""Pages that list other pages: what kind they are, and which of them show the same list.

A listing is crawled to find what it lists; the same posts stand again under every tag, month and author. So
listings are asked after the pages they name, and each kind only as long as it goes on finding something
(`Budget`).
"""

import itertools
import re
from enum import StrEnum

from umecrawl.frontier.address import Address
from umecrawl.model.urls import Url

# A parameter that counts pages: paged, paged2, page, pg, query-7-page, sida, e-page-1a2b.
_COUNTER = re.compile(
    r"(?:paged?|pg|sida|page[-_]?n(?:o|um|umber)?)\d*|query-\d+-page|e-page-\w+|[a-z]{1,12}[-_]page", re.IGNORECASE
)
# Those of them that are known to begin at 1 (WordPress), so that 1 or 0 says nothing.
_FROM_ONE = re.compile(r"paged\d*|query-\d+-page", re.IGNORECASE)
# WordPress adds it to the number links of a query loop; it changes nothing.
_MEANINGLESS = frozenset({"cst"})
_NUMBER = re.compile(r"\d{1,6}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH_OR_DAY = re.compile(r"[0-3]?\d")

_FLOOR = 100
_GAIN = 5


class ListingKind(StrEnum):
    """What a listing sorts its entries by."""

    PAGES = "pages"
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"
    DATE = "date"


_SEGMENT_KINDS = {
    "category": ListingKind.CATEGORY,
    "categories": ListingKind.CATEGORY,
    "kategori": ListingKind.CATEGORY,
    "kategorier": ListingKind.CATEGORY,
    "tag": ListingKind.TAG,
    "tags": ListingKind.TAG,
    "tagg": ListingKind.TAG,
    "taggar": ListingKind.TAG,
    "etikett": ListingKind.TAG,
    "amne": ListingKind.TAG,
    "label": ListingKind.TAG,
    "author": ListingKind.AUTHOR,
    "forfattare": ListingKind.AUTHOR,
    "skribent": ListingKind.AUTHOR,
}
_PARAMETER_KINDS = {
    "cat": ListingKind.CATEGORY,
    "tag": ListingKind.TAG,
    "author": ListingKind.AUTHOR,
    "m": ListingKind.DATE,
}


def counters_above_first(address: Address) -> tuple[str, ...]:
    """Return the page counters of a URL that stand above their first value, `/page/N/` in the path among them."""
    names = [name for name, number in _counters(address) if number > 1]
    segments = address.segments
    names += [
        f"/{name}/"
        for name, number in itertools.pairwise(segments)
        if name in {"page", "sida"} and _NUMBER.fullmatch(number) and int(number) > 1
    ]
    return tuple(names)


def same_list(address: Address) -> Url:
    """Return the URL of the same list without counters at their first value and without meaningless parameters.

    It is the canonical URL itself for any page that has neither.
    """
    if not address.parameters:
        return address.url
    first = {name for name, number in _counters(address) if number <= 1 and _FROM_ONE.fullmatch(name)}
    kept = [
        name if value is None else f"{name}={value}"
        for name, value in address.parameters
        if name not in first and name not in _MEANINGLESS
    ]
    if len(kept) == len(address.parameters):
        return address.url
    head = address.url.partition("?")[0]
    return Url(f"{head}?{'&'.join(kept)}" if kept else head)


def page_number(root: Address, address: Address) -> int | None:
    """Return which page of the list at `root` a URL shows: 1 for the root itself; nothing for any other page.

    Pages are `page/2/` and `sida/2/` below the root, or the root with a single parameter that counts pages.
    """
    if address.site != root.site:
        return None
    first, rest = root.segments, address.segments[len(root.segments) :]
    if address.segments[: len(first)] != first:
        return None
    if not rest:
        counters = _counters(address)
        if len(counters) == len(address.parameters) == 1:
            return max(counters[0][1], 1)
        return None if address.parameters else 1
    paged = len(rest) == 2 and rest[0] in {"page", "sida"} and not address.parameters  # noqa: PLR2004 - word and number
    return int(rest[1]) if paged and _NUMBER.fullmatch(rest[1]) else None


def listing_kind(address: Address) -> ListingKind | None:
    """Return what kind of listing the URL looks like; nothing for a page of its own."""
    segments = [segment.lower() for segment in address.segments]
    paged = len(segments) > 1 and segments[-2] in {"page", "sida"} and bool(_NUMBER.fullmatch(segments[-1]))
    if paged:
        segments = segments[:-2]
    # The last segment is the entry's own name: /2022/05/18/tag/ is a post, /tag/budget/ a listing.
    for segment in segments[:-1]:
        if segment in _SEGMENT_KINDS:
            return _SEGMENT_KINDS[segment]
    if _is_date(segments):
        return ListingKind.DATE
    for name, _ in address.parameters:
        if name in _PARAMETER_KINDS:
            return _PARAMETER_KINDS[name]
    return ListingKind.PAGES if paged or _counters(address) else None


class Budget:
    """How many listings of each kind a source may still ask for: a hundred, and five for each page first found there.

    On a site where the main list leads to everything, a thousand tags end after the first hundred; on one where
    only tags do, they pay for themselves.
    """

    def __init__(self) -> None:
        self._asked: dict[tuple[str, ListingKind], int] = {}
        self._found: dict[tuple[str, ListingKind], int] = {}

    def found(self, source: str, kind: ListingKind) -> None:
        """Count a page that was first found on a listing of this kind."""
        self._found[source, kind] = self._found.get((source, kind), 0) + 1

    def asked(self, source: str, kind: ListingKind) -> None:
        """Count a listing of this kind that was captured."""
        self._asked[source, kind] = self._asked.get((source, kind), 0) + 1

    def exhausted(self, source: str, kind: ListingKind) -> str:
        """Return why no more listings of this kind are asked for; empty while there is room."""
        asked, found = self._asked.get((source, kind), 0), self._found.get((source, kind), 0)
        if asked < _FLOOR + _GAIN * found:
            return ""
        return f"{asked} listings of the kind {kind} led to {found} pages that nothing else had led to"


def _counters(address: Address) -> list[tuple[str, int]]:
    return [
        (name, int(value))
        for name, value in address.parameters
        if value and _NUMBER.fullmatch(value) and _COUNTER.fullmatch(name)
    ]


def _is_date(segments: list[str]) -> bool:
    for length in (3, 2, 1):
        tail = segments[-length:]
        if len(tail) == length and _YEAR.fullmatch(tail[0]) and all(map(_MONTH_OR_DAY.fullmatch, tail[1:])):
            return True
    return False
