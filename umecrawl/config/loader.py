"""Reads `umecrawl.toml`: every mistake is told with file, line, key and what is wanted (exit code 3)."""

import re
import tomllib
import zoneinfo
from importlib.resources import files
from pathlib import Path

from umecrawl.config.collection import Collection, Config, Politeness, Revisit, Schedule, Source
from umecrawl.config.manners import POLITENESS_KEYS, read_politeness, read_revisit
from umecrawl.config.positions import KeyLines
from umecrawl.config.section import Section
from umecrawl.config.sources import read_source
from umecrawl.errors import ConfigError, NotFoundError
from umecrawl.model.urls import InvalidUrlError, normalize

FILE_NAME = "umecrawl.toml"
READY_COLLECTIONS = ("umea", "empty")

_COLLECTION_KEYS = ("name", "title", "operator", "contact", "timezone")
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
    section.only(POLITENESS_KEYS)
    politeness = read_politeness(section, Politeness())
    revisit = read_revisit(root.table("revisit"), Revisit())
    sources: list[Source] = []
    for section in root.tables("source"):
        source = read_source(section, politeness, revisit)
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
    name = section.name()
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


def is_contact(contact: str) -> bool:
    """Return whether a text is a web address or `mailto:` with an address."""
    if contact.lower().startswith("mailto:"):
        return bool(_MAILTO.match(contact))
    try:
        normalize(contact)
    except InvalidUrlError:
        return False
    return True
