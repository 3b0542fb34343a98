"""One pass over one WARC: members, fields and digests are checked, and what records say of others is noted.

There are two lanes. The fast one takes a member that ends where the next one begins, inflates it in one go and knows
its header by its form; it says nothing of a record but that it is right. Whatever it cannot say that of goes the
slow way, which reads the member anew with care and names what is wrong. So no finding depends on the fast lane.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.model.capture import Capture
from umecrawl.model.message import entity_of, framing, parse_head
from umecrawl.warc.breaks import MANY, RESTORE, flaw_of_break
from umecrawl.warc.cdxj import entry_of, format_line
from umecrawl.warc.companions import LineSum
from umecrawl.warc.events import OPEN_SUFFIX, Teller, Told, read_events, warc_name
from umecrawl.warc.faults import FaultKind, FaultLog
from umecrawl.warc.foreign import read_foreign
from umecrawl.warc.leaves import Leaves
from umecrawl.warc.ledger import facts_of_capture
from umecrawl.warc.members import Break, BreakKind, Member
from umecrawl.warc.outcome import Outcome
from umecrawl.warc.oversized import Digests, Large, Torn
from umecrawl.warc.records import (
    END,
    Record,
    RecordFormatError,
    digest_octets,
    expected_length,
    head_length,
    parse_record,
    split_message,
)
from umecrawl.warc.rules import Flaw, Severity, check_digests, check_header, check_message
from umecrawl.warc.runs import names_run, read_run
from umecrawl.warc.sections import WHOLE, Section
from umecrawl.warc.shapes import Shapes, values_of
from umecrawl.warc.shortcut import Shortcut, read_usual
from umecrawl.warc.streams import StreamBreakError
from umecrawl.warc.trace import HOLDERS, Trace, bare
from umecrawl.warc.volumes import Octets, volume_of
from umecrawl.warc.walk import Found, MemberWalk

_ONE: Final = ord("1")
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZSTD_DICTIONARY: Final = b"\x5d\x2a\x4d\x18"
_TOLD: Final = frozenset({"metadata", "response", "revisit"})
_DIGESTED: Final = frozenset({"response", "request", "resource", "conversion"})


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
        self._leaves = leaves
        self._number = number
        self._archived = archived
        self._explain = explain
        self._shapes = Shapes()
        self._trace = Trace(leaves, number, explain=explain)
        if section.warcinfo:
            self._trace.know_warcinfo(section.warcinfo)
        self._teller = Teller(self._name, section.run)
        self._shortcut = Shortcut(self._name)
        self._algorithms: dict[str, int] = {}
        self.records = 0
        self.own = section.own
        self.whole = True
        self._lines = LineSum()

    def run(self) -> Iterator[tuple[int, Flaw]]:
        """Yield the flaws of the section with their offsets."""
        fast = self._fast
        for offset, end, data in self._walk.members(self._section.start, self._section.end):
            flaws: Iterable[Flaw] | None = fast(offset, end, data) if isinstance(data, bytes) else None
            if flaws is None:
                found = self._closer(offset, end, data)
                if isinstance(found, Break):
                    self.whole = False
                    if self._is_loose(found):
                        yield from self._loose(found)
                        break
                    found = (self._break(found),)
                flaws = found
            for flaw in flaws:
                yield offset, self._graded(flaw)
        if self._archived:
            self._finish()
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
        return bool(self.records or self._section.start)

    def outcome(self) -> Outcome:
        """Return what is known once `run` has come to its end."""
        told = not self._archived or (self._shortcut.take() is None and self._teller.idle)
        return Outcome(
            self.records,
            self.own,
            self.whole,
            self._walk.ended == self._section.end and self._trace.closed and told,
            self._lines,
            self._algorithms,
            self._trace.redated,
            self._trace.oddities,
        )

    def checksum(self) -> str:
        """Return the SHA-256 of the file; what the pass did not read is read now."""
        return self._walk.checksum()

    def _fast(self, offset: int, end: int, data: bytes) -> Sequence[Flaw] | None:  # noqa: C901, PLR0911, PLR0912
        """Note what a record says of others, if it is right in all that concerns it alone; else return nothing.

        One long function, for it runs for every record, and calls are what costs here.
        """
        found = self._shapes.match(data)
        if found is None:
            return None
        shape, values, begin = found
        stop = begin + int(values.length)
        if stop + len(END) != len(data) or not data.endswith(END):
            return None
        block = memoryview(data)[begin:stop]
        if values.block is not None and shape.block_digest(block) != values.block:
            return None
        entity: bytes | memoryview = block
        body = stop
        codings, chunked = "", False
        # Of a request only its payload asks where its head ends.
        if shape.is_http and (shape.type != "request" or values.payload is not None):
            # 1xx answers are no part of a block (R15), and no status line says HTTP/2 (R14).
            if shape.type != "request" and block and (data[begin : begin + 7] != b"HTTP/1." or data[begin + 9] == _ONE):
                return None
            body = begin + (int(values.head) if values.head else head_length(data, begin, stop))
            text = data[begin:body].lower()
            if b"\ntransfer-encoding" in text or b"\ncontent-encoding" in text:
                head = parse_head(data[begin:body])
                codings = framing(head)
                chunked = "chunked" in codings.partition("/")[0]
            entity = entity_of(head, data[body:stop]) if chunked else block[body - begin :]
        if shape.type in _DIGESTED and values.payload is not None:
            if shape.payload_digest(entity) != values.payload:
                return None
            if chunked and self._explain and len(entity) != stop - body:
                self._trace.oddities.chunked.append(bare(values.id))
        said = None
        if shape.type == "metadata" and self.own:
            readable, said = read_usual(data, begin, stop)
            if not readable or not values.concurrent0:
                return None
        self.records += 1
        self._trace.link(offset, shape, values, codings)
        if not self._archived or not self.own or shape.type not in _TOLD:
            return ()
        member = Member(offset, end - offset, data)
        if shape.usual and self._teller.idle:
            if said is not None and self._shortcut.keep(member, values, said):
                return ()
            if shape.is_http:
                line = self._shortcut.line(shape, values, data[begin:body], codings, (offset, end - offset))
                if line is not None:
                    self._note(offset, *line)
                    return ()
        return self._tell(member, _without_links(parse_record(data)))

    def _slow(self, offset: int, end: int, data: bytes) -> Iterator[Flaw]:
        try:
            record = parse_record(data)
        except RecordFormatError as error:
            self.whole = False
            if _holds_more(data):
                yield self._break(Break(offset, BreakKind.MANY_RECORDS, MANY))
                self.records += 1
            else:
                yield _error("record-framing", error.message, RESTORE)
            return
        flaws = list(self._check(offset, record, data))
        flaws += self._tell(Member(offset, end - offset, data), record)
        if not flaws and self._shapes.match(data) is None:
            self._shapes.learn(data, record)
        yield from flaws

    def _oversized(self, offset: int, found: Large | Torn) -> Iterator[Flaw]:
        if isinstance(found, Torn):
            self.whole = False
            yield _error("record-framing", found.message, RESTORE)
            return
        record = found.record
        yield from self._check(offset, record, found.start, found.digests)
        if self.own and record.type in {"metadata", "warcinfo"}:
            self.whole = False
            yield _error("content", f"a {record.type} record is larger than umecrawl writes one", RESTORE)
            return
        yield from self._tell(Member(offset, found.end - offset, b""), record)

    def _check(self, offset: int, record: Record, data: bytes = b"", given: Digests | None = None) -> Iterator[Flaw]:
        """Check a record with care and note what it says of others."""
        first = not self._begun
        self.records += 1
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

    def _tell(self, member: Member, record: Record) -> list[Flaw]:
        if not self.own:  # files by others are read leniently, once all is checked
            return []
        waiting = self._shortcut.take()
        try:
            if waiting is not None:
                list(self._teller.tell(waiting, _without_links(parse_record(waiting.data))))  # tells nothing by itself
            for told in self._teller.tell(member, record):
                self._told(told)
        except RecordFormatError as error:
            self.whole = False
            return [_error("content", error.message, "Restore the file from a copy.")]
        return []

    def _told(self, told: Told) -> None:
        if self._archived and isinstance(told.event, Capture):
            capture = told.event
            head = split_message(told.record)[0]
            etag = parse_head(head).get("ETag") or "" if b"\netag" in head.lower() else ""
            line = format_line(entry_of(capture, etag))
            self._note(capture.record.offset, capture.id, line, facts_of_capture(capture))

    def _note(self, offset: int, capture: str, line: bytes, said: str) -> None:
        """Count the CDXJ line of a capture in, and put what the index must say of it into the ledger."""
        self._lines.add(line)
        self._leaves.captures.append((capture, self._number, offset, said))

    def _finish(self) -> None:
        if self.own:
            for told in self._teller.finish():
                self._told(told)
            return
        try:
            for told in read_events(self._path):
                self._told(told)
        except DamageError:  # named already
            self.whole = False

    def _is_loose(self, found: Break) -> bool:
        """Return whether a file is packed in another way than a member a record, which others do."""
        if self._begun:
            return False
        start = os.pread(self._descriptor, 5, 0)
        return found.kind is BreakKind.MANY_RECORDS or start == b"WARC/" or start.startswith((_ZSTD, _ZSTD_DICTIONARY))

    def _loose(self, found: Break) -> Iterator[tuple[int, Flaw]]:
        """Check the records of a file that is plain, one member, or Zstandard."""
        self.whole = True
        log = FaultLog(self._name)
        try:
            with Octets(volume_of(self._path)) as octets:
                for placed in read_foreign(octets, 0, log.note):
                    if not self.records:
                        self.own = placed.record.type == "warcinfo" and names_run(placed.record.block)
                        yield from self._packing(found)
                    for flaw in self._check(placed.offset, placed.record):
                        yield placed.offset, self._graded(flaw)
        except StreamBreakError as error:
            self.whole = False
            yield error.found.offset, self._break(error.found)
        for fault in log.faults():
            if fault.kind != FaultKind.ONE_MEMBER:  # said already
                remedy = "Nothing is damaged; the records are read as they are."
                message = f"{fault.meaning}; {fault.count} of the file's records"
                yield fault.first_offset, Flaw("foreign", Severity.WARNING, message, remedy)

    def _packing(self, found: Break) -> Iterator[tuple[int, Flaw]]:
        if self._name.endswith(".warc") and found.kind is BreakKind.NOT_GZIP:
            return
        if self._name.endswith(".zst") and found.kind is BreakKind.NOT_GZIP:
            message = "the records are packed with Zstandard, which the standard does not know yet"
            remedy = "Nothing; keep a copy in gzip for readers that cannot read it (R25)."
            yield 0, Flaw("zstd", Severity.NOTE, message, remedy)
            return
        flaw = self._break(found)
        yield 0, replace(flaw, severity=Severity.ERROR if self.own else Severity.WARNING)

    def _first(self, record: Record) -> Iterator[Flaw]:
        if record.type != "warcinfo":
            message = "the first record of the file is no warcinfo"
            yield Flaw("warcinfo", Severity.WARNING, message, "Nothing; who wrote the file is not known.")

    def _warcinfo(self, record: Record, *, first: bool) -> Iterator[Flaw]:
        try:
            self.own = self.own or read_run(record.block) is not None
        except RecordFormatError:  # named as `content`
            self.own = True
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
        if not self.own and flaw.severity is Severity.ERROR and (flaw.kind or flaw.rule == "content"):
            return replace(flaw, severity=Severity.WARNING)
        return flaw


def _holds_more(data: bytes) -> bool:
    length = expected_length(data)
    return length is not None and data.startswith(b"WARC/", length)


def _without_links(record: Record) -> Record:
    """Return a metadata record without its links, where they are well formed: they say nothing that is compared."""
    if record.type != "metadata":
        return record
    return Record(record.fields, record.block.partition(b"\r\noutlink: ")[0], record.version)


def _error(rule: str, message: str, remedy: str) -> Flaw:
    return Flaw(rule, Severity.ERROR, message, remedy)


def _kind(rule: str, message: str, kind: str) -> Flaw:
    return Flaw(rule, Severity.ERROR, message, "Its writer broke the standard; the octets are not touched by it.", kind)
