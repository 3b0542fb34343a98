"""Rows about crawling itself: what is due, how it stands, and the reports of a run."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DueRow:
    """One source with the time at which it is due: `due_at` is when its next run begins, `slot` the time it serves.

    `why` is first, due, late, overlap, catch-up, retry, resume, running, waiting or by-hand; `missed` counts times that
    passed and are made up for by the same run, `failures` failed runs in a row; `due_local` is `due_at` as people of
    the collection's time zone read it.
    """

    source: str
    schedule: str | None
    due_at: datetime | None
    due: bool
    why: str
    slot: datetime | None
    missed: int
    failures: int
    last_run: str | None
    last_started_at: datetime | None
    last_outcome: str | None
    due_local: str | None


@dataclass(frozen=True, slots=True)
class InterfaceRow:
    """How one feed, sitemap, API or list of a source stands, by its latest answer.

    `interface` is rest, sitemap, feed or list; `standing` is offered, moved, absent, off, blocked, broken or lying.
    `named` counts the pages that the answer names (of an index: interfaces), `total` and `pages` are what it says of
    all, `newest` the latest time that it states.
    """

    source: str
    interface: str
    standing: str
    url: str
    checked_at: datetime
    named: int
    total: int | None
    pages: int | None
    newest: datetime | None
    is_index: bool
    detail: str
    run: str


@dataclass(frozen=True, slots=True)
class HealthRow:
    """How the crawling of an archive stands: `problems` are sentences, none of them when all is well.

    `scheduler` is running, stalled (not heard of for ten minutes), gone (it was killed) or none; `crawling` is the
    number of the process that writes into the archive. `next_source` is due at `next_due_at`. `free_bytes` is the room
    on the archive's disk.
    """

    ok: bool
    at: datetime
    scheduler: str
    crawling: int | None
    next_source: str | None
    next_due_at: datetime | None
    last_run: str | None
    last_outcome: str | None
    last_ended_at: datetime | None
    free_bytes: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of a report of a run: the figures of a host, status, media type, source or rule (`key`).

    `requested` counts fetches, `captured` and `failed` those with and without response, `not_modified` and `revisits`
    are among the captured; `skipped` counts URLs left out. `bytes_stored` are octets of the captures' own records.
    """

    key: str
    requested: int
    captured: int
    not_modified: int
    revisits: int
    failed: int
    skipped: int
    bytes_wire: int
    bytes_stored: int


@dataclass(frozen=True, slots=True)
class UncapturedRow:
    """A URL that a run knew and did not capture: `why` is a rule that left it out, or how its last try failed.

    `attempts` counts the tries; `captured_before` says whether another run has it.
    """

    url: str
    why: str
    detail: str
    source: str
    via: str | None
    attempts: int
    captured_before: bool
