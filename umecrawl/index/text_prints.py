"""Keeps the prints of the texts of versions, from which shared passages are found (`umecrawl.index.reuse_settle`)."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from sqlalchemy import Connection, delete, exists, select

from umecrawl.index.bulk import insert_rows
from umecrawl.index.numbering import chunks
from umecrawl.index.pieces import pieces
from umecrawl.index.reuse import low
from umecrawl.index.reuse_pairs import Prints
from umecrawl.index.reuse_tables import text_print
from umecrawl.index.schema import text, version
from umecrawl.index.winnowing import prints_of

_TEXTS_AT_ONCE: Final = 1_000
_TYPE: Final = np.dtype("<u4")
_IN_USE = exists().where(version.c.text_id == text_print.c.text_id, version.c.first_seen.is_not(None))


def put_prints(connection: Connection, parted: Mapping[int, Sequence[bytes]]) -> None:
    """Keep the prints of texts, each told by the number of its row and its pieces; those that are there stay."""
    there: set[int] = set()
    for some in chunks(parted):
        there.update(connection.execute(select(text_print.c.text_id).where(text_print.c.text_id.in_(some))).scalars())
    new = [number for number in parted if number not in there]
    if not new:
        return
    found = prints_of([parted[number] for number in new])
    insert_rows(
        connection,
        text_print,
        [
            {"text_id": number, "prints": _distinct(low(prints)).astype(_TYPE).tobytes()}
            for number, prints in zip(new, found, strict=True)
        ],
    )


def put_missing_prints(connection: Connection) -> bool:
    """Keep the prints of some texts of versions that have none yet; return whether there were any."""
    missing = (
        select(text.c.id, text.c.body)
        .where(
            exists().where(version.c.text_id == text.c.id, version.c.first_seen.is_not(None)),
            ~exists().where(text_print.c.text_id == text.c.id),
        )
        .limit(_TEXTS_AT_ONCE)
    )
    rows = connection.execute(missing).all()
    put_prints(connection, {row.id: pieces(row.body) for row in rows})
    return bool(rows)


def forget_unused_prints(connection: Connection) -> None:
    """Delete the prints of texts that no version shows any more."""
    connection.execute(delete(text_print).where(~_IN_USE))


def stored_prints(connection: Connection) -> dict[int, Prints]:
    """Return all prints that are kept, by the number of their text."""
    rows = connection.execute(select(text_print.c.text_id, text_print.c.prints))
    return {number: np.frombuffer(prints, dtype=_TYPE) for number, prints in rows}


def _distinct(prints: Prints) -> Prints:
    # As numpy's `unique` does, which loads a module for 80 ms to see whether something is masked.
    ordered = np.sort(prints)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=ordered[:1] ^ 1))]
