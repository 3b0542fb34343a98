"""The statements of the views of runs: each with its figures, and the due times that it served."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from umecrawl.index.functions import json_counts, rfc3339
from umecrawl.index.schema import capture, failure, run, run_due, run_end, skip, version, warc


def runs() -> Select[Any]:
    """Return the statement of the view `runs`."""
    fetched, failed, files, served, skips, new = _fetched(), _failed(), _files(), _served(), _skips(), _new()
    captured = func.coalesce(fetched.c.captured, 0)
    return select(
        run.c.uid.label("id"),
        run.c.collection,
        run.c.source,
        rfc3339(run.c.started_at).label("started_at"),
        rfc3339(run_end.c.ended_at).label("ended_at"),
        run_end.c.outcome,
        run_end.c.detail,
        (captured + func.coalesce(failed.c.failed, 0)).label("requested"),
        captured.label("captured"),
        func.coalesce(fetched.c.not_modified, 0).label("not_modified"),
        func.coalesce(fetched.c.revisits, 0).label("revisits"),
        func.coalesce(failed.c.failed, 0).label("failed"),
        run_end.c.not_due,
        func.coalesce(skips.c.skipped, 0).label("skipped"),
        func.coalesce(skips.c.skipped_by_reason, "{}").label("skipped_by_reason"),
        (func.coalesce(fetched.c.bytes_wire, 0) + func.coalesce(failed.c.bytes_wire, 0)).label("bytes_wire"),
        func.coalesce(files.c.bytes_stored, fetched.c.bytes_stored, 0).label("bytes_stored"),
        func.coalesce(new.c.new_versions, 0).label("new_versions"),
        run.c.title,
        run.c.operator,
        run.c.contact,
        run.c.user_agent,
        run.c.robots,
        run.c.software,
        run.c.settings,
        rfc3339(served.c.due_at).label("due_at"),
        served.c.late_seconds,
        served.c.missed,
    ).select_from(
        run.outerjoin(run_end, _is_last_end())
        .outerjoin(fetched, fetched.c.run_id == run.c.id)
        .outerjoin(failed, failed.c.run_id == run.c.id)
        .outerjoin(skips, skips.c.run_id == run.c.id)
        .outerjoin(new, new.c.run_id == run.c.id)
        .outerjoin(files, files.c.run_id == run.c.id)
        .outerjoin(served, served.c.run_id == run.c.id)
    )


def schedule() -> Select[Any]:
    """Return the statement of the view `schedule`."""
    return select(
        run.c.uid.label("run"),
        run_due.c.source,
        run_due.c.why,
        rfc3339(run_due.c.due_at).label("due_at"),
        rfc3339(run.c.started_at).label("started_at"),
        run_due.c.late_seconds,
        run_due.c.missed,
        rfc3339(run_due.c.missed_first).label("missed_first"),
        rfc3339(run_due.c.missed_last).label("missed_last"),
        run_due.c.failures,
    ).select_from(run_due.join(run, run.c.id == run_due.c.run_id))


def _fetched() -> Subquery:
    return (
        select(
            capture.c.run_id,
            func.count().label("captured"),
            _count(capture.c.status == 304).label("not_modified"),  # noqa: PLR2004 - HTTP
            _count(and_(capture.c.record_type == "revisit", capture.c.status != 304)).label("revisits"),  # noqa: PLR2004 - HTTP
            _total(capture.c.wire_bytes).label("bytes_wire"),
            _total(capture.c.length).label("bytes_stored"),
        )
        .group_by(capture.c.run_id)
        .subquery("fetched")
    )


def _failed() -> Subquery:
    return (
        select(failure.c.run_id, func.count().label("failed"), _total(failure.c.wire_bytes).label("bytes_wire"))
        .group_by(failure.c.run_id)
        .subquery("failed")
    )


def _files() -> Subquery:
    return (
        select(warc.c.run_id, _total(warc.c.watermark).label("bytes_stored")).group_by(warc.c.run_id).subquery("files")
    )


def _served() -> Subquery:
    return (
        select(
            run_due.c.run_id,
            func.min(run_due.c.due_at).label("due_at"),
            func.max(run_due.c.late_seconds).label("late_seconds"),
            cast(func.sum(run_due.c.missed), Integer).label("missed"),
        )
        .group_by(run_due.c.run_id)
        .subquery("served")
    )


def _skips() -> Subquery:
    # The inner order is kept by json_group_object, which has no order of its own before SQLite 3.44.
    ruled = (
        select(skip.c.run_id, skip.c.rule, func.count().label("urls"))
        .group_by(skip.c.run_id, skip.c.rule)
        .order_by(skip.c.run_id, skip.c.rule)
        .subquery("ruled")
    )
    return (
        select(
            ruled.c.run_id,
            cast(func.sum(ruled.c.urls), Integer).label("skipped"),
            json_counts(ruled.c.rule, ruled.c.urls).label("skipped_by_reason"),
        )
        .group_by(ruled.c.run_id)
        .subquery("skips")
    )


def _new() -> Subquery:
    return (
        select(capture.c.run_id, func.count().label("new_versions"))
        .select_from(version.join(capture, capture.c.id == version.c.first_capture_id))
        .group_by(capture.c.run_id)
        .subquery("new")
    )


def _is_last_end() -> ColumnElement[bool]:
    """Return the condition that an end is the last one of its run: a run that was resumed has several."""
    later = run_end.alias("later")
    return and_(
        run_end.c.run_id == run.c.id,
        ~select(literal(1))
        .where(
            later.c.run_id == run_end.c.run_id,
            or_(
                later.c.ended_at > run_end.c.ended_at,
                and_(later.c.ended_at == run_end.c.ended_at, later.c.outcome > run_end.c.outcome),
            ),
        )
        .exists(),
    )


def _total(column: ColumnElement[int]) -> ColumnElement[int]:
    return cast(func.sum(column), Integer().with_variant(BigInteger(), "postgresql"))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
