"""The tables of shared passages: the prints of each text, the pairs of articles that share some, and the passages."""

from typing import Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    insert,
    select,
)

from umecrawl.index.columns import Id, Key, metadata
from umecrawl.index.schema import about

# Noted in `about` while texts have changed since the passages were worked out.
OUTDATED: Final = "reuse outdated"

text_print = Table(
    "text_print",
    metadata,
    Column(
        "text_id",
        Id,
        ForeignKey("text.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="A text of an article version",
    ),
    Column("prints", LargeBinary, nullable=False, comment="Its prints, each the low 32 bits of a hash, little-endian"),
    comment="What winnowing keeps of the texts of versions, from which shared passages are found",
)

reuse_pair = Table(
    "reuse_pair",
    metadata,
    Column(
        "source_id",
        Id,
        ForeignKey("version.id", ondelete="CASCADE"),
        nullable=False,
        comment="The version that had the passages first, as far as can be told",
    ),
    Column(
        "target_id",
        Id,
        ForeignKey("version.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="The version that had them later; of the versions of two articles the two that agree most",
    ),
    Column("ordering", Key, nullable=False, comment="What told which was first: published, first-seen, unknown"),
    Column("words", Integer, nullable=False, comment="Words of all passages; 0 where all are too short to be told"),
    Column("containment", Double, nullable=False, comment="Their share of the words of the target, 0 to 1"),
    Column("trace", Key, nullable=False, comment="Digest of what the passages were worked out from"),
    PrimaryKeyConstraint("source_id", "target_id"),
    CheckConstraint("source_id <> target_id", name="two"),
    CheckConstraint("words >= 0 AND containment BETWEEN 0 AND 1", name="measures"),
    comment="Two articles of different sites whose texts have prints in common",
    sqlite_with_rowid=False,
)

reuse_passage = Table(
    "reuse_passage",
    metadata,
    Column("source_id", Id, nullable=False, comment="The version that had it first"),
    Column("target_id", Id, nullable=False, comment="The version that had it later"),
    Column("source_start", Integer, nullable=False, comment="Where it begins, in characters of the text of the source"),
    Column("source_end", Integer, nullable=False, comment="Where it ends there"),
    Column("target_start", Integer, nullable=False, comment="Where it begins, in characters of the text of the target"),
    Column("target_end", Integer, nullable=False, comment="Where it ends there"),
    Column("words", Integer, nullable=False, comment="Words that agree, in order"),
    Column("similarity", Double, nullable=False, comment="2 x `words` / (words of both spans), 0 to 1"),
    PrimaryKeyConstraint("source_id", "target_id", "source_start"),
    CheckConstraint("source_start >= 0 AND source_start < source_end", name="source"),
    CheckConstraint("target_start >= 0 AND target_start < target_end", name="target"),
    CheckConstraint("words > 0 AND similarity BETWEEN 0 AND 1", name="measures"),
    ForeignKeyConstraint(
        ["source_id", "target_id"], ["reuse_pair.source_id", "reuse_pair.target_id"], ondelete="CASCADE"
    ),
    comment="Passages that articles of two sites share",
    sqlite_with_rowid=False,
)


def note_outdated(connection: Connection) -> None:
    """Note that texts of versions have changed."""
    if not is_outdated(connection):
        connection.execute(insert(about), {"name": OUTDATED, "value": "yes"})


def is_outdated(connection: Connection) -> bool:
    """Return whether texts have changed since the shared passages were worked out."""
    return connection.execute(select(about.c.value).where(about.c.name == OUTDATED)).scalar() is not None
