"""Sessions that hold tables of an index on PostgreSQL, for which dropping these has to wait.

Who waits for a table alone has all wait that come after, so each try is short, and others get their turn in between.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from umecrawl.errors import ArchiveInUseError

PATIENCE: Final = 60.0
# A deadlock is looked for after 1 s of waiting (`deadlock_timeout`), by whoever came first first: a try that ends
# before 2 s is itself given up for a reader, and no reader for it; one of more than 1 s sends autovacuum away.
_TRY: Final = "1500ms"
_PAUSE_SECONDS = 1.0
# SQLSTATE of a lock that was not to be had in time, and of a deadlock.
_NOT_HAD: Final = frozenset({"55P03", "40P01"})

_THERE = text(
    "SELECT c.oid, CAST(CAST(c.oid AS regclass) AS text) AS name FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = current_schema() AND c.relname = ANY(:names) AND c.relkind IN ('r', 'v') "
    # As questions take them, a view before its tables.
    "ORDER BY c.relkind DESC, c.relname"
)
_HOLD = text(
    "SELECT DISTINCT a.pid, a.usename, a.application_name, a.xact_start FROM pg_locks l "
    "JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.granted AND l.locktype = 'relation' AND l.relation = ANY(CAST(:oids AS oid[])) "
    "AND a.datname = current_database() AND a.pid <> pg_backend_pid() ORDER BY a.pid"
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A session of the server that has tables in use: its process, its role, and what its program calls itself.

    `since` is when its transaction began, where our role may know.
    """

    process: int
    role: str
    program: str
    since: datetime | None

    def __str__(self) -> str:
        since = f", since {self.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if self.since is not None else ""
        return f"{self.role} ({self.program or 'a nameless program'}, server process {self.process}{since})"


def alone(
    connection: Connection,
    names: Sequence[str],
    work: Callable[[], None],
    *,
    patience: float = PATIENCE,
    tell: Callable[[str], None] | None = None,
) -> None:
    """Do some work in a transaction of its own, in which no other session has one of the tables and views in use.

    `patience` is for how many seconds it is tried; who is waited for is told. Raises `ArchiveInUseError`, naming
    them, when it is over; then nothing was done.
    """
    until = time.monotonic() + patience
    told: list[Holder] = []
    while True:
        try:
            with connection.begin():
                _take(connection, names)
                work()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _NOT_HAD:
                raise
        else:
            return
        found = holders(connection, names)
        if time.monotonic() >= until:
            raise _in_use(connection, found)
        if tell is not None and found and found != told:
            tell(f"Waiting for who has the index in use: {', '.join(map(str, found))}.")
            told = found
        time.sleep(_PAUSE_SECONDS)


def holders(connection: Connection, names: Sequence[str]) -> list[Holder]:
    """Return the other sessions that have one of the tables and views in use."""
    with connection.begin():
        oids = [row.oid for row in connection.execute(_THERE, {"names": list(names)})]
        rows = connection.execute(_HOLD, {"oids": oids}).all()
    return [Holder(row.pid, row.usename or "", row.application_name or "", row.xact_start) for row in rows]


def _take(connection: Connection, names: Sequence[str]) -> None:
    there = [row.name for row in connection.execute(_THERE, {"names": list(names)})]
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_TRY}'")
    if there:
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(there)} IN ACCESS EXCLUSIVE MODE")


def _in_use(connection: Connection, found: Sequence[Holder]) -> ArchiveInUseError:
    name = connection.engine.url.render_as_string()
    if not found:
        return ArchiveInUseError(f"the index {name} is in use all the time", hint="Try again when fewer people ask.")
    ends = ", ".join(f"pg_terminate_backend({holder.process})" for holder in found)
    return ArchiveInUseError(
        f"the index {name} is in use, and was left as it is: {', '.join(map(str, found))}",
        hint=f"Try again when they have finished, or have the server end them: SELECT {ends};",
    )
