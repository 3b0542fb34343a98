"""Traps that no rule knows by their addresses, known by what they do: many pages of one shape, and nothing new on them.

A page shows something new when it has words that no page of its source had in this run, or an image that none named.
Which words those are is told by the sketch that its metadata record keeps, so that a run taken up again, which learns
from records, comes to the same judgement. A listing is worth as much as what it leads to: a page that shows something
new speaks for the shape of the page on which it was found, too.
"""

import zlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from umecrawl.config import TrapRule
from umecrawl.frontier.address import Address, address_of
from umecrawl.frontier.listings import ListingKind, listing_kind
from umecrawl.frontier.shapes import is_counted, shape_of, wide_shape_of
from umecrawl.model.capture import Capture
from umecrawl.model.crawl import CrawlUrl, Decision, Hop, Verdict
from umecrawl.model.readable import HTML_TYPES
from umecrawl.model.sketch import TextSketch
from umecrawl.model.urls import Url

# So many pages in a row that show nothing new close their shape; lists of posts are worth more patience, for one
# may be all that leads to an old post. A page that shows little (a clock, a counter) takes one of them back.
_PAGES: Final = 15
_LISTINGS: Final = 40
# So many in a row that show little or nothing; where addresses differ by a query, traps are likelier than pages.
_FAINT: Final = 1_000
_FAINT_QUERIES: Final = 100
# Where the words of the addresses are made up as well: so many pages, each of another shape.
_WIDE: Final = 60
# A chain in which each page was found on the one before, all alike but for a figure or a query, though each says
# something new: no list, feed or other page has ever named one of them.
_CHAIN: Final = 500
# Addresses found on pages of their own shape: so many wait, and twenty more for each such page that shows something.
_ROOM: Final = 5_000
_ROOM_A_PAGE: Final = 20

# So many new runs of three words are something; the sketch is a sample, in which one may stand for many.
_SOMETHING: Final = 24
_SURE: Final = 3

_SHAPES_KEPT: Final = 20_000
# Half a megabyte a source: a bit for each of four million hashes.
_BITS: Final = 22


@dataclass(slots=True)
class _Shape:
    """What the pages of one shape have shown: in a row nothing new, little new; in a row found on their own kind."""

    idle: int = 0
    faint: int = 0
    chain: int = 0
    taken: int = 0
    fruitful: int = 0
    parts: set[str] = field(default_factory=set)
    closed: Decision | None = None


@dataclass(frozen=True, slots=True)
class ClosedTrap:
    """A shape that was closed: by which rule, why, and one of its addresses."""

    shape: str
    rule: str
    reason: str
    example: Url

    def __str__(self) -> str:
        """Return it as a sentence for whoever runs the crawl."""
        return (
            f"was not asked for more addresses like {self.shape} ({self.rule}): {self.reason}; the last was "
            f'{self.example}; to take them, name them with include, or set rules_off = ["{self.rule}"]'
        )


class Symptoms:
    """The shapes of one source, a bounded number: what their pages showed, and which of them are closed."""

    def __init__(self, rules_off: tuple[TrapRule, ...] = ()) -> None:
        self._off = frozenset(rules_off)
        self._shapes: OrderedDict[str, _Shape] = OrderedDict()
        self._known = bytearray(1 << (_BITS - 3))

    def refused(self, address: Address) -> Decision | None:
        """Return the decision that leaves an address because its shape is closed."""
        for shape in (shape_of(address), wide_shape_of(address)):
            known = self._shapes.get(shape)
            if known is not None and known.closed is not None:
                return known.closed
        return None

    def crowded(self, candidate: CrawlUrl) -> Decision | None:
        """Return the decision that leaves an address for now because too many wait that their own shape led to."""
        if candidate.via is None or TrapRule.ENDLESS in self._off:
            return None
        shape = shape_of(address_of(candidate.url))
        known = self._shapes.get(shape)
        if known is None or known.taken < _ROOM + _ROOM_A_PAGE * known.fruitful:
            return None
        if shape_of(address_of(candidate.via)) != shape:
            return None
        reason = (
            f"{known.taken} addresses like {shape} were found on pages of this shape; the first are looked at first"
        )
        return Decision(Verdict.LEAVE, TrapRule.ENDLESS, reason)

    def took(self, candidate: CrawlUrl) -> None:
        """Note that an address was taken."""
        if candidate.via is not None:
            shape = shape_of(address_of(candidate.url))
            if shape_of(address_of(candidate.via)) == shape:
                self._shape(shape).taken += 1

    def saw(self, candidate: CrawlUrl, capture: Capture) -> ClosedTrap | None:
        """Learn from a page that was captured; return the trap that it makes known, if it does."""
        address = address_of(candidate.url)
        via = address_of(candidate.via) if candidate.via is not None else None
        name = shape_of(address)
        shape = self._shape(name)
        chained = via is not None and is_counted(address, via)
        shape.chain = shape.chain + 1 if chained else 0
        wide = self._shape(wide_shape_of(address))
        match self._shows(capture):
            case True:
                shape.fruitful += 1
                self._rouse(shape, wide)
                if via is not None and shape_of(via) != name:
                    found_on = self._shape(shape_of(via))
                    found_on.chain = 0
                    self._rouse(found_on, self._shape(wide_shape_of(via)))
            case False:
                shape.idle += 1
                shape.faint += 1
                wide.parts.add(name)
            case None:
                shape.idle = max(0, shape.idle - 1)
                shape.faint += 1
        return self._judge(candidate, address, shape, wide)

    def _judge(self, candidate: CrawlUrl, address: Address, shape: _Shape, wide: _Shape) -> ClosedTrap | None:
        kind = listing_kind(address)
        # Categories, tags, authors and months have a budget of their own.
        patience = _PAGES if kind is None else _LISTINGS if kind is ListingKind.PAGES else None
        if patience is not None and shape.idle >= patience:
            reason = f"{shape.idle} pages in a row showed nothing that others had not shown"
            return self._close(candidate, shape_of(address), shape, TrapRule.SAME_TEXT, reason)
        if patience is not None and shape.faint >= (_FAINT_QUERIES if address.parameters else _FAINT):
            reason = f"{shape.faint} pages in a row showed little or nothing that others had not shown"
            return self._close(candidate, shape_of(address), shape, TrapRule.SAME_TEXT, reason)
        if shape.chain >= _CHAIN:
            reason = f"{shape.chain} pages in a row were each found on a page like it and nowhere else"
            return self._close(candidate, shape_of(address), shape, TrapRule.ENDLESS, reason)
        if len(wide.parts) >= _WIDE:
            reason = f"{len(wide.parts)} pages in a row, at made-up addresses, showed nothing that others had not shown"
            return self._close(candidate, wide_shape_of(address), wide, TrapRule.SAME_TEXT, reason)
        return None

    def _close(self, candidate: CrawlUrl, name: str, shape: _Shape, rule: TrapRule, reason: str) -> ClosedTrap | None:
        if shape.closed is not None or rule in self._off:
            return None
        shape.closed = Decision(Verdict.LEAVE, rule, f"{reason} (addresses like {name})")
        return ClosedTrap(name, rule, reason, candidate.url)

    def _shows(self, capture: Capture) -> bool | None:
        """Return whether a page shows something new or nothing; neither (None) where it shows little."""
        sketch = capture.sketch
        if sketch is None and capture.mime in HTML_TYPES:  # written before there were sketches
            return None
        if sketch is None:  # a file is as new as its bytes
            digest = int(capture.payload_digest.rpartition(":")[2][:8] or "0", 16)
            return bool(self._new(TextSketch(0, (digest,))))
        new = self._new(sketch)
        images = {
            zlib.crc32(link.url.encode()) for link in capture.outlinks if link.hop is Hop.EMBED and "?" not in link.url
        }
        if self._new(TextSketch(0, tuple(images))):
            return True
        if new << sketch.level >= _SOMETHING and new >= _SURE:
            return True
        return None if new else False

    def _new(self, sketch: TextSketch) -> int:
        """Return how many of these hashes were not known, and know them from now on."""
        count = 0
        for one in sketch.hashes:
            place = one >> (32 - _BITS)
            bit = 1 << (place & 7)
            if not self._known[place >> 3] & bit:
                self._known[place >> 3] |= bit
                count += 1
        return count

    @staticmethod
    def _rouse(shape: _Shape, wide: _Shape) -> None:
        shape.idle = shape.faint = 0
        wide.parts.clear()

    def _shape(self, name: str) -> _Shape:
        shape = self._shapes.get(name)
        if shape is not None:
            self._shapes.move_to_end(name)
            return shape
        if len(self._shapes) >= _SHAPES_KEPT:
            longest_unseen = next((one for one, held in self._shapes.items() if held.closed is None), name)
            self._shapes.pop(longest_unseen, None)
        shape = self._shapes[name] = _Shape()
        return shape
