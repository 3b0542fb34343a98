"""What the check of one WARC comes to beside its flaws: figures and facts that sections of a file add up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from umecrawl.warc.companions import LineSum
from umecrawl.warc.rules import Flaw, Severity
from umecrawl.warc.trace import Oddities


@dataclass(slots=True)
class Outcome:
    """What the check of a section has come to, beside its flaws.

    `closed` says whether it ended where the next section begins, and left nothing open. `algorithms` gives for each
    kind of digest the offset of the first, `redated` number and first offset of records dated apart from others.
    """

    records: int
    own: bool
    whole: bool
    closed: bool
    lines: LineSum
    algorithms: dict[str, int]
    redated: dict[str, int]
    oddities: Oddities

    def join(self, behind: Self) -> None:
        """Become the outcome of both sections."""
        self.closed = self.closed and behind.closed and self.own == behind.own
        self.records += behind.records
        self.whole = self.whole and behind.whole
        self.lines.join(behind.lines)
        self.algorithms = behind.algorithms | self.algorithms
        if behind.redated:
            first = self.redated.get("offset", behind.redated["offset"])
            self.redated = {"offset": first, "count": self.redated.get("count", 0) + behind.redated["count"]}
        self.oddities.join(behind.oddities)

    def flaws(self) -> Iterator[tuple[int, Flaw]]:
        """Yield what is wrong with the file as a whole."""
        if not self.records and self.whole:
            remedy = "Delete it, or restore it from a copy."
            yield 0, Flaw("empty-file", Severity.ERROR, "the file holds no record", remedy)
        if len(self.algorithms) > 1:
            names = ", ".join(sorted(self.algorithms))
            message = f"the digests of the file are of several kinds: {names}"
            remedy = "Nothing is damaged, but equal pages may not be found equal (R9)."
            yield max(self.algorithms.values()), Flaw("digest-form", Severity.NOTE, message, remedy)
        if self.redated:
            count = self.redated["count"]
            message = f"{count} records have another WARC-Date than the record they were captured with"
            remedy = "Nothing is damaged; replay may not bring the records of a capture together (§5.4)."
            yield self.redated["offset"], Flaw("concurrent-date", Severity.WARNING, message, remedy)
