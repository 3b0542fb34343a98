"""Crawling: one session run by Scrapy on asyncio, indexed as it goes, stopped cleanly, summed up at the end."""

import asyncio
import shlex
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings

from umecrawl import settings as scrapy_defaults
from umecrawl.config import Config
from umecrawl.errors import InterruptedRunError, NoSpaceError
from umecrawl.fetch.delivery import bind_sink
from umecrawl.fetch.replay import bind_source
from umecrawl.frontier.seeds import FailedSeed
from umecrawl.index.engine import Index
from umecrawl.model.clock import SteadyClock, utc_now
from umecrawl.model.crawl import RunOutcome
from umecrawl.model.discovery import Audit, Place
from umecrawl.model.urls import host_of
from umecrawl.pipeline.follower import IndexFollower
from umecrawl.pipeline.leads import LeadSeeker
from umecrawl.pipeline.progress import HostLine, Progress, Tally
from umecrawl.pipeline.runs import CrawlOptions
from umecrawl.pipeline.session import CrawlSession
from umecrawl.pipeline.stopping import Stopping
from umecrawl.spiders.archival import ArchivalSpider
from umecrawl.spiders.pump import Pump

# Connections over all hosts; politeness sets how many of them one host may have.
IN_FLIGHT = 16
_TICK = 0.25


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """How a run ended and what it brought; `problems` are sentences for the user.

    `index_problem` says why the index is not complete, `index_exit_code` of which kind that is
    (`umecrawl.errors`); the run itself is archived whole all the same. `findings` are what was found out about the
    feeds, sitemaps and APIs of the sources.
    """

    run: str
    outcome: RunOutcome
    detail: str
    elapsed: float
    tally: Tally
    queued: int
    not_due: int
    failed_seeds: tuple[FailedSeed, ...]
    indexed: bool
    index_problem: str
    index_exit_code: int
    problems: tuple[str, ...]
    findings: tuple[Place | Audit, ...] = ()


Observer = Callable[[Progress], None]


def run_crawl(
    root: Path, settings: Config, options: CrawlOptions, *, database: str, observe: Observer = lambda _: None
) -> CrawlReport:
    """Crawl the sources chosen into the archive at `root` and keep the index up to date.

    Ctrl-C (SIGINT) and SIGTERM let what is under way finish and then stop; a second one stops at once. Either
    way the WARC is sealed and the report says how the run ended. Raises InterruptedRunError when it was stopped at
    once or while it was being indexed, ArchiveInUseError, NoSpaceError and what a configuration can get wrong;
    whatever was acknowledged before is in the archive.
    """
    if options.index:
        Index.open(database).close()  # a database that cannot be reached is better known before the crawl than after
    with ExitStack() as held:
        stopping = held.enter_context(Stopping())
        session = held.enter_context(CrawlSession(root, settings, options))
        follower = held.enter_context(IndexFollower(root, database)) if options.index else None
        try:
            return _run(session, follower, database, observe, stopping)
        except KeyboardInterrupt as error:
            raise _stopped(session) from error


def _run(
    session: CrawlSession, follower: IndexFollower | None, database: str, observe: Observer, stopping: Stopping
) -> CrawlReport:
    started = time.monotonic()
    runner = _Runner(session, follower, database, observe, stopping, started=started)
    with asyncio.Runner(loop_factory=_event_loop) as loop:
        loop.run(runner.crawl())
    outcome, detail = runner.outcome()
    session.end(outcome, detail)
    queued, failed = session.frontier.queued, session.frontier.failed_seeds
    session.close()
    problems = [f"{done.path.name}: {done.detail}." for done in session.recovered]
    problems += session.answers.problems if session.answers is not None else ()
    problems += session.frontier.notices.lines()
    if follower is not None:
        follower.finish()
        if follower.problem:
            problems.append(f"The index is not complete: {follower.problem}. Run `umecrawl index`.")
    if runner.error is not None:
        raise runner.error
    return CrawlReport(
        run=session.run.id,
        outcome=outcome,
        detail=detail,
        elapsed=time.monotonic() - started,
        tally=session.tally,
        queued=queued,
        not_due=session.frontier.not_due,
        failed_seeds=failed,
        indexed=follower is not None and not follower.problem,
        index_problem=follower.problem if follower is not None else "",
        index_exit_code=follower.exit_code if follower is not None else 0,
        problems=tuple(problems),
        findings=session.findings,
    )


def _stopped(session: CrawlSession) -> InterruptedRunError:
    """Say what a Ctrl-C stopped that came before the crawl could listen to it, or after it had ended."""
    run, place = session.run.id, shlex.quote(str(session.root))
    if session.outcome is None:
        session.end(RunOutcome.INTERRUPTED, "stopped by the user")
    if session.outcome is RunOutcome.INTERRUPTED:
        return InterruptedRunError(
            f"run {run} was stopped at once; nothing recorded is lost",
            hint=f"Go on with: umecrawl crawl --resume {run} --archive {place}",
        )
    return InterruptedRunError(
        f"run {run} has ended ({session.outcome}) and is archived whole, but indexing it was stopped",
        hint=f"Go on with: umecrawl index --archive {place}",
    )


class _Runner:
    """The asyncio side of a run: crawler, signals and the ticking display."""

    def __init__(
        self,
        session: CrawlSession,
        follower: IndexFollower | None,
        database: str,
        observe: Observer,
        stopping: Stopping,
        *,
        started: float,
    ) -> None:
        self._session = session
        self._follower = follower
        self._leads = LeadSeeker(session, follower, database, self._is_stopped)
        self._observe = observe
        self._stopping = stopping
        self._started = started
        self._interrupted = False
        self._pump: Pump | None = None
        self._crawl: asyncio.Task[None] | None = None
        self.error: BaseException | None = None

    async def crawl(self) -> None:
        """Run the spider until the frontier is empty or somebody stops it."""
        self._pump = Pump(self._session, in_flight=IN_FLIGHT, clock=SteadyClock(), more=self._leads.more)
        values = Settings()
        values.setmodule(scrapy_defaults, priority="project")
        values.setdict(run_settings(self._session), priority="cmdline")
        runner = AsyncCrawlerRunner(values)
        crawler = runner.create_crawler(ArchivalSpider)
        bind_sink(crawler, self._session.sink)
        if self._session.answers is not None:
            bind_source(crawler, self._session.answers)
        loop = asyncio.get_running_loop()
        with self._stopping.heard_by(lambda: self._hear(loop)):
            self._crawl = runner.crawl(crawler, pump=self._pump)
            ticker = asyncio.create_task(self._tick())
            try:
                await self._crawl
            except asyncio.CancelledError:
                if not self._interrupted:
                    raise
            finally:
                ticker.cancel()
        self.error = self._pump.error
        self._observe(self._snapshot())

    def outcome(self) -> tuple[RunOutcome, str]:
        """Return how the run ended, with a sentence where it did not end by itself."""
        frontier = self._session.frontier
        if isinstance(self.error, NoSpaceError):
            return RunOutcome.NO_SPACE, str(self.error)
        if self.error is not None:
            return RunOutcome.FAILED, f"{type(self.error).__name__}: {self.error}"
        if self._interrupted:
            return RunOutcome.INTERRUPTED, f"stopped by the user with {frontier.queued} URLs waiting"
        if frontier.failed_seeds:
            return RunOutcome.SEED_FAILED, "; ".join(f"{seed.url}: {seed.reason}" for seed in frontier.failed_seeds)
        if frontier.limited:
            return RunOutcome.LIMIT, frontier.limited
        return RunOutcome.FINISHED, ""

    def _hear(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(self._stop)

    def _is_stopped(self) -> bool:
        return self._pump is None or self._pump.stopped

    def _stop(self) -> None:
        if self._pump is not None and not self._interrupted:
            self._interrupted = True
            self._pump.stop()
        elif self._crawl is not None:
            self._crawl.cancel()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            if self._follower is not None:
                self._follower.poll()
            self._observe(self._snapshot())

    def _snapshot(self) -> Progress:
        tally, frontier, now = self._session.tally, self._session.frontier, utc_now()
        return Progress(
            run=self._session.run.id,
            elapsed=time.monotonic() - self._started,
            requests=tally.requests,
            pages=tally.pages,
            captures=tally.captures,
            revisits=tally.revisits,
            failed=tally.failed,
            errors=tally.errors,
            skipped=tally.skipped,
            bytes_wire=tally.bytes_wire,
            queued=frontier.queued,
            in_flight=frontier.in_flight,
            indexed=self._follower.indexed if self._follower is not None else 0,
            stopping=self._interrupted,
            hosts=tuple(
                HostLine(h.host, h.queued, h.in_flight, h.requested, h.failures, (h.next_at - now).total_seconds())
                for h in frontier.hosts()
            ),
        )


def _event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop: uvloop's where it is installed (it is not made for every system), else asyncio's."""
    try:
        import uvloop  # noqa: PLC0415  # see above
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def run_settings(session: CrawlSession) -> dict[str, object]:
    """Return the Scrapy settings that differ from run to run."""
    headers = dict(scrapy_defaults.DEFAULT_REQUEST_HEADERS)
    if session.run.contact.startswith("mailto:"):
        # A mailbox and nothing else (RFC 9110 §10.1.2); the User-Agent names the contact in any case.
        headers["From"] = session.run.contact.removeprefix("mailto:")
    return {
        **({"DOWNLOAD_HANDLERS": scrapy_defaults.REPLAY_HANDLERS} if session.options.replay else {}),
        "USER_AGENT": session.run.user_agent,
        "DEFAULT_REQUEST_HEADERS": headers,
        **({"UMECRAWL_CONNECT_TO": list(session.options.connect_to)} if session.options.connect_to else {}),
        **({"UMECRAWL_INSECURE": True} if session.options.insecure else {}),
        "UMECRAWL_NAMED_HOSTS": sorted({host_of(seed) for source in session.sources for seed in source.seeds}),
    }
