"""The extraction pool keeps order and outlives every page."""

import sys

import pytest
from readers import pages, read

from umecrawl.model.article import Outcome
from umecrawl.pipeline.extraction import ExtractionPool


def outcomes(pool, *markups):
    """Return (key, outcome) for each page, in the order given back."""
    return [(key, extraction.outcome) for key, extraction in pool.extract(pages(*markups))]


@pytest.fixture
def pool():
    """Return a pool of one worker that gives a page five seconds."""
    with ExtractionPool[int](1, seconds=5, reader=read) as pool:
        yield pool


def test_results_come_in_the_order_of_the_pages(pool):
    """The caller gets each key with its own extraction, first page first."""
    found = [(key, extraction.detail) for key, extraction in pool.extract(pages("a", "b", "c", "d", "e", "f"))]
    assert list(enumerate("abcdef")) == found


def test_a_page_that_kills_its_process_costs_only_itself(pool):
    """The pages under way with it are read again, and only the killer fails."""
    expected = [(0, Outcome.ARTICLE), (1, Outcome.FAILED), (2, Outcome.ARTICLE), (3, Outcome.ARTICLE)]
    assert expected == outcomes(pool, "a", "die", "c", "d")


def test_a_page_that_raises_is_an_outcome(pool):
    """What a page does to its reader is said in the detail."""
    [(_, extraction)] = list(pool.extract(pages("raise")))
    assert (Outcome.FAILED, "RecursionError: too deep") == (extraction.outcome, extraction.detail)


def test_a_page_that_never_ends_is_ended():
    """After its time the worker is killed and the rest goes on in a new one."""
    with ExtractionPool[int](1, seconds=5, reader=read) as pool:
        list(pool.extract(pages("warm up")))
        pool._seconds = 0.2
        hung = outcomes(pool, "hang")
        pool._seconds = 5
        assert [(0, Outcome.FAILED)] == hung
        assert [(0, Outcome.ARTICLE)] == outcomes(pool, "a")


def test_a_worker_that_died_before_the_next_page_came_costs_only_its_page(pool):
    """The pool is found broken when a page is handed in, not only when a result is asked for."""

    def slowly():
        first, second = pages("die", "b")
        yield first
        pool._pool._executor_manager_thread.join()  # it ends when it has found the worker dead
        yield second

    found = [(key, extraction.outcome) for key, extraction in pool.extract(slowly())]
    assert [(0, Outcome.FAILED), (1, Outcome.ARTICLE)] == found


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not hold processes to their limit of memory")
@pytest.mark.parametrize("way", ["eat", "gorge"])
def test_a_page_that_eats_memory_is_an_outcome(way):
    """Whether it asks for all at once or crumb by crumb: the worker stays within its limit and the rest goes on."""
    with ExtractionPool[int](1, memory=512 << 20, reader=read) as pool:
        found = [(extraction.outcome, extraction.detail) for _, extraction in pool.extract(pages("a", way, "c"))]
    assert [
        (Outcome.ARTICLE, "a"),
        (Outcome.FAILED, "the page asks for more memory than its process may have"),
        (Outcome.ARTICLE, "c"),
    ] == found
