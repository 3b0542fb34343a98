"""When an article was published and changed, by the best source the page has; never a date of its story."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from umecrawl.extract.claims import Said, said
from umecrawl.extract.date_places import (
    MODIFIED_LABEL,
    PUBLISHED_LABEL,
    Places,
    in_state,
    lines_above_text,
    lines_in_asides,
    marked,
    times,
)
from umecrawl.extract.dates import find_dates, parse_date, refusal, same_day, url_date, url_month
from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.locality import Locality, locality_of
from umecrawl.extract.outline import Outline
from umecrawl.extract.relative import read_relative
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import values
from umecrawl.model.article import Sourced

_PUBLISHED_META = (
    "og:published_time",
    "article:published",
    "datepublished",
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
    "dc.date.created",
    "dc:date",
    "sailthru.date",
    "parsely-pub-date",
    "article.published",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "citation_publication_date",
    "citation_online_date",
    "citation_date",
    "originalpublicationdate",
    "article_date_original",
    "rnews:datepublished",
    "displaydate",
    "artikel-datum",
    "bt:pubdate",
    "mediator_published_time",
    "datecreated",
    "published-date",
    "published_on",
    "published_date",
    "publisheddate",
    "article:published_date",
    "date-published",
    "dc.created",
    "release_date",
    "releasedate",
)
_MODIFIED_META = (
    "og:updated_time",
    "article:modified",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "modified_time",
    "revision_date",
    "updated",
)
_PUBLISHED_DATA = ("datepublished", "published", "issued", "date", "created", "datecreated")
_MODIFIED_DATA = ("datemodified", "modified", "dateupdated")
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
_WORDS_BESIDE = 7  # a byline and "min read"; more is a sentence
_DASH = re.compile(r"\s*[)\-\u2013\u2014|:]\s")
_MOST = 8  # claims of one kind of source


@dataclass(slots=True)
class _Judge:
    """Reads raw dates of one page, and keeps in words what it refused."""

    captured_at: datetime
    place: Locality
    refused: list[str]

    def values(self, candidates: Iterable[tuple[str, str]]) -> Iterator[Sourced]:
        """Yield the possible dates among the candidates."""
        for source, raw in candidates:
            value = parse_date(raw, self.captured_at, self.place.zone, day_first=self.place.day_first) if raw else None
            if value is not None:
                yield Sourced(value, source, raw)
            elif raw:
                reason = refusal(raw, self.captured_at, self.place.zone, day_first=self.place.day_first)
                if reason:
                    self.refused.append(f"date of {source} refused: {reason}")


def published_said(
    outline: Outline,
    url: str,
    captured_at: datetime,
    linked: LinkedArticle | None,
    places: Places | None = None,
) -> Said:
    """Return all the page says of when the article was published, the most trusted first.

    `places` are those of the page, where they are known already.

    In order: JSON-LD, Open Graph and other meta elements; then marked elements (microdata, RDFa, h-entry, `time`)
    and visible dates in a place for dates, as long as they agree with the day that the URL names; that day; a date
    beside the heading, one in the data of the page's scripts, the month of the URL. Those that disagree with
    the URL come last.
    """
    places = Places(outline) if places is None else places
    place = locality_of(outline, url)
    judge = _Judge(captured_at, place, [])
    told = list(
        judge.values(
            [
                ("json-ld", linked.published if linked is not None else ""),
                *(("opengraph", raw) for raw in outline.meta("article:published_time")),
                *(("meta", raw) for raw in outline.meta(*_PUBLISHED_META)),
            ]
        )
    )
    day, month = url_date(url, captured_at), url_month(url, captured_at)
    named = day or month
    year = int(named[:4]) if named is not None else None
    # `time` and lines of text stand for other things too: the first of each is heard, and no more.
    stamped = list(judge.values(marked(outline, _PUBLISHED_DATA, _PUBLISHED_CLASSES)))[:_MOST]
    stamped += list(judge.values(("time", raw) for raw in times(outline)))[:1]
    visible = _visible(places, captured_at, place, modified=False)
    stamped += [visible] if visible is not None else []
    agreeing = [one for one in stamped if named is None or same_day(one.value, named)]
    other = [one for one in stamped if one not in agreeing]
    path = urlsplit(url).path
    whole = [Sourced(day, "url", path)] if day is not None else []
    found = [*told, *agreeing, *whole]
    if not found:
        found += _fallback(outline, judge, year, places)
    found += [Sourced(month, "url", path)] if month is not None else []
    return said([*found, *other], judge.refused)


def modified_said(
    outline: Outline,
    url: str,
    captured_at: datetime,
    linked: LinkedArticle | None,
    places: Places | None = None,
) -> Said:
    """Return all the page says of when the article was changed: JSON-LD, meta, marked elements, a labelled date."""
    places = Places(outline) if places is None else places
    place = locality_of(outline, url)
    judge = _Judge(captured_at, place, [])
    found = list(
        judge.values(
            [
                ("json-ld", linked.modified if linked is not None else ""),
                *(("opengraph", raw) for raw in outline.meta("article:modified_time")),
                *(("meta", raw) for raw in outline.meta(*_MODIFIED_META)),
                *marked(outline, _MODIFIED_DATA, _MODIFIED_CLASSES),
            ]
        )
    )[:_MOST]
    visible = _visible(places, captured_at, place, modified=True)
    if visible is None and not found:
        visible = _leaning(places, captured_at, place, None, modified=True)
    return said([*found, *([visible] if visible is not None else [])], judge.refused)


def zone_of(outline: Outline, url: str) -> ZoneInfo | None:
    """Return where times without an offset belong, as `locality.locality_of` tells it."""
    return locality_of(outline, url).zone


def _fallback(outline: Outline, judge: _Judge, year: int | None, places: Places) -> list[Sourced]:
    """Return what is heard only where nothing better speaks.

    In order: a line beside the heading, a day without its year, the only date above the text, the only one in a
    column beside it, one parted from the title, the data of scripts.
    """
    captured_at, place = judge.captured_at, judge.place
    found = (
        _beside_title(places, captured_at, place, year)
        or _leaning(places, captured_at, place, year)
        or _lone(lines_above_text(outline), captured_at, place)
        or _lone(lines_in_asides(outline), captured_at, place)
        or _in_title(outline, captured_at, place)
    )
    if found is not None:
        return [found]
    return list(judge.values(("script", raw) for raw in in_state(outline)))


def _visible(places: Places, captured_at: datetime, place: Locality, *, modified: bool) -> Sourced | None:
    """Find a date written out outside the text: under a label, or (for the publication) in a place for dates."""
    wanted, other = (MODIFIED_LABEL, PUBLISHED_LABEL) if modified else (PUBLISHED_LABEL, MODIFIED_LABEL)
    unlabelled: Sourced | None = None
    for line, named in places.dated:
        for date in find_dates(line, captured_at, place.zone, day_first=place.day_first):
            before = line[: date.start]
            mine = max((m.end() for m in wanted.finditer(before)), default=-1)
            theirs = max((m.end() for m in other.finditer(before)), default=-1)
            if mine > theirs:
                return Sourced(date.value, "text", line)
            if not modified and theirs < 0 and named and unlabelled is None:
                unlabelled = Sourced(date.value, "text", line)
    return unlabelled


def _leaning(
    places: Places, captured_at: datetime, place: Locality, year: int | None, *, modified: bool = False
) -> Sourced | None:
    """Find a date that leans on the capture (`i dag 10.15`, `6/3`): under a label, or the only one of the page."""
    wanted, other = (MODIFIED_LABEL, PUBLISHED_LABEL) if modified else (PUBLISHED_LABEL, MODIFIED_LABEL)
    found: dict[str, Sourced] = {}
    for line, _ in places.dated:
        value = None if other.search(line) else read_relative(line, captured_at, place.zone, year=year)
        if value is not None and wanted.search(line):
            return Sourced(value, "text", line)
        if value is not None and not modified:
            found.setdefault(value, Sourced(value, "text", line))
    return next(iter(found.values())) if len(found) == 1 else None


def _in_title(outline: Outline, captured_at: datetime, place: Locality) -> Sourced | None:
    """Find a day that opens the document's title before a dash, or closes it behind a bar."""
    for title in (*outline.meta("og:title")[:1], *values(outline.root, "/html/head/title/text()")[:1]):
        for found in find_dates(title, captured_at, place.zone, day_first=place.day_first):
            opens = not title[: found.start].strip() and _DASH.match(title, found.end)
            closes = not title[found.end :].strip() and title[: found.start].rstrip().endswith("|")
            if opens or closes:
                return Sourced(found.value, "title", title)
    return None


def _lone(lines: Iterable[str], captured_at: datetime, place: Locality) -> Sourced | None:
    """Find the only day that stands on a line of its own; two could be an event's or another post's."""
    found: dict[str, Sourced] = {}
    for line in lines:
        for date in find_dates(line, captured_at, place.zone, day_first=place.day_first):
            rest = f"{line[: date.start]} {line[date.end :]}"
            if word_count(rest) <= _WORDS_BESIDE and not MODIFIED_LABEL.search(rest):
                found.setdefault(date.value[:10], Sourced(date.value, "text", line))
    return next(iter(found.values())) if len(found) == 1 else None


def _beside_title(places: Places, captured_at: datetime, place: Locality, year: int | None) -> Sourced | None:
    """Find a date on a line of its own next to the page's main heading."""
    leaning: dict[str, Sourced] = {}
    for line in places.beside_title:
        for found in find_dates(line, captured_at, place.zone, day_first=place.day_first):
            rest = f"{line[: found.start]} {line[found.end :]}"
            if word_count(rest) <= _WORDS_BESIDE and not MODIFIED_LABEL.search(rest):
                return Sourced(found.value, "text", line)
            # A dateline: `27.1.2022 - Nämnden har …`.
            if not line[: found.start].strip(" (") and _DASH.match(line, found.end):
                return Sourced(found.value, "text", line[: found.end])
        if word_count(line) <= _WORDS_BESIDE and not MODIFIED_LABEL.search(line):
            value = read_relative(line, captured_at, place.zone, year=year)
            if value is not None:
                leaning.setdefault(value, Sourced(value, "text", line))
    # Two days without their years are a calendar's.
    return next(iter(leaning.values())) if len(leaning) == 1 else None
