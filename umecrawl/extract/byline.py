"""Who wrote an article, as the page says it: names without labels, dates and form fields."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lxml.html import HtmlElement

from umecrawl.extract.accounts import is_account, is_placeholder, site_names
from umecrawl.extract.claims import Said, said
from umecrawl.extract.date_places import Places
from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.names import is_name
from umecrawl.extract.outline import Outline, is_foreign
from umecrawl.extract.paragraphs import text_of
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_words, select, squeeze, tagged
from umecrawl.model.article import Person, Sourced

_META = ("author", "article:author", "dc.creator", "dcterms.creator", "sailthru.author", "parsely-author", "byl")
_LABEL = re.compile(
    r"^(?:(?:av|by|text|text:?\s*(?:&|och)\s*foto|skriv(?:en|et) av|publicerad av|posted by|written by|"
    r"författare|author|"
    r"skribent|inlägg av|von|af|kirjoittanut|reporter|autor(?:in)?|interview|und|och|words by|story by|"
    r"geschrieben von)\s*:?\s+|"
    r"[\s|&\u00b7,\u2013:-]+)+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:[|\u00b7\u2022]|[.,]?\s*\b(?:reviewed|edited|updated|fact[- ]checked|translated) by|, in (?=[A-Z])|"
    r",?\s*\b(?:datum|date)\b:?|\b(?:publicera[dt]|uppdatera[dt]|published|updated|posted|den \d|on \w+ \d)|"
    r"\d{1,2}[:.]\d\d|"
    r"\b(?:19|20)\d\d\b|\b\d{1,2} [a-zåäö]{3,9}\b).*$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(?:name|namn|navn|nimi|author|authors|författare|av|by|posted by|\w|topics?|tags?|share|dela|kategorier?|"
    r"(?:veröffentlicht|zuletzt|geändert|erstellt|publicerad|publisert|aktualisiert|last updated|posted)\b.*|"
    r"unknown|anonym|anonymous|null|none|undefined|view all posts.*|all posts by.*|visa alla inlägg.*|skriven av|"
    r"(?:about|om) (?:the )?(?:author|författaren).*|\W*|\d+)",
    re.IGNORECASE,
)
_ROLE = r"(?:byline|author|skribent|forfattare|writer|reporter)"
_ROLE_SIGN = re.compile(_ROLE)
_NAMED_ROLE = re.compile(rf"(?:[a-z]+[-_]{{1,2}})*{_ROLE}[-_]{{1,2}}(?:name|title|namn|names)|skribent|forfattare")
_ANY_ROLE = re.compile(rf"(?:[a-z]+[-_]{{1,2}})*{_ROLE}(?:[-_]{{1,2}}(?:name|title|namn|link|names|info))?")
_OPENED = re.compile(
    r"^(?:av|by|text|text:?\s*(?:&|och)\s*foto|skriven av|skrivet av|written by|posted by|publicerad av|von|af|tekst|"
    r"kirjoittanut|författare|author|skribent|reporter)(?:\s*:\s*|\s+|$)|(?-i:By|Av|Von)(?=(?-i:[A-ZÅÄÖ][a-zåäö]))",
    re.IGNORECASE,
)
_DATED_BY = re.compile(
    r"^(?:\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d),?\s+(?=(?:av|by)\s)", re.IGNORECASE
)
# The beginning of a line that is a date: figures and a month, or a weekday in front.
_DATED = re.compile(r"(?:\w+dag,? )?(?:den )?(?:\d{1,2}[./ :]|\d{4}-\d\d|[A-Z][a-z]{2,8}\.? \d{1,2})")
_MOST_NAMED = 8  # words of a byline that nothing but its first word marks
_MOST_SHOUTED = 3  # words of a name in capitals: a longer line is a heading
_CARDS = ("author", "p-author", "byline", "vcard", "entry-author")
_LONGEST = 120  # characters
_MOST_WORDS = 14


@dataclass(frozen=True, slots=True)
class Authorship:
    """The author that a page names, the account beside or instead of one, and all that its sources say."""

    byline: Sourced | None
    account: Sourced | None
    said: Said


def byline_said(
    outline: Outline, linked: LinkedArticle | None, url: str = "", places: Places | None = None
) -> Authorship:
    """Return who wrote the article by all sources of a page.

    In order: JSON-LD, meta elements, marked names (WordPress blocks, microdata, h-card, `rel=author`), visible text
    whose class says that it is a byline; where none of them names a person, a line beside the title that opens `Av` or
    `By` (`places` are those of the page, where they are known already). A source
    that names a person goes before those that name the site, an office or a login; such a name is the account,
    and the byline too where no other is found, unless it is one that a content system makes up (`admin`).
    """
    sites = site_names(outline, url, linked)
    organisations = linked.organisations if linked is not None else ()
    people: list[Sourced] = []
    accounts: list[Sourced] = []
    vaguer: list[Sourced] = []
    told = [(is_account(one.value, sites, organisations), one) for one in _told(outline, linked)]
    if all(account for account, _ in told):
        beside = _beside((Places(outline) if places is None else places).beside_title)
        told += [(is_account(one.value, sites, organisations), one) for one in beside]
    doubtful = False
    for account, one in told:
        # What does not look like a name (a section, a label) outweighs no office told before it.
        doubtful = doubtful or account
        vague = doubtful and not account and not is_name(one.value)
        (accounts if account else vaguer if vague else people).append(one)
    # A login is a name that its owner chose: a blog of one is signed by it. An office comes after it.
    accounts.sort(key=lambda one: is_placeholder(one.value))
    named = [*people, *(one for one in accounts if not is_placeholder(one.value)), *vaguer]
    first = accounts[0] if accounts else None
    if first is not None and not people and is_name(first.value) and not is_account(first.value):
        first = None  # a blog that bears its author's name
    return Authorship(named[0] if named else None, first, said([*people, *accounts, *vaguer]))


def _told(outline: Outline, linked: LinkedArticle | None) -> Iterator[Sourced]:
    """Yield what each source says, the first of each that is a name."""
    heard: set[str] = set()
    if linked is not None:
        names = [name for name in map(_name, linked.authors) if name]
        if names:
            heard.add("json-ld")
            yield Sourced(", ".join(dict.fromkeys(names)), "json-ld", "; ".join(linked.authors))
    several = [name for name in map(_name, outline.meta("citation_author")) if name]
    if several:
        yield Sourced(", ".join(dict.fromkeys(several)), "meta", "; ".join(outline.meta("citation_author")))
    for source, raw in (*(("meta", raw) for raw in outline.meta(*_META)), *_candidates(outline)):
        name = _name(raw)
        if name and source not in heard:
            heard.add(source)
            yield Sourced(name, source, raw)


def _beside(lines: list[str]) -> Iterator[Sourced]:
    """Read who wrote from the lines next to the title: `Av Eva Ek`, `Text:` and the name under it, a name by a date."""
    for number, line in enumerate(_DATED_BY.sub("", line) for line in lines):
        match = _OPENED.match(line)
        if match is None:
            continue
        rest = line[match.end() :] or next(iter(lines[number + 1 : number + 2]), "")
        name = _name(rest)
        if name and word_count(name) <= _MOST_NAMED and name[0].isupper() and not name.endswith((".", "!", "?")):
            yield Sourced(name, "text", line)
            return
    for line, other in pairwise(lines):
        for name, date in ((line, other), (other, line)):
            shouted = name.isupper() and word_count(name) > _MOST_SHOUTED
            if is_name(name) and not shouted and _DATED.match(date) and word_count(date) <= _MOST_NAMED and _name(name):
                yield Sourced(_name(name), "text", name)
                return


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
    if signatories and (byline is None or (account is not None and account == byline and _is_login(account.value))):
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
    yield from _said("rel-author", [a for a in tagged(outline.root, "a") if " author " in f" {a.get('rel')} "])
    for pattern in (_NAMED_ROLE, _ANY_ROLE):
        yield from _said("text", outline.matching(pattern, _ROLE_SIGN))


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
