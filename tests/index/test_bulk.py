"""Rows go into a table whole, or not at all."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, select

from umecrawl.index.bulk import insert_rows

WORDS = Table("words", MetaData(), Column("id", Integer, primary_key=True), Column("word", String))


@pytest.fixture
def connection():
    """Return a connection to a database with one table."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        WORDS.create(connection)
        yield connection
    engine.dispose()


def test_rows_are_inserted_as_they_are(connection):
    """The order of their columns does not matter, and there may be none."""
    insert_rows(connection, WORDS, [])
    insert_rows(connection, WORDS, [{"id": 1, "word": "å"}, {"word": None, "id": 2}])
    assert [(1, "å"), (2, None)] == connection.execute(select(WORDS).order_by(WORDS.c.id)).all()


@pytest.mark.parametrize("odd", [{"id": 2, "word": "b"}, {}])
def test_a_row_of_other_columns_is_refused(connection, odd):
    """A value without a place would be lost, and nobody would be told."""
    with pytest.raises(ValueError, match="words names other columns"):
        insert_rows(connection, WORDS, [{"id": 1}, odd])
    assert [] == connection.execute(select(WORDS)).all()
