"""What a run found out about the feeds, sitemaps and APIs of its sources, as lines for people."""

from collections.abc import Sequence

from umecrawl.cli.figures import plural
from umecrawl.model.discovery import Audit, Place, Standing

_LOOK_AT = (Standing.OFF, Standing.BLOCKED, Standing.LYING)


def found(findings: Sequence[Place | Audit]) -> list[str]:
    """Return lines on how the feeds, sitemaps and APIs of each source stand, and on what only links led to."""
    standings: dict[str, dict[str, set[str]]] = {}
    for one in findings:
        if isinstance(one, Place) and one.reading.standing is not Standing.MOVED:
            by_interface = standings.setdefault(one.source, {})
            by_interface.setdefault(one.reading.interface, set()).add(one.reading.standing)
    lines = []
    for source, by_interface in standings.items():
        told = ", ".join(f"{name} {_standing(seen)}" for name, seen in sorted(by_interface.items()))
        lines.append(f"  {source}: {told}")
    for one in findings:
        if isinstance(one, Audit) and one.named_by == "links":
            lines.append(f"  {one.source}: {plural(one.count, 'page')} by links alone, not in its {one.missed_by}")
        elif isinstance(one, Place) and one.reading.standing in _LOOK_AT:
            lines.append(f"  {one.source}: {one.url} is {one.reading.standing}: {one.reading.detail}")
    return lines


def _standing(seen: set[str]) -> str:
    """Return the best of what several addresses of one kind are: one that answers is enough."""
    return next(standing for standing in Standing if standing in seen)
