"""Rows of what pages say beside their texts: where articles were sighted, who signs, what is claimed, comments."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Signatory:
    """Someone who signs a text in the text itself, with party and office as stated."""

    name: str
    party: str | None
    office: str | None


@dataclass(frozen=True, slots=True)
class SightingRow:
    """One article as one capture of a listing, feed or API answer shows it; `url` is that of the listing.

    `mime` tells feeds and API answers from pages.
    `version` is the version whose text it shows. An `excerpt` has none; a whole text that `differs` from all that
    the article's own page showed has none either. `differs` is null for an excerpt.
    """

    capture: str
    captured_at: datetime
    url: str
    mime: str
    article: str
    site: str
    position: int
    version: str | None
    excerpt: bool
    differs: bool | None
    title: str
    text: str
    text_sha256: str
    byline: str | None
    published_at: str | None
    published_source: str | None
    modified_at: str | None
    modified_source: str | None
    comment_count: int | None
    like_count: int | None
    extractor: str
    run: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """What one source of a page says of one field (title, byline, published, modified); `rank` 0 was taken.

    All claims of an article's own page are kept, of sightings those on fields on which they contradict each other.
    `differs` says that it contradicts what was taken. `own` tells the article's own page from sightings of it;
    `capture` is the one the page was read from.
    """

    url: str
    site: str
    version: str | None
    capture: str
    captured_at: datetime
    position: int
    own: bool
    field: str
    rank: int
    source: str
    value: str
    raw: str
    differs: bool


@dataclass(frozen=True, slots=True)
class CommentRow:
    """What a reader wrote under an article; `author` is a pseudonym unless the name was asked for.

    A comment whose text was changed is a row of its own, with the same `key`.
    """

    url: str
    site: str
    key: str
    author: str
    at: str | None
    at_source: str | None
    text: str
    reply_to: str | None
    first_seen: datetime
    last_seen: datetime
    captures: int
    first_capture: str
