"""A WARC that is being written: whole members go in, or nothing does."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from umecrawl.warc.disk import sync_folder, writing
from umecrawl.warc.files import format_name, name_is_taken, seal
from umecrawl.warc.lock import try_lock
from umecrawl.warc.volumes import OPEN_SUFFIX


class OpenFile:
    """The one `.open` file of a writer; it owns the descriptor and a lock on it.

    Checksum and CDXJ lines are kept while writing, so that closing a file of a gigabyte does not mean reading it.
    """

    def __init__(self, root: Path, collection: str, prefix: str, hostname: str, clock: Callable[[], datetime]) -> None:
        self._root = root
        folder = root / "warc" / collection
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self.path, self._descriptor = _create(root, collection, prefix, hostname, clock())
            try_lock(self._descriptor)  # tells recovery that the file has a living owner
            sync_folder(folder)
        self.name = self.path.name.removesuffix(OPEN_SUFFIX)
        self.size = 0
        self.lines: list[bytes] = []
        self._checksum = hashlib.sha256()

    def append(self, data: bytes) -> int:
        """Hand whole members to the system in one go and return their offset.

        Raises `NoSpaceError` when they do not fit; then the file is cut back to what it was.
        """
        offset = self.size
        view = memoryview(data)
        with writing(self.path):
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
                checksum = self._checksum.copy()
                checksum.update(data)
            except BaseException:  # Ctrl-C included: what was not acknowledged is not kept
                os.ftruncate(self._descriptor, offset)
                raise
        self._checksum, self.size = checksum, offset + len(data)
        return offset

    def sync(self) -> None:
        """Wait until the disk has what was appended."""
        with writing(self.path):
            (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(self._descriptor)  # macOS has only fsync

    def seal(self) -> Path:
        """Close the file for good and return its final path.

        Raises `NoSpaceError` when CDXJ or manifest do not fit; then the file stays `.open` for recovery.
        """
        try:
            self.sync()
            return seal(self._root, self.path, self._checksum.hexdigest(), self.lines)
        finally:
            os.close(self._descriptor)

    def discard(self) -> None:
        """Remove a file into which nothing could be written."""
        os.close(self._descriptor)
        with suppress(FileNotFoundError):
            self.path.unlink()


def _create(root: Path, collection: str, prefix: str, hostname: str, at: datetime) -> tuple[Path, int]:
    serial = 0
    while True:
        name = format_name(prefix, at, serial, hostname)
        serial += 1
        if name_is_taken(root, collection, name):
            continue
        path = root / "warc" / collection / (name + OPEN_SUFFIX)
        with suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            return path, os.open(path, flags, 0o644)
