"""One pass over one WARC: members, fields and digests are checked, and what records say of others is noted.

There are two lanes. The fast one takes a member that ends where the next one begins, inflates it in one go and knows
its header by its form (`umecrawl.warc.glance`); it says nothing of a record but that it is right. Whatever it cannot
say that of goes the slow way, which reads the member anew with care and names what is wrong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from umecrawl.model.message import framing, parse_head
from umecrawl.warc.block_rules import check_digests, check_message
from umecrawl.warc.breaks import MANY, RESTORE, flaw_of_break
from umecrawl.warc.events import OPEN_SUFFIX, warc_name
from umecrawl.warc.faults import FaultLog
from umecrawl.warc.glance import Glance
from umecrawl.warc.leaves import Leaves
from umecrawl.warc.members import Break, BreakKind, Member
from umecrawl.warc.outcome import Outcome
from umecrawl.warc.oversized import Digests, Large, Torn
from umecrawl.warc.packing import fault_flaws, is_packed_otherwise, packing_flaws, read_packed
from umecrawl.warc.records import (
    Record,
    RecordFormatError,
    digest_octets,
    expected_length,
    parse_record,
    split_message,
)
from umecrawl.warc.rules import Flaw, Severity, check_header
from umecrawl.warc.runs import names_run, read_run
from umecrawl.warc.sections import WHOLE, Section
from umecrawl.warc.shapes import Shapes, values_of
from umecrawl.warc.streams import StreamBreakError
from umecrawl.warc.telling import Telling
from umecrawl.warc.trace import HOLDERS, Trace
from umecrawl.warc.walk import Found, MemberWalk


class Scan:
    """The check of one file; it owns nothing but what has to be compared when the end is reached.

    `number` is the file's in the ledger. With `archived`, the checksum of the file and the sum of the CDXJ lines that
    it gives are taken as well, and its captures are noted for the comparison with the index.
    """

    def __init__(
        self,
        path: Path,
        descriptor: int,
        leaves: Leaves,
        number: int,
        *,
        archived: bool,
        explain: bool = False,
        section: Section = WHOLE,
    ) -> None:
        self._path = path
        self._name = warc_name(path)
        self._unsealed = path.name.endswith(OPEN_SUFFIX)
        self._descriptor = descriptor
        self._section = section
        self._walk = MemberWalk(descriptor, hashed=archived and section == WHOLE)
        self._explain = explain
        self._shapes = Shapes()
        self._trace = Trace(leaves, number, explain=explain)
        if section.warcinfo:
            self._trace.know_warcinfo(section.warcinfo)
        self._telling = Telling(path, leaves, number, section, archived=archived)
        self._glance = Glance(self._shapes, self._trace, self._telling, explain=explain)
        self._algorithms: dict[str, int] = {}
        self._records = 0
        self._whole = True

    def run(self) -> Iterator[tuple[int, Flaw]]:
        """Yield the flaws of the section with their offsets."""
        look = self._glance.look
        for offset, end, data in self._walk.members(self._section.start, self._section.end):
            flaws: Iterable[Flaw] | None = look(offset, end, data) if isinstance(data, bytes) else None
            if flaws is not None:
                self._records += 1
            else:
                found = self._closer(offset, end, data)
                if isinstance(found, Break):
                    self._whole = False
                    if not self._begun and is_packed_otherwise(found, self._descriptor):
                        yield from self._packed(found)
                        break
                    found = (self._break(found),)
                flaws = found
            for flaw in flaws:
                yield offset, self._graded(flaw)
        self._telling.finish()
        if not self._unsealed:  # else the last exchange may still be on its way
            self._trace.finish()

    def _closer(self, offset: int, end: int, data: Found) -> Iterable[Flaw] | Break:
        """Look at a member of which more is to be said than that it is right."""
        if isinstance(data, Break):
            return data
        if not isinstance(data, bytes):
            return self._oversized(offset, data)
        if not self._begun and _holds_more(data):
            return Break(offset, BreakKind.MANY_RECORDS, MANY)
        return self._slow(offset, end, data)

    @property
    def _begun(self) -> bool:
        """Whether a record of the file stands before this place."""
        return bool(self._records or self._section.start)

    def outcome(self) -> Outcome:
        """Return what is known once `run` has come to its end."""
        telling = self._telling
        return Outcome(
            self._records,
            telling.own,
            self._whole and telling.whole,
            self._walk.ended == self._section.end and self._trace.closed and telling.closed,
            telling.lines,
            self._algorithms,
            self._trace.redated,
            self._trace.oddities,
        )

    def checksum(self) -> str:
        """Return the SHA-256 of the file; what the pass did not read is read now."""
        return self._walk.checksum()

    def _slow(self, offset: int, end: int, data: bytes) -> Iterator[Flaw]:
        try:
            record = parse_record(data)
        except RecordFormatError as error:
            self._whole = False
            if _holds_more(data):
                yield self._break(Break(offset, BreakKind.MANY_RECORDS, MANY))
                self._records += 1
            else:
                yield _error("record-framing", error.message, RESTORE)
            return
        flaws = list(self._check(offset, record, data))
        flaws += self._telling.tell(Member(offset, end - offset, data), record)
        if not flaws and self._shapes.match(data) is None:
            self._shapes.learn(data, record)
        yield from flaws

    def _oversized(self, offset: int, found: Large | Torn) -> Iterator[Flaw]:
        if isinstance(found, Torn):
            self._whole = False
            yield _error("record-framing", found.message, RESTORE)
            return
        record = found.record
        yield from self._check(offset, record, found.start, found.digests)
        if self._telling.own and record.type in {"metadata", "warcinfo"}:
            self._whole = False
            yield _error("content", f"a {record.type} record is larger than umecrawl writes one", RESTORE)
            return
        yield from self._telling.tell(Member(offset, found.end - offset, b""), record)

    def _check(self, offset: int, record: Record, data: bytes = b"", given: Digests | None = None) -> Iterator[Flaw]:
        """Check a record with care and note what it says of others."""
        first = not self._begun
        self._records += 1
        if record.type == "warcinfo":
            yield from self._warcinfo(record, first=first)
        if first:
            yield from self._first(record)
        yield from check_header(record, data)
        digests = list(check_digests(record, given))
        yield from digests
        yield from check_message(record)
        for name in ("WARC-Block-Digest", "WARC-Payload-Digest"):
            if known := digest_octets(record.get(name)):
                self._algorithms.setdefault(known[0], offset)
        codings = ""
        if record.type in HOLDERS and record.block:
            codings = framing(parse_head(split_message(record)[0]))
            if record.type == "response" and "chunked" in codings.partition("/")[0] and not digests:
                self._explain_chunked(record)
        self._trace.link(offset, None, values_of(record), "" if codings == "/" else codings, record)

    def _explain_chunked(self, record: Record) -> None:
        if self._explain and record.get("WARC-Payload-Digest"):
            self._trace.oddities.chunked.append(record.id)

    def _packed(self, found: Break) -> Iterator[tuple[int, Flaw]]:
        """Check the records of a file that is plain, one member, or Zstandard."""
        self._whole = True
        log = FaultLog(self._name)
        try:
            for placed in read_packed(self._path, log):
                if not self._records:
                    self._telling.own = placed.record.type == "warcinfo" and names_run(placed.record.block)
                    yield from packing_flaws(found, self._break(found), self._name, own=self._telling.own)
                for flaw in self._check(placed.offset, placed.record):
                    yield placed.offset, self._graded(flaw)
        except StreamBreakError as error:
            self._whole = False
            yield error.found.offset, self._break(error.found)
        yield from fault_flaws(log)

    def _first(self, record: Record) -> Iterator[Flaw]:
        if record.type != "warcinfo":
            message = "the first record of the file is no warcinfo"
            yield Flaw("warcinfo", Severity.WARNING, message, "Nothing; who wrote the file is not known.")

    def _warcinfo(self, record: Record, *, first: bool) -> Iterator[Flaw]:
        try:
            self._telling.own = self._telling.own or read_run(record.block) is not None
        except RecordFormatError:  # named as `content`
            self._telling.own = True
        self._trace.know_warcinfo(record.get("WARC-Record-ID").strip("<>").encode())
        name = record.get("WARC-Filename")
        if "/" in name:
            yield _kind("file-name", f"WARC-Filename is no base name: {name!r}", "WARC-Filename")
        elif first and name not in {"", self._name}:  # a later one says where the records behind it were copied from
            message = f"the file was written under the name {name}"
            yield Flaw("file-name", Severity.NOTE, message, "Nothing, if it was renamed on purpose.")

    def _break(self, found: Break) -> Flaw:
        return flaw_of_break(found, self._descriptor, unsealed=self._unsealed)

    def _graded(self, flaw: Flaw) -> Flaw:
        """Return the flaw as what it means in this file: what other writers do wrong is no damage."""
        if not self._telling.own and flaw.severity is Severity.ERROR and (flaw.kind or flaw.rule == "content"):
            return replace(flaw, severity=Severity.WARNING)
        return flaw


def _holds_more(data: bytes) -> bool:
    length = expected_length(data)
    return length is not None and data.startswith(b"WARC/", length)


def _error(rule: str, message: str, remedy: str) -> Flaw:
    return Flaw(rule, Severity.ERROR, message, remedy)


def _kind(rule: str, message: str, kind: str) -> Flaw:
    return Flaw(rule, Severity.ERROR, message, "Its writer broke the standard; the octets are not touched by it.", kind)
