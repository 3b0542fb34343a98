"""Lines put in the order of octets, as `LC_ALL=C sort` does, however many there are: memory stays flat.

Lines that are added are sorted in stretches and spooled to a temporary file; files that are sorted already are read
where they lie. All of them are merged while they are read, a block of each at a time.
"""

import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from heapq import merge
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from umecrawl.errors import DamageError

_AT_ONCE: Final = 16 * 1024 * 1024  # octets of lines sorted in one stretch
_MEMORY: Final = 16 * 1024 * 1024  # octets for the blocks of all files that are merged
_BLOCKS: Final = (4 * 1024, 256 * 1024)


class SortedLines:
    """Collects lines (octets, each with its line end) and gives them back sorted; it owns a temporary file."""

    def __init__(self, *, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._lines: list[bytes] = []
        self._size = 0
        self._spool: IO[bytes] | None = None
        self._stretches: list[tuple[int, int]] = []
        self._files: list[Path] = []

    def add(self, line: bytes) -> None:
        """Take in a line."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= self._at_once:
            self._flush()

    def add_file(self, path: Path) -> None:
        """Take in a file of sorted lines, which is read when the lines are; lines of metadata (`!`) are left out."""
        self._files.append(path)

    def __iter__(self) -> Iterator[bytes]:
        """Yield all lines in order. Raises `DamageError` for a file whose lines are not sorted."""
        low, high = _BLOCKS
        block = min(max(_MEMORY // (len(self._stretches) + len(self._files) + 1), low), high)
        sources: list[Iterator[bytes]] = [iter(sorted(self._lines))]
        if self._spool is not None:
            self._spool.flush()
            spool = self._spool.fileno()
            sources += [_stretch(spool, begin, end, block) for begin, end in self._stretches]
        sources += [_file(path, block) for path in self._files]
        return merge(*sources)

    def close(self) -> None:
        """Forget the lines."""
        self._lines, self._stretches, self._files = [], [], []
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _flush(self) -> None:
        if self._spool is None:
            self._spool = tempfile.TemporaryFile(prefix="umecrawl-")  # noqa: SIM115 - closed by `close`
        begin = self._spool.tell()
        self._spool.writelines(sorted(self._lines))
        self._stretches.append((begin, self._spool.tell()))
        self._lines, self._size = [], 0


def _stretch(descriptor: int, begin: int, end: int, block: int) -> Iterator[bytes]:
    rest = b""
    while begin < end:
        data = os.pread(descriptor, min(block, end - begin), begin)
        begin += len(data)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line + b"\n"


def _file(path: Path, block: int) -> Iterator[bytes]:
    """Yield the lines of a file that is opened anew for each block: a merge may have more files than may be open."""
    with closing(_lines_of(path, block)) as lines:
        before = b""
        for line in lines:
            if line < before:
                raise DamageError(
                    f"{path}: the lines are not sorted by octets: {line[:80]!r}",
                    hint="Delete the file and run `umecrawl index`, which writes it anew.",
                )
            before = line
            if not line.startswith(b"!") and not line.isspace():
                yield line


def _lines_of(path: Path, block: int) -> Generator[bytes, None, None]:
    position, rest = 0, b""
    while True:
        with path.open("rb", buffering=0) as file:
            file.seek(position)
            data = file.read(block)
        if not data:
            break
        position += len(data)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line + b"\n"
    if rest:
        yield rest + b"\n"
