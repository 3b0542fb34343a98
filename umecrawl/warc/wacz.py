"""Writes a WACZ 1.1.1: a ZIP of WARC files, their index, the list of pages, and checksums of all of it.

It is written in one pass under `NAME.part` and gets its name when it is whole. WARC files and the compressed index
are stored, for players read parts of them by HTTP range requests. Nothing is held in memory but the list of files.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import IO, Final, Self

from umecrawl.warc.disk import writing
from umecrawl.warc.newfile import NewFile
from umecrawl.warc.waczindex import CDX_NAME, blocks, idx_header
from umecrawl.warc.waczpages import WaczPage, page_line, page_time, pages_header
from umecrawl.warc.waczsignature import SigningKey

VERSION: Final = "1.1.1"
PACKAGE: Final = "datapackage.json"
PACKAGE_DIGEST: Final = "datapackage-digest.json"
ARCHIVE: Final = "archive/"
CDX: Final = f"indexes/{CDX_NAME}"
IDX: Final = "indexes/index.idx"
PAGES: Final = "pages/pages.jsonl"
_UNNAMED: Final = re.compile(r"[^a-z0-9._-]")
_FIRST_YEAR: Final = 1980  # of a ZIP
_UNIX: Final = 3
_MTIME: Final = Struct("<HHBI")  # Info-ZIP's extended timestamp: id, length, what is there, seconds since 1970
_READABLE: Final = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Package:
    """What a WACZ says of itself; `main_page` is the one a player opens first."""

    title: str
    description: str
    created: datetime
    software: str
    main_page: WaczPage | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of the WACZ: its path in the ZIP, its SHA-256 in hex and its size in octets."""

    path: str
    sha256: str
    size: int


class WaczEntry:
    """A file of the WACZ while it is written."""

    def __init__(self, file: IO[bytes], target: Path) -> None:
        self._file = file
        self._target = target
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write octets. Raises `NoSpaceError` when the disk takes no more."""
        with writing(self._target):
            self._file.write(data)
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def sha256(self) -> str:
        """Return the SHA-256 of what was written, in hex."""
        return self._hash.hexdigest()


class WaczWriter:
    """Writes one WACZ; without `finish` nothing is left under its name.

    `created` dates the ZIP's entries, so that equal contents give equal octets. Raises as `NewFile`.
    """

    def __init__(self, target: Path, created: datetime) -> None:
        self._target = target
        self._created = created.astimezone(UTC)
        self._file = NewFile(target)
        self._zip = zipfile.ZipFile(self._file.file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._resources: list[Resource] = []

    @contextmanager
    def entry(self, path: str, *, deflated: bool = False, size: int | None = None) -> Generator[WaczEntry, None, None]:
        """Give a file of the WACZ for writing; `size` (octets), where it is known, keeps small entries in old form."""
        info = zipfile.ZipInfo(path, self._date())
        info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
        info.create_system = _UNIX
        info.external_attr = _READABLE
        info.file_size = size or 0
        if size is None:
            # wabac.js looks for the extra field of a local header (here ZIP64) only where the directory has one too.
            info.extra = _MTIME.pack(0x5455, 5, 1, int(self._created.timestamp()) & 0xFFFFFFFF)
        with writing(self._target):
            file = self._zip.open(info, "w", force_zip64=size is None)
        one = WaczEntry(file, self._target)
        try:
            yield one
        except BaseException:
            with suppress(OSError, ValueError):  # writes the entry's header, and there may be no space
                file.close()
            raise
        with writing(self._target):
            file.close()
        self._resources.append(Resource(path, one.sha256(), one.size))

    def put(self, path: str, data: bytes) -> None:
        """Write a small file whole."""
        with self.entry(path, deflated=True, size=len(data)) as entry:
            entry.write(data)

    def put_index(self, lines: Iterable[bytes]) -> int:
        """Write the index of sorted CDXJ lines; return how many members it has."""
        listed = [idx_header()]
        with self.entry(CDX) as entry:
            for block in blocks(lines):
                entry.write(block.data)
                listed.append(block.line)
        self.put(IDX, b"".join(listed))
        return len(listed) - 1

    def put_pages(self, pages: Iterable[WaczPage], *, with_text: bool) -> WaczPage | None:
        """Write the list of pages; return the one to open first: the first seed, else the first page."""
        first: WaczPage | None = None
        with self.entry(PAGES, deflated=True) as entry:
            entry.write(pages_header(with_text=with_text))
            for page in pages:
                entry.write(page_line(page))
                if first is None or (page.seed and not first.seed):
                    first = page
        return first

    def finish(self, package: Package, key: SigningKey | None = None) -> Path:
        """Write what the WACZ says of itself, signed where there is a key, and give it its name."""
        described = _json(_package(package, self._resources))
        checksum = f"sha256:{hashlib.sha256(described).hexdigest()}"
        digest: dict[str, object] = {"path": PACKAGE, "hash": checksum}
        if key is not None:
            digest["signedData"] = key.sign(checksum, _iso_time(package.created), package.software)
        self.put(PACKAGE, described)
        self.put(PACKAGE_DIGEST, _json(digest))
        with writing(self._target):
            self._zip.close()
        return self._file.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError, ValueError):  # where it was not finished it writes once more, and there may be no space
            self._zip.close()
        self._file.__exit__(kind, error, trace)

    def _date(self) -> tuple[int, int, int, int, int, int]:
        at = self._created
        return (max(at.year, _FIRST_YEAR), at.month, at.day, at.hour, at.minute, at.second)


def _iso_time(at: datetime) -> str:
    """Return a time as a WACZ has it: RFC 3339 in UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wacz_name(collection: str, created: datetime) -> str:
    """Return the name of an export that was given none."""
    return f"{collection}-{created.astimezone(UTC):%Y%m%d%H%M%S}.wacz"


def _package(package: Package, resources: Iterable[Resource]) -> dict[str, object]:
    created = _iso_time(package.created)
    described: dict[str, object] = {
        "profile": "data-package",
        "title": package.title,
        "description": package.description,
        "created": created,
        "modified": created,
        "wacz_version": VERSION,
        "software": package.software,
    }
    if package.main_page is not None:
        described["mainPageUrl"] = package.main_page.url
        described["mainPageDate"] = page_time(package.main_page.at)
    described["resources"] = list(_resources(resources))
    return described


def _resources(resources: Iterable[Resource]) -> Iterator[dict[str, object]]:
    used: set[str] = set()
    for number, one in enumerate(resources):
        # Frictionless Data takes lower case, digits and -._/ for a name, each name once.
        name = _UNNAMED.sub("-", one.path.rpartition("/")[2].lower())
        name = f"{number}-{name}" if name in used else name
        used.add(name)
        yield {"name": name, "path": one.path, "hash": f"sha256:{one.sha256}", "bytes": one.size}


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
