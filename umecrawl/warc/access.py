"""One record out of a WARC that any tool wrote.

Where each record has a compressed member of its own, or none is compressed, a record is read at its place. Where
several share one, the member has to be read from its beginning; so a walk through the file is kept open, and records
asked for in the order of the file cost one pass.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Final

from umecrawl.warc.foreign import Placed, read_foreign
from umecrawl.warc.recordstream import damage, damage_at
from umecrawl.warc.streams import Form, StreamBreakError, begins_unit, form_of
from umecrawl.warc.volumes import Octets, Volume

_OPEN_FILES: Final = 16
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

    def at(self, offset: int) -> Placed:
        """Return the record at a place as `RecordRef.offset` names it. Raises `DamageError` when there is none."""
        for placed in self._recent:
            if placed.offset == offset:
                return placed
        found = self._direct(offset) or self._walk_to(offset)
        if found is None:
            raise damage(self._volume.path, offset, "no record begins there")
        self._recent.append(found)
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._octets.close()

    def _direct(self, offset: int) -> Placed | None:
        if not self._plain and not begins_unit(self._octets, offset):
            return None
        try:
            found = next(read_foreign(self._octets, offset), None)
        except StreamBreakError as error:
            raise damage_at(self._volume.path, error.found) from error
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
            raise damage_at(self._volume.path, error.found) from error
        self._walk = None
        return None


class OpenVolumes:
    """The volumes that were read last, kept open; of many files few are open at once."""

    def __init__(self) -> None:
        self._open: OrderedDict[Volume, RecordAccess] = OrderedDict()

    def at(self, volume: Volume, offset: int) -> Placed:
        """Return the record of a volume at a place, as `RecordAccess.at` does."""
        access = self._open.pop(volume, None) or RecordAccess(volume)
        self._open[volume] = access
        while len(self._open) > _OPEN_FILES:
            self._open.popitem(last=False)[1].close()
        return access.at(offset)

    def close(self) -> None:
        """Let go of all files."""
        while self._open:
            self._open.popitem()[1].close()
