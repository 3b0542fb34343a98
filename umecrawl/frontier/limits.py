"""How much a run, and each of its sources, may still take: pages, octets and time."""

from collections.abc import Iterable
from datetime import datetime

from umecrawl.config import Source, format_duration, format_size
from umecrawl.model.crawl import Decision, Verdict


class Limits:
    """Counts pages captured and under way, octets received, and the time since a source was first asked.

    robots.txt, requisites and redirects are not pages; the octets of all of them count. A run that is taken up again
    has its time anew, and what it received before still counts.
    """

    def __init__(self, sources: Iterable[Source], total: int | None) -> None:
        self._sources = {source.name: source for source in sources}
        self._total = total
        self._captured: dict[str, int] = {}
        self._under_way: dict[str, int] = {}
        self._octets: dict[str, int] = {}
        self._until: dict[str, datetime] = {}

    def begin(self, source: str, now: datetime) -> None:
        """Note that something is asked for a source; its time runs from the first such moment."""
        if source not in self._until:
            limit = self._sources[source].max_run_time
            self._until[source] = now + limit if limit is not None else datetime.max.replace(tzinfo=now.tzinfo)

    def start(self, source: str) -> None:
        """Count a page that is fetched now."""
        self._under_way[source] = self._under_way.get(source, 0) + 1

    def stop(self, source: str) -> None:
        """Count a page that is no longer fetched."""
        self._under_way[source] = max(0, self._under_way.get(source, 0) - 1)

    def captured(self, source: str) -> None:
        """Count a page that was captured."""
        self._captured[source] = self._captured.get(source, 0) + 1

    def received(self, source: str, octets: int) -> None:
        """Count what came over the network for a source."""
        self._octets[source] = self._octets.get(source, 0) + octets

    def spent(self, source: str, now: datetime) -> Decision | None:
        """Return the decision that leaves everything of a source because its octets or its time are used up."""
        settings = self._sources[source]
        octets = self._octets.get(source, 0)
        if settings.max_run_bytes is not None and octets >= settings.max_run_bytes:
            return _leave(
                "max-run-bytes",
                f"the limit of {format_size(settings.max_run_bytes)} for the source {source} and a run is reached",
            )
        until = self._until.get(source)
        if settings.max_run_time is not None and until is not None and now >= until:
            limit = format_duration(settings.max_run_time)
            return _leave("max-run-time", f"the limit of {limit} for the source {source} and a run is reached")
        return None

    def full(self, source: str) -> Decision | None:
        """Return the decision that leaves a page because the run or its source has as many as it may."""
        if self._total is not None and sum(self._captured.values()) >= self._total:
            return _leave("max-pages", f"the limit of {self._total} pages for this run is reached")
        limit = self._sources[source].max_pages
        if self._captured.get(source, 0) >= limit:
            return _leave("max-pages", f"the limit of {limit} pages for the source {source} is reached")
        return None

    def is_full(self, source: str) -> bool:
        """Return whether the pages under way may fill the limit, so that no more are started until one is done."""
        total = sum(self._captured.values()) + sum(self._under_way.values())
        own = self._captured.get(source, 0) + self._under_way.get(source, 0)
        return (self._total is not None and total >= self._total) or own >= self._sources[source].max_pages


def _leave(rule: str, reason: str) -> Decision:
    return Decision(Verdict.LEAVE, rule, reason)
