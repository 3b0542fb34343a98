"""The tables of what was observed: resources and their hosts, payloads, captures, failures and what was left out."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, false
from sqlalchemy import text as sql

from umecrawl.index.columns import Id, Key, UtcTime, holds, id_column, metadata, one_of
from umecrawl.model.capture import FailureKind, RecordType

site = Table(
    "site",
    metadata,
    id_column(),
    Column("host", Key, nullable=False, unique=True, comment="Host in lower case, without leading `www.`"),
    comment="Hosts of which a resource is known",
)

resource = Table(
    "resource",
    metadata,
    id_column(),
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
    id_column(),
    Column("digest", Key, nullable=False, unique=True, comment="`sha256:` and hex of the entity, content coding kept"),
    Column("size", BigInteger, nullable=False, comment="Octets of the entity"),
    holds("size", "size >= 0"),
    comment="Distinct entities: the same octets served twice are one payload",
)

capture = Table(
    "capture",
    metadata,
    id_column(),
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
    one_of("record_type", RecordType),
    holds("place", '"offset" >= 0 AND length >= 0'),
    holds("status", "status >= 0"),
    holds("attempt", "attempt >= 0"),
    comment="One observation of a resource: a response or revisit record",
)

failure = Table(
    "failure",
    metadata,
    id_column(),
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
    one_of("kind", FailureKind),
    holds("place", '"offset" >= 0 AND length >= 0'),
    comment="Fetches that brought no response",
)

skip = Table(
    "skip",
    metadata,
    id_column(),
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
