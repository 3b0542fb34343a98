"""A crawl of the test bed while its hosts misbehave: nothing that can be had is lost, and nobody is asked too often."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.testbed

DELAY = 0.1
# Between what the crawler sends and what the server notes lies a loaded machine.
JITTER = 0.06
SLOW = 0.4
REST = 0.3  # the longest delay

CONFIGURATION = """
[collection]
name = "umea"
contact = "https://archive.example/contact"

[politeness]
delay = "100ms"
max_delay = "300ms"

[[source]]
name = "umesosse"
seeds = ["https://umesosse.se/"]
follow = ["vk.se"]
exclude = ['/(tag|category|author|arkiv|nyheter)/', '/20\\d\\d/(\\d\\d/)?(page/\\d+/)?$']
requisites = false

[[source]]
name = "lundgren"
seeds = ["http://blogg.vk.se/andreaslundgren/"]
scope = "prefix"
exclude = ['/(tag|category|author)/', '/20\\d\\d/(\\d\\d/)?(page/\\d+/)?$']
requisites = false
"""

BEHAVIOURS = [
    # Three in ten of the posts fail twice, one of them five times: no number of tries for all would do.
    {"match": r"umesosse\.se/20\d\d/\d\d/\d\d/.*[aeg]/$", "status": 503, "times": 1},
    {"match": r"umesosse\.se/2024/.*[aeg]/$", "status": 503, "times": 2},
    {"match": r"umesosse\.se/robots\.txt", "status": 503, "headers": {"Retry-After": "1"}, "times": 1},
    # Connections that break before, in and behind the head; answers that come in part.
    {"match": r"andreaslundgren/page/\d/$", "status": 429, "headers": {"Retry-After": "1"}, "times": 1},
    {"match": r"andreaslundgren/.*[aeiou][^aeiou/]*n/$", "drop": "before", "times": 2},
    {"match": r"andreaslundgren/.*[r]/$", "truncate": 0.5, "times": 2},
    {"match": r"andreaslundgren/.*[t]/$", "drop": "headers", "times": 1},
    {"match": r"andreaslundgren/.*[ak]/$", "drop": "body", "times": 1},
    {"match": r"www\.vk\.se", "latency_ms": SLOW * 1000},
]


@dataclass(frozen=True, slots=True)
class Stormy:
    """An archive made while hosts misbehaved, and what the server saw."""

    root: Path
    talk: str
    log: tuple[dict[str, object], ...]

    def by_host(self) -> dict[str, list[dict[str, object]]]:
        """Return what each host was asked, in order."""
        hosts = defaultdict(list)
        for entry in sorted(self.log, key=lambda entry: entry["t"]):
            hosts[urlsplit(entry["url"]).hostname].append(entry)
        return hosts

    def whole(self) -> dict[str, set[str]]:
        """Return the digests under which each URL was captured with 200, as the CDXJ files have them."""
        found = defaultdict(set)
        for path in sorted((self.root / "cdxj").iterdir()):
            for line in path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line.split(" ", 2)[2])
                if int(entry["status"]) == 200:
                    found[entry["url"]].add(entry["digest"].removeprefix("sha256:"))
        return found


@pytest.fixture(scope="module")
def stormy(replay, cli, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stormy]:
    """Crawl edition 1 while its hosts misbehave."""
    root = tmp_path_factory.mktemp("stormy") / "archive"
    root.mkdir()
    (root / "umecrawl.toml").write_text(CONFIGURATION, encoding="utf-8")
    replay.serve_edition(1)
    replay.behave(BEHAVIOURS)
    try:
        done = cli("crawl", "--no-index", *replay.reach, "--archive", str(root))
        yield Stormy(root, done.stderr, replay.log())
    finally:
        replay.behave([])
        replay.serve_edition(1)


def manifest(testbed):
    """Return the digests of the bodies of edition 1 by URL."""
    lines = (testbed / "capture" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    records = [record for record in map(json.loads, lines) if record["edition"] == 1 and record["status"] == 200]
    bodies = defaultdict(set)
    for record in records:
        bodies[record["url"]].add(record["sha256"])
    return bodies


def test_no_post_is_lost_and_each_is_whole(stormy, testbed):
    """All posts and pages of both blogs are there, byte for byte what the server holds."""
    bodies = manifest(testbed)
    posts = {
        url: digests
        for url, digests in bodies.items()
        if re.fullmatch(r"https://umesosse\.se/\d{4}/\d\d/\d\d/[^/?]+/", url)
        or re.fullmatch(r"http://blogg\.vk\.se/andreaslundgren/\d{4}/\d\d/\d\d/[^/?]+/", url)
    }
    assert len(posts) == 46 + 19
    whole = stormy.whole()
    assert {} == {url: whole.get(url) for url, digests in posts.items() if not digests & whole.get(url, set())}


def test_the_hosts_did_misbehave(stormy):
    """Each behaviour was met, or the test would prove nothing."""
    met = {number for entry in stormy.log for number in entry["rules"]}
    assert met == set(range(len(BEHAVIOURS)))
    assert sum(entry["status"] == 503 for entry in stormy.log) >= 10


def test_no_host_has_two_requests_at_once(stormy):
    """By the server's log, the next request of a host comes after the answer to the one before."""
    for host, entries in stormy.by_host().items():
        for one, two in pairwise(entries):
            assert one["t"] + one["seconds"] <= two["t"] + JITTER, host


def test_no_host_is_asked_sooner_than_its_delay(stormy):
    """From request to request lies the delay, and over ten of them nine delays."""
    for host, entries in stormy.by_host().items():
        moments = [entry["t"] for entry in entries]
        assert all(later - sooner >= DELAY - JITTER for sooner, later in pairwise(moments)), host
        assert all(last - first >= 9 * DELAY - JITTER for first, last in zip(moments, moments[9:], strict=False)), host


def test_a_host_that_asks_for_patience_gets_it(stormy):
    """After Retry-After: 1 nothing of that host is asked for a second."""
    for host, entries in stormy.by_host().items():
        for one, two in pairwise(entries):
            if one["status"] in {429, 503}:
                assert two["t"] - one["t"] >= 1 - JITTER, host


def test_a_slow_host_is_asked_more_rarely_and_slows_nobody(stormy):
    """It rests as long as its answers take; meanwhile others are asked."""
    hosts = stormy.by_host()
    slow = hosts["www.vk.se"]
    assert len(slow) > 2
    for one, two in pairwise(slow):
        assert two["t"] - one["t"] >= SLOW + REST - JITTER
    others = [entry["t"] for host, entries in hosts.items() if host != "www.vk.se" for entry in entries]
    busy = [entry for entry in slow if entry["t"] + entry["seconds"] < max(others)]
    assert busy
    for entry in busy:
        assert any(entry["t"] < moment < entry["t"] + SLOW + REST for moment in others)
