"""Counts of comments and likes, read as numbers and kept out of the text, which they would change every hour."""

import re

from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.outline import Outline
from umecrawl.extract.paragraphs import text_of
from umecrawl.extract.tree import select, tagged

# From the first digit of a number on, and no further than a count may be long: a page may hold a million digits.
_COMMENTS = re.compile(
    r"(?<!\d)(?P<count>\d{1,3}(?:[  .]?\d{3}){0,2})\s*(?:st\s+)?(?:kommentar(?:er)?|comments?|kommentare|svar|"
    r"replies|responses?)\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"^(?:bli (?:den )?först[ae]? att kommentera|inga kommentarer(?: än)?|no comments?(?: yet)?|"
    r"lämna en kommentar|leave a comment|be the first to comment|0)$",
    re.IGNORECASE,
)
_LIKES = re.compile(
    r"(?P<count>\d{1,7})(?:\s*(?:gilla(?:r|nde|markeringar)?|likes?|personer gillar).*)?", re.IGNORECASE
)
_GILLAR = re.compile(
    r"\d{1,7} (?:gillar|gilla-markeringar|likes?|personer gillar)\b.{0,20}|gilla[:\s]*\d*|"
    r"like[:\s]*\d*",
    re.IGNORECASE,
)
_BARE = re.compile(r"\d{1,6}")

_COMMENT_PLACES = (
    "comments-link",
    "comment-count",
    "comments-count",
    "wp-block-comments-title",
    "comments-title",
    "post-comments",
    "comment-link",
)
_LIKE_PLACES = (
    "gilla",
    "gillar",
    "like-count",
    "likes-count",
    "likes",
    "sl-count",
    "post-likes",
    "like_count",
)


def comment_count(outline: Outline, linked: LinkedArticle | None) -> int | None:
    """Return how many comments the page says the article has; nothing when it does not say."""
    if linked is not None and linked.comment_count is not None:
        return linked.comment_count
    places = [*outline.classed(*_COMMENT_PLACES), *outline.properties.get("commentcount", [])]
    links = ((a, a.get("href") or "") for a in tagged(outline.root, "a"))
    places += [a for a, href in links if "#comments" in href or "#respond" in href]
    for place in places:
        text = place.get("content") or text_of(place)
        match = _COMMENTS.search(text)
        if match is not None:
            return int(re.sub(r"\D", "", match["count"]))
        if _NONE.match(text):
            return 0
        if _BARE.fullmatch(text):
            return int(text)
    lists = outline.classed("commentlist", "comment-list")
    return len(select(lists[0], ".//li[starts-with(@id, 'comment-')]")) or None if lists else None


def like_count(outline: Outline, linked: LinkedArticle | None) -> int | None:
    """Return how many likes the page says the article has; nothing when it does not say."""
    if linked is not None and linked.like_count is not None:
        return linked.like_count
    for place in outline.classed(*_LIKE_PLACES):
        match = _LIKES.fullmatch(text_of(place))
        if match is not None:
            return int(match["count"])
    return None


def is_counter(line: str) -> bool:
    """Return whether a line of text is nothing but a count of comments or likes."""
    return bool(_NONE.match(line) or _COMMENTS.fullmatch(line) or _GILLAR.fullmatch(line))
