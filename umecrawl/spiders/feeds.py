"""Feeds: the pages that RSS, Atom and JSON Feed name, read by feedparser.

Only addresses and times are taken; the texts are read by `umecrawl.extract.feeds`, from the archive.
"""

import calendar
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

import feedparser

from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Interface, Reading, Standing
from umecrawl.model.urls import Url
from umecrawl.spiders.named import Manifest, credible, moment, outlink

MAX_ENTRIES: Final = 2_000
MAX_SIZE: Final = 2 * 1024 * 1024  # octets; of broken markup feedparser takes more than a second for each million

_Entry = tuple[str, datetime | None, datetime | None]


def read_feed(url: Url, content_type: str, octets: bytes, asked_at: datetime) -> Manifest | None:
    """Return what a feed names; nothing where the octets are none.

    `octets` are without content coding, in whatever encoding; feedparser finds out which. The time of change is what
    the feed states as such (`updated`), never the time of publication.
    """
    start = octets[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        entries = _json_entries(octets, asked_at)
    elif start.startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")):
        entries = _xml_entries(octets, content_type, asked_at)
    else:
        return None
    if entries is None:
        return None
    links: dict[Url, Outlink] = {}
    newest: datetime | None = None
    for address, published, updated in entries[:MAX_ENTRIES]:
        # A comment names the page it stands under, and says nothing of its text.
        told = None if "#comment" in address else updated
        link = outlink(address, url, Hop.MANIFEST, told)
        if link is not None:
            links.setdefault(link.url, link)
            newest = max(filter(None, (newest, published)), default=None)
    found = tuple(links.values())
    return Manifest(Reading(Interface.FEED, Standing.OFFERED, named=len(found), newest=newest), found)


def _xml_entries(octets: bytes, content_type: str, asked_at: datetime) -> list[_Entry] | None:
    headers = {"content-type": content_type} if content_type else {}
    # Given as a stream: octets alone might be taken for the name of a file.
    feed: dict[str, Any] = feedparser.parse(
        BytesIO(octets[:MAX_SIZE]), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not feed.get("version"):
        return None
    return [entry for entry in (_entry(one, asked_at) for one in feed.get("entries", [])) if entry is not None]


def _entry(entry: dict[str, Any], asked_at: datetime) -> _Entry | None:
    address = entry.get("feedburner_origlink") or entry.get("link")
    if not isinstance(address, str) or not address:
        return None
    # feedparser gives the time of publication for that of change where the feed states none.
    updated = entry.get("updated_parsed") if "updated" in entry else None
    return address, _time(entry.get("published_parsed"), asked_at), _time(updated, asked_at)


def _time(parsed: Any, asked_at: datetime) -> datetime | None:
    try:
        return credible(datetime.fromtimestamp(calendar.timegm(parsed), UTC), asked_at) if parsed else None
    except (ValueError, OverflowError, TypeError, OSError):
        return None


def _json_entries(octets: bytes, asked_at: datetime) -> list[_Entry] | None:
    """Read a JSON Feed (https://www.jsonfeed.org/version/1.1/), which feedparser does not know."""
    try:
        feed = json.loads(octets[:MAX_SIZE])
    except (ValueError, RecursionError):
        return None
    if not isinstance(feed, dict) or "jsonfeed.org/version" not in str(feed.get("version")):
        return None
    items = feed.get("items")
    return list(_items(items if isinstance(items, list) else [], asked_at))


def _items(items: list[Any], asked_at: datetime) -> Iterator[_Entry]:
    for item in items:
        if isinstance(item, dict) and isinstance(item.get("url"), str):
            published, modified = (moment(str(item.get(name) or ""), asked_at) for name in _JSON_TIMES)
            yield item["url"], published, modified


_JSON_TIMES: Final = ("date_published", "date_modified")
