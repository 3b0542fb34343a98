"""What records say of other records, kept on disk while an archive is checked, so that memory stays flat.

A temporary SQLite file takes one row for each record and one for each reference that its own file has not answered;
when all files are read, the database finds ids that stand twice and references that meet nothing.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from umecrawl.model.capture import Capture

_SCHEMA: Final = """
CREATE TABLE record (file, offset, id, type, about);
CREATE TABLE reference (file, offset, kind, target, about);
CREATE TABLE capture (id, file, offset, facts);
CREATE TABLE place (file, offset);
"""
_PLACES: Final = {
    "extra": "SELECT offset FROM place WHERE file = ?1 EXCEPT SELECT offset FROM record WHERE file = ?1",
    "missing": "SELECT offset FROM record WHERE file = ?1 AND type IN ('response', 'revisit') "
    "EXCEPT SELECT offset FROM place WHERE file = ?1",
}
BATCH: Final = 5_000  # rows that are gathered before they are written

# What is to be compared stands in one value, for columns cost: digest, date, framing and URL, with NUL between them.
RecordRow = tuple[int, int, bytes | None, str, bytes | None]
ReferenceRow = tuple[int, int, int, bytes, bytes | None]


class Kind(IntEnum):
    """By which field a record refers to another."""

    CONCURRENT = 1
    WARCINFO = 2
    ORIGINAL = 3


@dataclass(frozen=True, slots=True)
class About:
    """What a record says of its payload, or a revisit of its original's; empty where it says nothing."""

    digest: bytes = b""
    date: bytes = b""
    framing: bytes = b""
    url: bytes = b""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference, and type, file and facts of the record it names; no type where the archive has none."""

    file: int
    offset: int
    kind: Kind
    target: bytes
    about: About
    type: str | None
    at: int | None
    found: About


class Ledger:
    """One temporary database in a folder that somebody else removes; rows are gathered in memory by the thousand."""

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(suffix=".sqlite", dir=folder)
        os.close(descriptor)
        self.path = Path(name)
        self._database = sqlite3.connect(self.path, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = NORMAL", "temp_store = FILE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_SCHEMA)
        self.records: list[RecordRow] = []
        self.references: list[ReferenceRow] = []
        self.captures: list[tuple[str, int, int, str]] = []
        self._places: list[tuple[int, int]] = []

    def flush(self) -> None:
        """Write what was gathered."""
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO record VALUES (?,?,?,?,?)", self.records)
        self._database.executemany("INSERT INTO reference VALUES (?,?,?,?,?)", self.references)
        self._database.executemany("INSERT INTO capture VALUES (?,?,?,?)", self.captures)
        self._database.execute("COMMIT")
        self.records.clear()
        self.references.clear()
        self.captures.clear()

    def absorb(self, other: Path) -> None:
        """Take over the rows of another ledger, which is closed and removed."""
        self._database.execute("ATTACH ? AS other", (str(other),))
        for table in ("record", "reference", "capture"):
            self._database.execute(f"INSERT INTO {table} SELECT * FROM other.{table}")  # noqa: S608  # our own names
        self._database.execute("DETACH other")
        other.unlink()

    def list_place(self, file: int, offset: int) -> None:
        """Note that an index names a record at this offset of a file."""
        self._places.append((file, offset))
        if len(self._places) >= BATCH:
            self._write_places()

    def compare_places(self, files: tuple[int, ...]) -> Iterator[tuple[str, int, int, int]]:
        """Yield where index and captures of these files differ: `extra` or `missing`, file, how many, first offset."""
        self.flush()
        self._write_places()
        self._database.execute("CREATE INDEX IF NOT EXISTS place_at ON place (file, offset)")
        self._database.execute("CREATE INDEX IF NOT EXISTS record_at ON record (file, offset)")
        for file in files:
            for kind, query in _PLACES.items():
                row = self._database.execute(f"SELECT count(*), min(offset) FROM ({query})", (file,)).fetchone()  # noqa: S608
                if row[0]:
                    yield kind, file, row[0], row[1]

    def _write_places(self) -> None:
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO place VALUES (?,?)", self._places)
        self._database.execute("COMMIT")
        self._places.clear()

    def complete(self) -> None:
        """Be told that all files are read; must come before any question."""
        self.flush()
        self._database.execute("CREATE INDEX record_id ON record (id, file, offset)")

    def twice(self) -> Iterator[tuple[int, int, int, int, bytes]]:
        """Yield where ids stand twice: two files (the same, or in order), how often, first offset in the latter, id."""
        yield from self._database.execute(
            "WITH doubled AS (SELECT id FROM record WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1) "
            "SELECT a.file, b.file, count(*), min(b.offset), min(a.id) FROM doubled "
            "JOIN record a USING (id) JOIN record b USING (id) "
            "WHERE (a.file < b.file OR (a.file = b.file AND a.offset < b.offset)) "
            "AND NOT EXISTS (SELECT 1 FROM record c WHERE c.id = a.id AND (c.file < a.file "
            "OR (c.file = a.file AND c.offset < a.offset))) GROUP BY a.file, b.file ORDER BY b.file, a.file"
        )

    def count(self, file: int) -> int:
        """Return how many records of a file are known."""
        return int(self._database.execute("SELECT count(*) FROM record WHERE file = ?", (file,)).fetchone()[0])

    def unanswered(self) -> Iterator[Reference]:
        """Yield every reference that its own file left open, with the record it names."""
        rows = self._database.execute(
            "SELECT r.file, r.offset, r.kind, r.target, r.about, h.type, h.file, h.about FROM reference r "
            "LEFT JOIN record h ON h.rowid = (SELECT min(rowid) FROM record WHERE id = r.target) "
            "ORDER BY r.file, r.offset, r.kind"
        )
        for file, offset, kind, target, about, type_, at, found in rows:
            yield Reference(file, offset, Kind(kind), target, _about(about), type_, at, _about(found))

    def compare(self, indexed: Iterator[tuple[str, str, str, int]]) -> Iterator[tuple[str, str, str, int | None, int]]:
        """Yield where captures differ from those of an index, given as id, facts, name of the WARC and offset.

        Each is: `missing`, `differs` or `extra`; id; name of the WARC (of `extra` only); number of the file; offset.
        """
        self._database.execute("CREATE TABLE indexed (id, facts, name, offset)")
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO indexed VALUES (?,?,?,?)", indexed)
        self._database.execute("COMMIT")
        self._database.execute("CREATE INDEX indexed_id ON indexed (id)")
        self._database.execute("CREATE INDEX capture_id ON capture (id)")
        yield from self._database.execute(
            "SELECT CASE WHEN i.id IS NULL THEN 'missing' ELSE 'differs' END, c.id, '', c.file, c.offset "
            "FROM capture c LEFT JOIN indexed i ON i.id = c.id WHERE i.id IS NULL OR (i.facts <> c.facts "
            # Of a capture that stands in two files the index knows one.
            "AND NOT EXISTS (SELECT 1 FROM capture d WHERE d.id = i.id AND d.facts = i.facts)) "
            "ORDER BY c.file, c.offset"
        )
        yield from self._database.execute(
            "SELECT 'extra', i.id, i.name, NULL, i.offset FROM indexed i "
            "WHERE NOT EXISTS (SELECT 1 FROM capture c WHERE c.id = i.id) ORDER BY i.name, i.offset"
        )

    def close(self) -> None:
        """Write what was gathered and close; the file stays, for `absorb`."""
        self.flush()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def facts_of_capture(capture: Capture) -> str:
    """Return what an index must say of a capture, in one line."""
    ref = capture.record
    return facts(ref.warc, ref.offset, ref.length, capture.payload_digest, capture.url, capture.status)


def facts(warc: str, offset: int, length: int, digest: str, url: str, status: int) -> str:  # noqa: PLR0917
    """Return place, digest, URL and status of a capture in one line."""
    return f"{warc} {offset} {length} {digest} {status} {url}"


def _about(value: bytes | None) -> About:
    return About(*value.split(b"\0", 3)) if value else About()
