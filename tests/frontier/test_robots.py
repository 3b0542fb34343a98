"""What robots.txt asks, and which line asked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.frontier.robots import ALLOW_ALL, RobotsMemory, RobotsRules, refuse_all, robots_url, rules_of
from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.urls import Url

NOW = datetime(2024, 3, 1, tzinfo=UTC)
SITE = "https://news.example"

ROBOTS = b"""\
\xef\xbb\xbf# news.example
User-agent: *
Disallow: /sok/
Disallow: /*?*print=
Allow: /sok/hjalp
Crawl-delay: 2

User-agent: GPTBot
Disallow: /
"""


def test_the_line_that_forbids_is_named():
    """The reason quotes the longest Disallow that fits, or nothing where the URL may be fetched."""
    rules = rules_of(200, ROBOTS)
    assert rules.refused(f"{SITE}/a") == ""
    assert rules.refused(f"{SITE}/sok/hjalp/x") == ""
    assert rules.refused(f"{SITE}/sok/x") == "robots.txt says 'Disallow: /sok/'"
    assert rules.refused(f"{SITE}/a?print=1") == "robots.txt says 'Disallow: /*?*print='"
    assert rules.crawl_delay == timedelta(seconds=2)


def test_a_group_of_our_own_counts_alone():
    """Where the crawler is addressed by name, the rules for everyone do not apply (RFC 9309 §2.2.1)."""
    rules = rules_of(200, b"User-agent: *\nDisallow: /\n\nUser-agent: UmeCrawl\nDisallow: /a\nCrawl-delay: 3\n")
    assert rules.refused(f"{SITE}/b") == ""
    assert rules.refused(f"{SITE}/a/1") == "robots.txt says 'Disallow: /a'"
    assert rules.crawl_delay == timedelta(seconds=3)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 304, 300])
def test_no_robots_txt_means_no_rules(status):
    """A file that is not there forbids nothing (RFC 9309 §2.3.1.3)."""
    assert rules_of(status, b"User-agent: *\nDisallow: /").refused(f"{SITE}/") == ""


@pytest.mark.parametrize("status", [500, 503, 429, 0])
def test_a_robots_txt_that_cannot_be_had_forbids_all(status):
    """Rules exist but are unknown; nothing is asked until they are known (RFC 9309 §2.3.1.4)."""
    assert str(status) in rules_of(status, b"").refused(f"{SITE}/")


def test_a_page_in_place_of_rules_forbids_nothing():
    """A site that answers every address with its front page has no rules."""
    assert rules_of(200, b"<!doctype html><html><p>Disallow: /</html>").refused(f"{SITE}/a") == ""


def test_only_the_first_500_kib_are_read():
    """A file without end cannot take the memory with it (RFC 9309 §2.5)."""
    head = b"User-agent: *\nDisallow: /a\n"
    rules = rules_of(200, head + b"#" * 512_000 + b"\nDisallow: /b\n")
    assert rules.refused(f"{SITE}/a")
    assert rules.refused(f"{SITE}/b") == ""


@pytest.mark.parametrize(("asked", "kept"), [("0", 0), ("0.5", 0.5), ("999999999", 86_400)])
def test_a_crawl_delay_is_kept_within_reason(asked, kept):
    """A day is the most that is believed; negative and endless ones are not read at all."""
    assert rules_of(200, f"User-agent: *\nCrawl-delay: {asked}".encode()).crawl_delay == timedelta(seconds=kept)


@pytest.mark.parametrize("asked", ["-1", "inf", "nan", "soon"])
def test_a_crawl_delay_that_is_none_is_ignored(asked):
    """What is no time is as good as absent."""
    assert rules_of(200, f"User-agent: *\nCrawl-delay: {asked}".encode()).crawl_delay is None


def test_rules_belong_to_an_origin():
    """Scheme and port make an origin of its own (RFC 9309 §2.3)."""
    assert robots_url(Url("https://news.example:8443/a?b")) == "https://news.example:8443/robots.txt"


def test_redirects_are_followed_five_times():
    """A sixth redirect counts as no rules at all."""
    memory = RobotsMemory()
    place = Url(f"{SITE}/robots.txt")
    for number in range(5):
        assert memory.rules_for(Url(f"{SITE}/a"), NOW) == place
        following = Url(f"{SITE}/robots-{number}.txt")
        memory.remember(place, following, NOW)
        place = following
    rules = rules_of(200, b"User-agent: *\nDisallow: /a")
    memory.remember(place, rules, NOW)
    assert memory.rules_for(Url(f"{SITE}/a"), NOW) is rules
    memory.remember(place, Url(f"{SITE}/robots.txt"), NOW)
    assert memory.rules_for(Url(f"{SITE}/a"), NOW) is ALLOW_ALL


def test_rules_are_asked_for_again_after_a_day():
    """What a long run read on its first day may have changed (RFC 9309 §2.4)."""
    memory = RobotsMemory()
    memory.remember(Url(f"{SITE}/robots.txt"), refuse_all("down"), NOW)
    assert isinstance(memory.rules_for(Url(f"{SITE}/a"), NOW + timedelta(hours=23)), RobotsRules)
    assert memory.rules_for(Url(f"{SITE}/a"), NOW + timedelta(hours=24)) == f"{SITE}/robots.txt"


@given(st.integers(0, 999), st.binary(max_size=200))
def test_no_answer_is_too_odd(status, body):
    """Whatever a server answers, there are rules."""
    rules = rules_of(status, body)
    assert isinstance(rules.refused(f"{SITE}/a"), str)
    assert rules.crawl_delay is None or rules.crawl_delay >= timedelta(0)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a/b\nDisallow: /a/b/c", "/a/b/c", False),
        ("Disallow: /p\nAllow: /p", "/p", True),
        ("Disallow: /*.php$", "/x.php", False),
        ("Disallow: /*.php$", "/x.php?a", True),
        ("Disallow: /a$b", "/a$b", False),
        ("Disallow: /å", "/%C3%A5", False),
        ("Disallow: /%C3%A5", "/%c3%a5x", False),
        ("Disallow: /%7Ejoe", "/~joe", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /\nAllow: /$", "/", True),
        ("Disallow:", "/a", True),
        ("\n\nDisallow: /a", "/a", False),
        ("Disallow: /a # kommentar", "/a", False),
        ("Disallow: /a\n\nUser-agent: *\nDisallow: /b", "/a", False),
        ("Disallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", False),
    ],
)
def test_rules_are_matched_as_rfc_9309_says(rules, path, allowed):
    """The longest match wins, Allow among equals; wildcards, escapes, comments and groups for one name."""
    assert (rules_of(200, f"User-agent: *\n{rules}\n".encode()).refused(SITE + path) == "") is allowed


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("agents", "allowed"),
    [
        ("User-agent: UmeCrawl", False),
        ("User-agent: umecrawl/2.0 (see example)", False),
        ("User-agent: other\nUser-agent: umecrawl", False),
        ("user agent: umecrawl", False),
        ("User-agent: *", False),
        ("User-agent: ume", True),
        ("User-agent: umecrawler", True),
        ("User-agent: umecrawl-news", True),
        ("Disallow: /\nUser-agent: other", True),
    ],
)
def test_a_group_is_ours_by_its_product_token(agents, allowed, end):
    """Neither a part of our name nor a longer one is our name; a version behind it is."""
    text = f"{agents}\nDisallow: /a\n\nUser-agent: another\nDisallow: /".replace("\n", end)
    assert (rules_of(200, text.encode()).refused(f"{SITE}/a") == "") is allowed


def test_groups_for_our_name_are_joined():
    """Two groups that address us count together (RFC 9309 §2.2.1)."""
    text = b"User-agent: umecrawl\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\nUser-agent: UMECRAWL/1\nDisallow: /b\n"
    rules = rules_of(200, text)
    assert [bool(rules.refused(f"{SITE}/{path}")) for path in "abc"] == [True, True, False]
    assert rules.refused(f"{SITE}/b") == "robots.txt says 'Disallow: /b'"


def test_a_decision_names_the_capture_that_it_comes_from(crawl):
    """The bytes can be looked up: id of the capture in the reason, of the failure where nothing came."""
    home = crawl.past_robots(b"User-agent: *\nDisallow: /a\n")
    crawl.captured(home, outlinks=(Outlink(Url("https://blog.example/a"), Hop.LINK),))
    assert crawl.next() is None
    [(robots, _)] = [event for event in crawl.events if event[0].url.endswith("robots.txt")]
    assert crawl.skipped[0].reason == f"robots.txt says 'Disallow: /a' (capture {robots.id})"
