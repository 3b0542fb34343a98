"""A file that gets its name when it is whole: written as `NAME.part`, synced, and renamed."""

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from umecrawl.errors import ArchiveInUseError, UsageError
from umecrawl.warc.disk import sync_folder, writing
from umecrawl.warc.lock import try_lock

_PART: Final = ".part"


class NewFile:
    """Owns the unfinished file; leaving the context by an exception, or without `finish`, removes it.

    What an earlier process left that was killed is overwritten. Raises `UsageError` when there already is a file of
    that name, `ArchiveInUseError` while another process writes it, `NoSpaceError` when the disk takes no more.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self._part = target.with_name(target.name + _PART)
        self._finished = False
        if target.exists():
            raise UsageError(f"{target}: there already is a file of this name", hint="Name another one, or remove it.")
        with writing(target):
            descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not try_lock(descriptor):
            os.close(descriptor)
            raise ArchiveInUseError(f"{self._part}: another process is writing this file", hint="Wait for it to end.")
        os.ftruncate(descriptor, 0)
        self.file = os.fdopen(descriptor, "r+b")

    def write(self, data: bytes) -> int:
        """Write octets."""
        with writing(self.target):
            return self.file.write(data)

    def finish(self) -> Path:
        """Give the file its name once the disk has all of it."""
        with writing(self.target):
            self.file.flush()
            os.fsync(self.file.fileno())
            self._part.rename(self.target)
            self._finished = True
            self.file.close()
            sync_folder(self.target.absolute().parent)
        return self.target

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            self._part.unlink(missing_ok=True)
            with suppress(OSError):  # closing writes once more, and there may be no space
                self.file.close()
