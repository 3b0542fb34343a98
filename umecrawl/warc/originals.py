"""Records by their ids, for revisits that name the original's id and not its URL, as wpull's do.

A SQLite file without a name, made of the CDXJ files when the first such revisit is met; memory does not grow with it.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from umecrawl.errors import DamageError
from umecrawl.model.capture import RecordRef
from umecrawl.warc.cdxj import read_cdxj


class Originals:
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
        """Return where the record of that id lies, if it is known."""
        query = "SELECT id, warc, offset, length FROM record WHERE id = ? LIMIT 1"
        row: tuple[str, str, int, int] | None = self._database.execute(query, (record_id,)).fetchone()
        return RecordRef(*row) if row is not None else None

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
