"""Writing so that it lasts: a disk that takes no more is named, and files and their names survive a power cut."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from umecrawl.errors import NoSpaceError, UmecrawlError

# EFBIG: a limit set for the process; EIO: the disk itself. Neither can be written on.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the errors of writing a file into ours: `NoSpaceError` for a disk that takes no more."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpaceError(
                f"{path}: nothing more can be written ({error.strerror})",
                hint="Make room on the disk, then go on; what was acknowledged is safe.",
            ) from error
        raise UmecrawlError(f"{path}: cannot be written ({error.strerror})", hint="Look at its rights.") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(target: Path, parts: Iterable[bytes]) -> Path:
    """Write a file in one step, replacing what is there; its folder is made where it is missing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    with unfinished.open("wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    return unfinished.replace(target)
