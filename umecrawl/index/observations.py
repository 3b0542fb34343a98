"""What the archive tells, put into rows: runs, captures, failed fetches, URLs left out.

Each event may be put any number of times and in any order: a row is made once, and where two events tell of the
same thing differently, which of them counts does not depend on which came first.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, exists, insert, or_, select, update

from umecrawl.index.interface_tables import put_findings
from umecrawl.index.manifests import named_by, put_listed
from umecrawl.index.numbering import Numbering, chunks
from umecrawl.index.reservations import header_reservation, put_reservations
from umecrawl.index.resources import Resources
from umecrawl.index.schema import BLOCKED, capture, extraction, failure, payload, run, run_due, run_end, skip, warc
from umecrawl.index.storable import storable, storable_or_none
from umecrawl.index.warcs import Warcs, at_first_place
from umecrawl.model.capture import ArchiveEvent, Capture, FailedFetch, RecordRef, RecordType, Truncation
from umecrawl.model.crawl import CrawlRun, RunEnd, Skipped
from umecrawl.model.readable import HTML_TYPES, is_readable
from umecrawl.model.served import Served, served_by
from umecrawl.model.urls import Url

_OK = 200
_NOT_MODIFIED = 304


def can_be_read(observed: Capture) -> bool:
    """Return whether an extractor is to read this capture: it can show a page, or a wall in front of one."""
    wall = observed.status in BLOCKED and observed.mime in {"", *HTML_TYPES}
    return wall or _shows_page(observed)


def is_page(observed: Capture) -> bool:
    """Return whether this capture shows what its payload gave: it can be read, or says that nothing changed."""
    confirms = observed.status == _NOT_MODIFIED and observed.record_type is RecordType.REVISIT
    return confirms or _shows_page(observed)


def _shows_page(observed: Capture) -> bool:
    # Without a type, the extractor looks at the first octets, as browsers do.
    return observed.status == _OK and (not observed.mime or is_readable(observed.mime, observed.url))


class Observations:
    """The rows made of archive events, written through one connection."""

    def __init__(self, connection: Connection, resources: Resources, warcs: Warcs) -> None:
        self._connection = connection
        self._resources = resources
        self._warcs = warcs
        self._runs = Numbering(connection, run, "uid")
        self._payloads = Numbering(connection, payload, "digest")
        self._captures = Numbering(connection, capture, "uid")
        self._failures = Numbering(connection, failure, "uid")
        self._skips = Numbering(connection, skip, "digest")

    def put(self, events: Sequence[ArchiveEvent]) -> None:
        """Make rows of these events."""
        captures = at_first_place(event for event in events if isinstance(event, Capture))
        failures = at_first_place(event for event in events if isinstance(event, FailedFetch))
        skips = {_skip_digest(event): event for event in events if isinstance(event, Skipped)}
        runs = self._put_runs(events)
        recorded: list[Capture | FailedFetch] = [*captures.values(), *failures.values()]
        warcs = self._warcs.numbers({one.record.warc for one in recorded})
        resources = self._resources.numbers(
            [event.url for event in recorded]
            + [event.url for event in skips.values()]
            + [event.location for event in captures.values() if event.location is not None]
            + [url for event in captures.values() for url in named_by(event)]
        )
        payloads = self._put_payloads(captures.values())
        self._put_captures(captures, runs, warcs, resources, payloads)
        put_listed(self._connection, captures.values(), resources, payloads)
        self._put_failures(failures, runs, warcs, resources)
        self._put_skips(skips, runs, resources)
        put_findings(self._connection, events, runs)

    def run_numbers(self, uids: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of those runs that are in the index."""
        return self._runs.known(uids)

    def capture_numbers(self, uids: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of those captures that are in the index."""
        return self._captures.known(uids)

    def payload_numbers(self, digests: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of those payloads that are in the index."""
        return self._payloads.known(digests)

    def settle_unread(self, digests: Iterable[str]) -> None:
        """Take the mark off those unread captures of these payloads that were read, from them or an earlier capture."""
        reading = capture.alias("reading")
        read = (
            exists()
            .where(
                extraction.c.payload_id == capture.c.payload_id,
                extraction.c.resource_id == capture.c.resource_id,
                reading.c.id == extraction.c.capture_id,
                or_(
                    reading.c.at < capture.c.at,
                    and_(reading.c.at == capture.c.at, reading.c.uid <= capture.c.uid),
                ),
            )
            .correlate(capture)
        )
        for chunk in chunks(self._payloads.known(digests).values()):
            self._connection.execute(
                update(capture).where(capture.c.unread, capture.c.payload_id.in_(chunk), read).values(unread=False)
            )

    def _put_runs(self, events: Sequence[ArchiveEvent]) -> dict[str, int]:
        started = [event for event in events if isinstance(event, CrawlRun)]
        named = {event.id if isinstance(event, CrawlRun) else event.run for event in events}
        numbers = self._runs.known(named)
        rows = [{"id": self._runs.new(uid), "uid": storable(uid)} for uid in sorted(named - numbers.keys())]
        self._insert(run, rows)
        numbers |= self._runs.known(named)
        for event in started:
            self._describe_run(numbers[event.id], event)
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
                self._insert(run_end, [row])
        return numbers

    def _describe_run(self, number: int, event: CrawlRun) -> None:
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
            self._insert(run_due, [_due_row(number, served) for served in served_by(event.settings)])

    def _put_payloads(self, captures: Iterable[Capture]) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for event in captures:
            sizes[event.payload_digest] = max(event.size, sizes.get(event.payload_digest, 0))
        numbers = self._payloads.known(sizes)
        for chunk in chunks(numbers):
            known = self._connection.execute(
                select(payload.c.id, payload.c.digest, payload.c.size).where(payload.c.digest.in_(chunk))
            )
            for number, digest, size in known.all():
                if size < sizes[digest]:  # a revisit may not tell the size
                    self._connection.execute(update(payload).where(payload.c.id == number).values(size=sizes[digest]))
        new = [digest for digest in sizes if digest not in numbers]
        rows = [{"id": self._payloads.new(digest), "digest": digest, "size": sizes[digest]} for digest in new]
        self._insert(payload, rows)
        return self._payloads.known(sizes)

    def _put_captures(
        self,
        captures: Mapping[str, Capture],
        runs: Mapping[str, int],
        warcs: Mapping[str, int],
        resources: Mapping[str, int],
        payloads: Mapping[str, int],
    ) -> None:
        known = self._captures.known(captures)
        self._warcs.keep_first_place(capture, known, captures)
        rows: list[dict[str, Any]] = [
            {
                "id": self._captures.new(uid),
                **_common(event, runs, warcs, resources),
                "at": event.captured_at,
                "status": event.status,
                "mime": storable(event.mime),
                "payload_id": payloads[event.payload_digest],
                "record_type": str(event.record_type),
                "refers_to": event.refers_to,
                "framing": storable(event.framing),
                "truncated": None if event.truncated is None else str(event.truncated),
                "location": storable_or_none(event.location),
                "location_id": None if event.location is None else resources[event.location],
                "wire_bytes": event.wire_bytes,
                "is_page": is_page(event),
                "unread": can_be_read(event),
            }
            for uid, event in captures.items()
            if uid not in known
        ]
        self._insert(capture, rows)
        said = {row["id"]: captures[row["uid"]].reservations for row in rows}
        put_reservations(self._connection, header_reservation, "capture_id", said)
        self._resources.mark_stale(row["resource_id"] for row in rows)

    def _put_failures(
        self,
        failures: Mapping[str, FailedFetch],
        runs: Mapping[str, int],
        warcs: Mapping[str, int],
        resources: Mapping[str, int],
    ) -> None:
        known = self._failures.known(failures)
        self._warcs.keep_first_place(failure, known, failures)
        rows: list[dict[str, Any]] = [
            {
                "id": self._failures.new(uid),
                **_common(event, runs, warcs, resources),
                "at": event.at,
                "kind": str(event.kind),
                "detail": storable(event.detail),
                "wire_bytes": event.wire_bytes,
            }
            for uid, event in failures.items()
            if uid not in known
        ]
        self._insert(failure, rows)

    def _put_skips(self, skips: Mapping[str, Skipped], runs: Mapping[str, int], resources: Mapping[str, int]) -> None:
        known = self._skips.known(skips)
        self._insert(
            skip,
            [
                {
                    "id": self._skips.new(digest),
                    "digest": digest,
                    "resource_id": resources[event.url],
                    "url": storable(event.url),
                    "rule": storable(event.rule),
                    "reason": storable(event.reason),
                    "at": event.at,
                    "run_id": runs[event.run],
                    "source": storable(event.source),
                    "via": storable_or_none(event.via),
                    "hop_path": event.hop_path,
                }
                for digest, event in skips.items()
                if digest not in known
            ],
        )

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)


def stored_captures(connection: Connection, numbers: Sequence[int]) -> list[Capture]:
    """Return captures as they were put, without seed and outlinks, in the order of the numbers."""
    rows = connection.execute(
        select(
            capture,
            payload.c.digest,
            payload.c.size,
            run.c.uid.label("run_uid"),
            warc.c.name.label("warc_name"),
        )
        .join(payload, payload.c.id == capture.c.payload_id)
        .join(run, run.c.id == capture.c.run_id)
        .join(warc, warc.c.id == capture.c.warc_id)
        .where(capture.c.id.in_(numbers))
    )
    found = {
        row.id: Capture(
            record=RecordRef(row.uid, row.warc_name, row.offset, row.length),
            record_type=RecordType(row.record_type),
            url=Url(row.url),
            captured_at=row.at,
            status=row.status,
            mime=row.mime,
            payload_digest=row.digest,
            size=row.size,
            run=row.run_uid,
            framing=row.framing,
            source=row.source,
            via=None if row.via is None else Url(row.via),
            hop_path=row.hop_path,
            attempt=row.attempt,
            refers_to=row.refers_to,
            truncated=None if row.truncated is None else Truncation(row.truncated),
            location=None if row.location is None else Url(row.location),
            ip=row.ip,
            elapsed_ms=row.elapsed_ms,
            wire_bytes=row.wire_bytes,
        )
        for row in rows
    }
    return [found[number] for number in numbers]


def _common(
    event: Capture | FailedFetch, runs: Mapping[str, int], warcs: Mapping[str, int], resources: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "uid": event.record.record_id,
        "resource_id": resources[event.url],
        "url": storable(event.url),
        "run_id": runs[event.run],
        "source": storable(event.source),
        "via": storable_or_none(event.via),
        "hop_path": event.hop_path,
        "attempt": event.attempt,
        "ip": event.ip,
        "elapsed_ms": event.elapsed_ms,
        "warc_id": warcs[event.record.warc],
        "offset": event.record.offset,
        "length": event.record.length,
    }


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


def _skip_digest(event: Skipped) -> str:
    at = event.at.astimezone(UTC).isoformat()
    told = (event.run, at, event.url, event.rule, event.reason, event.source, event.via, event.hop_path)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
