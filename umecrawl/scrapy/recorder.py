"""The sink of one crawler in somebody's Scrapy project: its run, its WARC writer, and how both end."""

import atexit
import logging
import socket
from pathlib import Path

from umecrawl.errors import NoSpaceError
from umecrawl.model.capture import Capture, Exchange, FailedFetch, FetchFailure
from umecrawl.model.clock import utc_now
from umecrawl.model.crawl import CrawlRun, RunEnd, RunOutcome
from umecrawl.scrapy.folder import join
from umecrawl.scrapy.refusal import tell
from umecrawl.warc.writer import WarcWriter

_log = logging.getLogger(__name__)

# Scrapy's reasons for closing a spider (docs/topics/signals: spider_closed; extensions: CloseSpider).
_OUTCOMES = {"finished": RunOutcome.FINISHED, "shutdown": RunOutcome.INTERRUPTED, "cancelled": RunOutcome.INTERRUPTED}
_LIMITS = "closespider_"
NO_SPACE = "umecrawl_no_space"


class ProjectRecorder:
    """A `RecordSink` that writes into a folder which other crawlers of the process may use as well.

    `close` seals the WARC; a process that ends without it (`scrapy shell`, a second Ctrl-C) seals it on its way out.
    Raises what `join` raises.
    """

    def __init__(self, root: Path, run: CrawlRun) -> None:
        self.root = root
        self.run = run
        self._folder = join(root)
        self._writer = WarcWriter(root, run, payloads=self._folder.payloads, hostname=socket.gethostname())
        self._captures = self._failures = 0
        self._closed = False
        atexit.register(self._at_exit)

    def append(self, fetched: Exchange | FetchFailure) -> Capture | FailedFetch:
        """Write and flush the records of what was fetched. Raises `NoSpaceError` when the disk is full."""
        result = self._writer.append(fetched)
        if isinstance(result, Capture):
            self._captures += 1
        else:
            self._failures += 1
        return result

    def close(self, reason: str) -> None:
        """Write how the run ended, by Scrapy's reason for closing the spider, and seal the WARC.

        A full disk leaves the file `.open`, whole up to its last exchange; the next start closes it.
        """
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self._at_exit)
        try:
            try:
                if self._captures or self._failures:
                    self._writer.end(RunEnd(self.run.id, utc_now(), _outcome(reason), reason))
            finally:
                self._writer.close()
        except NoSpaceError as error:
            tell(error)
        finally:
            self._folder.leave()
        _log.info(
            "Archived %d captures and %d failed fetches in %s; `umecrawl verify --archive %s` checks them",
            self._captures,
            self._failures,
            self.root,
            self.root,
        )

    def _at_exit(self) -> None:
        self.close("the process ended")


def _outcome(reason: str) -> RunOutcome:
    if reason == NO_SPACE:
        return RunOutcome.NO_SPACE
    if reason.startswith(_LIMITS):
        return RunOutcome.LIMIT
    return _OUTCOMES.get(reason, RunOutcome.INTERRUPTED)
