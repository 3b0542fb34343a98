"""What is crawled: the tables `[[source]]`."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from umecrawl.config.collection import Kind, Politeness, Revisit, Source, SourceScope, TrapRule
from umecrawl.config.cron import is_cron
from umecrawl.config.manners import POLITENESS_KEYS, read_politeness, read_revisit
from umecrawl.config.section import Section
from umecrawl.model.urls import InvalidUrlError, Url, normalize

_SOURCE_KEYS = (
    "name",
    "kind",
    "seeds",
    "scope",
    "include",
    "exclude",
    "rules_off",
    "requisites",
    "follow",
    "every",
    "cron",
    "max_pages",
    "max_run_bytes",
    "max_run_time",
)
_DOMAIN = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*", re.ASCII
)


def read_source(section: Section, politeness: Politeness, revisit: Revisit) -> Source:
    """Return what a table `[[source]]` describes; `politeness` and `revisit` hold where it says nothing of its own."""
    section.only((*_SOURCE_KEYS, "revisit", *POLITENESS_KEYS))
    name = section.name()
    cron = section.text("cron", "") or None
    every = section.duration("every", timedelta(0), zero=False) or None
    if every is not None and cron is not None:
        section.refuse("cron", "a source has either every or cron, not both", "Remove one of them.")
    if cron is not None and not is_cron(cron):
        section.refuse(
            "cron",
            f'five fields such as "0 6-22 * * *" are wanted, not {cron!r}',
            "They are minute, hour, day of the month, month and day of the week, and name a time that comes.",
        )
    return Source(
        name=name,
        seeds=_seeds(section),
        kind=section.word("kind", Kind, Kind.AUTO),
        scope=section.word("scope", SourceScope, SourceScope.HOST),
        include=section.patterns("include"),
        exclude=section.patterns("exclude"),
        rules_off=section.words("rules_off", TrapRule),
        requisites=section.boolean("requisites", default=True),
        follow=_follow(section),
        every=every,
        cron=cron,
        max_pages=section.count("max_pages", 50_000),
        max_run_bytes=section.size("max_run_bytes", 0) if section.has("max_run_bytes") else None,
        max_run_time=section.duration("max_run_time", timedelta(0), zero=False) or None,
        politeness=read_politeness(section, politeness),
        revisit=read_revisit(section.table("revisit"), revisit),
    )


def _seeds(section: Section) -> tuple[Url, ...]:
    seeds: list[Url] = []
    for text in section.strings("seeds"):
        try:
            seed = normalize(text)
        except InvalidUrlError as error:
            section.refuse("seeds", error.message, error.hint)
        if seed not in seeds:
            seeds.append(seed)
    if not seeds:
        section.refuse("seeds", "at least one URL is wanted", 'For instance: seeds = ["https://umesosse.se/"].')
    return tuple(seeds)


def _follow(section: Section) -> tuple[str, ...]:
    domains: list[str] = []
    for text in section.strings("follow"):
        if text == "*":
            domains.append(text)
            continue
        try:
            domain = text.lower().lstrip(".").encode("idna").decode("ascii")
        except UnicodeError:
            domain = ""
        if not _DOMAIN.fullmatch(domain):
            host = urlsplit(text).hostname or text.partition("/")[0]
            section.refuse("follow", f'a domain such as "vk.se" is wanted, not {text!r}', f"Write {host!r}.")
        domains.append(domain)
    return tuple(dict.fromkeys(domains))
