"""A database of each kind, empty, for tests of what is asked of the index."""

import os
import uuid

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

POSTGRES = os.environ.get("UMECRAWL_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request, tmp_path):
    """Give the URL of an empty database; on PostgreSQL a schema of its own, dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'index.sqlite'}"
        return
    name = f"test_{uuid.uuid4().hex}"
    server = create_engine(POSTGRES)
    try:
        with server.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
    except OperationalError as error:
        server.dispose()
        reason = f"no PostgreSQL server at {POSTGRES}: {error.orig}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield f"{POSTGRES}?options=-csearch_path%3D{name}"
    finally:
        with server.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        server.dispose()


@pytest.fixture
def connection(database):
    """Open a connection to that database, committed at the end."""
    engine = create_engine(database)
    with engine.begin() as connection:
        yield connection
    engine.dispose()
