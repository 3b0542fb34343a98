"""Posts in lists that hold no more than titles or one teaser: dated links, and the single linked heading of a page."""

from datetime import datetime

from lxml.html import HtmlElement

from umecrawl.extract.dates import find_dates, url_date
from umecrawl.extract.paragraphs import text_of
from umecrawl.extract.segments import MOST_SEGMENTS, Segment, link_of, title_of
from umecrawl.extract.segments_room import Room
from umecrawl.extract.segments_unmarked import is_bare, linked_headings
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import select
from umecrawl.model.urls import Url

_SHORTEST_LIST = 3
_LONGEST_TITLE = 60  # words
_LONGEST_LINE = 240  # characters around a link in which its date may stand
_LONGEST_TEASER = 1_000  # characters
_LEVELS_UP = 4
_WHOLE = frozenset({"html", "body", "main"})


def link_segments(room: Room, captured_at: datetime) -> list[Segment]:
    """Return the posts of a list of dated links, as archives by title are; the date stands in the URL or beside it."""
    lists: dict[tuple[str, ...], dict[Url, Segment]] = {}
    alone: dict[HtmlElement, bool] = {}
    dated: dict[HtmlElement, bool] = {}
    for anchor in select(room.root, "//body//a[@href][not(ancestor::nav or ancestor::footer or ancestor::aside)]"):
        title = text_of(anchor)
        if not 1 <= word_count(title) <= _LONGEST_TITLE or room.is_outside(anchor):
            continue
        target = room.target(anchor.get("href") or "")
        parent = anchor.getparent()
        if target is None or parent is None:
            continue
        place = next((a for a in anchor.iterancestors() if a.tag in {"li", "tr", "dt", "dd", "p", "div"}), parent)
        if place not in alone:
            alone[place] = len(select(place, ".//a[@href]")) == 1
            dated[place] = _is_dated(place, captured_at)
        if not dated[place] and url_date(target, captured_at) is None:
            continue
        shape = tuple(str(a.tag) for _, a in zip(range(_LEVELS_UP), anchor.iterancestors(), strict=False))
        elements = (place,) if alone[place] else (anchor,)
        segment = Segment(elements, target, title, anchor, listed=True)
        lists.setdefault(shape, {}).setdefault(target, segment)
        if len(lists[shape]) >= MOST_SEGMENTS:
            break
    longest = max(lists.values(), key=len, default={})
    return list(longest.values()) if len(longest) >= _SHORTEST_LIST else []


def single_segment(room: Room, captured_at: datetime) -> list[Segment]:
    """Return the one post of a listing that has no more: the only heading that leads elsewhere, with a date."""
    headings = [(h, link_of(room, h)) for h in linked_headings(room, set())]
    targets = {target for _, target in headings if target is not None}
    if len(targets) != 1:
        return []
    heading, target = next((h, t) for h, t in headings if t is not None)
    places = [place for _, place in zip(range(_LEVELS_UP), heading.iterancestors(), strict=False)]
    around = next((place for place in places if place.tag not in _WHOLE and not is_bare(place, heading)), None)
    if around is None or len(text_of(around)) > _LONGEST_TEASER:
        return []
    dated = url_date(target, captured_at) or select(around, ".//time") or find_dates(text_of(around), captured_at)
    return [Segment((around,), target, title_of(heading), heading)] if dated else []


def _is_dated(place: HtmlElement, captured_at: datetime) -> bool:
    line = text_of(place)
    return len(line) <= _LONGEST_LINE and (bool(select(place, ".//time")) or bool(find_dates(line, captured_at)))
