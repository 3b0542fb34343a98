"""Whether the crawling of an archive goes as it should, for a monitor: derived from the archive, never from memory.

What the scheduler says of itself stands in `runs/schedule.json` and is written about once a minute; that file is
disposable, and only tells whether the process that wrote it is still alive.
"""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from umecrawl.config import Config
from umecrawl.model.clock import utc_now
from umecrawl.pipeline.duetimes import Outlook, Why, next_due, outlooks
from umecrawl.pipeline.served import recent_runs
from umecrawl.query.rows import HealthRow
from umecrawl.warc.audits import last_audits
from umecrawl.warc.history import RunHistory
from umecrawl.warc.lock import archive_holder, schedule_holder

# A scheduler looks at the clock each minute, a cron line each quarter of an hour or so.
GRACE: Final = timedelta(minutes=30)
STALE: Final = timedelta(minutes=10)
# About as much as one WARC takes before the next is begun.
LITTLE_SPACE: Final = 10**9
_FILE: Final = "schedule.json"


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a scheduler said of itself last: `state` is waiting, crawling or stopped."""

    pid: int
    at: datetime
    state: str


class PulseFile:
    """Keeps the last word of a scheduler; a disk without room for it is no reason to stop."""

    def __init__(self, root: Path, clock: Callable[[], datetime] = utc_now) -> None:
        self._path = root / "runs" / _FILE
        self._clock = clock
        self._last: tuple[str, datetime] | None = None

    def write(self, state: str, _coming: Outlook | None = None) -> None:
        """Write what the scheduler does now; the same again at most once a minute."""
        now = self._clock()
        if self._last is not None and self._last[0] == state and abs(now - self._last[1]) < timedelta(minutes=1):
            return
        self._last = state, now
        fresh = self._path.with_suffix(".new")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps({"pid": os.getpid(), "at": now.isoformat(), "state": state}), encoding="utf-8")
            fresh.replace(self._path)


def _read_pulse(root: Path) -> Pulse | None:
    """Return what a scheduler said of itself last, if one ever did."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        values = json.loads((root / "runs" / _FILE).read_bytes())
        return Pulse(int(values["pid"]), datetime.fromisoformat(values["at"]).astimezone(UTC), str(values["state"]))
    return None


def prospects(root: Path, settings: Config | None, now: datetime) -> tuple[Outlook, ...]:
    """Return when each source is due; what is being crawled at the moment says so.

    Without a configuration nothing is.
    """
    if settings is None:
        return ()
    history = RunHistory(root)
    found = outlooks(settings, list(recent_runs(history.runs(), settings, now)), now)
    if archive_holder(root) is None:
        return found
    newest = next(history.runs(), None)
    under_way = newest[0].sources if newest is not None and newest[1] is None else ()
    return tuple(replace(one, why=Why.RUNNING) if one.source in under_way else one for one in found)


def health(root: Path, settings: Config | None, now: datetime) -> HealthRow:
    """Return how the crawling of an archive stands."""
    found = prospects(root, settings, now)
    writer, keeper, pulse = archive_holder(root), schedule_holder(root), _read_pulse(root)
    scheduler = "none"
    if keeper is not None:
        scheduler = "stalled" if pulse is not None and now - pulse.at > STALE else "running"
    elif pulse is not None and pulse.state != "stopped":
        scheduler = "gone"
    problems = _of_scheduler(scheduler, pulse)
    problems += _of_sources(found, now, busy=writer is not None, kept=scheduler == "running")
    free = shutil.disk_usage(root).free
    if free < LITTLE_SPACE:
        problems.append(f"only {free / 10**6:.0f} MB are free on the disk of the archive")
    unsound = [audit.file for audit in last_audits(root).values() if not audit.ok]
    problems += [f"{name} was not sound at its last check; `umecrawl verify`" for name in unsound]
    coming = next_due(found)
    last = max((one.last for one in found if one.last is not None), key=lambda run: run.started_at, default=None)
    return HealthRow(
        ok=not problems,
        at=now,
        scheduler=scheduler,
        crawling=writer.pid if writer is not None else None,
        next_source=coming.source if coming is not None else None,
        next_due_at=coming.due_at if coming is not None else None,
        last_run=last.id if last is not None else None,
        last_outcome=str(last.outcome) if last is not None else None,
        last_ended_at=last.ended_at if last is not None else None,
        free_bytes=free,
        problems=tuple(problems),
    )


def _of_scheduler(scheduler: str, pulse: Pulse | None) -> list[str]:
    if scheduler == "gone" and pulse is not None:
        return [f"the scheduler (process {pulse.pid}) ended without a word after {pulse.at:%Y-%m-%d %H:%M} UTC"]
    if scheduler == "stalled" and pulse is not None:
        return [f"the scheduler has not been heard of since {pulse.at:%Y-%m-%d %H:%M} UTC"]
    return []


def _of_sources(found: Sequence[Outlook], now: datetime, *, busy: bool, kept: bool) -> list[str]:
    problems = []
    for one in found:
        if one.failures:
            ended = f", last with {one.last.outcome}" if one.last is not None else ""
            many = "1 run" if one.failures == 1 else f"{one.failures} runs"
            problems.append(f"{one.source}: {many} in a row failed{ended}")
        elif one.why is Why.FIRST and not busy and not kept:
            problems.append(f"{one.source} was never crawled")
        elif one.due_at is not None and one.why is not Why.RUNNING and not busy and one.late_by(now) > GRACE:
            problems.append(f"{one.source} has been due since {one.due_at:%Y-%m-%d %H:%M} UTC")
    return problems
