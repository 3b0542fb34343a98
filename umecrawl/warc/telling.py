"""What the captures of one WARC tell while it is checked: the sum of their CDXJ lines, and facts for the index."""

from collections.abc import Iterator
from pathlib import Path

from umecrawl.errors import DamageError
from umecrawl.model.capture import Capture
from umecrawl.model.message import parse_head
from umecrawl.warc.cdxj import entry_of, format_line
from umecrawl.warc.companions import LineSum
from umecrawl.warc.events import Teller, Told, read_events, warc_name
from umecrawl.warc.leaves import Leaves
from umecrawl.warc.ledger import facts_of_capture
from umecrawl.warc.members import Member
from umecrawl.warc.records import Record, RecordFormatError, parse_record, split_message
from umecrawl.warc.rules import Flaw, Severity
from umecrawl.warc.sections import Section
from umecrawl.warc.shortcut import Shortcut


class Telling:
    """The captures of a file as its records come; with `archived`, they are counted and noted on the leaves.

    `own` says whether umecrawl wrote the file, as far as is known by now; `whole` whether all of it could be read.
    """

    def __init__(self, path: Path, leaves: Leaves, number: int, section: Section, *, archived: bool) -> None:
        self._path = path
        self._leaves = leaves
        self._number = number
        self._archived = archived
        self._teller = Teller(warc_name(path), section.run)
        self.shortcut = Shortcut(warc_name(path))
        self.lines = LineSum()
        self.own = section.own
        self.whole = True

    @property
    def counts(self) -> bool:
        """Whether captures are counted as their records come."""
        return self._archived and self.own

    @property
    def idle(self) -> bool:
        """Whether nothing told so far bears upon the records that come."""
        return self._teller.idle

    @property
    def closed(self) -> bool:
        """Whether all that was told is complete; a metadata record that waits is told first."""
        return not self._archived or (self.shortcut.take() is None and self._teller.idle)

    def tell(self, member: Member, record: Record) -> list[Flaw]:
        """Be told of the next record; return what is wrong with what it says."""
        if not self.own:  # files by others are read leniently, once all is checked
            return []
        waiting = self.shortcut.take()
        try:
            if waiting is not None:
                list(self._teller.tell(waiting, without_links(parse_record(waiting.data))))  # tells nothing by itself
            for told in self._teller.tell(member, record):
                self._told(told)
        except RecordFormatError as error:
            self.whole = False
            return [Flaw("content", Severity.ERROR, error.message, "Restore the file from a copy.")]
        return []

    def note(self, offset: int, capture: str, line: bytes, said: str) -> None:
        """Count the CDXJ line of a capture in, and note what the index must say of it."""
        self.lines.add(line)
        self._leaves.captures.append((capture, self._number, offset, said))

    def finish(self) -> None:
        """Come to the end of the file; one by others is read once more for what it tells."""
        if not self._archived:
            return
        for told in self._rest():
            self._told(told)

    def _rest(self) -> Iterator[Told]:
        if self.own:
            yield from self._teller.finish()
            return
        try:
            yield from read_events(self._path)
        except DamageError:  # named already
            self.whole = False

    def _told(self, told: Told) -> None:
        if self._archived and isinstance(told.event, Capture):
            capture = told.event
            head = split_message(told.record)[0]
            etag = parse_head(head).get("ETag") or "" if b"\netag" in head.lower() else ""
            line = format_line(entry_of(capture, etag))
            self.note(capture.record.offset, capture.id, line, facts_of_capture(capture))


def without_links(record: Record) -> Record:
    """Return a metadata record without its links, where they are well formed: they say nothing that is compared."""
    if record.type != "metadata":
        return record
    return Record(record.fields, record.block.partition(b"\r\noutlink: ")[0], record.version)
