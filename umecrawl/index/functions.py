"""SQL functions that SQLite and PostgreSQL spell differently, written once."""

from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class rfc3339(FunctionElement[str]):  # noqa: N801  (an SQL function)
    """A time as text, the same on both databases."""

    type = String()
    name = "rfc3339"
    inherit_cache = True


class json_counts(FunctionElement[str]):  # noqa: N801  (an SQL function)
    """An aggregate of (name, count) rows into one JSON object, as compact text."""

    type = Text()
    name = "json_counts"
    inherit_cache = True


@compiles(rfc3339)
def _rfc3339(element: rfc3339, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(rfc3339, "postgresql")
def _rfc3339_postgresql(element: rfc3339, compiler: SQLCompiler, **kw: Any) -> str:
    at = compiler.process(element.clauses, **kw)
    return f"""to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


@compiles(json_counts)
def _json_counts(element: json_counts, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_group_object({compiler.process(element.clauses, **kw)})"


@compiles(json_counts, "postgresql")
def _json_counts_postgresql(element: json_counts, compiler: SQLCompiler, **kw: Any) -> str:
    name, count = (compiler.process(part, **kw) for part in element.clauses)
    return f"'{{' || string_agg(to_json({name}::text)::text || ':' || {count}, ',' ORDER BY {name}) || '}}'"
