"""Two Ctrl-C right behind each other end with the exit code that one has."""

import signal
import subprocess
import sys

import pytest

from umecrawl.cli.interrupts import one_interrupt

AT_THE_END = """
import atexit, signal, sys
from umecrawl.cli.interrupts import one_interrupt
atexit.register(signal.raise_signal, signal.SIGINT)
try:
    with one_interrupt():
        signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    sys.exit(130)
"""
ON_THE_WAY_OUT = """
import signal, sys
from umecrawl.cli.interrupts import one_interrupt
with one_interrupt():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        signal.raise_signal(signal.SIGINT)
sys.exit(1)
"""


@pytest.mark.parametrize("program", [AT_THE_END, ON_THE_WAY_OUT])
def test_a_second_interrupt_does_not_end_by_the_signal(program):
    """Neither while the first one is told, nor when Python shuts down."""
    assert 130 == subprocess.run([sys.executable, "-c", program], check=False).returncode


def test_what_handled_interrupts_before_does_so_again():
    """A command that nobody interrupts leaves no trace."""
    before = signal.getsignal(signal.SIGINT)
    with one_interrupt():
        assert before is not signal.getsignal(signal.SIGINT)
    assert before is signal.getsignal(signal.SIGINT)
