"""Inserts many rows into a table by the driver: by one prepared statement on SQLite, by COPY on PostgreSQL.

SQLAlchemy makes a dictionary of parameters for each row and looks up how each value is bound; for rows of a few
numbers and short texts that takes longer than the database does. What it would send to PostgreSQL is a statement for
each row, for which the server begins anew; COPY is no slower for one row, and takes half the time for many.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy.exc import DBAPIError

_AT_ONCE = 5_000

_Binds = tuple[tuple[str, Callable[[Any], Any] | None], ...]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns; there may be none. Raises `ValueError` where one names others."""
    if not rows:
        return
    statement, binds = _statement(table, tuple(rows[0]), connection.dialect)
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        if any(len(row) != len(binds) for row in some):  # a value that has no place would be lost in silence
            raise ValueError(f"a row of {table.name} names other columns than the first")
        # Column by column, so that only those whose values are bound otherwise than as they are cost a call each.
        columns = [
            [row[name] for row in some] if bind is None else [bind(row[name]) for row in some] for name, bind in binds
        ]
        tuples = list(zip(*columns, strict=True))
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(statement, tuples)
        else:
            _copy(connection, statement, tuples)


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Send rows by COPY; its errors are those that SQLAlchemy raises for a statement."""
    if not connection.in_transaction():
        raise ValueError("COPY goes past SQLAlchemy, which would not commit it: begin a transaction first")
    driver: Any = connection.connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        is_lost = connection.dialect.is_disconnect(error, driver, None)
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            connection_invalidated=is_lost,
            dialect=connection.dialect,
        ) from error


@lru_cache(maxsize=256)
def _statement(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, _Binds]:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    names = compiled.positiontup if compiled.positional else list(columns)
    assert names is not None
    binds = tuple((name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names)
    if dialect.name == "sqlite":
        return str(compiled), binds
    quoted = dialect.identifier_preparer
    into = f"{quoted.format_table(table)} ({', '.join(quoted.quote(name) for name in names)})"
    return f"COPY {into} FROM STDIN", binds
