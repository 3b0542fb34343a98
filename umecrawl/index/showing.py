"""What a capture shows, as far as its head tells: a page to be read, a wall in front of one, or neither."""

from typing import Final

from umecrawl.model.capture import Capture, RecordType
from umecrawl.model.readable import HTML_TYPES, is_readable

# Answers that may be a wall in front of a page rather than word of it: a challenge, a log-in, "too many requests".
BLOCKED: Final = (401, 402, 403, 429, 451, 503)

_OK = 200
_NOT_MODIFIED = 304


def can_be_read(observed: Capture) -> bool:
    """Return whether an extractor is to read this capture: it can show a page, or a wall in front of one."""
    wall = observed.status in BLOCKED and observed.mime in {"", *HTML_TYPES}
    return wall or _shows_page(observed)


def is_page(observed: Capture) -> bool:
    """Return whether this capture shows what its payload gave: it can be read, or says that nothing changed."""
    confirms = observed.status == _NOT_MODIFIED and observed.record_type is RecordType.REVISIT
    return confirms or _shows_page(observed)


def _shows_page(observed: Capture) -> bool:
    # Without a type, the extractor looks at the first octets, as browsers do.
    return observed.status == _OK and (not observed.mime or is_readable(observed.mime, observed.url))
