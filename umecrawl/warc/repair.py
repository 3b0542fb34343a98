"""Mending what can be mended without losing an octet; what cannot is left for a copy to restore.

Mended are: files a killed process left, closed files that are damaged, and CDXJ files that are missing or do not
agree. A file whose end is damaged is cut, for what stands before keeps its place; the rest goes to a sidecar beside
it. One that is damaged further in is written anew without what is bad (`umecrawl.warc.salvage`). A file whose
checksum has changed without any damage to a member is not blessed with a new checksum: it is evidence that somebody
changed it.
"""

import os
from pathlib import Path

from umecrawl.errors import DamageError
from umecrawl.warc.cdxj import cdxj_path, format_line, warc_entries, write_cdxj
from umecrawl.warc.files import list_warcs, manifest_path, sha256_of, write_manifest
from umecrawl.warc.recovery import Recovered, cut_back, cut_off, free_name, recover
from umecrawl.warc.salvage import salvage, survey
from umecrawl.warc.volumes import OPEN_SUFFIX


def repair(root: Path) -> list[Recovered]:
    """Mend the WARCs of an archive and say what was done; whoever calls it holds the `ArchiveLock`.

    Cut octets go to a sidecar beside the file, the old manifest to `<name>.sha256.before-<offset>`. A file that is
    damaged further in goes to `damaged/`, and its sound members to a file of a new name.
    """
    done: list[Recovered] = []
    for path in list_warcs(root):
        if not path.name.endswith(OPEN_SUFFIX):
            done += _repair_file(root, path)
    done += [one for one in recover(root) if not one.damaged]  # `verify` names what is left
    for path in list_warcs(root):
        if not path.name.endswith(OPEN_SUFFIX):
            done += _repair_cdxj(root, path)
    return done


def _repair_file(root: Path, path: Path) -> list[Recovered]:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        found = survey(descriptor)
        bad = found.bad
        if not bad:
            return []
        if len(bad) > 1 or bad[0] is not found.ranges[-1]:
            size = os.fstat(descriptor).st_size
            target, detail = salvage(root, path, descriptor, found.ranges)
            kept = target.stat().st_size
            return [Recovered(target, detail, kept, size - kept)]
        # What belongs to an exchange is known of our own files only.
        cut = (
            cut_back(root, descriptor, path)
            if found.own
            else cut_off(root, descriptor, path, bad[0].start, bad[0].reason)
        )
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    manifest = manifest_path(root, path.name)
    if manifest.exists():
        manifest.rename(free_name(manifest.with_name(f"{manifest.name}.before-{cut.end}")))
    if not cut.end:
        path.unlink()
        cdxj_path(root, path.name).unlink(missing_ok=True)
        return [Recovered(path, f"{cut.detail}; no whole record was left", 0, cut.size)]
    write_cdxj(path, cdxj_path(root, path.name))
    write_manifest(root, path, sha256_of(path))
    return [Recovered(path, cut.detail, cut.end, cut.size)]


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
