"""The audit of a whole archive: every file against itself, and WARC against index both ways."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from umecrawl.errors import DamageError
from umecrawl.model.capture import Capture
from umecrawl.query.archive import Archive
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.rules import Severity
from umecrawl.warc.verify import Finding, verify

_BRING_UP = "Run `umecrawl index`; if it stays, `umecrawl index --rebuild`."
_REBUILD = "Run `umecrawl index --rebuild`."


def audit(root: Path, paths: Sequence[Path] = (), *, database: str | None, index: bool = True) -> Iterator[Finding]:
    """Yield every finding: files, records, digests and references, then where index and WARCs disagree.

    With `paths`, only those files are checked, and the index is left out. Raises NotFoundError for a path that is
    not there.
    """
    yield from verify(paths, root=root)
    if index and not paths:
        yield from _compare_index(root, database)


def _compare_index(root: Path, database: str | None) -> Iterator[Finding]:
    with Archive(root, database) as archive:
        indexed = {
            row.id: (row.warc, row.offset, row.length, row.payload_digest, row.url, row.status)
            for row in archive.captures()
        }
    warcs = WarcArchive(root)
    for name in warcs.names():
        missing = 0
        path = warcs.path(name)
        try:
            for _, event in warcs.read(name):
                if not isinstance(event, Capture):
                    continue
                ref = event.record
                row = indexed.pop(event.id, None)
                if row is None:
                    missing += 1
                elif row != (ref.warc, ref.offset, ref.length, event.payload_digest, event.url, event.status):
                    message = f"the index says something else of capture {event.id} ({event.url})"
                    yield Finding(path, ref.offset, "index-differs", Severity.ERROR, message, _REBUILD)
        except DamageError:
            # The file's own check has named the damage; what lies behind it cannot be compared.
            indexed = {key: row for key, row in indexed.items() if row[0] != name}
        if missing:
            message = f"{missing} captures of this file are not in the index"
            yield Finding(path, None, "index-behind", Severity.WARNING, message, _BRING_UP)
    for capture, (name, offset, *_) in indexed.items():
        message = f"the index holds capture {capture}, which no WARC does"
        yield Finding(root / "warc" / name, offset, "index-extra", Severity.ERROR, message, _REBUILD)
