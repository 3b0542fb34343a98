"""The sample sites as they lie in `fixtures/`: who they are, what is answered to which URL, and what changes.

The folder is written by `fixtures/build.py` and described in `fixtures/README.md`. In a wheel it lies in the package,
in a source tree beside it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from umecrawl.errors import UmecrawlError

EDITIONS = (1, 2)


class Framing(StrEnum):
    """How the end of a body is told (RFC 9112 §6.3)."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


class Match(StrEnum):
    """Which URLs a route answers.

    `exact`: its own. `query`: those with its path and at least its parameters, in any order.
    `below`: all that begin with it.
    """

    EXACT = "exact"
    QUERY = "query"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class SampleSite:
    """One site: its host, where a crawl begins, and what it is there to show.

    `kind` is that of a source in `umecrawl.toml`; `seeded` tells the sites a crawl begins at from those it only
    reaches by links.
    """

    name: str
    title: str
    host: str
    scheme: str
    seed: str
    kind: str
    seeded: bool
    shows: str


@dataclass(frozen=True, slots=True)
class Route:
    """One answer: the body (identity coding, unframed) and how it is sent.

    `kind` says what the answer is (`post`, `listing`, `feed`, `redirect`, `gone` …); `file` is where the body
    lies, relative to `fixtures/`; a `*` in the Location of a `below` route stands for the requested path and query.
    """

    url: str
    edition: int
    kind: str
    file: str
    status: int
    content_type: str
    body: bytes
    framing: Framing
    gzip: bool
    match: Match
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SampleChange:
    """One entry of `changes.toml`: what differs between the editions at a URL, as a text before and a text after.

    `kind`: new | edited | headline | removed | restored | republished | chrome-only | counts-only. `stealth` marks an
    edit that left the page's modified date as it was.
    """

    kind: str
    url: str
    old: str
    new: str
    stealth: bool = False


@dataclass(frozen=True, slots=True)
class SampleReuse:
    """A passage that two sample articles share, and the edition from which both stand."""

    source_url: str
    target_url: str
    edition: int
    passage: str


@dataclass(frozen=True, slots=True)
class RouteTable:
    """What one edition answers; `find` is the way in."""

    exact: Mapping[str, Route]
    query: Mapping[str, tuple[Route, ...]]
    below: tuple[Route, ...]

    def find(self, url: str) -> Route | None:
        """Return the route for an absolute URL: the exact one, else the most particular of the wider ones."""
        if url in self.exact:
            return self.exact[url]
        path, _, query = url.partition("?")
        asked = set(query.split("&"))
        for route in self.query.get(path, ()):
            if _parameters(route.url) <= asked:
                return route
        return next((route for route in self.below if url.startswith(route.url)), None)


def fixtures_folder() -> Traversable:
    """Return the folder of the sample sites: inside the installed package, or beside it in a source tree.

    Raises `UmecrawlError` when it is in neither place.
    """
    package = files("umecrawl")
    places = (package / "fixtures", Path(str(package)).parent / "fixtures")
    for place in places:
        if (place / "changes.toml").is_file():
            return place
    raise UmecrawlError(
        f"the sample sites are missing: no changes.toml in {places[0]} nor in {places[1]}",
        hint="Install umecrawl again from a wheel, or run it from a complete source tree.",
    )


def sample_sites() -> tuple[SampleSite, ...]:
    """Return the sample sites in the order of their names; those that seed a crawl have `seeded` set."""
    return tuple(SampleSite(**_toml(folder / "meta.toml")["site"]) for folder in _site_folders())


def sample_changes() -> tuple[SampleChange, ...]:
    """Return the gold of what differs between edition 1 and edition 2, article by article."""
    return tuple(SampleChange(**row) for row in _toml(fixtures_folder() / "changes.toml")["change"])


def sample_reuse() -> tuple[SampleReuse, ...]:
    """Return the gold of the passages that sample articles share."""
    return tuple(SampleReuse(**row) for row in _toml(fixtures_folder() / "changes.toml")["reuse"])


def route_table(edition: int) -> RouteTable:
    """Return what an edition answers; a later edition lies over the earlier ones.

    Raises `UmecrawlError` for an edition that does not exist.
    """
    if edition not in EDITIONS:
        raise UmecrawlError(
            f"the sample sites have no edition {edition}", hint=f"Choose one of {', '.join(map(str, EDITIONS))}."
        )
    routes: dict[tuple[str, str], Route] = {}  # a front page and the error page for all below it share a URL
    for folder in _site_folders():
        for row in _toml(folder / "routes.toml")["route"]:
            key = (row["url"], row.get("match", Match.EXACT))
            if row["edition"] <= edition and _supersedes(row, routes.get(key)):
                routes[key] = _route(folder, row)
    exact = {route.url: route for route in routes.values() if route.match is Match.EXACT}
    query: dict[str, list[Route]] = {}
    for route in sorted(routes.values(), key=lambda route: -len(_parameters(route.url))):
        if route.match is Match.QUERY:
            query.setdefault(route.url.partition("?")[0], []).append(route)
    below = sorted((r for r in routes.values() if r.match is Match.BELOW), key=lambda route: -len(route.url))
    return RouteTable(
        MappingProxyType(exact), MappingProxyType({path: tuple(found) for path, found in query.items()}), tuple(below)
    )


def _supersedes(row: Mapping[str, Any], earlier: Route | None) -> bool:
    return earlier is None or bool(row["edition"] > earlier.edition)


def _route(folder: Traversable, row: Mapping[str, Any]) -> Route:
    file = row.get("file", "")
    return Route(
        url=row["url"],
        edition=row["edition"],
        kind=row["kind"],
        file=f"{folder.name}/{file}" if file else "",
        status=row.get("status", 200),
        content_type=row.get("type", ""),
        body=folder.joinpath(*file.split("/")).read_bytes() if file else b"",
        framing=Framing(row.get("framing", Framing.LENGTH)),
        gzip=row.get("gzip", False),
        match=Match(row.get("match", Match.EXACT)),
        headers=tuple((name, value) for name, value in row.get("headers", [])),
    )


def _parameters(url: str) -> frozenset[str]:
    return frozenset(filter(None, urlsplit(url).query.split("&")))


def _site_folders() -> list[Traversable]:
    folders = [folder for folder in fixtures_folder().iterdir() if folder.is_dir() and (folder / "meta.toml").is_file()]
    return sorted(folders, key=lambda folder: folder.name)


def _toml(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UmecrawlError(
            f"a file of the sample sites cannot be read: {file} ({error})",
            hint="Write the folder again with fixtures/build.py, or install umecrawl again.",
        ) from error
