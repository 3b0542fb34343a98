"""Extraction in processes of its own: a page that breaks a parser, or never ends, costs that page and nothing else."""

import gc
import multiprocessing
import os
import resource
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Generic, Self, TypeVar

from umecrawl.extract import EXTRACTOR, extract
from umecrawl.model.article import Extraction, Outcome, Page, Quality
from umecrawl.model.ports import Extractor
from umecrawl.pipeline.children import can_fork, deaf_to_interrupts, end_with_parent
from umecrawl.pipeline.parcels import send_fields

Key = TypeVar("Key")
_Label = TypeVar("_Label")

# A page takes 10-100 ms, one in a thousand 2 s; what takes this long is hostile.
SECONDS_PER_PAGE = 60.0
# Of the clock, for what waits and computes nothing. A page that needs 2 s gets them on a machine 300 times too busy.
PATIENCE = 600.0
# Pages go to a worker several at a time, for to hand over one takes a hundredth of the time of reading it: so many at
# most, or of so many octets together; and so many of such batches wait for a worker.
_PAGES = 8
_OCTETS = 1_000_000
_QUEUED = 3
# Octets of data a worker may take; the largest page that is read takes a third (benchmarks/extraction/mutants.py).
MEMORY_PER_WORKER = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class _Batch(Generic[Key]):
    """Pages that one worker reads one after the other, and what they will give."""

    pages: Sequence[tuple[Key, Page]]
    future: Future[list[Extraction]]


class ExtractionPool(Generic[Key]):
    """Workers that turn pages into extractions, in the order given.

    A page may take `seconds` of its worker's processor time, however long that lasts on a busy machine; one that
    waits for something that never comes is given up after `patience` seconds of the clock, or twice that where other
    pages were handed over with it. A worker that dies takes the pages under way with it: they are read again one at a
    time until the one is found that kills its worker again. That one, or one that takes too long or asks for more than
    `memory` octets beside what its worker held from the start, becomes an `Extraction` with `Outcome.FAILED`. macOS
    takes the limit of memory and does not hold to it.
    """

    def __init__(
        self,
        workers: int,
        *,
        seconds: float = SECONDS_PER_PAGE,
        patience: float = PATIENCE,
        memory: int = MEMORY_PER_WORKER,
        reader: Extractor = extract,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._workers = workers
        self._seconds = seconds
        self._patience = patience
        self._memory = memory
        self._reader = reader
        self._prepare = prepare
        self._pool: ProcessPoolExecutor | None = None

    def extract(self, pages: Iterable[tuple[Key, Page]]) -> Iterator[tuple[Key, Extraction]]:
        """Yield each key with what its page gave; at most a few MB of pages a worker are held in memory."""
        waiting: deque[_Batch[Key]] = deque()
        batch: list[tuple[Key, Page]] = []
        octets = given = 0
        for key, page in pages:
            batch.append((key, page))
            octets += len(page.markup)
            # The first go alone, so that a few pages are shared out to all workers.
            if given < self._workers * _QUEUED or len(batch) == _PAGES or octets >= _OCTETS:
                waiting.append(self._submit(batch))
                batch = []
                octets, given = 0, given + 1
                while len(waiting) > self._workers * _QUEUED:  # by far, where pages were parted to be read one by one
                    yield from self._take(waiting)
        if batch:
            waiting.append(self._submit(batch))
        while waiting:
            yield from self._take(waiting)

    def _take(self, waiting: "deque[_Batch[Key]]") -> Iterator[tuple[Key, Extraction]]:
        batch = waiting.popleft()
        try:
            found = batch.future.result(timeout=self._patience)
        except BrokenProcessPool:
            self._discard()
            yield from self._one_by_one(batch.pages, waiting)
        except TimeoutError:
            self._kill()
            if len(batch.pages) > 1:  # many pages may take long together
                yield from self._one_by_one(batch.pages, waiting)
                return
            self._submit_again(waiting)
            yield batch.pages[0][0], self._impatient()
        except Exception as error:  # noqa: BLE001  # what was found did not come through
            if len(batch.pages) > 1:  # what one of them gave
                waiting.extendleft(reversed([self._submit([one]) for one in batch.pages]))
            else:
                yield batch.pages[0][0], _failed(_said(error))
        else:
            yield from zip((key for key, _ in batch.pages), found, strict=True)

    def _one_by_one(
        self, pages: Sequence[tuple[Key, Page]], waiting: "deque[_Batch[Key]]"
    ) -> Iterator[tuple[Key, Extraction]]:
        """Read pages one at a time, and all that wait behind them, until the one that ends its worker is found."""
        rest = deque(pages)
        for batch in waiting:
            rest.extend(batch.pages)
        waiting.clear()
        while rest:
            key, page = rest.popleft()
            yield key, self._alone(page)
            if self._pool is None:
                break
        waiting.extend(self._submit([one]) for one in rest)

    def _alone(self, page: Page) -> Extraction:
        try:
            return self._submit([(None, page)]).future.result(timeout=self._patience)[0]
        except BrokenProcessPool:
            if -signal.SIGPROF in self._discard():
                return _failed(f"reading the page took more than {self._seconds:g} s of processor time")
            return _failed("the page ended the process that read it")
        except TimeoutError:
            self._kill()
            return self._impatient()
        except Exception as error:  # noqa: BLE001  # as above
            return _failed(_said(error))

    def _impatient(self) -> Extraction:
        return _failed(f"the page was not read within {self._patience:g} s of the clock")

    def _submit_again(self, waiting: "deque[_Batch[Key]]") -> None:
        lost = list(waiting)
        waiting.clear()
        waiting.extend(self._submit(batch.pages) for batch in lost)

    def _submit(self, pages: Sequence[tuple[_Label, Page]]) -> "_Batch[_Label]":
        if self._pool is None:
            # Not by a fork: by now the caller may hold files and connections that a copy of it must not hold.
            self._pool = self._workers_of(multiprocessing.get_context("spawn"))
        try:
            with deaf_to_interrupts():  # with the first page all workers are started
                future = self._pool.submit(_read, self._reader, [page for _, page in pages], self._seconds)
        except BrokenProcessPool as error:
            # A page before this one has killed its worker and was not taken yet: this one is lost in the same way.
            future = Future()
            future.set_exception(error)
        return _Batch(pages, future)

    def _workers_of(self, context: BaseContext) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, mp_context=context, initializer=_begin, initargs=(self._memory,))

    def _discard(self) -> list[int | None]:
        """End a broken pool and return how its processes ended."""
        processes = self._processes()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        return [process.exitcode for process in processes]

    def _kill(self) -> None:
        # A worker that hangs in C code ends only by a signal.
        for process in self._processes():
            process.kill()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _processes(self) -> list[BaseProcess]:
        # The executor offers no public way to its processes before 3.14.
        return list((self._pool._processes or {}).values()) if self._pool is not None else []  # noqa: SLF001

    def close(self) -> None:
        """End the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Self:
        """Start the workers where they can be forked, which saves each a second of imports.

        What `prepare` loads they share. Elsewhere they start with the first page.
        """
        if can_fork():
            self._prepare()
            self._pool = self._workers_of(multiprocessing.get_context("fork"))
            with deaf_to_interrupts(afresh=False):
                self._pool.submit(os.getpid)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self._kill()  # whoever stops in the middle does not wait for pages that nobody will ask for


def _begin(memory: int) -> None:
    end_with_parent()
    send_fields()
    gc.freeze()  # what came with the fork stays, and is not looked through at every search for cycles
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Whatever the parent has made of the signal that ends a page.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _held() + memory
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    # Data, not address space: what libraries reserve and never touch takes no memory. A system that refuses the
    # limit leaves the worker without one.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


def _held() -> int:
    """Return the octets of data a process has from its start: after a fork all that its parent holds."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[5]
    except OSError:  # not Linux, where no worker is forked
        return 0
    return int(pages) * resource.getpagesize()


def _read(reader: Extractor, pages: Sequence[Page], seconds: float) -> list[Extraction]:
    found = []
    for page in pages:
        # The system itself ends the process then: no handler of ours would run while a parser hangs in C code.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            found.append(reader(page))
        except Exception as error:  # noqa: BLE001  # whatever a page did to its reader is the page's outcome
            found.append(_failed(_said(error)))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return found


def _said(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "the page asks for more memory than its process may have"
    return f"{type(error).__name__}: {error}"


def _failed(detail: str) -> Extraction:
    return Extraction(Outcome.FAILED, Quality.ERROR, EXTRACTOR, detail=detail)
