"""What records say of themselves and of others: rows on the leaves of a ledger, which mostly nobody reads again.

They are gathered in memory and put down in a file by the thousand, so that memory stays flat. Of every record id a
number of 64 bits is kept: where all are different no id stands twice, and the rows need not be looked at.
"""

import marshal
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final, NamedTuple
from zlib import adler32, crc32

BATCH: Final = 5_000  # records that are gathered before they are put down
_SIZE: Final = Struct("<Q")
_AT_ONCE: Final = 500_000  # numbers that are compared at the same time

# What is to be compared: digest, date, framing and URL.
AboutRow = tuple[bytes, bytes, bytes, bytes]
RecordRow = tuple[int, int, bytes | None, str, AboutRow | None]  # file, offset, id, type
ReferenceRow = tuple[int, int, int, bytes, AboutRow | None]  # file, offset, kind, the id that is named
CaptureRow = tuple[str, int, int, str]  # id, file, offset, facts


class Kind(IntEnum):
    """By which field a record refers to another."""

    CONCURRENT = 1
    WARCINFO = 2
    ORIGINAL = 3


class Batch(NamedTuple):
    """Rows as they were put down together."""

    records: list[RecordRow]
    references: list[ReferenceRow]
    captures: list[CaptureRow]


@dataclass(frozen=True, slots=True)
class Filed:
    """Leaves that are full: their file, the numbers of the record ids, and whether a record refers to another."""

    path: Path
    numbers: bytes
    refers: bool

    def batches(self) -> Iterator[Batch]:
        """Read the rows again, in their order."""
        with self.path.open("rb") as file:
            while size := file.read(_SIZE.size):
                # From a file, marshal reads each value by itself, which takes ten times as long.
                yield Batch(*marshal.loads(file.read(*_SIZE.unpack(size))))  # noqa: S302 - written by ourselves


class Leaves:
    """Rows that are being gathered; their file lies in a folder that somebody else removes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._path = Path()
        self._numbers = array("Q")
        self._refers = False
        self.records: list[RecordRow] = []
        self.references: list[ReferenceRow] = []
        self.captures: list[CaptureRow] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing was noted."""
        return self._file is None and not (self.records or self.references or self.captures)

    def flush(self) -> None:
        """Put down what was gathered."""
        if self._file is None:
            descriptor, name = tempfile.mkstemp(prefix="leaves-", dir=self._folder)
            self._file, self._path = open(descriptor, "wb"), Path(name)  # noqa: SIM115, PTH123 - closed by `close`
        octets = marshal.dumps((self.records, self.references, self.captures))
        self._file.write(_SIZE.pack(len(octets)) + octets)
        ids = [row[2] for row in self.records if row[2] is not None]
        self._numbers.extend([one << 32 | other for one, other in zip(map(crc32, ids), map(adler32, ids), strict=True)])
        self._refers = self._refers or bool(self.references)
        self.records.clear()
        self.references.clear()
        self.captures.clear()

    def close(self) -> Filed:
        """Put down the rest."""
        self.flush()
        assert self._file is not None
        self._file.close()
        return Filed(self._path, self._numbers.tobytes(), self._refers)


def all_different(numbers: "array[int]") -> bool:
    """Return whether no number stands twice."""
    parts = len(numbers) // _AT_ONCE + 1
    if parts == 1:
        return len(set(numbers)) == len(numbers)
    some = ([number for number in numbers if number % parts == part] for part in range(parts))
    return all(len(set(part)) == len(part) for part in some)
