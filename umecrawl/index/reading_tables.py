"""The tables of what was read from payloads: texts, the posts that a page shows, their facts and their links."""

from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    FromClause,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from umecrawl.index.columns import Id, Key, holds, id_column, metadata, one_of
from umecrawl.model.article import Outcome, Quality

extractor = Table(
    "extractor",
    metadata,
    id_column(),
    Column("name", Key, nullable=False, unique=True, comment="As `umecrawl 0.1 / trafilatura 2.3.1`"),
    comment="Who read the pages",
)

extraction = Table(
    "extraction",
    metadata,
    id_column(),
    Column("payload_id", Id, ForeignKey("payload.id"), nullable=False, comment="The entity that was read"),
    Column("resource_id", Id, ForeignKey("resource.id"), nullable=False, comment="The resource it was read as"),
    Column(
        "capture_id",
        Id,
        ForeignKey("capture.id"),
        nullable=False,
        index=True,
        comment="The capture whose URL, time and header it was read with: the earliest that can be read",
    ),
    Column("outcome", Key, nullable=False, comment="article, document, listing, empty, error-page, not-a-page, failed"),
    Column("quality", Key, nullable=False, comment="full, teaser, consent, challenge, soft-404, empty, error"),
    Column("extractor_id", Id, ForeignKey("extractor.id"), nullable=False, index=True, comment="Who read it"),
    Column("detail", Text, nullable=False, comment="Why the outcome is what it is; may be empty"),
    Column("score", Double, nullable=False, comment="How far the text may be trusted to be whole and clean, 0 to 1"),
    Column("reasons", Text, nullable=False, comment="Why the score is what it is, a JSON array of sentences"),
    Column("encoding", Key, comment="Character encoding the page was read in"),
    Column("encoding_source", Key, comment="Who named that encoding: bom, header, meta, content"),
    Column("encoding_raw", Text, comment="The label of the encoding as it stood there"),
    UniqueConstraint("payload_id", "resource_id"),
    Index("ix_extraction_resource_id", "resource_id"),
    one_of("outcome", Outcome),
    one_of("quality", Quality),
    holds("score", "score BETWEEN 0 AND 1"),
    comment="What one payload gave at one resource; every capture of the pair shares it",
)


def is_reading_of(read: FromClause, shown: FromClause) -> ColumnElement[bool]:
    """Return the condition that a capture shows what an extraction gave: it has the same payload at the same resource.

    Whether the capture can be read at all (`is_page`) is another question.
    """
    return and_(read.c.payload_id == shown.c.payload_id, read.c.resource_id == shown.c.resource_id)


text = Table(
    "text",
    metadata,
    id_column(),
    Column(
        "digest", Key, nullable=False, unique=True, comment="SHA-256 over `sha256` and body as they stand here, hex"
    ),
    Column(
        "sha256",
        Key,
        nullable=False,
        index=True,
        comment="SHA-256 of the normalized text, hex: equal where only white space, quotes or Unicode form differ "
        "(of a comment: of the text as it stands)",
    ),
    Column("words", Integer, nullable=False, comment="Words, counted between white space"),
    Column("body", Text, nullable=False, comment="Plain text, paragraphs separated by newlines"),
    holds("words", "words >= 0"),
    comment="Distinct texts of articles, excerpts and comments; an agency text under five headlines is one row",
)

_FACTS: Final = (
    ("byline", Text, "Author as stated"),
    ("byline_source", Key, "Where the byline stood: json-ld, opengraph, text …"),
    ("byline_raw", Text, "The byline as it stood there"),
    ("account", Text, "Account that published the text (an office, an editor), where it is not the author"),
    ("account_source", Key, "Where the account stood"),
    ("account_raw", Text, "The account as it stood there"),
    ("signatories", Text, "Who signs the text: a JSON array of {name, party, office}; null where nobody does"),
    ("published_at", Key, "When published: RFC 3339 in UTC, or a bare date"),
    ("published_source", Key, "Where that time stood: json-ld, url, text …"),
    ("published_raw", Text, "The time as it stood there"),
    ("modified_at", Key, "When modified by its own account: RFC 3339 in UTC, or a bare date"),
    ("modified_source", Key, "Where that time stood"),
    ("modified_raw", Text, "The time as it stood there"),
    ("language", Key, "Language of the text (BCP 47)"),
    ("paywall", Key, "no, soft, hard; null where it is unknown"),
    ("comment_count", Integer, "Comments the page claims"),
    ("like_count", Integer, "Likes the page claims"),
)
FACT_NAMES: Final = tuple(name for name, _, _ in _FACTS)


def facts(suffix: str = "") -> list[Column[Any]]:
    """Return the columns of what a page says of an article beside title and text; `suffix` ends what each is for."""
    return [Column(name, kind, comment=comment + suffix) for name, kind, comment in _FACTS]


post = Table(
    "post",
    metadata,
    Column("extraction_id", Id, ForeignKey("extraction.id"), nullable=False, comment="The reading of a page"),
    Column("position", Integer, nullable=False, comment="Place on the page, from 0"),
    Column("article_id", Id, ForeignKey("resource.id"), nullable=False, index=True, comment="What the permalink names"),
    Column(
        "own",
        Boolean,
        nullable=False,
        comment="The page is the article's own; false for a sighting: on a listing, in a feed, beside another article",
    ),
    Column("excerpt", Boolean, nullable=False, comment="It shows the beginning of the text only, or none of it"),
    Column(
        "version_id",
        Id,
        ForeignKey("version.id"),
        index=True,
        comment="The version it shows; null for an excerpt, for a sighting whose text is none of the article's own "
        "page, and for any sighting until the run has finished",
    ),
    Column("title", Text, nullable=False, comment="Headline as it stood; may be empty"),
    Column("text_id", Id, ForeignKey("text.id"), nullable=False, index=True, comment="The text exactly as it stood"),
    Column("permalink", Text, nullable=False, comment="URL the post gives itself"),
    *facts(),
    PrimaryKeyConstraint("extraction_id", "position"),
    holds("position", "position >= 0"),
    holds("excerpt", "NOT excerpt OR version_id IS NULL"),
    comment="Articles as a page shows them, with what the page says about each",
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    Column("extraction_id", Id, ForeignKey("extraction.id"), nullable=False, comment="The reading of a page"),
    Column("position", Integer, nullable=False, comment="The post on that page, from 0"),
    Column("number", Integer, nullable=False, comment="Place in the text of the post, from 0"),
    Column("kind", Key, nullable=False, comment="link; attachment for a file (PDF) that belongs to the text"),
    Column("target_id", Id, ForeignKey("resource.id"), nullable=False, index=True, comment="The resource pointed to"),
    Column("url", Text, nullable=False, comment="URL as linked"),
    Column("anchor", Text, nullable=False, comment="Text of the link"),
    Column("sentence", Text, nullable=False, comment="Sentence around the link; may be empty"),
    Column("start", Integer, comment="Where the anchor begins, in characters of the text; null where it has none"),
    PrimaryKeyConstraint("extraction_id", "position", "number"),
    comment="Links in the text of articles; menus and sidebars are left out",
    sqlite_with_rowid=False,
)
