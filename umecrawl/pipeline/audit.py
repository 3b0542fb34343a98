"""The audit of a whole archive: every file against itself, WARC against index both ways, and the record of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from umecrawl.errors import NoSpaceError, UmecrawlError
from umecrawl.model.clock import utc_now
from umecrawl.pipeline.children import start_helper
from umecrawl.warc.audits import Audit, append_audits, audits_of
from umecrawl.warc.findings import Finding
from umecrawl.warc.ledger import facts
from umecrawl.warc.rules import Severity
from umecrawl.warc.verify import Verification

_BRING_UP = "Run `umecrawl index`; if it stays, `umecrawl index --rebuild`."
_REBUILD = "Run `umecrawl index --rebuild`."


@dataclass(frozen=True, slots=True)
class Recording:
    """That an audit is to be remembered, by which software and clock."""

    software: str
    clock: Callable[[], datetime] = utc_now


def audit(
    root: Path,
    paths: Sequence[Path] = (),
    *,
    database: str | None,
    index: bool = True,
    workers: int = 1,
    explain: bool = False,
    recording: Recording | None = None,
) -> Iterator[Finding]:
    """Yield every finding: files, records, digests and references, then where index and WARCs disagree.

    With `paths`, only those files are checked, and the index is left out. With `recording`, what was found is added
    to the archive's history once all is checked (of files of the archive only). Raises NotFoundError for a path that
    is not there.
    """
    found: list[Finding] = []
    with Verification(root, paths, workers=workers, explain=explain, start=start_helper) as verification:
        for finding in _all(verification, root, database, index=index and not paths):
            if recording is not None:
                found.append(finding)
            yield finding
        if recording is not None:
            inside = [one for one in verification.inspections if one.path.is_relative_to(root / "warc")]
            if inside or not paths:
                _remember(root, audits_of(inside, found, recording.clock(), recording.software))


def _remember(root: Path, audits: Iterable[Audit]) -> None:
    try:
        append_audits(root, audits)
    except NoSpaceError:
        raise
    except UmecrawlError as error:  # an archive on a medium that nobody writes
        message = f"all was checked, but {error.message}"
        raise UmecrawlError(message, hint="--no-record checks without adding to the history.") from error


def _all(verification: Verification, root: Path, database: str | None, *, index: bool) -> Iterator[Finding]:
    yield from verification.findings()
    if index:
        yield from _compare_index(verification, root, database)


def _compare_index(verification: Verification, root: Path, database: str | None) -> Iterator[Finding]:
    from umecrawl.query.archive import Archive  # noqa: PLC0415  (measured start-up cost; many checks need no index)

    missing: Counter[int] = Counter()
    with Archive(root, database) as archive:
        indexed = (
            (
                row.id,
                facts(row.warc, row.offset, row.length, row.payload_digest, row.url, row.status),
                row.warc,
                row.offset,
            )
            for row in archive.captures()
        )
        for kind, capture, name, number, offset in verification.ledger.compare(indexed):
            if kind == "missing" and number is not None:
                missing[number] += 1
            elif kind == "differs" and number is not None:
                message = f"the index says something else of capture {capture}"
                path = verification.paths[number]
                yield Finding(path, offset, "index-differs", Severity.ERROR, message, _REBUILD)
            # The file's own check has named the damage; what lies behind it cannot be compared.
            elif name not in verification.damaged:
                message = f"the index holds capture {capture}, which no WARC does"
                yield Finding(root / "warc" / name, offset, "index-extra", Severity.ERROR, message, _REBUILD)
    for number, count in sorted(missing.items()):
        message = f"{count} captures of this file are not in the index"
        path = verification.paths[number]
        yield Finding(path, None, "index-behind", Severity.WARNING, message, _BRING_UP)
