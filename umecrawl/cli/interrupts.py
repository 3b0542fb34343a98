"""Ctrl-C outside of a crawl: the first one ends the command in order, a second one ends the process where it stands."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from umecrawl.errors import InterruptedRunError


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first Ctrl-C; end with its exit code at the next, wherever the first one is."""
    # Two within a moment would else meet Python itself, which ends by the signal: -2 instead of 130.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = False

    def take(_number: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            os._exit(InterruptedRunError.exit_code)
        pressed = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, take)
    try:
        yield
    finally:
        # After a Ctrl-C only the way out is left, on which the next one must not meet Python either: when it ends, it
        # gives back all handlers but this one.
        signal.signal(signal.SIGINT, signal.SIG_IGN if pressed else before)
