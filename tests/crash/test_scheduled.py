"""SIGKILL at random points of a scheduled run; `scheduled.py` gives it a hundred."""

import random

from .scheduled import PAGES, LeakySite, kill_and_finish, undisturbed

KILLS = 4


def test_a_scheduled_run_that_is_killed_comes_to_what_an_undisturbed_one_comes_to(tmp_path):
    """Captures, failures, URLs left out and versions are the same, in one run that is finished."""
    dice = random.Random(20261122)
    with LeakySite(PAGES) as site:
        expected = undisturbed(tmp_path / "undisturbed", site)
        done = kill_and_finish(tmp_path / "archive", site, expected, KILLS, dice)
    assert 0 < done.kills
    assert () == done.differences
    assert PAGES < expected.captures.total() < 2 * PAGES + 10
    assert PAGES < expected.skipped.total()
