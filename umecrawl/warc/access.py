"""One record out of a WARC that any tool wrote.

Where each record has a compressed member of its own, or none is compressed, a record is read at its place. Where
several share one, the member has to be read from its beginning; so a walk through the file is kept open, and records
asked for in the order of the file cost one pass.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final

from umecrawl.errors import DamageError
from umecrawl.warc.events import damage
from umecrawl.warc.foreign import Placed, read_foreign
from umecrawl.warc.records import Record
from umecrawl.warc.streams import Form, StreamBreakError, begins_unit, form_of
from umecrawl.warc.volumes import Octets, Volume

_KEPT: Final = 3  # head, payload and request of one capture are asked for one after the other


class RecordAccess:
    """The records of one volume by their places; it owns an open file."""

    def __init__(self, volume: Volume) -> None:
        self._volume = volume
        self._octets = Octets(volume)
        self._plain = form_of(self._octets) is Form.PLAIN
        self._recent: deque[Placed] = deque(maxlen=_KEPT)
        self._walk: Iterator[Placed] | None = None
        self._walked = -1

    def at(self, offset: int) -> Record:
        """Return the record at a place as `RecordRef.offset` names it. Raises `DamageError` when there is none."""
        for placed in self._recent:
            if placed.offset == offset:
                return placed.record
        found = self._direct(offset) or self._walk_to(offset)
        if found is None:
            raise damage(self._volume.path, offset, "no record begins there")
        self._recent.append(found)
        return found.record

    def close(self) -> None:
        """Let go of the file."""
        self._octets.close()

    def _direct(self, offset: int) -> Placed | None:
        if not self._plain and not begins_unit(self._octets, offset):
            return None
        try:
            found = next(read_foreign(self._octets, offset), None)
        except StreamBreakError as error:
            raise self._damage(error) from error
        return found if found is not None and found.offset == offset else None

    def _walk_to(self, offset: int) -> Placed | None:
        if self._plain:
            return None
        if self._walk is None or self._walked >= offset:
            self._walk = read_foreign(self._octets)
        try:
            for placed in self._walk:
                self._walked = placed.offset
                if placed.offset >= offset:
                    return placed if placed.offset == offset else None
        except StreamBreakError as error:
            self._walk = None
            raise self._damage(error) from error
        self._walk = None
        return None

    def _damage(self, error: StreamBreakError) -> DamageError:
        return damage(self._volume.path, error.found.offset, error.found.detail, error.found.kind)
