"""Passages that articles of different sites share: all of them, or those of one article with any other."""

from operator import attrgetter

from sqlalchemy import Connection, select

from umecrawl.index.reuse_tables import reuse_pair
from umecrawl.index.reuse_views import reuse
from umecrawl.index.schema import version
from umecrawl.query.change_rows import ReuseRow
from umecrawl.query.rows import row_of


def find_passages(connection: Connection, article_id: int | None) -> list[ReuseRow]:
    """Return the shared passages, all or those of one article, by source and target version, then by place."""
    every = reuse()
    wanted = [every]
    if article_id is not None:
        # One question for each side, and sorted here: with OR, and for the order, SQLite goes through all versions.
        own = select(version.c.id).where(version.c.article_id == article_id)
        versions = connection.execute(own).scalars().all()
        wanted = [every.where(side.in_(versions)) for side in (reuse_pair.c.source_id, reuse_pair.c.target_id)]
    rows = [row_of(ReuseRow, row._asdict()) for one in wanted for row in connection.execute(one)]
    return sorted(rows, key=attrgetter("source_version", "target_version", "source_start"))
