"""Readers beside an indexing run in another process: they see whole transactions, and neither waits for the other."""

import os
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import rounds
from sqlalchemy import func, select

from umecrawl.errors import ArchiveInUseError
from umecrawl.index.engine import Index
from umecrawl.index.views import captures, versions
from umecrawl.query.catalog import Catalog

SUPPORT = Path(rounds.__file__).parent
ROUNDS = 6


class Writer:
    """The process that indexes, a round whenever it is told to."""

    def __init__(self, process):
        self._process = process

    def go(self):
        """Have it begin a round."""
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def wait(self):
        """Wait until the round is done and committed."""
        assert self._process.stdout.readline() == "done\n"


@contextmanager
def writing(database, number=ROUNDS):
    """Give the process while it indexes; it ends well, or the test fails."""
    command = [sys.executable, "-m", "rounds", database, str(number)]
    paths = {"PYTHONPATH": os.pathsep.join((str(SUPPORT), *sys.path))}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | paths
    ) as process:
        try:
            yield Writer(process)
        except BaseException:
            process.kill()
            raise
        process.stdin.close()
        assert process.wait() == 0


def state(connection):
    """Return how many captures, versions and matches of a search there are."""
    found = Catalog(connection).search(rounds.WORD, limit=None)
    seen = [connection.execute(select(func.count()).select_from(view)).scalar_one() for view in (captures, versions)]
    return (*seen, len(found))


def test_readers_see_whole_transactions_only(index, database):
    """Whatever they ask while a process writes, and however often: pages come by threes, texts with their words."""
    seen, faults, over = [], [], threading.Event()

    def read():
        try:
            while not over.is_set():
                with index.connect() as connection:
                    before, after = state(connection), state(connection)
                seen.append((before, after))
        except Exception as error:  # noqa: BLE001  (whatever it is, the test is to tell it)
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        with writing(database) as writer:
            for _ in range(ROUNDS):
                writer.go()
                writer.wait()
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert seen
    for before, after in seen:
        assert before == after
        pages, texts, found = before
        assert pages % rounds.PAGES == 0
        assert found == texts <= pages // rounds.PAGES
    with index.connect() as connection:
        assert state(connection) == (rounds.PAGES * ROUNDS, ROUNDS, ROUNDS)


def test_a_long_question_does_not_stop_the_writer(index, database):
    """A reader in the middle of an answer reads it to its end as it was, while rounds are written to their end."""
    with writing(database, 3) as writer:
        writer.go()
        writer.wait()
        with index.connect() as connection:
            answer = Catalog(connection).captures()
            first = next(answer)
            for _ in range(2):
                writer.go()
                writer.wait()
            assert len([first, *answer]) == rounds.PAGES
            assert state(connection) == (rounds.PAGES, 1, 1)
        with index.connect() as connection:
            assert state(connection) == (3 * rounds.PAGES, 3, 3)


def test_many_readers_hold_states_of_their_own(index, database):
    """Five of them, each as it was when the reader came; a second writer is told that there is one."""
    with ExitStack() as opened, writing(database, 6) as writer:
        readers = []
        for number in range(5):
            readers.append(opened.enter_context(index.connect()))
            assert state(readers[-1]) == (rounds.PAGES * number, number, number)
            writer.go()
            writer.wait()
        for number, connection in enumerate(readers):
            assert state(connection) == (rounds.PAGES * number, number, number)
        other = Index.open(database)
        with pytest.raises(ArchiveInUseError), other.writer():
            pass
        other.close()
