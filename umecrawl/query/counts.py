"""Counts by name, as rows hold them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each name, in the order of the names; an object in JSON."""

    items: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        """The sum of all."""
        return sum(number for _, number in self.items)
