"""The clock by which a crawl waits."""

from datetime import UTC, datetime, timedelta

from umecrawl.model.clock import SteadyClock

NOW = datetime(2024, 3, 1, tzinfo=UTC)


def test_it_begins_with_the_time_of_day_and_then_only_counts():
    """The system's clock may be set; this one follows the seconds that passed."""
    days, seconds = [NOW, NOW + timedelta(days=1), NOW - timedelta(days=1)], [7.0, 8.5, 9.0]
    clock = SteadyClock(lambda: days.pop(0), lambda: seconds.pop(0))
    assert clock() == NOW + timedelta(seconds=1.5)
    assert clock() == NOW + timedelta(seconds=2)


def test_the_real_one_does_not_go_back():
    """Two readings come in order, in UTC."""
    clock = SteadyClock()
    first, second = clock(), clock()
    assert first <= second
    assert first.tzinfo is UTC
