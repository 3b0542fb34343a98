"""Rows of article versions: as they are, as a search finds them, and as steps of an article."""

from dataclasses import dataclass
from datetime import datetime

from umecrawl.query.statement_rows import Signatory


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One distinct title and text of an article; `kind` is article, or document for a PDF.

    `basis` is page where the captures are those of the article's own page, listing where that was never read and
    they are those of listings, feeds and API answers. `sightings`, `first_sighted` and `last_sighted` count and
    date captures of the latter in either case.
    `published_at` and `modified_at` are what the page says: RFC 3339 in UTC, or a bare date. `first_seen` and
    `last_seen` are times of captures. `account` is the account that published the text, where it is not the author.
    `current` says whether the latest capture of the article shows it.
    """

    id: str
    url: str
    site: str
    title: str
    kind: str
    basis: str
    byline: str | None
    signatories: tuple[Signatory, ...]
    account: str | None
    account_source: str | None
    published_at: str | None
    published_source: str | None
    modified_at: str | None
    modified_source: str | None
    language: str | None
    paywall: str | None
    text: str
    text_sha256: str
    words: int
    first_seen: datetime
    last_seen: datetime
    captures: int
    sightings: int
    first_sighted: datetime | None
    last_sighted: datetime | None
    first_capture: str
    last_capture: str
    extractor: str
    comment_count: int | None
    like_count: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class SearchHit(VersionRow):
    """A version that answers a search.

    `score` is comparable within one answer only, and 0 for what was found, but not ranked; `marks` are the (start, end)
    of the words found in `snippet`, which is an extract of `text` in one line.
    """

    score: float
    snippet: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class VersionStep(VersionRow):
    """A version with what changed from the one before it; the changes are null for the first.

    Counts are of words of the text; `similarity` is the share of words that both have in the same order.
    """

    title_changed: bool | None
    words_added: int | None
    words_removed: int | None
    similarity: float | None
