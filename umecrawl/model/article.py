"""What a page says: posts with their text and metadata, each value with its provenance, and a quality label."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from umecrawl.model.urls import Url


class Quality(StrEnum):
    """How much of the page the capture shows."""

    FULL = "full"
    TEASER = "teaser"
    CONSENT = "consent"
    CHALLENGE = "challenge"
    SOFT_404 = "soft-404"
    EMPTY = "empty"
    ERROR = "error"


class Outcome(StrEnum):
    """What extraction made of a page; expected outcomes are values, never exceptions."""

    ARTICLE = "article"
    LISTING = "listing"
    EMPTY = "empty"
    ERROR_PAGE = "error-page"
    NOT_A_PAGE = "not-a-page"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Page:
    """A captured page ready to be read: `markup` is the entity with content coding removed.

    `content_type` is the header's value as sent (charset included), empty when there was none.
    """

    url: Url
    captured_at: datetime
    status: int
    content_type: str
    markup: bytes


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value with where it came from (`json-ld`, `opengraph`, `url`, `text` …) and how it stood there."""

    value: str
    source: str
    raw: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the article's own text: target, anchor text and the sentence around it."""

    url: Url
    anchor: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """An article as one capture shows it.

    `published` and `modified` hold RFC 3339 times or bare dates in `value`; `text` is plain text with
    paragraphs separated by newlines; `text_sha256` is hex over the normalized text, the same for any two
    texts that differ only in white space, style of quotes, dashes or dots, soft hyphens or Unicode form.
    """

    permalink: Url
    title: str
    text: str
    text_sha256: str
    language: str | None = None
    byline: Sourced | None = None
    published: Sourced | None = None
    modified: Sourced | None = None
    paywall: str | None = None
    comment_count: int | None = None
    like_count: int | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one page gave: outcome, quality, the posts it shows and who read it.

    `extractor` names program and versions, as `umecrawl 0.1 / trafilatura 2.3.1`; `detail` says in a
    sentence why the outcome is what it is.
    """

    outcome: Outcome
    quality: Quality
    extractor: str
    posts: tuple[Post, ...] = ()
    detail: str = ""
