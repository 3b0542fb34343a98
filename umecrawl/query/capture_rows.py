"""Rows of what a crawl did: captures, attempts to fetch, URLs left out, runs, and the whole archive in figures."""

from dataclasses import dataclass
from datetime import datetime

from umecrawl.query.counts import Counts


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """One observation of a resource; `id` is the UUID of its WARC record, `version` the article version it shows.

    `offset` and `length` are octets of the gzip member. `quality` is null for what is no page; `score` (0 to 1) and
    `reasons` say how far its text may be trusted; `encoding_source` is who named the encoding it was read in.
    """

    id: str
    url: str
    canonical_url: str
    captured_at: datetime
    status: int
    mime: str
    payload_digest: str
    entity_sha256: str | None
    size: int
    warc: str
    offset: int
    length: int
    record_type: str
    refers_to: str | None
    run: str
    source: str
    via: str | None
    hop_path: str
    quality: str | None
    outcome: str | None
    score: float | None
    reasons: tuple[str, ...]
    encoding: str | None
    encoding_source: str | None
    truncated: str | None
    location: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class FetchRow:
    """One attempt to fetch: `outcome` is captured, revisit, not-modified or failed, `reason` says why it failed."""

    id: str
    url: str
    canonical_url: str
    site: str
    fetched_at: datetime
    outcome: str
    reason: str | None
    detail: str | None
    status: int | None
    attempt: int
    run: str
    source: str
    via: str | None
    hop_path: str
    ip: str | None
    elapsed_ms: int | None
    wire_bytes: int | None
    warc: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class SkippedRow:
    """One URL that a run left out, with the rule that had the last word."""

    url: str
    canonical_url: str
    site: str
    skipped_at: datetime
    rule: str
    reason: str
    run: str
    source: str
    via: str | None
    hop_path: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run with its figures; `skipped` counts the URLs left out by rule. `outcome` is null without an end record.

    `not_due` counts the URLs that earlier runs have and this one left alone; null without an end record as well.
    A run of another tool (`import-…`) has no end record; `software` says which tool it was. A scheduled run says which
    time it served (`due_at`), how late, and how many times were missed before it; null for one started by hand.
    """

    id: str
    collection: str | None
    source: str | None
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    detail: str | None
    requested: int
    captured: int
    not_modified: int
    revisits: int
    failed: int
    not_due: int | None
    skipped: Counts
    bytes_wire: int
    bytes_stored: int
    new_versions: int
    software: str | None = None
    due_at: datetime | None = None
    late_seconds: int | None = None
    missed: int | None = None


@dataclass(frozen=True, slots=True)
class StatusRow:
    """Figures of the whole archive; `bytes_saved` are octets of payloads that were served again and not stored again.

    `problems` are sentences about what a person should look at.
    """

    captures: int
    revisits: int
    bytes_wire: int
    bytes_stored: int
    bytes_saved: int
    resources: int
    articles: int
    versions: int
    runs: int
    failed: int
    skipped: int
    first_capture_at: datetime | None
    last_capture_at: datetime | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """How a site was watched in a period: a day, a month, or a span as `2026-05-01/2026-06-30`.

    `days_watched` of its `days` had a request. Counts are of pages (images, styles, scripts and robots.txt are left
    out): `captured` of `requested` brought an answer, of whatever status; `unchanged`, `pages` (below 400, readable),
    `gone` (404, 410), `blocked` (401, 402, 403, 429, 451, 503) and `errors` (all other from 400 on) are among these;
    `failed` brought none. `robots` are URLs that robots.txt forbade, `left_out` those that any rule left out.
    A run that went over midnight counts on both days.
    """

    period: str
    site: str
    days: int
    days_watched: int
    runs: int
    requested: int
    captured: int
    unchanged: int
    pages: int
    gone: int
    blocked: int
    errors: int
    failed: int
    robots: int
    left_out: int
    new_versions: int
