"""Crawls of made-up sites for the tests of the frontier."""

import pytest
from frontiers import SOURCE, Crawl, configuration


@pytest.fixture
def crawl() -> Crawl:
    """Return a crawl of one blog, seeded."""
    crawl = Crawl(configuration())
    crawl.frontier.seed_all()
    return crawl


@pytest.fixture
def start():
    """Return a function that starts a crawl of the sources given as TOML."""

    def make(text: str = SOURCE, max_pages: int | None = None) -> Crawl:
        crawl = Crawl(configuration(text), max_pages)
        crawl.frontier.seed_all()
        return crawl

    return make
