"""Exports: CDXJ, WARC and WACZ of a whole archive or of what filters choose from it.

A whole archive is exported file by file and needs no index; only closed files are taken, for the others still change.
What filters choose is copied capture by capture, with the originals of revisits and with what pages need to be shown.
"""

import socket
from array import array
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from umecrawl import __version__, config
from umecrawl.config import Collection
from umecrawl.errors import ConfigError, DamageError, NotFoundError, UsageError
from umecrawl.index.engine import Index, SchemaError
from umecrawl.model.capture import Capture
from umecrawl.pipeline.requisites import Requisites
from umecrawl.query.selection import Choice, Selection, is_behind
from umecrawl.warc.cdxj import CdxEntry, cdxj_path, format_line, parse_line, warc_entries
from umecrawl.warc.events import OPEN_SUFFIX
from umecrawl.warc.excerpt import About, ExcerptWriter, OctetSink, Opener, copy_whole, entries_of
from umecrawl.warc.files import list_warcs, manifest_path, sha256_of, writing
from umecrawl.warc.newfile import NewFile
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.sortedlines import SortedLines
from umecrawl.warc.wacz import ARCHIVE, Package, WaczWriter
from umecrawl.warc.waczpages import WaczPage
from umecrawl.warc.waczsignature import SigningKey

SOFTWARE: Final = f"umecrawl/{__version__}"
_T = TypeVar("_T")
_OK: Final = 200
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})


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


@dataclass(slots=True)
class _Taken:
    """What is exported: closed files; of each the offsets of the captures, or none where all of it is."""

    warcs: tuple[Path, ...]
    places: dict[str, "array[int]"] | None = None
    notes: list[str] = field(default_factory=list)


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
            taken = self._taken(selection, alone=True)
            self._add_lines(taken, lines)
            for line in lines:
                sink.write(line)
                counts["captures"] += 1
        return ExportReport(counts["captures"], notes=tuple(taken.notes))

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
                    captures = sum(1 for _ in self._copied(taken, opened))
                for path in taken.warcs if taken.places is None else ():
                    with opened(path.name) as sink:
                        copy_whole(path, sink, with_credentials=self._options.with_credentials)
                    self._compare(path, sha256_of(files[-1]))
                    captures += sum(1 for _ in entries_of(self._root, path))
        except BaseException:
            for path in files:  # half a result set is none
                path.unlink(missing_ok=True)
            raise
        return ExportReport(captures, files=tuple(files), notes=tuple(taken.notes))

    def wacz(self, target: Path) -> ExportReport:
        """Write a WACZ: of a whole archive its closed files as they are, else WARC files of what is chosen."""
        counts: Counter[str] = Counter()
        with WaczWriter(target, self._options.created) as wacz, SortedLines() as lines:
            with self._selection() as (selection, notes):
                taken = self._taken(selection)
                taken.notes.extend(notes)
                if taken.places is None:
                    for path in taken.warcs:
                        with wacz.entry(ARCHIVE + path.name, size=path.stat().st_size) as entry:
                            copy_whole(path, entry, with_credentials=self._options.with_credentials)
                        self._compare(path, entry.sha256())
                    self._add_lines(taken, lines)
                else:
                    for line in self._copied(taken, lambda name: wacz.entry(ARCHIVE + name)):
                        lines.add(format_line(line))
                wacz.put_index(_counted(lines, counts, "captures"))
                pages = self._pages(selection, taken) if selection else _pages_of(lines)
                first = wacz.put_pages(_counted(pages, counts, "pages"), with_text=self._options.text)
            wacz.finish(self._package(first), self._options.key)
        return ExportReport(counts["captures"], counts["pages"], (target,), tuple(taken.notes))

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
                sizes = [(path.name, path.stat().st_size) for path in _closed(list_warcs(self._root))]
                behind = ["the index is behind: `umecrawl index` adds the pages that are missing"]
                yield Selection(connection, self._choice), behind if is_behind(connection, sizes) else []
        finally:
            index.close()

    def _taken(self, selection: Selection | None, *, alone: bool = False) -> _Taken:
        """Return what is exported; `alone` leaves out what chosen captures need."""
        found = list_warcs(self._root)
        closed = _closed(found)
        names = Counter(path.name for path in closed)
        if doubled := next((name for name, number in names.items() if number > 1), None):
            raise DamageError(f"{self._root / 'warc'}: two files have the name {doubled}", hint="Rename one of them.")
        if not closed:
            raise NotFoundError(f"{self._root}: there is no closed WARC to export", hint="Crawl first.")
        taken = _Taken(closed)
        if len(closed) < len(found):
            taken.notes.append(
                "files that are being written were left out; where no crawl runs, `umecrawl index` ends them"
            )
        if selection is not None and not self._choice.is_all:
            self._choose(selection, taken, alone=alone)
        return taken

    def _choose(self, selection: Selection, taken: _Taken, *, alone: bool) -> None:
        """Note where the chosen captures lie, with the originals of revisits and what pages need."""
        places: dict[str, array[int]] = {path.name: array("Q") for path in taken.warcs}
        unclosed = 0
        needs = Requisites(selection, WarcArchive(self._root))
        for capture in _with_needs(selection, None if alone or not self._options.requisites else needs):
            if capture.record.warc in places:
                places[capture.record.warc].append(capture.record.offset)
            else:
                unclosed += 1
        if not any(places.values()):
            raise NotFoundError(
                f"no capture fits {' '.join(f'{name}={value}' for name, value in self._choice.named())}",
                hint="`umecrawl search` and `umecrawl history URL` show what the archive has.",
            )
        if unclosed:
            taken.notes.append(f"{unclosed} captures in files that are being written were left out")
        if not alone:
            for original in selection.originals():
                if original.record.warc in places:
                    places[original.record.warc].append(original.record.offset)
            if lost := selection.without_original():
                taken.notes.append(f"the originals of {lost} revisits are in no file of the archive")
        taken.places = places

    def _add_lines(self, taken: _Taken, lines: SortedLines) -> None:
        for path in taken.warcs:
            cdxj = cdxj_path(self._root, path.name)
            if taken.places is not None:
                wanted = set(taken.places[path.name])
                for entry in entries_of(self._root, path) if wanted else ():
                    if entry.record.offset in wanted:
                        lines.add(format_line(entry))
            elif cdxj.exists():
                lines.add_file(cdxj)
            else:
                for entry in warc_entries(path):
                    lines.add(format_line(entry))

    def _copied(self, taken: _Taken, opener: Opener) -> Iterator[CdxEntry]:
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
            for path in taken.warcs:
                if taken.places is not None and (offsets := taken.places[path.name]):
                    yield from writer.copy(self._root, path, offsets)

    def _compare(self, path: Path, sha256: str) -> None:
        manifest = manifest_path(self._root, path.name)
        with suppress(FileNotFoundError):
            if manifest.read_text(encoding="utf-8", errors="replace").split()[:1] != [sha256]:
                raise DamageError(
                    f"{path}: the file has changed since it was closed: its manifest gives another SHA-256",
                    hint="Restore it from a copy; `umecrawl verify` shows what is damaged.",
                )

    def _pages(self, selection: Selection, taken: _Taken) -> Iterator[WaczPage]:
        exported = {path.name for path in taken.warcs}
        for page in selection.pages():
            if page.warc in exported:
                yield WaczPage(
                    id=page.id,
                    url=page.url,
                    at=page.captured_at,
                    title=page.title or "",
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
            return f"All closed WARC files of {what}, as they are"
        chosen = ", ".join(f"{name} {value}" for name, value in self._choice.named())
        return f"Captures of {what}, chosen by {chosen}"


def _with_needs(selection: Selection, needs: Requisites | None) -> Iterator[Capture]:
    for capture in selection.captures():
        yield capture
        if needs is not None:
            yield from needs.of(capture)


def _pages_of(lines: Iterable[bytes]) -> Iterator[WaczPage]:
    """Yield the pages that CDXJ lines show: without an index, what they say is all that is known."""
    for line in lines:
        entry = parse_line(line)
        if entry.status == _OK and entry.mime in _PAGES:
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


def _closed(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(path for path in paths if not path.name.endswith(OPEN_SUFFIX))


def _collection(root: Path) -> Collection | None:
    """Return what the archive says of itself; nothing where its configuration is missing or invalid."""
    try:
        return config.load(root / config.FILE_NAME).collection
    except (NotFoundError, ConfigError, OSError):
        return None
