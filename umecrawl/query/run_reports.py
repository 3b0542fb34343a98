"""Reports of a run, as archivists know them from Heritrix: by host, status, media type, source, rule; what is missing.

They are worked out from the index, so they are the same when the folder `runs/` is gone and the index made anew.
"""

from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)

from umecrawl.index.schema import capture, failure, resource, site, skip
from umecrawl.query.rows import ReportRow, UncapturedRow
from umecrawl.query.runs import run_number

_NOT_MODIFIED = 304
_FIGURES = tuple(field.name for field in fields(ReportRow))[1:]


class ReportKind(StrEnum):
    """What the lines of a report stand for."""

    HOST = "host"
    STATUS = "status"
    TYPE = "type"
    SOURCE = "source"
    REASON = "reason"


def report(connection: Connection, run_id: str, kind: ReportKind) -> list[ReportRow]:
    """Return the report of a run, the largest lines first. Raises `NotFoundError` for an unknown run."""
    number = run_number(connection, run_id, or_last=True)
    lines = union_all(_captured(number, kind), _failed(number, kind), _skipped(number, kind)).subquery()
    sums = [func.sum(column).label(column.name) for column in list(lines.c)[1:]]
    query = (
        select(lines.c.key, *sums)
        .group_by(lines.c.key)
        .order_by(func.sum(lines.c.requested).desc(), func.sum(lines.c.skipped).desc(), lines.c.key)
    )
    return [ReportRow(row[0], *(int(value or 0) for value in row[1:])) for row in connection.execute(query)]


def uncaptured(connection: Connection, run_id: str) -> list[UncapturedRow]:
    """Return the URLs that a run knew and did not capture, by URL. Raises `NotFoundError` for an unknown run."""
    number = run_number(connection, run_id, or_last=True)
    other = capture.alias("other")
    here = capture.alias("here")
    elsewhere = exists().where(other.c.resource_id == resource.c.id, other.c.run_id != number)
    has_it = exists().where(here.c.resource_id == resource.c.id, here.c.run_id == number)
    failed = (
        select(
            failure.c.url,
            failure.c.kind,
            failure.c.detail,
            failure.c.source,
            failure.c.via,
            failure.c.attempt,
            elsewhere.label("before"),
        )
        .join(resource, resource.c.id == failure.c.resource_id)
        .where(failure.c.run_id == number, ~has_it)
        .order_by(failure.c.url, failure.c.at)
    )
    left = (
        select(skip.c.url, skip.c.rule, skip.c.reason, skip.c.source, skip.c.via, elsewhere.label("before"))
        .join(resource, resource.c.id == skip.c.resource_id)
        .where(skip.c.run_id == number, ~has_it)
    )
    found: dict[str, UncapturedRow] = {}
    for url, rule, reason, source, via, before in connection.execute(left):
        found[url] = UncapturedRow(url, rule, reason, source, via, 0, bool(before))
    for url, why, detail, source, via, attempt, before in connection.execute(failed):  # the last try of a URL counts
        found[url] = UncapturedRow(url, why, detail, source, via, attempt, bool(before))
    return [found[url] for url in sorted(found)]


def _captured(number: int, kind: ReportKind) -> Select[Any]:
    key: dict[ReportKind, ColumnElement[str]] = {
        ReportKind.STATUS: cast(capture.c.status, Text),
        ReportKind.TYPE: capture.c.mime,
        ReportKind.SOURCE: capture.c.source,
        ReportKind.REASON: literal("captured"),
        ReportKind.HOST: site.c.host,
    }
    unchanged = capture.c.status == _NOT_MODIFIED
    return _lines(
        key[kind],
        (
            literal(1),
            literal(1),
            case((unchanged, 1), else_=0),
            case((and_(capture.c.record_type == "revisit", ~unchanged), 1), else_=0),
            literal(0),
            literal(0),
            capture.c.wire_bytes,
            capture.c.length,
        ),
        capture,
        number,
    )


def _failed(number: int, kind: ReportKind) -> Select[Any]:
    key: dict[ReportKind, ColumnElement[str]] = {
        ReportKind.STATUS: failure.c.kind,
        ReportKind.TYPE: literal("none"),
        ReportKind.SOURCE: failure.c.source,
        ReportKind.REASON: failure.c.kind,
        ReportKind.HOST: site.c.host,
    }
    zero = literal(0)
    return _lines(
        key[kind], (literal(1), zero, zero, zero, literal(1), zero, failure.c.wire_bytes, zero), failure, number
    )


def _skipped(number: int, kind: ReportKind) -> Select[Any]:
    key: dict[ReportKind, ColumnElement[str]] = {
        ReportKind.STATUS: literal("left out"),
        ReportKind.TYPE: literal("none"),
        ReportKind.SOURCE: skip.c.source,
        ReportKind.REASON: skip.c.rule,
        ReportKind.HOST: site.c.host,
    }
    zero = literal(0)
    return _lines(key[kind], (zero, zero, zero, zero, zero, literal(1), zero, zero), skip, number)


def _lines(key: ColumnElement[str], figures: Sequence[ColumnElement[Any]], table: Table, number: int) -> Select[Any]:
    named = [figure.label(name) for figure, name in zip(figures, _FIGURES, strict=True)]
    return (
        select(cast(key, Text).label("key"), *named)
        .select_from(
            table.join(resource, resource.c.id == table.c.resource_id).join(site, site.c.id == resource.c.site_id)
        )
        .where(table.c.run_id == number)
    )
