"""Quiet hours, by the clock on the wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from frontiers import SOURCE, Crawl, configuration, links
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.config.quiet import leave_room, parse_quiet_hours
from umecrawl.frontier.quiet import free_at

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def quiet(*texts):
    """Return quiet hours as the file has them."""
    return tuple(map(parse_quiet_hours, texts))


def local(text):
    """Return the moment that a clock in Stockholm shows."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "free"),
    [
        (["22:00-06:00"], "2024-03-01T21:59:59", "2024-03-01T21:59:59"),
        (["22:00-06:00"], "2024-03-01T22:00", "2024-03-02T06:00"),
        (["22:00-06:00"], "2024-03-02T05:59", "2024-03-02T06:00"),
        (["22:00-06:00"], "2024-03-02T06:00", "2024-03-02T06:00"),
        (["08:00-12:00", "12:00-17:00"], "2024-03-01T09:00", "2024-03-01T17:00"),
        (["20:00-24:00", "00:00-07:00"], "2024-03-01T21:00", "2024-03-02T07:00"),
        (["fri 22:00-06:00"], "2024-03-02T05:00", "2024-03-02T06:00"),
        (["sat 22:00-06:00"], "2024-03-02T05:00", "2024-03-02T05:00"),
        (["sat-sun 00:00-24:00"], "2024-03-02T05:00", "2024-03-04T00:00"),
        (["fri-mon 00:00-24:00"], "2024-03-01T05:00", "2024-03-05T00:00"),
        # The night in which the clocks are put forward (two o'clock becomes three), and the one with an hour twice.
        (["22:00-06:00"], "2024-03-30T23:00", "2024-03-31T06:00"),
        (["01:00-02:30"], "2024-03-31T01:30", "2024-03-31T03:30"),
        (["22:00-06:00"], "2024-10-26T23:00", "2024-10-27T06:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(hours, moment, free):
    """Over midnight, over several stretches, by the day on which they begin, and through a change of the clocks."""
    assert free_at(local(moment), quiet(*hours), STOCKHOLM) == local(free)


def test_an_hour_that_comes_twice_is_quiet_twice():
    """On 27 October 2024 a clock in Stockholm shows half past two at 00:30 and at 01:30 UTC."""
    hours = quiet("02:00-03:00")
    for first in (datetime(2024, 10, 27, 0, 30, tzinfo=UTC), datetime(2024, 10, 27, 1, 30, tzinfo=UTC)):
        assert free_at(first, hours, STOCKHOLM) == datetime(2024, 10, 27, 2, tzinfo=UTC)


TIMES = st.times().map(lambda moment: f"{moment:%H:%M}")
DAYS = st.sampled_from(["", "mon ", "fri-mon ", "sat-sun ", "tue-thu "])
MOMENTS = st.integers(0, 366 * 24 * 60).map(lambda minutes: local("2024-01-01") + timedelta(minutes=minutes))
STRETCHES = st.lists(st.builds(lambda d, a, b: parse_quiet_hours(f"{d}{a}-{b}"), DAYS, TIMES, TIMES), max_size=4)


@given(STRETCHES.filter(leave_room), MOMENTS)
def test_whatever_the_hours_there_is_a_first_moment_outside_of_them(hours, moment):
    """It is not before the one asked for, and asking again from there changes nothing."""
    free = free_at(moment, hours, STOCKHOLM)
    assert moment <= free <= moment + timedelta(days=8)
    assert free_at(free, hours, STOCKHOLM) == free


def test_nobody_is_asked_in_quiet_hours():
    """What would be due waits for their end; the host of another source is asked meanwhile."""
    text = SOURCE + 'quiet_hours = ["22:00-06:00"]\n[[source]]\nname = "b"\nseeds = ["https://b.example/"]\n'
    crawl = Crawl(configuration(text), now=local("2024-03-30T21:59:58"))
    crawl.frontier.seed_all()
    pages = {
        f"https://{host}.example/": links(*(f"https://{host}.example/{n}" for n in range(9))) for host in ("blog", "b")
    }
    times = {"blog.example": [], "b.example": []}
    while (candidate := crawl.next()) is not None:
        times[candidate.url.split("/")[2]].append(crawl.now)
        crawl.captured(
            candidate, 404 if candidate.hop_path.endswith("P") else 200, outlinks=pages.get(candidate.url, ())
        )
    begin, end = local("2024-03-30T22:00"), local("2024-03-31T06:00")
    assert len(times["blog.example"]) == len(times["b.example"]) == 11
    assert not [moment for moment in times["blog.example"] if begin <= moment < end]
    assert max(times["b.example"]) < begin + timedelta(minutes=1)
    assert crawl.frontier.hosts()[0].next_at >= end
