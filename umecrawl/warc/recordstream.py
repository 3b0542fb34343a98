"""The records of one WARC in order: of our own files strictly, of all others leniently; and which of the two it is."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.model.capture import Mark, RecordRef
from umecrawl.warc.faults import FaultLog
from umecrawl.warc.foreign import read_foreign
from umecrawl.warc.imported import mended
from umecrawl.warc.members import Break, BreakKind, Member, MemberReader
from umecrawl.warc.records import Record, RecordFormatError, parse_record
from umecrawl.warc.runs import names_run
from umecrawl.warc.streams import StreamBreakError
from umecrawl.warc.volumes import OPEN_SUFFIX, Octets, Volume

_GZIP_MAGIC: Final = b"\x1f\x8b"
_TAILS: Final = frozenset({BreakKind.CUT, BreakKind.NULS})


def read_records(path: Path, start: int = 0) -> Iterator[tuple[Member, Record]]:
    """Yield the records of a file of ours from the offset of a member on.

    Stops silently where an `.open` file ends inside a member; raises `DamageError` with file and offset for
    every other place that cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield from records_from(MemberReader(descriptor), path, start, growing=path.name.endswith(OPEN_SUFFIX))
    finally:
        os.close(descriptor)


def records_from(
    reader: MemberReader, path: Path, start: int = 0, end: int | None = None, *, growing: bool = False
) -> Iterator[tuple[Member, Record]]:
    """Yield the records of an open file of ours that begin at `start` and behind it, but before `end`.

    Raises `DamageError` naming `path` and offset for a place that cannot be read, which of a `growing` file the last
    one may be, and for a file that is over before `end`.
    """
    offset = start
    while end is None or offset < end:
        member = reader.read(offset)
        if member is None:
            if end is not None:
                raise damage(path, offset, "the file ends before the record")
            return
        if isinstance(member, Break):
            if growing and member.kind in _TAILS:
                return
            raise damage_at(path, member)
        yield member, record_in(member, path)
        offset = member.end


def record_in(member: Member, path: Path) -> Record:
    """Return the record that a member holds. Raises `DamageError` naming `path` and offset when it is none."""
    try:
        return parse_record(member.data)
    except RecordFormatError as error:
        raise damage(path, member.offset, error.message) from error


def read_any(volume: Volume, start: int, log: FaultLog) -> Iterator[tuple[Record, RecordRef, Mark]]:
    """Yield the records of a file by any tool with their places. Raises `DamageError` as `read_records` does."""
    try:
        with Octets(volume) as octets:
            for placed in read_foreign(octets, start, log.note):
                record = mended(placed.record, placed.offset, log.note)
                if record is not None:
                    ref = RecordRef(record.id, volume.name, placed.offset, placed.length)
                    yield record, ref, Mark(volume.name, placed.mark)
    except StreamBreakError as error:
        if not (volume.unfinished and error.found.kind in _TAILS):
            raise damage_at(volume.path, error.found) from error


def is_ours(volume: Volume) -> bool:
    """Return whether to read a file as one of ours: no part of a WACZ, and written by umecrawl, a member a record."""
    if volume.size is not None:
        return False
    try:
        with Octets(volume) as octets:
            first = next(read_foreign(octets), None)
            packed = octets.read(2, 0) == _GZIP_MAGIC
    except (StreamBreakError, DamageError):
        return False
    return first is not None and packed and not first.shares_member and _is_own_info(first.record)


def by_others(volume: Volume) -> bool:
    """Return whether another tool wrote a file, as far as its first record tells; a torn one tells nothing."""
    try:
        with Octets(volume) as octets:
            first = next(read_foreign(octets), None)
    except (StreamBreakError, DamageError):
        return False
    return first is not None and not _is_own_info(first.record)


def damage(path: Path, offset: int, detail: str, kind: BreakKind | None = None) -> DamageError:
    """Return the error for a place that cannot be read."""
    hint = "Run `umecrawl verify` to see what is damaged and what can be done."
    if kind is BreakKind.MANY_RECORDS:  # only in a file of ours that was changed: those by others are read
        hint = f"Give every record a member of its own: warcio recompress {path.name} new.warc.gz"
    return DamageError(f"{path}: offset {offset}: {detail}", hint=hint)


def damage_at(path: Path, found: Break) -> DamageError:
    """Return the error for a break in a file."""
    return damage(path, found.offset, found.detail, found.kind)


def _is_own_info(record: Record) -> bool:
    return record.type == "warcinfo" and names_run(record.block)
