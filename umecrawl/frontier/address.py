"""The parts of a canonical URL that the rules ask about, taken apart once."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from umecrawl.model.urls import Url, canonicalize


@dataclass(frozen=True, slots=True)
class Address:
    """A canonical URL in parts.

    `site` is the authority without `www.` (a port other than the scheme's own is kept); `segments` are the
    non-empty parts of the path; `parameters` are the name-value pairs of the query, sorted, the value `None`
    where there is no `=`, and `names` their names in lower case. Because the query is sorted, no rule can see
    in which order parameters stood.
    """

    url: Url
    scheme: str
    host: str
    site: str
    path: str
    segments: tuple[str, ...]
    parameters: tuple[tuple[str, str | None], ...]
    names: frozenset[str]


@lru_cache(maxsize=16_384)
def address_of(url: Url) -> Address:
    """Return the parts of the canonical form of `url`."""
    canonical = canonicalize(url)
    parts = urlsplit(canonical)
    path = parts.path
    parameters = tuple(_pair(part) for part in parts.query.split("&")) if parts.query else ()
    return Address(
        url=canonical,
        scheme=parts.scheme,
        host=parts.hostname or "",
        site=parts.netloc.removeprefix("www."),
        path=path,
        segments=tuple(segment for segment in path.split("/") if segment),
        parameters=parameters,
        names=frozenset(name.lower() for name, _ in parameters),
    )


def _pair(part: str) -> tuple[str, str | None]:
    name, equals, value = part.partition("=")
    return name, value if equals else None
