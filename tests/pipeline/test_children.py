"""Child processes hear no Ctrl-C and do not outlive their parent."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from readers import pages, read

from umecrawl.pipeline.children import deaf_to_interrupts
from umecrawl.pipeline.extraction import ExtractionPool

# A parent that starts a worker, says which process it is, and waits to be killed.
PARENT = """
import sys
sys.path[:0] = {path!r}
from readers import pages, read
from umecrawl.pipeline.extraction import ExtractionPool

if __name__ == "__main__":
    with ExtractionPool[int](1, reader=read) as pool:
        [(_, extraction)] = pool.extract(pages("process"))
        print(extraction.detail, flush=True)
        sys.stdin.read()
"""


def test_a_worker_hears_no_interrupt_from_its_first_instruction_on():
    """The signal is blocked in the worker, and in the parent no longer than the start takes."""
    with ExtractionPool[int](1, reader=read) as pool:
        [(_, extraction)] = pool.extract(pages("process"))
    assert extraction.detail.endswith(" True")
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_an_interrupt_during_the_start_is_not_lost():
    """The parent gets it when the children are started."""
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        with deaf_to_interrupts():
            signal.raise_signal(signal.SIGINT)
            assert [] == heard
        assert [signal.SIGINT] == heard
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_worker_ends_when_its_parent_is_killed(tmp_path):
    """After kill -9 of the parent no extraction process is left waiting for work that never comes."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(path=[str(Path(read.__code__.co_filename).parent)]))
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        worker = os.pidfd_open(int(parent.stdout.readline().split()[0]))
        parent.kill()
    try:
        assert select.select([worker], [], [], 30)[0], "the worker goes on without its parent"
    finally:
        os.close(worker)
