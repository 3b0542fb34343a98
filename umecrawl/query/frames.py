"""Views as data frames of pandas or polars, whichever is installed."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from umecrawl.errors import UmecrawlError
from umecrawl.query.extracts import Extract, as_time


def columns_of(extract: Extract) -> dict[str, list[object]]:
    """Return an extract by column, with the times of our own clock as times."""
    columns: dict[str, list[object]] = {column.name: [] for column in extract.columns}
    times = [column.name for column in extract.columns if column.kind == "time"]
    for rows in extract.batches():
        for row in rows:
            for name, value in row.items():
                columns[name].append(value)
    return columns | {name: [as_time(value) for value in columns[name]] for name in times}


def frame_maker() -> Callable[[dict[str, list[object]]], Any]:
    """Return what makes a data frame of columns. Raises `UmecrawlError` where neither library is installed."""
    for library in ("pandas", "polars"):
        if find_spec(library):
            make: Callable[[dict[str, list[object]]], Any] = import_module(library).DataFrame
            return make
    raise UmecrawlError(
        "a data frame needs pandas or polars, and neither is installed",
        hint="Install one: pip install 'umecrawl[frame]'",
    )
