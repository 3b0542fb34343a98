"""What the index answers: histories, versions, captures, runs and figures; it only reads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Executable, Select, select

from umecrawl.index import statement_views, views
from umecrawl.index.diff import Difference, compare
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, post
from umecrawl.model.urls import site_of
from umecrawl.query.captures import all_captures, find_capture, find_history, is_capture_id
from umecrawl.query.change_rows import ChangeRow, CitationRow, RemovalRow
from umecrawl.query.changes import ChangeFilters, find_changes
from umecrawl.query.citations import CitationFilters, find_citations
from umecrawl.query.cite import Citation, citation_of
from umecrawl.query.counting import count, timeline
from umecrawl.query.counting_rows import CountRow, SimilarRow, TimelineRow
from umecrawl.query.coverage import CoverageFilters, find_coverage
from umecrawl.query.filters import Filters
from umecrawl.query.passages import find_passages
from umecrawl.query.removals import RemovalFilters, find_removals
from umecrawl.query.resources import find_article, find_own, find_resource, find_told
from umecrawl.query.rows import (
    CaptureRow,
    CoverageRow,
    FetchRow,
    InterfaceRow,
    NewsRow,
    ReuseRow,
    Row,
    RunRow,
    SearchHit,
    SkippedRow,
    StatusRow,
    VersionRow,
    VersionStep,
    row_of,
)
from umecrawl.query.run_reports import ReportKind, report, uncaptured
from umecrawl.query.run_rows import ReportRow, UncapturedRow
from umecrawl.query.runs import find_runs, run_number
from umecrawl.query.search import search
from umecrawl.query.similar import similar
from umecrawl.query.statement_rows import ClaimRow, CommentRow, SightingRow
from umecrawl.query.status import status
from umecrawl.query.versions import find_version, find_versions, pick_two, steps, versions_of

_UNNARROWED = Filters()
R = TypeVar("R", bound=Row)


class Catalog:
    """Reads one index through one connection; all of its answers are frozen rows.

    A URL may be given in any of its forms: with or without scheme, `www.` and trailing slash.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def history(self, url: str) -> list[CaptureRow]:
        """Return every capture of a URL and its aliases in time order. Raises `NotFoundError` for an unknown URL."""
        return find_history(self._connection, url)

    def capture(self, id_or_url: str, at: datetime | None = None) -> CaptureRow:
        """Return the capture of an id, or the one of a URL closest to a time (without a time: the latest).

        Of two that are equally close, the earlier is returned. Raises `NotFoundError`.
        """
        return find_capture(self._connection, id_or_url, at)

    def cite(self, id_or_url: str, at: datetime | None = None, quote: str | None = None) -> Citation:
        """Return the citation of a capture (see `umecrawl.query.cite`); without a time, of the latest with a text."""
        found = self.capture(id_or_url, at)
        if at is None and found.version is None and not is_capture_id(id_or_url):
            found = next((one for one in reversed(self.history(id_or_url)) if one.version), found)
        versions: list[VersionRow] = []
        if found.version is not None:
            versions = versions_of(self._connection, find_resource(self._connection, found.url))
        return citation_of(found, versions, site_of(found.url), quote)

    def captures(self, *, site: str | None = None, run: str | None = None) -> Iterator[CaptureRow]:
        """Yield captures in time order: all, those of a site (its host, without `www.`), or those of a run."""
        if run is not None:
            run_number(self._connection, run)
        return all_captures(self._connection, site=site, run=run)

    def version(self, version_id: str) -> VersionRow:
        """Return one article version by its id. Raises `NotFoundError`."""
        return find_version(self._connection, version_id)

    def versions(self, url: str) -> list[VersionStep]:
        """Return the distinct versions of an article in the order of first sight, with what each changed.

        Raises `NotFoundError` for an unknown URL and for one that shows no article.
        """
        return steps(find_versions(self._connection, url))

    def pair(self, url: str, a: str | None = None, b: str | None = None) -> tuple[VersionRow, VersionRow]:
        """Return two versions of an article, named by number (from 1), by id or by a unique start of it.

        By default the last two; `a` and the last, where only `a` is given. Raises `NotFoundError`.
        """
        return pick_two(find_versions(self._connection, url), a, b)

    def diff(self, url: str, a: str | None = None, b: str | None = None) -> Difference:
        """Return the difference of the texts of two versions of an article (see `pair`)."""
        old, new = self.pair(url, a, b)
        return compare(old.text, new.text)

    def search(
        self, query: str, filters: Filters = _UNNARROWED, *, limit: int | None = 20, offset: int = 0
    ) -> list[SearchHit]:
        """Return the article versions that answer a query, the best first (see `umecrawl.query.search`)."""
        return search(self._connection, query, filters, limit=limit, offset=offset)

    def count(self, query: str | None, filters: Filters, by: str = "month") -> list[CountRow]:
        """Return how many articles answer a query, by period, site or author (see `umecrawl.query.counting`)."""
        return count(self._connection, query, filters, by)

    def timeline(self, query: str, filters: Filters, by: str = "month") -> list[TimelineRow]:
        """Return the share of all articles that answer a query, by period (see `umecrawl.query.counting`)."""
        return timeline(self._connection, query, filters, by)

    def similar(self, url: str, filters: Filters, *, limit: int | None = 10) -> list[SimilarRow]:
        """Return the articles that are most like the one at a URL (see `umecrawl.query.similar`)."""
        return similar(self._connection, url, filters, limit=limit)

    def sightings(self, url: str) -> list[SightingRow]:
        """Return in time order how listings, feeds and API answers show the article at a URL.

        Raises `NotFoundError` for an unknown URL and for one that no page tells of.
        """
        article = find_told(self._connection, url)
        wanted = statement_views.sightings().where(post.c.article_id == article.id)
        return self._rows(SightingRow, _ordered(wanted, "captured_at", "capture", "position"))

    def claims(self, id_or_url: str) -> list[ClaimRow]:
        """Return what sources say of title, byline and dates: on a capture's page, or in all readings of an article.

        In time order, then by place, field and rank. Raises `NotFoundError` as `capture` and `sightings` do.
        """
        if is_capture_id(id_or_url):
            shown = capture.alias("shown")
            readings = (
                select(extraction.c.id)
                .join(shown, is_reading_of(extraction, shown))
                .where(shown.c.uid == self.capture(id_or_url).id, shown.c.is_page)
            )
            which: ColumnElement[bool] = post.c.extraction_id.in_(readings)
        else:
            which = post.c.article_id == find_told(self._connection, id_or_url).id
        wanted = statement_views.claims().where(which)
        return self._rows(ClaimRow, _ordered(wanted, "captured_at", "capture", "position", "field", "rank"))

    def comments(self, url: str, *, unmask: bool = False) -> list[CommentRow]:
        """Return what readers wrote under an article, as it was first seen; authors stand under pseudonyms.

        With `unmask` they stand under the names they gave. Raises `NotFoundError` as `sightings` does.
        """
        article = find_told(self._connection, url)
        wanted = statement_views.comments(article.id, masked=not unmask)
        return self._rows(CommentRow, _ordered(wanted, "first_seen", "at", "key"))

    def changes(self, wanted: ChangeFilters, *, limit: int | None = None) -> list[ChangeRow]:
        """Return what changed in articles, the latest first (see `umecrawl.query.changes`)."""
        if wanted.url is not None:
            wanted = replace(wanted, url=find_own(self._connection, wanted.url).url)
        if wanted.run is not None:
            run_number(self._connection, wanted.run)
        return find_changes(self._connection, wanted, limit)

    def removals(self, wanted: RemovalFilters, *, limit: int | None = None) -> list[RemovalRow]:
        """Return the articles that went, the latest first (see `umecrawl.query.removals`)."""
        if wanted.url is not None:
            wanted = replace(wanted, url=find_own(self._connection, wanted.url).url)
        return find_removals(self._connection, wanted, limit)

    def coverage(self, wanted: CoverageFilters, by: str = "day") -> list[CoverageRow]:
        """Return how well sites were watched (see `umecrawl.query.coverage`)."""
        return find_coverage(self._connection, wanted, by)

    def citations(self, wanted: CitationFilters, *, limit: int | None = None) -> list[CitationRow]:
        """Return what articles cite, in the order of first sight (see `umecrawl.query.citations`)."""
        if wanted.url is not None:
            wanted = replace(wanted, url=find_told(self._connection, wanted.url).url)
        return find_citations(self._connection, wanted, limit)

    def runs(self) -> list[RunRow]:
        """Return all runs in the order of their start."""
        return find_runs(self._connection)

    def figures(self, run_id: str, by: str) -> list[ReportRow]:
        """Return the figures of a run by host, status, type, source or reason (see `run_reports`)."""
        return report(self._connection, run_id, ReportKind(by))

    def uncaptured(self, run_id: str) -> list[UncapturedRow]:
        """Return the URLs that a run knew and did not capture."""
        return uncaptured(self._connection, run_id)

    def fetches(self, run_id: str) -> list[FetchRow]:
        """Return every attempt of a run to fetch something, in time order."""
        table = views.fetches
        run_number(self._connection, run_id)
        return self._rows(FetchRow, select(table).where(table.c.run == run_id).order_by(table.c.fetched_at, table.c.id))

    def skipped(self, run_id: str) -> list[SkippedRow]:
        """Return every URL that a run left out, in time order."""
        table = views.skipped
        run_number(self._connection, run_id)
        return self._rows(
            SkippedRow, select(table).where(table.c.run == run_id).order_by(table.c.skipped_at, table.c.url)
        )

    def left_out(self, url: str) -> list[SkippedRow]:
        """Return when runs left a URL out, the newest ten first."""
        table = views.skipped
        statement = select(table).where(table.c.url == url).order_by(table.c.skipped_at.desc(), table.c.source)
        return self._rows(SkippedRow, statement.limit(10))

    def interfaces(self) -> list[InterfaceRow]:
        """Return how each feed, sitemap, API and list of a source stands, by source, kind and address."""
        table = views.interfaces
        return self._rows(InterfaceRow, select(table).order_by(table.c.source, table.c.interface, table.c.url))

    def reuse(self, url: str | None = None) -> list[ReuseRow]:
        """Return the passages that articles of different sites share, or those of one article with any other.

        By source and target version, then by place.
        """
        article = None if url is None else find_article(self._connection, url)
        return find_passages(self._connection, None if article is None else article.id)

    def report(self, run_id: str, *, reuse: bool = True) -> list[NewsRow]:
        """Return what a run found out about the articles it saw (see `umecrawl.query.report`)."""
        from umecrawl.query.report import run_report  # noqa: PLC0415  (measured start-up cost: numpy)

        return run_report(self._connection, run_id, reuse=reuse)

    def status(self) -> StatusRow:
        """Return figures of the whole archive, with what a person should look at."""
        return status(self._connection)

    def _rows(self, kind: type[R], statement: Executable) -> list[R]:
        return [row_of(kind, row._asdict()) for row in self._connection.execute(statement)]


def _ordered(statement: Select[Any], *names: str) -> Select[Any]:
    return statement.order_by(*(statement.selected_columns[name] for name in names))
