"""Work that this process shares with helpers: each takes the next call that nobody has begun, so that none waits."""

import os
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

T = TypeVar("T")


class Helper(Protocol):
    """A process that was started."""

    def kill(self) -> None:
        """End it now."""

    def join(self) -> None:
        """Wait for its end."""


Start = Callable[[Callable[..., None], tuple[Any, ...]], Helper]


class Crew(Generic[T]):
    """Calls whose results are asked for one after the other, made here and by helpers that `start` starts.

    A call is begun by whoever first puts down a file of its number in the folder `claims`, which must be empty. One
    that its helper brings to no end, because it was killed or the call failed, is made here when it is asked for.
    """

    def __init__(self, start: Start, helpers: int, calls: Sequence[Callable[[], T]], claims: Path) -> None:
        self._calls = calls
        self._claims = claims
        self._done: dict[int, T] = {}
        self._front = 0
        self._helpers: list[Helper] = []
        self._open: list[Connection] = []
        for _ in range(helpers):
            mine, theirs = Pipe(duplex=False)
            self._helpers.append(start(_help, (calls, claims, theirs)))
            theirs.close()  # so that its end is seen here
            self._open.append(mine)

    def result(self, number: int) -> T:
        """Return the result of a call by its number; raises what the call raises."""
        while number not in self._done:
            begun = self._begin()
            if begun is not None:
                try:
                    self._done[begun] = self._calls[begun]()
                except Exception:
                    if begun == number:
                        raise  # any other is raised when it is asked for
                self._hear(wait(self._open, 0))
            elif self._open:
                self._hear(wait(self._open))
            else:
                return self._calls[number]()
        return self._done.pop(number)

    def _begin(self) -> int | None:
        """Claim the next call that nobody has begun."""
        while self._front < len(self._calls):
            self._front += 1
            if _claim(self._claims, self._front - 1):
                return self._front - 1
        return None

    def _hear(self, connections: Iterable[object]) -> None:
        for connection in connections:
            assert isinstance(connection, Connection)
            try:
                number, result = connection.recv()
            except (EOFError, OSError):
                self._open.remove(connection)
                connection.close()
            else:
                self._done[number] = result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._open:
            connection.close()
        for helper in self._helpers:
            helper.kill()
            helper.join()


def _help(calls: Sequence[Callable[[], object]], claims: Path, results: Connection) -> None:
    """Make calls that nobody has begun, and send number and result of each; what fails is left to the one who asks."""
    try:
        for number, call in enumerate(calls):
            if _claim(claims, number):
                results.send((number, call()))
    except Exception:  # noqa: BLE001 - told by whoever makes the call anew
        return
    finally:
        results.close()


def _claim(claims: Path, number: int) -> bool:
    try:
        os.close(os.open(claims / str(number), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
