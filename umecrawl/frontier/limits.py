"""How many pages a run, and each of its sources, may still capture."""

from collections.abc import Iterable

from umecrawl.config import Source


class PageLimits:
    """Counts pages captured and under way; robots.txt, requisites and redirects are not pages."""

    def __init__(self, sources: Iterable[Source], total: int | None) -> None:
        self._limits = {source.name: source.max_pages for source in sources}
        self._total = total
        self._captured: dict[str, int] = {}
        self._under_way: dict[str, int] = {}

    def start(self, source: str) -> None:
        """Count a page that is fetched now."""
        self._under_way[source] = self._under_way.get(source, 0) + 1

    def stop(self, source: str) -> None:
        """Count a page that is no longer fetched."""
        self._under_way[source] = max(0, self._under_way.get(source, 0) - 1)

    def captured(self, source: str) -> None:
        """Count a page that was captured."""
        self._captured[source] = self._captured.get(source, 0) + 1

    def reached(self, source: str) -> str:
        """Return which limit is reached; empty while there is room."""
        if self._total is not None and sum(self._captured.values()) >= self._total:
            return f"the limit of {self._total} pages for this run is reached"
        limit = self._limits[source]
        if self._captured.get(source, 0) >= limit:
            return f"the limit of {limit} pages for the source {source} is reached"
        return ""

    def is_full(self, source: str) -> bool:
        """Return whether the pages under way may fill the limit, so that no more are started until one is done."""
        total = sum(self._captured.values()) + sum(self._under_way.values())
        own = self._captured.get(source, 0) + self._under_way.get(source, 0)
        return (self._total is not None and total >= self._total) or own >= self._limits[source]
