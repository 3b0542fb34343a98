"""The comments under an article as records: WordPress lists, microformats, schema.org microdata, class names."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.html import HtmlElement

from umecrawl.extract.dates import find_dates, parse_date
from umecrawl.extract.outline import Outline
from umecrawl.extract.paragraphs import paragraphs, text_of
from umecrawl.extract.tree import class_words, select
from umecrawl.model.article import Comment, Sourced

_ID = re.compile(r"(?:li-|div-|article-)?(?:comment|kommentar)[-_]?(\d+)|c(\d{6,})|comment[-_]([0-9a-f-]{8,})")
_ID_SIGN = re.compile(r"comment|kommentar|c\d{6}")
_NAME_SIGN = re.compile("comment|kommentar")
_NAMES = re.compile(r"comment|single-comment|comment-item|comment_item|comments?__item|p-comment|u-comment|kommentar")
_TYPE = "Comment"  # schema.org's Comment and UserComments
_TYPED = "//body//*[@itemtype]"
_REPLIES = re.compile(r"children|replies|thread")
_ELEMENTS = frozenset({"li", "article", "div", "section", "dd", "tr"})
# The parts of a comment by class, id or itemprop; the earlier the name, the surer.
_TEXTS = (
    "comment-content",
    "wp-block-comment-content",
    "text",
    "commenttext",
    "comment-text",
    "comment_text",
    "comment__text",
    "comment__content",
    "comment__body",
    "p-content",
    "e-content",
    "commentbody",
    "comment-message",
    "kommentartext",
)
_AUTHORS = (
    "wp-block-comment-author-name",
    "p-author",
    "fn",
    "author",
    "creator",
    "comment-author-name",
    "comment-author",
    "comment_author",
    "comment__author",
    "commentauthor",
    "comment-name",
    "username",
    "user",
)
_TIMES = (
    "datepublished",
    "datecreated",
    "commenttime",
    "dt-published",
    "comment-date",
    "wp-block-comment-date",
    "comment-time",
    "comment-metadata",
    "comment-meta",
    "comment_date",
    "comment__date",
    "commentmetadata",
    "comment-timestamp",
)
# What stands in a comment beside its text.
_BESIDE = re.compile(
    r"reply|comment-reply-link|comment-respond|respond|avatar|comment-awaiting-moderation|comment-(?:footer|actions|"
    r"meta|metadata|author|edit-link|date|time|head(?:er)?|reply|vote|likes?)|comment_(?:meta|author|date|head)|commentmetadata|"
    r"comment__(?:meta|author|date|header|footer|actions)|vcard|says|edit-link|wp-block-comment-(?:reply-link|"
    r"edit-link|author-name|date)|wp-block-avatar|screen-reader-text|sharedaddy|author|creator|p-author|fn|username|"
    r"datepublished|datecreated|dt-published|children"
)
_SAYS = re.compile(r"\s*(?:says|said|wrote|säger|sade|sa|skriver|skrev|svarar)?\s*:?\s*$", re.IGNORECASE)
_AWAITING = re.compile(r"(?:din kommentar inväntar|your comment is awaiting).{0,120}", re.IGNORECASE)
_MOST = 10_000
_LONGEST_NAME = 120
_LONGEST_TIME = 200
_DIGEST = 16  # hex digits


@dataclass(frozen=True, slots=True)
class _Part:
    """One comment of a page: its element with the page's id of it, and the elements in it that are no reply's."""

    element: HtmlElement
    key: str
    inner: list[HtmlElement]

    def first(self, names: tuple[str, ...]) -> HtmlElement | None:
        """Return the first element by the surest of these names."""
        places: dict[str, HtmlElement] = {}
        for element in self.inner:
            for word in _words(element):
                places.setdefault(word, element)
        return next((places[name] for name in names if name in places), None)


def read_comments(outline: Outline, captured_at: datetime, zone: ZoneInfo | None = None) -> tuple[Comment, ...]:
    """Return the comments that a page shows, in its order; the form to write one is none.

    `key` is the page's own id as `comment-123`, or a digest of author, time and text; `reply_to` the key of the
    comment that holds this one. `zone` is where a time without offset belongs, as in `dates.parse_date`. Does
    not change the tree; call it before `article.read_article`, which does.
    """
    elements = _comments(outline)
    known = set(elements)
    keys: dict[HtmlElement, str] = {}
    comments: dict[str, Comment] = {}
    for element in elements:
        part = _Part(element, _key(element), list(_own(element, known)))
        author, at, text = _author(part), _time(part, captured_at, zone), _text(part, known)
        if not text:
            continue
        key = part.key or _digest(author, at.value if at is not None else "", text)
        outer = _outer(element, known)
        keys[element] = key
        comments.setdefault(key, Comment(key, author, text, at, keys.get(outer) if outer is not None else None))
    return tuple(comments.values())


def _comments(outline: Outline) -> list[HtmlElement]:
    """Return the elements that hold one comment each, in document order: no frames around several, no parts of one."""
    named = [*outline.matching(_ID, _ID_SIGN), *outline.matching(_NAMES, _NAME_SIGN), *_typed(outline.root)]
    chosen = {e for e in named if e.tag in _ELEMENTS and _is_comment(e)}
    if not chosen:
        return []
    found = [element for element in outline.root.iter(*_ELEMENTS) if element in chosen][:_MOST]
    known = set(found)
    parts: dict[HtmlElement, list[HtmlElement]] = {}
    for element in found:
        outer = _outer(element, known)
        if outer is not None and not _is_reply(element, outer):
            parts.setdefault(outer, []).append(element)
    for outer, inner in parts.items():
        if not _key(outer) and (len(inner) > 1 or _key(inner[0])):
            known.discard(outer)
        else:
            known.difference_update(e for e in inner if _key(e) in {"", _key(outer)})
    return [element for element in found if element in known]


def _typed(root: HtmlElement) -> list[HtmlElement]:
    types = ((element, element.get("itemtype") or "") for element in select(root, _TYPED))
    return [element for element, kind in types if "schema.org/" in kind and _TYPE in kind]


def _is_comment(element: HtmlElement) -> bool:
    """Whether an element is one comment and not the heading, list or link called so."""
    if _key(element) or _TYPE in (element.get("itemtype") or ""):
        return True
    return any(not _words(e).isdisjoint(_AUTHORS) for e in element.iterdescendants() if isinstance(e.tag, str))


def _is_reply(element: HtmlElement, outer: HtmlElement) -> bool:
    """Whether a comment inside another answers it: a list, or a group named after replies, parts the two."""
    for place in element.iterancestors():
        if place is outer:
            break
        if place.tag in {"ol", "ul"} or any(_REPLIES.search(word) for word in class_words(place)):
            return True
    return False


def _outer(element: HtmlElement, known: set[HtmlElement]) -> HtmlElement | None:
    return next((place for place in element.iterancestors() if place in known), None)


def _own(element: HtmlElement, known: set[HtmlElement]) -> Iterator[HtmlElement]:
    walk = etree.iterwalk(element, events=("start",))
    for _, node in walk:
        if node is not element and node in known:
            walk.skip_subtree()
        elif isinstance(node.tag, str):
            yield node


def _key(element: HtmlElement) -> str:
    match = _ID.fullmatch((element.get("id") or "").lower())
    return f"comment-{match[1] or match[2] or match[3]}" if match is not None else ""


def _words(element: HtmlElement) -> set[str]:
    return {*class_words(element), *(element.get("itemprop") or "").lower().split()}


def _author(part: _Part) -> str:
    place = part.first(_AUTHORS)
    if place is None:
        return ""
    name = place.xpath("(.//*[@itemprop='name' or contains(concat(' ', @class, ' '), ' fn ')])[1]")
    assert isinstance(name, list)
    text = (name[0] if name else place).get("content") or text_of(name[0] if name else place)
    return _SAYS.sub("", text)[:_LONGEST_NAME]


def _time(part: _Part, captured_at: datetime, zone: ZoneInfo | None) -> Sourced | None:
    """Return when a comment was written: from an attribute if there is one, else from what is shown."""
    place = part.first(_TIMES)
    shown = [e for e in part.inner if e.tag == "time" or e is place]
    for element in shown:
        for name in ("datetime", "content", "title"):
            raw = element.get(name) or ""
            value = parse_date(raw, captured_at, zone)
            if value is not None:
                return Sourced(value, "time" if element.tag == "time" else "microdata", raw)
    for element in shown:
        raw = text_of(element)
        found = find_dates(raw[:_LONGEST_TIME], captured_at, zone)
        if found:
            return Sourced(found[0].value, "text", raw[found[0].start : found[0].end])
    return None


def _text(part: _Part, known: set[HtmlElement]) -> str:
    place = part.first(_TEXTS)
    body = part.element if place is None else place

    def skip(element: HtmlElement) -> bool:
        if element in known or element.tag in {"form", "nav", "footer", "time"}:
            return True
        return place is None and any(_BESIDE.fullmatch(word) for word in _words(element))

    lines = [p.text for p in paragraphs(body, skip) if not _AWAITING.fullmatch(p.text)]
    return "\n".join(lines)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
