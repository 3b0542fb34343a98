"""Values as both databases can store them: text without NUL and lone surrogates, numbers in range, times in UTC."""

from datetime import UTC, datetime

# PostgreSQL's integer; what a page claims beyond it is no count.
_LARGEST = 2**31 - 1
# Longer than any RFC 3339 time; the column is indexed, and index entries are bounded.
_LONGEST_TIME = 64


def storable(text: str) -> str:
    """Return the text with every character that UTF-8 or PostgreSQL cannot hold replaced by U+FFFD.

    SQLite would take a NUL, but then cut the text there in many of its functions.
    """
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def storable_or_none(text: str | None) -> str | None:
    """Return `storable(text)`, and nothing for nothing."""
    return None if text is None else storable(text)


def storable_count(count: int | None) -> int | None:
    """Return a count that fits the column; nothing where it does not."""
    return count if count is not None and 0 <= count <= _LARGEST else None


def utc_text(value: str) -> str:
    """Return an RFC 3339 time in UTC (`2023-05-07T08:15:00Z`); a bare date or a time without zone stays as it is."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return storable(value)[:_LONGEST_TIME]
    if at.tzinfo is None:
        return storable(value)[:_LONGEST_TIME]
    try:
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError:  # the first and last hours of the calendar
        return storable(value)[:_LONGEST_TIME]
