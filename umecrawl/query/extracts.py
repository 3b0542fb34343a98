"""Rows of a view, chosen by the filters of an export and read in batches, for tables, files and data frames.

The columns and their values are those of the view (docs/reference/schema.md); every row names its captures or version.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Float,
    Integer,
    Table,
    or_,
    select,
)

from umecrawl.errors import UsageError
from umecrawl.index import views
from umecrawl.index.schema import version
from umecrawl.query.filters import host_named
from umecrawl.query.language import parse
from umecrawl.query.matching import matching
from umecrawl.query.resources import find_own, find_resource
from umecrawl.query.runs import run_number
from umecrawl.query.search import conditions
from umecrawl.query.selection import Choice

BATCH: Final = 1_000
# Columns that hold JSON: lists, and counts by name.
JSON_COLUMNS: Final = frozenset(
    {"signatories", "reasons", "classes", "evidence", "left_lists", "examples", "skipped_by_reason", "settings"}
)
# What names the versions a row is about, in those views where it is not `version`.
_VERSIONS: Final = {
    "versions": ("id",),
    "articles": ("id",),
    "documents": ("id",),
    "changes": ("from_version", "to_version"),
    "citations": ("from_version",),
    "reuse": ("source_version", "target_version"),
}
_URLS: Final = ("canonical_url", "article", "from_url", "source_url", "url")
# Of the columns that a view has, those that no two of its rows have alike.
_ORDER: Final = (
    "captured_at", "fetched_at", "skipped_at", "detected_at", "started_at", "first_seen", "since", "day", "url",
    "from_url", "source_url", "article", "site", "number", "id", "version", "capture", "position", "field", "rank",
    "to_url", "target_url", "source_start", "target_start", "anchor", "sentence", "place", "name", "key", "rule",
    "source", "interface", "value",
)  # fmt: skip
_EMAIL: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
MASK: Final = "[e-mail]"


@dataclass(frozen=True, slots=True)
class ExtractColumn:
    """A column of an extract; `kind` is text, integer, number, boolean, time or json."""

    name: str
    kind: str


class Extract:
    """The rows of one view that a choice takes, asked for through one connection.

    With `mask_emails` addresses in texts stand as `[e-mail]`. Raises `UsageError` for an unknown view, for a filter
    that the view has no column for, and for a malformed query; `NotFoundError` for an unknown URL or run.
    """

    def __init__(self, connection: Connection, view: str, choice: Choice, *, mask_emails: bool = False) -> None:
        self._connection = connection
        self._view = view_named(view)
        self._conditions = _conditions(connection, self._view, choice)
        self._mask = mask_emails
        times = views.time_columns(self._view)
        self.columns = tuple(ExtractColumn(column.name, _kind(column, times)) for column in self._view.columns)

    def batches(self) -> Iterator[list[dict[str, object]]]:
        """Yield the rows in batches, as the view has them, in an order that does not change."""
        for rows in self._by_id() if "text" in self._view.c and "id" in self._view.c else self._in_order():
            found = [dict(row) for row in rows]
            yield [{name: _masked(value) for name, value in row.items()} for row in found] if self._mask else found

    def _in_order(self) -> Iterator[Sequence[Any]]:
        statement = select(self._view).where(*self._conditions).order_by(*self._order())
        result = self._connection.execute(statement, execution_options={"yield_per": BATCH})
        yield from result.mappings().partitions()

    def _by_id(self) -> Iterator[Sequence[Any]]:
        # Texts are looked up by batch, for a sort should not have to carry them along.
        ids = self._connection.execute(
            select(self._view.c.id).where(*self._conditions).order_by(*self._order())
        ).scalars().all()  # fmt: skip
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            rows = self._connection.execute(select(self._view).where(self._view.c.id.in_(part))).mappings()
            found = {row["id"]: row for row in rows}
            yield [found[one] for one in part]

    def _order(self) -> list[ColumnElement[Any]]:
        return [self._view.c[name] for name in _ORDER if name in self._view.c] or list(self._view.c)


def view_named(name: str) -> Table:
    """Return a view by its name. Raises `UsageError`, naming the views, for an unknown one."""
    table = views.views_metadata.tables.get(name)
    if table is None:
        known = ", ".join(sorted(views.views_metadata.tables))
        raise UsageError(f"there is no view {name!r}", hint=f"The views are {known}.")
    return table


def as_time(value: object) -> datetime | None:
    """Return a time of a view as a time in UTC."""
    return datetime.fromisoformat(str(value)) if value else None


def _kind(column: ColumnElement[Any], times: frozenset[str]) -> str:
    if column.name in times:
        return "time"
    if column.name in JSON_COLUMNS:
        return "json"
    kinds = ((Boolean, "boolean"), (Integer, "integer"), (Float, "number"))
    return next((name for kind, name in kinds if isinstance(column.type, kind)), "text")


def _masked(value: object) -> object:
    return _EMAIL.sub(MASK, value) if isinstance(value, str) and "@" in value else value


def _conditions(connection: Connection, view: Table, choice: Choice) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if choice.site is not None:
        wanted.append(_column(view, "site", "--site") == host_named(choice.site))
    if choice.url is not None:
        own = "canonical_url" in view.c
        there = (find_resource if own else find_own)(connection, choice.url).url
        wanted.append(next(view.c[name] for name in _URLS if name in view.c or name == "url") == there)
    if choice.source is not None:
        wanted.append(_column(view, "source", "--source") == choice.source)
    if choice.run is not None:
        run_number(connection, choice.run)
        wanted.append(_of_run(view, choice.run))
    if choice.asks_for_versions:
        found = select(version.c.uid).where(
            version.c.first_capture_id.is_not(None), *conditions(connection, choice.of_versions())
        )
        if choice.query is not None:
            matched = matching(connection, parse(choice.query), ranked=False)
            found = found.where(version.c.id.in_(select(matched.c.version_id)))
        wanted.append(_about(view, "a query or a filter of articles", found))
    return wanted


def _of_run(view: Table, run: str) -> ColumnElement[bool]:
    if view.name == "runs":
        return view.c.id == run
    if "run" in view.c:
        return view.c.run == run
    shown = select(views.captures.c.version).where(views.captures.c.run == run, views.captures.c.version.is_not(None))
    return _about(view, "--run", shown)


def _about(view: Table, what: str, found: Any) -> ColumnElement[bool]:
    names = _VERSIONS.get(view.name, ("version",))
    if names[0] not in view.c:
        raise _no_filter(view, what)
    return or_(*(view.c[name].in_(found) for name in names))


def _column(view: Table, name: str, option: str) -> ColumnElement[Any]:
    if name not in view.c:
        raise _no_filter(view, option)
    return view.c[name]


def _no_filter(view: Table, what: str) -> UsageError:
    return UsageError(
        f"the view {view.name} cannot be narrowed by {what}", hint="Leave it out, or export another view (--view)."
    )
