"""The tables of what lists named and of how articles went: manifests, removals and the steps of their evidence."""

from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, Table, Text

from umecrawl.index.columns import Id, Key, UtcTime, metadata

listed = Table(
    "listed",
    metadata,
    Column("list_id", Id, ForeignKey("resource.id"), nullable=False, comment="The manifest: a sitemap or its like"),
    Column("target_id", Id, ForeignKey("resource.id"), nullable=False, index=True, comment="What it names"),
    Column("url", Text, nullable=False, comment="The URL; of several spellings https, then the least"),
    Column("first_at", UtcTime, nullable=False, comment="Time of the first capture that names it"),
    Column("last_at", UtcTime, nullable=False, comment="Time of the last capture that came with octets and names it"),
    Column(
        "last_payload_id",
        Id,
        ForeignKey("payload.id"),
        nullable=False,
        comment="The entity of that capture: whatever confirms it (304) names it too",
    ),
    Column("modified", UtcTime, comment="When that capture says it was last changed"),
    PrimaryKeyConstraint("list_id", "target_id"),
    comment="What sitemaps name, with since when and till when; what feeds and listings show stands in `post`",
    sqlite_with_rowid=False,
)

removal = Table(
    "removal",
    metadata,
    Column("article_id", Id, ForeignKey("resource.id"), primary_key=True, autoincrement=False, comment="The article"),
    Column("state", Key, nullable=False, comment="missing, gone, restored or moved"),
    Column("since", UtcTime, nullable=False, comment="Time of the step that made the state"),
    Column("version", Key, comment="Public id of the version that was last shown before it went"),
    Column("last_good_at", UtcTime, comment="Time of the last capture that showed it before it went"),
    Column("last_good", Key, comment="Public id of that capture"),
    Column("left_at", UtcTime, comment="When it had left a sitemap, API, feed or listing for the first time"),
    Column("left_lists", Text, nullable=False, comment="Which kinds of lists it left: a JSON array; may be empty"),
    Column("gone_at", UtcTime, comment="Time of the first capture that shows it gone or moved"),
    Column("gone", Key, comment="Public id of that capture"),
    Column("reason", Text, comment="What that capture answered"),
    Column("days", Integer, nullable=False, comment="Different days (UTC) of captures that show it gone"),
    Column("confirmed_at", UtcTime, comment="Time of the first capture of the third such day"),
    Column("last_gone_at", UtcTime, comment="Time of the last capture that shows it gone or moved"),
    Column("restored_at", UtcTime, comment="Time of the first capture that shows it again"),
    Column("restored", Key, comment="Public id of that capture"),
    Column("moved_to", Text, comment="Where its address redirects to, if that is an article"),
    comment="Articles that went, each with the state of the last time it did",
)

removal_step = Table(
    "removal_step",
    metadata,
    Column("article_id", Id, ForeignKey("resource.id"), nullable=False, comment="The article"),
    Column("number", Integer, nullable=False, comment="Place in the chain, from 0"),
    Column(
        "step",
        Key,
        nullable=False,
        comment="last-good, left-sitemap, left-api, left-feed, left-listing, gone, still-gone, confirmed, moved, "
        "restored",
    ),
    Column("at", UtcTime, nullable=False, comment="Time of the capture that shows it"),
    Column("capture", Key, nullable=False, comment="Public id of that capture"),
    Column("list_id", Id, ForeignKey("resource.id"), comment="The list that was left"),
    Column("detail", Text, nullable=False, comment="What was seen, in a sentence"),
    PrimaryKeyConstraint("article_id", "number"),
    comment="How articles went and came back, step by step, each with the capture that shows it",
    sqlite_with_rowid=False,
)
