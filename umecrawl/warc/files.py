"""The files of an archive: their names, the lock of the one who writes, sealing, and recovery after a crash.

    warc/<collection>/<prefix>-<YYYYMMDDhhmmss>-<serial>-<host>.warc.gz     `.open` behind it while written
    cdxj/<the same without .warc.gz>.cdxj                                  sorted, one for each closed WARC
    manifest/<WARC name>.sha256                                            `sha256sum -c` in the archive's root
    runs/lock                                                              held while anything is written

CDXJ and manifest are in place before a WARC loses its `.open`, so a closed WARC always has both.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from umecrawl.errors import ArchiveInUseError, NoSpaceError, NotFoundError, UmecrawlError
from umecrawl.model.clock import utc_now
from umecrawl.warc.cdxj import cdxj_path, format_line, warc_entries, write_cdxj, write_lines
from umecrawl.warc.events import OPEN_SUFFIX, warc_name
from umecrawl.warc.members import Break, MemberReader
from umecrawl.warc.records import RecordFormatError, bare_id, format_date, parse_record

SUFFIX: Final = ".warc.gz"
NAME: Final = re.compile(r"(?P<prefix>.+)-(?P<time>\d{14}|\d{17})-(?P<serial>\d{5,})-(?P<host>[^/]+?)\.warc\.gz")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_READ: Final = 1024 * 1024
# EFBIG: a limit set for the process; EIO: the disk itself. Neither can be written on.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery did to one file; `detail` is a sentence for the user."""

    path: Path
    detail: str
    kept: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a file ends now, how many octets were cut from it, and why."""

    end: int
    size: int
    detail: str


def format_name(prefix: str, at: datetime, serial: int, hostname: str) -> str:
    """Return `prefix-YYYYMMDDhhmmss-serial-host.warc.gz` (WARC/1.1 annex C)."""
    timestamp = at.strftime("%Y%m%d%H%M%S")
    return f"{_safe(prefix)}-{timestamp}-{serial:05d}-{_safe(hostname)}{SUFFIX}"


def list_warcs(root: Path) -> tuple[Path, ...]:
    """Return every WARC of an archive, those being written included, in the order of their names."""
    found = [
        path
        for path in (root / "warc").glob("**/*")
        if path.name.endswith((SUFFIX, SUFFIX + OPEN_SUFFIX)) and path.is_file()
    ]
    return tuple(sorted(found, key=lambda path: (warc_name(path), str(path))))


def find_warc(root: Path, name: str) -> Path:
    """Return the path of the WARC of that base name, closed or being written. Raises `NotFoundError`."""
    for path in (root / "warc").glob("**/*"):
        if warc_name(path) == name:
            return path
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


def manifest_line(root: Path, closed: Path, checksum: str) -> str:
    """Return the line of a manifest, with its line end; the path is relative to the archive's root."""
    return f"{checksum}  {closed.relative_to(root).as_posix()}\n"


def write_manifest(root: Path, closed: Path, checksum: str) -> None:
    """Write the manifest of a closed WARC in one step, replacing what is there."""
    target = manifest_path(root, closed.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(manifest_line(root, closed, checksum))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)


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


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the errors of writing a file into ours: `NoSpaceError` for a disk that takes no more."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoSpaceError(
                f"{path}: nothing more can be written ({error.strerror})",
                hint="Make room on the disk, then go on; what was acknowledged is safe.",
            ) from error
        raise UmecrawlError(f"{path}: cannot be written ({error.strerror})", hint="Look at its rights.") from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def recover(root: Path) -> list[Recovered]:
    """Bring the files of an archive in order; whoever calls it holds the `ArchiveLock`.

    An `.open` file that no living process writes is read to its last whole exchange. What lies behind goes to
    `<name>.cut-<offset>` beside it, then the file is sealed. A closed file without CDXJ or manifest gets both.
    Nothing is thrown away. Raises `DamageError` for a closed file without CDXJ that cannot be read.
    """
    done: list[Recovered] = []
    for path in list_warcs(root):
        if path.name.endswith(OPEN_SUFFIX):
            done += _recover_open(root, path)
            continue
        if not cdxj_path(root, path.name).exists():
            write_cdxj(path, cdxj_path(root, path.name))
            done.append(Recovered(path, "its CDXJ was written anew", path.stat().st_size))
        if not manifest_path(root, path.name).exists():
            write_manifest(root, path, sha256_of(path))
            done.append(Recovered(path, "its checksum was taken for the first time", path.stat().st_size))
    return done


class ArchiveLock:
    """The right to write into an archive; one process has it at a time.

    The system gives it back when the process ends, however it ends. Raises `ArchiveInUseError` naming the process
    that holds it.
    """

    def __init__(self, root: Path, clock: Callable[[], datetime] = utc_now) -> None:
        self._path = root / "runs" / "lock"
        self._clock = clock
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock or raise `ArchiveInUseError`; never waits."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not try_lock(descriptor):
            holder = os.pread(descriptor, 1024, 0)
            os.close(descriptor)
            raise ArchiveInUseError(
                f"{self._path.parent.parent}: the archive is in use {_holder(holder)}",
                hint="Wait until that process has ended, or stop it.",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": format_date(self._clock())}).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; the file stays, for removing it would let two processes in."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def try_lock(descriptor: int) -> bool:
    """Lock an open file for this process alone; say whether that was possible."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _recover_open(root: Path, path: Path) -> list[Recovered]:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        if not try_lock(descriptor):  # somebody is writing it
            return []
        cut = cut_back(descriptor, path)
        if cut.end:
            os.fsync(descriptor)
            lines = (format_line(entry) for entry in warc_entries(path))
            closed = seal(root, path, sha256_of(path), lines)
            return [Recovered(closed, f"{cut.detail}; the file was closed", cut.end, cut.size)]
        path.unlink()
        return [Recovered(path, f"{cut.detail}; no whole record was left", 0, cut.size)]
    finally:
        os.close(descriptor)


def cut_back(descriptor: int, path: Path) -> Cut:
    """Cut a file back to its last whole exchange; what stood behind goes to `<name>.cut-<offset>` beside it."""
    size = os.fstat(descriptor).st_size
    end, reason = _last_exchange(descriptor)
    if end == size:
        return Cut(end, 0, "it was whole" if size else "it was empty")
    with writing(path):
        sidecar = _keep_rest(descriptor, path, end, size)
        os.ftruncate(descriptor, end)
    return Cut(end, size - end, f"{reason}; {size - end} octets from offset {end} on went to {sidecar.name}")


def _last_exchange(descriptor: int) -> tuple[int, str]:
    reader = MemberReader(descriptor)
    offset, end, reason = 0, 0, "its last exchange has no response"
    waited: set[str] = set()  # ids of the exchange's records that have not come yet
    while (member := reader.read(offset)) is not None:
        if isinstance(member, Break):
            reason = member.detail
            break
        try:
            record = parse_record(member.data)
        except RecordFormatError as error:
            reason = error.message
            break
        offset = member.end
        if record.type in {"request", "metadata"}:
            waited |= {bare_id(uri) for uri in record.all("WARC-Concurrent-To")}
            waited.discard(record.id)
        else:
            waited.clear()
        if not waited:
            end = offset
    return end, reason


def _keep_rest(descriptor: int, path: Path, start: int, size: int) -> Path:
    sidecar = path.with_name(f"{warc_name(path)}.cut-{start}")
    with sidecar.open("wb") as file:
        position = start
        while position < size and (part := os.pread(descriptor, min(_READ, size - position), position)):
            file.write(part)
            position += len(part)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return sidecar


def _holder(text: bytes) -> str:
    with suppress(ValueError, KeyError, TypeError):
        values = json.loads(text)
        return f"by process {values['pid']} since {values['since']}"
    return "by another process"


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text) or "_"
