"""What a check has to say: a finding names file, offset, rule, meaning and remedy; equal faults of a file are one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from umecrawl.warc.rules import Flaw, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where, by which rule, and what to do.

    `offset` is in octets, none for a whole file; of `count` equal faults it is the first one's. `records` names the
    records that another validator will complain about; empty everywhere else.
    """

    path: Path
    offset: int | None
    rule: str
    severity: Severity
    message: str
    remedy: str
    count: int = 1
    records: tuple[str, ...] = field(default=(), repr=False)


def finding(path: Path, offset: int | None, flaw: Flaw) -> Finding:
    """Return the finding that a flaw is at this place."""
    return Finding(path, offset, flaw.rule, flaw.severity, flaw.message, flaw.remedy)


def tally(path: Path, flaws: Iterable[tuple[int | None, Flaw]]) -> Iterator[Finding]:
    """Yield a finding for each flaw; flaws of one kind (`Flaw.kind`) become one finding, told when all are known."""
    kinds: dict[tuple[str, str, Severity], Finding] = {}
    for offset, flaw in flaws:
        if not flaw.kind:
            yield finding(path, offset, flaw)
            continue
        key = (flaw.rule, flaw.kind, flaw.severity)
        before = kinds.get(key)
        kinds[key] = replace(before, count=before.count + 1) if before else finding(path, offset, flaw)
    for one in kinds.values():
        if one.count > 1:
            more = f"{one.message} (this record and {one.count - 1} more of the file)"
            yield replace(one, message=more)
        else:
            yield one
