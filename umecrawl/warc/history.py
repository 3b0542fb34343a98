"""The runs of an archive, newest first, read from the two ends of their files: what began, and how it ended.

The first record of a file is the `warcinfo` of its run, the last one of a run's last file tells of its end; nothing in
between is read, so that years of crawling can be looked through in a moment.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from umecrawl.model.crawl import CrawlRun, RunEnd
from umecrawl.warc.files import NAME, list_warcs
from umecrawl.warc.members import MEMBER_HEADER, Member, MemberReader
from umecrawl.warc.records import Record, RecordFormatError, parse_record
from umecrawl.warc.runs import is_end, read_end, read_run
from umecrawl.warc.volumes import OPEN_SUFFIX, warc_name

# A record of an end is small; one that does not begin in the last so many octets is none.
_TAIL: Final = 64 * 1024
_INFO_LIMIT: Final = 16 * 1024 * 1024

_Facts = tuple[CrawlRun, RunEnd | None] | None


class RunHistory:
    """Looks through the runs of an archive; what it saw of a closed file it does not read again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, _Facts] = {}

    def runs(self) -> Iterator[tuple[CrawlRun, RunEnd | None]]:
        """Yield each run with its latest end, the one with the newest file first; no end where it was killed.

        Files of other tools, and files whose ends cannot be read, are passed over.
        """
        seen: set[str] = set()
        for path in sorted(list_warcs(self._root), key=_age, reverse=True):
            facts = self._facts(path)
            if facts is not None and facts[0].id not in seen:
                seen.add(facts[0].id)
                yield facts

    def _facts(self, path: Path) -> _Facts:
        name = warc_name(path)
        if name in self._known:
            return self._known[name]
        growing = path.name.endswith(OPEN_SUFFIX)
        try:
            facts = _read(path, growing=growing)
        except FileNotFoundError:  # sealed since it was listed
            path, growing = path.with_name(name), False
            facts = _read(path, growing=growing)
        if not growing:
            self._known[name] = facts
        return facts


def _age(path: Path) -> tuple[str, str]:
    matched = NAME.fullmatch(warc_name(path))
    return (matched["time"].ljust(17, "0") if matched else "", warc_name(path))


def _read(path: Path, *, growing: bool) -> _Facts:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        reader = MemberReader(descriptor, limit=_INFO_LIMIT)
        info = _record(reader.read(0))
        run = read_run(info.block) if info is not None and info.type == "warcinfo" else None
        return (run, _end(descriptor, reader, growing=growing)) if run is not None else None
    except (RecordFormatError, ValueError):
        return None
    finally:
        os.close(descriptor)


def _end(descriptor: int, reader: MemberReader, *, growing: bool) -> RunEnd | None:
    size = os.fstat(descriptor).st_size
    begin = max(0, size - _TAIL)
    tail = os.pread(descriptor, _TAIL, begin)
    place = tail.rfind(MEMBER_HEADER)
    while place >= 0:
        member = reader.read(begin + place)
        record = _record(member)
        if record is not None and isinstance(member, Member) and (growing or member.end == size):
            return read_end(record) if record.type == "metadata" and is_end(record) else None
        place = tail.rfind(MEMBER_HEADER, 0, place)
    return None


def _record(member: object) -> Record | None:
    if not isinstance(member, Member):
        return None
    try:
        return parse_record(member.data)
    except RecordFormatError:
        return None
