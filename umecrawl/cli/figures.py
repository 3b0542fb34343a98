"""Figures as people read them: octets, counts and durations."""

_STEP = 1000


def octets(size: float) -> str:
    """Return a size in decimal units, as `14.2 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(size) < _STEP:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= _STEP
    return f"{size:.1f} TB"


def count(number: int) -> str:
    """Return a count with thin groups of three, as `12 345`."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def clock(seconds: float) -> str:
    """Return a duration as `0:01:23`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def plural(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun, as `1 page` and `2 pages`."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"
