"""Which due times a run serves, as settings of its `warcinfo`, and runs of the archive as the schedule sees them.

One setting each, a source's name first: `schedule.why` (always), `schedule.due` (RFC 3339), `schedule.late` (seconds),
`schedule.missed` (number, first, last) and `schedule.failures` (failed runs in a row before it).
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from umecrawl.config import Config
from umecrawl.model.crawl import CrawlRun, RunEnd, RunOutcome
from umecrawl.pipeline.duetimes import TOLERANCE, Outlook, PastRun, Why
from umecrawl.pipeline.runs import is_whole

_WHY = "schedule.why"
_DUE = "schedule.due"
_LATE = "schedule.late"
_MISSED = "schedule.missed"
_FAILURES = "schedule.failures"


def served(taken: Iterable[Outlook], now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the settings of a run that takes these sources now."""
    settings = []
    for one in taken:
        why = Why.DUE if one.why is Why.WAITING else one.why  # taken along a little before its own moment
        settings.append((_WHY, f"{one.source} {why}"))
        if one.slot is not None:
            settings.append((_DUE, f"{one.source} {_written(one.slot)}"))
        if late := one.late_by(now):
            settings.append((_LATE, f"{one.source} {int(late.total_seconds())}"))
        if one.missed:
            first, last = one.missed[0], one.missed[-1]
            settings.append((_MISSED, f"{one.source} {len(one.missed)} {_written(first)} {_written(last)}"))
        if one.failures:
            settings.append((_FAILURES, f"{one.source} {one.failures}"))
    return tuple(settings)


def past_run(run: CrawlRun, end: RunEnd | None) -> PastRun:
    """Return a run as the schedule sees it."""
    due: dict[str, datetime] = {}
    for name, value in run.settings:
        source, _, written = value.partition(" ")
        with suppress(ValueError):
            if name == _DUE:
                due[source] = datetime.fromisoformat(written).astimezone(UTC)
    return PastRun(
        id=run.id,
        sources=run.sources,
        started_at=run.started_at,
        ended_at=end.ended_at if end is not None else None,
        outcome=end.outcome if end is not None else RunOutcome.KILLED,
        due=due,
        scheduled=any(name == _WHY for name, _ in run.settings),
        failed_sources=end.failed_sources if end is not None else (),
    )


def recent_runs(history: Iterable[tuple[CrawlRun, RunEnd | None]], config: Config, now: datetime) -> Iterator[PastRun]:
    """Yield runs, newest first, as far back as the schedule has to look: each source was brought home once.

    Runs that seem to begin in the future bring nothing home.
    """
    away = {source.name for source in config.sources if source.every is not None or source.cron is not None}
    for run, end in history:
        if not is_whole(run):
            continue
        past = past_run(run, end)
        yield past
        if past.started_at > now + TOLERANCE:
            continue
        away -= {source for source in past.sources if past.brought_home(source)}
        if not away:
            return


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
