"""What tests of several stations need: an empty database of each kind, and a profile for properties."""

import os
from pathlib import Path

import pytest
from databases import KINDS, empty_database, postgres_schema
from hypothesis import settings

from umecrawl.index.engine import Index

# What the tests keep for later runs is not the user's.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parent.parent / ".pytest_cache" / "umecrawl")

# How long anything takes is not asserted in tests; the first word of a session loads a dictionary.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture
def sqlite(tmp_path):
    """Give the URL of a SQLite database that is not there yet."""
    return Index.default_url(tmp_path)


@pytest.fixture
def postgres():
    """Give the URL of an empty schema of its own on the PostgreSQL test server."""
    with postgres_schema() as url:
        yield url


@pytest.fixture(params=KINDS)
def database(request, tmp_path):
    """Give the URL of an empty database, of each kind in turn."""
    with empty_database(request.param, tmp_path) as url:
        yield url
