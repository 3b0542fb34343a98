"""What an archive collects and how politely: the values of `umecrawl.toml`, checked and with defaults filled in."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from umecrawl.config.quantity import format_duration, format_size
from umecrawl.model.urls import Url


class Kind(StrEnum):
    """What sort of site a source is; `auto` finds out."""

    AUTO = "auto"
    WORDPRESS = "wordpress"
    BLOG = "blog"
    NEWS = "news"
    SITE = "site"


class SourceScope(StrEnum):
    """How far from its seeds a source reaches."""

    PAGE = "page"
    PREFIX = "prefix"
    HOST = "host"
    DOMAIN = "domain"


class Robots(StrEnum):
    """Whether robots.txt is obeyed (RFC 9309); it is fetched and archived either way."""

    OBEY = "obey"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Collection:
    """What the archive is called, who runs it, and how the people behind a crawled site reach them.

    `contact` is an http(s) or mailto URL; `timezone` an IANA name, the zone in which dates without one are read.
    """

    name: str
    contact: str
    title: str = ""
    operator: str = ""
    timezone: str = "Europe/Stockholm"

    @property
    def contact_is_placeholder(self) -> bool:
        """Whether the contact still is the one that `umecrawl init` wrote (a name of RFC 2606)."""
        host = urlsplit(self.contact).hostname or self.contact.rpartition("@")[2]
        return bool(re.search(r"(?:^|\.)example(?:\.(?:org|com|net))?$", host))


@dataclass(frozen=True, slots=True)
class Politeness:
    """How gently hosts are asked.

    `delay` runs from the start of one request to the start of the next to the same host; a Crawl-delay of
    robots.txt wins where it is longer, up to `max_delay`. `max_bytes` counts octets of one response,
    `timeout` the time one exchange may take.
    """

    delay: timedelta = timedelta(seconds=1)
    max_delay: timedelta = timedelta(seconds=60)
    connections_per_host: int = 1
    robots: Robots = Robots.OBEY
    robots_reason: str = ""
    max_bytes: int = 100_000_000
    timeout: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Source:
    """One site or part of a site that is collected, with its own politeness already worked in.

    `include` and `exclude` are searched in the canonical URL. `follow` holds domains whose pages are taken one
    hop off, or `*` for any. `every` and `cron` say when the source is due; at most one of them is set.
    """

    name: str
    seeds: tuple[Url, ...]
    kind: Kind = Kind.AUTO
    scope: SourceScope = SourceScope.HOST
    include: tuple[re.Pattern[str], ...] = ()
    exclude: tuple[re.Pattern[str], ...] = ()
    requisites: bool = True
    follow: tuple[str, ...] = ()
    every: timedelta | None = None
    cron: str | None = None
    max_pages: int = 50_000
    politeness: Politeness = field(default_factory=Politeness)


@dataclass(frozen=True, slots=True)
class Config:
    """A whole `umecrawl.toml`; `path` is the file it was read from."""

    path: Path
    collection: Collection
    politeness: Politeness
    sources: tuple[Source, ...]

    def source(self, name: str) -> Source | None:
        """Return the source of that name, or nothing."""
        return next((source for source in self.sources if source.name == name), None)


def settings_of(config: Config) -> tuple[tuple[str, str], ...]:
    """Return the settings as name-value pairs in the order of the file, as a run freezes them in `warcinfo`.

    Names are dotted (`politeness.delay`, `source.umesosse.follow`); list values are joined by blanks.
    """
    pairs = [
        ("collection.name", config.collection.name),
        ("collection.title", config.collection.title),
        ("collection.operator", config.collection.operator),
        ("collection.contact", config.collection.contact),
        ("collection.timezone", config.collection.timezone),
    ]
    pairs += [(f"politeness.{name}", value) for name, value in _politeness_pairs(config.politeness)]
    for source in config.sources:
        pairs += [(f"source.{source.name}.{name}", value) for name, value in _source_pairs(source)]
        own = dict(_politeness_pairs(source.politeness))
        common = dict(_politeness_pairs(config.politeness))
        pairs += [
            (f"source.{source.name}.{name}", value) for name, value in own.items() if value != common.get(name, "")
        ]
    return tuple((name, value) for name, value in pairs if value)


def _source_pairs(source: Source) -> tuple[tuple[str, str], ...]:
    return (
        ("kind", source.kind.value),
        ("seeds", " ".join(source.seeds)),
        ("scope", source.scope.value),
        ("include", " ".join(pattern.pattern for pattern in source.include)),
        ("exclude", " ".join(pattern.pattern for pattern in source.exclude)),
        ("requisites", "true" if source.requisites else "false"),
        ("follow", " ".join(source.follow)),
        ("every", format_duration(source.every) if source.every is not None else ""),
        ("cron", source.cron or ""),
        ("max_pages", str(source.max_pages)),
    )


def _politeness_pairs(politeness: Politeness) -> tuple[tuple[str, str], ...]:
    return (
        ("delay", format_duration(politeness.delay)),
        ("max_delay", format_duration(politeness.max_delay)),
        ("connections_per_host", str(politeness.connections_per_host)),
        ("robots", politeness.robots.value),
        ("robots_reason", politeness.robots_reason),
        ("max_bytes", format_size(politeness.max_bytes)),
        ("timeout", format_duration(politeness.timeout)),
    )
