"""Damage in the middle of a WARC: its sound members go to a new file, the rest to sidecars, the original is kept.

    warc/<collection>/<name>.repaired.warc.gz      every sound member, octet for octet, in order
    damaged/<name>.warc.gz                         the file as it was
    damaged/<name>.warc.gz.bad-<offset>            each stretch that holds no sound member
    damaged/<name>.warc.gz.sha256                  checksums of these, as `sha256sum -c` in damaged/ reads them

The new file has a name of its own: the members behind the damage lie at other offsets than before, and a name
together with an offset, once cited, must not come to mean another record (WARC/1.1 annex C: a name is never reused).
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from umecrawl.warc.cdxj import cdxj_path, write_cdxj
from umecrawl.warc.disk import replace_file, sync_folder, writing
from umecrawl.warc.files import manifest_path, sha256_of, write_manifest
from umecrawl.warc.members import Break, BreakKind, MemberReader
from umecrawl.warc.records import RecordFormatError, parse_record
from umecrawl.warc.recovery import copy_range, free_name
from umecrawl.warc.runs import names_run
from umecrawl.warc.streams import OTHERWISE_PACKED
from umecrawl.warc.volumes import REPAIRED, SUFFIX

DAMAGED: Final = "damaged"
_READ: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of a file, `start` to `end` in octets, whose members are all sound, or hold no sound one."""

    start: int
    end: int
    sound: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """The stretches of a file in order, and whether umecrawl wrote it."""

    ranges: tuple[Range, ...]
    own: bool

    @property
    def bad(self) -> tuple[Range, ...]:
        """The stretches that hold no sound member."""
        return tuple(one for one in self.ranges if not one.sound)


def survey(descriptor: int) -> Survey:
    """Return the stretches of a file in order; none when it is packed in another way than a member a record.

    A member is sound when its gzip stream is whole and, in files of our own, it holds one whole record: that another
    tool ends its records in a way of its own is no damage.
    """
    if os.pread(descriptor, 5, 0).startswith(OTHERWISE_PACKED):
        return Survey((), own=False)
    ranges: list[Range] = []
    own: bool | None = None
    for start, end, reason, data in _walk(descriptor):
        problem = reason
        if data is None and reason == BreakKind.MANY_RECORDS:
            return Survey((), own=False)
        if data is not None:
            try:
                record = parse_record(data)
            except RecordFormatError as error:
                problem = error.message if own else ""
            else:
                if own is None:
                    own = record.type == "warcinfo" and names_run(record.block)
        _extend(ranges, Range(start, end, not problem, problem))
    return Survey(tuple(ranges), own=bool(own))


def salvage(root: Path, path: Path, descriptor: int, ranges: tuple[Range, ...]) -> tuple[Path, str]:
    """Write the sound members to a new WARC, put the rest and the original aside; return the new path and a sentence.

    What is read again before anything is moved is on the disk by then. Whoever calls it holds the `ArchiveLock`.
    """
    folder = root / DAMAGED
    bad = [one for one in ranges if not one.sound]
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        kept = free_name(folder / path.name)
        lines = [f"{_checksum(descriptor)}  {kept.name}\n"]
        for one in bad:
            sidecar = free_name(folder / f"{kept.name}.bad-{one.start}")
            lines.append(f"{copy_range(descriptor, sidecar, one.start, one.end)}  {sidecar.name}\n")
        replace_file(folder / f"{kept.name}.sha256", [line.encode() for line in lines])
        target = _write_sound(path, descriptor, ranges)
        write_cdxj(target, cdxj_path(root, target.name))
        write_manifest(root, target, sha256_of(target))
        path.rename(kept)
        sync_folder(folder)
        sync_folder(path.parent)
        manifest = manifest_path(root, path.name)
        if manifest.exists():
            manifest.rename(free_name(manifest.with_name(f"{manifest.name}.before-repair")))
        cdxj_path(root, path.name).unlink(missing_ok=True)
    places = ", ".join(f"{one.start}-{one.end} ({one.reason})" for one in bad[:5])
    more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""  # noqa: PLR2004
    lost = sum(one.end - one.start for one in bad)
    detail = (
        f"{lost} octets hold no sound record: {places}{more}; all others are now in {target.name}, "
        f"the file as it was lies in {DAMAGED}/. Run `umecrawl index --rebuild`"
    )
    return target, detail


def _write_sound(path: Path, descriptor: int, ranges: tuple[Range, ...]) -> Path:
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        for one in ranges:
            position = one.start
            while one.sound and position < one.end:
                part = os.pread(descriptor, min(_READ, one.end - position), position)
                file.write(part)
                position += len(part)
        file.flush()
        os.fsync(file.fileno())
    stem, number = path.name.removesuffix(SUFFIX), 1
    target = path.with_name(f"{stem}{REPAIRED}{SUFFIX}")
    checksum = sha256_of(unfinished)
    # One that is the same was written by a repair that was killed before the original was moved.
    while target.exists() and sha256_of(target) != checksum:
        number += 1
        target = path.with_name(f"{stem}{REPAIRED}{number}{SUFFIX}")
    return unfinished.replace(target)


def _walk(descriptor: int) -> Iterator[tuple[int, int, str, bytes | None]]:
    """Yield start, end, what is wrong, and octets of each member; none for a stretch that cannot be read."""
    reader = MemberReader(descriptor)
    offset, size = 0, os.fstat(descriptor).st_size
    while (member := reader.read(offset)) is not None:
        if isinstance(member, Break):
            reason = BreakKind.MANY_RECORDS.value if member.kind is BreakKind.MANY_RECORDS else member.detail
            following = None if member.kind is BreakKind.NULS else reader.resync(offset)
            end = size if following is None else following
            yield offset, end, reason, None
            if following is None:
                return
            offset = following
            continue
        yield offset, member.end, "", member.data
        offset = member.end


def _extend(ranges: list[Range], new: Range) -> None:
    """Add a stretch; neighbours of one kind become one, so that memory does not grow with the file."""
    if ranges and ranges[-1].sound == new.sound:
        ranges[-1] = Range(ranges[-1].start, new.end, new.sound, ranges[-1].reason)
    else:
        ranges.append(new)


def _checksum(descriptor: int) -> str:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()
