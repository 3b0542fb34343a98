"""Durations and sizes as people write them (`500ms`, `6h`, `100MB`), read and written."""

import re
from datetime import timedelta

_DURATION_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_DURATION = re.compile(r"\s*(?:\d{1,15}(?:\.\d{1,6})?\s*(?:ms|min|s|m|h|d|w)\s*)+", re.ASCII)
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|min|[smhdw])", re.ASCII)
_SIZE_UNITS = {
    "b": 1,
    "kb": 1_000,
    "mb": 1_000_000,
    "gb": 1_000_000_000,
    "tb": 1_000_000_000_000,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
    "tib": 1 << 40,
}
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?i?b)\s*", re.IGNORECASE | re.ASCII)


def parse_duration(text: str) -> timedelta:
    """Return the length of time that `text` names, as in `1s`, `500ms`, `6h` or `1h30m`.

    Units are ms, s, m (or min), h, d and w; several may be added up. Raises `ValueError` for anything else.
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(f"not a duration: {text!r}")
    total = timedelta()
    try:
        for number, unit in _DURATION_PART.findall(text):
            total += float(number) * _DURATION_UNITS[unit]
    except OverflowError as error:
        raise ValueError(f"too long a duration: {text!r}") from error
    return total


def parse_size(text: str) -> int:
    """Return the number of octets that `text` names, as in `100MB` (10^6) or `64MiB` (2^20).

    Raises `ValueError` for anything else.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a size: {text!r}")
    try:
        return int(float(match[1]) * _SIZE_UNITS[match[2].lower()])
    except KeyError as error:  # `ib` alone
        raise ValueError(f"not a size: {text!r}") from error


def format_duration(duration: timedelta) -> str:
    """Return a duration in the largest unit that holds it in whole numbers, so that `parse_duration` reads it back."""
    milliseconds = duration // timedelta(milliseconds=1)
    for unit in ("w", "d", "h", "m", "s"):
        size = _DURATION_UNITS[unit] // timedelta(milliseconds=1)
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"


def format_size(octets: int) -> str:
    """Return a size in the largest unit that holds it in whole numbers, so that `parse_size` reads it back."""
    for unit in ("TB", "TiB", "GB", "GiB", "MB", "MiB", "KB", "KiB"):
        size = _SIZE_UNITS[unit.lower()]
        if octets and octets % size == 0:
            return f"{octets // size}{unit}"
    return f"{octets}B"
