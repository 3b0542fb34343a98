"""When an article was published and changed, by the best source the page has; never a date of its story."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from umecrawl.extract.dates import STOCKHOLM, find_dates, parse_date, same_day, url_date
from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.outline import Outline, is_foreign, is_foreign_place
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_words, paragraphs, select, squeeze, text_of, values
from umecrawl.model.article import Sourced
from umecrawl.model.urls import host_of

_PUBLISHED_META = (
    "og:published_time",
    "article:published",
    "date",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "publication_date",
    "dc.date.issued",
    "dc.date",
    "dcterms.issued",
    "dcterms.created",
    "dcterms.date",
    "sailthru.date",
    "parsely-pub-date",
    "article.published",
    "cxenseparse:recs:publishtime",
    "citation_publication_date",
    "originalpublicationdate",
    "article_date_original",
    "rnews:datepublished",
    "displaydate",
)
_MODIFIED_META = (
    "og:updated_time",
    "article:modified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "modified_time",
    "revision_date",
)
_PUBLISHED_CLASSES = (
    "dt-published",
    "published",
    "entry-date",
    "wp-block-post-date",
    "post-date",
    "posted-on",
    "date-published",
)
_MODIFIED_CLASSES = ("dt-updated", "updated", "modified", "date-modified")
_DATE_CLASS = re.compile(
    r"(?:[a-z0-9]+[-_]{1,2})*(?:date|datum|pubdate|published|publicerad|posted-?on|time|timestamp|dateline|"
    r"postmeta|byline|"
    r"meta|publishing-?info|submitted|tid)(?:[-_]{1,2}[\w-]*)?"
)
_BODY_CLASS = re.compile(
    r"entry-content|wp-block-post-content|e-content|post-content|post-entry|post-body|"
    r"(?:[a-z]+[-_]{1,2})*(?:article|story)[-_]{1,2}(?:body|text|content)|articlebody|brodtext"
)
_PUBLISHED_LABEL = re.compile(
    r"publicer|published|posted|skap(?:ad|at)|skrev|postad|postat|inlagd|upplagd|opprettet|publiser|udgivet|"
    r"julkaistu",
    re.IGNORECASE,
)
_MODIFIED_LABEL = re.compile(
    r"uppdater|updated|ändrad|modified|redigera|oppdatert|opdateret|päivitetty|reviderad", re.IGNORECASE
)
# A line that is a date with its label, and no sentence that happens to hold both.
_LABELLED = re.compile(
    r"\W*(?:sidan |artikeln |inlägget |senast |last |first )?(?:publicera[dt]e?s?|published|posted|"
    r"uppdatera[dt]e?s?|updated|"
    r"ändra[dt]e?s?|modified|skapa[dt]e?s?|postad|publisert|oppdatert|udgivet|opdateret|julkaistu|päivitetty)"
    r"(?: on| den| at)?\s*[:.]?\s*(?:mån|tis|ons|tors|fre|lör|sön|mon|tue|wed|thu|fri|sat|"
    r"sun)?\w*,?\s*(?:den )?(?=\d|[a-z]{3,9}\.? \d)",
    re.IGNORECASE,
)
_LABEL_NODES = (
    "//body//text()[contains(., 'ublicera') or contains(., 'pdatera') or contains(., 'ublished') "
    "or contains(., 'pdated') "
    "or contains(., 'ublisert') or contains(., 'ppdatert') or contains(., 'osted') or contains(., 'ändrad')]/.."
)
_LONGEST_PLACE = 200  # characters
_LINES_BELOW = 5  # how far from the main heading a date is taken for the article's
_LINES_ABOVE = 3
_WORDS_BESIDE = 7  # a byline and "min read"; more is a sentence


def read_published(outline: Outline, url: str, captured_at: datetime, linked: LinkedArticle | None) -> Sourced | None:
    """Return when the article was published.

    In order: JSON-LD, Open Graph and other meta elements; then marked elements (microdata, h-entry, `time`)
    and visible dates in a place for dates, as long as they agree with the day that the URL names; that day.
    """
    zone = zone_of(outline, url)
    told = _first(
        [
            ("json-ld", linked.published if linked is not None else ""),
            *(("opengraph", raw) for raw in outline.meta("article:published_time")),
            *(("meta", raw) for raw in outline.meta(*_PUBLISHED_META)),
        ],
        captured_at,
        zone,
    )
    if told is not None:
        return told
    day = url_date(url, captured_at)
    marked = _first(_marked(outline, "datepublished", _PUBLISHED_CLASSES), captured_at, zone)
    if marked is not None and (day is None or same_day(marked.value, day)):
        return marked
    stamp = _first((("time", raw) for raw in _times(outline)), captured_at, zone)
    if stamp is not None and (day is None or same_day(stamp.value, day)):
        return stamp
    visible = _visible(outline, captured_at, zone, modified=False)
    if visible is not None and (day is None or same_day(visible.value, day)):
        return visible
    if day is not None:
        return Sourced(day, "url", urlsplit(url).path)
    return _beside_title(outline, captured_at, zone)


def read_modified(outline: Outline, url: str, captured_at: datetime, linked: LinkedArticle | None) -> Sourced | None:
    """Return when the article was last changed, by JSON-LD, meta elements, marked elements or a labelled date."""
    zone = zone_of(outline, url)
    told = _first(
        [
            ("json-ld", linked.modified if linked is not None else ""),
            *(("opengraph", raw) for raw in outline.meta("article:modified_time")),
            *(("meta", raw) for raw in outline.meta(*_MODIFIED_META)),
            *_marked(outline, "datemodified", _MODIFIED_CLASSES),
        ],
        captured_at,
        zone,
    )
    return told or _visible(outline, captured_at, zone, modified=True)


def zone_of(outline: Outline, url: str) -> ZoneInfo | None:
    """Return where times without an offset belong: Swedish pages write Swedish time, of others nothing is known."""
    languages = [*values(outline.root, "/html/@lang"), *outline.meta("og:locale")]
    host = host_of(url)
    swedish = any(language.lower().startswith("sv") for language in languages) or host.endswith((".se", ".nu"))
    if not swedish and not languages and not host.endswith((".fi", ".ax")):
        # An older page may name no language; this word is Swedish and neither Norwegian nor Danish.
        swedish = bool(values(outline.root, "//body//text()[contains(., 'Publicerad')][1]"))
    return STOCKHOLM if swedish else None


def _first(candidates: Iterable[tuple[str, str]], captured_at: datetime, zone: ZoneInfo | None) -> Sourced | None:
    for source, raw in candidates:
        value = parse_date(raw, captured_at, zone) if raw else None
        if value is not None:
            return Sourced(value, source, raw)
    return None


def _marked(outline: Outline, microdata: str, classes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for element in outline.properties.get(microdata, []):
        yield from (("microdata", raw) for raw in _stamps(element))
    for name in classes:
        for element in outline.classed(name):
            yield from (("h-entry", raw) for raw in _stamps(element))


def _stamps(element: HtmlElement) -> list[str]:
    """Return the machine-readable date of an element of the article, or its text where it has none."""
    if is_foreign(element):
        return []
    inner = [element, *select(element, ".//time[@datetime] | .//abbr[@title]")]
    stamps = [squeeze(v) for e in inner for v in (e.get("datetime"), e.get("content"), e.get("title")) if v]
    raw = stamps[0] if stamps else text_of(element)
    return [raw] if 0 < len(raw) <= _LONGEST_PLACE else []


def _times(outline: Outline) -> Iterator[str]:
    """Yield the `time` elements of the page that are not labelled as the time of a change."""
    for element in select(outline.root, "//body//time"):
        label = f"{text_of(element)} {' '.join(class_words(element))} {_text_before(element)}"
        changed = _MODIFIED_LABEL.search(label) and not _PUBLISHED_LABEL.search(label)
        if not changed and not is_foreign(element):
            yield squeeze(element.get("datetime") or "") or text_of(element)


def _text_before(element: HtmlElement) -> str:
    previous = element.getprevious()
    if previous is not None:
        return (previous.tail or "")[-40:] or (text_of(previous)[-40:] if previous.tag == "span" else "")
    parent = element.getparent()
    return (parent.text or "")[-40:] if parent is not None else ""


def _visible(outline: Outline, captured_at: datetime, zone: ZoneInfo | None, *, modified: bool) -> Sourced | None:
    """Find a date written out outside the text: under a label, or (for the publication) in a place for dates."""
    wanted, other = (_MODIFIED_LABEL, _PUBLISHED_LABEL) if modified else (_PUBLISHED_LABEL, _MODIFIED_LABEL)
    unlabelled: Sourced | None = None
    for line, named in _date_lines(outline):
        for found in find_dates(line, captured_at, zone):
            before = line[: found.start]
            mine = max((m.end() for m in wanted.finditer(before)), default=-1)
            theirs = max((m.end() for m in other.finditer(before)), default=-1)
            if mine > theirs:
                return Sourced(found.value, "text", line)
            if not modified and theirs < 0 and named and unlabelled is None:
                unlabelled = Sourced(found.value, "text", line)
    return unlabelled


def _beside_title(outline: Outline, captured_at: datetime, zone: ZoneInfo | None) -> Sourced | None:
    """Find a date on a line of its own next to the page's main heading."""
    heads = [h for h in select(outline.root, "//h1") if not is_foreign(h)]
    if len(heads) != 1:
        return None
    title = text_of(heads[0])
    lines = [p.text for p in paragraphs(outline.root, is_foreign_place)]
    if title not in lines:
        return None
    at = lines.index(title)
    for line in [*lines[at + 1 : at + 1 + _LINES_BELOW], *reversed(lines[max(0, at - _LINES_ABOVE) : at])]:
        for found in find_dates(line, captured_at, zone):
            rest = f"{line[: found.start]} {line[found.end :]}"
            if word_count(rest) <= _WORDS_BESIDE and not _MODIFIED_LABEL.search(rest):
                return Sourced(found.value, "text", line)
    return None


def _date_lines(outline: Outline) -> Iterator[tuple[str, bool]]:
    """Yield lines that are there to tell a date, each with whether its class says so."""
    for element in outline.matching(_DATE_CLASS):
        line = squeeze(str(element.text_content()))
        if 0 < len(line) <= _LONGEST_PLACE and _is_place(element):
            yield line, True
    for element in select(outline.root, _LABEL_NODES):
        line = squeeze(str(element.text_content()))
        if 0 < len(line) <= _LONGEST_PLACE and _LABELLED.match(line) and _is_place(element):
            yield line, False


def _is_place(element: HtmlElement) -> bool:
    """Whether an element stands outside the article's text and outside other posts."""
    if element.tag in {"script", "style", "body", "html"} or is_foreign(element):
        return False
    return not any(_BODY_CLASS.fullmatch(word) for place in element.iterancestors() for word in class_words(place))
