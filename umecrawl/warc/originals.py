"""Where the payload of a revisit lies: its original is looked up by id, or by URL and date, in all files of an archive.

CDXJ files answer for the files that have one; the others are read, each once and then from where it ended. Revisits
that name an id and no URL, as wpull's do, are looked up in a SQLite file without a name, made of all CDXJ files when
the first such revisit is met; memory does not grow with it.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.model.capture import RecordRef
from umecrawl.model.urls import surt
from umecrawl.warc.cdxj import cdxj_path, find_entries, read_cdxj
from umecrawl.warc.faults import FaultLog
from umecrawl.warc.files import list_volumes
from umecrawl.warc.records import Record, bare_id, format_date
from umecrawl.warc.recordstream import read_any
from umecrawl.warc.volumes import Volume

_HOLDERS: Final = frozenset({"response", "resource"})


class Originals:
    """The records of one archive that hold payloads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unindexed: dict[str, tuple[int, dict[str, RecordRef]]] = {}
        self._by_id: _ById | None = None

    def find(self, revisit: Record) -> RecordRef | None:
        """Return where the original of a revisit lies, if a file of the archive holds it."""
        named = revisit.get("WARC-Refers-To-Target-URI").strip("<>")
        url = named or revisit.url
        # Some tools name the original by URL and date alone.
        wanted = bare_id(revisit.get("WARC-Refers-To")) or _name_by_date(url, revisit.get("WARC-Refers-To-Date"))
        key = surt(url)
        for volume in list_volumes(self._root):
            cdxj = cdxj_path(self._root, volume.name)
            if volume.unfinished or not cdxj.exists():
                ref = self._scanned(volume).get(wanted)
                if ref is not None:
                    return ref
                continue
            for entry in find_entries(cdxj, key):
                if entry.is_revisit:
                    continue
                if wanted in {entry.record.record_id, _name_by_date(entry.url, format_date(entry.captured_at))}:
                    return entry.record
        return None if named else self._look_up(wanted)

    def close(self) -> None:
        """Let go of the look-up."""
        if self._by_id is not None:
            self._by_id.close()

    def _look_up(self, record_id: str) -> RecordRef | None:
        if self._by_id is None:
            self._by_id = _ById(sorted((self._root / "cdxj").glob("*.cdxj")))
        return self._by_id.find(record_id)

    def _scanned(self, volume: Volume) -> dict[str, RecordRef]:
        """Return the responses of a file without CDXJ, read once and then from where it ended."""
        end, found = self._unindexed.get(volume.name, (0, {}))
        for record, ref, mark in read_any(volume, end, FaultLog(volume.name)):
            if record.type in _HOLDERS:
                found[record.id] = found[_name_by_date(record.url, record.get("WARC-Date"))] = ref
            end = mark.offset
        self._unindexed[volume.name] = (end, found)
        return found


class _ById:
    """The captures that hold payloads, by record id."""

    def __init__(self, cdxjs: Iterable[Path]) -> None:
        self._database = sqlite3.connect("", check_same_thread=False)
        self._database.execute("CREATE TABLE record (id TEXT, warc TEXT, offset INTEGER, length INTEGER)")
        for path in cdxjs:
            try:
                self._database.executemany(
                    "INSERT INTO record VALUES (?, ?, ?, ?)",
                    (
                        (entry.record.record_id, entry.record.warc, entry.record.offset, entry.record.length)
                        for entry in read_cdxj(path)
                        if not entry.is_revisit
                    ),
                )
            except DamageError:  # `verify` names it
                continue
        self._database.execute("CREATE INDEX record_by_id ON record (id)")

    def find(self, record_id: str) -> RecordRef | None:
        query = "SELECT id, warc, offset, length FROM record WHERE id = ? LIMIT 1"
        row: tuple[str, str, int, int] | None = self._database.execute(query, (record_id,)).fetchone()
        return RecordRef(*row) if row is not None else None

    def close(self) -> None:
        self._database.close()


def _name_by_date(url: str, warc_date: str) -> str:
    # To the second, for WARC/1.0 knows nothing finer.
    return f"{surt(url)} {warc_date[:19]}"
