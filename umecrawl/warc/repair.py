"""Mending what can be mended without losing an octet; what cannot is left for a copy to restore.

Mended are: files a killed process left, closed files whose end is cut or filled with NUL octets, and CDXJ files
that are missing or do not agree. Damage within a file is not: its octets are evidence, and only a copy has the
right ones. A file whose checksum has changed without any damage to a record is not blessed with a new checksum.
"""

import os
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.warc.cdxj import cdxj_path, format_line, warc_entries, write_cdxj
from umecrawl.warc.events import OPEN_SUFFIX
from umecrawl.warc.files import list_warcs, manifest_path, sha256_of, write_manifest
from umecrawl.warc.members import Break, BreakKind, MemberReader
from umecrawl.warc.recovery import Recovered, cut_back, recover

_TAILS: Final = frozenset({BreakKind.CUT, BreakKind.NULS})


def repair(root: Path) -> list[Recovered]:
    """Mend the WARCs of an archive and say what was done; whoever calls it holds the `ArchiveLock`.

    Cut octets go to a sidecar beside the file, the old manifest to `<name>.sha256.before-<offset>`.
    """
    done: list[Recovered] = []
    for path in list_warcs(root):
        if not path.name.endswith(OPEN_SUFFIX):
            done += _repair_tail(root, path)
    done += [one for one in recover(root) if not one.damaged]  # `verify` names what is left
    for path in list_warcs(root):
        if not path.name.endswith(OPEN_SUFFIX):
            done += _repair_cdxj(root, path)
    return done


def _repair_tail(root: Path, path: Path) -> list[Recovered]:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        if not _ends_badly(descriptor):
            return []
        cut = cut_back(descriptor, path)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    manifest = manifest_path(root, path.name)
    if manifest.exists():
        manifest.rename(manifest.with_name(f"{manifest.name}.before-{cut.end}"))
    if not cut.end:
        path.unlink()
        cdxj_path(root, path.name).unlink(missing_ok=True)
        return [Recovered(path, f"{cut.detail}; no whole record was left", 0, cut.size)]
    write_cdxj(path, cdxj_path(root, path.name))
    write_manifest(root, path, sha256_of(path))
    return [Recovered(path, cut.detail, cut.end, cut.size)]


def _ends_badly(descriptor: int) -> bool:
    """Return whether everything is whole up to a cut end, with no whole record behind it."""
    reader = MemberReader(descriptor)
    offset = 0
    while (member := reader.read(offset)) is not None:
        if isinstance(member, Break):
            return member.kind in _TAILS and reader.resync(offset) is None
        offset = member.end
    return False


def _repair_cdxj(root: Path, path: Path) -> list[Recovered]:
    target = cdxj_path(root, path.name)
    try:
        lines = sorted(format_line(entry) for entry in warc_entries(path))
    except DamageError:  # told by `verify`; nothing to mend here
        return []
    if target.exists() and target.read_bytes() == b"".join(lines):
        return []
    write_cdxj(path, target)
    return [Recovered(path, "its CDXJ did not agree and was written anew", path.stat().st_size)]
