"""What tests of several stations need: a PostgreSQL database of their own, and a profile for properties."""

import os
import uuid

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

POSTGRES = os.environ.get("UMECRAWL_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")

# How long anything takes is not asserted in tests; the first word of a session loads a dictionary.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


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
    try:
        # Tests need no durable commits.
        yield f"{POSTGRES}?options=-csearch_path%3D{name}%20-csynchronous_commit%3Doff"
    finally:
        with server.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        server.dispose()
