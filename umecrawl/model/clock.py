"""The time of day, read in this one place (the default of every `clock` that is passed in), and times as numbers."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class SteadyClock:
    """A clock that begins at the present and is never set: what waits by it waits neither longer nor shorter.

    It goes on while the system sleeps, where the system can tell (Linux).
    """

    def __init__(self, now: Callable[[], datetime] = utc_now, elapsed: Callable[[], float] | None = None) -> None:
        self._elapsed = elapsed or _seconds_of_boot
        self._began = now()
        self._zero = self._elapsed()

    def __call__(self) -> datetime:
        """Return the moment (UTC) by this clock."""
        return self._began + timedelta(seconds=self._elapsed() - self._zero)


def _seconds_of_boot() -> float:
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def microseconds_of(at: datetime) -> int:
    """Return the microseconds from 1970 to a time, as look-ups keep it."""
    return (at - _EPOCH) // _MICROSECOND


def time_of(microseconds: int) -> datetime:
    """Return the time (UTC) so many microseconds after the beginning of 1970."""
    return _EPOCH + microseconds * _MICROSECOND
