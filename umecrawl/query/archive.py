"""An archive opened for reading: its index and its WARC files behind one object, for notebooks and scripts."""

from collections.abc import Iterator
from datetime import date, datetime
from os import PathLike
from typing import Any, Unpack

from umecrawl.index.diff import Difference
from umecrawl.query.change_rows import ChangeRow, CitationRow, RemovalRow
from umecrawl.query.changes import ChangeFilters
from umecrawl.query.chronicle import Chronicle
from umecrawl.query.citations import CitationFilters
from umecrawl.query.cite import Citation
from umecrawl.query.counting_rows import CountRow, SimilarRow, TimelineRow
from umecrawl.query.filters import Choosing, Filters, Narrowing
from umecrawl.query.holdings import Holdings
from umecrawl.query.removals import RemovalFilters
from umecrawl.query.rows import CaptureRow, ReuseRow, SearchHit, VersionRow, VersionStep
from umecrawl.query.statement_rows import ClaimRow, CommentRow, SightingRow


class Archive(Chronicle, Holdings):
    """Reads one archive; every question is answered from the state of the index at the moment it is asked.

    Raises `NotFoundError` where there is no archive or no index yet, `ServiceError` where the database cannot be
    reached. A URL may be given with or without scheme, `www.` and trailing slash.
    """

    def search(
        self,
        query: str,
        *,
        site: str | None = None,
        author: str | None = None,
        signatory: str | None = None,
        since: date | None = None,
        until: date | None = None,
        current: bool = False,
        kind: str | None = "article",
        run: str | None = None,
        quality: str | None = None,
        limit: int | None = 20,
        offset: int = 0,
    ) -> list[SearchHit]:
        """Return the article versions that answer a query, the best first, from the one after `offset` on.

        Words in any form, `"phrases"`, AND OR NOT, `prefix*`, `*ending`, `one NEAR/5 other`, `title:word`. `since` and
        `until` bound the publication, both inclusive; a day is a day in UTC. `author` is part of a byline or of a
        signatory's name, `signatory` of the latter alone; `kind` article, document (PDF) or None for both; `run` and
        `quality` those of a capture that shows the version. Raises `UsageError` for a malformed query,
        `NotFoundError` for an unknown run.
        """
        filters = Filters(
            site=site,
            author=author,
            signatory=signatory,
            since=since,
            until=until,
            current=current,
            kind=kind,
            run=run,
            quality=quality,
        )
        with self._catalog() as catalog:
            return catalog.search(query, filters, limit=limit, offset=offset)

    def count(self, query: str | None = None, *, by: str = "month", **filters: Unpack[Narrowing]) -> list[CountRow]:
        """Return how many articles answer a query (without one: there are), in all of their versions.

        `by` is day, week, month, year, site, author or signatory. An article is counted once, under the day it
        states as that of its publication, else that of its first capture (UTC). The filters are those of `search`.
        """
        with self._catalog() as catalog:
            return catalog.count(query, _of_articles(filters), by)

    def timeline(self, query: str, *, by: str = "month", **filters: Unpack[Narrowing]) -> list[TimelineRow]:
        """Return for each period how many articles answer a query, how many there are, and the share.

        `by` is day, week, month or year; the filters are those of `search` and narrow both numbers.
        """
        with self._catalog() as catalog:
            return catalog.timeline(query, _of_articles(filters), by)

    def similar(
        self,
        url: str,
        *,
        limit: int | None = 10,
        **filters: Unpack[Narrowing],
    ) -> list[SimilarRow]:
        """Return the articles that are most like the one at a URL, as they stand now, the most alike first.

        What makes them alike is the words they share, the rare ones most; the filters are those of `search`. Articles
        that share whole passages are found by `reuse`.
        """
        with self._catalog() as catalog:
            return catalog.similar(url, _of_articles(filters), limit=limit)

    def history(self, url: str) -> list[CaptureRow]:
        """Return every capture of a URL and its aliases in time order."""
        with self._catalog() as catalog:
            return catalog.history(url)

    def version(self, version_id: str) -> VersionRow:
        """Return one article version by its id, as captures and search hits name it."""
        with self._catalog() as catalog:
            return catalog.version(version_id)

    def versions(self, url: str) -> list[VersionStep]:
        """Return the distinct versions of an article in the order of first sight, with what each changed."""
        with self._catalog() as catalog:
            return catalog.versions(url)

    def diff(self, url: str, a: str | None = None, b: str | None = None) -> Difference:
        """Return the word-level difference of two versions of an article (see `pair`)."""
        with self._catalog() as catalog:
            return catalog.diff(url, a, b)

    def pair(self, url: str, a: str | None = None, b: str | None = None) -> tuple[VersionRow, VersionRow]:
        """Return two versions of an article, named by number (from 1) or id; the last two by default."""
        with self._catalog() as catalog:
            return catalog.pair(url, a, b)

    def changes(
        self,
        url: str | None = None,
        *,
        since: date | None = None,
        until: date | None = None,
        site: str | None = None,
        kind: str | None = None,
        run: str | None = None,
        limit: int | None = None,
    ) -> list[ChangeRow]:
        """Return what changed in articles (or in one), the latest first.

        `kind` is edit, stealth-edit, headline, removal, restoration, paywall or moved; `since` and `until` bound the
        time of detection, both inclusive. Raises `UsageError` for an unknown kind, `NotFoundError` for an unknown URL
        or run.
        """
        wanted = ChangeFilters(since=since, until=until, site=site, kind=kind, url=url, run=run)
        with self._catalog() as catalog:
            return catalog.changes(wanted, limit=limit)

    def removals(
        self,
        url: str | None = None,
        *,
        since: date | None = None,
        until: date | None = None,
        site: str | None = None,
        state: str | None = None,
        limit: int | None = None,
    ) -> list[RemovalRow]:
        """Return the articles that went (or the one at a URL), the latest first, each with the chain of its evidence.

        `state` is missing, gone, restored or moved; `since` and `until` bound when it came to that, both inclusive.
        Raises `UsageError` for an unknown state and `NotFoundError` for an unknown URL.
        """
        wanted = RemovalFilters(since=since, until=until, site=site, state=state, url=url)
        with self._catalog() as catalog:
            return catalog.removals(wanted, limit=limit)

    def citations(
        self,
        url: str | None = None,
        *,
        site: str | None = None,
        target: str | None = None,
        target_site: str | None = None,
        state: str | None = None,
        limit: int | None = None,
    ) -> list[CitationRow]:
        """Return the links in the texts of articles (or of one), in the order of first sight.

        `target` is a URL as it is linked; `state` archived, gone, blocked, excluded or pending. Raises `UsageError`
        for an unknown state and `NotFoundError` for an unknown URL.
        """
        wanted = CitationFilters(url=url, site=site, target=target, target_site=target_site, state=state)
        with self._catalog() as catalog:
            return catalog.citations(wanted, limit=limit)

    def cite(self, id_or_url: str, at: datetime | None = None, *, quote: str | None = None) -> Citation:
        """Return the citation of a capture, named by id or by URL and time.

        Without a time it is the latest that shows a text, else the latest. Raises `NotFoundError` for what the archive
        does not have, and for a passage (`quote`) that does not stand in the text.
        """
        with self._catalog() as catalog:
            return catalog.cite(id_or_url, at, quote)

    def capture(self, id_or_url: str, at: datetime | None = None) -> CaptureRow:
        """Return the capture of an id, or the one of a URL closest to a time (without a time: the latest)."""
        with self._catalog() as catalog:
            return catalog.capture(id_or_url, at)

    def captures(self, *, site: str | None = None, run: str | None = None) -> Iterator[CaptureRow]:
        """Yield captures in time order: all, those of a site (its host), or those of a run."""
        with self._catalog() as catalog:
            yield from catalog.captures(site=site, run=run)

    def reuse(self, url: str | None = None) -> list[ReuseRow]:
        """Return the passages that articles of different sites share, or those of one article with any other."""
        with self._catalog() as catalog:
            return catalog.reuse(url)

    def sightings(self, url: str) -> list[SightingRow]:
        """Return in time order how listings, feeds and API answers show the article at a URL.

        An excerpt has no version, nor has a text that differs from all that the article's own page showed.
        """
        with self._catalog() as catalog:
            return catalog.sightings(url)

    def claims(self, id_or_url: str) -> list[ClaimRow]:
        """Return what is claimed of title, byline and dates on a capture's page (id) or on all of an article (URL).

        Those that differ from the value that was taken are marked.
        """
        with self._catalog() as catalog:
            return catalog.claims(id_or_url)

    def comments(self, url: str, *, unmask: bool = False) -> list[CommentRow]:
        """Return what readers wrote under an article; authors stand under pseudonyms unless `unmask` is set.

        A pseudonym is no anonymity: whoever knows a name can work it out, and the texts may name people.
        """
        with self._catalog() as catalog:
            return catalog.comments(url, unmask=unmask)

    def frame(self, view: str, query: str | None = None, **filters: Unpack[Choosing]) -> Any:
        """Return a view of the index (`captures`, `versions`, `changes` …), or what filters choose, as a data frame.

        The filters are those of an export: a query and `site`, `url`, `run`, `source`, `author`, `signatory`, `kind`,
        `quality`, `since`, `until`, `current`. It is a pandas data frame where pandas is installed, else one of polars;
        times of captures, changes and runs are times in UTC. Raises `UmecrawlError` where neither is installed,
        `UsageError` for an unknown view and for a filter that the view has no column for.
        """
        from umecrawl.query.extracts import Extract  # noqa: PLC0415  (measured start-up cost)
        from umecrawl.query.frames import columns_of, frame_maker  # noqa: PLC0415  (measured start-up cost)
        from umecrawl.query.selection import Choice  # noqa: PLC0415  (measured start-up cost)

        make = frame_maker()
        with self._index.connect() as connection:
            return make(columns_of(Extract(connection, view, Choice(query=query, **filters))))


def _of_articles(filters: Narrowing) -> Filters:
    filters.setdefault("kind", "article")
    return Filters(**filters)


def open(path: str | PathLike[str] = "archive", database: str | None = None) -> Archive:  # noqa: A001  (as in `gzip.open`)
    """Open an archive for reading; `database` is the URL of its index, by default the SQLite file in its folder.

    Where a database is named, the folder need not be here: only the content of captures is read from it.
    Raises `NotFoundError` where there is no archive or no index, `ServiceError` where the database cannot be reached.
    """
    return Archive(path, database)
