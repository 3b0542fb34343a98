"""The process that indexes while a crawl goes on, so that a slow extractor never slows a polite crawl."""

import multiprocessing
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from umecrawl.errors import ArchiveInUseError, UmecrawlError
from umecrawl.index.engine import Index
from umecrawl.pipeline.children import deaf_to_interrupts
from umecrawl.pipeline.progress import IndexSummary

# How often the growing WARC is looked at, in seconds.
_PAUSE = 1.0
# How many such pauses another process that writes the index is waited for.
_PATIENCE = 60
# How many seconds a child that is told to end has for its workers and its database.
_FAREWELL = 5.0
_FINISH = "finish"
_CATCH_UP = "catch up"
_CAUGHT_UP = "caught up"


class IndexFollower:
    """A child process that keeps the index up with the WARCs until `finish`; its death costs no capture."""

    def __init__(self, root: Path, database: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_follow, args=(root, database, theirs), name="umecrawl-index")
        self._theirs = theirs
        self.indexed = 0
        self.problem = ""
        self.exit_code = 0
        self._awaited = False

    def __enter__(self) -> Self:
        with deaf_to_interrupts():  # the crawl tells it when to end, and the crawl's death shows as a closed pipe
            self._process.start()
        self._theirs.close()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish(0)

    def ask_to_catch_up(self) -> None:
        """Ask the child to say when all that is recorded by now is in the index (`has_caught_up`)."""
        try:
            self._ours.send(_CATCH_UP)
            self._awaited = True
        except OSError:  # it has ended; `is_alive` tells
            self._awaited = False

    @property
    def has_caught_up(self) -> bool:
        """Whether the child has answered the last `ask_to_catch_up`."""
        self.poll()
        return not self._awaited

    @property
    def is_alive(self) -> bool:
        """Whether the index is still being kept up."""
        return self._process.is_alive() and not self.exit_code

    def poll(self) -> None:
        """Take the news the child has sent: how many captures are indexed, or why it stopped."""
        try:
            while self._ours.poll():
                self._take(self._ours.recv())
        except (EOFError, OSError):
            return

    def finish(self, timeout: float | None = None) -> None:
        """Let the child index what is left and wait for it, at most `timeout` seconds (0: end it now)."""
        if not self._process.is_alive() and self._ours.closed:
            return
        try:
            self._ours.send(_FINISH)
            while self._process.is_alive() and timeout != 0:
                if self._ours.poll(timeout):
                    self._take(self._ours.recv())
                elif timeout is not None:
                    break
        except (EOFError, OSError):
            pass
        self._process.join(timeout if timeout != 0 else 0.2)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(_FAREWELL)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.poll()
        self._ours.close()
        if self._process.exitcode and not self.problem:
            self.problem = f"the indexing process ended with code {self._process.exitcode}"

    def _take(self, news: object) -> None:
        if news == _CAUGHT_UP:
            self._awaited = False
        elif isinstance(news, IndexSummary):
            self.indexed += news.captures
            if news.damage:
                self.problem = news.damage[0]
        elif isinstance(news, tuple):
            self.problem, self.exit_code = news


def _follow(root: Path, database: str, crawl: Connection) -> None:
    signal.signal(signal.SIGTERM, _leave)
    # The extractor takes a third of a second to load: the crawl, which never extracts, does not wait for it.
    from umecrawl.pipeline.indexing import bring_up_to_date, default_workers, indexing_pool  # noqa: PLC0415 - as said

    try:
        index = Index.open(database)
        with indexing_pool(max(1, default_workers() - 1), anew=False) as pool:
            last = awaited = False
            patience = _PATIENCE
            while True:
                try:
                    summary = bring_up_to_date(root, index, pool=pool, reuse=last)
                except ArchiveInUseError:
                    # The follower of a crawl that was killed may still be at its last batch.
                    if patience <= 0:
                        raise
                    patience -= 1
                    time.sleep(_PAUSE)
                    continue
                if summary.captures or summary.damage:
                    crawl.send(summary)
                if last:
                    return
                if awaited:
                    crawl.send(_CAUGHT_UP)
                    awaited = False
                if crawl.poll(_PAUSE):
                    word = crawl.recv()
                    last, awaited = word == _FINISH, word == _CATCH_UP
    except UmecrawlError as error:
        crawl.send((error.message, error.exit_code))
    except (EOFError, BrokenPipeError):
        return


def _leave(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)
