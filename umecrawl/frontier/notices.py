"""What whoever runs a crawl should read at its end: pauses that hosts asked for, hosts given up, traps and limits."""

from dataclasses import dataclass

# A run over thousands of hosts has news of thousands; the rest is counted.
_MOST = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence on a host or source."""

    subject: str
    text: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.subject} {self.text}"


class Notices:
    """Keeps each notice once, in order, up to a number; `left_out` counts the others."""

    def __init__(self) -> None:
        self._kept: dict[Notice, None] = {}
        self.left_out = 0

    def add(self, subject: str, text: str) -> None:
        """Keep a notice unless it was given before."""
        notice = Notice(subject, text)
        if notice in self._kept:
            return
        if len(self._kept) < _MOST:
            self._kept[notice] = None
        else:
            self.left_out += 1

    def lines(self) -> tuple[str, ...]:
        """Return what was kept as sentences, and how many there were besides."""
        more = (f"{self.left_out} further notices of hosts and sources",) if self.left_out else ()
        return (*(f"{notice}." for notice in self._kept), *more)

    def all(self) -> tuple[Notice, ...]:
        """Return what was kept."""
        return tuple(self._kept)
