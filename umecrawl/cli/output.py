"""Answers on stdout: a table for people, JSON, JSON lines or CSV for programs."""

import csv
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

import click

from umecrawl.query.json_form import AnyRow, as_json

F = TypeVar("F", bound=Callable[..., object])


class _Rows(click.IntRange):
    """How many rows; more than any database takes for a number is that many."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        return min(super().convert(cast("int", value), param, ctx), 2**31 - 1)  # click parses what is none


_ROWS = _Rows(min=1)


class Form(StrEnum):
    """How a listing is printed."""

    TABLE = "table"
    JSON = "json"
    NL = "nl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: a field of the row and its heading.

    Where room is short, a column that `gives_way` is narrowed: it wraps when it is set to `fold`, else it is cut.
    `short` cuts an id to that many characters; `moment` prints a time to the second, without its `T` and `Z`.
    """

    field: str
    heading: str
    right: bool = False
    fold: bool = False
    gives_way: bool = False
    short: int | None = None
    moment: bool = False


def listing_options(command: F) -> F:
    """Add `--json`, `--nl`, `--csv`, `--table` and `--limit` to a command."""
    options = [
        click.option("--json", "form", flag_value=Form.JSON, type=Form, help="One JSON array."),
        click.option("--nl", "form", flag_value=Form.NL, type=Form, help="JSON lines."),
        click.option("--csv", "form", flag_value=Form.CSV, type=Form, help="CSV with a header line."),
        click.option(
            "--table", "form", flag_value=Form.TABLE, type=Form, default=Form.TABLE, help="A table (default)."
        ),
        click.option("--limit", type=_ROWS, metavar="N", help="At most N rows."),
    ]
    decorated: Callable[..., object] = command
    for option in reversed(options):
        decorated = option(decorated)
    return cast("F", decorated)


def emit(rows: Sequence[AnyRow], form: Form, columns: Sequence[Column], *, empty: str = "Nothing found.") -> None:
    """Print rows in the form asked for; a table shows `columns`, every other form all fields."""
    objects = [as_json(row) for row in rows]
    if form is Form.JSON:
        click.echo(json.dumps(objects, ensure_ascii=False, indent=2))
    elif form is Form.NL:
        for one in objects:
            click.echo(json.dumps(one, ensure_ascii=False))
    elif form is Form.CSV:
        _emit_csv(objects)
    elif not objects:
        click.echo(empty, err=True)
    else:
        print_table(objects, columns)


def emit_object(row: AnyRow) -> None:
    """Print one row as a JSON object."""
    click.echo(json.dumps(as_json(row), ensure_ascii=False, indent=2))


def _emit_csv(objects: Sequence[Mapping[str, object]]) -> None:
    if not objects:
        return
    writer = csv.DictWriter(sys.stdout, fieldnames=list(objects[0]), lineterminator="\n")
    writer.writeheader()
    for one in objects:
        writer.writerow({name: _cell(value) for name, value in one.items()})


def print_table(objects: Sequence[Mapping[str, object]], columns: Sequence[Column]) -> None:
    """Print objects as a table on stdout."""
    # Many answers are no table.
    from rich import box  # noqa: PLC0415  (measured start-up cost)
    from rich.table import Table  # noqa: PLC0415  (measured start-up cost)
    from rich.text import Text  # noqa: PLC0415  (measured start-up cost)

    from umecrawl.cli.screen import Screen  # noqa: PLC0415  (measured start-up cost)

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0), pad_edge=False, show_edge=False)
    cells = [[_shown(one.get(column.field), column) for column in columns] for one in objects]
    for number, column in enumerate(columns):
        widest = max(len(row[number]) for row in cells)
        table.add_column(
            column.heading,
            justify="right" if column.right else "left",
            overflow="fold" if column.fold else "ellipsis",
            no_wrap=not column.fold,
            # Where room is short, only the columns made for it give way.
            min_width=None if column.gives_way else max(widest, len(column.heading)),
        )
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    Screen().print(table)


def _shown(value: object, column: Column) -> str:
    text = _cell(value)
    if column.moment:
        text = text[:19].replace("T", " ")
    return text[: column.short] if column.short else text


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "; ".join(_cell(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
