"""An index in an empty database of each kind."""

import pytest

from umecrawl.index.engine import Index


@pytest.fixture
def index(database):
    """Give an empty index."""
    index = Index.open(database)
    yield index
    index.close()
