"""The lock that keeps the index to one writer: a lock file beside a SQLite database, an advisory lock on PostgreSQL.

Either is let go by the operating system or the server when its holder dies, so none is ever left behind.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from umecrawl.errors import ArchiveInUseError, ServiceError

_HINT = "Wait until it has finished; a crawl under way indexes by itself."


@contextmanager
def file_lock(database: Path) -> Iterator[None]:
    """Hold the lock of a SQLite database: `flock` on a file beside it.

    The database file itself must not be opened for it: closing it would drop SQLite's own locks (POSIX fcntl).
    Raises `ArchiveInUseError` when another process or thread holds it, `ServiceError` where it cannot be made.
    """
    path = database.with_name(f"{database.name}.lock")
    try:
        lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ServiceError(
            f"the index {database} cannot be written: {path.name}: {error.strerror}",
            hint="Check that the file and its folder can be written.",
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ArchiveInUseError(f"another process is writing the index {database}", hint=_HINT) from error
        yield
    finally:
        os.close(lock)


@contextmanager
def advisory_lock(connection: Connection) -> Iterator[None]:
    """Hold the lock of an index on PostgreSQL, one for each schema, for the life of the session.

    Raises `ArchiveInUseError` when another session holds it.
    """
    name = text("SELECT hashtextextended('umecrawl index ' || current_schema(), 0)")
    with connection.begin():
        key = connection.execute(name).scalar_one()
        held = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar_one()
    if not held:
        raise ArchiveInUseError(
            f"another process is writing the index {connection.engine.url.render_as_string()}", hint=_HINT
        )
    try:
        yield
    finally:
        if not connection.invalidated and not connection.closed:
            connection.rollback()
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
