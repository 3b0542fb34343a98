"""The rows that answers are made of: frozen, with the field names that users rely on, and their JSON form.

Most of it is tables of fields, one kind of row after the other; it is long for that reason alone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from types import GenericAlias, UnionType
from typing import TypeVar, get_args, get_type_hints

from umecrawl.query.change_rows import ChangeRow, CitationRow
from umecrawl.query.statement_rows import ClaimRow, CommentRow, SightingRow, Signatory


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
class VersionRow:
    """One distinct title and text of an article; `kind` is article, or document for a PDF.

    `basis` is page where the captures are those of the article's own page, listing where that was never read and
    they are those of listings, feeds and API answers. `sightings`, `first_sighted` and `last_sighted` count and
    date captures of the latter in either case.
    `published_at` and `modified_at` are what the page says: RFC 3339 in UTC, or a bare date. `first_seen` and
    `last_seen` are times of captures. `account` is the account that published the text, where it is not the author.
    `current` says whether the latest capture of the article shows it.
    """

    id: str
    url: str
    site: str
    title: str
    kind: str
    basis: str
    byline: str | None
    signatories: tuple[Signatory, ...]
    account: str | None
    account_source: str | None
    published_at: str | None
    published_source: str | None
    modified_at: str | None
    modified_source: str | None
    language: str | None
    paywall: str | None
    text: str
    text_sha256: str
    words: int
    first_seen: datetime
    last_seen: datetime
    captures: int
    sightings: int
    first_sighted: datetime | None
    last_sighted: datetime | None
    first_capture: str
    last_capture: str
    extractor: str
    comment_count: int | None
    like_count: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class SearchHit(VersionRow):
    """A version that answers a search.

    `score` is comparable within one answer only; `marks` are the (start, end) of the words found in `snippet`,
    which is an extract of `text` in one line.
    """

    score: float
    snippet: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class VersionStep(VersionRow):
    """A version with what changed from the one before it; the changes are null for the first.

    Counts are of words of the text; `similarity` is the share of words that both have in the same order.
    """

    title_changed: bool | None
    words_added: int | None
    words_removed: int | None
    similarity: float | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each name, in the order of the names; an object in JSON."""

    items: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        """The sum of all."""
        return sum(number for _, number in self.items)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run with its figures; `skipped` counts the URLs left out by rule. `outcome` is null without an end record.

    A run of another tool (`import-…`) has no end record; `software` says which tool it was.
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
    skipped: Counts
    bytes_wire: int
    bytes_stored: int
    new_versions: int
    software: str | None = None


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


class NewsKind(StrEnum):
    """What a run found out about an article, compared with all that was known before the run."""

    NEW = "new"
    UNCHANGED = "unchanged"
    EDIT = "edit"
    HEADLINE = "headline"
    REMOVAL = "removal"
    RESTORATION = "restoration"
    REPUBLISHED = "republished"


@dataclass(frozen=True, slots=True)
class NewsRow:
    """One thing a run found out about an article.

    `from_version` is what was known before, `to_version` what the run saw; for `republished` they are the version
    of `source_url`, which had the text first, and that of `url`. Words are those added and removed, or shared.
    `evidence` are ids of captures: the last before the run where there is one, then that of the run.
    """

    kind: NewsKind
    url: str
    site: str
    title: str
    detected_at: datetime
    from_version: str | None
    to_version: str | None
    summary: str
    words_added: int | None
    words_removed: int | None
    source_url: str | None
    words_shared: int | None
    similarity: float | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReuseRow:
    """One passage that articles of two sites share; `source` had it first as far as `ordering` can tell.

    `ordering` is published, first-seen or unknown. Starts and ends are characters of the texts of the versions;
    `passage` is the text of the source; `containment` is the share of the target's words that the source has too.
    """

    source_url: str
    target_url: str
    source_version: str
    target_version: str
    source_start: int
    source_end: int
    target_start: int
    target_end: int
    passage: str
    words: int
    similarity: float
    containment: float
    ordering: str
    first_seen_source: datetime
    first_seen_target: datetime


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One thing that a check found: `severity` is error, warning or note, `offset` in octets, null for a whole file.

    Of `count` equal faults of a file it is the first; `records` are ids of records that other validators report
    wrongly.
    """

    path: str
    offset: int | None
    rule: str
    severity: str
    message: str
    remedy: str
    count: int
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One check of one WARC; `ok` is false where it found an error, `findings` counts by rule, `size` is in octets."""

    at: datetime
    file: str
    ok: bool
    findings: Counts
    records: int
    size: int
    sha256: str
    seconds: float
    software: str


@dataclass(frozen=True, slots=True)
class ReadingChangeRow:
    """One field that another reading of a capture has otherwise; `post` is the permalink of the post it is of.

    `field` is `outcome`, `quality`, `encoding`, a field of the post, or `post` for one that only one reading has
    (its title stands in `before` or `after`). Of a text the first place that differs is shown and all words counted.
    """

    capture: str
    url: str
    captured_at: datetime
    post: str | None
    field: str
    before: str | None
    after: str | None
    words_added: int | None
    words_removed: int | None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A sample of captures read with `extractor` and compared with what `extractors` (with counts) left in the index.

    `fields` counts the changes by field; `damage` names records that could not be read.
    """

    extractor: str
    extractors: Counts
    sampled: int
    changed: int
    fields: Counts
    damage: tuple[str, ...]
    changes: tuple[ReadingChangeRow, ...]


Row = (
    CaptureRow
    | VersionRow
    | SearchHit
    | VersionStep
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
    | CitationRow
    | ReadingChangeRow
    | ComparisonRow
    | FindingRow
    | AuditRow
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


def as_json(row: Row) -> dict[str, object]:
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
        case Signatory() | ReadingChangeRow():
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value
