"""The archive of the fixture list, made once."""

import sqlite3
from contextlib import closing

import pytest

import umecrawl

from .archive import Rows, make_rows


@pytest.fixture(scope="session")
def rows(tmp_path_factory) -> Rows:
    """Crawl every row twice."""
    return make_rows(tmp_path_factory.mktemp("rows") / "archive")


@pytest.fixture(scope="session")
def indexed(rows):
    """Give the row of a capture in the index."""
    with umecrawl.open(rows.root) as archive:
        return {row.id: row for row in archive.captures()}


@pytest.fixture(scope="session")
def articles(rows):
    """Give title and text of the articles by URL."""
    with closing(sqlite3.connect(rows.root / "index.sqlite")) as connection:
        found = connection.execute("select url, title, text from articles").fetchall()
    return {url: (title, text) for url, title, text in found}
