"""Empty databases of each kind."""

import os
import uuid
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from umecrawl.index.engine import Index

KINDS = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
POSTGRES = os.environ.get("UMECRAWL_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")


@contextmanager
def postgres_schema():
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
    try:
        # Tests need no durable commits.
        yield f"{POSTGRES}?options=-csearch_path%3D{name}%20-csynchronous_commit%3Doff"
    finally:
        with server.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        server.dispose()


@contextmanager
def empty_database(kind, folder):
    """Give the URL of an empty database: SQLite in the folder, or a schema of its own on the test server."""
    if kind == "sqlite":
        yield Index.default_url(folder)
    else:
        with postgres_schema() as url:
            yield url
