"""What whoever runs a crawl should read at its end: pauses that hosts asked for, hosts given up, and traps."""

# A run over thousands of hosts has news of thousands; the rest is counted.
_MOST = 200


class Notices:
    """Keeps each notice once, in order, up to a number, and counts the others."""

    def __init__(self) -> None:
        self._kept: dict[str, None] = {}
        self._left_out = 0

    def add(self, subject: str, text: str) -> None:
        """Keep what is to be said of a host or source unless it was said before."""
        notice = f"{subject} {text}"
        if notice in self._kept:
            return
        if len(self._kept) < _MOST:
            self._kept[notice] = None
        else:
            self._left_out += 1

    def lines(self) -> tuple[str, ...]:
        """Return what was kept as sentences, and how many there were besides."""
        more = (f"{self._left_out} further notices of hosts and sources",) if self._left_out else ()
        return (*(f"{notice}." for notice in self._kept), *more)
