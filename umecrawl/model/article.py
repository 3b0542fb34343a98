"""What a page says: posts with their text and metadata, each value with its provenance, and a quality label."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from umecrawl.model.reservation import Reservation
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
    DOCUMENT = "document"
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
class Claim:
    """What one source of a page says of one field; the first by `rank` (from 0) is the value that was taken.

    `field` is `title`, `byline`, `published` or `modified`. Claims that differ are kept, so that one can ask where
    a page contradicts itself.
    """

    field: str
    rank: int
    said: Sourced


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who signs a text: name, party (`S`, `M` …) and office as they stand there; `raw` is the place."""

    name: str
    party: str | None = None
    office: str | None = None
    raw: str = ""


class BlockKind(StrEnum):
    """What a block of an article is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTE = "quote"
    PREFORMATTED = "preformatted"
    TABLE_ROW = "table-row"
    PULL_QUOTE = "pull-quote"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of an article: its kind and its text on one line.

    `level` is that of a heading (1-6) or the depth of a list item (from 1), 0 elsewhere. The cells of a table row
    are separated by tabs. `in_text` is false for what is shown beside the text: pull quotes that repeat it,
    captions.
    """

    kind: BlockKind
    text: str
    level: int = 0
    ordered: bool = False
    in_text: bool = True


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reader wrote under an article; `key` is the page's own id of it, or a digest of author, time and text."""

    key: str
    author: str
    text: str
    at: Sourced | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the article's own text: target, anchor text, the sentence around it and where the anchor begins.

    `position` counts characters of `Post.text`.
    """

    url: Url
    anchor: str
    sentence: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """An article as one capture shows it.

    `published` and `modified` hold RFC 3339 times or bare dates in `value`; `text` is plain text with
    paragraphs separated by newlines; `text_sha256` is hex over the normalized text, the same for any two
    texts that differ only in white space, style of quotes, dashes or dots, soft hyphens or Unicode form.
    `blocks` hold the same text as structure: `text` is the lines of those that are `in_text`. `excerpt` says that a
    listing, feed or API shows the beginning only. `account` is the account that published a text (an office, an
    editor), where it is not the author; `signatories` are those who sign it in the text itself. `attachments` are
    the files (PDF) that the text links to. `claims` holds all that the page said of title, byline and dates.
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
    blocks: tuple[Block, ...] = ()
    excerpt: bool = False
    account: Sourced | None = None
    signatories: tuple[Person, ...] = ()
    claims: tuple[Claim, ...] = ()
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Url, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one page gave: outcome, quality, the posts it shows and who read it.

    `extractor` names program and versions, as `umecrawl 0.1 / trafilatura 2.3.1`; `detail` says in a
    sentence why the outcome is what it is. `posts` of an article or document is one; of a listing (a page, a
    feed or an API answer that shows several) each is a sighting of the article at its permalink. `score` (0 to 1)
    says how far the text may be trusted to be whole and clean, `reasons` why. `encoding` is the character encoding
    the markup was read in: `source` says who named it (`bom`, `header`, `meta`, `content`), `raw` the label.
    `reservations` are what its `meta` elements say about use.
    """

    outcome: Outcome
    quality: Quality
    extractor: str
    posts: tuple[Post, ...] = ()
    detail: str = ""
    score: float = 1.0
    reasons: tuple[str, ...] = ()
    encoding: Sourced | None = None
    reservations: tuple[Reservation, ...] = ()
