"""Rows as JSON has them."""

from dataclasses import Field, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from umecrawl.query.counts import Counts


class AnyRow(Protocol):
    """A row of any kind (`umecrawl.query.rows.Row`)."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def as_json(row: AnyRow) -> dict[str, object]:
    """Return a row as `json.dumps` takes it: times in RFC 3339 (UTC), absent values null, `Counts` an object."""
    return {field.name: _plain(getattr(row, field.name)) for field in fields(row)}


def rfc3339(at: datetime) -> str:
    """Return a time as RFC 3339 in UTC, with `Z`; decimals only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _plain(value: object) -> object:
    match value:
        case datetime():
            return rfc3339(value)
        case Counts():
            return dict(value.items)
        case StrEnum():
            return value.value
        case tuple():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):  # a row within a row
            return as_json(value)
        case _:
            return value
