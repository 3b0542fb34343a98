"""What records of one file say of each other: answered within the file where it can be, else noted in the leaves."""

from dataclasses import dataclass, field
from typing import Final

from umecrawl.warc.leaves import BATCH, AboutRow, Kind, Leaves
from umecrawl.warc.records import Record
from umecrawl.warc.shapes import Shape, Values

_OPEN: Final = 4_096  # references that wait for a record further on in the file
_NEAR: Final = 128  # ids that are remembered at least for references back
_IDENTICAL: Final = "/identical-payload-digest"
HOLDERS: Final = frozenset({"response", "revisit", "resource", "conversion"})


@dataclass(slots=True)
class Oddities:
    """Ids of sound records that other validators complain about: chunked responses, and revisits with a digest."""

    chunked: list[str] = field(default_factory=list)
    revisits: list[str] = field(default_factory=list)

    def join(self, other: "Oddities") -> None:
        """Take over those of the section behind."""
        self.chunked += other.chunked
        self.revisits += other.revisits


class Trace:
    """The ids of one file that are near, and the references that wait; `redated` tells where dates of a capture differ.

    Memory does not grow with the file: what waits too long goes to the leaves.
    """

    def __init__(self, leaves: Leaves, number: int, *, explain: bool) -> None:
        self._leaves = leaves
        self._number = number
        self._explain = explain
        self._warcinfos: set[bytes] = set()
        self._awaited: dict[bytes, tuple[int, bytes]] = {}
        self._near: dict[bytes, bytes] = {}  # with `_nearly` the last ids; it becomes that when it is full
        self._nearly: dict[bytes, bytes] = {}
        self.closed = True  # whether every reference was answered as yet, but for those that still wait
        self.redated: dict[str, int] = {}
        self.oddities = Oddities()

    def know_warcinfo(self, uri: bytes) -> None:
        """Be told of a warcinfo record, so that nobody asks for it."""
        self._warcinfos.add(uri)

    def finish(self) -> None:
        """Note what still waits, at the end of the file."""
        self.closed = self.closed and not self._awaited
        for target, (offset, _) in self._awaited.items():
            self._leaves.references.append((self._number, offset, Kind.CONCURRENT.value, target, None))

    def link(
        self, offset: int, shape: Shape | None, values: Values, codings: str, record: Record | None = None
    ) -> None:
        """Note the record's id, and look for the records it names; those not seen yet are awaited."""
        kind = shape.type if shape is not None else record.type if record is not None else ""
        leaves, digest = self._leaves, b""
        about: AboutRow | None = None
        if kind in HOLDERS:
            digest = values.payload or b""
            if shape is not None and digest:
                digest = shape.payload_algorithm + digest
            about = (digest, values.date, codings.encode(), values.target or b"")
        leaves.records.append((self._number, offset, values.id or None, kind, about))
        if values.id:
            self._remember(values)
        if values.concurrent0 is not None:
            self._await(offset, values)
        if values.warcinfo and values.warcinfo not in self._warcinfos:
            self._warcinfos.add(values.warcinfo)  # asked for once
            leaves.references.append((self._number, offset, Kind.WARCINFO.value, values.warcinfo, None))
        if values.refers and kind == "revisit":
            profile = shape.profile if shape is not None else record.get("WARC-Profile") if record is not None else ""
            # A revisit without a block has no framing of its own, and a 304 need not have the original's.
            compared = profile.endswith(_IDENTICAL) and values.length != b"0"
            row = (codings or "/").encode() if compared else b""
            if self._explain and values.payload:
                self.oddities.revisits.append(bare(values.id))
            about = (digest, values.originally or b"", row, values.original or b"")
            leaves.references.append((self._number, offset, Kind.ORIGINAL.value, values.refers, about))
        if len(leaves.records) >= BATCH:
            leaves.flush()

    def _remember(self, values: Values) -> None:
        """Answer who waited for this record, and keep its id for who names it soon."""
        if values.id in self._awaited:
            since, date = self._awaited.pop(values.id)
            if date != values.date:
                self._redate(since)
        self._near[values.id] = values.date
        if len(self._near) > _NEAR:
            self._near, self._nearly = {}, self._near

    def _await(self, offset: int, values: Values) -> None:
        """Look for the records this one names; wait for those that are not near."""
        for target in values[12:]:
            if not target:
                continue
            known = self._near.get(target)
            if known is None:
                known = self._nearly.get(target)
            if known is None:
                known = self._awaited.setdefault(target, (offset, values.date))[1]
            if known != values.date:
                self._redate(offset)
        if len(self._awaited) > _OPEN:
            self._let_go()

    def _redate(self, offset: int) -> None:
        self.redated.setdefault("offset", offset)
        self.redated["count"] = self.redated.get("count", 0) + 1

    def _let_go(self) -> None:
        self.closed = False
        for target in list(self._awaited)[: _OPEN // 2]:
            offset, _ = self._awaited.pop(target)
            self._leaves.references.append((self._number, offset, Kind.CONCURRENT.value, target, None))


def bare(uri: bytes) -> str:
    """Return a record id as it is shown."""
    return uri.decode("latin-1").removeprefix("urn:uuid:")
