"""The moments that a cron line names, over the two changes of the clock in a year."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.config.cron import is_cron, last_moment, moments_after

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TO_SUMMER = datetime(2026, 3, 29, 1, tzinfo=UTC)  # 02:00 becomes 03:00
TO_WINTER = datetime(2026, 10, 25, 1, tzinfo=UTC)  # 03:00 becomes 02:00
LINES = ("30 2 * * *", "0 6-22 * * *", "*/20 * * * *", "15 2,3 * * *", "0 3 * * 0", "0 0 1 1 *", "0,30 2 * * *")


def local(moments):
    """Return moments as the clocks of Stockholm show them."""
    return [f"{at.astimezone(STOCKHOLM):%m-%d %H:%M %Z}" for at in moments]


def test_a_night_job_runs_once_in_the_night_without_its_hour():
    """What the change to summer time leaves out comes at the change, and the days around it as always."""
    found = islice(moments_after("30 2 * * *", STOCKHOLM, TO_SUMMER - timedelta(days=2)), 4)
    assert ["03-27 02:30 CET", "03-28 02:30 CET", "03-29 03:00 CEST", "03-30 02:30 CEST"] == local(found)


def test_a_night_job_runs_once_in_the_night_with_its_hour_twice():
    """The first of the two counts, also for somebody who asks between them."""
    assert ["10-25 02:30 CEST", "10-26 02:30 CET"] == local(
        islice(moments_after("30 2 * * *", STOCKHOLM, TO_WINTER - timedelta(hours=3)), 2)
    )
    between = TO_WINTER + timedelta(minutes=10)  # 02:10 for the second time
    assert ["10-26 02:30 CET"] == local(islice(moments_after("30 2 * * *", STOCKHOLM, between), 1))


@pytest.mark.parametrize("change", [TO_SUMMER, TO_WINTER])
def test_a_job_of_every_so_many_minutes_goes_by_the_time_that_passes(change):
    """Nothing is left out and nothing doubled over a change of the clock."""
    found = list(islice(moments_after("*/20 * * * *", STOCKHOLM, change - timedelta(hours=2)), 12))
    assert {timedelta(minutes=20)} == {later - earlier for earlier, later in pairwise(found)}


@given(
    line=st.sampled_from(LINES),
    change=st.sampled_from([TO_SUMMER, TO_WINTER]),
    minutes=st.integers(-3 * 1440, 3 * 1440),
    behind=st.integers(1, 40 * 1440),
)
def test_the_last_moment_is_the_last_of_all(line, change, minutes, behind):
    """Looking back from a time finds what counting up to it finds."""
    until = change + timedelta(minutes=minutes)
    after = until - timedelta(minutes=behind)
    counted = list(takewhile(lambda at: at <= until, moments_after(line, STOCKHOLM, after)))
    assert (counted[-1] if counted else None) == last_moment(line, STOCKHOLM, after, until)


@pytest.mark.parametrize(
    "line", ["", "hourly", "@daily", "* * * *", "0 0 6 * * *", "60 * * * *", "0 0 30 2 *", "0 25 * * *", "a b c d e"]
)
def test_what_names_no_time_is_no_cron_line(line):
    """Words, six fields, numbers out of range, and days that no year has."""
    assert not is_cron(line)


@pytest.mark.parametrize("line", ["0 0 29 2 *", "0 0 l * *", "0 6 * * mon#1", "0 0 * * sun", "5-59/10 8-18 * * 1-5"])
def test_what_names_a_time_is_a_cron_line(line):
    """Leap days, last days of months, and the first Monday of each come, if seldom."""
    assert is_cron(line)
