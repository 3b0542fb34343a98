"""Work that this process shares with others: it takes from the front, they take from the back."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Crew(Generic[T]):
    """Calls whose results are asked for one after the other.

    A call that no other process has begun when its result is asked for is made here, so that nobody waits while there
    is work; so is one whose process was killed.
    """

    def __init__(self, pool: Executor, calls: Sequence[Callable[[], T]]) -> None:
        self._pool = pool
        self._calls = calls
        self._futures: list[Future[T]] = []
        with suppress(BrokenProcessPool):
            self._futures = [pool.submit(call) for call in reversed(calls)]

    def result(self, number: int) -> T:
        """Return the result of a call by its number; raises what the call raises."""
        place = len(self._calls) - 1 - number
        if place >= len(self._futures) or self._futures[place].cancel():
            return self._calls[number]()
        try:
            return self._futures[place].result()
        except BrokenProcessPool:
            return self._calls[number]()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
