"""The places of a page in which a date of its article stands: marked elements, `time`, labelled lines, scripts."""

import re
from collections.abc import Iterator
from functools import cached_property

from lxml.html import HtmlElement

from umecrawl.extract.outline import Outline, is_foreign, is_foreign_place
from umecrawl.extract.paragraphs import paragraphs, text_of
from umecrawl.extract.text import key, word_count
from umecrawl.extract.tree import class_words, select, squeeze, tagged, values

PUBLISHED_LABEL = re.compile(
    r"publicer|published|posted|skap(?:ad|at)|skrev|postad|postat|inlagd|upplagd|opprettet|publiser|udgivet|"
    r"julkaistu|ver\u00f6ffentlicht|erstellt|publi\u00e9|publicado|created",
    re.IGNORECASE,
)
MODIFIED_LABEL = re.compile(
    r"uppdater|updated|ändrad|modified|redigera|oppdatert|opdateret|päivitetty|reviderad|aktualisiert|"
    r"zuletzt|mis \u00e0 jour|actualizado|reviewed|last edited",
    re.IGNORECASE,
)
_DATE_CLASS = re.compile(
    r"(?:[a-z0-9]+[-_]{1,2})*(?:[a-z]{0,14}(?<!up)(?<!vali)(?<!candi)(?:date|datum)|published|publicerad|posted-?on|"
    r"time|timestamp|dateline|datetime|byline|(?:post)?meta(?:data)?|publishing-?info|submitted|tid|dato|fecha|"
    r"created|infoline)(?:[-_]{1,2}[\w-]*)?"
)
_DATE_SIGN = re.compile(
    "dat[eou]|ublished|ublicerad|posted|time|byline|meta|publishing|submitted|tid|fecha|created|infoline"
)
# A class that means the time of publication and nothing else, even inside the text's own box.
_PUBLISHED_CLASS = re.compile(r"(?:[a-z0-9]+[-_]{1,2})*(?:published|publish|post|entry)[-_]?(?:date|on|time)")
_BODY_CLASS = re.compile(
    r"entry-content|wp-block-post-content|e-content|post-content|post-entry|post-body|"
    r"(?:[a-z]+[-_]{1,2})*(?:article|story)[-_]{1,2}(?:body|text|content)|articlebody|brodtext"
)
# A line that is a date with its label, and no sentence that happens to hold both.
_LABELLED = re.compile(
    r"\W*(?:sidan |artikeln |inlägget |senast |last |first )?(?:publicera[dt]e?s?|published|posted|"
    r"uppdatera[dt]e?s?|updated|"
    r"ändra[dt]e?s?|modified|skapa[dt]e?s?|postad|publisert|oppdatert|udgivet|opdateret|julkaistu|päivitetty)"
    r"(?: on| den| at)?\s*[:.]?\s*(?:mån|tis|ons|tors|fre|lör|sön|mon|tue|wed|thu|fri|sat|"
    r"sun)?\w*,?\s*(?:den )?(?=\d|i ?dag|i ?går|för \d|[a-z]{3,9}\.? \d)",
    re.IGNORECASE,
)
# Columns that hold other posts or what readers wrote.
_LISTED = re.compile(r"(?:.*[-_])?(?:comments?|related|teasers?|latest|recent|widget|news|events?|list)(?:[-_].*)?")
# Most texts have none of the letters that are asked for first.
_LABEL_NODES = (
    "//body//text()[contains(., 'd') or contains(., 'ubli')][string-length() < 120][contains(., 'pdat') "
    "or contains(., 'ublis') or contains(., 'ublicera') or contains(., 'osted') or contains(., 'ändrad')]"
    "/parent::*[not(self::script or self::style or self::noscript)]"
)
_LABEL_SIGN = re.compile("pdat|ubli(?:s|cera)|osted|ändrad")
_STATE_KEY = re.compile(
    r"\\?[\"'](?:datePublished|date_?published|publishedAt|published_at|publishDate|publish_date|publicationDate|"
    r"firstPublished(?:At|Date)?|published_time|datePublishedISO|publishedDate)\\?[\"']\s*:\s*\\?[\"']?"
    r"(\d{4}-\d\d-\d\d[T \d:.+Z-]{0,22}|\d{10}(?:\d{3})?)(?=[\\\"',}])"
)
_LONGEST_PLACE = 200  # characters
_LINES_BELOW = 5  # how far from the main heading a date is taken for the article's
_LINES_ABOVE = 3
_ROOM = 2_000  # characters in which those lines stand
_RUNNING = 25  # words of a paragraph that is text
_LONGEST_SCRIPT = 2 * 1024 * 1024


class Places:
    """The places of one page in which dates and names stand beside its title; each is looked for once, when asked."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline

    @cached_property
    def dated(self) -> list[tuple[str, bool]]:
        """Lines that are there to tell a date, each with whether its class says so."""
        return list(_date_lines(self.outline))

    @cached_property
    def beside_title(self) -> list[str]:
        """The lines next to the page's main heading, those under it first."""
        return list(_lines_beside_title(self.outline))


def marked(outline: Outline, microdata: tuple[str, ...], classes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield source and raw value of the elements that microdata, RDFa or class names mark as a date of the article."""
    for name in microdata:
        for element in outline.properties.get(name, []):
            yield from (("microdata", raw) for raw in _stamps(element))
    for element in outline.rdfa:
        words = (element.get("property") or "").lower().split()
        if any(word.rpartition(":")[2] in microdata for word in words):
            yield from (("rdfa", raw) for raw in _stamps(element))
    for name in classes:
        for element in outline.classed(name):
            yield from (("h-entry", raw) for raw in _stamps(element))


def times(outline: Outline) -> Iterator[str]:
    """Yield the `time` elements of the page that are not labelled as the time of a change."""
    for element in tagged(outline.root, "time"):
        label = " ".join([*class_words(element), _text_before(element)])
        if not MODIFIED_LABEL.search(label) and not _foreign(element):
            yield squeeze(element.get("datetime") or "") or text_of(element)


def _date_lines(outline: Outline) -> Iterator[tuple[str, bool]]:
    """Yield lines that are there to tell a date, each with whether its class says so."""
    for element in outline.matching(_DATE_CLASS, _DATE_SIGN):
        line = squeeze(str(element.text_content()))
        if 0 < len(line) <= _LONGEST_PLACE and (_is_place(element) or _is_labelled(element, line)):
            yield line, True
    if _LABEL_SIGN.search(str(outline.root.text_content())) is None:
        return
    for element in select(outline.root, _LABEL_NODES):
        line = squeeze(str(element.text_content()))
        if 0 < len(line) <= _LONGEST_PLACE and _LABELLED.match(line) and _is_place(element):
            yield line, False


def _lines_beside_title(outline: Outline) -> Iterator[str]:
    """Yield the lines next to the page's main heading, those under it first."""
    head = _main_heading(outline)
    if head is None:
        return
    first = next(iter(paragraphs(head)), None)
    lines = [p.text for p in paragraphs(_room(head), is_foreign_place)]
    if first is not None and first.text in lines:
        at = lines.index(first.text)
        yield from lines[at + 1 : at + 1 + _LINES_BELOW]
        yield from reversed(lines[max(0, at - _LINES_ABOVE) : at])


def _room(head: HtmlElement) -> HtmlElement:
    """Return the innermost element around a heading that has text before it and enough behind it."""
    before = select(head, "preceding::text()[normalize-space()][1]/..")
    above = {before[0], *before[0].iterancestors()} if before else set()
    room = head
    for place in head.iterancestors():
        room = place
        if place in above and len(str(place.text_content())) > _ROOM:
            break
    return room


def lines_above_text(outline: Outline) -> Iterator[str]:
    """Yield the short lines of the page up to its second paragraph of running text."""
    running = 0
    for paragraph in paragraphs(outline.root, is_foreign_place):
        words = word_count(paragraph.text)
        running += words >= _RUNNING
        if running > 1:
            return
        if words < _RUNNING and any(c.isdecimal() for c in paragraph.text):
            yield paragraph.text


def lines_in_asides(outline: Outline) -> Iterator[str]:
    """Yield what stands in places for dates in the columns beside the article, inside the page's main part."""
    places = [
        *outline.matching(_DATE_CLASS, _DATE_SIGN),
        *select(outline.root, "//main//aside//time | //article//aside//time"),
    ]
    for element in places:
        around = [element, *element.iterancestors()]
        beside = any(e.tag == "aside" for e in around) and any(e.tag in {"main", "article"} for e in around)
        if beside and not any(_LISTED.fullmatch(word) for e in around for word in class_words(e)):
            line = squeeze(str(element.text_content()))
            if 0 < len(line) <= _LONGEST_PLACE:
                yield line


def _main_heading(outline: Outline) -> HtmlElement | None:
    """Return the only `h1`, or of several headings the one that the page's title repeats."""
    heads = [h for h in select(outline.root, "//h1") if not is_foreign(h)]
    if len(heads) == 1:
        return heads[0]
    heads += [h for h in select(outline.root, "//h2") if not is_foreign(h)]
    titles = [key(title) for title in (*outline.meta("og:title"), *values(outline.root, "//title[1]/text()"))]
    told = [(len(said), h) for h in heads if (said := key(text_of(h))) and any(t.startswith(said) for t in titles)]
    return max(told, key=lambda pair: pair[0])[1] if told else None


def in_state(outline: Outline) -> Iterator[str]:
    """Yield the times of publication in the data that a page's scripts are given, where they name one day alone."""
    found: dict[str, str] = {}
    for script in select(outline.root, "//script[not(@src)]"):
        text = script.text or ""
        if len(text) <= _LONGEST_SCRIPT and "ublish" in text:
            for match in _STATE_KEY.finditer(text):
                found.setdefault(match[1][:10], match[1])
    if len(found) == 1:
        yield from found.values()


def _foreign(element: HtmlElement) -> bool:
    """Whether an element is not the article's: as `is_foreign`, but the foot of an article is its own."""
    foot = next((e for e in (element, *element.iterancestors()) if e.tag == "footer"), None)
    inside = foot is not None and any(e.tag == "article" for e in foot.iterancestors())
    outer = foot.getparent() if foot is not None and inside else element
    return is_foreign(outer if outer is not None else element)


def _stamps(element: HtmlElement) -> list[str]:
    """Return the machine-readable date of an element of the article, or its text where it has none."""
    if _foreign(element):
        return []
    inner = [element, *select(element, ".//time[@datetime] | .//abbr[@title]")]
    stamps = [squeeze(v) for e in inner for v in (e.get("datetime"), e.get("content"), e.get("title")) if v]
    raw = stamps[0] if stamps else text_of(element)
    return [raw] if 0 < len(raw) <= _LONGEST_PLACE else []


def _text_before(element: HtmlElement) -> str:
    previous = element.getprevious()
    if previous is not None:
        return (previous.tail or "")[-40:] or (text_of(previous)[-40:] if previous.tag == "span" else "")
    parent = element.getparent()
    return (parent.text or "")[-40:] if parent is not None else ""


def _is_labelled(element: HtmlElement, line: str) -> bool:
    """Whether an element inside the box of the text is the time of publication, by its name and its label."""
    named = any(_PUBLISHED_CLASS.fullmatch(word) for word in class_words(element))
    return named and PUBLISHED_LABEL.search(line) is not None and not _foreign(element)


def _is_place(element: HtmlElement) -> bool:
    """Whether an element stands outside the article's text and outside other posts."""
    if element.tag in {"script", "style", "body", "html"} or _foreign(element):
        return False
    return not any(_BODY_CLASS.fullmatch(word) for place in element.iterancestors() for word in class_words(place))
