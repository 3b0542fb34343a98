"""The tables of the index, with the meaning of each column beside it; the data dictionary is printed from here.

Everything in them is a function of the WARC files, the extractor and its rules, so the whole may be deleted
and made again. A row's `id` is a number of this database only; what may be cited is `uid`, which comes from
the archive: the UUID of a WARC record, the id of a run, or a digest of a version. Times are UTC with
microseconds: on PostgreSQL `timestamptz`, on SQLite text in one width (`2023-05-07T08:15:00.000000Z`), so that
text order is time order. The module is one table after the other, and long for that reason alone.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from umecrawl.model.article import Outcome, Quality
from umecrawl.model.capture import FailureKind, RecordType
from umecrawl.model.crawl import RunOutcome

# Raised whenever a table or the meaning of a column changes; an index of another number is made anew.
SCHEMA_VERSION: Final = 13

# Answers that may be a wall in front of a page rather than word of it: a challenge, a log-in, "too many requests".
BLOCKED: Final = (401, 402, 403, 429, 451, 503)


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, RFC 3339 text with six decimals elsewhere."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime] | TypeEngine[str]:
        """Choose the column type of the database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Take a time that knows its zone; a naive one is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without zone cannot be indexed: {value}")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else f"{utc.isoformat(timespec='microseconds')[:26]}Z"

    def process_result_value(self, value: datetime | str | None, _dialect: Dialect) -> datetime | None:
        """Give the time back in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)


# Keys and public ids are compared octet by octet on both databases, whatever the collation of the database.
Key = String().with_variant(String(collation="C"), "postgresql")
Id = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=False, comment="Number of the row in this database only")


def _one_of(column: str, kinds: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _holds(name: str, condition: str) -> CheckConstraint:
    return CheckConstraint(condition, name=name)


about = Table(
    "about",
    metadata,
    Column("name", Key, primary_key=True, comment="Name of the fact: `schema`, `software`, `analyser`, `tables` …"),
    Column("value", Text, nullable=False, comment="Its value"),
    comment="What made this index: the schema, the program and the analyser it was made by",
)

run = Table(
    "run",
    metadata,
    _id(),
    Column("uid", Key, nullable=False, unique=True, comment="Public id: start time in 14 digits and a random suffix"),
    Column("collection", Text, comment="Name of the collection; null while only records that name the run are known"),
    Column("title", Text, comment="Title of the collection"),
    Column("source", Text, comment="Names of the sources crawled, joined by comma and space"),
    Column("started_at", UtcTime, comment="When the run began"),
    Column("operator", Text, comment="Who ran it"),
    Column("contact", Text, comment="URL or mailto: under which the operator is reached"),
    Column("user_agent", Text, comment="User-Agent that was sent"),
    Column("robots", Text, comment="`obey` or `ignore`"),
    Column("software", Text, comment="Program and version"),
    Column("settings", Text, comment="The settings of the run, a JSON array of [name, value] in order"),
    comment="One execution of a crawl, from the warcinfo records of its files",
)

run_end = Table(
    "run_end",
    metadata,
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, comment="The run"),
    Column("ended_at", UtcTime, nullable=False, comment="When it, or one stretch of it, ended"),
    Column("outcome", Key, nullable=False, comment="finished, seed-failed, limit, interrupted, no-space, failed"),
    Column("detail", Text, nullable=False, comment="Why, in a sentence; may be empty"),
    Column("not_due", Integer, nullable=False, comment="URLs of earlier runs that were left alone as not yet due"),
    PrimaryKeyConstraint("run_id", "ended_at", "outcome"),
    _one_of("outcome", RunOutcome),
    comment="The ends of runs; a run that was resumed has several",
    sqlite_with_rowid=False,
)

run_due = Table(
    "run_due",
    metadata,
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, comment="The run"),
    Column("source", Key, nullable=False, comment="The source that was due"),
    Column(
        "why",
        Key,
        nullable=False,
        comment="first, due, late, overlap, catch-up, retry (see docs/how-to/keep-a-schedule)",
    ),
    Column("due_at", UtcTime, comment="The time that the run serves; null for a source that was never crawled before"),
    Column("late_seconds", Integer, nullable=False, comment="How much later than due the run began; 0 within a minute"),
    Column("missed", Integer, nullable=False, comment="Times that passed unserved before `due_at`"),
    Column("missed_first", UtcTime, comment="The first of them"),
    Column("missed_last", UtcTime, comment="The last of them"),
    Column("failures", Integer, nullable=False, comment="Failed runs of the source in a row before this one"),
    PrimaryKeyConstraint("run_id", "source"),
    comment="The due times that scheduled runs serve, from their settings",
    sqlite_with_rowid=False,
)

warc = Table(
    "warc",
    metadata,
    _id(),
    Column("name", Key, nullable=False, unique=True, comment="Base name of the file, without `.open`"),
    Column("watermark", BigInteger, nullable=False, comment="Everything before this offset (octets) is in the index"),
    Column("run_id", Id, ForeignKey("run.id"), comment="The run that wrote it; null for files of other tools"),
    _holds("watermark", "watermark >= 0"),
    comment="The WARC files, with how far each has been read",
)

site = Table(
    "site",
    metadata,
    _id(),
    Column("host", Key, nullable=False, unique=True, comment="Host in lower case, without leading `www.`"),
    comment="Hosts of which a resource is known",
)

resource = Table(
    "resource",
    metadata,
    _id(),
    Column(
        "key",
        Key,
        nullable=False,
        unique=True,
        comment="Groups the aliases of one resource: reversed host and path, without scheme, `www.` and trailing slash",
    ),
    Column(
        "url",
        Key,
        nullable=False,
        comment="Canonical URL: of the latest capture (status 200, then https first), else as named",
    ),
    Column("site_id", Id, ForeignKey("site.id"), nullable=False, index=True, comment="Its host"),
    Column(
        "stale",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="Rows arrived since url and versions were worked out; false once an indexing run has finished",
    ),
    # By hash on PostgreSQL, whose ordered indexes hold no long URLs; on SQLite `= 1` is how SQLAlchemy asks.
    Index("ix_resource_url", "url", postgresql_using="hash"),
    Index("ix_resource_stale", "id", sqlite_where=sql("stale = 1"), postgresql_where=sql("stale")),
    comment="All that was seen, named or left out under one URL and its aliases",
)

payload = Table(
    "payload",
    metadata,
    _id(),
    Column("digest", Key, nullable=False, unique=True, comment="`sha256:` and hex of the entity, content coding kept"),
    Column("size", BigInteger, nullable=False, comment="Octets of the entity"),
    _holds("size", "size >= 0"),
    comment="Distinct entities: the same octets served twice are one payload",
)

capture = Table(
    "capture",
    metadata,
    _id(),
    Column("uid", Key, nullable=False, unique=True, comment="Public id: UUID of the response or revisit record"),
    Column("resource_id", Id, ForeignKey("resource.id"), nullable=False, comment="What was observed"),
    Column("url", Text, nullable=False, comment="URL exactly as fetched"),
    Column("at", UtcTime, nullable=False, comment="When the fetch began"),
    Column("status", Integer, nullable=False, comment="HTTP status; 0 where the head had none"),
    Column("mime", Key, nullable=False, comment="Media type of the response, lower case; may be empty"),
    Column("payload_id", Id, ForeignKey("payload.id"), nullable=False, comment="The entity"),
    Column("record_type", Key, nullable=False, comment="`response`; `revisit` where the payload is elsewhere"),
    Column("refers_to", Key, comment="UUID of the response record that holds the payload of a revisit"),
    Column("framing", Key, nullable=False, comment="Transfer and content coding as `chunked/gzip`"),
    Column("truncated", Key, comment="Why octets are missing: length, time, disconnect, unspecified"),
    Column("location", Text, comment="Where a redirect points"),
    Column("location_id", Id, ForeignKey("resource.id"), comment="The resource a redirect points to"),
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, index=True, comment="The run that fetched it"),
    Column("source", Key, nullable=False, comment="Source of the collection it was fetched for; may be empty"),
    Column("via", Text, comment="URL on which it was found"),
    Column("hop_path", Key, nullable=False, comment="One letter a step (L E R P I X M); empty for a seed"),
    Column("attempt", Integer, nullable=False, comment="Counts from 1; each retry is an exchange of its own"),
    Column("ip", Key, comment="Address of the server"),
    Column("elapsed_ms", BigInteger, comment="How long the fetch took, in milliseconds"),
    Column("wire_bytes", BigInteger, nullable=False, comment="Octets that came over the wire"),
    Column("warc_id", Id, ForeignKey("warc.id"), nullable=False, comment="The file that holds the record"),
    Column("offset", BigInteger, nullable=False, comment="Where the gzip member of the record begins, in octets"),
    Column("length", BigInteger, nullable=False, comment="Length of that member, in octets"),
    Column(
        "is_page",
        Boolean,
        nullable=False,
        comment="It shows what can be read: status 200 and HTML, no type, a feed, an API answer or PDF; or a 304",
    ),
    Column(
        "unread",
        Boolean,
        nullable=False,
        comment="To be read (a page, or a wall in front of one): no extraction is there, or one from a later capture",
    ),
    UniqueConstraint("warc_id", "offset"),
    Index("ix_capture_resource_id_at", "resource_id", "at"),
    Index("ix_capture_payload_id", "payload_id"),
    Index(
        "ix_capture_location_id",
        "location_id",
        sqlite_where=sql("location_id is not null"),
        postgresql_where=sql("location_id is not null"),
    ),
    Index("ix_capture_unread", "id", sqlite_where=sql("unread = 1"), postgresql_where=sql("unread")),
    _one_of("record_type", RecordType),
    _holds("place", '"offset" >= 0 AND length >= 0'),
    _holds("status", "status >= 0"),
    _holds("attempt", "attempt >= 0"),
    comment="One observation of a resource: a response or revisit record",
)

failure = Table(
    "failure",
    metadata,
    _id(),
    Column("uid", Key, nullable=False, unique=True, comment="Public id: UUID of the metadata record that tells of it"),
    Column("resource_id", Id, ForeignKey("resource.id"), nullable=False, index=True, comment="What was asked for"),
    Column("url", Text, nullable=False, comment="URL exactly as asked for"),
    Column("at", UtcTime, nullable=False, comment="When the fetch began"),
    Column(
        "kind",
        Key,
        nullable=False,
        comment="dns, refused, unreachable, tls, timeout, disconnect, protocol, forbidden-address",
    ),
    Column("detail", Text, nullable=False, comment="What was said about it"),
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, index=True, comment="The run"),
    Column("source", Key, nullable=False, comment="Source of the collection; may be empty"),
    Column("via", Text, comment="URL on which it was found"),
    Column("hop_path", Key, nullable=False, comment="One letter a step from the seed; empty for a seed"),
    Column("attempt", Integer, nullable=False, comment="Counts from 1"),
    Column("ip", Key, comment="Address of the server"),
    Column("elapsed_ms", BigInteger, comment="How long it took, in milliseconds"),
    Column("wire_bytes", BigInteger, nullable=False, comment="Octets that came over the wire before it failed"),
    Column("warc_id", Id, ForeignKey("warc.id"), nullable=False, comment="The file that holds the record"),
    Column("offset", BigInteger, nullable=False, comment="Where the gzip member of the record begins, in octets"),
    Column("length", BigInteger, nullable=False, comment="Length of that member, in octets"),
    UniqueConstraint("warc_id", "offset"),
    _one_of("kind", FailureKind),
    _holds("place", '"offset" >= 0 AND length >= 0'),
    comment="Fetches that brought no response",
)

skip = Table(
    "skip",
    metadata,
    _id(),
    Column("digest", Key, nullable=False, unique=True, comment="Hex digest over all fields: the same skip is one row"),
    Column("resource_id", Id, ForeignKey("resource.id"), nullable=False, index=True, comment="What was left out"),
    Column("url", Text, nullable=False, comment="The URL"),
    Column("rule", Key, nullable=False, comment="Name of the rule that had the last word"),
    Column("reason", Text, nullable=False, comment="Why, in a sentence"),
    Column("at", UtcTime, nullable=False, comment="When it was decided"),
    Column("run_id", Id, ForeignKey("run.id"), nullable=False, comment="The run"),
    Column("source", Key, nullable=False, comment="Source of the collection; may be empty"),
    Column("via", Text, comment="URL on which it was found"),
    Column("hop_path", Key, nullable=False, comment="One letter a step from the seed, the step not taken included"),
    Index("ix_skip_run_id_rule", "run_id", "rule"),
    comment="URLs that a run left out",
)

extractor = Table(
    "extractor",
    metadata,
    _id(),
    Column("name", Key, nullable=False, unique=True, comment="As `umecrawl 0.1 / trafilatura 2.3.1`"),
    comment="Who read the pages",
)

extraction = Table(
    "extraction",
    metadata,
    _id(),
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
    _one_of("outcome", Outcome),
    _one_of("quality", Quality),
    _holds("score", "score BETWEEN 0 AND 1"),
    comment="What one payload gave at one resource; every capture of the pair shares it",
)

text = Table(
    "text",
    metadata,
    _id(),
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
    _holds("words", "words >= 0"),
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


def _facts(suffix: str = "") -> list[Column[Any]]:
    return [Column(name, kind, comment=comment + suffix) for name, kind, comment in _FACTS]


version = Table(
    "version",
    metadata,
    _id(),
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
    *_facts(" (counts: last capture; all else: first capture)"),
    Index("ix_version_published_at", "published_at"),
    # Counts of all articles are read from this index alone.
    Index("ix_version_day", "kind", "day", "article_id"),
    # The newest of many matches are found by going through it.
    Index("ix_version_newest", sql("day DESC"), sql("first_seen DESC"), "uid"),
    Index("ix_version_first_capture_id", "first_capture_id"),
    _one_of("kind", ("article", "document")),
    _one_of("basis", ("page", "listing")),
    _holds("seen", "first_seen <= last_seen"),
    _holds("sighted", "first_sighted <= last_sighted"),
    _holds("shown", "(first_seen IS NULL) = (first_capture_id IS NULL) AND captures >= 0 AND sightings >= 0"),
    comment="One row per distinct title and text of an article, however many captures show it",
)

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
    *_facts(),
    PrimaryKeyConstraint("extraction_id", "position"),
    _holds("position", "position >= 0"),
    _holds("excerpt", "NOT excerpt OR version_id IS NULL"),
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
    _one_of("kind", ("edit", "stealth-edit", "headline", "removal", "restoration", "paywall", "moved")),
    _holds("similarity", "similarity BETWEEN 0 AND 1"),
    comment="What changed in articles from one capture to the next, worked out from versions and captures",
    sqlite_with_rowid=False,
)
