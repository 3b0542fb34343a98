"""Exports of tables: the rows of a view as CSV, JSON lines or Parquet, batch by batch, so that memory stays flat."""

import csv
import io
import json
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol

from umecrawl import SOFTWARE
from umecrawl.errors import UmecrawlError
from umecrawl.index.views import DESCRIPTIONS
from umecrawl.query.extracts import Extract, as_time
from umecrawl.query.selection import Choice

_GROUP: Final = 16_000_000  # octets of a row group of Parquet, before it is compressed
_ARROW: Final = {"text": "string", "json": "string", "integer": "int64", "number": "float64", "boolean": "bool_"}


class Sink(Protocol):
    """Where octets go: a file, or stdout."""

    def write(self, data: bytes, /) -> int:
        """Write octets."""


def write_csv(extract: Extract, sink: Sink) -> int:
    """Write RFC 4180 with a header line, in UTF-8; return the number of rows. Lists are JSON, absent values empty."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, [column.name for column in extract.columns], lineterminator="\r\n")
    writer.writeheader()
    number = 0
    for rows in extract.batches():
        writer.writerows(rows)
        number += len(rows)
        _flush(buffer, sink)
    _flush(buffer, sink)
    return number


def write_jsonl(extract: Extract, sink: Sink) -> int:
    """Write a JSON object a line, in UTF-8; return the number of rows. Lists are arrays, absent values null."""
    lists = {column.name for column in extract.columns if column.kind == "json"}
    number = 0
    for rows in extract.batches():
        lines = (
            json.dumps(
                {name: json.loads(str(value)) if name in lists and value else value for name, value in row.items()},
                ensure_ascii=False,
            )
            for row in rows
        )
        sink.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
        number += len(rows)
    return number


def parquet_writer(view: str, choice: Choice) -> Callable[[Extract, Sink], int]:
    """Return what writes Parquet, compressed by Zstandard, with what was exported in the metadata of the file.

    Times are timestamps in UTC, lists JSON. Raises `UmecrawlError` where pyarrow is not installed.
    """
    if not find_spec("pyarrow"):
        raise UmecrawlError(
            "an export as Parquet needs pyarrow, which is not installed",
            hint="Install it: pip install 'umecrawl[parquet]'; CSV and JSON lines need nothing.",
        )
    arrow: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    about = {
        "umecrawl:software": SOFTWARE,
        "umecrawl:view": view,
        "umecrawl:about": DESCRIPTIONS[view],
        "umecrawl:filters": json.dumps(dict(choice.named()), ensure_ascii=False),
    }

    def write(extract: Extract, sink: Sink) -> int:
        kinds = {
            column.name: arrow.timestamp("us", tz="UTC")
            if column.kind == "time"
            else getattr(arrow, _ARROW[column.kind])()
            for column in extract.columns
        }
        schema = arrow.schema(list(kinds.items()), metadata=about)
        times = [column.name for column in extract.columns if column.kind == "time"]
        number = 0
        with parquet.ParquetWriter(arrow.PythonFile(_Open(sink), mode="w"), schema, compression="zstd") as writer:
            waiting: list[Any] = []
            for rows in extract.batches():
                for row in rows:
                    row.update({name: as_time(row[name]) for name in times})
                # Of the batches that wait for each other Arrow takes a tenth of the memory that their rows took.
                waiting.append(arrow.Table.from_pylist(rows, schema=schema))
                number += len(rows)
                if sum(some.nbytes for some in waiting) >= _GROUP:
                    writer.write_table(arrow.concat_tables(waiting))
                    waiting = []
            if waiting:
                writer.write_table(arrow.concat_tables(waiting))
        return number

    return write


class _Open:
    """A sink as Arrow takes it: it asks whether a file is open, and has it closed by whoever opened it."""

    closed = False

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._written = 0

    def write(self, data: bytes) -> int:
        octets = bytes(data)
        self._sink.write(octets)
        self._written += len(octets)
        return len(octets)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def _flush(buffer: io.StringIO, sink: Sink) -> None:
    sink.write(buffer.getvalue().encode("utf-8", "replace"))
    buffer.seek(0)
    buffer.truncate()
