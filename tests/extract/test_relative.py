"""Dates that lean on the moment of the capture."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.extract.dates import STOCKHOLM
from umecrawl.extract.relative import read_relative

CAPTURED = datetime(2024, 9, 1, 12, 34, tzinfo=UTC)  # a Sunday, 14.34 in Stockholm


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("i dag", "2024-09-01"),
        ("Idag 10:15", "2024-09-01T10:15:00+02:00"),
        ("Publicerad i går 22:41", "2024-08-31T22:41:00+02:00"),
        ("i går kväll kl 10.15", "2024-08-31T22:15:00+02:00"),
        ("i morse kl. 07.05", "2024-09-01T07:05:00+02:00"),
        ("i förrgår", "2024-08-30"),
        ("för 5 minuter sedan", "2024-09-01T14:29:00+02:00"),
        ("för 3 timmar sedan", "2024-09-01"),
        ("för 15 timmar sedan", "2024-08-31"),
        ("för två dagar sedan", None),
        ("för 2 dagar sedan", "2024-08-30"),
        ("3 timer siden", "2024-09-01"),
        ("2 days ago", "2024-08-30"),
        ("vor 3 Stunden", "2024-09-01"),
        ("6/3", "2024-03-06"),
        ("(11/11)", "2023-11-11"),
        ("den 6 mars kl 10.15", "2024-03-06T10:15:00+01:00"),
        ("onsdag den 9 november kl 17:00", "2022-11-09T17:00:00+01:00"),
        ("20/10-21", "2021-10-20"),
        ("06.05.23", "2023-05-06"),
        ("i lördags kl 10.15", "2024-08-31T10:15:00+02:00"),
        ("i morgon", None),
        ("för 2 veckor sedan", None),
        ("för 3 månader sedan", None),
        ("mars 2023", None),
        ("6 maj 2023", None),
        ("30 min läsning", None),
        ("torsdag den 30 februari", None),
    ],
)
def test_a_line_is_read_against_the_capture(line, value):
    """Days are those of the page's zone; what is too vague for a day gives nothing."""
    assert read_relative(line, CAPTURED, STOCKHOLM) == value


def test_the_day_is_that_of_the_zone_of_the_page():
    """Half past eleven in the evening in UTC is the next day in Stockholm."""
    late = datetime(2024, 8, 31, 22, 30, tzinfo=UTC)
    assert read_relative("i dag", late, STOCKHOLM) == "2024-09-01"
    assert read_relative("i dag", late) is None


def test_a_year_named_elsewhere_on_the_page_is_taken():
    """A page of 2019 that writes `6/3` means 6 March 2019, whenever it is captured."""
    assert read_relative("6/3", CAPTURED, STOCKHOLM, year=2019) == "2019-03-06"


@given(st.integers(0, 2000), st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is given apart
def test_a_day_without_its_year_is_the_last_before_the_capture(back, captured):
    """Within a year the day comes back; never one that lies ahead."""
    day = captured.astimezone(STOCKHOLM).date() - timedelta(days=back)
    value = read_relative(f"{day.day}/{day.month}", captured, STOCKHOLM)
    if (day.month, day.day) == (2, 29):
        return
    assert value is not None
    found = date.fromisoformat(value)
    assert (found.month, found.day) == (day.month, day.day)
    assert timedelta(0) <= captured.astimezone(STOCKHOLM).date() - found <= timedelta(days=366)


@given(st.text())
def test_no_line_makes_the_reader_fail(line):
    """Any line is read without an exception."""
    read_relative(line, CAPTURED, STOCKHOLM)
