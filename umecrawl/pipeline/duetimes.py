"""When each source is due, as a function of the configuration, the runs so far and the clock.

A source has **slots**: with `every`, one after the other from the due time of its last run; with `cron`, the moments
its line names in the collection's time zone. A slot is served by any run of the source that began at or after it and
that brought the source home. Of several slots that passed unserved the last one is made up for, the others are missed.
Nothing is remembered beside the archive: whoever asks again gets the same answer.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Final

from umecrawl.config import Config, Source
from umecrawl.config.cron import last_moment, moments_after
from umecrawl.model.crawl import RunOutcome

# Starting takes a moment; only what is later than this is called late.
TOLERANCE: Final = timedelta(minutes=1)
# Missed slots are counted up to here: a clock that jumps, or a line for every minute, must not keep anybody counting.
MOST_MISSED: Final = 1000
_SHARE_OF_GAP: Final = 10
_NO_RETURN: Final = datetime(9000, 1, 1, tzinfo=UTC)
_DONE: Final = frozenset({RunOutcome.FINISHED, RunOutcome.LIMIT, RunOutcome.SEED_FAILED})
_CUT: Final = frozenset({RunOutcome.KILLED, RunOutcome.INTERRUPTED, RunOutcome.NO_SPACE})


class Why(StrEnum):
    """Why a source is due, or is not."""

    FIRST = "first"  # it was never crawled
    DUE = "due"  # its time has come
    LATE = "late"  # its time has passed, and nobody was there
    OVERLAP = "overlap"  # its time has passed while another run went on
    CATCH_UP = "catch-up"  # several of its times have passed
    RETRY = "retry"  # the last run failed
    RESUME = "resume"  # the last run was cut off
    RUNNING = "running"  # it is being crawled
    WAITING = "waiting"  # its time is still to come
    BY_HAND = "by-hand"  # it has neither `every` nor `cron`


@dataclass(frozen=True, slots=True)
class PastRun:
    """What the schedule has to know of a run: `due` holds the slot it served for each source, where it was scheduled.

    `ended_at` is the last end that is recorded; without any, the run was killed (or is under way) and `outcome` says
    `killed`. `failed_sources` are those of which a seed could not be captured.
    """

    id: str
    sources: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    outcome: RunOutcome
    due: dict[str, datetime] = field(default_factory=dict)
    scheduled: bool = False
    failed_sources: tuple[str, ...] = ()

    def brought_home(self, source: str) -> bool:
        """Return whether a source was crawled to its end, or to a limit."""
        return self.outcome in _DONE and not self._failed_seed(source)

    def failed(self, source: str) -> bool:
        """Return whether it went wrong in a way that trying again at once would not mend."""
        return self.outcome in {RunOutcome.FAILED, RunOutcome.NO_SPACE} or self._failed_seed(source)

    @property
    def cut_off(self) -> bool:
        """Whether it was stopped before its end and can be taken up again."""
        return self.outcome in _CUT

    def _failed_seed(self, source: str) -> bool:
        # Runs of versions before the schedule do not say whose seed it was.
        return self.outcome is RunOutcome.SEED_FAILED and (not self.failed_sources or source in self.failed_sources)


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a source is due and why: `slot` is the time the next run serves, `due_at` the moment at which it begins.

    `missed` are slots that passed unserved before `slot`, the first `MOST_MISSED` of them. `failures` counts failed
    runs in a row. `resume` names the run that is to be taken up again instead of a new one.
    """

    source: str
    why: Why
    due_at: datetime | None
    slot: datetime | None = None
    missed: tuple[datetime, ...] = ()
    failures: int = 0
    last: PastRun | None = None
    resume: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Return whether the moment has come."""
        return self.due_at is not None and self.due_at <= now

    def late_by(self, now: datetime) -> timedelta:
        """Return how much later than due it is, nothing within the tolerance."""
        late = now - self.due_at if self.due_at is not None else timedelta()
        return late if late > TOLERANCE else timedelta()


def outlooks(config: Config, runs: Sequence[PastRun], now: datetime) -> tuple[Outlook, ...]:
    """Return when each source of the collection is due, in the order of the file.

    `runs` may hold as much of the past as there is, in any order; runs that seem to begin in the future (a clock that
    was wrong) are not counted.
    """
    past = sorted((run for run in runs if run.started_at <= now + TOLERANCE), key=lambda run: (run.started_at, run.id))
    return tuple(_outlook(config, source, past, now) for source in config.sources)


def _resumable(config: Config, runs: Sequence[PastRun], now: datetime) -> PastRun | None:
    """Return the scheduled run that was cut off and is to be taken up again, if there is one.

    It is the last run of each of its sources, and began less than `resume_within` ago.
    """
    untouched = {source.name for source in config.sources}
    for run in sorted(runs, key=lambda run: (run.started_at, run.id), reverse=True):
        if run.started_at > now + TOLERANCE:
            continue
        if now - run.started_at >= config.schedule.resume_within:
            return None
        if run.scheduled and run.cut_off and untouched.issuperset(run.sources):
            return run
        untouched.difference_update(run.sources)
    return None


def due_together(found: Sequence[Outlook], now: datetime) -> tuple[Outlook, ...]:
    """Return the sources that one run takes now: those that are due, and those whose time only waits for its jitter."""
    if not any(one.is_due(now) for one in found):
        return ()
    return tuple(
        one
        for one in found
        if one.resume is None and (one.is_due(now) or (one.why is Why.WAITING and one.slot and one.slot <= now))
    )


def next_due(found: Sequence[Outlook]) -> Outlook | None:
    """Return the source that is due first."""
    waiting = [(one.due_at, one.source, one) for one in found if one.due_at is not None]
    return min(waiting)[2] if waiting else None


def local_time(at: datetime, settings: Config) -> str:
    """Return a time as people of the collection's time zone read it, to the minute."""
    return f"{at.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}"


def offset_of(source: str, slot: datetime, jitter: timedelta, gap: timedelta) -> timedelta:
    """Return how much later than a slot a source is crawled: the same for the same source and slot, on any machine."""
    most = min(jitter, gap / _SHARE_OF_GAP)
    draw = hashlib.sha256(f"{source} {slot.astimezone(UTC).isoformat()}".encode()).digest()
    share = int.from_bytes(draw[:6]) / 2**48
    return timedelta(seconds=int(most.total_seconds() * share))


def _back_off(config: Config, failures: int) -> timedelta:
    """Return how long after so many failures in a row a source is tried again."""
    first, longest = config.schedule.retry, config.schedule.longest_retry
    return min(first * (1 << min(failures - 1, 30)), max(longest, first))


def _outlook(config: Config, source: Source, past: Sequence[PastRun], now: datetime) -> Outlook:
    mine = [run for run in past if source.name in run.sources]
    last = mine[-1] if mine else None
    if source.every is None and source.cron is None:
        return Outlook(source.name, Why.BY_HAND, None, last=last)
    home = next((run for run in reversed(mine) if run.brought_home(source.name)), None)
    later = mine[mine.index(home) + 1 :] if home is not None else mine
    failed = [run for run in later if run.failed(source.name)]
    slots = _Slots(config, source, home)
    slot = slots.last_until(now) if home is not None else None
    missed = tuple(slots.between(slot)) if slot is not None else ()
    cut = _resumable(config, past, now)
    resume = cut.id if cut is not None and source.name in cut.sources else None
    due_at: datetime | None = now
    if failed and last is failed[-1]:
        wait = _back_off(config, len(failed))
        # A clock that was set back must not make it wait for longer than it would have waited.
        due_at = min((last.ended_at or last.started_at) + wait, now + wait)
        why = Why.RESUME if resume else Why.RETRY
    elif resume is not None:
        why = Why.RESUME
    elif home is None:
        why = Why.FIRST
    elif slot is None:
        slot = next(slots.all(), None)
        due_at = slots.begin(slot) if slot is not None else None
        why = Why.WAITING
    else:
        begin = slots.begin(slot)
        due_at = min(begin, now) if missed else begin
        why = Why.WAITING if due_at > now else _why(begin, missed, past, now)
    return Outlook(source.name, why, due_at, slot, missed, len(failed), last, resume)


def _why(due_at: datetime, missed: Sequence[datetime], past: Sequence[PastRun], now: datetime) -> Why:
    if missed:
        return Why.CATCH_UP
    if now - due_at <= TOLERANCE:
        return Why.DUE
    busy = any(run.started_at <= due_at and run.ended_at is not None and run.ended_at >= due_at for run in past)
    return Why.OVERLAP if busy else Why.LATE


class _Slots:
    """The slots of a source behind the run that last brought it home."""

    def __init__(self, config: Config, source: Source, home: PastRun | None) -> None:
        self._source = source
        self._zone = config.zone
        self._jitter = config.schedule.jitter
        self._anchor = home.due.get(source.name, home.started_at) if home is not None else _NO_RETURN

    def all(self, after: datetime | None = None) -> Iterator[datetime]:
        """Yield the slots in order."""
        begin = after or self._anchor
        if self._source.cron is not None:
            yield from moments_after(self._source.cron, self._zone, begin)
        every = self._source.every
        while every is not None and begin < _NO_RETURN - every:
            begin += every
            yield begin

    def last_until(self, now: datetime) -> datetime | None:
        """Return the last slot that has come."""
        if self._source.cron is not None:
            return last_moment(self._source.cron, self._zone, self._anchor, now)
        assert self._source.every is not None
        passed = (now - self._anchor) // self._source.every
        return self._anchor + passed * self._source.every if passed > 0 else None

    def between(self, slot: datetime) -> Iterator[datetime]:
        """Yield the slots before one, the first of them up to `MOST_MISSED`."""
        for one in islice(self.all(), MOST_MISSED):
            if one >= slot:
                return
            yield one

    def begin(self, slot: datetime) -> datetime:
        """Return the moment at which the run for a slot begins."""
        following = next(self.all(slot), None)
        gap = following - slot if following is not None else self._jitter * _SHARE_OF_GAP
        return slot + offset_of(self._source.name, slot, self._jitter, gap)
