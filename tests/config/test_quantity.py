"""Durations and sizes as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.config.quantity import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("1s", timedelta(seconds=1)),
        ("500ms", timedelta(milliseconds=500)),
        ("0s", timedelta(0)),
        ("6h", timedelta(hours=6)),
        ("1.5s", timedelta(seconds=1.5)),
        ("1h30m", timedelta(minutes=90)),
        (" 10 min ", timedelta(minutes=10)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_a_duration_names_its_units(text, duration):
    """Every unit is read, and several add up."""
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "1", "s", "-1s", "1 year", "1s later", "1e3s", "999999999w999999999w", "\u0661s"])
def test_anything_else_is_no_duration(text):
    """A number without unit, a sign and words are refused."""
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "octets"),
    [("100MB", 100_000_000), ("64MiB", 64 << 20), ("1.5 kb", 1500), ("0B", 0), ("2TB", 2 * 10**12)],
)
def test_a_size_is_decimal_unless_it_says_ib(text, octets):
    """MB counts in thousands, MiB in powers of two."""
    assert parse_size(text) == octets


@pytest.mark.parametrize("text", ["", "100", "MB", "-1MB", "1 ib", "1PB", "1 MB more"])
def test_anything_else_is_no_size(text):
    """A size needs a number and a unit that is known."""
    with pytest.raises(ValueError, match="size"):
        parse_size(text)


@given(st.integers(min_value=0, max_value=10**13))
def test_durations_and_sizes_read_back_what_they_write(number):
    """Writing a value and reading it again gives the value."""
    assert parse_size(format_size(number)) == number
    duration = timedelta(milliseconds=number % 10**11)
    assert parse_duration(format_duration(duration)) == duration
