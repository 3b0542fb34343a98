"""An empty database of each kind, and an index in it."""

import os
import uuid

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from umecrawl.index.engine import Index

POSTGRES = os.environ.get("UMECRAWL_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


@pytest.fixture
def postgres():
    """Give the URL of an empty schema of its own on the test server; it is dropped afterwards."""
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
    # Tests need no durable commits.
    yield f"{POSTGRES}?options=-csearch_path%3D{name}%20-csynchronous_commit%3Doff"
    with server.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    server.dispose()


@pytest.fixture
def sqlite(tmp_path):
    """Give the URL of a SQLite database that is not there yet."""
    return Index.default_url(tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request):
    """Give the URL of an empty database, of each kind in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def index(database):
    """Give an empty index."""
    index = Index.open(database)
    yield index
    index.close()
