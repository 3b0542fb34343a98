"""Inserts many rows into a table by statements of the driver, made once for each table and set of columns.

SQLAlchemy makes a dictionary of parameters for each row and looks up how each value is bound; for rows of a few
numbers and short texts that takes longer than the database does.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

_AT_ONCE = 5_000

_Binds = tuple[tuple[str, Callable[[Any], Any] | None], ...]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns; there may be none. Raises `ValueError` where one names others."""
    if not rows:
        return
    statement, binds, is_positional = _statement(table, tuple(rows[0]), connection.dialect)
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        if any(len(row) != len(binds) for row in some):  # a value that has no place would be lost in silence
            raise ValueError(f"a row of {table.name} names other columns than the first")
        # Column by column, so that only those whose values are bound otherwise than as they are cost a call each.
        columns = [
            [row[name] for row in some] if bind is None else [bind(row[name]) for row in some] for name, bind in binds
        ]
        tuples = list(zip(*columns, strict=True))
        if is_positional:
            connection.exec_driver_sql(statement, tuples)
        else:
            names = [name for name, _ in binds]
            connection.exec_driver_sql(statement, [dict(zip(names, one, strict=True)) for one in tuples])


@lru_cache(maxsize=256)
def _statement(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, _Binds, bool]:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    names = compiled.positiontup if compiled.positional else list(columns)
    assert names is not None
    binds = tuple((name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names)
    return str(compiled), binds, bool(compiled.positional)
