"""What narrows a search, a count, a timeline or an export."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from umecrawl.model.urls import site_of


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search.

    `site` is a host, with or without `www.`; `author` a part of the byline or of the name of
    someone who signs the text, whatever its case. `since` and `until`
    bound the publication (where the page gives none, the first capture) and are both inclusive: a day is a day in
    UTC. `current` leaves out versions that the latest capture of their article no longer shows;
    `kind` those that are not of it (article, document). `signatory` is a part of the name of someone who signs the
    text. `run` and `quality` leave out versions that no capture of that run, and none of that quality (full, teaser,
    consent …), shows.
    """

    site: str | None = None
    author: str | None = None
    since: date | None = None
    until: date | None = None
    current: bool = False
    kind: str | None = None
    signatory: str | None = None
    run: str | None = None
    quality: str | None = None


class Narrowing(TypedDict, total=False):
    """The fields of `Filters` as keywords."""

    site: str | None
    author: str | None
    since: date | None
    until: date | None
    current: bool
    kind: str | None
    signatory: str | None
    run: str | None
    quality: str | None


class Choosing(Narrowing, total=False):
    """The filters of an export as keywords."""

    url: str | None
    source: str | None


def host_named(site: str) -> str:
    """Return the site that a host or a URL names."""
    return site_of(site if "://" in site else f"https://{site}")
