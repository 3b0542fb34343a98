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
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import Capture
from umecrawl.model.message import parse_head
from umecrawl.warc.cdxj import cdxj_path, entry_of, format_line
from umecrawl.warc.companions import LineSum, check_cdxj, check_folder, check_manifest
from umecrawl.warc.events import OPEN_SUFFIX, read_events, warc_name
from umecrawl.warc.files import list_waczs, list_warcs, sha256_of
from umecrawl.warc.findings import Finding, finding
from umecrawl.warc.inspection import Inspection, inspect
from umecrawl.warc.ledger import BATCH, Ledger
from umecrawl.warc.records import split_message
from umecrawl.warc.references import References
from umecrawl.warc.rules import Severity
from umecrawl.warc.scan import facts_of_capture
from umecrawl.warc.volumes import WARC_SUFFIXES, Volume, volumes_of
from umecrawl.warc.wacz_check import WACZ_SUFFIX, WaczCheck

__all__ = ["Finding", "Severity", "Verification", "verify"]

_WORTH_A_PROCESS: Final = 32 * 1024 * 1024  # octets of WARC; below, starting another process costs more than it saves


def _processes(workers: int) -> Executor:
    # Processes are started afresh, for a fork of a process with threads may hang.
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))


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

    `explain` adds a finding for what other validators will report wrongly. Files are checked in `workers` processes,
    which `processes` gives.
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
        processes: Callable[[int], Executor] = _processes,
    ) -> None:
        named = tuple(paths)
        self._root = root
        self._whole = not named
        self._explain = explain
        self._workers = workers
        self.paths = list(_expand(named)) if named else [*list_warcs(root), *list_waczs(root)]
        self.damaged: set[str] = set()
        self._names = {warc_name(path) for path in self.paths}
        self.inspections: list[Inspection] = []
        self._processes = processes
        self._folder = tempfile.TemporaryDirectory(prefix="umecrawl-verify-")
        self.ledger = Ledger(Path(self._folder.name))

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong: file by file, then between files, then in the archive's folders."""
        warcs = [(number, path) for number, path in enumerate(self.paths) if not path.name.endswith(WACZ_SUFFIX)]
        for inspection in self._inspect(warcs):
            self.inspections.append(inspection)
            yield from inspection.findings
        for path in [path for path in self.paths if path.name.endswith(WACZ_SUFFIX)]:
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
        workers = min(self._workers, len(warcs), max(size // _WORTH_A_PROCESS, 1))
        if workers <= 1:
            for number, path in warcs:
                yield inspect(path, self._root, self.ledger, number, explain=self._explain)
            return
        # The largest first, so that no process is left alone with it; told in the order of the names all the same.
        with self._processes(workers) as pool:
            order = sorted(warcs, key=lambda warc: -warc[1].stat().st_size)
            futures = {
                number: pool.submit(_inspect_apart, path, self._root, number, self._folder.name, explain=self._explain)
                for number, path in order
            }
            for number, path in warcs:
                try:
                    inspection, ledger = futures.pop(number).result()
                except BrokenProcessPool:  # a process was killed: do its work here
                    yield inspect(path, self._root, self.ledger, number, explain=self._explain)
                else:
                    self.ledger.absorb(ledger)
                    yield inspection

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
                        self.ledger.captures.append((*row, facts_of_capture(told.event)))
                    if len(self.ledger.captures) >= BATCH:
                        self.ledger.flush()
            except DamageError:
                self.damaged.add(volume.name)
            else:
                for flaw in check_cdxj(cdxj, volume, lines.value):
                    yield finding(cdxj, None, flaw)

    def _number(self, path: Path) -> int:
        """Give a WARC within another file its number."""
        self.paths.append(path)
        return len(self.paths) - 1


def _inspect_apart(path: Path, root: Path, number: int, folder: str, *, explain: bool) -> tuple[Inspection, Path]:
    """Check a file in a process of its own; the ledger is left to the caller."""
    with Ledger(Path(folder)) as ledger:
        return inspect(path, root, ledger, number, explain=explain), ledger.path


def _expand(paths: Iterable[Path]) -> Iterator[Path]:
    endings = (*WARC_SUFFIXES, *(suffix + OPEN_SUFFIX for suffix in WARC_SUFFIXES), WACZ_SUFFIX)
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.name.endswith(endings) and p.is_file())
            if not found:
                raise NotFoundError(
                    f"{path}: there is no WARC in this folder", hint="Name a WARC or a folder of WARCs."
                )
            yield from found
        elif path.exists():
            yield path
        else:
            raise NotFoundError(f"{path}: there is no such file", hint="Name a WARC or a folder of WARCs.")
