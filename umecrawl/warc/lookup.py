"""A look-up made from the CDXJ files: one SQLite file that may be deleted, and is made anew where it is not right."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self, TypeVar

from umecrawl.errors import ArchiveInUseError, NoSpaceError, UmecrawlError
from umecrawl.warc.cdxj import CdxEntry, cdxj_path, read_cdxj
from umecrawl.warc.disk import writing
from umecrawl.warc.files import list_warcs

_FILES: Final = "CREATE TABLE files (warc TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;\n"
# SQLite's result codes; the low octet of an extended one is its kind.
_PRIMARY: Final = 0xFF
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_REFUSED: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
_T = TypeVar("_T")


class CdxjLookup(ABC):
    """What one look-up is, its kind says: name, edition, tables, and what a line of a CDXJ file puts into them.

    Opening it reads the CDXJ files that are new or have changed. Raises `ArchiveInUseError` while another process
    writes it, `NoSpaceError` when the disk is full. It serves one writer; whoever writes holds the `ArchiveLock`.
    """

    name: ClassVar[str]
    edition: ClassVar[int]
    schema: ClassVar[str]

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / "runs" / self.name
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._database = self._open()
        self._guarded(self._refresh)

    def close(self) -> None:
        """Let go of the file; what was added of an unsealed WARC is forgotten."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _add(self, entries: Iterable[CdxEntry]) -> None:
        """Put the entries of one WARC, or some of them, into the tables."""

    @abstractmethod
    def _forget(self, warc: str) -> None:
        """Take what a WARC brought out of the tables."""

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
            if edition != self.edition:
                self._clear(database)
        except BaseException:
            database.close()
            raise
        return database

    def _clear(self, database: sqlite3.Connection) -> None:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            database.execute(f'DROP TABLE "{name}"')
        database.executescript(_FILES + self.schema + f"PRAGMA user_version = {self.edition};")

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
            self._forget(name)
            self._database.execute("DELETE FROM files WHERE warc = ?", (name,))
        self._database.commit()
        for name in sorted(sizes):
            if name in stale or name not in known:
                self._ingest(present[name], name)

    def _ingest(self, cdxj: Path, warc: str) -> None:
        self._add(sorted(read_cdxj(cdxj), key=lambda entry: entry.record.offset))
        self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (warc, cdxj.stat().st_size))
        self._database.commit()
