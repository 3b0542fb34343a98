"""The one writer of the index: archive events and extractions go in, whole batches are committed with their watermark.

Nothing depends on the order in which events come or on where a run was cut. A commit holds rows and watermark
together; what is derived from many rows (versions, full text, the URL of a resource) is worked out by `finish` for
every resource marked stale, in short transactions, each of which takes its marks away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, exists, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError

from umecrawl.index.extractions import Extractions
from umecrawl.index.failures import explained
from umecrawl.index.numbering import chunks
from umecrawl.index.observations import Observations
from umecrawl.index.resources import Resources, settle, stale_resources, stored_key
from umecrawl.index.reuse_tables import is_outdated, note_outdated
from umecrawl.index.schema import about, capture, extraction, extractor, metadata, warc
from umecrawl.index.showing import can_be_read
from umecrawl.index.stored_captures import stored_captures
from umecrawl.index.versions import affected_articles, recompute
from umecrawl.index.warcs import Warcs, is_own_file
from umecrawl.model.article import Extraction
from umecrawl.model.capture import ArchiveEvent, Capture, Mark, RecordType
from umecrawl.model.crawl import CrawlRun

# A caller that forgets to commit must not fill the memory.
_MOST_EVENTS = 10_000
_MOST_EXTRACTIONS = 1_000


class IndexWriter:
    """Takes events and extractions; made by `Index.writer`, which sees to it that there is one at a time.

    `extractor` is the name of the extractor in use: with it, what another one read counts as unread.
    """

    def __init__(self, connection: Connection, extractor_name: str | None = None) -> None:
        self._connection = connection
        self._extractor = extractor_name
        self._resources = Resources(connection)
        self._warcs = Warcs(connection)
        self._observations = Observations(connection, self._resources, self._warcs)
        self._extractions = Extractions(connection, self._resources, self._observations)
        self._marks: dict[str, Mark] = {}
        self._writers: dict[str, str] = {}
        self._events: list[ArchiveEvent] = []
        self._captures: dict[str, Capture] = {}
        self._read: dict[tuple[str, str], tuple[Capture, Extraction]] = {}
        self._asked: dict[tuple[str, str], Capture] = {}
        self._under_way: dict[tuple[str, str], Capture] = {}

    def marks(self) -> dict[str, int]:
        """Return how far each WARC has been read: offsets in octets by base name."""
        with self._transaction():
            rows = self._connection.execute(select(warc.c.name, warc.c.watermark))
            marks = dict(rows.all())
        for mark in self._marks.values():
            marks[mark.warc] = max(mark.offset, marks.get(mark.warc, 0))
        return marks

    def put(self, mark: Mark, event: ArchiveEvent) -> None:
        """Take an event; `mark` lies behind its last record. It is kept in memory until `commit`."""
        there = self._marks.get(mark.warc)
        if there is None or there.offset < mark.offset:
            self._marks[mark.warc] = mark
        self._events.append(event)
        if isinstance(event, Capture):
            self._captures[event.id] = event
        elif isinstance(event, CrawlRun) and is_own_file(mark.warc, event):
            self._writers[mark.warc] = event.id
        if len(self._events) >= _MOST_EVENTS:
            self.commit()

    def wants(self, observed: Capture) -> bool:
        """Return whether an extraction of this capture is called for.

        It is when the capture can be read (status 200; a page, feed, API answer or document), its payload is in the
        archive, and the payload was not yet read at this resource from this or an earlier capture. Once asked for,
        the same payload at the same resource is not asked for again before the next commit, or the one after it where
        it was not read by then.
        """
        if not can_be_read(observed):
            return False
        pair = _pair(observed)
        asked = self._asked.get(pair) or self._under_way.get(pair)
        if asked is not None and _order(asked) <= _order(observed):
            return False
        if observed.record_type is RecordType.RESPONSE and self._observations.lacks_payload(observed.payload_digest):
            self._asked[pair] = observed
            return True
        with self._transaction():
            is_known = bool(self._observations.payload_numbers([observed.payload_digest]))
            there = self._extractions.reading(observed) if is_known else None
            if there is not None and not there.gives_way_to(observed, self._extractor):
                return False
            if not self._has_payload(observed):
                return False
        self._asked[pair] = observed
        return True

    def put_extraction(self, observed: Capture, what: Extraction) -> None:
        """Take what the page of a capture gave; of two captures of one payload and resource the earlier counts."""
        pair = _pair(observed)
        there = self._read.get(pair)
        if there is None or _order(observed) <= _order(there[0]):
            self._read[pair] = observed, what
        if len(self._read) >= _MOST_EXTRACTIONS:
            self.commit()

    def commit(self) -> None:
        """Write all that was put, and the watermarks with it, in one transaction.

        Raises `NoSpaceError` when the disk is full, `ServiceError` when the database went away; then nothing of
        the batch is in the index, and this writer is of no further use.
        """
        if not self._events and not self._read:
            return
        with self._transaction():
            self._observations.put(self._events)
            self._extractions.put(list(self._read.values()))
            self._observations.settle_unread(
                observed.payload_digest
                for observed in (*self._captures.values(), *(observed for observed, _ in self._read.values()))
            )
            self._warcs.put_marks(self._marks.values())
            runs = self._observations.run_numbers(self._writers.values())
            self._warcs.put_writers({name: runs[uid] for name, uid in self._writers.items()})
        self._marks.clear()
        self._writers.clear()
        self._events.clear()
        self._captures.clear()
        # For one commit more: what was not read by then never will be, for its record is damaged.
        self._under_way = {pair: asked for pair, asked in self._asked.items() if pair not in self._read}
        self._asked.clear()
        self._read.clear()

    def unread(self) -> Iterator[Capture]:
        """Yield captures whose payload is in the archive, but was not read at their resource.

        That is so after an interruption, and for revisits of what was first seen elsewhere. Of each payload and
        resource only the earliest capture is named, without seed and outlinks, in the order in which they were put.
        """
        with self._transaction():
            numbers = self._unread_numbers()
        for chunk in chunks(numbers):
            with self._transaction():
                found = stored_captures(self._connection, chunk)
            yield from found

    def finish(self, *, reuse: bool = True) -> None:
        """Work out versions, full text and URLs of all that changed since they were last worked out.

        With `reuse`, the passages that articles share as well: these depend on all texts at once, so whoever
        finishes again and again, as while a crawl goes on, leaves them for the last time.
        """
        changed = False
        while True:
            with self._transaction():
                numbers = stale_resources(self._connection)
                if not numbers:
                    break
                affected = affected_articles(self._connection, numbers)
                settle(self._connection, numbers)  # before, for changes name the URLs of others
                recompute(self._connection, affected)
                note_outdated(self._connection)
            changed = True
        if changed:
            # Rows may be gone: an earlier reading gave way.
            self._resources.forget()
            self._extractions.forget()
            with self._transaction():
                self._extractions.remove_unused()
                self._analyse()
        if reuse:
            self._settle_reuse()

    def _settle_reuse(self) -> None:
        with self._transaction():
            if not is_outdated(self._connection):
                return
        # Imported here, for numpy takes 0.2 s to load, which commands that only read must not wait for.
        from umecrawl.index.reuse_settle import settle_reuse  # noqa: PLC0415  (measured start-up cost)

        settle_reuse(self._connection, self._transaction)

    def _unread_numbers(self) -> list[int]:
        original = capture.alias("original")
        stored = or_(
            capture.c.record_type == RecordType.RESPONSE, exists().where(original.c.uid == capture.c.refers_to)
        )
        query = select(capture.c.id, capture.c.payload_id, capture.c.resource_id, capture.c.at, capture.c.uid)
        queries = [query.where(capture.c.unread, stored)]
        if self._extractor is not None:
            queries.append(
                query.join(extraction, extraction.c.capture_id == capture.c.id)
                .join(extractor, extractor.c.id == extraction.c.extractor_id)
                .where(extractor.c.name != self._extractor)
            )
        earliest: dict[tuple[int, int], tuple[datetime, str, int]] = {}
        for one in queries:
            for number, payload_id, resource_id, at, uid in self._connection.execute(one):
                pair = (payload_id, resource_id)
                found = (at, uid, number)
                if pair not in earliest or found < earliest[pair]:
                    earliest[pair] = found
        return sorted(found[2] for found in earliest.values())

    def _has_payload(self, observed: Capture) -> bool:
        if observed.record_type is RecordType.RESPONSE:
            return True
        original = observed.refers_to
        return original is not None and (
            original in self._captures or bool(self._observations.capture_numbers([original]))
        )

    def _analyse(self) -> None:
        # The planner's statistics are renewed when the index has grown by a quarter.
        size = self._connection.execute(select(func.max(capture.c.id))).scalar() or 0
        last = self._connection.execute(select(about.c.value).where(about.c.name == "analysed")).scalar()
        if last is not None and size < int(last) * 1.25 + 100:
            return
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
            self._connection.exec_driver_sql("ANALYZE")
        else:
            self._connection.exec_driver_sql(f"ANALYZE {', '.join(metadata.tables)}")
        if last is None:
            self._connection.execute(insert(about), {"name": "analysed", "value": str(size)})
        else:
            self._connection.execute(update(about).where(about.c.name == "analysed").values(value=str(size)))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self._connection.begin():
                yield
        except DBAPIError as error:
            raise explained(error, self._connection.engine.url) from error


def _pair(observed: Capture) -> tuple[str, str]:
    return observed.payload_digest, stored_key(observed.url)


def _order(observed: Capture) -> tuple[datetime, str]:
    return observed.captured_at, observed.id
