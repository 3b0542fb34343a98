"""The one who writes: a `RecordSink` that turns fetches into WARC records, whole exchanges only."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import UUID, uuid4

from umecrawl.errors import NoSpaceError
from umecrawl.model.capture import Capture, Exchange, FailedFetch, FetchFailure, RecordRef, TlsFacts
from umecrawl.model.clock import utc_now
from umecrawl.model.crawl import CrawlRun, Outlink, RunEnd, Skipped
from umecrawl.model.discovery import Audit, Place, Reading
from umecrawl.model.message import Head, media_type, parse_head
from umecrawl.model.sketch import TextSketch
from umecrawl.warc.captures import capture_of
from umecrawl.warc.cdxj import entry_of, format_line
from umecrawl.warc.discoveries import discovery_block, discovery_urn
from umecrawl.warc.exchange import (
    RecordIds,
    failure_record,
    identical_record,
    is_packed,
    metadata_record,
    not_modified_record,
    request_record,
    response_record,
)
from umecrawl.warc.members import deflated, stored
from umecrawl.warc.openfile import OpenFile
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.provenance import Provenance, capture_block, chain_id, failure_block, read_failure
from umecrawl.warc.records import (
    END,
    FIELDS_TYPE,
    SKIPPED_TYPE,
    Record,
    digest,
    header_bytes,
    id_uri,
    new_record,
    record_bytes,
)
from umecrawl.warc.repeats import confirmed_payload, known_payload
from umecrawl.warc.runs import end_block, run_urn, skipped_block, skipped_urn, warcinfo_block

MAX_SIZE: Final = 10**9  # annex C of WARC/1.1 recommends about a gigabyte
SYNC_SECONDS: Final = 5.0  # a power cut costs at most what was appended in this time; a killed process costs nothing
SKIPPED_BATCH: Final = 500
SKIPPED_SECONDS: Final = 60.0


class WarcWriter:
    """Writes the WARC files of one run, one after the other.

    `append` has handed whole members to the system when it returns; a process that is killed then loses nothing.
    What `payloads` holds is stored as a revisit; without it every response is stored whole. `clock` dates files and
    lists, `new_id` names records, `elapsed` (seconds) decides when to sync. Not safe for several threads.
    """

    def __init__(
        self,
        root: Path,
        run: CrawlRun,
        *,
        payloads: PayloadStore | None,
        hostname: str,
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], UUID] = uuid4,
        elapsed: Callable[[], float] = time.monotonic,
        max_size: int = MAX_SIZE,
    ) -> None:
        self._root = root
        self._run = run
        self._payloads = payloads
        self._hostname = hostname
        self._clock = clock
        self._new_id = new_id
        self._elapsed = elapsed
        self._max_size = max_size
        self._file: OpenFile | None = None
        self._warcinfo = ""
        self._chains: set[bytes] = set()
        self._skipped: list[Skipped] = []
        self._synced_at = self._skipped_at = elapsed()
        self.bytes_written = 0  # octets of all files so far

    def append(
        self,
        fetched: Exchange | FetchFailure,
        outlinks: tuple[Outlink, ...] = (),
        reading: Reading | None = None,
        sketch: TextSketch | None = None,
    ) -> Capture | FailedFetch:
        """Write what was fetched and hand it to the system; return what stands in the archive.

        `outlinks`, `reading` and the `sketch` of a page go into the metadata record. Raises `NoSpaceError` when the
        disk is full; then nothing of this fetch is in the archive, and the file ends with the last whole exchange.
        """
        if self._skipped and self._elapsed() - self._skipped_at >= SKIPPED_SECONDS:
            self._flush_skipped()
        if isinstance(fetched, FetchFailure):
            return self._append_failure(fetched)
        return self._append_exchange(fetched, outlinks, reading, sketch)

    def skip(self, skipped: Skipped) -> None:
        """Note a URL that was left out; written together with others, at the latest when the writer closes."""
        if not self._skipped:
            self._skipped_at = self._elapsed()
        self._skipped.append(skipped)
        if len(self._skipped) >= SKIPPED_BATCH:
            self._flush_skipped()

    def discovered(self, found: Sequence[Place | Audit]) -> None:
        """Write what was found out about the interfaces of the sources."""
        if found:
            file = self._current()
            record = self._about_run(discovery_urn(self._run.id), SKIPPED_TYPE, discovery_block(found))
            self._put(file, [deflated(record_bytes(record))])

    def end(self, end: RunEnd) -> None:
        """Write what was left out and how the run, or this stretch of it, ended."""
        self._flush_skipped()
        file = self._current()
        record = self._about_run(run_urn(self._run.id), FIELDS_TYPE, end_block(end), end.ended_at)
        self._put(file, [deflated(record_bytes(record))])

    def sync(self) -> None:
        """Wait until the disk has all that was appended."""
        if self._file is not None:
            self._file.sync()
            self._synced_at = self._elapsed()

    def close(self) -> None:
        """Write what was left out and seal the file; a writer that wrote nothing leaves no file."""
        try:
            self._flush_skipped()
        finally:
            self._seal()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _flush_skipped(self) -> None:
        """Write the URLs noted so far. Raises `NoSpaceError`; they stay noted then."""
        if not self._skipped:
            return
        file = self._current()
        block = skipped_block(self._skipped)
        self._put(file, [deflated(record_bytes(self._about_run(skipped_urn(self._run.id), SKIPPED_TYPE, block)))])
        self._skipped.clear()

    def _append_exchange(
        self, exchange: Exchange, outlinks: tuple[Outlink, ...], reading: Reading | None, sketch: TextSketch | None
    ) -> Capture:
        file = self._current()
        ids = self._ids()
        head = parse_head(exchange.response_head)
        entity = exchange.payload
        payload_digest = digest(entity)
        confirmed = confirmed_payload(self._payloads, exchange, head)
        provenance = Provenance(
            source=exchange.crawl_url.source,
            seed=exchange.crawl_url.seed or None,
            via=exchange.crawl_url.via,
            hop_path=exchange.crawl_url.hop_path,
            attempt=exchange.crawl_url.attempt,
            elapsed_ms=exchange.elapsed_ms,
            size=confirmed.size if confirmed else len(entity),
            wire_bytes=sum(
                map(len, (exchange.interim, exchange.response_head, exchange.response_body, exchange.excess))
            ),
            framing=confirmed.framing if confirmed else "",
            not_modified_head=exchange.response_head if confirmed else b"",
            outlinks=outlinks,
            reading=reading,
            sketch=sketch,
        )
        chain = self._new_chain(exchange.tls)
        block = capture_block(exchange, provenance, with_chain=chain is not None)
        members = [deflated(record_bytes(request_record(exchange, ids)))] if exchange.request else []
        members.append(deflated(record_bytes(metadata_record(exchange, ids, block))))
        lead = sum(map(len, members))
        known = None if confirmed else known_payload(self._payloads, exchange, head, entity, payload_digest)
        if confirmed:
            record = not_modified_record(exchange, head, confirmed, ids, lead)
        elif known:
            record = identical_record(exchange, head, known, ids, lead)
        else:
            record = response_record(exchange, head, payload_digest, ids, lead)
        last = _packed(exchange, record) if record.type == "response" and _is_packed(head) else None
        members.append(last or deflated(record_bytes(record)))
        ref = RecordRef(ids.last, file.name, 0, len(members[-1]))
        capture = capture_of(record, ref, provenance, self._run.id, head=head)
        offset = self._put(file, members)
        capture = replace(capture, record=replace(ref, offset=offset + lead))
        if chain is not None:
            self._chains.add(chain)
        entry = entry_of(capture, "" if confirmed else head.get("ETag") or "")
        file.lines.append(format_line(entry))
        if self._payloads is not None:
            self._payloads.add(entry)
        return capture

    def _append_failure(self, failure: FetchFailure) -> FailedFetch:
        file = self._current()
        ids = self._ids()
        members = [deflated(record_bytes(request_record(failure, ids)))] if failure.request else []
        record = failure_record(failure, ids, failure_block(failure))
        members.append(deflated(record_bytes(record)))
        lead = sum(map(len, members[:-1]))
        offset = self._put(file, members)
        return read_failure(record, RecordRef(ids.last, file.name, offset + lead, len(members[-1])), self._run.id)

    def _current(self) -> OpenFile:
        if self._file is not None and self._file.size >= self._max_size:
            self._seal()
        if self._file is None:
            self._file = self._new_file()
        return self._file

    def _new_file(self) -> OpenFile:
        file = OpenFile(self._root, self._run.collection, self._run.collection, self._hostname, self._clock)
        warcinfo = str(self._new_id())
        fields = [("WARC-Filename", file.name), ("Content-Type", FIELDS_TYPE)]
        block = warcinfo_block(self._run, self._hostname)
        record = new_record("warcinfo", warcinfo, self._clock(), fields, block)
        octets = deflated(record_bytes(record))
        try:
            file.append(octets)
        except NoSpaceError:
            file.discard()
            raise
        self.bytes_written += len(octets)
        self._warcinfo = warcinfo
        self._chains.clear()
        self._synced_at = self._elapsed()
        return file

    def _seal(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.seal()
            if self._payloads is not None:
                self._payloads.commit(file.name)

    def _put(self, file: OpenFile, members: list[bytes]) -> int:
        octets = b"".join(members)
        offset = file.append(octets)
        self.bytes_written += len(octets)
        if self._elapsed() - self._synced_at >= SYNC_SECONDS:
            self.sync()
        return offset

    def _about_run(self, target: str, content_type: str, block: bytes, at: datetime | None = None) -> Record:
        fields = [
            ("WARC-Target-URI", target),
            ("WARC-Warcinfo-ID", id_uri(self._warcinfo)),
            ("Content-Type", content_type),
        ]
        return new_record("metadata", str(self._new_id()), at or self._clock(), fields, block)

    def _ids(self) -> RecordIds:
        return RecordIds(str(self._new_id()), str(self._new_id()), str(self._new_id()), self._warcinfo)

    def _new_chain(self, tls: TlsFacts | None) -> bytes | None:
        """Return the id of a certificate chain that is not in this file yet."""
        if tls is None or not tls.chain:
            return None
        chain = chain_id(tls)
        return None if chain in self._chains else chain


def _is_packed(head: Head) -> bool:
    return is_packed(head, media_type(head.get("Content-Type")))


def _packed(exchange: Exchange, record: Record) -> bytes:
    return stored(header_bytes(record) + exchange.response_head, exchange.response_body, END)
