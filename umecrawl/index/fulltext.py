"""The full text index of article versions, fed with our own terms: FTS5 on SQLite, tsvector with GIN on PostgreSQL.

Both hold the terms of `umecrawl.index.terms`, so one query has one answer on either database. The FTS5 table is
contentless: it stores no text, which costs a third of the space and leaves highlighting to us, over the text as
written. PostgreSQL gets its vectors ready made, past its own parser, which would take terms apart again.

The table `about` notes which analysis made it (`analyser`); it is not searched with another one.
The table `term` holds every term that was ever indexed, for the question which words end in something. A term that no
text has any more does no harm there.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection, delete, insert, inspect, select, text

from umecrawl.errors import UmecrawlError
from umecrawl.index.pieces import pieces
from umecrawl.index.schema import about
from umecrawl.index.terms import ANALYSER, expect, joined_forms

TABLES = ("version_fts", "term")
_NOTED = "analyser"

_SQLITE = (
    # The tokenizer `ascii` parts at ASCII space and punctuation and keeps every other character: our terms come
    # out as they went in. `unicode61` would fold å and ä.
    "CREATE VIRTUAL TABLE IF NOT EXISTS version_fts USING fts5(title, body, content='', tokenize='ascii')",
    # Written backwards, so that an ending is the beginning of a range.
    "CREATE TABLE IF NOT EXISTS term (backwards TEXT PRIMARY KEY) WITHOUT ROWID",
)
_POSTGRESQL = (
    'CREATE TABLE IF NOT EXISTS term (backwards TEXT COLLATE "C" PRIMARY KEY)',
    "CREATE TABLE IF NOT EXISTS version_fts (version_id BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL)",
    "CREATE INDEX IF NOT EXISTS version_fts_terms ON version_fts USING gin (terms)",
)
# A headline says in a few words what the text is about; ts_rank's own ratio of A to D is 10 to 1 as well.
_TITLE_WEIGHT = 10.0
# The bounds of a tsvector (PostgreSQL, "Limitations of full text search"): 1 MB in all, 256 places a term,
# no place beyond 16383. What is beyond them is left out, from the end of the text.
_VECTOR_BYTES = 900_000
_PLACES = 255
_LAST_PLACE = 16_383
# A phrase must not begin in the title and end in the text; farther apart than NEAR looks.
_GAP = 64
_LAST_CHARACTER = "\U0010ffff"
# Settings of PostgreSQL's planner for questions to the full text; the memory is that for a set of all matches. To
# compile a statement (jit) takes longer than to answer it.
_PLANS = (("enable_seqscan", "off"), ("random_page_cost", "1.1"), ("work_mem", "64MB"), ("jit", "off"))
# Terms that are known to be in the table `term`, remembered with the connection and forgotten when it rolls back.
_KNOWN = "umecrawl terms"
_MOST_KNOWN = 300_000


class AnalyserError(UmecrawlError):
    """The full text index was built with another analysis than this program's."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is indexed of one article version: its row number in the index, its title and its text.

    `parted` is the text in pieces (`umecrawl.index.pieces`) where the caller has them already.
    """

    version_id: int
    title: str
    text: str
    parted: Sequence[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that matches, with its rank: the higher, the better (bm25 on SQLite, ts_rank on PostgreSQL)."""

    version_id: int
    score: float


def create(connection: Connection) -> None:
    """Create the index where it is missing; which analysis made it is noted in `about` with its first row."""
    for statement in _SQLITE if _is_sqlite(connection) else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Remove the index with all that it holds; nothing happens where there is none."""
    for name in TABLES:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    connection.info.pop(_KNOWN, None)
    if inspect(connection).has_table(about.name):
        connection.execute(delete(about).where(about.c.name == _NOTED))


def check(connection: Connection) -> None:
    """Raise `AnalyserError` where the index was built with another analysis than this program's."""
    found = _noted(connection)
    if found is not None and found != ANALYSER:
        raise AnalyserError(
            f"the full text was indexed with {found}, but this program reads {ANALYSER}",
            hint="Index it anew: umecrawl index --rebuild",
        )


def add(connection: Connection, rows: Iterable[Indexed]) -> None:
    """Index versions that are not in it yet.

    On PostgreSQL a version that is there already is replaced; FTS5 would hold both, so `remove` it first.
    Raises `AnalyserError` where the index was begun with another analysis: one index never holds the terms of two.
    """
    check(connection)
    if _noted(connection) is None:
        connection.execute(insert(about).values(name=_NOTED, value=ANALYSER))
    rows = list(rows)
    expect(sum(len(row.text) for row in rows))
    parted = [(row.version_id, pieces(row.title), _pieces_of(row)) for row in rows]
    met = set(chain.from_iterable(some for _, *both in parted for some in both))
    _remember(connection, set(joined_forms(met).split()))
    read = [(number, joined_forms(title), joined_forms(body)) for number, title, body in parted]
    if _is_sqlite(connection):
        if read:
            connection.exec_driver_sql("INSERT INTO version_fts (rowid, title, body) VALUES (?, ?, ?)", read)
        return
    vectors = [{"id": number, "terms": vector(title.split(), body.split())} for number, title, body in read]
    if vectors:
        connection.execute(
            text(
                "INSERT INTO version_fts (version_id, terms) VALUES (:id, CAST(:terms AS TSVECTOR)) "
                "ON CONFLICT (version_id) DO UPDATE SET terms = EXCLUDED.terms"
            ),
            vectors,
        )


def remove(connection: Connection, rows: Iterable[Indexed]) -> None:
    """Take versions out of the index; title and text must be what they were when they were added.

    A contentless FTS5 table does not know its own rows: the terms to forget are told to it (FTS5 §4.4.2).
    """
    if _is_sqlite(connection):
        gone = [(row.version_id, joined_forms(pieces(row.title)), joined_forms(_pieces_of(row))) for row in rows]
        if gone:
            connection.exec_driver_sql(
                "INSERT INTO version_fts (version_fts, rowid, title, body) VALUES ('delete', ?, ?, ?)", gone
            )
        return
    numbers = [{"id": row.version_id} for row in rows]
    if numbers:
        connection.execute(text("DELETE FROM version_fts WHERE version_id = :id"), numbers)


def clear(connection: Connection) -> None:
    """Empty the index."""
    if _is_sqlite(connection):
        connection.exec_driver_sql("INSERT INTO version_fts (version_fts) VALUES ('delete-all')")
    else:
        connection.exec_driver_sql("DELETE FROM version_fts")
    connection.exec_driver_sql("DELETE FROM term")
    connection.info.pop(_KNOWN, None)


def forget(connection: Connection, *_: object) -> None:
    """Forget what is known of the terms in the database: a transaction was rolled back."""
    if not connection.invalidated:
        connection.info.pop(_KNOWN, None)


def terms_with(connection: Connection, part: str, *, ends: bool, limit: int) -> set[str]:
    """Return terms of the index that have a part in them (with `ends`: at their end), at most `limit` of them."""
    backwards = part[::-1]
    if ends:
        statement = "SELECT backwards FROM term WHERE backwards >= :part AND backwards < :beyond LIMIT :most"
        given = {"part": backwards, "beyond": backwards + _LAST_CHARACTER, "most": limit}
    else:
        place = "instr(backwards, :part)" if _is_sqlite(connection) else "strpos(backwards, :part)"
        statement = f"SELECT backwards FROM term WHERE {place} > 0 LIMIT :most"  # noqa: S608  (constants)
        given = {"part": backwards, "most": limit}
    return {term[::-1] for term in connection.execute(text(statement), given).scalars()}


def matching(connection: Connection, *, ranked: bool = True, among: str | None = None) -> str:
    """Return a SELECT of `version_id` and `score` of all matches, with the compiled query as parameter `:match`.

    It is a part for a larger statement that filters and sorts; the dialect of `:match` is that of the connection
    (`umecrawl.query.matching.fts5` or `.tsquery`). Unranked, it has no `score` and takes a fraction of the time.
    With `among`, the name of a CTE of matches with a column `id`, only these are ranked.
    """
    if not ranked:
        if _is_sqlite(connection):
            return "SELECT rowid AS version_id FROM version_fts WHERE version_fts MATCH :match"
        return "SELECT version_id FROM version_fts WHERE terms @@ CAST(:match AS TSQUERY)"
    some = f"(SELECT id FROM {among})"  # noqa: S608  (the name is ours)
    if _is_sqlite(connection):
        # +: else FTS5 is asked anew for every row of the CTE, which takes a thousand times as long.
        return (
            f"SELECT rowid AS version_id, -bm25(version_fts, {_TITLE_WEIGHT}, 1.0) AS score "  # noqa: S608  (constants)
            "FROM version_fts WHERE version_fts MATCH :match" + (f" AND +rowid IN {some}" if among else "")
        )
    return (
        # 1: divided by 1 + the logarithm of the length, as a long text matches more by chance.
        "SELECT version_id, CAST(ts_rank(terms, CAST(:match AS TSQUERY), 1) AS DOUBLE PRECISION) AS score "
        "FROM version_fts WHERE " + (f"version_id IN {some}" if among else "terms @@ CAST(:match AS TSQUERY)")
    )


@contextmanager
def looked_up(connection: Connection) -> Iterator[None]:
    """Have the statements of the block find terms through the index, whatever PostgreSQL thinks of it.

    It reckons without the unpacking of vectors and would go through all of them (measured: 0.8 s instead of 0.02),
    and takes memory for so slow that it would read a table whole for a few thousand rows.
    """
    if _is_sqlite(connection):
        yield
        return
    asked = ", ".join(f"current_setting('{name}'), set_config('{name}', '{value}', true)" for name, value in _PLANS)
    before = connection.exec_driver_sql(f"SELECT {asked}").one()[::2]
    yield
    asked = ", ".join(f"set_config('{name}', '{value}', true)" for (name, _), value in zip(_PLANS, before, strict=True))
    connection.exec_driver_sql(f"SELECT {asked}")


def match(connection: Connection, expression: str, *, limit: int = 20) -> Sequence[Hit]:
    """Return the best matches of a compiled query, the best first.

    Raises `AnalyserError` where the index was built with another analysis.
    """
    check(connection)
    statement = f"SELECT version_id, score FROM ({matching(connection)}) m ORDER BY score DESC, version_id LIMIT :limit"  # noqa: S608  (our own statement)
    rows = connection.execute(text(statement), {"match": expression, "limit": limit})
    return [Hit(row.version_id, row.score) for row in rows]


def vector(title: Sequence[str], body: Sequence[str]) -> str:
    """Return the terms of a version as a `tsvector` literal: the title with weight A, the text after it with D."""
    places: dict[str, list[str]] = {}
    size = 0
    start = len(title) + _GAP
    numbered = [(term, number, "A") for number, term in enumerate(title, 1)]
    numbered += [(term, number, "") for number, term in enumerate(body, start)]
    for term, number, weight in numbered:
        if term not in places:
            size += len(term.encode()) + 8
            if size > _VECTOR_BYTES:
                break
            places[term] = []
        if len(places[term]) < _PLACES:
            size += 2
            places[term].append(f"{min(number, _LAST_PLACE)}{weight}")
    return " ".join(f"'{term}':{','.join(found)}" for term, found in places.items())


def _pieces_of(row: Indexed) -> Sequence[bytes]:
    return pieces(row.text) if row.parted is None else row.parted


def _remember(connection: Connection, terms: set[str]) -> None:
    known: set[str] = connection.info.setdefault(_KNOWN, set())
    new = terms - known
    if not new:
        return
    if len(known) > _MOST_KNOWN:
        known.clear()
    # In the order of the table, so that each page of it is met once.
    rows = sorted(term[::-1] for term in new)
    place = "?" if _is_sqlite(connection) else "%s"
    connection.exec_driver_sql(
        f"INSERT INTO term (backwards) VALUES ({place}) ON CONFLICT DO NOTHING",  # noqa: S608  (constants)
        [(backwards,) for backwards in rows],
    )
    known |= new


def _noted(connection: Connection) -> str | None:
    return connection.execute(select(about.c.value).where(about.c.name == _NOTED)).scalar()


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
