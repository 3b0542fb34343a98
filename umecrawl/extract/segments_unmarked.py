"""Posts on pages that mark none, by runs of headings of one shape: linked ones, or plain ones above a permalink."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from lxml.html import HtmlElement

from umecrawl.extract.dates import find_dates
from umecrawl.extract.paragraphs import text_of
from umecrawl.extract.posts_excerpts import says_more
from umecrawl.extract.segments import MOST_SEGMENTS, Segment, link_of, title_of
from umecrawl.extract.segments_room import Room
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_words, select
from umecrawl.model.urls import Url

Key = TypeVar("Key")

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
_MOST_HEADINGS = 4 * MOST_SEGMENTS  # that are looked at
_MOST_TRIED = 10_000  # of what may be a heading and is none, or has no link
_SHORTEST_LIST = 3
_LONGEST_TITLE = 60  # words
_TITLE = re.compile(r"(?:[a-z0-9]+[-_]+)*(?:title|headline|rubrik)(?:[-_]+(?:link|text|wrap[a-z]*))?")
_LONGEST_NAME = 64  # characters of a class or id
_PERMALINK = re.compile(
    r"\W*(?:perma(?:link|länk|nent (?:link|länk))|länk till inlägget|direktlänk|link|länk|#|¶|∞)\W*", re.IGNORECASE
)
_DATE_ROOM = 120  # characters around a link in which its date may stand
_RUNNING = 12  # words of a paragraph that is no label or teaser
_MOSTLY = 0.6
_WHOLE = frozenset({"html", "body", "main"})
_ENDS = frozenset({"nav", "aside", "footer", "form", "hr"})
_PAGER = re.compile(
    r"pagination|pager|nav-?links|navigation|page-?nav\w*|wp-pagenavi|nav-(?:below|previous|next)|older|newer"
)
_BARE_LINES = 4  # words beside the title; an element with more is more than a title


def heading_segments(room: Room, taken: Iterable[Segment], captured_at: datetime) -> list[Segment]:
    """Return the posts under headings of one shape that each lead to another page, outside of what is `taken`.

    The longest run goes first; a further one counts only outside its posts, so that a linked heading in a text
    begins no post. A post reaches as far as its heading is the only one of the run, or, on a flat page, to the
    next one.
    """
    covered = {element for segment in taken for element in segment.elements}
    runs: dict[tuple[str, ...], list[tuple[HtmlElement, Url]]] = {}
    for heading in linked_headings(room, covered):
        target = link_of(room, heading)
        if target is not None:
            runs.setdefault(_shape(heading), []).append((heading, target))
    found: list[Segment] = []
    for run in sorted(runs.values(), key=lambda run: -len({target for _, target in run})):
        free = [(h, t) for h, t in run if covered.isdisjoint(h.iterancestors()) and h not in covered]
        if len(found) >= MOST_SEGMENTS or len({target for _, target in free}) < (
            _SHORTEST_RUN if not found and not covered else _SHORTEST_LIST
        ):
            continue
        if _in_texts([heading for heading, _ in free]):
            continue
        segments = _run_segments(free, covered, captured_at)
        covered |= {element for segment in segments for element in segment.elements}
        found += segments
    return found


def plain_heading_segments(room: Room, captured_at: datetime) -> list[Segment]:
    """Return the posts under headings of one shape that are no links, where each holds one link that is its permalink.

    Old blogs name it `Permalink` or `#`, or link the date or the comments.
    """
    runs: dict[tuple[str, ...], list[HtmlElement]] = {}
    for heading in select(room.root, "//body//*[self::h1 or self::h2 or self::h3 or self::h4]"):
        if (
            not select(heading, ".//a[@href] | ancestor::a[@href]")
            and text_of(heading)
            and not room.is_outside(heading)
        ):
            runs.setdefault(_shape(heading), []).append(heading)
    for run in sorted((run[:_MOST_HEADINGS] for run in runs.values()), key=lambda run: -len(run)):
        if len(run) < _SHORTEST_RUN:
            break
        pieces = _pieces([(heading, str(place)) for place, heading in enumerate(run)], set(), captured_at)
        found = [
            Segment(elements, target, text_of(heading), heading)
            for elements, (heading, _) in pieces
            if (target := _permalink(room, elements)) is not None
        ]
        if len(found) == len({segment.permalink for segment in found}) > max(1, _MOSTLY * len(run)):
            return found
    return []


def linked_headings(room: Room, covered: set[HtmlElement]) -> list[HtmlElement]:
    """Return the headings, by element or by name, that hold a link or stand in one, outside of what is `covered`."""
    found: list[HtmlElement] = []
    have: set[HtmlElement] = set()
    for heading in select(room.root, _HEADINGS)[:_MOST_TRIED]:
        if heading.tag not in _LEVELS and (
            select(heading, ".//h1 | .//h2 | .//h3 | .//h4 | .//h5") or not _is_title(heading)
        ):
            continue
        if heading in covered or not _apart(heading, covered, have) or room.is_outside(heading):
            continue
        title = text_of(heading)
        if (
            title
            and word_count(title) <= _LONGEST_TITLE
            and select(heading, ".//a[@href] | ancestor-or-self::a[@href]")
        ):
            have.add(heading)
            found.append(heading)
        if len(found) >= _MOST_HEADINGS:
            break
    return found


def _apart(heading: HtmlElement, *others: set[HtmlElement]) -> bool:
    chain = list(heading.iterancestors())
    return all(other.isdisjoint(chain) for other in others)


def _is_title(element: HtmlElement) -> bool:
    return any(len(word) <= _LONGEST_NAME and _TITLE.fullmatch(word) for word in class_words(element))


def _shape(heading: HtmlElement) -> tuple[str, ...]:
    names = sorted(w for w in class_words(heading) if len(w) <= _LONGEST_NAME and not _OF_ONE.fullmatch(w))
    return (str(heading.tag), *names[:3])


def _run_segments(
    run: list[tuple[HtmlElement, Url]], covered: set[HtmlElement], captured_at: datetime
) -> list[Segment]:
    return [
        Segment(elements, target, title_of(heading), heading)
        for elements, (heading, target) in _pieces(run, covered, captured_at)
    ]


def _pieces(
    run: Sequence[tuple[HtmlElement, Key]], covered: set[HtmlElement], captured_at: datetime
) -> list[tuple[tuple[HtmlElement, ...], tuple[HtmlElement, Key]]]:
    """Return the elements of each post of a run, which is told from the others by what its heading stands for."""
    counts: dict[HtmlElement, set[Key]] = {}
    barriers: set[HtmlElement] = set()
    for heading, target in run:
        for place in (heading, *heading.iterancestors()):
            counts.setdefault(place, set()).add(target)
    for element in covered:
        barriers.update(element.iterancestors())
    tops = [_climb(heading, counts, barriers) for heading, _ in run]
    bare = [is_bare(top, heading) for top, (heading, _) in zip(tops, run, strict=True)]
    flat = sum(bare) > _MOSTLY * len(run)
    ahead = flat and _date_ahead(tops, captured_at)
    pieces: list[tuple[tuple[HtmlElement, ...], tuple[HtmlElement, Key]]] = []
    have: set[HtmlElement] = set()
    for top, one in zip(tops, run, strict=True):
        if top in have:
            continue
        elements = _reach(top, counts, covered, ahead=ahead) if flat else (top,)
        have.update(elements)
        pieces.append((elements, one))
    return pieces


def _in_texts(headings: Sequence[HtmlElement]) -> bool:
    """Whether headings are those within posts: in most of the elements they stand in, running text comes first."""
    firsts = {heading.getparent(): heading for heading in reversed(headings)}
    led = sum(
        any(word_count(text_of(before)) >= _RUNNING for before in heading.itersiblings("p", preceding=True))
        for heading in firsts.values()
    )
    return led >= _SHORTEST_RUN and led > _MOSTLY * len(firsts)


def _climb(heading: HtmlElement, counts: Mapping[HtmlElement, set[Key]], barriers: set[HtmlElement]) -> HtmlElement:
    top = heading
    for place in heading.iterancestors():
        if place.tag in _WHOLE or len(counts[place]) > 1 or place in barriers:
            break
        top = place
    return top


def is_bare(top: HtmlElement, heading: HtmlElement) -> bool:
    """Whether an element holds the heading and no text of its own beside it."""
    return top is heading or word_count(text_of(top)) - word_count(text_of(heading)) <= _BARE_LINES


def _reach(
    top: HtmlElement, counts: Mapping[HtmlElement, set[Key]], covered: set[HtmlElement], *, ahead: bool
) -> tuple[HtmlElement, ...]:
    """Return an element with what follows it beside it, up to the next post, a menu or the page's end."""
    found = [top]
    for sibling in top.itersiblings():
        if not isinstance(sibling.tag, str):
            continue
        ends = sibling.tag in _ENDS - {"hr"} or any(
            _PAGER.fullmatch(word) for word in class_words(sibling) if len(word) <= _LONGEST_NAME
        )
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


def _permalink(room: Room, elements: tuple[HtmlElement, ...]) -> Url | None:
    """Return the one address that a piece of a page says to be its own."""
    found: dict[Url, None] = {}
    for anchor in (a for element in elements for a in select(element, "descendant-or-self::a[@href]")):
        href, rel = anchor.get("href") or "", anchor.get("rel") or ""
        line = text_of(anchor)
        named = "bookmark" in rel.split() or _PERMALINK.fullmatch(line) or says_more(line)
        told = named or re.search(r"#(?:comment|respond)", href, re.IGNORECASE)
        if told or (len(line) <= _DATE_ROOM and select(anchor, ".//time")):
            target = room.target(href, rel)
            if target is not None:
                found[target] = None
    return next(iter(found)) if len(found) == 1 else None
