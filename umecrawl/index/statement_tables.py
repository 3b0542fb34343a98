"""The tables of what a page says beside its text: claims on title, byline and dates, who signs, what readers wrote.

Each row hangs on a post of a reading (`post`), so another reading of the page replaces it.
"""

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Table, Text

from umecrawl.index.columns import Id, Key, metadata


def _of_post() -> list[Column[int]]:
    return [
        Column("extraction_id", Id, nullable=False, comment="The reading of a page"),
        Column("position", Integer, nullable=False, comment="The post on that page, from 0"),
        Column("number", Integer, nullable=False, comment="Place among its like in that post, from 0"),
    ]


def _keys() -> list[PrimaryKeyConstraint | ForeignKeyConstraint]:
    return [
        PrimaryKeyConstraint("extraction_id", "position", "number"),
        ForeignKeyConstraint(["extraction_id", "position"], ["post.extraction_id", "post.position"]),
    ]


claim = Table(
    "claim",
    metadata,
    *_of_post(),
    Column("field", Key, nullable=False, comment="What is claimed: title, byline, published, modified"),
    Column("rank", Integer, nullable=False, comment="Order of trust, from 0: the value that was taken"),
    Column("source", Key, nullable=False, comment="Where it stood: json-ld, opengraph, url, text …"),
    Column("value", Text, nullable=False, comment="The value as read; times in UTC"),
    Column("raw", Text, nullable=False, comment="The value as it stood there"),
    Column(
        "differs",
        Boolean,
        nullable=False,
        comment="It contradicts the value that was taken; dates are compared as precisely as both are given",
    ),
    *_keys(),
    comment="What each source of a page says of title, byline and dates; of sightings only where they disagree",
    sqlite_with_rowid=False,
)

person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False, comment="Number of the row in this database only"),
    Column("name", Key, nullable=False, unique=True, comment="Name as it stands under texts"),
    comment="Names of those who sign texts; people of one name are one row",
)

signature = Table(
    "signature",
    metadata,
    *_of_post(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True, comment="Who signs"),
    Column("party", Key, comment="Party as stated (`S`, `M` …)"),
    Column("office", Text, comment="Office as stated"),
    Column("raw", Text, nullable=False, comment="The place of the text that says so; may be empty"),
    *_keys(),
    comment="Who signs a text in the text itself",
    sqlite_with_rowid=False,
)

comment = Table(
    "comment",
    metadata,
    *_of_post(),
    Column("key", Key, nullable=False, comment="The page's own id of the comment, or a digest of it"),
    Column("author", Text, nullable=False, comment="Name as it stands there; personal data"),
    Column(
        "pseudonym",
        Key,
        nullable=False,
        comment="Stands for the author on this site: 10 hex digits of SHA-256 over site and name. Pseudonymous, not "
        "anonymous: who knows a name can work it out",
    ),
    Column("at", Key, comment="When written: RFC 3339 in UTC, or a bare date"),
    Column("at_source", Key, comment="Where that time stood"),
    Column("at_raw", Text, comment="The time as it stood there"),
    Column("reply_to", Key, comment="Key of the comment it answers"),
    Column("text_id", Id, ForeignKey("text.id"), nullable=False, index=True, comment="What was written"),
    *_keys(),
    comment="What readers wrote under an article, as each reading of its page shows it",
    sqlite_with_rowid=False,
)
