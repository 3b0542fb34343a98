"""An archive opened for reading: its index and its WARC files behind one object, for notebooks and scripts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from umecrawl.errors import NotFoundError
from umecrawl.index.diff import Difference
from umecrawl.model.article import Extraction, Outcome, Page, Post
from umecrawl.model.capture import Capture, RecordRef, RecordType
from umecrawl.model.message import decode_content, parse_head
from umecrawl.model.urls import Url
from umecrawl.query.change_rows import ChangeRow, CitationRow, RemovalRow
from umecrawl.query.cite import Citation
from umecrawl.query.counting_rows import CountRow, SimilarRow, TimelineRow
from umecrawl.query.filters import Choosing, Filters, Narrowing
from umecrawl.query.rows import (
    CaptureRow,
    CoverageRow,
    FetchRow,
    InterfaceRow,
    NewsRow,
    ReuseRow,
    RunRow,
    SearchHit,
    SkippedRow,
    StatusRow,
    VersionRow,
    VersionStep,
)
from umecrawl.query.run_rows import ReportRow, UncapturedRow
from umecrawl.query.statement_rows import ClaimRow, CommentRow, SightingRow


class Archive:
    """Reads one archive; every question is answered from the state of the index at the moment it is asked.

    Raises `NotFoundError` where there is no archive or no index yet, `ServiceError` where the database cannot be
    reached. A URL may be given with or without scheme, `www.` and trailing slash.
    """

    def __init__(self, root: str | PathLike[str], database: str | None = None) -> None:
        # Imported here because `import umecrawl` brings this module in, and SQLAlchemy and the WARC readers take
        # 0.6 s of CPU to load: who imports a version number or a Scrapy handler must not pay for them.
        from umecrawl.index.engine import Index  # noqa: PLC0415  (measured start-up cost)
        from umecrawl.query.catalog import Catalog  # noqa: PLC0415  (measured start-up cost)
        from umecrawl.warc.reader import WarcArchive  # noqa: PLC0415  (measured start-up cost)

        self.root = Path(root)
        if not self.root.is_dir():
            raise NotFoundError(f"there is no archive at {self.root}", hint="Make one: umecrawl init DIR")
        self._index = Index.open(database or Index.default_url(self.root), create=False)
        self._warcs = WarcArchive(self.root)

        @contextmanager
        def catalog() -> Iterator[Catalog]:
            with self._index.connect() as connection:
                yield Catalog(connection)

        self._catalog = catalog

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._index.close()

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
        from umecrawl.query.changes import ChangeFilters  # noqa: PLC0415  (measured start-up cost)

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
        from umecrawl.query.removals import RemovalFilters  # noqa: PLC0415  (measured start-up cost)

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
        from umecrawl.query.citations import CitationFilters  # noqa: PLC0415  (measured start-up cost)

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

    def page(self, capture_id: str) -> Page:
        """Return the page of a capture as an extractor takes it, read from the WARC.

        Raises `NotFoundError` for an unknown id, `DamageError` where the record cannot be read.
        """
        capture = _stored(self.capture(capture_id))
        head = parse_head(self._warcs.payload_head(capture))
        markup = decode_content(self._warcs.payload(capture), head.joined("content-encoding"))
        # A confirmation (304) shows what it refers to: the answer that came with the payload.
        content_type = head.get("content-type") or ""
        return Page(capture.url, capture.captured_at, head.status, content_type, markup)

    def extraction(self, capture_id: str) -> Extraction:
        """Return what the current extractor reads from a capture, now and from the WARC; the index is not asked.

        So it holds what the index does not keep, as the blocks of a text. Raises as `page`.
        """
        from umecrawl.extract import extract  # noqa: PLC0415  (measured start-up cost, as above)

        return extract(self.page(capture_id))

    def post(self, capture_id: str) -> Post:
        """Return the article that a capture shows, whole: as `extraction` gives it, with blocks and comments.

        Raises `NotFoundError` for a capture that shows none, a listing among them.
        """
        read = self.extraction(capture_id)
        if read.outcome not in {Outcome.ARTICLE, Outcome.DOCUMENT} or not read.posts:
            raise NotFoundError(
                f"capture {capture_id} shows no article: {read.outcome.value}"
                + (f" ({read.detail})" if read.detail else ""),
                hint="`umecrawl history URL` tells the quality of each capture.",
            )
        return read.posts[0]

    def markdown(self, capture_id: str) -> str:
        """Return the article that a capture shows as Markdown: headings, lists, quotes, tables. Raises as `post`."""
        from umecrawl.extract.markdown import markdown  # noqa: PLC0415  (measured start-up cost, as above)

        shown = self.post(capture_id)
        return markdown(shown.title, shown.blocks)

    def coverage(
        self,
        *,
        site: str | None = None,
        since: date | None = None,
        until: date | None = None,
        by: str = "day",
    ) -> list[CoverageRow]:
        """Return how well each site was watched: what was asked, what came, was gone, blocked, failed or left out.

        `by` is day, month or all; days on which nobody asked count too. `since` and `until` are days in UTC, both
        inclusive. Raises `UsageError` for another period.
        """
        from umecrawl.query.coverage import CoverageFilters  # noqa: PLC0415  (measured start-up cost)

        with self._catalog() as catalog:
            return catalog.coverage(CoverageFilters(site, since, until), by)

    def runs(self) -> list[RunRow]:
        """Return all runs in the order of their start."""
        with self._catalog() as catalog:
            return catalog.runs()

    def fetches(self, run: str) -> list[FetchRow]:
        """Return every attempt of a run to fetch something, in time order."""
        with self._catalog() as catalog:
            return catalog.fetches(run)

    def skipped(self, run: str) -> list[SkippedRow]:
        """Return every URL that a run left out, with the rule that left it out."""
        with self._catalog() as catalog:
            return catalog.skipped(run)

    def left_out(self, url: str) -> list[SkippedRow]:
        """Return when runs left a URL out, with the rule and the reason, the newest ten first."""
        with self._catalog() as catalog:
            return catalog.left_out(url)

    def interfaces(self) -> list[InterfaceRow]:
        """Return how each feed, sitemap, API and list of a source stands, by its latest answer."""
        with self._catalog() as catalog:
            return catalog.interfaces()

    def figures(self, run: str, by: str) -> list[ReportRow]:
        """Return the figures of a run (`last`: the newest) by host, status, type, source or reason."""
        with self._catalog() as catalog:
            return catalog.figures(run, by)

    def uncaptured(self, run: str) -> list[UncapturedRow]:
        """Return the URLs that a run (`last`: the newest) knew and did not capture, each with why."""
        with self._catalog() as catalog:
            return catalog.uncaptured(run)

    def status(self) -> StatusRow:
        """Return figures of the whole archive, with what a person should look at."""
        with self._catalog() as catalog:
            return catalog.status()

    def report(self, run: str, *, reuse: bool = True) -> list[NewsRow]:
        """Return what a run found out about the articles it saw (see `umecrawl.query.report`)."""
        with self._catalog() as catalog:
            return catalog.report(run, reuse=reuse)

    def read(self, capture_id: str) -> bytes:
        """Return the entity of a capture as served: transfer coding removed, content coding (gzip, br …) kept.

        Of a revisit the bytes come from the capture it refers to. Raises `NotFoundError` for an unknown id and
        `DamageError` where the record cannot be read.
        """
        return self._warcs.payload(_stored(self.capture(capture_id)))

    def head(self, capture_id: str) -> bytes:
        """Return the response head of a capture as it was sent, from the status line to the blank line."""
        return self._warcs.head(_stored(self.capture(capture_id)))

    def record(self, capture_id: str) -> bytes:
        """Return the WARC record of a capture, decompressed: its header, its block and what ends it."""
        return self._warcs.raw(_stored(self.capture(capture_id)).record)

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


def _stored(row: CaptureRow) -> Capture:
    return Capture(
        record=RecordRef(row.id, row.warc, row.offset, row.length),
        record_type=RecordType(row.record_type),
        url=Url(row.url),
        captured_at=row.captured_at,
        status=row.status,
        mime=row.mime,
        payload_digest=row.payload_digest,
        size=row.size,
        run=row.run,
        refers_to=row.refers_to,
    )


def open(path: str | PathLike[str] = "archive", database: str | None = None) -> Archive:  # noqa: A001  (as in `gzip.open`)
    """Open an archive for reading; `database` is the URL of its index, by default the SQLite file in its folder.

    Raises `NotFoundError` where there is no archive or no index, `ServiceError` where the database cannot be reached.
    """
    return Archive(path, database)
