"""How dates are read: every form that Swedish pages use, and nothing that is a guess."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.extract.dates import STOCKHOLM, find_dates, parse_date, url_date

CAPTURED = datetime(2024, 9, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("den 6 maj 2023", "2023-05-06"),
        ("6 maj 2023", "2023-05-06"),
        ("6:e maj 2023", "2023-05-06"),
        ("6 augusti 2022", "2022-08-06"),
        ("6 maj 2023 kl. 10.15", "2023-05-06T10:15:00+02:00"),
        ("5 september, 2020 kl 10:11", "2020-09-05T10:11:00+02:00"),
        ("Onsdag 23 september 2020, kl 06:00", "2020-09-23T06:00:00+02:00"),
        ("20 mars 2023 05:00", "2023-03-20T05:00:00+01:00"),
        ("2023-05-06 10:15", "2023-05-06T10:15:00+02:00"),
        ("2023-05-06 kl 07:00", "2023-05-06T07:00:00+02:00"),
        ("Publicerad: 2023-03-14.", "2023-03-14"),
        ("6/5 2023", "2023-05-06"),
        ("2/1-2018", "2018-01-02"),
        ("20/10 2021", "2021-10-20"),
        ("6.5.2023", "2023-05-06"),
        ("May 6, 2023", "2023-05-06"),
        ("6 okt. 2022", "2022-10-06"),
    ],
)
def test_written_dates_keep_their_precision(text, value):
    """A date with a clock becomes a time in Swedish time; one without stays a day."""
    assert [found.value for found in find_dates(text, CAPTURED, STOCKHOLM)] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "6/3",
        "(11/11)",
        "i dag",
        "maj 2023",
        "2023",
        "31 februari 2023",
        "6 maj 1988",
        "6 maj 2031",
        "den 6 mars",
        "2023/24",
        "tel 090-123 45 67",
        "version 1.2.3.2023",
    ],
)
def test_what_is_no_complete_and_possible_date_is_left_alone(text):
    """No year, no such day, before the web or after the capture: nothing is made up."""
    assert find_dates(text, CAPTURED, STOCKHOLM) == []


@pytest.mark.parametrize(
    ("raw", "zone", "value"),
    [
        ("2023-05-06T10:15:00+02:00", None, "2023-05-06T10:15:00+02:00"),
        ("2023-05-06T10:15:00Z", None, "2023-05-06T10:15:00Z"),
        ("2023-05-06T10:15:00.123+0200", None, "2023-05-06T10:15:00+02:00"),
        ("2023-05-06T10:15", None, "2023-05-06"),
        ("2023-05-06T10:15", STOCKHOLM, "2023-05-06T10:15:00+02:00"),
        ("2023-01-06 10:15:30", STOCKHOLM, "2023-01-06T10:15:30+01:00"),
        ("2023-05-06T00:00:00", STOCKHOLM, "2023-05-06"),
        ("20230506", None, "2023-05-06"),
        ("2023-05-06T25:15:00Z", None, "2023-05-06"),
        ("2023-13-06", None, None),
        ("2031-01-01T00:00:00Z", None, None),
        ("", None, None),
    ],
)
def test_machine_dates_are_not_given_a_zone_they_do_not_have(raw, zone, value):
    """A time without an offset is cut to its day, unless the page is known to write Swedish time."""
    assert parse_date(raw, CAPTURED, zone) == value


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://a.example/2022/05/25/slug/", "2022-05-25"),
        ("https://a.example/2020-09-23/debatt-slug", "2020-09-23"),
        ("https://a.example/nyheter/20230506/slug", "2023-05-06"),
        ("https://a.example/2022/05/", None),
        ("https://a.example/2022/", None),
        ("https://a.example/2022/13/25/slug/", None),
        ("https://a.example/artikel/2022-05", None),
        ("https://a.example/x?datum=2022-05-06", None),
    ],
)
def test_only_a_whole_day_in_the_path_is_a_date(url, value):
    """A year or a month in a path is no date: 1 January would be a guess."""
    assert url_date(url, CAPTURED) == value


@given(st.datetimes(datetime(1995, 1, 1), datetime(2024, 8, 1)), st.integers(-12 * 4, 14 * 4))  # noqa: DTZ001 - the zone is drawn apart
def test_an_rfc_3339_time_comes_back_as_the_same_moment(moment, quarters):
    """Reading what `isoformat` writes gives the same moment, in whatever zone it was written."""
    written = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    value = parse_date(written.isoformat(), CAPTURED)
    assert value is not None
    assert datetime.fromisoformat(value) == written


@given(st.text())
def test_no_text_makes_the_parser_fail(text):
    """Any text is read without an exception, and what is found lies inside it."""
    for found in find_dates(text, CAPTURED, STOCKHOLM):
        assert 0 <= found.start < found.end <= len(text)
    parse_date(text, CAPTURED, STOCKHOLM)
