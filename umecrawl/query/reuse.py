"""Shared passages as rows: what `umecrawl.index.reuse` finds between the versions of an index."""

from collections.abc import Sequence
from datetime import date, datetime

from umecrawl.index.reuse import ArticleText, Reuse, find_reuse
from umecrawl.query.rows import ReuseRow, VersionRow


def reuse_rows(versions: Sequence[VersionRow], only: str | None = None) -> list[ReuseRow]:
    """Return the passages shared between articles of different sites, or between the article `only` and others."""
    return [
        row
        for reuse in find_reuse([article_text(version) for version in versions])
        if only is None or only in {reuse.source.article, reuse.target.article}
        for row in _rows(reuse)
    ]


def article_text(row: VersionRow) -> ArticleText:
    """Return a version as what is compared with others for reuse."""
    return ArticleText(row.id, row.url, row.site, row.text, row.first_seen, _moment(row.published_at))


def _moment(stated: str | None) -> datetime | date | None:
    """Return a time that a page states, or its day where it names no zone; nothing where it cannot be read."""
    if stated is None:
        return None
    try:
        at = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.date()


def _rows(reuse: Reuse) -> list[ReuseRow]:
    return [
        ReuseRow(
            source_url=reuse.source.article,
            target_url=reuse.target.article,
            source_version=reuse.source.version,
            target_version=reuse.target.version,
            source_start=passage.source_start,
            source_end=passage.source_end,
            target_start=passage.target_start,
            target_end=passage.target_end,
            passage=reuse.source.text[passage.source_start : passage.source_end],
            words=passage.words,
            similarity=passage.similarity,
            containment=round(reuse.containment, 4),
            ordering=reuse.ordering.value,
            first_seen_source=reuse.source.first_seen,
            first_seen_target=reuse.target.first_seen,
        )
        for passage in reuse.passages
    ]
