"""The fast lane of a check: a record in a form seen before is found right at a glance, or nothing is said of it.

What is not found right has to be read with care, which names what is wrong: so no finding depends on this module.
"""

from collections.abc import Sequence
from typing import Final

from umecrawl.model.message import entity_of, framing, parse_head
from umecrawl.warc.members import Member
from umecrawl.warc.records import END, head_length, parse_record
from umecrawl.warc.rules import Flaw
from umecrawl.warc.shapes import Shapes
from umecrawl.warc.shortcut import read_usual
from umecrawl.warc.telling import Telling, without_links
from umecrawl.warc.trace import Trace, bare

_ONE: Final = ord("1")
_TOLD: Final = frozenset({"metadata", "response", "revisit"})
_DIGESTED: Final = frozenset({"response", "request", "resource", "conversion"})


class Glance:
    """Looks at the records of one file, which are noted in its trace and told where they are right."""

    def __init__(self, shapes: Shapes, trace: Trace, telling: Telling, *, explain: bool) -> None:
        self._shapes = shapes
        self._trace = trace
        self._telling = telling
        self._explain = explain

    def look(self, offset: int, end: int, data: bytes) -> Sequence[Flaw] | None:  # noqa: C901, PLR0911, PLR0912
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
            head = data[begin:body]
            lowered = head.lower()
            if b"\ntransfer-encoding" in lowered or b"\ncontent-encoding" in lowered:
                parsed = parse_head(head)
                codings = framing(parsed)
                chunked = "chunked" in codings.partition("/")[0]
            entity = entity_of(parsed, data[body:stop]) if chunked else block[body - begin :]
        if shape.type in _DIGESTED and values.payload is not None:
            if shape.payload_digest(entity) != values.payload:
                return None
            if chunked and self._explain and len(entity) != stop - body:
                self._trace.oddities.chunked.append(bare(values.id))
        telling = self._telling
        said = None
        if shape.type == "metadata" and telling.own:
            readable, said = read_usual(data, begin, stop)
            if not readable or not values.concurrent0:
                return None
        self._trace.link(offset, shape, values, codings)
        if shape.type not in _TOLD or not telling.counts:
            return ()
        if shape.usual and telling.idle:
            if said is not None and telling.shortcut.keep((offset, end, data), values, said):
                return ()
            if shape.is_http:
                line = telling.shortcut.line(shape, values, (head, lowered), codings, (offset, end - offset))
                if line is not None:
                    telling.note(offset, *line)
                    return ()
        return telling.tell(Member(offset, end - offset, data), without_links(parse_record(data)))
