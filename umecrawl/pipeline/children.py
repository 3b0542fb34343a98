"""Child processes that leave Ctrl-C to their parent and do not outlive it."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Any


def can_fork() -> bool:
    """Return whether a fork is safe, which saves a child process all imports.

    A fork copies the locks of other threads as they are, held or not, and may wait for one for ever: with such
    threads, and on systems whose libraries start them unseen, processes are started afresh.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def start_helper(target: Callable[..., None], arguments: tuple[Any, ...]) -> BaseProcess:
    """Start a process that calls `target`, leaves Ctrl-C to its parent and ends with it.

    It is forked where that is safe.
    """
    alone = can_fork()
    context = multiprocessing.get_context("fork" if alone else "spawn")
    process: BaseProcess = context.Process(target=_work, args=(target, arguments), daemon=True)  # type: ignore[attr-defined]
    with deaf_to_interrupts(afresh=not alone):
        process.start()
    return process


def _work(target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    end_with_parent()
    target(*arguments)


@contextmanager
def deaf_to_interrupts(*, afresh: bool = True) -> Iterator[None]:
    """Start processes within this block; Ctrl-C, which a terminal sends to all of them, reaches only the parent.

    The signal is blocked, and children inherit that from their first instruction on: were it ignored by the child
    itself, a Ctrl-C while the child still imports would end it with a traceback. The parent loses none; one that
    came meanwhile arrives at the end of the block. `afresh` says that the processes are not mere forks.
    """
    if afresh:
        from multiprocessing import resource_tracker  # noqa: PLC0415  (measured start-up cost)

        # Started for the first child, it unblocks the signals of whoever starts it.
        resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """Let this child process end as soon as its parent has, however that came about.

    A worker of a `ProcessPoolExecutor` waits for ever when its parent was killed: it holds an end of its own
    queue, which therefore never closes.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent,), name="end-with-parent", daemon=True).start()


def _watch(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
