"""When a host may be asked, as a function of the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.config import Politeness
from umecrawl.frontier.patience import Record
from umecrawl.frontier.politeness import HostPace, parse_retry_after, retry_wait
from umecrawl.frontier.retries import Trouble
from umecrawl.model.urls import Url

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
    pace.answered(later)
    pace.throttled(later, None)
    assert pace.next_at >= later + 5 * SECOND


def test_a_host_that_cannot_be_reached_is_asked_less_and_less():
    """One failure may be chance; from the second on the host rests."""
    pace = HostPace(Politeness(delay=SECOND))
    pace.unreached(NOW)
    assert pace.next_at < NOW
    pace.unreached(NOW)
    assert pace.next_at == NOW + 5 * SECOND
    assert pace.failures == 2
    pace.answered(NOW)
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
        ("99999999999999", 999999999),
        ("Fri, 01 Mar 2024 06:00:30 GMT", 30),
        ("Fri, 01 Mar 2024 05:00:00 GMT", 0),
        ("Sat, 01 Mar 2025 06:00:00 GMT", 365 * 86400),
        ("Fri, 01 Mar 2024 07:00:10 +0100", 10),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    """Both forms of the header are read (RFC 9110 §10.2.3)."""
    assert parse_retry_after(value, NOW) == seconds * SECOND


@pytest.mark.parametrize("value", [None, "", "soon", "-1", "1.5", "\u0661", "Fri, 99 Mar 2024"])
def test_a_retry_after_that_is_none_is_ignored(value):
    """What cannot be read is as good as absent."""
    assert parse_retry_after(value, NOW) is None


def test_a_retry_after_of_days_is_cut_to_an_hour_and_told():
    """A run cannot wait for a week, and whoever runs it should know that the host wanted that."""
    pace = HostPace(Politeness())
    pace.throttled(NOW, timedelta(days=7))
    assert pace.next_at == NOW + timedelta(hours=1)
    assert pace.news == ["asks to be left alone for 7 days (Retry-After); it is asked again after an hour"]


def test_a_host_that_answers_slowly_rests_as_long_as_its_answers_take():
    """Eight seconds for an answer bring eight seconds of rest, up to `max_delay`; a quick one changes nothing."""
    pace = HostPace(Politeness(delay=SECOND, max_delay=30 * SECOND))
    pace.start(NOW)
    pace.answered(NOW + 8 * SECOND, 8 * SECOND)
    assert pace.next_at == NOW + 16 * SECOND
    pace.answered(NOW + 100 * SECOND, 60 * SECOND)
    assert pace.next_at == NOW + 130 * SECOND
    quick = HostPace(Politeness(delay=SECOND))
    quick.start(NOW)
    quick.answered(NOW + SECOND / 2, SECOND / 2)
    assert quick.next_at == NOW + SECOND


def test_a_host_that_asked_for_patience_is_asked_more_rarely_from_then_on():
    """The pace gets slower with each 429 and comes back with the good answers."""
    pace = HostPace(Politeness(delay=SECOND, max_delay=10 * SECOND))
    delays = []
    for _ in range(8):
        pace.throttled(NOW, SECOND)
        delays.append(pace.delay)
    assert delays == sorted(delays)
    assert (delays[0], delays[-1]) == (1.5 * SECOND, 10 * SECOND)
    for _ in range(20):
        pace.answered(NOW)
    assert pace.delay == SECOND


def test_a_host_that_fails_without_end_rests_twice_and_is_given_up():
    """One that was there before gets two long rests; one that nobody ever reached is given up after a dozen."""
    pace = HostPace(Politeness(max_delay=60 * SECOND))
    pace.answered(NOW)
    moments = []
    now = NOW
    while not pace.given_up:
        pace.unreached(now)
        moments.append(pace.next_at - now)
        now = max(now, pace.next_at)
    assert len(moments) == 36
    assert (moments[11], moments[23]) == (timedelta(minutes=5), timedelta(minutes=5))
    never = HostPace(Politeness())
    for _ in range(12):
        never.unreached(NOW)
    assert never.given_up == "could not be reached 12 times in a row"


@pytest.mark.parametrize(
    ("asked", "failed", "trouble", "tries"),
    [
        (0, 0, Trouble.BUSY, 6),
        (5, 0, Trouble.BUSY, 5),
        (1000, 0, Trouble.BUSY, 3),
        (100, 30, Trouble.BUSY, 12),
        (100, 30, Trouble.BROKEN, 8),
        (0, 0, Trouble.GONE, 3),
        (20, 2, Trouble.GONE, 6),
        (100, 30, Trouble.HANDSHAKE, 2),
        (1000, 0, Trouble.CUT, 2),
        (100, 30, Trouble.CUT, 8),
    ],
)
def test_a_flaky_host_is_worth_more_tries_than_a_sound_one(asked, failed, trouble, tries):
    """The share of tries in vain says how many make a loss by chance improbable."""
    assert Record(asked, failed).tries(trouble) == tries


def test_what_fails_while_nothing_of_a_host_comes_is_tried_on():
    """Three URLs that fail with no answer between them are an outage; a page that fails alone is not."""
    record = Record(100, 0)
    urls = [Url(f"https://blog.example/{number}") for number in range(3)]
    for _ in range(5):
        record.note(urls[0], Trouble.LOST, 3)
    assert not record.worth(urls[0], Trouble.LOST, 9)
    record.note(urls[1], Trouble.LOST, 3)
    assert not record.worth(urls[0], Trouble.LOST, 9)
    assert record.worth(urls[2], Trouble.LOST, 9)
    assert not record.worth(urls[2], Trouble.BROKEN, 9)
    record.note(urls[0], None, 1)
    assert not record.worth(urls[2], Trouble.LOST, 9)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["answered", "throttled", "throttled-without", "unreached"]),
        st.integers(-7_200, 7_200),  # how the clock moves, seconds
        st.integers(0, 90),
    ),
    max_size=40,
)


@given(EVENTS, st.integers(0, 90), st.integers(0, 90))
def test_no_clock_and_no_event_make_a_request_come_sooner_than_the_delay(events, delay, crawl_delay):
    """Whatever a host does, and even where the clock is set back: from start to start by that clock lies a delay."""
    pace = HostPace(Politeness(delay=delay * SECOND, max_delay=60 * SECOND))
    pace.ask_delay(crawl_delay * SECOND)
    wanted = max(delay, min(crawl_delay, 60)) * SECOND
    now = NOW
    started = None
    for event, moved, seconds in events:
        now += moved * SECOND
        if pace.next_at <= now and pace.has_room:
            assert started is None or now - started >= wanted
            pace.start(now)
            started = now
        if pace.in_flight:
            pace.release()
            match event:
                case "answered":
                    pace.answered(now, seconds * SECOND)
                case "throttled":
                    pace.throttled(now, seconds * SECOND)
                case "throttled-without":
                    pace.throttled(now, None)
                case _:
                    pace.unreached(now, seconds * SECOND)
