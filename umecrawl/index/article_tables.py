"""The tables of articles as they went through time: their versions, and what changed from one capture to the next."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text
from sqlalchemy import text as sql

from umecrawl.index.columns import Id, Key, UtcTime, holds, id_column, metadata, one_of
from umecrawl.index.reading_tables import facts

version = Table(
    "version",
    metadata,
    id_column(),
    Column("uid", Key, nullable=False, unique=True, comment="Public id: digest of key, title and text, 32 hex"),
    Column("article_id", Id, ForeignKey("resource.id"), nullable=False, index=True, comment="Permalink of the article"),
    Column("title", Text, nullable=False, comment="Headline; may be empty"),
    Column("kind", Key, nullable=False, comment="article; document for a PDF"),
    Column(
        "basis",
        Key,
        nullable=False,
        comment="page: read from captures of the article's own page; listing: that page was never read, and the text "
        "stands whole on listings, in feeds or API answers, whose captures count",
    ),
    Column("text_id", Id, ForeignKey("text.id"), nullable=False, index=True, comment="Text as in the first capture"),
    Column("first_seen", UtcTime, comment="When first captured; null until the run has finished"),
    Column("last_seen", UtcTime, comment="Time of the last capture that shows it"),
    Column("captures", Integer, nullable=False, comment="How many captures show it"),
    Column("first_capture_id", Id, ForeignKey("capture.id"), comment="The first capture that shows it"),
    Column("last_capture_id", Id, ForeignKey("capture.id"), comment="The last capture that shows it"),
    Column("sightings", Integer, nullable=False, comment="How many captures of listings show it"),
    Column("first_sighted", UtcTime, comment="Time of the first capture of a listing that shows it"),
    Column("last_sighted", UtcTime, comment="Time of the last capture of a listing that shows it"),
    Column("extractor_id", Id, ForeignKey("extractor.id"), nullable=False, comment="Who read the first capture"),
    Column("is_current", Boolean, nullable=False, comment="It is what the latest capture of the article shows"),
    Column(
        "day",
        Key,
        comment="The day (UTC) the article is counted under: the earliest that a version states as its publication, "
        "else that of the first capture; null until the run has finished",
    ),
    *facts(" (counts: last capture; all else: first capture)"),
    Index("ix_version_published_at", "published_at"),
    # Counts of all articles are read from this index alone.
    Index("ix_version_day", "kind", "day", "article_id"),
    # The newest of many matches are found by going through it.
    Index("ix_version_newest", sql("day DESC"), sql("first_seen DESC"), "uid"),
    Index("ix_version_first_capture_id", "first_capture_id"),
    one_of("kind", ("article", "document")),
    one_of("basis", ("page", "listing")),
    holds("seen", "first_seen <= last_seen"),
    holds("sighted", "first_sighted <= last_sighted"),
    holds("shown", "(first_seen IS NULL) = (first_capture_id IS NULL) AND captures >= 0 AND sightings >= 0"),
    comment="One row per distinct title and text of an article, however many captures show it",
)

change = Table(
    "change",
    metadata,
    Column(
        "uid", Key, primary_key=True, comment="Public id: digest of article, kind, versions and first capture, 32 hex"
    ),
    Column("article_id", Id, ForeignKey("resource.id"), nullable=False, index=True, comment="The article"),
    Column(
        "kind",
        Key,
        nullable=False,
        comment="edit, stealth-edit, headline, removal, restoration, paywall, moved",
    ),
    Column("at", UtcTime, nullable=False, index=True, comment="Time of the first capture that shows it"),
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, comment="The run of that capture"),
    Column("from_version", Key, comment="Public id of the version before"),
    Column("to_version", Key, comment="Public id of the version after; null for a removal"),
    Column("summary", Text, nullable=False, comment="What happened, in a sentence"),
    Column("words_added", Integer, comment="Words that came; of edits"),
    Column("words_removed", Integer, comment="Words that went; of edits"),
    Column("similarity", Double, comment="Share of words both texts have in the same order; of edits"),
    Column("classes", Text, nullable=False, comment="What kind of edit: a JSON array of names; may be empty"),
    Column(
        "announced", Key, comment="How an edit was announced: notice, modified (a later date); null where it was not"
    ),
    Column("confirmed", Boolean, nullable=False, comment="False for a removal that too few days have shown so far"),
    Column(
        "evidence", Text, nullable=False, comment="Public ids of the captures that show it, a JSON array in time order"
    ),
    one_of("kind", ("edit", "stealth-edit", "headline", "removal", "restoration", "paywall", "moved")),
    holds("similarity", "similarity BETWEEN 0 AND 1"),
    comment="What changed in articles from one capture to the next, worked out from versions and captures",
    sqlite_with_rowid=False,
)
