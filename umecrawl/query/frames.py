"""Views as data frames of pandas or polars, whichever is installed."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from umecrawl.errors import UmecrawlError

# The columns that hold the times of our own clock; what pages say of themselves may be a bare date and stays text.
_TIMES = frozenset(
    {"captured_at", "fetched_at", "skipped_at", "detected_at", "started_at", "ended_at"}
    | {"first_seen", "last_seen", "first_sighted", "last_sighted"}
)


def with_times(columns: dict[str, list[object]]) -> dict[str, list[object]]:
    """Return columns of a view with the times of our own clock as times."""
    return {name: _times(column) if name in _TIMES else column for name, column in columns.items()}


def _times(column: list[object]) -> list[object]:
    return [datetime.fromisoformat(str(value)) if value else None for value in column]


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
