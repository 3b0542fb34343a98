"""The due times that a run serves, as it says itself among its settings.

One setting each, a source's name first: `schedule.why` (always), `schedule.due` (RFC 3339), `schedule.late` (seconds),
`schedule.missed` (number, first, last) and `schedule.failures` (failed runs in a row before it).
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

_WHY: Final = "schedule.why"
_DUE: Final = "schedule.due"
_LATE: Final = "schedule.late"
_MISSED: Final = "schedule.missed"
_FAILURES: Final = "schedule.failures"


@dataclass(frozen=True, slots=True)
class Served:
    """Why a scheduled run took a source, and the time it was due; nothing due for one that was never crawled.

    `late` is in seconds; `missed` counts the times that passed unserved before `due_at`, `missed_first` and
    `missed_last` are the ends of them; `failures` counts failed runs in a row before this one.
    """

    source: str
    why: str
    due_at: datetime | None = None
    late: int = 0
    missed: int = 0
    missed_first: datetime | None = None
    missed_last: datetime | None = None
    failures: int = 0

    def settings(self) -> tuple[tuple[str, str], ...]:
        """Return the settings that tell of it."""
        found = [(_WHY, self.why)]
        if self.due_at is not None:
            found.append((_DUE, _written(self.due_at)))
        if self.late:
            found.append((_LATE, str(self.late)))
        if self.missed and self.missed_first is not None and self.missed_last is not None:
            found.append((_MISSED, f"{self.missed} {_written(self.missed_first)} {_written(self.missed_last)}"))
        if self.failures:
            found.append((_FAILURES, str(self.failures)))
        return tuple((name, f"{self.source} {value}") for name, value in found)


def served_by(settings: Iterable[tuple[str, str]]) -> tuple[Served, ...]:
    """Return what the settings of a run say of it, a source each; nothing for a run that was started by hand.

    What cannot be read is passed over.
    """
    found: dict[str, Served] = {}
    for name, text in settings:
        source, _, value = text.partition(" ")
        if name == _WHY:
            found[source] = Served(source, value)
        there = found.get(source)
        if there is None:
            continue
        with suppress(ValueError):
            if name == _DUE:
                found[source] = replace(there, due_at=_read(value))
            elif name == _LATE:
                found[source] = replace(there, late=int(value))
            elif name == _FAILURES:
                found[source] = replace(there, failures=int(value))
            elif name == _MISSED:
                number, first, last = value.split(" ")
                found[source] = replace(there, missed=int(number), missed_first=_read(first), missed_last=_read(last))
    return tuple(found.values())


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    return at.astimezone(UTC)
