"""Runs of the archive: all of them with their figures, or the row number of one."""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, select

from umecrawl.errors import NotFoundError
from umecrawl.index import views
from umecrawl.index.schema import run
from umecrawl.query.rows import Counts, RunRow, row_of

_LATEST_FIRST = select(run.c.id, run.c.uid).order_by(run.c.started_at.desc().nulls_last(), run.c.uid.desc()).limit(1)


def find_runs(connection: Connection) -> list[RunRow]:
    """Return all runs in the order of their start."""
    table = views.runs
    rows = [
        row._asdict()
        for row in connection.execute(select(table).order_by(table.c.started_at.nulls_first(), table.c.id))
    ]
    return [row_of(RunRow, {**row, "skipped": _counts(row)}) for row in rows]


def run_number(connection: Connection, run_id: str, *, or_last: bool = False) -> int:
    """Return the row number of a run in the index; with `or_last`, the name `last` stands for the latest.

    Nothing of its figures is read, for these are summed up over all captures. Raises `NotFoundError`, naming the
    latest, for an id that is not in the archive.
    """
    number: int | None = connection.execute(select(run.c.id).where(run.c.uid == run_id)).scalar()
    if number is not None:
        return number
    latest = connection.execute(_LATEST_FIRST).one_or_none()
    if latest is not None and or_last and run_id == "last":
        return int(latest.id)
    hint = "Nothing was crawled yet." if latest is None else f"The latest is {latest.uid}; `umecrawl status` lists all."
    raise NotFoundError(f"the archive has no run {run_id}", hint=hint)


def _counts(row: Mapping[str, object]) -> Counts:
    by_rule: dict[str, int] = json.loads(str(row["skipped_by_reason"]))
    return Counts(tuple(sorted(by_rule.items())))
