"""Rows go into a table whole, or not at all."""

from datetime import UTC, datetime

import pytest
from databases import KINDS, empty_database
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, MetaData, String, Table, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from umecrawl.index.bulk import insert_rows
from umecrawl.index.columns import UtcTime
from umecrawl.index.databases import engine_of, parsed

WORDS = Table("words", MetaData(), Column("id", Integer, primary_key=True), Column("word", String))
KINDS_OF_VALUES = Table(
    "Order",  # a word of SQL, as are the names of columns
    MetaData(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("offset", BigInteger),
    Column("From", String),
    Column("is_true", Boolean),
    Column("share", Float),
    Column("octets", LargeBinary),
    Column("at", UtcTime),
)


@pytest.fixture(scope="module", params=KINDS)
def engine(request, tmp_path_factory):
    """Give an empty database of each kind."""
    with empty_database(request.param, tmp_path_factory.mktemp("bulk")) as url:
        engine = engine_of(parsed(url))
        yield engine
        engine.dispose()


@pytest.fixture
def connection(engine):
    """Return a connection to a database with two tables; what a test does to it is undone."""
    with engine.connect() as connection, connection.begin() as transaction:
        WORDS.create(connection)
        KINDS_OF_VALUES.create(connection)
        yield connection
        transaction.rollback()


def test_rows_are_inserted_as_they_are(connection):
    """The order of their columns does not matter, and there may be none."""
    insert_rows(connection, WORDS, [])
    insert_rows(connection, WORDS, [{"id": 1, "word": "å"}, {"word": None, "id": 2}])
    assert [(1, "å"), (2, None)] == connection.execute(select(WORDS).order_by(WORDS.c.id)).all()


def test_values_of_every_kind_come_back_as_they_were(connection):
    """So do those that mean something in the form in which they are sent."""
    at = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)
    rows = [
        {"id": 2**40, "offset": 0, "From": r"a\tb\N" + "\t\r\n\\.\n", "is_true": True, "share": 0.1, "octets": b"\0\\"}
        | {"at": at},
        {"id": 2, "offset": None, "From": "", "is_true": False, "share": -1e300, "octets": b"", "at": None},
        {"id": 3, "offset": -1, "From": r"\N", "is_true": None, "share": None, "octets": None, "at": at},
    ]
    insert_rows(connection, KINDS_OF_VALUES, rows)
    found = connection.execute(select(KINDS_OF_VALUES)).mappings().all()
    assert {row["id"]: dict(row) for row in found} == {row["id"]: row for row in rows}


def test_many_rows_are_inserted_in_pieces(connection):
    """None is lost where one piece ends."""
    insert_rows(connection, WORDS, [{"id": number, "word": f"ord {number}"} for number in range(10_001)])
    assert connection.execute(select(func.count(), func.max(WORDS.c.id)).select_from(WORDS)).one() == (10_001, 10_000)


@pytest.mark.parametrize("odd", [{"id": 2, "word": "b"}, {}])
def test_a_row_of_other_columns_is_refused(connection, odd):
    """A value without a place would be lost, and nobody would be told."""
    with pytest.raises(ValueError, match="words names other columns"):
        insert_rows(connection, WORDS, [{"id": 1}, odd])
    assert [] == connection.execute(select(WORDS)).all()


def test_a_row_that_the_database_refuses_is_an_error_as_of_any_statement(connection):
    """Whoever calls need not know how rows are sent; none of them is there."""
    with pytest.raises(IntegrityError), connection.begin_nested():
        insert_rows(connection, WORDS, [{"id": 1, "word": "a"}, {"id": 1, "word": "b"}])
    assert [] == connection.execute(select(WORDS)).all()


@pytest.mark.postgres
def test_a_connection_that_is_lost_is_told_as_that(postgres):
    """The connection is of no further use, and can be let go."""
    engine = engine_of(parsed(postgres))
    with engine.connect() as connection:
        WORDS.create(connection)
        connection.commit()
        process = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({process}, 10000)")
        with pytest.raises(DBAPIError) as caught:
            insert_rows(connection, WORDS, [{"id": 1, "word": "a"}])
        assert caught.value.connection_invalidated
        assert connection.invalidated
    engine.dispose()


@pytest.mark.postgres
def test_rows_are_not_sent_outside_a_transaction(postgres):
    """They would not be committed, and nobody would be told."""
    engine = engine_of(parsed(postgres))
    with engine.connect() as connection, pytest.raises(ValueError, match="begin a transaction"):
        insert_rows(connection, WORDS, [{"id": 1, "word": "a"}])
    engine.dispose()
