"""When a host may be asked, as a function of the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from umecrawl.config import Politeness
from umecrawl.frontier.politeness import HostPace, parse_retry_after, retry_wait

NOW = datetime(2024, 3, 1, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_requests_start_one_delay_apart():
    """The delay runs from start to start, and a connection in use counts on top."""
    pace = HostPace(Politeness(delay=2 * SECOND))
    assert pace.next_at < NOW
    pace.start(NOW)
    assert (pace.next_at, pace.has_room) == (NOW + 2 * SECOND, False)
    pace.release()
    assert pace.has_room


def test_several_connections_are_told_apart_from_the_delay():
    """With two connections a second request may start while the first is under way."""
    pace = HostPace(Politeness(connections_per_host=2))
    pace.start(NOW)
    assert pace.has_room
    pace.start(NOW + SECOND)
    assert not pace.has_room
    pace.release()
    pace.release()
    pace.release()
    assert pace.in_flight == 0


@pytest.mark.parametrize(("asked", "kept"), [(0.5, 1), (1, 1), (2, 2), (60, 60), (3600, 60)])
def test_a_longer_crawl_delay_wins_up_to_the_longest(asked, kept):
    """robots.txt may slow a crawl down to `max_delay`, never speed it up."""
    pace = HostPace(Politeness(delay=SECOND, max_delay=60 * SECOND))
    pace.start(NOW)
    pace.ask_delay(asked * SECOND)
    assert pace.delay == kept * SECOND
    assert pace.next_at == NOW + kept * SECOND


def test_the_gentlest_of_several_sources_holds():
    """Two sources on one host do not add up to an impolite one."""
    pace = HostPace(Politeness(delay=SECOND, connections_per_host=4))
    pace.admit(Politeness(delay=3 * SECOND, connections_per_host=8))
    pace.admit(Politeness(delay=SECOND, connections_per_host=2))
    assert pace.delay == 3 * SECOND
    pace.start(NOW)
    pace.start(NOW)
    assert not pace.has_room


def test_a_host_that_asks_for_patience_gets_it():
    """Retry-After is heeded; without one the pause doubles from five delays up to `max_delay`; an answer ends it."""
    pace = HostPace(Politeness(delay=SECOND, max_delay=30 * SECOND))
    pace.throttled(NOW, 120 * SECOND)
    assert pace.next_at == NOW + 120 * SECOND
    pauses = []
    later = NOW + timedelta(hours=1)
    for _ in range(4):
        pace.throttled(later, None)
        pauses.append((pace.next_at - later) // SECOND)
        later = pace.next_at
    assert pauses == [10, 20, 30, 30]
    pace.answered()
    pace.throttled(later, None)
    assert pace.next_at == later + 5 * SECOND


def test_a_host_that_cannot_be_reached_is_asked_less_and_less():
    """One failure may be chance; from the second on the host rests."""
    pace = HostPace(Politeness(delay=SECOND))
    pace.unreached(NOW)
    assert pace.next_at < NOW
    pace.unreached(NOW)
    assert pace.next_at == NOW + 5 * SECOND
    assert pace.failures == 2
    pace.answered()
    assert pace.failures == 0


def test_waits_between_tries_double_and_are_never_nothing():
    """A delay of nothing does not become a hammer, and the longest wait is `max_delay`."""
    fast = Politeness(delay=timedelta(0), max_delay=timedelta(0))
    assert retry_wait(1, fast) == SECOND
    assert retry_wait(9, fast) == SECOND
    usual = Politeness()
    assert [retry_wait(attempt, usual) // SECOND for attempt in (1, 2, 3, 4, 5, 10**9)] == [5, 10, 20, 40, 60, 60]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("99999999999999", 3600),
        ("Fri, 01 Mar 2024 06:00:30 GMT", 30),
        ("Fri, 01 Mar 2024 05:00:00 GMT", 0),
        ("Sat, 01 Mar 2025 06:00:00 GMT", 3600),
        ("Fri, 01 Mar 2024 07:00:10 +0100", 10),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    """Both forms of the header are read, and an hour is the most that is waited (RFC 9110 §10.2.3)."""
    assert parse_retry_after(value, NOW) == seconds * SECOND


@pytest.mark.parametrize("value", [None, "", "soon", "-1", "1.5", "\u0661", "Fri, 99 Mar 2024"])
def test_a_retry_after_that_is_none_is_ignored(value):
    """What cannot be read is as good as absent."""
    assert parse_retry_after(value, NOW) is None
