"""One crawl run on one archive: lock, recovery, writer, frontier and crawl log, opened and closed together."""

import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self

from umecrawl.config import Config
from umecrawl.errors import DamageError, NotFoundError
from umecrawl.frontier.queue import HostFrontier
from umecrawl.model.capture import ArchiveEvent, Capture, FailedFetch
from umecrawl.model.clock import utc_now
from umecrawl.model.crawl import CrawlRun, CrawlUrl, Hop, RunEnd, RunOutcome, Skipped
from umecrawl.model.message import decode_content, parse_head
from umecrawl.pipeline.crawllog import CrawlLog
from umecrawl.pipeline.progress import Tally
from umecrawl.pipeline.recording import RecordingSink
from umecrawl.pipeline.replay import at_once, open_answers
from umecrawl.pipeline.runs import CrawlOptions, chosen_sources, frozen_options, frozen_settings, new_run
from umecrawl.spiders.pump import FetchLimits
from umecrawl.warc.known import known_pages
from umecrawl.warc.lock import ArchiveLock
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.recovery import recover
from umecrawl.warc.writer import WarcWriter


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
            self._limits = {
                source.name: FetchLimits(source.politeness.timeout.total_seconds(), source.politeness.max_bytes)
                for source in self.sources
            }
            payloads = self._held.enter_context(PayloadStore(root))
            log = self._held.enter_context(CrawlLog(root / "runs" / self.run.id / "crawl.log"))
            self.writer = self._held.enter_context(
                WarcWriter(root, self.run, payloads=payloads, hostname=socket.gethostname(), clock=clock)
            )
            self.sink = RecordingSink(self.writer, log, self.tally)
            self.frontier = HostFrontier(
                self.settings,
                at_once(self.sources) if self.options.replay else self.sources,
                run=self.run.id,
                clock=clock,
                on_skip=self._skip,
                max_pages=self.options.limit_pages,
                replay=self.options.replay,
            )
            self.frontier.seed_all()
            if options.resume is not None:
                self._recall(archive)
            for page in known_pages(root, self.run.sources):
                self.frontier.offer(page)
        except BaseException:
            self._held.close()
            raise

    def next(self, now: datetime) -> CrawlUrl | None:
        """Return a candidate that may be fetched now, or nothing."""
        return self.frontier.next(now)

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
        self.frontier.settle(candidate, result, now, entity=entity, retry_after=retry_after)

    def limits(self, candidate: CrawlUrl) -> FetchLimits:
        """Return what fetching this candidate may take, as its source has it."""
        return self._limits[candidate.source]

    def abandon(self, candidate: CrawlUrl) -> None:
        """Take back a candidate that was not fetched."""
        self.frontier.abandon(candidate)

    def end(self, outcome: RunOutcome, detail: str = "") -> None:
        """Write how the run ended."""
        self.outcome = outcome
        self.writer.end(RunEnd(self.run.id, self._clock(), outcome, detail))

    def close(self) -> None:
        """Seal the WARC, close the log and give the archive free."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _skip(self, skipped: Skipped) -> None:
        self.tally.skipped += 1
        self.writer.skip(skipped)

    def _recall(self, archive: WarcArchive) -> None:
        """Teach the frontier what the earlier stretches of this run have done."""
        for event in events_of(archive, self.run.id):
            if isinstance(event, Capture | FailedFetch | Skipped):
                entity = b""
                if isinstance(event, Capture) and event.hop_path.endswith(Hop.PREREQUISITE):
                    head = parse_head(archive.head(event))
                    entity = decode_content(archive.payload(event), head.joined("content-encoding"))
                self.frontier.recall(event, entity=entity)


def run_of(archive: WarcArchive, name: str) -> CrawlRun:
    """Return the run with this id, or the newest for `last`. Raises NotFoundError."""
    runs = {run.id: run for run in map(partial(_first_run, archive), archive.names()) if run is not None}
    if name == "last" and runs:
        return runs[max(runs)]
    if name not in runs:
        newest = ", ".join(sorted(runs)[-3:])
        raise NotFoundError(
            f"no run {name!r} in the archive",
            hint=f"Newest runs: {newest}." if newest else "The archive holds no run yet.",
        )
    return runs[name]


def events_of(archive: WarcArchive, run: str) -> Iterator[ArchiveEvent]:
    """Yield what one run wrote, in order; files of other runs are left at their first record."""
    for name in archive.names():
        first = _first_run(archive, name)
        if first is not None and first.id == run:
            yield from (event for _, event in archive.read(name))


def _first_run(archive: WarcArchive, name: str) -> CrawlRun | None:
    """Return the run that a WARC says it belongs to in its first record, if it does."""
    try:
        _, event = next(archive.read(name), (None, None))
    except DamageError:  # whosever it is, it cannot be told to be ours
        return None
    return event if isinstance(event, CrawlRun) else None
