"""What one WARC file tells, in the order of writing: runs, captures, failures, skipped URLs, ends of runs.

In our files the records of an exchange stand together, the response or revisit last; so a capture is told when its
last record is whole, and nothing has to be taken back. Files of other writers are read leniently; their captures are
told once a record comes that does not belong to them, for Heritrix writes where a page was found behind the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.model.capture import ArchiveEvent, Capture, Mark, RecordRef, RecordType
from umecrawl.model.crawl import CrawlRun
from umecrawl.warc.captures import capture_of
from umecrawl.warc.discoveries import is_discovery, read_discoveries
from umecrawl.warc.faults import FaultKind, FaultLog
from umecrawl.warc.imported import Origin, imported_run, read_origin, run_without_info
from umecrawl.warc.members import Member
from umecrawl.warc.provenance import Provenance, is_failure, read_failure, read_provenance
from umecrawl.warc.records import SKIPPED_TYPE, Record, RecordFormatError, bare_id, parse_date
from umecrawl.warc.recordstream import damage, is_ours, read_any, read_records
from umecrawl.warc.runs import is_end, read_end, read_run, read_skipped
from umecrawl.warc.volumes import OPEN_SUFFIX, Volume, volume_of, warc_name

# The first and the last are named here for the many who know files by their events.
__all__ = ["OPEN_SUFFIX", "Teller", "Told", "read_events", "warc_name"]

_HTTP: Final = ("http:", "https:")


@dataclass(frozen=True, slots=True)
class Told:
    """An event with the mark behind it and the record that completed it.

    The record of a file of ours `is_as_stored`; that of another tool's may have been mended.
    """

    mark: Mark
    event: ArchiveEvent
    record: Record
    is_as_stored: bool = False


def read_events(source: Path | Volume, start: int = 0, log: FaultLog | None = None) -> Iterator[Told]:
    """Yield what a file tells from a mark on; faults of files by others go to `log`.

    Raises `DamageError` as `read_records` does.
    """
    volume = volume_of(source) if isinstance(source, Path) else source
    log = log or FaultLog(volume.name)
    if is_ours(volume):
        yield from _own_events(volume.path, start)
        return
    teller = Teller(volume.name, _foreign_run(volume) if start else "")
    try:
        for record, ref, mark in read_any(volume, start, log):
            try:
                yield from teller.tell_at(record, ref, mark)
            except RecordFormatError:
                log.note(FaultKind.CONTENT, ref.offset)
    except DamageError:
        yield from teller.finish()
        raise
    yield from teller.finish()


def _own_events(path: Path, start: int) -> Iterator[Told]:
    name = warc_name(path)
    teller = Teller(name, _run_of(path) if start else "")
    for member, record in read_records(path, start):
        try:
            for told in teller.tell(member, record):
                yield replace(told, is_as_stored=True)
        except RecordFormatError as error:
            raise damage(path, member.offset, error.message) from error
    yield from teller.finish()


@dataclass(slots=True)
class _Held:
    """A capture by another tool that waits for what may be said of it behind it."""

    capture: Capture
    record: Record
    mark: Mark

    def belongs(self, record: Record) -> bool:
        """Return whether a record is of the same exchange."""
        named = {bare_id(uri) for uri in record.all("WARC-Concurrent-To")}
        return self.capture.id in named or record.id in {bare_id(uri) for uri in self.record.all("WARC-Concurrent-To")}


class Teller:
    """Turns the records of one file into events; it holds what the records around a capture said of it."""

    def __init__(self, name: str, run: str = "") -> None:
        self._name = name
        self._run = run
        self._pending: dict[str, Provenance] = {}
        self._origins: dict[str, Origin] = {}
        self._held: _Held | None = None
        self._digests: dict[str, str] = {}  # of files by others: what they say -> ours

    @property
    def idle(self) -> bool:
        """Whether the run is known and nothing told so far bears upon the records that come."""
        return bool(self._run) and self._held is None and not (self._pending or self._origins or self._digests)

    def tell(self, member: Member, record: Record) -> Iterator[Told]:
        """Yield what the next record completes. Raises `RecordFormatError` when its content cannot be read."""
        ref = RecordRef(record.id, self._name, member.offset, member.length)
        return self.tell_at(record, ref, Mark(self._name, member.end))

    def tell_at(self, record: Record, ref: RecordRef, mark: Mark) -> Iterator[Told]:
        """Yield what the next record completes, as `tell` does; `mark` is the place behind it."""
        if self._held is not None:
            if record.type in {"request", "metadata"} and self._held.belongs(record):
                self._held.mark = mark
                if record.type == "metadata":
                    self._held.capture = _with_origin(self._held.capture, read_origin(record.block))
                return
            yield from self.finish()
        match record.type:
            case "warcinfo":
                run = read_run(record.block) or imported_run(record, self._name)
                self._run = run.id
                yield Told(mark, run, record)
            case "metadata":
                yield from self._metadata(record, ref, mark)
            case "response" | "revisit" | "resource" if record.url.lower().startswith(_HTTP):
                yield from self._capture(record, ref, mark)
            case _:
                pass

    def finish(self) -> Iterator[Told]:
        """Yield the capture that waited for more to be said of it, at the end of a file."""
        if self._held is not None:
            held, self._held = self._held, None
            yield Told(held.mark, held.capture, held.record)

    def _capture(self, record: Record, ref: RecordRef, mark: Mark) -> Iterator[Told]:
        provenance = self._pending.get(record.id)
        self._pending.clear()
        if not self._run:
            run: CrawlRun = run_without_info(self._name, parse_date(record.get("WARC-Date")))
            self._run = run.id
            yield Told(Mark(ref.warc, ref.offset), run, record)
        capture = capture_of(record, ref, provenance, self._run, digests=self._digests)
        if provenance is not None:
            yield Told(mark, capture, record)
            return
        if origin := self._origins.get(record.id):
            capture = _with_origin(capture, origin)
        self._origins.clear()
        self._held = _Held(capture, record, mark)

    def _metadata(self, record: Record, ref: RecordRef, mark: Mark) -> Iterator[Told]:
        if is_failure(record):
            yield Told(mark, read_failure(record, ref, self._run), record)
        elif is_end(record):
            yield Told(mark, read_end(record), record)
        elif record.get("Content-Type") == SKIPPED_TYPE:
            reads = read_discoveries if is_discovery(record.url) else read_skipped
            lines = reads(record.block)
            # Only behind the last line is the whole record known; who stops before it reads the record again.
            for one in lines[:-1]:
                yield Told(Mark(ref.warc, ref.offset), one, record)
            for one in lines[-1:]:
                yield Told(mark, one, record)
        elif capture := record.get("WARC-Concurrent-To"):
            provenance = read_provenance(record.block)
            if provenance is not None:
                self._pending[bare_id(capture)] = provenance
            else:
                self._origins = {bare_id(capture): read_origin(record.block)}


def _run_of(path: Path) -> str:
    for _, record in read_records(path):
        run = read_run(record.block) if record.type == "warcinfo" else None
        return run.id if run else ""
    return ""


def _foreign_run(volume: Volume) -> str:
    """Return the id of the run that a file by another tool begins with; empty when it begins without one."""
    for record, _, _ in read_any(volume, 0, FaultLog(volume.name)):
        if record.type == "warcinfo":
            return (read_run(record.block) or imported_run(record, volume.name)).id
        if record.type in set(RecordType) and record.url.lower().startswith(_HTTP):
            return run_without_info(volume.name, parse_date(record.get("WARC-Date"))).id
    return ""


def _with_origin(capture: Capture, origin: Origin) -> Capture:
    return replace(
        capture,
        via=origin.via,
        hop_path=origin.hop_path,
        source=origin.source,
        seed=origin.seed,
        elapsed_ms=origin.elapsed_ms,
    )
