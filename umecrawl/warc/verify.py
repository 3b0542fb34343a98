"""Fixity: every file, member, field, digest and reference of an archive checked in one pass over the files.

The rules, as they stand in `Finding.rule`, with their numbers in docs/how-to/verify.md:

    cut-tail, nul-tail, gzip-member, one-member    gzip framing (WARC/1.1 annex D; R2, R30)
    record-framing, version, folded-field, header-text, missing-field, repeated-field, forbidden-field, date-form,
    id-form, uri-form, ip-form, truncation, profile, content-type
                                                   the record's header (§4, §5; R1, R4-R6, R10-R12, R16, R18, R21)
    block-digest, payload-digest, payload-digest-framing, digest-form, interim, status-line, not-modified-block, content
                                                   the record's block (§5.8, §5.9, §6; R7-R9, R14, R15, R19, R22)
    record-id, concurrent-to, concurrent-date, warcinfo-id, refers-to, copy
                                                   what the record says of others (§5; R5, R12, R17, R20)
    file-name, warcinfo, empty-file, unsealed, cut-sidecar
                                                   the file (annex C; R2, R3, R30)
    manifest, cdxj, missing-warc                   the archive folder (R26, R31)
    false-alarm                                    what other validators say wrongly (with `explain` only)
"""

import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import Capture
from umecrawl.model.message import parse_head
from umecrawl.warc.cdxj import cdxj_path, entry_of, format_line
from umecrawl.warc.companions import LineSum, check_cdxj, check_folder, check_manifest, sum_cdxj
from umecrawl.warc.crew import Crew, Helper, Start
from umecrawl.warc.events import OPEN_SUFFIX, read_events, warc_name
from umecrawl.warc.files import list_waczs, list_warcs, sha256_of
from umecrawl.warc.findings import Finding, finding
from umecrawl.warc.inspection import (
    Beside,
    Inspection,
    Part,
    inspect,
    inspect_section,
    is_archived,
    is_closed,
    join,
    look_beside,
)
from umecrawl.warc.leaves import BATCH, Filed, Leaves
from umecrawl.warc.ledger import Ledger, facts_of_capture
from umecrawl.warc.records import split_message
from umecrawl.warc.references import References
from umecrawl.warc.rules import Severity
from umecrawl.warc.sections import WHOLE, Section, sections
from umecrawl.warc.volumes import WACZ_SUFFIX, WARC_SUFFIXES, Volume, files_below, volumes_of

__all__ = ["Finding", "Severity", "Verification", "verify"]

_WORTH_A_PROCESS: Final = 16 * 1024 * 1024  # octets of WARC; below, starting another process costs more than it saves
_SECTIONS: Final = 12  # for each process, so that all end at about the same time


def _start(target: Callable[..., None], arguments: tuple[Any, ...]) -> Helper:
    # Processes are started afresh, for a fork of a process with threads may hang.
    process = get_context("spawn").Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def verify(
    paths: Iterable[Path] = (), *, root: Path, workers: int = 1, explain: bool = False
) -> Generator[Finding, None, None]:
    """Yield what is wrong with the WARCs and WACZs named (files or folders), or with the whole archive when none is.

    Manifest and CDXJ are checked for files of the archive at `root`. Raises `NotFoundError` for a path that is
    not there.
    """
    with Verification(root, paths, workers=workers, explain=explain) as verification:
        yield from verification.findings()


class Verification:
    """One check of an archive, or of some files; it owns the ledger of what records say of each other.

    `explain` adds a finding for what other validators will report wrongly. Files, and sections of large
    ones, are checked in `workers` processes: this one and those that `start` starts.
    `inspections` holds what was found in each file, and `damaged` the names of those that could not be read whole, once
    `findings` has come to an end.
    """

    def __init__(
        self,
        root: Path,
        paths: Iterable[Path] = (),
        *,
        workers: int = 1,
        explain: bool = False,
        start: Start = _start,
    ) -> None:
        named = tuple(paths)
        self._root = root
        self._whole = not named
        self._explain = explain
        self._workers = workers
        self.paths = list(_named(named)) if named else [*list_warcs(root), *list_waczs(root)]
        self.damaged: set[str] = set()
        self._names = {warc_name(path) for path in self.paths}
        self.inspections: list[Inspection] = []
        self._start = start
        self._folder = tempfile.TemporaryDirectory(prefix="umecrawl-verify-")
        self.ledger = Ledger(Path(self._folder.name))

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong: file by file, then between files, then in the archive's folders."""
        warcs = [(number, path) for number, path in enumerate(self.paths) if not path.name.endswith(WACZ_SUFFIX)]
        for inspection in self._inspect(warcs):
            self.inspections.append(inspection)
            yield from inspection.findings
        waczs = [path for path in self.paths if path.name.endswith(WACZ_SUFFIX)]
        if waczs:
            from umecrawl.warc.wacz_check import WaczCheck  # noqa: PLC0415  (measured start-up cost: cryptography)
        for path in waczs:
            check = WaczCheck(path, self._root, self.ledger, self._number, explain=self._explain)
            yield from check.findings()
            self.inspections += check.inspections
            if self._whole:
                yield from self._check_beside(path)
        self.damaged |= {warc_name(one.path) for one in self.inspections if not one.whole}
        self.ledger.complete()
        own = {one.path for one in self.inspections if one.own}
        yield from References(self._root, self.ledger, self.paths, own, whole=self._whole).findings()
        if self._whole:
            yield from check_folder(self._root, self._names)

    def close(self) -> None:
        """Remove the ledger."""
        self.ledger.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _inspect(self, warcs: list[tuple[int, Path]]) -> Iterator[Inspection]:
        size = sum(path.stat().st_size for _, path in warcs)
        workers = min(self._workers, max(size // _WORTH_A_PROCESS, 1))
        step = size // (workers * _SECTIONS)
        calls = [self._calls(number, path, step if workers > 1 else None) for number, path in warcs]
        workers = min(workers, sum(map(len, calls)))
        if workers <= 1:
            for number, path in warcs:
                yield inspect(path, self._root, self.ledger.leaves, number, explain=self._explain)
            return
        claims = Path(self._folder.name) / "claims"
        claims.mkdir()
        every = [call for of_file in calls for call in of_file]
        with Crew(self._start, workers - 1, every, claims) as crew:
            results = map(crew.result, range(len(every)))
            for (number, path), of_file in zip(warcs, calls, strict=True):
                yield self._gather(number, path, list(islice(results, len(of_file))))

    def _calls(self, number: int, path: Path, step: int | None) -> list[Callable[[], "_Brought"]]:
        """Return what has to be done for one file, in sections of about `step` octets."""
        cut = (WHOLE,) if step is None else sections(path, step, archived=is_archived(path, self._root))
        folder = Path(self._folder.name)
        calls = [partial(_check, path, self._root, number, one, folder, explain=self._explain) for one in cut]
        # A checksum has to see the file in order; who checks all of it takes it along.
        return (
            [partial(_beside, path, self._root), *calls] if len(cut) > 1 and is_closed(path, self._root) else [*calls]
        )

    def _gather(self, number: int, path: Path, brought: Sequence["_Brought"]) -> Inspection:
        parts = [one.part for one in brought if one.part is not None]
        inspection = join(path, self._root, parts, brought[0].beside, explain=self._explain)
        for filed in [one.filed for one in brought if one.filed is not None]:
            if inspection is None:
                filed.path.unlink()
            else:
                self.ledger.absorb(filed)
        return inspection or inspect(path, self._root, self.ledger.leaves, number, explain=self._explain)

    def _check_beside(self, path: Path) -> Iterator[Finding]:
        """Check manifest and CDXJ files of a WACZ of the archive, and note its captures for the index's comparison."""
        for flaw in check_manifest(path, self._root, sha256_of(path)):
            yield finding(path, None, flaw)
        volumes: tuple[Volume, ...] = ()
        with suppress(DamageError):  # told already
            volumes = volumes_of(path)
        for volume in volumes:
            self._names.add(volume.name)
            cdxj = cdxj_path(self._root, volume.name)
            lines = LineSum()
            try:
                for told in read_events(volume):
                    if isinstance(told.event, Capture):
                        etag = parse_head(split_message(told.record)[0]).get("ETag") or ""
                        lines.add(format_line(entry_of(told.event, etag)))
                        row = (told.event.id, self.paths.index(path), told.event.record.offset)
                        self.ledger.leaves.captures.append((*row, facts_of_capture(told.event)))
                    if len(self.ledger.leaves.captures) >= BATCH:
                        self.ledger.leaves.flush()
            except DamageError:
                self.damaged.add(volume.name)
            else:
                for flaw in check_cdxj(cdxj, volume, lines.value, sum_cdxj(cdxj)):
                    yield finding(cdxj, None, flaw)

    def _number(self, path: Path) -> int:
        """Give a WARC within another file its number."""
        self.paths.append(path)
        return len(self.paths) - 1


@dataclass(frozen=True, slots=True)
class _Brought:
    """What one call brought: a section's check with what was noted, or what lies beside a file."""

    part: Part | None = None
    filed: Filed | None = None
    beside: Beside | None = None


def _check(path: Path, root: Path, number: int, section: Section, folder: Path, *, explain: bool) -> _Brought:
    leaves = Leaves(folder)
    part = inspect_section(path, root, leaves, number, section, explain=explain)
    return _Brought(part, leaves.close())


def _beside(path: Path, root: Path) -> _Brought:
    return _Brought(beside=look_beside(path, root))


def _named(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield each file once, though a shell may name it twice or with the folder it lies in."""
    seen: set[Path] = set()
    for path in _expand(paths):
        place = path.resolve()
        if place not in seen:
            seen.add(place)
            yield path


def _expand(paths: Iterable[Path]) -> Iterator[Path]:
    endings = (*WARC_SUFFIXES, *(suffix + OPEN_SUFFIX for suffix in WARC_SUFFIXES), WACZ_SUFFIX)
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in files_below(path) if p.name.endswith(endings))
            if not found:
                raise NotFoundError(
                    f"{path}: there is no WARC in this folder", hint="Name a WARC or a folder of WARCs."
                )
            yield from found
        elif path.exists():
            yield path
        else:
            raise NotFoundError(f"{path}: there is no such file", hint="Name a WARC or a folder of WARCs.")
