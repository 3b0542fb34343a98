"""The schedule: waits until sources are due, crawls them, and goes on whatever comes of it.

What is due follows from the archive, the configuration and the clock (`duetimes`); the scheduler remembers nothing that
a new one would not know, but for failures so early that no record tells of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from umecrawl.config import Config
from umecrawl.errors import (
    ArchiveInUseError,
    InterruptedRunError,
    NoSpaceError,
    SeedFailedError,
    UmecrawlError,
)
from umecrawl.model.crawl import CrawlRun, RunEnd, RunOutcome
from umecrawl.pipeline.crawl import CrawlReport
from umecrawl.pipeline.duetimes import Outlook, PastRun, Why, due_together, local_time, next_due, outlooks
from umecrawl.pipeline.notices import Notice, NoticeError
from umecrawl.pipeline.runs import CrawlOptions
from umecrawl.pipeline.served import recent_runs, served

# The clock is looked at so often at least: it may be set, and the machine may have slept.
LOOK_EVERY: Final = timedelta(minutes=1)
_SHORTEST: Final = timedelta(seconds=1)

History = Callable[[], Iterable[tuple[CrawlRun, RunEnd | None]]]


@dataclass(frozen=True, slots=True)
class Ways:
    """How the scheduler acts on the world; a test gives it a world of its own.

    `load` reads the configuration; `history` tells the runs of the archive, newest first; `crawl` makes a run;
    `check_index` raises when the index cannot be written; `notify` tells of a failure and returns what did not work;
    `say` talks to the user, `complain` does so too where silence was asked for; `note` keeps what a monitor may read:
    what goes on, and what is next.
    """

    load: Callable[[], Config]
    history: History
    crawl: Callable[[Config, CrawlOptions], CrawlReport]
    check_index: Callable[[], None]
    notify: Callable[[Notice, Config], list[NoticeError]]
    say: Callable[[str], None]
    complain: Callable[[str], None]
    note: Callable[[str, Outlook | None], None]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]


class Scheduler:
    """Keeps the schedule of one archive; whoever makes it holds the `ScheduleLock`.

    `options` are what every run is started with; its sources are chosen here.
    """

    def __init__(
        self, archive: str, settings: Config, options: CrawlOptions, ways: Ways, look_every: timedelta = LOOK_EVERY
    ) -> None:
        self._archive = archive
        self._settings = settings
        self._options = options
        self._ways = ways
        self._look_every = look_every
        self._unwritten: list[PastRun] = []
        self._said = self._said_broken = ""

    def run(self) -> None:
        """Crawl what is due, again and again; ends by an exception only (KeyboardInterrupt, InterruptedRunError)."""
        while True:
            self._reload()
            found = self._outlooks()
            try:
                if self._act(found) is not None:
                    self._said = ""
                    continue
            except ArchiveInUseError as error:
                self._say_once(f"Waiting: {error.message}.")
                self._ways.sleep(self._look_every.total_seconds())
                continue
            now = self._ways.clock()
            coming = next_due(found)
            self._say_once(self._coming(coming))
            self._ways.note("waiting", coming)
            wait = coming.due_at - now if coming is not None and coming.due_at is not None else self._look_every
            self._ways.sleep(max(_SHORTEST, min(wait, self._look_every)).total_seconds())

    def once(self) -> int:
        """Crawl what is due now, a run that was cut off first; return how many runs that made.

        Raises the first error of a run when all is done, ArchiveInUseError at once.
        """
        errors: list[UmecrawlError] = []
        runs = 0
        for resuming in (True, False):
            found = tuple(one for one in self._outlooks() if (one.resume is not None) is resuming)
            done = self._act(found)
            if done is not None:
                runs += 1
                errors += done
        if errors:
            raise errors[0]
        return runs

    def _outlooks(self) -> tuple[Outlook, ...]:
        now = self._ways.clock()
        past = [*recent_runs(self._ways.history(), self._settings, now), *self._unwritten]
        return outlooks(self._settings, past, now)

    def _act(self, found: tuple[Outlook, ...]) -> list[UmecrawlError] | None:
        """Make a run of what is due; return what went wrong, nothing at all when nothing was due."""
        now = self._ways.clock()
        cut = [one for one in found if one.resume is not None and one.is_due(now)]
        taken = tuple(cut) or due_together(found, now)
        if not taken:
            return None
        names = tuple(one.source for one in taken)
        for one in taken:
            self._ways.say(_sentence(one, now, self._settings))
        options = replace(
            self._options,
            sources=() if cut else names,
            resume=cut[0].resume if cut else None,
            schedule=() if cut else served(taken, now),
        )
        self._ways.note("crawling", taken[0])
        failed = self._crawl(options, names, now)
        if failed is None:
            return []
        event, error, run = failed
        self._told(event, error, run, taken, now)
        return [error]

    def _crawl(
        self, options: CrawlOptions, names: tuple[str, ...], began: datetime
    ) -> tuple[str, UmecrawlError, str | None] | None:
        index_error: UmecrawlError | None = None
        if options.index:
            try:
                self._ways.check_index()
            except UmecrawlError as error:  # pages may be gone tomorrow; the index can be made at any time
                index_error = error
                options = replace(options, index=False)
        try:
            report = self._ways.crawl(self._settings, options)
        except (InterruptedRunError, ArchiveInUseError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the schedule goes on
            self._remember(names, began, error)
            known = error if isinstance(error, UmecrawlError) else UmecrawlError(f"{type(error).__name__}: {error}")
            return "run-failed", known, None
        self._unwritten = [past for past in self._unwritten if not set(names).issuperset(past.sources)]
        if report.outcome is RunOutcome.INTERRUPTED:
            raise InterruptedRunError(
                f"run {report.run} was stopped; nothing is lost",
                hint="`umecrawl schedule` takes it up again when it is started next.",
            )
        if report.outcome is RunOutcome.SEED_FAILED:
            reasons = "; ".join(f"{seed.url} ({seed.reason})" for seed in report.failed_seeds)
            return "run-failed", SeedFailedError(f"run {report.run} could not capture {reasons}"), report.run
        if index_error is not None:
            return "index-incomplete", index_error, report.run
        if report.index_problem:
            message = f"run {report.run} is archived whole, but its index is not complete: {report.index_problem}"
            kind = NoSpaceError if report.index_exit_code == NoSpaceError.exit_code else UmecrawlError
            return "index-incomplete", kind(message, hint="Run `umecrawl index`."), report.run
        return None

    def _remember(self, names: tuple[str, ...], began: datetime, error: Exception) -> None:
        """Keep a failure of which no record tells, so that it is not tried again at once."""
        for past in recent_runs(self._ways.history(), self._settings, self._ways.clock()):
            if past.ended_at is not None and past.ended_at >= began and any(past.failed(name) for name in names):
                return
        outcome = RunOutcome.NO_SPACE if isinstance(error, NoSpaceError) else RunOutcome.FAILED
        self._unwritten.append(PastRun(f"unwritten-{began:%Y%m%d%H%M%S%f}", names, began, self._ways.clock(), outcome))

    def _told(
        self, event: str, error: UmecrawlError, run: str | None, taken: tuple[Outlook, ...], began: datetime
    ) -> None:
        after = {one.source: one for one in self._outlooks()}
        names = tuple(one.source for one in taken)
        again = [after[name] for name in names if name in after and after[name].failures]
        retry_at = min((one.due_at for one in again if one.due_at is not None), default=None)
        self._ways.complain(f"Failed: {error.message}" + (f". {error.hint}" if error.hint else ""))
        if retry_at is not None:
            self._ways.say(f"It is tried again at {self._local(retry_at)}.")
        outcome = {SeedFailedError: RunOutcome.SEED_FAILED, NoSpaceError: RunOutcome.NO_SPACE}.get(type(error))
        self._notify(
            Notice(
                event=event,
                at=began,
                archive=self._archive,
                collection=self._settings.collection.name,
                message=error.message,
                hint=error.hint,
                run=run,
                sources=names,
                outcome=str(outcome or RunOutcome.FAILED) if event == "run-failed" else None,
                exit_code=error.exit_code,
                failures=max((one.failures for one in again), default=0),
                retry_at=retry_at,
            )
        )

    def _notify(self, notice: Notice) -> None:
        for problem in self._ways.notify(notice, self._settings):
            self._ways.complain(f"Nobody was told: {problem.message}.")

    def _reload(self) -> None:
        try:
            self._settings = self._ways.load()
        except UmecrawlError as error:
            if self._said_broken != error.message:
                self._said_broken = error.message
                self._ways.complain(f"The configuration is not taken over, the one before stays: {error.message}")
                self._notify(
                    Notice(
                        event="configuration-invalid",
                        at=self._ways.clock(),
                        archive=self._archive,
                        collection=self._settings.collection.name,
                        message=error.message,
                        hint=error.hint,
                        exit_code=error.exit_code,
                    )
                )
        else:
            self._said_broken = ""

    def _coming(self, coming: Outlook | None) -> str:
        if coming is None or coming.due_at is None:
            return "Nothing is scheduled: no source has `every` or `cron`."
        return f"Next: {coming.source} at {self._local(coming.due_at)} ({coming.why})."

    def _local(self, at: datetime) -> str:
        return local_time(at, self._settings)

    def _say_once(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._ways.say(text)


def _sentence(one: Outlook, now: datetime, settings: Config) -> str:
    when = f", due {local_time(one.slot, settings)}" if one.slot is not None else ""
    why = {
        Why.FIRST: "for the first time",
        Why.DUE: "on time",
        Why.WAITING: "on time, along with another source",
        Why.LATE: "late: nobody kept the schedule then",
        Why.OVERLAP: "late: another run went on then",
        Why.CATCH_UP: f"once for it and {len(one.missed)} before it that passed",
        Why.RETRY: f"again after {one.failures} failed run{'s' if one.failures > 1 else ''}",
        Why.RESUME: f"run {one.resume} goes on",
    }[one.why]
    late = one.late_by(now)
    return f"Crawling {one.source}{when}: {why}" + (f" ({late - late % _SHORTEST} after)" if late else "") + "."
