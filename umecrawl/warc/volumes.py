"""Volumes: where the octets of one WARC lie, in a file of its own or inside a WACZ.

A WACZ (1.1.1) is a ZIP file whose WARCs stand in `archive/` as they are, so they are read in place. One that was
deflated against the rule is unpacked into a temporary file that has no name.
"""

import errno
import os
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import Final, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from umecrawl.errors import DamageError, NotFoundError

OPEN_SUFFIX: Final = ".open"
WACZ_SUFFIX: Final = ".wacz"
SUFFIX: Final = ".warc.gz"  # of ours
WARC_SUFFIXES: Final = (SUFFIX, ".warc", ".warc.zst")
REPAIRED: Final = ".repaired"  # stands before the ending of a file that a repair wrote anew
_NO_TEXT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LOCAL_HEADER: Final = Struct("<4s22xHH")
_LOCAL_MAGIC: Final = b"PK\x03\x04"
_ENCRYPTED: Final = 1
_COPY: Final = 1024 * 1024
_LARGE: Final = 64 * 1024 * 1024
_TIMES: Final = 100  # texts deflate to a tenth, seldom to a fiftieth; zeros to a thousandth
# What `zipfile` raises for what is no ZIP file, or a hostile one.
ZIP_ERRORS: Final = (BadZipFile, EOFError, LookupError, OverflowError, RuntimeError, ValueError, zlib.error)


@dataclass(frozen=True, slots=True)
class Volume:
    """One WARC: `path` is the file, `name` what records are placed by: its base name without `.open`.

    Inside a WACZ the name is `<name of the WACZ>!<path of the WARC below archive/>`, with `~` for each slash;
    `member` is its path in the ZIP, `start` and `size` say where its octets lie (`start` is None if deflated).
    """

    path: Path
    name: str
    member: str = ""
    start: int | None = 0
    size: int | None = None

    @property
    def unfinished(self) -> bool:
        """Whether the file is still written, or was left by a process that was killed."""
        return self.path.name.endswith(OPEN_SUFFIX)


class Octets:
    """The octets of one volume, read at any place; a file that grows is seen growing."""

    def __init__(self, volume: Volume) -> None:
        """Open the file. Raises `NotFoundError` when it is gone, `DamageError` for a WACZ member that is broken."""
        self.base = volume.start or 0
        self.limit = volume.size
        try:
            self.descriptor = os.open(volume.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise NotFoundError(f"{volume.path}: there is no such file", hint="Was it moved?") from error
        if volume.start is None:
            try:
                unpacked = _unpacked(volume)
            finally:
                os.close(self.descriptor)
            self.descriptor = unpacked

    @property
    def size(self) -> int:
        """How many octets there are now."""
        return os.fstat(self.descriptor).st_size if self.limit is None else self.limit

    def read(self, length: int, position: int) -> bytes:
        """Return up to `length` octets from a position on; fewer at the end."""
        if self.limit is not None:
            length = max(0, min(length, self.limit - position))
        return os.pread(self.descriptor, length, self.base + position)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def warc_name(path: Path) -> str:
    """Return the base name of a WARC, without `.open`."""
    return path.name.removesuffix(OPEN_SUFFIX)


def is_warc(path: Path) -> bool:
    """Return whether a file is a WARC by its name, closed or being written."""
    return warc_name(path).endswith(WARC_SUFFIXES)


def has_plain_name(path: Path) -> bool:
    """Return whether the name of a file is text that an index, a CDXJ and a manifest can hold."""
    return not _NO_TEXT.search(path.name)


def plain_name(name: str) -> str:
    """Return a name with U+FFFD for control characters and for octets that are no UTF-8."""
    return _NO_TEXT.sub("\ufffd", name)


def files_below(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder; links to folders elsewhere are followed, each folder is entered once."""
    entered: set[tuple[int, int]] = set()
    for here, folders, names in os.walk(folder, followlinks=True):
        place = Path(here)
        status = place.stat()
        if (status.st_dev, status.st_ino) in entered:  # a link that leads back
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        yield from (path for path in map(place.joinpath, names) if path.is_file())


def volume_of(path: Path) -> Volume:
    """Return the volume of a WARC that is a file of its own."""
    return Volume(path, warc_name(path))


def volumes_of(path: Path) -> tuple[Volume, ...]:
    """Return the volumes of a file: itself, or the WARCs in a WACZ in the order of their names.

    Raises `DamageError` for a WACZ that is no ZIP file, or one made to fill a disk.
    """
    if path.name.endswith(WACZ_SUFFIX):
        return tuple(_packed(path))
    return (volume_of(path),)


def danger_of(members: Sequence[ZipInfo], size: int) -> str:
    """Return why the members of a ZIP file of `size` octets are not to be unpacked; empty where they may be.

    A bomb makes much of little: by deflating what no page holds, or by members that share their octets. (What is
    encrypted has a few octets more than it unpacks to, and cannot be read anyhow.)
    """
    for info in members:
        if not 0 <= info.header_offset < size:
            return f"{info.filename!r} begins outside of the file"
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            return f"{info.filename!r} is packed neither as it is nor deflated"
        if info.compress_type == ZIP_STORED and info.compress_size != info.file_size:
            return f"{info.filename!r} stands there as it is, and yet with two lengths"
        if info.file_size > _LARGE and info.file_size > _TIMES * info.compress_size:
            return f"{info.filename!r} unpacks to {info.file_size} octets from {info.compress_size}, as no WARC does"
    if sum(info.compress_size for info in members) > size:
        return "its members share their octets"
    return ""


def _packed(path: Path) -> Iterator[Volume]:
    try:
        with ZipFile(path) as package, path.open("rb") as file:
            if danger := danger_of(package.infolist(), path.stat().st_size):
                raise _broken(path, danger)
            for info in sorted(package.infolist(), key=lambda one: one.filename):
                if not info.filename.startswith("archive/") or not info.filename.endswith(WARC_SUFFIXES):
                    continue
                name = plain_name(f"{path.name}!{info.filename.removeprefix('archive/').replace('/', '~')}")
                start: int | None = None
                if info.compress_type == ZIP_STORED and not info.flag_bits & _ENCRYPTED:
                    file.seek(info.header_offset)
                    start = info.header_offset + _header_length(file.read(_LOCAL_HEADER.size), path)
                yield Volume(path, name, info.filename, start, info.file_size)
    except ZIP_ERRORS as error:
        raise _broken(path, str(error)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # which a directory before the file's first octet gives
            raise
        raise _broken(path, str(error)) from error


def _header_length(header: bytes, path: Path) -> int:
    if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_MAGIC):
        raise _broken(path, "a member does not begin where the directory says")
    _, name, extra = _LOCAL_HEADER.unpack(header)
    return int(_LOCAL_HEADER.size + name + extra)


def _unpacked(volume: Volume) -> int:
    assert volume.size is not None
    with tempfile.TemporaryFile() as target:
        try:
            with ZipFile(volume.path) as package, package.open(_member(package, volume)) as source:
                left = volume.size  # what the directory says: a bomb gives no more
                while left and (part := source.read(min(_COPY, left))):
                    target.write(part)
                    left -= len(part)
        except ZIP_ERRORS as error:
            raise _broken(volume.path, f"{volume.member}: {error}") from error
        target.flush()
        return os.dup(target.fileno())


def _member(package: ZipFile, volume: Volume) -> ZipInfo:
    return package.getinfo(volume.member)


def _broken(path: Path, detail: str) -> DamageError:
    return DamageError(f"{path}: the ZIP file cannot be read ({detail})", hint="Restore the file from a copy.")
