"""Nothing that can be had is lost on hosts that fail now and then, and nothing is asked for without end."""

import random
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from frontiers import Crawl, configuration, links

from umecrawl.model.capture import FailureKind, Truncation

HOSTS = ("flaky", "sound")
SOURCES = "".join(f'[[source]]\nname = "{host}"\nseeds = ["https://{host}.example/"]\n' for host in HOSTS)
PAGES = 150


def page_links(host):
    """Return links to all pages of a host."""
    return links(*(f"https://{host}.example/sida-{number}/" for number in range(PAGES)))


class Weather:
    """A crawl of two hosts, one of which fails by chance."""

    def __init__(self, seed, fail, broken=()):
        self.chance = random.Random(seed)
        self.crawl = Crawl(configuration(SOURCES))
        self.crawl.frontier.seed_all()
        self.whole = Counter()
        self.times = {host: [] for host in HOSTS}
        while (candidate := self.crawl.next()) is not None:
            host = candidate.url.split("/")[2].partition(".")[0]
            self.times[host].append(self.crawl.now)
            if host == "flaky" and (candidate.url in broken or self.chance.random() < 0.3):
                fail(self.crawl, candidate, self.chance)
            elif candidate.hop_path.endswith("P"):
                self.crawl.captured(candidate, 404)
            else:
                self.whole[host] += 1
                outlinks = page_links(host) if candidate.url.endswith("example/") else ()
                self.crawl.captured(candidate, outlinks=outlinks)


def busy(crawl, candidate, chance):
    """Answer 503, or 429 with a Retry-After."""
    if chance.random() < 0.5:
        crawl.captured(candidate, 503)
    else:
        crawl.captured(candidate, 429, retry_after="3")


def lost(crawl, candidate, chance):
    """Lose the connection, or let it hang."""
    crawl.failed(candidate, chance.choice([FailureKind.DISCONNECT, FailureKind.TIMEOUT, FailureKind.REFUSED]))


def cut(crawl, candidate, chance):
    """Break off in the middle of the answer."""
    crawl.captured(candidate, truncated=Truncation.DISCONNECT)


@pytest.mark.parametrize("fail", [busy, lost, cut])
@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_lost_on_a_host_that_fails_three_times_in_ten(seed, fail):
    """All pages come in the end, each host keeps its delay, and the other host is done in its own time."""
    weather = Weather(seed, fail)
    assert weather.whole == {"flaky": PAGES + 1, "sound": PAGES + 1}
    assert weather.crawl.idle
    for moments in weather.times.values():
        assert all(later - sooner >= timedelta(seconds=1) for sooner, later in pairwise(moments))
    sound = weather.times["sound"]
    assert sound[-1] - sound[0] <= timedelta(seconds=PAGES + 3)
    assert len(weather.times["flaky"]) < 2 * PAGES


def test_broken_pages_of_a_sound_host_cost_three_tries_each():
    """Twenty pages that always fail are not asked for twelve times each."""
    broken = {f"https://flaky.example/sida-{number}/" for number in range(100, 120)}
    crawl = Crawl(configuration(SOURCES))
    crawl.frontier.seed_all()
    tries = Counter()
    while (candidate := crawl.next()) is not None:
        tries[candidate.url] += 1
        host = candidate.url.split("/")[2].partition(".")[0]
        status = 404 if candidate.hop_path.endswith("P") else 500 if candidate.url in broken else 200
        crawl.captured(candidate, status, outlinks=page_links(host) if candidate.url.endswith("example/") else ())
    assert all(3 <= tries[url] <= 8 for url in broken)
    assert sum(tries[url] for url in broken) <= 5 * len(broken)


def test_a_storm_of_429_ends_the_host_for_this_run():
    """Thirty-six answers that ask for patience and two long rests; what waits is left to the next run, and told."""
    crawl = Crawl(configuration(SOURCES))
    crawl.frontier.seed_all()
    asked = Counter()
    while (candidate := crawl.next()) is not None:
        host = candidate.url.split("/")[2].partition(".")[0]
        asked[host] += 1
        if candidate.hop_path.endswith("P"):
            crawl.captured(candidate, 404)
        elif host == "flaky" and not candidate.url.endswith("example/"):
            crawl.captured(candidate, 429)
        else:
            crawl.captured(candidate, outlinks=page_links(host) if candidate.url.endswith("example/") else ())
    assert asked == {"flaky": 2 + 36, "sound": PAGES + 2}
    assert len(crawl.left("host-down")) > 140
    told = [line for line in crawl.frontier.notices.lines() if line.startswith("flaky.example ")]
    assert told == [
        "flaky.example asked for patience 12 times in a row; it rests for 5m.",
        "flaky.example asked for patience 24 times in a row; it rests for 5m.",
        "flaky.example asked for patience 36 times in a row; what waits for it is left to the next run.",
    ]


def test_a_host_that_comes_back_after_a_rest_loses_nothing():
    """A restart of some minutes is survived."""
    crawl = Crawl(configuration(SOURCES))
    crawl.frontier.seed_all()
    down_from, whole = None, Counter()
    while (candidate := crawl.next()) is not None:
        host = candidate.url.split("/")[2].partition(".")[0]
        if candidate.hop_path.endswith("P"):
            crawl.captured(candidate, 404)
            continue
        if host == "flaky" and whole[host] == 50:
            down_from = down_from or crawl.now
            if crawl.now < down_from + timedelta(minutes=14):
                crawl.failed(candidate, FailureKind.REFUSED)
                continue
        whole[host] += 1
        crawl.captured(candidate, outlinks=page_links(host) if candidate.url.endswith("example/") else ())
    assert whole == {"flaky": PAGES + 1, "sound": PAGES + 1}
