"""Which due times a run serves, and runs of the archive as the schedule sees them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from umecrawl.config import Config
from umecrawl.model.crawl import CrawlRun, RunEnd, RunOutcome
from umecrawl.model.served import Served, served_by
from umecrawl.pipeline.duetimes import TOLERANCE, Outlook, PastRun, Why
from umecrawl.pipeline.runs import is_whole


def served(taken: Iterable[Outlook], now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the settings of a run that takes these sources now."""
    settings: list[tuple[str, str]] = []
    for one in taken:
        why = Why.DUE if one.why is Why.WAITING else one.why  # taken along a little before its own moment
        settings += Served(
            source=one.source,
            why=str(why),
            due_at=one.slot,
            late=int(one.late_by(now).total_seconds()),
            missed=len(one.missed),
            missed_first=one.missed[0] if one.missed else None,
            missed_last=one.missed[-1] if one.missed else None,
            failures=one.failures,
        ).settings()
    return tuple(settings)


def past_run(run: CrawlRun, end: RunEnd | None) -> PastRun:
    """Return a run as the schedule sees it."""
    times = served_by(run.settings)
    return PastRun(
        id=run.id,
        sources=run.sources,
        started_at=run.started_at,
        ended_at=end.ended_at if end is not None else None,
        outcome=end.outcome if end is not None else RunOutcome.KILLED,
        due={one.source: one.due_at for one in times if one.due_at is not None},
        scheduled=bool(times),
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
