"""Counts of comments and likes, read as numbers and kept out of the text, which they would change every hour."""

import re

from lxml.html import HtmlElement

from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.tree import by_class, select, text_of

_COMMENTS = re.compile(
    r"(?P<count>\d{1,3}(?:[  .]?\d{3})*)\s*(?:st\s+)?(?:kommentar(?:er)?|comments?|kommentare|svar|replies|responses?)\b",
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
    r"\d{1,7} (?:gillar|gilla-markeringar|likes?|personer gillar)\b.{0,20}|gilla[:\s]*\d*|like[:\s]*\d*", re.IGNORECASE
)
_BARE = re.compile(r"\d{1,6}")

_COMMENT_PLACES = (
    f"//*[{by_class('comments-link')} or {by_class('comment-count')} or {by_class('comments-count')} "
    f"or {by_class('wp-block-comments-title')} or {by_class('comments-title')} or @id='comments-title' "
    f"or {by_class('post-comments')} or {by_class('comment-link')} or @itemprop='commentCount']"
    " | //a[contains(@href, '#comments') or contains(@href, '#respond')]"
)
_LIKE_PLACES = (
    f"//*[{by_class('gilla')} or {by_class('gillar')} or {by_class('like-count')} or {by_class('likes-count')} "
    f"or {by_class('likes')} or {by_class('sl-count')} or {by_class('post-likes')} or {by_class('like_count')}]"
)


def comment_count(root: HtmlElement, linked: LinkedArticle | None) -> int | None:
    """Return how many comments the page says the article has; nothing when it does not say."""
    if linked is not None and linked.comment_count is not None:
        return linked.comment_count
    for place in select(root, _COMMENT_PLACES):
        text = place.get("content") or text_of(place)
        match = _COMMENTS.search(text)
        if match is not None:
            return int(re.sub(r"\D", "", match["count"]))
        if _NONE.match(text):
            return 0
        if _BARE.fullmatch(text):
            return int(text)
    listed = select(
        root, f"//ol[{by_class('commentlist')} or {by_class('comment-list')}]//li[starts-with(@id, 'comment-')]"
    )
    return len(listed) or None


def like_count(root: HtmlElement, linked: LinkedArticle | None) -> int | None:
    """Return how many likes the page says the article has; nothing when it does not say."""
    if linked is not None and linked.like_count is not None:
        return linked.like_count
    for place in select(root, _LIKE_PLACES):
        match = _LIKES.fullmatch(text_of(place))
        if match is not None:
            return int(match["count"])
    return None


def is_counter(line: str) -> bool:
    """Return whether a line of text is nothing but a count of comments or likes."""
    return bool(_NONE.match(line) or _COMMENTS.fullmatch(line) or _GILLAR.fullmatch(line))
