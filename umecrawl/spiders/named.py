"""What a feed, sitemap or API names, as it was read: links with the times it states, and its reading."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Reading
from umecrawl.model.urls import InvalidUrlError, normalize

_MAX_URL: Final = 8_192
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# No page was changed before there was a web; a clock that is a day ahead is wrong.
_FIRST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an answer is as an interface, and what it names: pages (hop M) and further interfaces (hop X)."""

    reading: Reading
    outlinks: tuple[Outlink, ...] = ()


def outlink(raw: str, base: str, hop: Hop, modified: datetime | None = None) -> Outlink | None:
    """Return the link that a written address makes; nothing for one that is no address of the web."""
    if not raw or len(raw) > _MAX_URL:
        return None
    try:
        url = normalize(raw, base)
    except InvalidUrlError:
        return None
    return Outlink(url, hop, modified) if url.startswith(("http:", "https:")) else None


def moment(text: str, now: datetime) -> datetime | None:
    """Return the time that an ISO 8601 text states, in UTC; nothing where it is none, or none that can be true.

    A day stands for its beginning: that a page changed later on it cannot be told from the day alone. A time without
    zone is taken as UTC.
    """
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return credible(at if at.tzinfo is not None else at.replace(tzinfo=UTC), now)


def is_day(text: str) -> bool:
    """Return whether a text states a day and no time of it."""
    return _DAY.fullmatch(text.strip()) is not None


def credible(at: datetime, now: datetime) -> datetime | None:
    """Return a time in UTC; nothing for one that lies before the web or in the future."""
    try:
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _FIRST <= at <= now + _AHEAD else None
