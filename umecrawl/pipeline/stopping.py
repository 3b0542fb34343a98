"""Ctrl-C (SIGINT) and SIGTERM: what they do while a run goes on, from its first moment to its last.

While somebody listens, a signal is passed to them. At any other time the first one is a `KeyboardInterrupt` for both
signals, and those behind it are left alone, for what it unwinds (sealing a file) must not be torn by impatience.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Stopping:
    """Holds both signals from entering to leaving; what handled them before does so again afterwards."""

    def __init__(self) -> None:
        self._before: dict[int, object] = {}
        self._listener: Callable[[], None] | None = None
        self._raised = False

    @contextmanager
    def heard_by(self, listener: Callable[[], None]) -> Iterator[None]:
        """Pass signals to a listener, which must do nothing but make a note of them."""
        self._listener = listener
        try:
            yield
        finally:
            self._listener = None

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.getsignal(number)
            signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            # None is a handler that was not made from Python; it cannot be put back.
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)  # type: ignore[arg-type]  # getsignal's

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self._listener is not None:
            self._listener()
        elif not self._raised:
            self._raised = True
            raise KeyboardInterrupt
