"""Which payloads the archive holds already: a look-up for revisits, made from the CDXJ files and disposable.

One SQLite file, `runs/payloads.sqlite`. What a writer adds is committed when its WARC is sealed: a process that is
killed leaves nothing behind that recovery could contradict, for the sealed file's CDXJ is then read like any other.
A store that is missing, damaged or of another edition is made anew.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from umecrawl.errors import ArchiveInUseError, NoSpaceError, UmecrawlError
from umecrawl.model.clock import microseconds_of, time_of
from umecrawl.model.urls import Url
from umecrawl.warc.cdxj import CdxEntry, cdxj_path, read_cdxj
from umecrawl.warc.disk import writing
from umecrawl.warc.files import list_warcs
from umecrawl.warc.records import is_own_digest

# Measured: a revisit with its references takes 620 octets, as much as a response of 250 to 300 octets of text.
MIN_SIZE: Final = 512
_OK: Final = 200
_EDITION: Final = 1
_SCHEMA: Final = """
CREATE TABLE files (warc TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE payloads (
    record_id TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, framing TEXT NOT NULL, url TEXT NOT NULL,
    date INTEGER NOT NULL, size INTEGER NOT NULL, warc TEXT NOT NULL, offset INTEGER NOT NULL
);
CREATE INDEX payloads_by_digest ON payloads (digest, framing);
CREATE INDEX payloads_by_warc ON payloads (warc);
CREATE TABLE latest (
    url TEXT NOT NULL, etag TEXT NOT NULL, date INTEGER NOT NULL, record_id TEXT NOT NULL,
    PRIMARY KEY (url, etag)
) WITHOUT ROWID;
"""
_COLUMNS: Final = "p.record_id, p.digest, p.framing, p.url, p.date, p.size, p.warc, p.offset"
# SQLite's result codes; the low octet of an extended one is its kind.
_PRIMARY: Final = 0xFF
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_REFUSED: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
_Row = tuple[str, bytes, str, str, int, int, str, int]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """A payload the archive holds, and the *response* record that holds it."""

    record_id: str
    digest: str
    framing: str
    url: Url
    captured_at: datetime
    size: int
    warc: str
    offset: int


class PayloadStore:
    """The payloads of one archive, by digest and framing, and the newest of each URL.

    Opening it reads the CDXJ files that are new or have changed. Raises `ArchiveInUseError` while another process
    writes it, `NoSpaceError` when the disk is full. It serves one writer; whoever writes holds the `ArchiveLock`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / "runs" / "payloads.sqlite"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._database = self._open()
        self._guarded(self._refresh)

    def find(self, digest: str, framing: str) -> StoredPayload | None:
        """Return the response that holds the payload under the same codings, if any."""
        if not is_own_digest(digest):
            return None
        octets = _octets(digest)
        query = f"SELECT {_COLUMNS} FROM payloads p WHERE digest = ? AND framing = ? LIMIT 1"  # noqa: S608 - constant
        return self._guarded(lambda: self._one(query, (octets, framing)))

    def newest(self, url: Url, etag: str = "") -> StoredPayload | None:
        """Return the response that a 304 for the URL confirms.

        With an entity tag, the newest payload that came with that tag (compared weakly, RFC 9110 §8.8.3.2);
        without one, the newest of all.
        """
        query = (
            f"SELECT {_COLUMNS} FROM latest l JOIN payloads p USING (record_id) WHERE l.url = ?"  # noqa: S608 - constant
            f"{' AND l.etag = ?' if etag else ''} ORDER BY l.date DESC LIMIT 1"
        )
        parameters = (url, _weak(etag)) if etag else (url,)
        return self._guarded(lambda: self._one(query, parameters))

    def add(self, entry: CdxEntry) -> None:
        """Take in a capture whose record is written; what can serve no revisit is left out."""
        self._guarded(lambda: self._add((entry,)))

    def commit(self, warc: str) -> None:
        """Keep what was added of a WARC that is now sealed."""
        self._guarded(lambda: self._ingest(cdxj_path(self._root, warc), warc))

    def close(self) -> None:
        """Let go of the file; what was added of an unsealed WARC is forgotten."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        """Open the file; one that is damaged is made anew, once."""
        try:
            return self._connected()
        except sqlite3.DatabaseError as error:
            self._let_be_seen(error)
        return self._anew()

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=1, check_same_thread=False)
        try:
            # A crash may cost the last commits, which the CDXJ files give back.
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")
            (edition,) = database.execute("PRAGMA user_version").fetchone()
            if edition != _EDITION:
                self._clear(database)
        except BaseException:
            database.close()
            raise
        return database

    def _clear(self, database: sqlite3.Connection) -> None:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            database.execute(f'DROP TABLE "{name}"')
        database.executescript(_SCHEMA + f"PRAGMA user_version = {_EDITION};")

    def _anew(self) -> sqlite3.Connection:
        for suffix in ("", "-wal", "-shm", "-journal"):
            with writing(self._path):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        try:
            return self._connected()
        except sqlite3.DatabaseError as error:
            self._let_be_seen(error)
            raise self._unusable(error) from error

    def _guarded(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except sqlite3.DatabaseError as error:
            self._let_be_seen(error)
        # The file is damaged. It is only a look-up: make it anew once, and let a second error be seen.
        self._database.close()
        self._database = self._anew()
        try:
            self._refresh()
            return action()
        except sqlite3.DatabaseError as error:
            self._let_be_seen(error)
            raise self._unusable(error) from error

    def _let_be_seen(self, error: sqlite3.DatabaseError) -> None:
        """Raise what a new file would not mend: another writer, a full disk, missing rights."""
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
        if code in _BUSY:
            raise ArchiveInUseError(
                f"{self._path}: another process is writing it", hint="Wait until that process has ended, or stop it."
            ) from error
        if code in _FULL:
            raise NoSpaceError(
                f"{self._path}: nothing more can be written ({error})",
                hint="Make room on the disk, then go on; what was acknowledged is safe.",
            ) from error
        if code in _REFUSED:
            raise self._unusable(error) from error

    def _unusable(self, error: sqlite3.DatabaseError) -> UmecrawlError:
        return UmecrawlError(f"{self._path}: cannot be used ({error})", hint="Look at its rights and its folder's.")

    def _refresh(self) -> None:
        known: dict[str, int] = dict(self._database.execute("SELECT warc, size FROM files"))
        present = {path.name: cdxj_path(self._root, path.name) for path in list_warcs(self._root)}
        sizes = {name: path.stat().st_size for name, path in present.items() if path.exists()}
        stale = [name for name, size in known.items() if sizes.get(name) != size]
        for name in stale:
            self._database.execute("DELETE FROM payloads WHERE warc = ?", (name,))
            self._database.execute("DELETE FROM files WHERE warc = ?", (name,))
        self._database.commit()
        for name in sorted(sizes):
            if name in stale or name not in known:
                self._ingest(present[name], name)

    def _ingest(self, cdxj: Path, warc: str) -> None:
        self._add(sorted(read_cdxj(cdxj), key=lambda entry: entry.record.offset))
        self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (warc, cdxj.stat().st_size))
        self._database.commit()

    def _add(self, entries: Iterable[CdxEntry]) -> None:
        for entry in entries:
            if entry.status != _OK or entry.truncated or not is_own_digest(entry.digest):
                continue
            holder = entry.refers_to if entry.is_revisit else entry.record.record_id
            date = microseconds_of(entry.captured_at)
            if not holder:
                continue
            if not entry.is_revisit:
                self._database.execute(
                    "INSERT OR IGNORE INTO payloads VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        holder,
                        _octets(entry.digest),
                        entry.framing,
                        entry.url,
                        date,
                        entry.size,
                        entry.record.warc,
                        entry.record.offset,
                    ),
                )
            self._database.execute(
                "INSERT INTO latest VALUES (?, ?, ?, ?) ON CONFLICT (url, etag) DO UPDATE "
                "SET date = excluded.date, record_id = excluded.record_id WHERE excluded.date > date",
                (entry.url, _weak(entry.etag), date, holder),
            )

    def _one(self, query: str, parameters: tuple[object, ...]) -> StoredPayload | None:
        row: _Row | None = self._database.execute(query, parameters).fetchone()
        if row is None:
            return None
        record_id, octets, framing, url, date, size, warc, offset = row
        return StoredPayload(record_id, f"sha256:{octets.hex()}", framing, Url(url), time_of(date), size, warc, offset)


def _octets(digest: str) -> bytes:
    return bytes.fromhex(digest.partition(":")[2])


def _weak(etag: str) -> str:
    return etag.removeprefix("W/")
