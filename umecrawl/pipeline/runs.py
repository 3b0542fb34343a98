"""Runs as data: what a run is made from, which run of the archive is meant, and how it is taken up again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from umecrawl import SOFTWARE, config
from umecrawl.config import Config, Source
from umecrawl.errors import DamageError, NotFoundError, UsageError
from umecrawl.fetch.addresses import parse_connect_to
from umecrawl.model.capture import ArchiveEvent
from umecrawl.model.crawl import CrawlRun, run_id
from umecrawl.warc.reader import WarcArchive

_CONFIGURATION = "umecrawl.toml"
_LIMIT_PAGES = "option.limit-pages"
_CONNECT_TO = "option.connect-to"
_INSECURE = "option.insecure"
_FROM_WARC = "option.from-warc"
_AT = "option.at"
_FULL = "option.full"


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """What the command line adds to the configuration for one run.

    `sources` names the sources to crawl (none: all); `limit_pages` ends the run after that many pages;
    `connect_to` are curl's `HOST:PORT:ADDR:PORT`; `insecure` accepts any certificate; `resume` is the id of a
    run to go on with; `index` keeps the SQL index up to date while the run goes on. `from_warc` names WARC and WACZ
    files, or folders of them, that answer instead of the network, each URL by its capture nearest to `at` (UTC;
    none: the latest). `full` asks for every URL, whatever earlier runs have, and unconditionally. `schedule` are
    settings that say which due times the run serves (`pipeline.served`).
    """

    sources: tuple[str, ...] = ()
    limit_pages: int | None = None
    connect_to: tuple[str, ...] = ()
    insecure: bool = False
    resume: str | None = None
    index: bool = True
    from_warc: tuple[str, ...] = ()
    at: datetime | None = None
    full: bool = False
    schedule: tuple[tuple[str, str], ...] = ()

    @property
    def replay(self) -> bool:
        """Whether records answer instead of servers."""
        return bool(self.from_warc)


def user_agent(contact: str) -> str:
    """Return the User-Agent that names the crawler and whom to write to."""
    return f"{SOFTWARE} (+{contact})"


def chosen_sources(settings: Config, names: tuple[str, ...]) -> tuple[Source, ...]:
    """Return the sources named, or all of them. Raises UsageError for a name that the configuration lacks."""
    known = {source.name: source for source in settings.sources}
    if not known:
        raise UsageError(
            f"{settings.path} names no source to crawl", hint="Add a [[source]] with a name and its seeds."
        )
    missing = [name for name in names if name not in known]
    if missing:
        raise UsageError(
            f"no source named {missing[0]!r} in {settings.path}", hint=f"Its sources are: {', '.join(known)}."
        )
    return tuple(known[name] for name in names) if names else settings.sources


def new_run(settings: Config, options: CrawlOptions, now: datetime, suffix: str) -> CrawlRun:
    """Return the run that these settings and options make, named by its start (UTC) and a suffix."""
    chosen = chosen_sources(settings, options.sources)
    for mapping in options.connect_to:
        parse_connect_to(mapping)  # Scrapy would swallow the complaint when the handler is made
    frozen = [(_CONFIGURATION, json.dumps(settings.kept_text))]
    if options.limit_pages is not None:
        frozen.append((_LIMIT_PAGES, str(options.limit_pages)))
    frozen.extend((_CONNECT_TO, mapping) for mapping in options.connect_to)
    if options.insecure:
        frozen.append((_INSECURE, "true"))
    frozen.extend((_FROM_WARC, path) for path in options.from_warc)
    if options.at is not None:
        frozen.append((_AT, options.at.isoformat()))
    if options.full:
        frozen.append((_FULL, "true"))
    frozen.extend(options.schedule)
    return CrawlRun(
        id=run_id(now, suffix),
        collection=settings.collection.name,
        title=settings.collection.title,
        sources=tuple(source.name for source in chosen),
        started_at=now,
        operator=settings.collection.operator,
        contact=settings.collection.contact,
        user_agent=user_agent(settings.collection.contact),
        robots=settings.politeness.robots,
        software=SOFTWARE,
        settings=tuple(frozen),
    )


def frozen_settings(run: CrawlRun, path: Path) -> Config:
    """Return the configuration under which a run began, as its `warcinfo` keeps it.

    Raises NotFoundError where the run keeps none (a WARC that another tool wrote).
    """
    for name, value in run.settings:
        if name == _CONFIGURATION:
            return config.parse(json.loads(value), path)
    raise NotFoundError(
        f"run {run.id} keeps no configuration in its warcinfo", hint="Start a new run with `umecrawl crawl`."
    )


def is_whole(run: CrawlRun) -> bool:
    """Return whether a run was to crawl its sources whole, from the network."""
    return not any(name in {_LIMIT_PAGES, _FROM_WARC} for name, _ in run.settings)


def frozen_options(run: CrawlRun, given: CrawlOptions) -> CrawlOptions:
    """Return the options under which a run began; what is given anew on the command line wins."""
    kept = {name: value for name, value in run.settings if name in {_LIMIT_PAGES, _INSECURE, _AT, _FULL}}
    limit = kept.get(_LIMIT_PAGES)
    return replace(
        given,
        sources=run.sources,
        limit_pages=given.limit_pages if given.limit_pages is not None else int(limit) if limit else None,
        connect_to=given.connect_to or tuple(value for name, value in run.settings if name == _CONNECT_TO),
        insecure=given.insecure or _INSECURE in kept,
        from_warc=given.from_warc or tuple(value for name, value in run.settings if name == _FROM_WARC),
        full=given.full or _FULL in kept,
        at=given.at or (datetime.fromisoformat(kept[_AT]) if _AT in kept else None),
    )


def run_of(archive: WarcArchive, name: str) -> CrawlRun:
    """Return the run with this id, or the newest for `last`. Raises NotFoundError."""
    runs = {run.id: run for run in map(partial(_first_run, archive), archive.names()) if run is not None}
    if name == "last" and runs:
        return runs[max(runs)]
    if name not in runs:
        newest = ", ".join(sorted(runs)[-3:])
        raise NotFoundError(
            f"no run {name!r} in the archive",
            hint=f"Newest runs: {newest}." if newest else "The archive holds no run yet.",
        )
    return runs[name]


def files_of(archive: WarcArchive, run: str) -> Iterator[str]:
    """Yield the names of the WARCs that a run wrote, in order."""
    for name in archive.names():
        first = _first_run(archive, name)
        if first is not None and first.id == run:
            yield name


def events_of(archive: WarcArchive, run: str) -> Iterator[ArchiveEvent]:
    """Yield what one run wrote, in order; files of other runs are left at their first record."""
    for name in files_of(archive, run):
        yield from (event for _, event in archive.read(name))


def _first_run(archive: WarcArchive, name: str) -> CrawlRun | None:
    """Return the run that a WARC says it belongs to in its first record, if it does."""
    try:
        _, event = next(archive.read(name), (None, None))
    except DamageError:  # whosever it is, it cannot be told to be ours
        return None
    return event if isinstance(event, CrawlRun) else None
