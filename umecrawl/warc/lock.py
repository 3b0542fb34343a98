"""The lock of the one process that writes into an archive, and that of the one that keeps its schedule."""

import fcntl
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from umecrawl.errors import ArchiveInUseError
from umecrawl.model.clock import utc_now
from umecrawl.warc.records import format_date


class ArchiveLock:
    """The right to write into an archive; one process has it at a time.

    The system gives it back when the process ends, however it ends. Raises `ArchiveInUseError` naming the process
    that holds it.
    """

    _NAME = "lock"
    _IN_USE = "the archive is in use"

    def __init__(self, root: Path, clock: Callable[[], datetime] = utc_now) -> None:
        self._path = root / "runs" / self._NAME
        self._clock = clock
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise `ArchiveInUseError`; never waits."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not try_lock(descriptor):
            holder = os.pread(descriptor, 1024, 0)
            os.close(descriptor)
            raise ArchiveInUseError(
                f"{self._path.parent.parent}: {self._IN_USE} {_holder(holder)}",
                hint="Wait until that process has ended, or stop it.",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": format_date(self._clock())}).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; the file stays, for removing it would let two processes in."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class ScheduleLock(ArchiveLock):
    """The right to keep the schedule of an archive; the archive itself is locked for each run."""

    _NAME = "schedule.lock"
    _IN_USE = "the schedule of this archive is kept already,"


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lock, as it says itself."""

    pid: int
    since: str


def archive_holder(root: Path) -> Holder | None:
    """Return who writes into an archive, as far as can be told without asking for the lock."""
    return _living(root / "runs" / ArchiveLock._NAME)  # noqa: SLF001 - of this module


def schedule_holder(root: Path) -> Holder | None:
    """Return who keeps the schedule of an archive, as far as can be told without asking for the lock."""
    return _living(root / "runs" / ScheduleLock._NAME)  # noqa: SLF001 - of this module


def _living(path: Path) -> Holder | None:
    # Asking for the lock, be it for a moment, could keep out the one whom it is for.
    with suppress(OSError, ValueError, KeyError, TypeError):
        values = json.loads(path.read_bytes())
        holder = Holder(int(values["pid"]), str(values["since"]))
        try:
            os.kill(holder.pid, 0)
        except PermissionError:  # somebody else's, and alive
            return holder
        return holder
    return None


def try_lock(descriptor: int) -> bool:
    """Lock an open file for this process alone; say whether that was possible."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(text: bytes) -> str:
    with suppress(ValueError, KeyError, TypeError):
        values = json.loads(text)
        return f"by process {values['pid']} since {values['since']}"
    return "by another process"
