"""What the archive tells, put into rows: runs, captures, failed fetches, URLs left out.

Each event may be put any number of times and in any order: a row is made once, and where two events tell of the
same thing differently, which of them counts does not depend on which came first.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Table, and_, exists, or_, select, update

from umecrawl.index.bulk import insert_rows
from umecrawl.index.interface_tables import put_findings
from umecrawl.index.manifests import named_by, put_listed
from umecrawl.index.numbering import Numbering, chunks
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.reservations import header_reservation, put_reservations
from umecrawl.index.resources import Resources
from umecrawl.index.runs import Runs
from umecrawl.index.schema import capture, extraction, failure, payload, skip
from umecrawl.index.showing import can_be_read, is_page
from umecrawl.index.storable import storable, storable_or_none
from umecrawl.index.warcs import Warcs, at_first_place
from umecrawl.model.capture import ArchiveEvent, Capture, FailedFetch
from umecrawl.model.crawl import Skipped


class Observations:
    """The rows made of archive events, written through one connection."""

    def __init__(self, connection: Connection, resources: Resources, warcs: Warcs) -> None:
        self._connection = connection
        self._resources = resources
        self._warcs = warcs
        self._runs = Runs(connection)
        self._payloads = Numbering(connection, payload, "digest")
        self._captures = Numbering(connection, capture, "uid")
        self._failures = Numbering(connection, failure, "uid")
        self._skips = Numbering(connection, skip, "digest")

    def put(self, events: Sequence[ArchiveEvent]) -> None:
        """Make rows of these events."""
        captures = at_first_place(event for event in events if isinstance(event, Capture))
        failures = at_first_place(event for event in events if isinstance(event, FailedFetch))
        skips = {_skip_digest(event): event for event in events if isinstance(event, Skipped)}
        runs = self._runs.put(events)
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
        return self._runs.numbers(uids)

    def capture_numbers(self, uids: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of those captures that are in the index."""
        return self._captures.known(uids)

    def payload_numbers(self, digests: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of those payloads that are in the index."""
        return self._payloads.known(digests)

    def lacks_payload(self, digest: str) -> bool:
        """Return whether a payload is certainly not in the index; false where the database would have to be asked."""
        return self._payloads.lacks(digest)

    def settle_unread(self, digests: Iterable[str]) -> None:
        """Take the mark off those unread captures of these payloads that were read, from them or an earlier capture."""
        reading = capture.alias("reading")
        read = (
            exists()
            .where(
                is_reading_of(extraction, capture),
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
        insert_rows(self._connection, table, rows)


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


def _skip_digest(event: Skipped) -> str:
    at = event.at.astimezone(UTC).isoformat()
    told = (event.run, at, event.url, event.rule, event.reason, event.source, event.via, event.hop_path)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
