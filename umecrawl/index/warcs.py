"""The WARC files in the index: how far each has been read, and which copy of a record is its place."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from sqlalchemy import Connection, Table, insert, select, update

from umecrawl.index.numbering import Numbering, chunks
from umecrawl.index.schema import warc
from umecrawl.model.capture import Capture, FailedFetch, Mark
from umecrawl.model.crawl import CrawlRun

_Recorded = TypeVar("_Recorded", Capture, FailedFetch)


class Warcs:
    """The rows of WARC files, written through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._warcs = Numbering(connection, warc, "name")

    def numbers(self, names: Iterable[str]) -> dict[str, int]:
        """Return the row numbers of these WARCs, with a new row for each that is not in the index."""
        wanted = set(names)
        known = self._warcs.known(wanted)
        rows = [{"id": self._warcs.new(name), "name": name, "watermark": 0} for name in sorted(wanted - known.keys())]
        if rows:
            self._connection.execute(insert(warc), rows)
        return self._warcs.known(wanted)

    def put_marks(self, marks: Iterable[Mark]) -> None:
        """Note how far the WARCs have been read; a mark never goes back."""
        furthest: dict[str, int] = {}
        for mark in marks:
            furthest[mark.warc] = max(mark.offset, furthest.get(mark.warc, 0))
        numbers = self.numbers(furthest)
        for name, offset in furthest.items():
            self._connection.execute(
                update(warc).where(warc.c.id == numbers[name], warc.c.watermark < offset).values(watermark=offset)
            )

    def put_writers(self, runs: Mapping[str, int]) -> None:
        """Note which run (by number) wrote which WARC."""
        numbers = self.numbers(runs)
        for name, number in runs.items():
            self._connection.execute(update(warc).where(warc.c.id == numbers[name]).values(run_id=number))

    def keep_first_place(
        self,
        table: Table,
        known: Mapping[str, int],
        events: Mapping[str, Capture] | Mapping[str, FailedFetch],
    ) -> None:
        """Let known rows name the first place of their record where one of these events does."""
        # The same record in two files, as after a copy: the first by name and offset is its place.
        numbers = self.numbers({event.record.warc for event in events.values()})
        for chunk in chunks(known.items()):
            rows = self._connection.execute(
                select(table.c.id, table.c.uid, warc.c.name, table.c.offset)
                .join(warc, warc.c.id == table.c.warc_id)
                .where(table.c.id.in_([number for _, number in chunk]))
            ).all()
            for row in rows:
                record = events[row.uid].record
                if (record.warc, record.offset) < (row.name, row.offset):
                    self._connection.execute(
                        update(table)
                        .where(table.c.id == row.id)
                        .values(warc_id=numbers[record.warc], offset=record.offset, length=record.length)
                    )


def is_own_file(name: str, run: CrawlRun) -> bool:
    """Return whether a file belongs to a run of ours alone: no run of another tool, no copy in a WACZ."""
    return not run.id.startswith("import-") and "!" not in name


def at_first_place(recorded: Iterable[_Recorded]) -> dict[str, _Recorded]:
    """Return the events by record id; of those of one record, the one at its first place, by file and offset."""
    found: dict[str, _Recorded] = {}
    for event in recorded:
        record = event.record
        there = found.get(record.record_id)
        if there is None or (record.warc, record.offset) < (there.record.warc, there.record.offset):
            found[record.record_id] = event
    return found
