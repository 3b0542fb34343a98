"""How an opened archive came about: its runs, what each asked for, got, left out and found, and how it stands now."""

from datetime import date

from umecrawl.query.coverage import CoverageFilters
from umecrawl.query.opened import OpenedArchive
from umecrawl.query.rows import CoverageRow, FetchRow, InterfaceRow, NewsRow, RunRow, SkippedRow, StatusRow
from umecrawl.query.run_rows import ReportRow, UncapturedRow


class Chronicle(OpenedArchive):
    """Answers what was done to collect an archive, from its index."""

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
