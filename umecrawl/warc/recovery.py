"""Recovery after a crash: unfinished files are cut back to their last whole exchange and closed."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.warc.cdxj import cdxj_path, format_line, warc_entries, write_cdxj
from umecrawl.warc.disk import sync_folder, writing
from umecrawl.warc.files import (
    list_volumes,
    list_waczs,
    list_warcs,
    manifest_path,
    seal,
    sha256_of,
    write_manifest,
)
from umecrawl.warc.lock import try_lock
from umecrawl.warc.members import Break, MemberReader
from umecrawl.warc.records import RecordFormatError, bare_id, parse_record
from umecrawl.warc.recordstream import by_others
from umecrawl.warc.volumes import OPEN_SUFFIX, warc_name

_READ: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery did to one file; `detail` is a sentence for the user."""

    path: Path
    detail: str
    kept: int = 0
    cut: int = 0
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a file ends now, how many octets were cut from it, and why."""

    end: int
    size: int
    detail: str


def recover(root: Path) -> list[Recovered]:
    """Bring the files of an archive in order; whoever calls it holds the `ArchiveLock`.

    An `.open` file that no living process writes is read to its last whole exchange. What lies behind goes to
    `<name>.cut-<offset>` beside it, then the file is sealed. A closed file without CDXJ or manifest gets both.
    Nothing is thrown away. A closed file without CDXJ that is damaged is named and left as it is: it must not hold
    up a crawl, whose pages may be gone tomorrow. An `.open` file that another tool left is not touched.
    """
    done: list[Recovered] = []
    damaged: set[Path] = set()
    for volume in list_volumes(root):
        path = volume.path
        if volume.unfinished:
            if not by_others(volume):
                done += _recover_open(root, path)
            continue
        if not cdxj_path(root, volume.name).exists():
            try:
                write_cdxj(volume, cdxj_path(root, volume.name))
            except DamageError as error:
                done.append(Recovered(path, f"it is damaged and was left as it is ({error.message})", damaged=True))
                damaged.add(path)
                continue
            done.append(Recovered(path, "its CDXJ was written anew", path.stat().st_size))
    for path in (*list_warcs(root), *list_waczs(root)):
        if path in damaged or path.name.endswith(OPEN_SUFFIX) or manifest_path(root, path.name).exists():
            continue
        write_manifest(root, path, sha256_of(path))
        done.append(Recovered(path, "its checksum was taken for the first time", path.stat().st_size))
    return done


def _recover_open(root: Path, path: Path) -> list[Recovered]:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        if not try_lock(descriptor):  # somebody is writing it
            return []
        cut = cut_back(root, descriptor, path)
        if cut.end:
            os.fsync(descriptor)
            lines = (format_line(entry) for entry in warc_entries(path))
            closed = seal(root, path, sha256_of(path), lines)
            return [Recovered(closed, f"{cut.detail}; the file was closed", cut.end, cut.size)]
        path.unlink()
        return [Recovered(path, f"{cut.detail}; no whole record was left", 0, cut.size)]
    finally:
        os.close(descriptor)


def cut_back(root: Path, descriptor: int, path: Path) -> Cut:
    """Cut a file back to its last whole exchange; what stood behind goes to `<name>.cut-<offset>` beside it.

    The sidecar gets a manifest of its own, and is on the disk before the file is cut.
    """
    return cut_off(root, descriptor, path, *_last_exchange(descriptor))


def cut_off(root: Path, descriptor: int, path: Path, end: int, reason: str) -> Cut:
    """Cut a file at `end`; what stood behind goes to `<name>.cut-<end>` beside it, as in `cut_back`."""
    size = os.fstat(descriptor).st_size
    if end == size:
        return Cut(end, 0, "it was whole" if size else "it was empty")
    with writing(path):
        sidecar = _keep_rest(root, descriptor, path, end, size)
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


def _keep_rest(root: Path, descriptor: int, path: Path, start: int, size: int) -> Path:
    sidecar = free_name(path.with_name(f"{warc_name(path)}.cut-{start}"))
    write_manifest(root, sidecar, copy_range(descriptor, sidecar, start, size))
    return sidecar


def free_name(path: Path) -> Path:
    """Return a path where no file is yet: this one, or the same with a number behind."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free


def copy_range(descriptor: int, target: Path, start: int, end: int) -> str:
    """Copy octets of an open file to a new file, wait until the disk has them, and return their SHA-256 in hex."""
    checksum = hashlib.sha256()
    with target.open("xb") as file:
        position = start
        while position < end and (part := os.pread(descriptor, min(_READ, end - position), position)):
            file.write(part)
            checksum.update(part)
            position += len(part)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(target.parent)
    return checksum.hexdigest()
