"""WordPress's REST API (wp/v2): what its index offers, and which posts and pages a collection names."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.discovery import Interface, Reading, Standing
from umecrawl.model.message import Head
from umecrawl.model.urls import Url
from umecrawl.spiders.named import Manifest, moment, outlink

_NAMESPACE: Final = "wp/v2"
_COLLECTIONS: Final = ("posts", "pages")
_MAX_OBJECTS: Final = 1_000  # WordPress answers with 100 at most
_MAX_TOTAL: Final = 10**12
# What plugins that switch the API off for visitors answer with 401 or 403, and WordPress where a log-in is asked for.
_OFF: Final = frozenset({401, 403})
_MISSING: Final = frozenset({"rest_no_route", "rest_post_invalid_page_number"})

_OFFERED: Final = Reading(Interface.REST, Standing.OFFERED)


def read_rest(url: Url, head: Head, octets: bytes, asked_at: datetime) -> Manifest | None:
    """Return what an answer of the API names; nothing where it is no JSON at all.

    `octets` are without content coding. Of the index, the collections of posts and pages are named; of a collection,
    each object's `link` with `modified_gmt`; how many there are is what the header fields `X-WP-Total` and
    `X-WP-TotalPages` say.
    """
    try:
        answer: Any = json.loads(octets)
    except (ValueError, RecursionError):
        return None
    if isinstance(answer, list):
        return _collection(answer, url, head, asked_at)
    if not isinstance(answer, dict):
        return Manifest(replace(_OFFERED, standing=Standing.BROKEN, detail="answers with JSON of another kind"))
    if isinstance(answer.get("namespaces"), list):
        return _index(answer, url)
    code = answer.get("code")
    if isinstance(code, str):
        return Manifest(_error(code, str(answer.get("message") or ""), head.status))
    return Manifest(replace(_OFFERED, standing=Standing.BROKEN, detail="answers with JSON of another kind"))


def _index(answer: dict[str, Any], url: Url) -> Manifest:
    routes = answer.get("routes")
    routes = routes if isinstance(routes, dict) else {}
    if _NAMESPACE not in answer["namespaces"]:
        detail = f"the API has no {_NAMESPACE}"
        return Manifest(replace(_OFFERED, standing=Standing.OFF, index=True, detail=detail))
    links = [link for name in _COLLECTIONS if (link := _address(routes.get(f"/{_NAMESPACE}/{name}"), url)) is not None]
    if not links:
        detail = f"the API has {_NAMESPACE}, but no posts and pages in it"
        return Manifest(replace(_OFFERED, standing=Standing.OFF, index=True, detail=detail))
    return Manifest(replace(_OFFERED, named=len(links), index=True), tuple(links))


def _address(route: Any, url: Url) -> Outlink | None:
    """Return where a collection answers, as the index states it."""
    try:
        stated = route["_links"]["self"]
        if isinstance(stated, list):
            stated = stated[0]["href"]  # since WordPress 5.2; a bare text before
    except (KeyError, TypeError, IndexError):
        return None
    return outlink(stated, url, Hop.SPECULATIVE) if isinstance(stated, str) else None


def _collection(objects: list[Any], url: Url, head: Head, asked_at: datetime) -> Manifest:
    links = tuple({link.url: link for link in _links(objects[:_MAX_OBJECTS], url, asked_at)}.values())
    if objects and not links:
        detail = "answers with objects that have no address"
        return Manifest(replace(_OFFERED, standing=Standing.BROKEN, detail=detail))
    reading = Reading(
        Interface.REST,
        Standing.OFFERED,
        named=len(links),
        total=_number(head, "x-wp-total"),
        pages=_number(head, "x-wp-totalpages"),
        newest=max((at for at in _published(objects, asked_at) if at is not None), default=None),
    )
    return Manifest(reading, links)


def _links(objects: list[Any], url: Url, asked_at: datetime) -> Iterator[Outlink]:
    for one in objects:
        if not isinstance(one, dict) or one.get("status", "publish") != "publish":
            continue
        address, modified = one.get("link"), one.get("modified_gmt")
        if isinstance(address, str):
            at = moment(modified, asked_at) if isinstance(modified, str) else None
            if (link := outlink(address, url, Hop.MANIFEST, at)) is not None:
                yield link


def _published(objects: list[Any], asked_at: datetime) -> Iterator[datetime | None]:
    for one in objects[:_MAX_OBJECTS]:
        if isinstance(one, dict) and isinstance(one.get("date_gmt"), str):
            yield moment(one["date_gmt"], asked_at)


def _number(head: Head, name: str) -> int | None:
    text = (head.get(name) or "").strip()
    return min(int(text), _MAX_TOTAL) if text.isascii() and text.isdecimal() and len(text) < 20 else None  # noqa: PLR2004 - digits


def _error(code: str, message: str, status: int) -> Reading:
    told = f"{code} (status {status})" + (f": {message[:200]}" if message else "")
    if code in _MISSING or status == 404:  # noqa: PLR2004 - HTTP
        return replace(_OFFERED, standing=Standing.ABSENT, detail=told)
    if status in _OFF or "disabled" in code:
        return replace(_OFFERED, standing=Standing.OFF, detail=told)
    return replace(_OFFERED, standing=Standing.BROKEN, detail=told)
