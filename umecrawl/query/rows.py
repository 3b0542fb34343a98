"""The rows that answers are made of: frozen, with the field names that users rely on.

The modules named `…_rows` say which fields each kind has; here they are put together and made.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from types import GenericAlias, UnionType
from typing import TypeVar, get_args, get_type_hints

from umecrawl.query.capture_rows import CaptureRow, CoverageRow, FetchRow, RunRow, SkippedRow, StatusRow
from umecrawl.query.change_rows import ChangeRow, CitationRow, RemovalRow, RemovalStep, ReuseRow
from umecrawl.query.counting_rows import CountRow, SimilarRow, TimelineRow
from umecrawl.query.counts import Counts
from umecrawl.query.finding_rows import AuditRow, ComparisonRow, FindingRow, NewsKind, NewsRow, ReadingChangeRow
from umecrawl.query.run_rows import DueRow, HealthRow, InterfaceRow, ReportRow, UncapturedRow
from umecrawl.query.statement_rows import ClaimRow, CommentRow, SightingRow, Signatory
from umecrawl.query.version_rows import SearchHit, VersionRow, VersionStep

__all__ = [
    "AuditRow",
    "CaptureRow",
    "ChangeRow",
    "CitationRow",
    "ClaimRow",
    "CommentRow",
    "ComparisonRow",
    "Counts",
    "CoverageRow",
    "DueRow",
    "FetchRow",
    "FindingRow",
    "HealthRow",
    "InterfaceRow",
    "NewsKind",
    "NewsRow",
    "ReadingChangeRow",
    "RemovalRow",
    "RemovalStep",
    "ReportRow",
    "ReuseRow",
    "Row",
    "RunRow",
    "SearchHit",
    "SightingRow",
    "Signatory",
    "SkippedRow",
    "StatusRow",
    "UncapturedRow",
    "VersionRow",
    "VersionStep",
    "row_of",
]

Row = (
    CaptureRow
    | VersionRow
    | SearchHit
    | VersionStep
    | CountRow
    | TimelineRow
    | SimilarRow
    | RunRow
    | FetchRow
    | SkippedRow
    | StatusRow
    | NewsRow
    | ReuseRow
    | SightingRow
    | ClaimRow
    | CommentRow
    | ChangeRow
    | RemovalRow
    | RemovalStep
    | CoverageRow
    | CitationRow
    | ReadingChangeRow
    | ComparisonRow
    | FindingRow
    | AuditRow
    | DueRow
    | HealthRow
    | InterfaceRow
    | ReportRow
    | UncapturedRow
)


R = TypeVar("R", bound=Row)


def row_of(kind: type[R], columns: Mapping[str, object]) -> R:
    """Return a row of the kind from the columns of a view, of which it takes those it has fields for.

    The views give times as RFC 3339 text, truth as 0 and 1 and lists as JSON, the same on both databases.
    """
    make: Callable[..., R] = kind
    return make(**{name: _typed(columns[name], wanted) for name, wanted in _FIELD_TYPES[kind.__name__].items()})


def _field_types(kind: type) -> dict[str, type | None]:
    """Return for each field the type that is made from another one: a time, a truth value, of what a list is.

    None for the rest.
    """
    made: dict[str, type | None] = {}
    for name, hint in get_type_hints(kind).items():
        types = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        of = next((get_args(one)[0] for one in types if isinstance(one, GenericAlias)), None)
        made[name] = of if of in (Signatory, str) else next((one for one in types if one in (datetime, bool)), None)
    return made


_FIELD_TYPES = {kind.__name__: _field_types(kind) for kind in get_args(Row)}


def _typed(value: object, wanted: type | None) -> object:
    if wanted is datetime and isinstance(value, str):
        return datetime.fromisoformat(value)
    if wanted is bool and value is not None:
        return bool(value)
    if wanted is Signatory and isinstance(value, str):
        return tuple(Signatory(**one) for one in json.loads(value)) if value != "[]" else ()
    if wanted is str and not isinstance(value, tuple):
        return tuple(json.loads(str(value))) if value else ()
    return value
