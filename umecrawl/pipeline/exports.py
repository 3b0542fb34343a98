"""Exports: CDXJ, WARC and WACZ of a whole archive or of what filters choose from it.

A whole archive is exported file by file and needs no index; only closed files are taken, for the others still change.
What filters choose is copied capture by capture, with the originals of revisits and with what pages need to be shown.
"""

import socket
from array import array
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from umecrawl import SOFTWARE, config
from umecrawl.config import Collection
from umecrawl.errors import ConfigError, DamageError, NotFoundError, UsageError
from umecrawl.index.engine import Index, SchemaError
from umecrawl.model.readable import HTML_TYPES
from umecrawl.pipeline.requisites import Requisites
from umecrawl.pipeline.taking import Places, Taken, closed_volumes, take
from umecrawl.pipeline.titles import Titles
from umecrawl.query.selection import Choice, Selection, is_behind
from umecrawl.warc.cdxj import CdxEntry, cdxj_path, format_line, parse_line, warc_entries
from umecrawl.warc.copying import OctetSink, copy_octets, copy_own, is_playable
from umecrawl.warc.disk import writing
from umecrawl.warc.excerpt import About, ExcerptWriter, Opener, entries_of
from umecrawl.warc.files import manifest_path, sha256_of
from umecrawl.warc.newfile import NewFile
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.recordstream import is_ours
from umecrawl.warc.sortedlines import SortedLines
from umecrawl.warc.volumes import Volume
from umecrawl.warc.wacz import ARCHIVE, Package, WaczWriter
from umecrawl.warc.waczpages import WaczPage
from umecrawl.warc.waczsignature import SigningKey

_T = TypeVar("_T")
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to export: `created` dates the result; `title` and `description` say what it is, where they are given.

    `requisites` adds what chosen pages need to be shown, `text` puts the texts of articles into the list of pages,
    `with_credentials` lets requests pass that carry cookies, `key` signs a WACZ.
    """

    created: datetime
    title: str = ""
    description: str = ""
    requisites: bool = True
    text: bool = True
    with_credentials: bool = False
    key: SigningKey | None = None


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was exported: captures, pages and files; `notes` are sentences that a person should read."""

    captures: int = 0
    pages: int = 0
    files: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


class Exporter:
    """Exports from one archive what `choice` takes of it.

    `database` is the URL of the index, without which a whole archive is exported all the same. Raises
    `NotFoundError` where nothing fits, `DamageError` where a file cannot be read or has changed, `NoSpaceError` when
    the disk is full; then no file is left behind.
    """

    def __init__(self, root: Path, database: str | None, choice: Choice, options: ExportOptions) -> None:
        self._root = root
        self._database = database or Index.default_url(root)
        self._choice = choice
        self._options = options
        self._collection = _collection(root)

    @property
    def name(self) -> str:
        """The name of the collection, for names of files."""
        return self._collection.name if self._collection else "archive"

    def cdxj(self, sink: OctetSink) -> ExportReport:
        """Write the sorted lines of the captures that are chosen; they name the places in the archive's files."""
        counts: Counter[str] = Counter()
        with self._selection() as (selection, _), SortedLines() as lines:
            taken = take(self._root, self._choice, selection, needs=None)
            for volume in taken.volumes:
                self._add_lines(volume, taken, lines)
            for line in lines:
                sink.write(line)
                counts["captures"] += 1
        return ExportReport(counts["captures"], notes=taken.notes)

    def warc(self, folder: Path) -> ExportReport:
        """Write WARC files into a folder: all files as they are, or new ones of the captures that are chosen."""
        if folder.resolve().is_relative_to((self._root / "warc").resolve()):
            raise UsageError(f"{folder} is part of the archive", hint="Name a folder outside of its warc/.")
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        files: list[Path] = []
        captures = 0

        @contextmanager
        def opened(name: str) -> Generator[OctetSink, None, None]:
            with NewFile(folder / name) as file:
                yield file
                files.append(file.finish())

        try:
            with self._selection() as (selection, _):
                taken = self._taken(selection)
                if taken.places is not None:
                    captures = sum(1 for _ in self._copied(taken.volumes, taken.places, opened))
                for volume in taken.volumes if taken.places is None else ():
                    self._check(volume)
                    with opened(volume.name) as sink:
                        self._copy(volume, sink)
                    self._compare(volume, sha256_of(files[-1]))
                    captures += sum(1 for _ in entries_of(self._root, volume))
        except BaseException:
            for path in files:  # half a result set is none
                path.unlink(missing_ok=True)
            raise
        return ExportReport(captures, files=tuple(files), notes=taken.notes)

    def wacz(self, target: Path) -> ExportReport:
        """Write a WACZ: of a whole archive its closed files as they are, else WARC files of what is chosen."""
        counts: Counter[str] = Counter()
        with WaczWriter(target, self._options.created) as wacz, SortedLines() as lines:
            with self._selection() as (selection, notes):
                taken = self._taken(selection)
                places = taken.places
                if places is None:
                    places = self._copy_playable(taken.volumes, wacz, lines)
                    if places:
                        notes.append(f"players cannot read {', '.join(places)}: the captures in it were packed anew")
                for entry in self._copied(taken.volumes, places, lambda name: wacz.entry(ARCHIVE + name)):
                    lines.add(format_line(entry))
                wacz.put_index(_counted(lines, counts, "captures"))
                pages = self._pages(selection, taken) if selection else _pages_of(lines)
                first = wacz.put_pages(_counted(pages, counts, "pages"), with_text=self._options.text)
            wacz.finish(self._package(first), self._options.key)
        return ExportReport(counts["captures"], counts["pages"], (target,), (*taken.notes, *notes))

    @contextmanager
    def _selection(self) -> Generator[tuple[Selection | None, list[str]], None, None]:
        """Give what the index chooses, as it is at one moment; a whole archive is exported without an index too."""
        try:
            index = Index.open(self._database, create=False)
        except (NotFoundError, SchemaError) as error:
            if not self._choice.is_all:
                raise
            yield None, [f"{error.message}: the pages have neither titles nor texts"]
            return
        try:
            with index.connect() as connection:
                sizes = [(one.name, one.path.stat().st_size) for one in closed_volumes(self._root) if one.size is None]
                behind = ["the index is behind: `umecrawl index` adds the pages that are missing"]
                yield Selection(connection, self._choice), behind if is_behind(connection, sizes) else []
        finally:
            index.close()

    def _taken(self, selection: Selection | None) -> Taken:
        wanted = selection is not None and self._options.requisites
        needs = Requisites(selection, WarcArchive(self._root)) if selection is not None and wanted else None
        return take(self._root, self._choice, selection, needs=needs, originals=True)

    def _copy_playable(self, volumes: Iterable[Volume], wacz: WaczWriter, lines: SortedLines) -> Places:
        """Copy the files that players can read as they are; return where the captures of the others lie."""
        others: Places = {}
        for volume in volumes:
            if not self._check(volume):
                offsets = (entry.record.offset for entry in entries_of(self._root, volume))
                others[volume.name] = array("Q", offsets)
                continue
            size = volume.path.stat().st_size if volume.size is None else volume.size
            with wacz.entry(ARCHIVE + volume.name, size=size) as entry:
                self._copy(volume, entry)
            self._compare(volume, entry.sha256())
            self._add_lines(volume, None, lines)
        return others

    def _check(self, volume: Volume) -> bool:
        """Say whether players can read a file; one of ours is looked through while it is copied."""
        return is_ours(volume) or is_playable(volume, with_credentials=self._options.with_credentials)

    def _copy(self, volume: Volume, sink: OctetSink) -> None:
        if is_ours(volume):
            copy_own(volume, sink, with_credentials=self._options.with_credentials)
        else:
            copy_octets(volume, sink)

    def _add_lines(self, volume: Volume, taken: Taken | None, lines: SortedLines) -> None:
        cdxj = cdxj_path(self._root, volume.name)
        if taken is not None and taken.places is not None:
            wanted = set(taken.places.get(volume.name, ()))
            for entry in entries_of(self._root, volume) if wanted else ():
                if entry.record.offset in wanted:
                    lines.add(format_line(entry))
        elif cdxj.exists():
            lines.add_file(cdxj)
        else:
            for entry in warc_entries(volume):
                lines.add(format_line(entry))

    def _copied(self, volumes: Iterable[Volume], places: Places, opener: Opener) -> Iterator[CdxEntry]:
        about = About(
            collection=self.name,
            operator=self._collection.operator if self._collection else "",
            hostname=socket.gethostname(),
            software=SOFTWARE,
            created=self._options.created,
            description=self._description(),
            filters=self._choice.named(),
        )
        with ExcerptWriter(opener, about, with_credentials=self._options.with_credentials) as writer:
            for volume in volumes:
                if offsets := places.get(volume.name):
                    yield from writer.copy(self._root, volume, offsets)

    def _compare(self, volume: Volume, sha256: str) -> None:
        manifest = manifest_path(self._root, volume.name)
        with suppress(FileNotFoundError):
            if manifest.read_text(encoding="utf-8", errors="replace").split()[:1] != [sha256]:
                raise DamageError(
                    f"{volume.path}: the file has changed since it was closed: its manifest gives another SHA-256",
                    hint="Restore it from a copy; `umecrawl verify` shows what is damaged.",
                )

    def _pages(self, selection: Selection, taken: Taken) -> Iterator[WaczPage]:
        exported = {volume.name for volume in taken.volumes}
        titles = Titles(selection, WarcArchive(self._root))
        for page in selection.pages():
            if page.warc in exported:
                yield WaczPage(
                    id=page.id,
                    url=page.url,
                    at=page.captured_at,
                    title=page.title or (titles.of(page.id) if page.mime in HTML_TYPES else ""),
                    text=page.text or "" if self._options.text else "",
                    mime=page.mime,
                    status=page.status,
                    size=page.size,
                    seed=not page.hop_path,
                )

    def _package(self, first: WaczPage | None) -> Package:
        title = self._options.title or (self._collection.title or self._collection.name if self._collection else "")
        return Package(title or self._root.name, self._description(), self._options.created, SOFTWARE, first)

    def _description(self) -> str:
        if self._options.description:
            return self._options.description
        what = f"the collection {self._collection.name}" if self._collection else "an archive"
        if self._choice.is_all:
            return f"All closed WARC files of {what}"
        chosen = ", ".join(f"{name} {value}" for name, value in self._choice.named())
        return f"Captures of {what}, chosen by {chosen}"


def _pages_of(lines: Iterable[bytes]) -> Iterator[WaczPage]:
    """Yield the pages that CDXJ lines show: without an index, what they say is all that is known."""
    for line in lines:
        entry = parse_line(line)
        if entry.status == _OK and entry.mime in HTML_TYPES:
            yield WaczPage(
                id=entry.record.record_id,
                url=entry.url,
                at=entry.captured_at,
                mime=entry.mime,
                status=entry.status,
                size=entry.size,
                seed=bool(entry.seed) and not entry.hop,
            )


def _counted(items: Iterable[_T], counts: Counter[str], name: str) -> Iterator[_T]:
    for item in items:
        counts[name] += 1
        yield item


def _collection(root: Path) -> Collection | None:
    """Return what the archive says of itself; nothing where its configuration is missing or invalid."""
    try:
        return config.load(root / config.FILE_NAME).collection
    except (NotFoundError, ConfigError, OSError):
        return None
