"""Row numbers for the natural keys of a table, handed out by the one writer instead of the database.

So a batch of rows that point to each other is written with plain `executemany`, without asking for the number of
each row after it was inserted, which is 13 times dearer on PostgreSQL.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Table, func, select

# SQLite takes 32 766 parameters a statement; a few hundred are as fast and keep the statement cache small.
CHUNK = 500
_REMEMBERED = 200_000

_T = TypeVar("_T")


def chunks(items: Iterable[_T], size: int = CHUNK) -> Iterator[Sequence[_T]]:
    """Yield the items in lists of at most `size`."""
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


class Numbering:
    """The numbers of one table, by its natural key; what was looked up is remembered.

    Of a table that was empty at first all keys are known, as in a rebuild: nothing is asked for them any more.
    """

    def __init__(self, connection: Connection, table: Table, key: str) -> None:
        self._connection = connection
        self._table = table
        self._key = table.c[key]
        self._known: dict[str, int] = {}
        self._next: int | None = None
        self._knows_all: bool | None = None

    def lacks(self, key: str) -> bool:
        """Return whether a key is certainly in no row, as far as that is known without asking the database."""
        return bool(self._knows_all) and key not in self._known

    def known(self, keys: Iterable[str]) -> dict[str, int]:
        """Return the numbers of those keys that are in the table or were given a number here."""
        wanted = set(keys)
        if len(self._known) > _REMEMBERED:
            self._known.clear()
            self._knows_all = False
        found = {key: self._known[key] for key in wanted if key in self._known}
        if len(found) == len(wanted):
            return found
        if self._knows_all is None:
            self._knows_all = self._connection.execute(select(self._table.c.id).limit(1)).first() is None
        if self._knows_all:
            return found
        for chunk in chunks(wanted - found.keys()):
            rows = self._connection.execute(select(self._key, self._table.c.id).where(self._key.in_(chunk)))
            found.update((row[0], row[1]) for row in rows)
        self._known.update(found)
        return found

    def new(self, key: str) -> int:
        """Return the next free number, from now on that of `key`; the caller inserts the row."""
        if self._next is None:
            self._next = (self._connection.execute(select(func.max(self._table.c.id))).scalar() or 0) + 1
        number = self._next
        self._next += 1
        self._known[key] = number
        return number

    def forget(self) -> None:
        """Forget all numbers: rows were deleted or rolled back."""
        self._known.clear()
        self._next = None
        self._knows_all = None
