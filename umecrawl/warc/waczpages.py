"""The list of pages of a WACZ (`pages/pages.jsonl`, json-pages-1.0): what a reader may open or search."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class WaczPage:
    """A capture that shows a page.

    `id` is the UUID of its WARC record; `size` counts the octets of the page as served; `text` is the article's,
    where it shows one. `seed` says that the page was asked for by name and not found on another.
    """

    id: str
    url: str
    at: datetime
    title: str = ""
    text: str = ""
    mime: str = ""
    status: int = 200
    size: int = 0
    seed: bool = False


def pages_header(*, with_text: bool) -> bytes:
    """Return the first line of the list."""
    header: dict[str, object] = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
    if with_text:
        header["hasText"] = True
    return _line(header)


def page_line(page: WaczPage) -> bytes:
    """Return the line of a page, with its line end."""
    values: dict[str, object] = {"id": page.id, "url": page.url, "ts": page_time(page.at)}
    if page.title:
        values["title"] = page.title
    if page.text:
        values["text"] = page.text
    if page.mime:  # of a 304 it is not known
        values["mime"] = page.mime
    values |= {"size": page.size, "status": page.status}
    if page.seed:
        values["seed"] = True
    return _line(values)


def page_time(at: datetime) -> str:
    """Return the time of a capture in RFC 3339; milliseconds, for players keep no more."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _line(values: dict[str, object]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
