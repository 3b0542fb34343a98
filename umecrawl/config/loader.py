"""Reads `umecrawl.toml`: every mistake is told with file, line, key and what is wanted (exit code 3)."""

import re
import tomllib
import zoneinfo
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from umecrawl.config.collection import (
    Collection,
    Config,
    Kind,
    Politeness,
    Revisit,
    Robots,
    Schedule,
    Source,
    SourceScope,
    TrapRule,
)
from umecrawl.config.cron import is_cron
from umecrawl.config.positions import KeyLines
from umecrawl.config.quantity import format_duration
from umecrawl.config.quiet import QuietHours, leave_room, parse_quiet_hours
from umecrawl.config.section import Section
from umecrawl.errors import ConfigError, NotFoundError
from umecrawl.model.urls import InvalidUrlError, Url, normalize

FILE_NAME = "umecrawl.toml"
READY_COLLECTIONS = ("umea", "empty")

_COLLECTION_KEYS = ("name", "title", "operator", "contact", "timezone")
_POLITENESS_KEYS = (
    "delay",
    "max_delay",
    "connections_per_host",
    "quiet_hours",
    "robots",
    "robots_reason",
    "max_bytes",
    "timeout",
)
_REVISIT_KEYS = ("shortest", "longest", "requisites")
_LONGEST_PAUSE = timedelta(days=3_653)
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
# A name becomes part of file and folder names on any system, and of URLs.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)
_DOMAIN = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*", re.ASCII
)
_MAILTO = re.compile(r"mailto:[^@\s]+@[^@\s]+\Z")
_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SCHEDULE_KEYS = ("jitter", "retry", "longest_retry", "resume_within", "on_failure", "webhook", "notice_timeout")


def load(path: Path) -> Config:
    """Return the configuration in the file at `path`.

    Raises `NotFoundError` when there is no such file and `ConfigError` for anything wrong in it.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise NotFoundError(
            f"no configuration at {path}", hint=f"Make an archive with: umecrawl init {path.parent}"
        ) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="Check the file's permissions.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8", hint="Save the file as UTF-8.") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """Return the configuration that `text` describes; `path` is named in messages.

    Raises `ConfigError` for broken TOML, unknown keys, wrong types and values, and what is missing.
    """
    text = text.replace("\r\n", "\n")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _broken(text, path, error) from error
    root = Section(table, (), path, KeyLines(text))
    root.only(("collection", "politeness", "revisit", "schedule", "source"))
    collection = _collection(root)
    section = root.table("politeness")
    section.only(_POLITENESS_KEYS)
    politeness = _politeness(section, Politeness())
    revisit = _revisit(root.table("revisit"), Revisit())
    sources: list[Source] = []
    for section in root.tables("source"):
        source = _source(section, politeness, revisit)
        if source.name in {other.name for other in sources}:
            section.refuse("name", f"another source is already named {source.name!r}", "Give each source its own name.")
        sources.append(source)
    return Config(
        path=path,
        collection=collection,
        politeness=politeness,
        sources=tuple(sources),
        revisit=revisit,
        schedule=_schedule(root.table("schedule"), text),
        text=text,
    )


def ready_collection(name: str) -> str:
    """Return the text of a ready `umecrawl.toml` (one of `READY_COLLECTIONS`), as `umecrawl init` writes it."""
    if name not in READY_COLLECTIONS:
        raise NotFoundError(f"no ready collection {name!r}", hint=f"There are: {', '.join(READY_COLLECTIONS)}.")
    return files("umecrawl").joinpath("collections", f"{name}.toml").read_text(encoding="utf-8")


def _broken(text: str, path: Path, error: tomllib.TOMLDecodeError) -> ConfigError:
    # tomllib ends its message with the place, or says "at end of document".
    message, _, place = str(error).partition(" (at ")
    line = re.match(r"line (\d+)", place)
    number = int(line[1]) if line else text.rstrip().count("\n") + 1
    return ConfigError(
        f"{path}, line {number}: not valid TOML: {message[:1].lower()}{message[1:]}",
        hint="Strings stand in quotes, lists in brackets; see https://toml.io.",
    )


def _collection(root: Section) -> Collection:
    section = root.table("collection")
    section.only(_COLLECTION_KEYS)
    name = _name(section)
    contact = section.text("contact", "")
    if not contact:
        section.refuse(
            "contact",
            "is missing; a web address or mailto: is wanted",
            'It is sent with every request, so that a site can reach you: contact = "mailto:archive@your.org".',
        )
    if not is_contact(contact):
        section.refuse("contact", f"a web address (https://…) or mailto: with an address is wanted, not {contact!r}")
    timezone = section.text("timezone", "Europe/Stockholm")
    try:
        zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        section.refuse("timezone", f'a time zone such as "Europe/Stockholm" is wanted, not {timezone!r}')
    return Collection(
        name=name,
        contact=contact,
        title=section.text("title", "") or name,
        operator=section.text("operator", ""),
        timezone=timezone,
    )


def _politeness(section: Section, default: Politeness) -> Politeness:
    robots = section.word("robots", Robots, default.robots)
    reason = section.text("robots_reason", default.robots_reason)
    if robots is Robots.IGNORE and not reason:
        section.refuse(
            "robots",
            '"ignore" needs robots_reason: why this archive may leave robots.txt aside',
            'Add for instance: robots_reason = "legal deposit, agreed with the publisher on 2025-01-15".',
        )
    return Politeness(
        delay=section.duration("delay", default.delay),
        max_delay=section.duration("max_delay", default.max_delay),
        connections_per_host=section.count("connections_per_host", default.connections_per_host),
        quiet_hours=_quiet_hours(section, default.quiet_hours),
        robots=robots,
        robots_reason=reason,
        max_bytes=section.size("max_bytes", default.max_bytes),
        timeout=section.duration("timeout", default.timeout, zero=False),
    )


def _revisit(section: Section, default: Revisit) -> Revisit:
    section.only(_REVISIT_KEYS)
    revisit = Revisit(
        shortest=section.duration("shortest", default.shortest),
        longest=section.duration("longest", default.longest, zero=False),
        requisites=section.duration("requisites", default.requisites),
    )
    for key, pause in (("longest", revisit.longest), ("requisites", revisit.requisites)):
        if pause > _LONGEST_PAUSE:
            section.refuse(
                key, f"ten years at most are wanted, not {format_duration(pause)}", "No URL is ever dropped."
            )
    if revisit.shortest > revisit.longest:
        key = "shortest" if section.has("shortest") else "longest"
        section.refuse(
            key,
            f"shortest ({format_duration(revisit.shortest)}) is longer than longest "
            f"({format_duration(revisit.longest)})",
            "Every page is asked again between the two.",
        )
    return revisit


def _schedule(section: Section, text: str) -> Schedule:
    section.only(_SCHEDULE_KEYS)
    default = Schedule()
    command = section.strings("on_failure")
    if section.has("on_failure") and not (command and command[0]):
        section.refuse("on_failure", 'a program and its arguments are wanted, such as ["/usr/local/bin/tell-me"]')
    webhook = section.text("webhook", "")
    # Verbatim in the file, so that it can be left out of what WARCs keep of it.
    is_url = webhook.startswith(("http://", "https://")) and is_contact(webhook) and webhook in text
    if webhook and not is_url and not _VARIABLE.fullmatch(webhook):
        section.refuse(
            "webhook",
            f"a web address (https://…) or $NAME of an environment variable is wanted, not {webhook!r}",
            "Write it without escapes.",
        )
    return Schedule(
        jitter=section.duration("jitter", default.jitter),
        retry=section.duration("retry", default.retry, zero=False),
        longest_retry=section.duration("longest_retry", default.longest_retry, zero=False),
        resume_within=section.duration("resume_within", default.resume_within),
        on_failure=command,
        webhook=webhook,
        notice_timeout=section.duration("notice_timeout", default.notice_timeout, zero=False),
    )


def _source(section: Section, politeness: Politeness, revisit: Revisit) -> Source:
    section.only((*_SOURCE_KEYS, "revisit", *_POLITENESS_KEYS))
    name = _name(section)
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
        politeness=_politeness(section, politeness),
        revisit=_revisit(section.table("revisit"), revisit),
    )


def _name(section: Section) -> str:
    name = section.text("name")
    if not _NAME.fullmatch(name):
        section.refuse(
            "name",
            f"letters a-z, digits, - and _ are wanted, at most 64, not {name!r}",
            "The name becomes part of file names.",
        )
    return name


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


def _quiet_hours(section: Section, default: tuple[QuietHours, ...]) -> tuple[QuietHours, ...]:
    if not section.has("quiet_hours"):
        return default
    hours: list[QuietHours] = []
    for text in section.strings("quiet_hours"):
        try:
            hours.append(parse_quiet_hours(text))
        except ValueError:
            section.refuse(
                "quiet_hours", f'hours such as "22:00-06:00" or "mon-fri 08:00-17:00" are wanted, not {text!r}'
            )
    if not leave_room(hours):
        section.refuse("quiet_hours", "they cover the whole week, so that nothing could ever be asked")
    return tuple(hours)


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


def is_contact(contact: str) -> bool:
    """Return whether a text is a web address or `mailto:` with an address."""
    if contact.lower().startswith("mailto:"):
        return bool(_MAILTO.match(contact))
    try:
        normalize(contact)
    except InvalidUrlError:
        return False
    return True
