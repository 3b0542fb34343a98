"""Files packed in another way than a gzip member a record, as others write them: plain, in one member, Zstandard."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from umecrawl.warc.faults import FaultKind, FaultLog
from umecrawl.warc.foreign import Placed, read_foreign
from umecrawl.warc.members import Break, BreakKind
from umecrawl.warc.rules import Flaw, Severity
from umecrawl.warc.volumes import Octets, volume_of

_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_DICTIONARY: Final = b"\x5d\x2a\x4d\x18"


def is_packed_otherwise(found: Break, descriptor: int) -> bool:
    """Return whether a break before the first record means that the file is packed in another way."""
    start = os.pread(descriptor, 5, 0)
    return found.kind is BreakKind.MANY_RECORDS or start == b"WARC/" or start.startswith((_ZSTD, _ZSTD_DICTIONARY))


def read_packed(path: Path, log: FaultLog) -> Iterator[Placed]:
    """Yield the records of such a file; what reading forgives goes to `log`.

    Raises `StreamBreakError` where it cannot be read on.
    """
    with Octets(volume_of(path)) as octets:
        yield from read_foreign(octets, 0, log.note)


def fault_flaws(log: FaultLog) -> Iterator[tuple[int, Flaw]]:
    """Yield what reading forgave, with the offsets."""
    for fault in log.faults():
        if fault.kind != FaultKind.ONE_MEMBER:  # said of the packing
            remedy = "Nothing is damaged; the records are read as they are."
            message = f"{fault.meaning}; {fault.count} of the file's records"
            yield fault.first_offset, Flaw("foreign", Severity.WARNING, message, remedy)


def packing_flaws(found: Break, flaw: Flaw, name: str, *, own: bool) -> Iterator[tuple[int, Flaw]]:
    """Yield what the packing of a file means, of which a break at its start is told; `flaw` is that of the break."""
    if name.endswith(".warc") and found.kind is BreakKind.NOT_GZIP:
        return
    if name.endswith(".zst") and found.kind is BreakKind.NOT_GZIP:
        message = "the records are packed with Zstandard, which the standard does not know yet"
        remedy = "Nothing; keep a copy in gzip for readers that cannot read it (R25)."
        yield 0, Flaw("zstd", Severity.NOTE, message, remedy)
        return
    yield 0, replace(flaw, severity=Severity.ERROR if own else Severity.WARNING)
