"""SIGKILL at random points of a crawl; `kills.py` gives it hundreds."""

import random

from servers.gated import GatedSite

from .kills import PAGES, kill_often

KILLS = 6


def test_killed_crawls_lose_nothing_that_was_acknowledged(tmp_path):
    """After several kills, half of them in a write, every acknowledged capture is there, and nothing is damaged."""
    with GatedSite(PAGES) as site:
        toll = kill_often(tmp_path / "archive", site, KILLS, random.Random(20261122))
    assert KILLS == toll.kills
    assert () == toll.losses
    assert toll.acknowledged > PAGES
