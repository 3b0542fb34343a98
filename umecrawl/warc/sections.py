"""Sections of one large WARC, so that several processes can check it at the same time.

A cut lies between two members, before the first record of an exchange. It is only a proposal: a section whose check
does not end where the next begins, or that leaves something open that another might answer, makes the whole file be
checked in one piece.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from umecrawl.warc.events import OPEN_SUFFIX
from umecrawl.warc.members import Member, MemberReader
from umecrawl.warc.records import Record, RecordFormatError, bare_id, parse_record
from umecrawl.warc.runs import read_run

_LEAST: Final = 4 * 1024 * 1024  # octets of a section
_SEARCH: Final = 8 * 1024 * 1024  # octets in which a cut is looked for
_STRETCH: Final = 64 * 1024  # octets of them that are read at once
_LARGEST: Final = 8 * 1024 * 1024  # octets of a record that is looked at
_SEEN: Final = 24  # records that are looked at around a cut
_MOST: Final = 8  # records that may stand together
_MAGIC: Final = b"\x1f\x8b\x08"


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a file, in octets; no end where it goes to the file's. `own` and `run` are what its start tells.

    `own` says whether umecrawl wrote the file, `run` is the id of the run it begins with, empty for other tools, and
    `warcinfo` that of the warcinfo record, as `<…>` holds it.
    """

    start: int = 0
    end: int | None = None
    own: bool = False
    run: str = ""
    warcinfo: bytes = b""


WHOLE: Final = Section()


def sections(path: Path, step: int, *, archived: bool) -> tuple[Section, ...]:
    """Return sections of about `step` octets that make up a file; one where it is small, or cannot be cut.

    A file by another tool stays in one piece when it is `archived`, for its captures are told by reading it once more.
    """
    size = path.stat().st_size
    step = max(step, _LEAST)
    if size < 2 * step or path.name.endswith(OPEN_SUFFIX):
        return (WHOLE,)
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        reader = MemberReader(descriptor, limit=_LARGEST)
        first = _record(reader, 0)
        is_info = first is not None and first[0].type == "warcinfo"
        run = read_run(first[0].block) if first is not None and is_info else None
        if first is None or (archived and run is None):
            return (WHOLE,)
        cuts: list[int] = []
        for target in range(step, size - step // 2, step):
            cut = _cut(reader, descriptor, target)
            if cut is not None and cut > max([0, *cuts]):
                cuts.append(cut)
    except RecordFormatError:
        return (WHOLE,)
    finally:
        os.close(descriptor)
    own, name = run is not None, run.id if run is not None else ""
    warcinfo = first[0].get("WARC-Record-ID").strip("<>").encode() if is_info else b""
    ends: list[int | None] = [*cuts, None]
    starts = [0, *cuts]
    # What the first record says is found out again by whoever reads it.
    return tuple(
        Section(start, end, own, name, warcinfo) if start else Section(0, end)
        for start, end in zip(starts, ends, strict=True)
    )


def _cut(reader: MemberReader, descriptor: int, target: int) -> int | None:
    """Return where an exchange begins a little behind `target`, if that can be told."""
    offset = _first_member(reader, descriptor, target)
    seen: list[tuple[int, str, frozenset[str]]] = []
    while offset is not None and len(seen) < _SEEN:
        found = _record(reader, offset)
        if found is None:
            break
        record, end = found
        named = frozenset(bare_id(uri) for uri in record.all("WARC-Concurrent-To"))
        seen.append((offset, record.id, named))
        offset = end
        place = len(seen) - _MOST
        if place >= _MOST:
            before, behind = seen[:place], seen[place:]
            if not (_names(before, behind) or _names(behind, before)):
                return behind[0][0]
    return None


def _names(some: list[tuple[int, str, frozenset[str]]], others: list[tuple[int, str, frozenset[str]]]) -> bool:
    ids = {record_id for _, record_id, _ in others}
    return any(not ids.isdisjoint(named) for _, _, named in some)


def _first_member(reader: MemberReader, descriptor: int, target: int) -> int | None:
    for begin in range(target, target + _SEARCH, _STRETCH):
        data = os.pread(descriptor, _STRETCH + len(_MAGIC) - 1, begin)
        found = data.find(_MAGIC)
        while found >= 0:
            member = reader.read(begin + found)
            if isinstance(member, Member) and member.data.startswith(b"WARC/"):
                return begin + found
            found = data.find(_MAGIC, found + 1)
    return None


def _record(reader: MemberReader, offset: int) -> tuple[Record, int] | None:
    member = reader.read(offset)
    if not isinstance(member, Member):
        return None
    try:
        return parse_record(member.data), member.end
    except RecordFormatError:
        return None
