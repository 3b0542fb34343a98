"""The extraction pool keeps order and outlives every page."""

import fcntl
import signal
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
    """Return a pool of one worker."""
    with ExtractionPool[int](1, reader=read) as pool:
        yield pool


def test_results_come_in_the_order_of_the_pages(pool):
    """The caller gets each key with its own extraction, first page first."""
    found = [(key, extraction.detail) for key, extraction in pool.extract(pages("a", "b", "c", "d", "e", "f"))]
    assert list(enumerate("abcdef")) == found


def test_forked_workers_hold_nothing_that_is_opened_later(tmp_path, monkeypatch):
    """A lock that is taken once the pool is there is free when its holder lets go, whatever the workers do."""
    monkeypatch.setattr("umecrawl.pipeline.extraction.can_fork", lambda: sys.platform == "linux")
    with ExtractionPool[int](1, reader=read) as pool:
        holder = (tmp_path / "lock").open("w")
        fcntl.flock(holder, fcntl.LOCK_EX)
        assert [(0, Outcome.ARTICLE)] == outcomes(pool, "a")
        holder.close()
        with (tmp_path / "lock").open() as other:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert pool._pool is None


def test_what_all_workers_need_is_loaded_once_before_they_are_forked(monkeypatch):
    """Where workers cannot be forked nothing is loaded for them, as they would not share it."""
    loaded = []
    for forks in (sys.platform == "linux", False):
        monkeypatch.setattr("umecrawl.pipeline.extraction.can_fork", lambda forks=forks: forks)
        with ExtractionPool[int](2, reader=read, prepare=lambda forks=forks: loaded.append(forks)):
            pass
    assert loaded == ([True] if sys.platform == "linux" else [])


def test_a_page_that_kills_its_process_costs_only_itself(pool):
    """The pages under way with it are read again, and only the killer fails."""
    expected = [(0, Outcome.ARTICLE), (1, Outcome.FAILED), (2, Outcome.ARTICLE), (3, Outcome.ARTICLE)]
    assert expected == outcomes(pool, "a", "die", "c", "d")


def test_pages_that_go_to_a_worker_together_keep_their_order_and_outcomes():
    """Of many pages several are handed over at a time; one that ends its worker among them costs only itself."""
    markups = [str(number) for number in range(60)]
    markups[20] = markups[21] = "die"
    markups[33] = "raise"
    with ExtractionPool[int](2, reader=read) as pool:
        found = outcomes(pool, *markups)
    assert [(key, Outcome.FAILED if key in {20, 21, 33} else Outcome.ARTICLE) for key in range(60)] == found


def test_what_cannot_be_sent_costs_only_its_page():
    """Where what several pages gave does not come through together they are read singly, also beside one that kills."""
    markups = [str(number) for number in range(40)]
    markups[13], markups[21] = "unsendable", "die"
    with ExtractionPool[int](2, reader=read) as pool:
        found = outcomes(pool, *markups)
    assert [(key, Outcome.FAILED if key in {13, 21} else Outcome.ARTICLE) for key in range(40)] == found


def test_however_many_pages_end_their_workers_few_are_held():
    """Pages that were parted to be read one by one are answered before more are asked for."""
    markups = ["die" if number % 40 == 20 else str(number) for number in range(200)]
    asked = 0

    def counted():
        nonlocal asked
        for page in pages(*markups):
            asked += 1
            yield page

    with ExtractionPool[int](1, reader=read) as pool:
        held = [asked - answered for answered, _ in enumerate(pool.extract(counted()))]
    assert max(held) <= 8 * 5


def test_pages_that_took_too_long_together_are_read_one_by_one(monkeypatch):
    """Where the clock ends for several pages at once each of them has its own time, and those behind them are read."""
    with ExtractionPool[int](1, reader=read) as pool:
        list(pool.extract(pages("warm up")))
        kill = pool._kill

        def patiently():
            pool._patience = 600
            kill()

        monkeypatch.setattr(pool, "_kill", patiently)
        pool._patience = 1
        found = outcomes(pool, *["a"] * 12, "hang once", *["b"] * 27)
    assert [(key, Outcome.ARTICLE) for key in range(40)] == found


def test_a_page_that_raises_is_an_outcome(pool):
    """What a page does to its reader is said in the detail."""
    [(_, extraction)] = list(pool.extract(pages("raise")))
    assert (Outcome.FAILED, "RecursionError: too deep") == (extraction.outcome, extraction.detail)


def test_a_page_that_waits_for_ever_is_given_up():
    """After its time by the clock the worker is killed and the rest goes on in a new one."""
    with ExtractionPool[int](1, reader=read) as pool:
        list(pool.extract(pages("warm up")))
        pool._patience = 0.2
        [(_, hung)] = pool.extract(pages("hang"))
        pool._patience = 60
        assert (Outcome.FAILED, "the page was not read within 0.2 s of the clock") == (hung.outcome, hung.detail)
        assert [(0, Outcome.ARTICLE)] == outcomes(pool, "a")


def test_a_page_that_computes_for_ever_is_ended():
    """After its processor time its process ends, the page fails with that reason, and the rest is read all the same."""
    with ExtractionPool[int](1, seconds=0.5, reader=read) as pool:
        found = [(extraction.outcome, extraction.detail) for _, extraction in pool.extract(pages("a", "spin", "c"))]
    assert [
        (Outcome.ARTICLE, "a"),
        (Outcome.FAILED, "reading the page took more than 0.5 s of processor time"),
        (Outcome.ARTICLE, "c"),
    ] == found


def test_a_page_that_waits_for_the_processor_is_read():
    """A second of the clock goes by in which the page has hardly any processor time: it may take half a second."""
    with ExtractionPool[int](1, seconds=0.5, reader=read) as pool:
        assert [(0, Outcome.ARTICLE), (1, Outcome.ARTICLE)] == outcomes(pool, "wait", "b")


def test_an_ignored_signal_of_the_parent_saves_no_page():
    """A parent that is being profiled may ignore or block the signal that ends a page; its workers do not."""
    before = signal.signal(signal.SIGPROF, signal.SIG_IGN)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    try:
        with ExtractionPool[int](1, seconds=0.5, reader=read) as pool:
            assert [(0, Outcome.FAILED)] == outcomes(pool, "spin")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGPROF, before)


def test_a_worker_that_died_before_the_next_page_came_costs_only_its_page(pool):
    """The pool is found broken when a page is handed in, not only when a result is asked for."""

    def slowly():
        first, second = pages("die", "b")
        yield first
        pool._pool._executor_manager_thread.join()  # it ends when it has found the worker dead
        yield second

    found = [(key, extraction.outcome) for key, extraction in pool.extract(slowly())]
    assert [(0, Outcome.FAILED), (1, Outcome.ARTICLE)] == found


def test_what_the_parent_holds_is_not_charged_to_a_page(monkeypatch):
    """A forked worker has all of it from the start, whoever reads an archive from a large program."""
    monkeypatch.setattr("umecrawl.pipeline.extraction.can_fork", lambda: sys.platform == "linux")
    held = bytearray(600 << 20)
    with ExtractionPool[int](1, memory=256 << 20) as pool:
        ((_, found),) = pool.extract(pages("<p>Nämnden beslutade i går att bygga två nya broar.</p>"))
    assert found.outcome is not Outcome.FAILED, found.detail
    assert len(held) > pool._memory


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
