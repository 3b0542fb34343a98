"""The files of an archive: their names and places, and how a WARC is closed.

    warc/<collection>/<prefix>-<YYYYMMDDhhmmss>-<serial>-<host>.warc.gz     `.open` behind it while written
    cdxj/<the same without .warc.gz>.cdxj                                  sorted, one for each closed WARC
    manifest/<WARC name>.sha256                                            `sha256sum -c` in the archive's root
    runs/lock                                                              held while anything is written

CDXJ and manifest are in place before a WARC loses its `.open`, so a closed WARC always has both.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from umecrawl.errors import ArchiveInUseError, DamageError, NotFoundError
from umecrawl.warc.cdxj import cdxj_path, write_lines
from umecrawl.warc.disk import replace_file, sync_folder, writing
from umecrawl.warc.volumes import (
    OPEN_SUFFIX,
    SUFFIX,
    WACZ_SUFFIX,
    Volume,
    files_below,
    has_plain_name,
    is_warc,
    volume_of,
    volumes_of,
    warc_name,
)

NAME: Final = re.compile(r"(?P<prefix>.+)-(?P<time>\d{14}|\d{17})-(?P<serial>\d{5,})-(?P<host>[^/]+?)\.warc\.gz")
MISNAMED: Final = "the name of the file has control characters or is no UTF-8, so it is not read"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def format_name(prefix: str, at: datetime, serial: int, hostname: str) -> str:
    """Return `prefix-YYYYMMDDhhmmss-serial-host.warc.gz` (WARC/1.1 annex C)."""
    timestamp = at.strftime("%Y%m%d%H%M%S")
    return f"{_safe(prefix)}-{timestamp}-{serial:05d}-{_safe(hostname)}{SUFFIX}"


def list_warcs(root: Path) -> tuple[Path, ...]:
    """Return every WARC of an archive, those being written included, in the order of their names."""
    found = [path for path in files_below(root / "warc") if is_warc(path) and has_plain_name(path)]
    return tuple(sorted(found, key=lambda path: (warc_name(path), str(path))))


def list_waczs(root: Path) -> tuple[Path, ...]:
    """Return every WACZ that was put among the WARCs, in the order of their names."""
    found = [path for path in files_below(root / "warc") if path.name.endswith(WACZ_SUFFIX) and has_plain_name(path)]
    return tuple(sorted(found, key=lambda path: (path.name, str(path))))


def list_misnamed(root: Path) -> tuple[Path, ...]:
    """Return every WARC and WACZ whose name is no text; none of them is read."""
    found = [path for path in files_below(root / "warc") if is_warc(path) or path.name.endswith(WACZ_SUFFIX)]
    return tuple(sorted(path for path in found if not has_plain_name(path)))


def list_volumes(root: Path, unreadable: list[DamageError] | None = None) -> tuple[Volume, ...]:
    """Return every WARC of an archive, those in a WACZ included, in the order of their names.

    A WACZ that cannot be read, and a file whose name is no text, is put into `unreadable`, or else passed over.
    """
    volumes = [volume_of(path) for path in list_warcs(root)]
    if unreadable is not None:
        unreadable += [DamageError(f"{path}: {MISNAMED}", hint="Rename it.") for path in list_misnamed(root)]
    for path in list_waczs(root):
        try:
            volumes += volumes_of(path)
        except DamageError as error:
            if unreadable is not None:
                unreadable.append(error)
    return tuple(sorted(volumes, key=lambda volume: (volume.name, str(volume.path))))


def find_volume(root: Path, name: str) -> Volume:
    """Return the WARC of that name, closed, being written or in a WACZ. Raises `NotFoundError`."""
    package = name.partition("!")[0]
    for path in files_below(root / "warc"):
        if warc_name(path) == name:
            return volume_of(path)
        if path.name == package and package.endswith(WACZ_SUFFIX):
            for volume in volumes_of(path):
                if volume.name == name:
                    return volume
    raise NotFoundError(f"{root / 'warc'}: there is no file {name}", hint="Was it moved or taken out of the archive?")


def manifest_path(root: Path, name: str) -> Path:
    """Return where the checksum of the WARC of that base name belongs."""
    return root / "manifest" / f"{name}.sha256"


def name_is_taken(root: Path, collection: str, name: str) -> bool:
    """Return whether a name was ever given to a file of the archive; names are never used twice (annex C)."""
    closed = root / "warc" / collection / name
    return any(
        path.exists()
        for path in (closed, closed.with_name(name + OPEN_SUFFIX), manifest_path(root, name), cdxj_path(root, name))
    )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(root: Path, closed: Path, checksum: str) -> None:
    """Write the manifest of a closed WARC in one step, replacing what is there; its path is that from the root."""
    line = f"{checksum}  {closed.relative_to(root).as_posix()}\n"
    replace_file(manifest_path(root, closed.name), (line.encode(),))


def seal(root: Path, unfinished: Path, checksum: str, lines: Iterable[bytes]) -> Path:
    """Write CDXJ and manifest of an `.open` file whose octets are on the disk, and take `.open` from its name."""
    closed = unfinished.with_name(warc_name(unfinished))
    if closed.exists():
        raise ArchiveInUseError(f"{closed}: there already is a file of this name", hint="Look who else writes here.")
    with writing(closed):
        write_lines(cdxj_path(root, closed.name), lines)
        write_manifest(root, closed, checksum)
        unfinished.rename(closed)
        sync_folder(closed.parent)
    return closed


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text) or "_"
