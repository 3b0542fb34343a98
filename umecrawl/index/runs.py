"""The rows of runs: what their files tell of them, how they ended, which due times they served."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, select, update

from umecrawl.index.bulk import insert_rows
from umecrawl.index.numbering import Numbering
from umecrawl.index.schema import run, run_due, run_end
from umecrawl.index.storable import storable
from umecrawl.model.capture import ArchiveEvent
from umecrawl.model.crawl import CrawlRun, RunEnd
from umecrawl.model.served import Served, served_by


class Runs:
    """The runs in the index, written through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbering = Numbering(connection, run, "uid")

    def numbers(self, uids: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of those runs that are in the index."""
        return self._numbering.known(uids)

    def put(self, events: Sequence[ArchiveEvent]) -> dict[str, int]:
        """Make rows of the runs that these events tell of or name; return the number of each by its id."""
        started = [event for event in events if isinstance(event, CrawlRun)]
        named = {event.id if isinstance(event, CrawlRun) else event.run for event in events}
        numbers = self._numbering.known(named)
        rows = [{"id": self._numbering.new(uid), "uid": storable(uid)} for uid in sorted(named - numbers.keys())]
        insert_rows(self._connection, run, rows)
        numbers |= self._numbering.known(named)
        for event in started:
            self._describe(numbers[event.id], event)
        ends = {
            (numbers[event.run], event.ended_at, str(event.outcome)): event
            for event in events
            if isinstance(event, RunEnd)
        }
        for (number, ended_at, outcome), end in ends.items():
            same = and_(run_end.c.run_id == number, run_end.c.ended_at == ended_at, run_end.c.outcome == outcome)
            if self._connection.execute(select(run_end.c.run_id).where(same)).first() is None:
                row = {
                    "run_id": number,
                    "ended_at": ended_at,
                    "outcome": outcome,
                    "detail": storable(end.detail),
                    "not_due": end.not_due,
                }
                insert_rows(self._connection, run_end, [row])
        return numbers

    def _describe(self, number: int, event: CrawlRun) -> None:
        values: dict[str, Any] = {
            "started_at": event.started_at,
            "collection": storable(event.collection),
            "title": storable(event.title),
            "source": storable(", ".join(event.sources)),
            "operator": storable(event.operator),
            "contact": storable(event.contact),
            "user_agent": storable(event.user_agent),
            "robots": storable(event.robots),
            "software": storable(event.software),
            "settings": storable(json.dumps(event.settings, ensure_ascii=False)),
        }
        there = self._connection.execute(select(*(run.c[name] for name in values)).where(run.c.id == number)).one()
        # Every file of a run tells of it; should they differ, the least tells it, whichever was read first.
        if there.started_at is None or tuple(values.values()) < tuple(there):
            self._connection.execute(update(run).where(run.c.id == number).values(values))
            self._connection.execute(delete(run_due).where(run_due.c.run_id == number))
            insert_rows(self._connection, run_due, [_due_row(number, served) for served in served_by(event.settings)])


def _due_row(number: int, served: Served) -> dict[str, Any]:
    return {
        "run_id": number,
        "source": storable(served.source),
        "why": storable(served.why),
        "due_at": served.due_at,
        "late_seconds": served.late,
        "missed": served.missed,
        "missed_first": served.missed_first,
        "missed_last": served.missed_last,
        "failures": served.failures,
    }
