"""Who wrote an article, as the page says it: names without labels, dates and form fields."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.outline import Outline, is_foreign
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_words, select, squeeze, text_of
from umecrawl.model.article import Person, Sourced

_META = ("author", "article:author", "dc.creator", "dcterms.creator", "sailthru.author", "parsely-author", "byl")
_LABEL = re.compile(
    r"^(?:(?:av|by|text|text:?\s*(?:&|och)\s*foto|skriv(?:en|et) av|publicerad av|posted by|written by|"
    r"författare|author|"
    r"skribent|inlägg av|von|af|kirjoittanut|reporter)\s*:?\s+|[\s|\u00b7,\u2013:-]+)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:[|\u00b7\u2022]|\b(?:publicera[dt]|uppdatera[dt]|published|updated|posted|den \d|on \w+ \d)|"
    r"\d{1,2}[:.]\d\d|"
    r"\b(?:19|20)\d\d\b|\b\d{1,2} [a-zåäö]{3,9}\b).*$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(?:name|namn|navn|nimi|admin|administrator|author|authors|författare|av|by|posted by|webmaster|editor|"
    r"guest|gäst|"
    r"unknown|anonym|anonymous|null|none|undefined|view all posts.*|all posts by.*|visa alla inlägg.*|skriven av|"
    r"(?:about|om) (?:the )?(?:author|författaren).*|\W*|\d+)",
    re.IGNORECASE,
)
_ROLE = r"(?:byline|author|skribent|forfattare|writer|reporter)"
_NAMED_ROLE = re.compile(rf"(?:[a-z]+[-_]{{1,2}})*{_ROLE}[-_]{{1,2}}(?:name|title|namn|names)|skribent|forfattare")
_ANY_ROLE = re.compile(rf"(?:[a-z]+[-_]{{1,2}})*{_ROLE}(?:[-_]{{1,2}}(?:name|title|namn|link|names|info))?")
_CARDS = ("author", "p-author", "byline", "vcard", "entry-author")
_LONGEST = 120  # characters
_MOST_WORDS = 14


def read_byline(outline: Outline, linked: LinkedArticle | None) -> Sourced | None:
    """Return the names of the authors, joined by commas; nothing where the page names none.

    In order: JSON-LD, meta elements, marked names (WordPress blocks, microdata, h-card, `rel=author`), and
    visible text whose class says that it is a byline.
    """
    if linked is not None:
        names = [name for name in map(_name, linked.authors) if name]
        if names:
            return Sourced(", ".join(dict.fromkeys(names)), "json-ld", "; ".join(linked.authors))
    for raw in outline.meta(*_META):
        name = _name(raw)
        if name:
            return Sourced(name, "meta", raw)
    for source, raw in _candidates(outline):
        name = _name(raw)
        if name:
            return Sourced(name, source, raw)
    return None


@dataclass(frozen=True, slots=True)
class Credit:
    """Who wrote a text (`byline`) and the account that published it, where that is an office or a login."""

    byline: Sourced | None
    account: Sourced | None


def credit(byline: Sourced | None, account: Sourced | None, signatories: Sequence[Person]) -> Credit:
    """Return byline and account of a text that `signatories` sign.

    Where the page names nobody, or only a login, the signatories are the byline (source `signature`); the name of an
    organisation stays the byline, as its readers see it, and is the account too.
    """
    if signatories and (byline is None or (account is not None and _is_login(account.value))):
        names = ", ".join(person.name for person in signatories)
        return Credit(Sourced(names, "signature", "; ".join(dict.fromkeys(p.raw for p in signatories))), account)
    return Credit(byline, account)


def _is_login(name: str) -> bool:
    return len(name.split()) == 1


def _candidates(outline: Outline) -> Iterator[tuple[str, str]]:
    yield from _said("h-entry", outline.classed("wp-block-post-author__name"))
    authors = outline.properties.get("author", [])
    inner = [e for author in authors for e in select(author, ".//*[@itemprop='name']")]
    yield from _said("microdata", [*inner, *authors])
    names = outline.classed("fn", "p-name")
    yield from _said("h-entry", [e for e in names if _in_card(e)])
    yield from _said("rel-author", select(outline.root, "//a[contains(concat(' ', @rel, ' '), ' author ')]"))
    for pattern in (_NAMED_ROLE, _ANY_ROLE):
        yield from _said("text", outline.matching(pattern))


def _said(source: str, elements: list[HtmlElement]) -> Iterator[tuple[str, str]]:
    for element in elements:
        text = squeeze(element.get("content") or "") or text_of(element)
        if 0 < len(text) <= _LONGEST and not is_foreign(element):
            yield source, text


def _in_card(element: HtmlElement) -> bool:
    return any(word in _CARDS for place in element.iterancestors() for word in class_words(place))


def _name(raw: str) -> str:
    """Return the names of a byline without labels, dates and addresses; empty when none is left."""
    text = _TAIL.sub("", _LABEL.sub("", squeeze(raw))).strip(" ,;:|\u00b7\u2022\u2013-")
    if not text or _NO_NAME.fullmatch(text) or "@" in text or "://" in text or "www." in text:
        return ""
    return text if len(text) <= _LONGEST and word_count(text) <= _MOST_WORDS else ""
