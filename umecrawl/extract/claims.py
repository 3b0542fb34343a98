"""All that a page says of one field, in order: what was taken, what else it says, and what was refused and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from umecrawl.model.article import Claim, Sourced


@dataclass(frozen=True, slots=True)
class Said:
    """The values of one field, the one to take first, and in words those that cannot be true."""

    values: tuple[Sourced, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def taken(self) -> Sourced | None:
        """The value to take; nothing where the page has none."""
        return self.values[0] if self.values else None


def said(values: Iterable[Sourced], refused: Iterable[str] = ()) -> Said:
    """Return values in the order given; a source that says the same again is heard once."""
    kept: dict[tuple[str, str], Sourced] = {}
    for one in values:
        kept.setdefault((one.value, one.source), one)
    return Said(tuple(kept.values()), tuple(dict.fromkeys(refused)))


def claims_of(field: str, values: Iterable[Sourced]) -> tuple[Claim, ...]:
    """Return the claims of a field, ranked from 0."""
    return tuple(Claim(field, rank, one) for rank, one in enumerate(said(values).values))
