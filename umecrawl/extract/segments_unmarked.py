"""Posts on pages that mark none: runs of headings of one shape that lead elsewhere, and dated lists of links."""

import re
from collections.abc import Iterable
from datetime import datetime

from lxml.html import HtmlElement

from umecrawl.extract.dates import find_dates, url_date
from umecrawl.extract.segments import Segment, is_named_entry, link_of, marked_segments, title_of
from umecrawl.extract.segments_room import Room
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_words, select, text_of
from umecrawl.model.urls import Url

_HEADINGS = (
    "//body//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or contains(@class, 'title') "
    "or contains(@class, 'headline') or contains(@class, 'rubrik')]"
)
_LEVELS = frozenset({"h1", "h2", "h3", "h4", "h5"})
# Names that tell one post from another, not one kind of place from another.
_OF_ONE = re.compile(
    r"(?:post|entry|item|node|article|teaser|id|cat|category|tag)[-_]?\w*\d[\w-]*|(?:category|tag)-.+|odd|even|first|last|\d+"
)
_SHORTEST_RUN = 2
_SHORTEST_LIST = 3
_LONGEST_TITLE = 60  # words
_DATE_ROOM = 120  # characters around a link in which its date may stand
_LONGEST_TEASER = 1_000  # characters
_MOSTLY = 0.6
_LEVELS_UP = 4
_WHOLE = frozenset({"html", "body", "main"})
_ENDS = frozenset({"nav", "aside", "footer", "form", "hr"})
_PAGER = re.compile(
    r"pagination|pager|nav-?links|navigation|page-?nav\w*|wp-pagenavi|nav-(?:below|previous|next)|older|newer"
)
_BARE_LINES = 4  # words beside the title; an element with more is more than a title


def segments_of(room: Room, captured_at: datetime) -> list[Segment]:
    """Return the posts a listing shows, in the order of the page: what it marks first, then what its shape tells.

    Where entries are marked by more than the element `article`, the page is by a system that marks all of them.
    """
    marked = marked_segments(room)
    sure = any(is_named_entry(element) for segment in marked for element in segment.elements)
    found = marked if sure else [*marked, *heading_segments(room, marked, captured_at)]
    if not found:
        found = link_segments(room, captured_at) or _single(room, captured_at)
    places = {element: place for place, element in enumerate(room.root.iter())}
    return sorted(
        found, key=lambda segment: places[segment.elements[0] if segment.heading is None else segment.heading]
    )


def heading_segments(room: Room, taken: Iterable[Segment], captured_at: datetime) -> list[Segment]:
    """Return the posts under headings of one shape that each lead to another page, outside of what is `taken`.

    The longest run goes first; a further one counts only outside its posts, so that a linked heading in a text
    begins no post. A post reaches as far as its heading is the only one of the run, or, on a flat page, to the
    next one.
    """
    covered = {element for segment in taken for element in segment.elements}
    runs: dict[tuple[str, ...], list[tuple[HtmlElement, Url]]] = {}
    for heading in _linked_headings(room, covered):
        target = link_of(room, heading)
        if target is not None:
            runs.setdefault(_shape(heading), []).append((heading, target))
    found: list[Segment] = []
    for run in sorted(runs.values(), key=lambda run: -len({target for _, target in run})):
        free = [(h, t) for h, t in run if covered.isdisjoint(h.iterancestors()) and h not in covered]
        if len({target for _, target in free}) < (_SHORTEST_RUN if not found and not covered else _SHORTEST_LIST):
            continue
        segments = _run_segments(free, covered, captured_at)
        covered |= {element for segment in segments for element in segment.elements}
        found += segments
    return found


def link_segments(room: Room, captured_at: datetime) -> list[Segment]:
    """Return the posts of a list of dated links, as archives by title are; the date stands in the URL or beside it."""
    lists: dict[tuple[str, ...], dict[Url, Segment]] = {}
    for anchor in select(room.root, "//body//a[@href][not(ancestor::nav or ancestor::footer or ancestor::aside)]"):
        title = text_of(anchor)
        if not 1 < word_count(title) <= _LONGEST_TITLE or room.is_outside(anchor):
            continue
        target = room.target(anchor.get("href") or "")
        parent = anchor.getparent()
        if target is None or parent is None:
            continue
        place = next((a for a in anchor.iterancestors() if a.tag in {"li", "tr", "dt", "dd", "p", "div"}), parent)
        if not _is_dated(place, target, captured_at):
            continue
        shape = tuple(str(a.tag) for _, a in zip(range(_LEVELS_UP), anchor.iterancestors(), strict=False))
        elements = (place,) if len(select(place, ".//a[@href]")) == 1 else (anchor,)
        lists.setdefault(shape, {}).setdefault(target, Segment(elements, target, title, anchor, marked=False))
    longest = max(lists.values(), key=len, default={})
    return list(longest.values()) if len(longest) >= _SHORTEST_LIST else []


def _single(room: Room, captured_at: datetime) -> list[Segment]:
    """Return the one post of a listing that has no more: the only heading that leads elsewhere, with a date."""
    headings = [(h, link_of(room, h)) for h in _linked_headings(room, set())]
    targets = {target for _, target in headings if target is not None}
    if len(targets) != 1:
        return []
    heading, target = next((h, t) for h, t in headings if t is not None)
    places = [place for _, place in zip(range(_LEVELS_UP), heading.iterancestors(), strict=False)]
    around = next((place for place in places if place.tag not in _WHOLE and not _is_bare(place, heading)), None)
    if around is None or len(text_of(around)) > _LONGEST_TEASER:
        return []
    dated = url_date(target, captured_at) or select(around, ".//time") or find_dates(text_of(around), captured_at)
    return [Segment((around,), target, title_of(heading), heading, marked=False)] if dated else []


def _linked_headings(room: Room, covered: set[HtmlElement]) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    have: set[HtmlElement] = set()
    for heading in select(room.root, _HEADINGS):
        if heading.tag not in _LEVELS and (
            select(heading, ".//h1 | .//h2 | .//h3 | .//h4 | .//h5") or not _is_title(heading)
        ):
            continue
        if heading in covered or not (covered | have).isdisjoint(heading.iterancestors()) or room.is_outside(heading):
            continue
        title = text_of(heading)
        if (
            title
            and word_count(title) <= _LONGEST_TITLE
            and select(heading, ".//a[@href] | ancestor-or-self::a[@href]")
        ):
            have.add(heading)
            found.append(heading)
    return found


def _is_title(element: HtmlElement) -> bool:
    return any(
        re.fullmatch(r"(?:\w+[-_]+)*(?:title|headline|rubrik)(?:[-_]+(?:link|text|wrap\w*))?", word)
        for word in class_words(element)
    )


def _shape(heading: HtmlElement) -> tuple[str, ...]:
    names = sorted(word for word in class_words(heading) if not _OF_ONE.fullmatch(word))
    return (str(heading.tag), *names[:3])


def _run_segments(
    run: list[tuple[HtmlElement, Url]], covered: set[HtmlElement], captured_at: datetime
) -> list[Segment]:
    counts: dict[HtmlElement, set[Url]] = {}
    barriers: set[HtmlElement] = set()
    for heading, target in run:
        for place in (heading, *heading.iterancestors()):
            counts.setdefault(place, set()).add(target)
    for element in covered:
        barriers.update(element.iterancestors())
    tops = [_climb(heading, counts, barriers) for heading, _ in run]
    bare = [_is_bare(top, heading) for top, (heading, _) in zip(tops, run, strict=True)]
    flat = sum(bare) > _MOSTLY * len(run)
    ahead = flat and _date_ahead(tops, captured_at)
    segments: list[Segment] = []
    have: set[HtmlElement] = set()
    for top, (heading, target) in zip(tops, run, strict=True):
        if top in have:
            continue
        elements = _reach(top, counts, covered, ahead=ahead) if flat else (top,)
        have.update(elements)
        segments.append(Segment(elements, target, title_of(heading), heading, marked=False))
    return segments


def _climb(heading: HtmlElement, counts: dict[HtmlElement, set[Url]], barriers: set[HtmlElement]) -> HtmlElement:
    top = heading
    for place in heading.iterancestors():
        if place.tag in _WHOLE or len(counts[place]) > 1 or place in barriers:
            break
        top = place
    return top


def _is_bare(top: HtmlElement, heading: HtmlElement) -> bool:
    """Whether an element holds the heading and no text of its own beside it."""
    return top is heading or word_count(text_of(top)) - word_count(text_of(heading)) <= _BARE_LINES


def _reach(
    top: HtmlElement, counts: dict[HtmlElement, set[Url]], covered: set[HtmlElement], *, ahead: bool
) -> tuple[HtmlElement, ...]:
    """Return an element with what follows it beside it, up to the next post, a menu or the page's end."""
    found = [top]
    for sibling in top.itersiblings():
        if not isinstance(sibling.tag, str):
            continue
        ends = sibling.tag in _ENDS - {"hr"} or any(_PAGER.fullmatch(word) for word in class_words(sibling))
        if sibling in counts or sibling in covered or ends:
            break
        found.append(sibling)
    following = found[-1].getnext()
    if ahead:
        if len(found) > 1 and following is not None and following in counts:
            found.pop()
        before = top.getprevious()
        if before is not None:
            found.insert(0, before)
    return tuple(found)


def _date_ahead(tops: list[HtmlElement], captured_at: datetime) -> bool:
    """Whether the date of a flat post stands above its heading."""
    before = [top.getprevious() for top in tops]
    dated = [e for e in before if e is not None and isinstance(e.tag, str) and _is_date(text_of(e), captured_at)]
    return len(dated) > _MOSTLY * len(tops)


def _is_date(line: str, captured_at: datetime) -> bool:
    found = find_dates(line, captured_at) if len(line) <= _DATE_ROOM else []
    return bool(found) and word_count(line[: found[0].start] + line[found[0].end :]) <= _BARE_LINES


def _is_dated(place: HtmlElement, target: Url, captured_at: datetime) -> bool:
    if url_date(target, captured_at) is not None:
        return True
    line = text_of(place)
    return len(line) <= 2 * _DATE_ROOM and (bool(select(place, ".//time")) or bool(find_dates(line, captured_at)))
