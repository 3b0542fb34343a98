"""Databases by their URL: which are taken, and an engine for each that sets up its connections."""

import os
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from umecrawl.errors import ServiceError, UsageError
from umecrawl.index import fulltext

# An execution option: this connection writes.
WRITES: Final = "umecrawl_writes"
_CONNECT_SECONDS = 10
_BUSY_SECONDS = 30.0
# What a server's list of sessions calls ours; `application_name` in the URL wins over it.
_PROGRAM = "umecrawl"


def parsed(database_url: str) -> URL:
    """Return a URL in the parts SQLAlchemy takes it in. Raises `UsageError` for one of another kind of database."""
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        raise UsageError(
            f"not a database URL: {database_url!r}",
            hint="Write it as sqlite:////path/to/index.sqlite or postgresql://user@host/name.",
        ) from error
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise UsageError(f"no index can be kept in {url.drivername}", hint="Use SQLite or PostgreSQL.")
    return url


def file_of(url: URL) -> Path | None:
    """Return the file of a SQLite database; nothing for any other."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database))


def engine_of(url: URL) -> Engine:
    """Return an engine whose connections read, and write with the execution option `WRITES`.

    Raises `UsageError` for a SQLite database in memory, or where PostgreSQL's driver is not installed.
    """
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite and file_of(url) is None:
        raise UsageError("an index in memory would be gone at once", hint="Name a file: sqlite:///index.sqlite")
    path = file_of(url)
    still = {"creator": partial(_connect_unchanging, path)} if path is not None and _is_unchanging(path) else {}
    of_server = {"connect_timeout": _CONNECT_SECONDS, "fallback_application_name": _PROGRAM}
    arguments: dict[str, object] = {"timeout": _BUSY_SECONDS} if is_sqlite else of_server
    try:
        # No pool: commands are short, and a connection left in one would outlive its process's fork.
        engine = create_engine(
            url, poolclass=NullPool, connect_args={k: v for k, v in arguments.items() if k not in url.query}, **still
        )
    except (NoSuchModuleError, ImportError) as error:
        raise UsageError(
            "PostgreSQL needs psycopg, which is not installed", hint="Install it: pip install 'umecrawl[postgres]'"
        ) from error
    for undone in ("rollback", "rollback_savepoint"):
        event.listen(engine, undone, fulltext.forget)
    if is_sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _is_unchanging(path: Path) -> bool:
    """Whether nobody can be writing the file: it lies where nothing can be written, and no log of writes beside it."""
    return (
        path.exists()
        and not os.access(path.parent, os.W_OK)
        and not os.access(path, os.W_OK)
        and not path.with_name(f"{path.name}-wal").exists()
    )


def _connect_unchanging(path: Path) -> sqlite3.Connection:
    # Reading in WAL mode writes a file beside the database, which cannot be where nothing can be written.
    return sqlite3.connect(f"file:{quote(str(path))}?immutable=1", uri=True)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # Transactions are begun by `_begin_sqlite`: sqlite3's own way begins none for DDL and for reads.
    connection.isolation_level = None
    for pragma in ("foreign_keys = ON", "synchronous = NORMAL", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once; taking it after a read could fail with no way to go on.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def check_text(connection: Connection) -> None:
    """Raise `ServiceError` where a PostgreSQL database cannot hold Swedish text."""
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    folds = connection.execute(text("SELECT lower('ÅÄÖ') = 'åäö'")).scalar_one() if encoding == "UTF8" else False
    if not folds:
        raise ServiceError(
            f"the PostgreSQL database {connection.engine.url.render_as_string()} cannot fold Swedish letters "
            f"(encoding {encoding}, or LC_CTYPE is C)",
            hint="Create it as: createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 NAME",
        )
