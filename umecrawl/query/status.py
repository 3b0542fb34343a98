"""The state of the whole archive: its figures, and what a person should look at."""

from sqlalchemy import Connection, Executable, and_, func, select

from umecrawl.index import views
from umecrawl.index.schema import capture, extraction, failure, payload, resource, run, run_end, skip, version
from umecrawl.query.interfaces import interface_problems
from umecrawl.query.rows import StatusRow

_MOST_PROBLEMS = 20
_BAD_ENDS = ("failed", "seed-failed", "no-space")


def status(connection: Connection) -> StatusRow:
    """Return figures of the whole archive and sentences on its problems."""
    captures, first, last = connection.execute(
        select(func.count(), func.min(capture.c.at), func.max(capture.c.at)).select_from(capture)
    ).one()
    wire, stored = connection.execute(
        select(func.sum(views.runs.c.bytes_wire), func.sum(views.runs.c.bytes_stored))
    ).one()
    revisits, saved = connection.execute(
        select(func.count(), func.sum(payload.c.size))
        .select_from(capture.join(payload, payload.c.id == capture.c.payload_id))
        .where(capture.c.record_type == "revisit")
    ).one()
    seen = select(capture.c.resource_id).distinct().subquery()
    is_article = version.c.kind == "article"
    return StatusRow(
        captures=captures,
        revisits=revisits,
        bytes_wire=int(wire or 0),
        bytes_stored=int(stored or 0),
        bytes_saved=int(saved or 0),
        resources=_count(connection, select(func.count()).select_from(seen)),
        articles=_count(connection, select(func.count(version.c.article_id.distinct())).where(is_article)),
        versions=_count(connection, select(func.count()).select_from(version).where(is_article)),
        runs=_count(connection, select(func.count()).select_from(run)),
        failed=_count(connection, select(func.count()).select_from(failure)),
        skipped=_count(connection, select(func.count()).select_from(skip)),
        first_capture_at=first,
        last_capture_at=last,
        problems=(*_runs_that_went_wrong(connection), *_work_left(connection), *interface_problems(connection)),
    )


def _runs_that_went_wrong(connection: Connection) -> list[str]:
    runs = views.runs
    # Other tools do not write how a run ended.
    ours = run.c.uid.not_like("import-%")
    unended = select(run.c.uid).where(ours, run.c.id.not_in(select(run_end.c.run_id))).order_by(run.c.uid)
    problems = [
        f"Run {uid} has no end record: it is under way, or was killed and can be resumed."
        for uid in connection.execute(unended.limit(_MOST_PROBLEMS)).scalars()
    ]
    bad = select(runs.c.id, runs.c.outcome, runs.c.detail).where(runs.c.outcome.in_(_BAD_ENDS))
    problems += [
        f"Run {row.id} ended with {row.outcome}" + (f": {row.detail}" if row.detail else ".")
        for row in connection.execute(bad.order_by(runs.c.id.desc()).limit(_MOST_PROBLEMS))
    ]
    return problems


def _work_left(connection: Connection) -> list[str]:
    problems = []
    for table, condition, what in (
        (capture, capture.c.truncated.is_not(None), "captures are cut short"),
        (extraction, extraction.c.outcome == "failed", "pages could not be read"),
        (capture, and_(capture.c.is_page, capture.c.unread), "pages wait for extraction; `umecrawl index` reads them"),
        (
            resource,
            resource.c.stale,
            "URLs wait for their versions to be worked out; `umecrawl index` does it",
        ),
    ):
        number = _count(connection, select(func.count()).select_from(table).where(condition))
        if number:
            problems.append(f"{number} {what}.")
    return problems


def _count(connection: Connection, statement: Executable) -> int:
    return int(connection.execute(statement).scalar_one())
