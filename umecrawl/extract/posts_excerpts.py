"""Whether a listing shows a post whole or only its beginning: more-links, ellipses, places for excerpts."""

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from umecrawl.extract.paragraphs import Paragraph
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_words, select, squeeze
from umecrawl.model.urls import InvalidUrlError, Url, normalize, resource_key

_MORE_CLASS = re.compile(
    r"(?:[a-z]+[-_]{1,2})*(?:more-link|read-?more|moretag|continue-reading|las-?mer|wp-block-read-more|excerpt-more|"
    r"jump-link)"
    r"(?:[-_]{1,2}[a-z0-9]+)*"
)
_MORE_TEXT = re.compile(
    r"(?:\W|\[)*(?:läs (?:mer|hela|vidare|resten|fortsättning)|fortsätt(?:er)? läs|fortsättning|visa hela|"
    r"hela (?:inlägget|artikeln)|till (?:inlägget|artikeln)|continue reading|read (?:more|on|the (?:rest|full|whole))|"
    r"keep reading|full (?:story|article|post)|"
    r"more\s*(?:…|\.\.\.|»|→|>+)?$|les (?:mer|videre|hele)|læs (?:mere|videre|hele)|lue (?:lisää|koko)|"
    r"weiterlesen|mehr lesen|lire la suite|\(?more(?:…|\.\.\.)\)?$)",
    re.IGNORECASE,
)
_CUT_SURELY = re.compile(r"(?:\[\s*(?:…|\.\.\.|&hellip;)\s*\]|\(\s*(?:…|\.\.\.)\s*\)|…\s*[»→])\s*$")
_CUT = re.compile(r"(?:…|\.\.\.)\s*$")
_AUTOMATIC = 80  # words; what a content system cuts off by itself is no longer
_LONGEST_MORE = 300  # characters of the text of a link that says no more than "read on"


def says_more(line: str) -> bool:
    """Return whether the words of a link say that the rest stands behind it."""
    return len(line) <= _LONGEST_MORE and _MORE_TEXT.match(line) is not None


def more_links(root: HtmlElement, base: str, permalink: Url) -> list[HtmlElement]:
    """Return the links of a post that send the reader on to the rest of it, which is at its own permalink.

    "Läs mer" that leads elsewhere is part of the text.
    """
    own = resource_key(permalink)
    found: list[HtmlElement] = []
    for anchor in select(root, ".//a[@href]"):
        line = squeeze(str(anchor.text_content()))
        if len(line) > _LONGEST_MORE:
            continue
        place = anchor.getparent()
        named = [*class_words(anchor), *(class_words(place) if place is not None else [])]
        told = "#more-" in (anchor.get("href") or "") or any(_MORE_CLASS.fullmatch(word) for word in named)
        if (told or says_more(line)) and _key(anchor.get("href") or "", base) == own:
            found.append(anchor)
    return found


def is_cut(text: Sequence[Paragraph], *, content: bool) -> bool:
    """Return whether a text ends where a content system cut it off.

    `[…]` is the mark of an excerpt; dots alone are a way to end a sentence too, and count in what is short
    enough for an excerpt: one paragraph, or any text in a place that is not for `content`.
    """
    if not text:
        return False
    end = text[-1].text
    if _CUT_SURELY.search(end):
        return True
    short = sum(word_count(p.text) for p in text) <= _AUTOMATIC
    return bool(_CUT.search(end)) and short and (not content or len(text) == 1)


def _key(href: str, base: str) -> str:
    try:
        return resource_key(normalize(href, base))
    except InvalidUrlError:
        return ""
