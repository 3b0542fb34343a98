"""The index as a whole: opened by URL, made where it is missing, read by many, written by one.

SQLite is the default, one file in WAL mode inside the archive; PostgreSQL (psycopg 3) holds the same tables.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy import URL, Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from umecrawl import __version__
from umecrawl.errors import NotFoundError, UmecrawlError
from umecrawl.index import fulltext
from umecrawl.index.databases import WRITES, check_text, engine_of, file_of, parsed
from umecrawl.index.failures import REBUILD, explained
from umecrawl.index.holders import PATIENCE, alone
from umecrawl.index.lock import advisory_lock, file_lock
from umecrawl.index.schema import SCHEMA_VERSION, about, metadata
from umecrawl.index.views import views_metadata
from umecrawl.index.writer import IndexWriter

_FORMAT = "umecrawl index"


class SchemaError(UmecrawlError):
    """The database holds no index, or one of another version of this program."""


class Index:
    """One index in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(
        cls,
        database_url: str,
        *,
        create: bool = True,
        rebuild: bool = False,
        tell: Callable[[str], None] | None = None,
    ) -> Self:
        """Open the index at a SQLAlchemy URL (`sqlite:///index.sqlite`, `postgresql+psycopg://user@host/name`).

        Where there is none it is made, or with `create=False` `NotFoundError` is raised. With `rebuild` whatever it
        holds is dropped as `drop` does, and an index of another schema version is accepted for that.
        Raises `ServiceError` when PostgreSQL cannot be reached or cannot hold Swedish text, `SchemaError` for a
        foreign database or another schema version, `DamageError` for a file that is no database, `UsageError` for
        a URL of no use, `ArchiveInUseError` when it is to be dropped while another process writes it, or, on
        PostgreSQL, goes on reading it.
        """
        url = parsed(database_url)
        path = file_of(url)
        if path is not None:
            if not path.exists() and not create:
                raise NotFoundError(f"there is no index at {path}", hint="Make it: umecrawl index")
            if not path.parent.is_dir():
                raise NotFoundError(f"there is no folder {path.parent} for the index", hint="Name an existing one.")
        index = cls(engine_of(url))
        with index._explained():
            index._prepare(create=create, rebuild=rebuild, tell=tell)
        return index

    @staticmethod
    def default_url(root: Path) -> str:
        """Return the URL of the SQLite index of the archive at `root`."""
        database = str(root.resolve() / "index.sqlite")
        return URL.create("sqlite", database=database).render_as_string(hide_password=False)

    @property
    def url(self) -> str:
        """The URL of the database, a password hidden."""
        return self._engine.url.render_as_string()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Give a connection for reading: one transaction, so that all its statements see the same state."""
        with self._explained(), self._engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield connection

    @contextmanager
    def writer(self, *, extractor: str | None = None) -> Iterator[IndexWriter]:
        """Give the writer; what it has not committed when the block ends is left for the next time.

        `extractor` names the extractor in use: what another one read is then read again.
        Raises `ArchiveInUseError` while another process writes.
        """
        with self._writing() as connection:
            yield IndexWriter(connection, extractor)

    def drop(self, *, patience: float = PATIENCE, tell: Callable[[str], None] | None = None) -> None:
        """Remove all that the index holds and make it anew, empty; what else is in the database stays.

        On PostgreSQL that waits, for `patience` seconds at most, until nobody has a transaction open that reads it;
        `tell` is told for whom. Raises `ArchiveInUseError` where it waited in vain, or while another process writes.
        """
        with self._explained(), self._writing() as connection:
            if connection.dialect.name == "sqlite":  # else every table is emptied row by row before it is dropped
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.commit()
                with connection.begin():
                    self._drop(connection)
                return
            with connection.begin():
                self._refuse_foreign(connection)
                views, tables = _recorded(connection)
            names = (*views, *tables, *fulltext.TABLES) if tables else ()
            alone(connection, names, partial(self._drop, connection), patience=patience, tell=tell)

    def _drop(self, connection: Connection) -> None:
        self._refuse_foreign(connection)
        views, tables = _recorded(connection)
        for name in views:
            connection.exec_driver_sql(f"DROP VIEW IF EXISTS {_quoted(connection, name)}")
        if tables:
            fulltext.drop(connection)
        cascade = "" if connection.dialect.name == "sqlite" else " CASCADE"
        for name in tables:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_quoted(connection, name)}{cascade}")
        _make(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _prepare(self, *, create: bool, rebuild: bool, tell: Callable[[str], None] | None) -> None:
        with self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                check_text(connection)
                connection.rollback()
            found = _facts(connection)
            if found is None:
                self._refuse_foreign(connection)
                if not create:
                    raise NotFoundError(f"there is no index at {self.url}", hint="Make it: umecrawl index")
                connection.rollback()
                self._create(connection)
                return
        if rebuild:
            self.drop(tell=tell)
        elif found.get("schema") != str(SCHEMA_VERSION):
            raise SchemaError(
                f"the index {self.url} has schema {found.get('schema', 'unknown')}, "
                f"but umecrawl {__version__} reads schema {SCHEMA_VERSION}",
                hint=REBUILD,
            )

    def _create(self, connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            # Larger pages take a tenth less room for texts; only an empty file takes the size.
            _outside_transaction(connection, "PRAGMA page_size = 16384")
            _outside_transaction(connection, "PRAGMA journal_mode = WAL")
        connection = connection.execution_options(**{WRITES: True})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('umecrawl create', 0))"))
            if _facts(connection) is None:  # another process may have been faster
                _make(connection)

    def _refuse_foreign(self, connection: Connection) -> None:
        if _facts(connection) is not None:
            return
        there = set(inspect(connection).get_table_names()) | set(inspect(connection).get_view_names())
        ours = set(metadata.tables) | set(views_metadata.tables)
        # A SQLite file is ours alone; a PostgreSQL schema may be shared, as long as no name is taken.
        foreign = there if connection.dialect.name == "sqlite" else there & ours
        if foreign:
            raise SchemaError(
                f"the database {self.url} holds tables of another program ({', '.join(sorted(foreign)[:5])})",
                hint="Give the index a database of its own: --database URL",
            )

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with ExitStack() as held:
            path = file_of(self._engine.url)
            if path is not None:
                held.enter_context(file_lock(path))
            held.enter_context(self._explained())
            connection = held.enter_context(self._engine.connect().execution_options(**{WRITES: True}))
            if connection.dialect.name == "postgresql":
                held.enter_context(advisory_lock(connection))
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise explained(error, self._engine.url) from error


def _outside_transaction(connection: Connection, statement: str) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(statement).close()


def _make(connection: Connection) -> None:
    metadata.create_all(connection)
    views_metadata.create_all(connection)
    facts = {
        "format": _FORMAT,
        "schema": str(SCHEMA_VERSION),
        "software": f"umecrawl {__version__}",
        "tables": json.dumps([table.name for table in reversed(metadata.sorted_tables)]),
        "views": json.dumps(list(views_metadata.tables)),
    }
    connection.execute(insert(about), [{"name": name, "value": value} for name, value in facts.items()])
    fulltext.create(connection)


def _facts(connection: Connection) -> dict[str, str] | None:
    """Return what the database says of itself; nothing where it holds no index of ours."""
    if not inspect(connection).has_table(about.name):
        return None
    columns = {column["name"] for column in inspect(connection).get_columns(about.name)}
    if not {"name", "value"} <= columns:
        return None
    facts = dict(connection.execute(select(about.c.name, about.c.value)).all())
    return facts if facts.get("format") == _FORMAT else None


def _recorded(connection: Connection) -> tuple[Sequence[str], Sequence[str]]:
    # The index may be of another version, with other tables than ours.
    facts = _facts(connection) or {}
    return json.loads(facts.get("views", "[]")), json.loads(facts.get("tables", "[]"))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
