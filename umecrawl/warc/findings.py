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


class Tally:
    """The findings of one file as they are told: flaws of one kind (`Flaw.kind`) are one finding, behind the others."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.single: list[Finding] = []
        self.kinds: dict[tuple[str, str, Severity], Finding] = {}

    def add(self, flaws: Iterable[tuple[int | None, Flaw]]) -> None:
        """Count flaws in, given with their offsets."""
        for offset, flaw in flaws:
            if flaw.kind:
                self._count((flaw.rule, flaw.kind, flaw.severity), finding(self._path, offset, flaw))
            else:
                self.single.append(finding(self._path, offset, flaw))

    def join(self, other: "Tally") -> None:
        """Count in what was found in the section behind."""
        self.single += other.single
        for key, one in other.kinds.items():
            self._count(key, one)

    def findings(self) -> Iterator[Finding]:
        """Yield what was found."""
        yield from self.single
        for one in self.kinds.values():
            if one.count > 1:
                yield replace(one, message=f"{one.message} (this record and {one.count - 1} more of the file)")
            else:
                yield one

    def _count(self, key: tuple[str, str, Severity], one: Finding) -> None:
        before = self.kinds.get(key)
        self.kinds[key] = replace(before, count=before.count + one.count) if before else one
