"""One crawl run on one archive: lock, recovery, writer, log, frontier and discovery, opened and closed together."""

import asyncio
import itertools
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from umecrawl.config import Config
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.queue import HostFrontier
from umecrawl.frontier.seeds import seed_of
from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.clock import utc_now
from umecrawl.model.crawl import CrawlUrl, Hop, RunEnd, RunOutcome, Skipped
from umecrawl.model.discovery import Audit, Place
from umecrawl.model.message import decode_content, parse_head
from umecrawl.model.ports import Histories
from umecrawl.pipeline.conditions import Conditions
from umecrawl.pipeline.crawllog import CrawlLog
from umecrawl.pipeline.discovery import Discovery
from umecrawl.pipeline.former import FormerLinks
from umecrawl.pipeline.progress import Tally
from umecrawl.pipeline.recording import RecordingSink
from umecrawl.pipeline.replay import at_once, open_answers
from umecrawl.pipeline.runs import (
    CrawlOptions,
    chosen_sources,
    events_of,
    files_of,
    frozen_options,
    frozen_settings,
    new_run,
    run_of,
)
from umecrawl.spiders.pump import FetchLimits
from umecrawl.warc.interfaces import PastReading, past_readings
from umecrawl.warc.known import KnownUrls
from umecrawl.warc.lock import ArchiveLock
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.recovery import recover
from umecrawl.warc.writer import WarcWriter

_BATCH = 50  # pages whose links are read before others get a turn


class CrawlSession:
    """A run that is under way: what the pump asks (`spiders.pump.Errands`) and what the handler writes to.

    Holds the archive's lock from the start until `close`. Raises ArchiveInUseError when another run has it and
    NotFoundError when the run to resume is not in the archive.
    """

    def __init__(
        self,
        root: Path,
        settings: Config,
        options: CrawlOptions,
        *,
        clock: Callable[[], datetime] = utc_now,
        new_suffix: Callable[[], str] = lambda: secrets.token_hex(2),
    ) -> None:
        self.root = root
        self._clock = clock
        self._held = ExitStack()
        self.tally = Tally()
        self.outcome: RunOutcome | None = None  # how it ended, once it has
        self.findings: tuple[Place | Audit, ...] = ()  # of its interfaces, then
        try:
            self._held.enter_context(ArchiveLock(root))
            self.recovered = recover(root)
            archive = WarcArchive(root)
            if options.resume is None:
                self.run = new_run(settings, options, clock(), new_suffix())
                self.settings, self.options = settings, options
            else:
                self.run = run_of(archive, options.resume)
                self.settings = frozen_settings(self.run, settings.path)
                self.options = frozen_options(self.run, options)
            self.sources = chosen_sources(self.settings, self.run.sources)
            self.answers = self._held.enter_context(open_answers(root, self.options)) if self.options.replay else None
            self._revisits = {source.name: source.revisit for source in self.sources}
            self._limits = {
                source.name: FetchLimits(source.politeness.timeout.total_seconds(), source.politeness.max_bytes)
                for source in self.sources
            }
            payloads = self._held.enter_context(PayloadStore(root))
            self.is_full = self.options.full or self.options.replay
            self._known = self._histories(archive, resumed=options.resume is not None)
            self._former = FormerLinks(archive, self._known)
            self._conditions = Conditions(self._known, archive, payloads)
            log = self._held.enter_context(CrawlLog(root / "runs" / self.run.id / "crawl.log"))
            self.writer = self._held.enter_context(
                WarcWriter(root, self.run, payloads=payloads, hostname=socket.gethostname(), clock=clock)
            )
            self.sink = RecordingSink(self.writer, log, self.tally)
            self.frontier = self._new_frontier()
            self.discovery = self._new_discovery()
            self.frontier.seed_all()
            self.discovery.start()
            if options.resume is not None:
                self._recall(archive)
            self._discover()
            for page, history in self._known.known():
                if not hops_of(page.hop_path).is_manifest:  # discovery knows which of these are asked
                    self.frontier.offer_known(page, history)
            self._links = self._former.of_pages(self.frontier.rests)
        except BaseException:
            self._held.close()
            raise

    def next(self, now: datetime) -> CrawlUrl | None:
        """Return a candidate that may be fetched now, or nothing."""
        candidate = self.frontier.next(now)
        # What is left out when its turn comes may leave another place to ask.
        return self.frontier.next(now) if candidate is None and self._discover() else candidate

    def wait(self, now: datetime) -> float | None:
        """Return the seconds until another candidate may be fetched; None while only a result can change that."""
        pause = self.frontier.wait(now)
        return None if pause is None else pause.total_seconds()

    def settle(
        self, candidate: CrawlUrl, result: Capture | FailedFetch, now: datetime, body: bytes, retry_after: str | None
    ) -> None:
        """Pass the result of a fetch to the frontier, with the body where the frontier reads it (robots.txt)."""
        entity = b""
        if isinstance(result, Capture) and candidate.hop_path.endswith(Hop.PREREQUISITE):
            entity = decode_content(body, result.framing.partition("/")[2])
        if isinstance(result, Capture):
            result = self._former.told_in_full(result)
        if not self.frontier.tries_again(candidate, result):
            self.discovery.take(candidate, result)
        self._discover()  # before the links: a feed is asked for as what it is, not as a page
        self.frontier.settle(candidate, result, now, entity=entity, retry_after=retry_after)
        self._discover()

    def limits(self, candidate: CrawlUrl) -> FetchLimits:
        """Return what fetching this candidate may take, as its source has it."""
        pause = 0.0 if self.options.replay else self.frontier.delay(candidate).total_seconds()
        return replace(self._limits[candidate.source], pause=pause)

    def conditions(self, candidate: CrawlUrl) -> Mapping[str, str]:
        """Return the header fields that make the request for a candidate conditional, if any.

        robots.txt is read anew in each run, so that a run's rules stand in its own records.
        """
        if candidate.hop_path.endswith(Hop.PREREQUISITE):
            return {}
        if self.is_full or self.frontier.is_hinted(candidate.url):
            return {}
        return self._conditions.of(candidate, self._revisits[candidate.source])

    async def more(self) -> bool:
        """Offer what pages that are not due link to; return whether there may be something to fetch now.

        All of it was mostly settled by the run that found it; what a run left when it was stopped, limited or met
        errors was not.
        """
        while batch := tuple(itertools.islice(self._links, _BATCH)):
            for page, links in batch:
                self.frontier.remember(page, links)
            if self.frontier.queued:
                return True
            await asyncio.sleep(0)
        return False

    def abandon(self, candidate: CrawlUrl) -> None:
        """Take back a candidate that was not fetched."""
        self.frontier.abandon(candidate)

    def end(self, outcome: RunOutcome, detail: str = "") -> None:
        """Write how the run ended."""
        self.outcome = outcome
        failed = dict.fromkeys(seed.source for seed in self.frontier.failed_seeds)
        self.findings = self.discovery.findings()
        if outcome is not RunOutcome.NO_SPACE:
            self.writer.discovered(self.findings)
        self.writer.end(RunEnd(self.run.id, self._clock(), outcome, detail, self.frontier.not_due, tuple(failed)))
        self.tally.bytes_stored = self.writer.bytes_written

    def close(self) -> None:
        """Seal the WARC, close the log and give the archive free."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new_frontier(self) -> HostFrontier:
        return HostFrontier(
            self.settings,
            at_once(self.sources) if self.options.replay else self.sources,
            run=self.run.id,
            clock=self._clock,
            on_skip=self._skip,
            max_pages=self.options.limit_pages,
            replay=self.options.replay,
            histories=self._known,
            full=self.is_full,
            began=self.run.started_at,
        )

    def _new_discovery(self) -> Discovery:
        return Discovery(
            self.sources,
            () if self.is_full else self._past_readings(),
            run=self.run.id,
            contains=self.frontier.contains,
            links_of=self._former.at,
            clock=self._clock,
        )

    def _skip(self, skipped: Skipped) -> None:
        self.tally.skipped += 1
        self.writer.skip(skipped)
        self.discovery.skip(skipped)

    def _discover(self) -> bool:
        """Offer what discovery wants to ask; return whether anything was taken."""
        taken = False
        while questions := self.discovery.questions():
            for candidate in questions:
                taken = self.frontier.offer(candidate).taken or taken
        return taken

    def _recall(self, archive: WarcArchive) -> None:
        """Teach the frontier what the earlier stretches of this run have done."""
        for event in events_of(archive, self.run.id):
            if isinstance(event, Capture | FailedFetch | Skipped):
                entity = b""
                if isinstance(event, Capture):
                    event = self._former.told_in_full(event)  # noqa: PLW2901 - the same event, told in full
                if isinstance(event, Capture) and event.hop_path.endswith(Hop.PREREQUISITE):
                    head = parse_head(archive.head(event))
                    entity = decode_content(archive.payload(event), head.joined("content-encoding"))
                self._learn(event)
                self.frontier.recall(event, entity=entity)

    def _learn(self, event: Capture | FailedFetch | Skipped) -> None:
        """Teach discovery what an earlier stretch of this run did."""
        if isinstance(event, Skipped):
            self.discovery.skip(event)
            return
        source = next((source for source in self.sources if source.name == event.source), None)
        if source is None:
            return
        seed = seed_of(event, source)
        candidate = CrawlUrl(event.url, seed, event.source, event.via, event.hop_path, event.attempt)
        if not self.frontier.tries_again(candidate, event):
            self.discovery.take(candidate, event)

    def _histories(self, archive: WarcArchive, *, resumed: bool) -> Histories:
        """Return what runs before this one saw."""
        own = tuple(files_of(archive, self.run.id)) if resumed else ()
        return self._held.enter_context(KnownUrls(self.root, self.run.sources, before=self.run.started_at, own=own))

    def _past_readings(self) -> Iterator[PastReading]:
        return (past for past in past_readings(self.root, self.run.sources) if past.at < self.run.started_at)
