"""Rows of what was found out: by a run of articles, by a check of files, by another reading of captures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from umecrawl.query.counts import Counts


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
