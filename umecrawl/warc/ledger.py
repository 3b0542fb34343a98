"""What records say of other records, kept on disk while an archive is checked, so that memory stays flat.

One row stands for each record, and one for each reference that its own file has not answered (`umecrawl.warc.leaves`).
When all files are read, a temporary SQLite file tells where ids stand twice, if any do.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Final

from umecrawl.model.capture import Capture
from umecrawl.warc.leaves import BATCH, AboutRow, Filed, Kind, Leaves, RecordRow, all_different

_TABLES: Final = {
    "record": "(file, offset, id, type)",
    "capture": "(id, file, offset, facts)",
    "place": "(file, offset)",
}
_PLACES: Final = {
    "extra": "SELECT offset FROM place WHERE file = ?1 EXCEPT SELECT offset FROM record WHERE file = ?1",
    "missing": "SELECT offset FROM record WHERE file = ?1 AND type IN ('response', 'revisit') "
    "EXCEPT SELECT offset FROM place WHERE file = ?1",
}
_AT_ONCE: Final = 100_000  # references that are looked up at the same time


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
    """Everything that was noted of the files, and the questions to it; `leaves` are for the rows of the next file.

    Its files lie in a folder that somebody else removes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.leaves = Leaves(folder)
        self._filed: list[Filed] = []
        self._numbers = array("Q")
        self._connection: sqlite3.Connection | None = None
        self._loaded = dict.fromkeys(_TABLES, 0)
        self._places: list[tuple[int, int]] = []

    def absorb(self, filed: Filed) -> None:
        """Take over what was noted of a section of a file, or of a whole one."""
        self.complete()
        self._filed.append(filed)
        self._numbers.frombytes(filed.numbers)

    def complete(self) -> None:
        """Be told that `leaves` are full; must come before any question."""
        if self.leaves.is_empty:
            return
        filed, self.leaves = self.leaves.close(), Leaves(self._folder)
        self._filed.append(filed)
        self._numbers.frombytes(filed.numbers)

    def list_place(self, file: int, offset: int) -> None:
        """Note that an index names a record at this offset of a file."""
        self._places.append((file, offset))
        if len(self._places) >= BATCH:
            self._write_places()

    def compare_places(self, files: tuple[int, ...]) -> Iterator[tuple[str, int, int, int]]:
        """Yield where index and captures of these files differ: `extra` or `missing`, file, how many, first offset."""
        self.complete()
        self._write_places()
        database = self._database("record")
        database.execute("CREATE INDEX IF NOT EXISTS place_at ON place (file, offset)")
        database.execute("CREATE INDEX IF NOT EXISTS record_at ON record (file, offset)")
        for file in files:
            for kind, query in _PLACES.items():
                row = database.execute(f"SELECT count(*), min(offset) FROM ({query})", (file,)).fetchone()  # noqa: S608
                if row[0]:
                    yield kind, file, row[0], row[1]

    def _write_places(self) -> None:
        _insert(self._database(), "place", self._places)
        self._places.clear()

    def twice(self) -> Iterator[tuple[int, int, int, int, bytes]]:
        """Yield where ids stand twice: two files (the same, or in order), how often, first offset in the latter, id."""
        if all_different(self._numbers):
            return
        database = self._database("record")
        database.execute("CREATE INDEX IF NOT EXISTS record_id ON record (id, file, offset)")
        yield from database.execute(
            "WITH doubled AS (SELECT id FROM record WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1) "
            "SELECT a.file, b.file, count(*), min(b.offset), min(a.id) FROM doubled "
            "JOIN record a USING (id) JOIN record b USING (id) "
            "WHERE (a.file < b.file OR (a.file = b.file AND a.offset < b.offset)) "
            "AND NOT EXISTS (SELECT 1 FROM record c WHERE c.id = a.id AND (c.file < a.file "
            "OR (c.file = a.file AND c.offset < a.offset))) GROUP BY a.file, b.file ORDER BY b.file, a.file"
        )

    def count(self, file: int) -> int:
        """Return how many records of a file are known."""
        row = self._database("record").execute("SELECT count(*) FROM record WHERE file = ?", (file,)).fetchone()
        return int(row[0])

    def unanswered(self) -> Iterator[Reference]:
        """Yield every reference that its own file left open, with the record it names; of a file in order."""
        references = (row for filed in self._filed if filed.refers for one in filed.batches() for row in one.references)
        while some := list(islice(references, _AT_ONCE)):
            wanted = {target for _, _, _, target, _ in some}
            found: dict[bytes, RecordRow] = {}
            for filed in self._filed:
                for batch in filed.batches():
                    for row in batch.records:
                        if row[2] in wanted and row[2] is not None:
                            found.setdefault(row[2], row)
            for file, offset, kind, target, about in sorted(some, key=itemgetter(0, 1, 2)):
                at, _, _, type_, facts = found.get(target, (None, 0, None, None, None))
                yield Reference(file, offset, Kind(kind), target, _about(about), type_, at, _about(facts))

    def compare(self, indexed: Iterator[tuple[str, str, str, int]]) -> Iterator[tuple[str, str, str, int | None, int]]:
        """Yield where captures differ from those of an index, given as id, facts, name of the WARC and offset.

        Each is: `missing`, `differs` or `extra`; id; name of the WARC (of `extra` only); number of the file; offset.
        """
        database = self._database("capture")
        database.execute("CREATE TABLE indexed (id, facts, name, offset)")
        _insert(database, "indexed", indexed)
        database.execute("CREATE INDEX indexed_id ON indexed (id)")
        database.execute("CREATE INDEX capture_id ON capture (id)")
        yield from database.execute(
            "SELECT CASE WHEN i.id IS NULL THEN 'missing' ELSE 'differs' END, c.id, '', c.file, c.offset "
            "FROM capture c LEFT JOIN indexed i ON i.id = c.id WHERE i.id IS NULL OR (i.facts <> c.facts "
            # Of a capture that stands in two files the index knows one.
            "AND NOT EXISTS (SELECT 1 FROM capture d WHERE d.id = i.id AND d.facts = i.facts)) "
            "ORDER BY c.file, c.offset"
        )
        yield from database.execute(
            "SELECT 'extra', i.id, i.name, NULL, i.offset FROM indexed i "
            "WHERE NOT EXISTS (SELECT 1 FROM capture c WHERE c.id = i.id) ORDER BY i.name, i.offset"
        )

    def _database(self, table: str = "") -> sqlite3.Connection:
        """Return the database, with what was noted for a table since it was last asked for."""
        if self._connection is None:
            self._connection = sqlite3.connect(self._folder / "ledger.sqlite", isolation_level=None)
            for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = NORMAL", "temp_store = FILE"):
                self._connection.execute(f"PRAGMA {pragma}")
            for name, columns in _TABLES.items():
                self._connection.execute(f"CREATE TABLE {name} {columns}")
        if table:
            more = self._filed[self._loaded[table] :]
            self._loaded[table] = len(self._filed)
            for batch in (batch for filed in more for batch in filed.batches()):
                rows = [row[:4] for row in batch.records] if table == "record" else batch.captures
                _insert(self._connection, table, rows)
        return self._connection

    def close(self) -> None:
        """Let go of the database."""
        if self._connection is not None:
            self._connection.close()


def facts_of_capture(capture: Capture) -> str:
    """Return what an index must say of a capture, in one line."""
    ref = capture.record
    return facts(ref.warc, ref.offset, ref.length, capture.payload_digest, capture.url, capture.status)


def facts(warc: str, offset: int, length: int, digest: str, url: str, status: int) -> str:  # noqa: PLR0917
    """Return place, digest, URL and status of a capture in one line."""
    return f"{warc} {offset} {length} {digest} {status} {url}"


def _about(row: AboutRow | None) -> About:
    return About(*row) if row else About()


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    columns = ",".join("?" * len(database.execute(f"SELECT * FROM {table} LIMIT 0").description))  # noqa: S608  # our own
    database.execute("BEGIN")
    database.executemany(f"INSERT INTO {table} VALUES ({columns})", rows)  # noqa: S608  # our own names
    database.execute("COMMIT")
