"""How dates are read: every form that Swedish pages use, and nothing that is a guess."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.extract.dates import STOCKHOLM, find_dates, parse_date, refusal, same_day, url_date, url_month

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
        ("publicerad 3 jan. 2024 kl. 10.15", "2024-01-03T10:15:00+01:00"),
        ("onsdag den 9 november 2022 kl 17:00", "2022-11-09T17:00:00+01:00"),
        ("kl 10.15 den 6 maj 2023", "2023-05-06T10:15:00+02:00"),
        ("6. mai 2023 kl. 10:15", "2023-05-06T10:15:00+02:00"),
        ("6. maj 2023 kl. 10.15", "2023-05-06T10:15:00+02:00"),
        ("6. toukokuuta 2023 klo 10.15", "2023-05-06T10:15:00+02:00"),
        ("6.5.2023 klo 10.15", "2023-05-06T10:15:00+02:00"),
        ("Samstag, 6. Mai 2023 um 10:15", "2023-05-06T10:15:00+02:00"),
        ("May 6th, 2023 at 3:15 PM", "2023-05-06T15:15:00+02:00"),
        ("6 de mayo de 2023", "2023-05-06"),
        ("2023. 05. 06.", "2023-05-06"),
        ("den 6 maj 2023, 10 personer", "2023-05-06"),
        ("15 Kas\u0131m 2023", "2023-11-15"),
        ("15 KASIM 2023", "2023-11-15"),
        ("6 APRİL 2023", "2023-04-06"),
        ("6 augu\u017fti 2023", "2023-08-06"),
        ("6 maj 2023 10.5%", "2023-05-06"),
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
        ("Sat, 06 May 2023 10:15:00 +0200", None, "2023-05-06T10:15:00+02:00"),
        ("Sat May 06 2023 10:15:00 GMT+0200", None, "2023-05-06T10:15:00+02:00"),
        ("2023-05-06T08:15:00Z", STOCKHOLM, "2023-05-06T10:15:00+02:00"),
        ("2023-05-05T22:00:00Z", STOCKHOLM, "2023-05-06T00:00:00+02:00"),
        ("20230506101500", STOCKHOLM, "2023-05-06T10:15:00+02:00"),
        ("1683360900", None, "2023-05-06T08:15:00Z"),
        ("1683360900000", None, "2023-05-06T08:15:00Z"),
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


@pytest.mark.parametrize(
    ("text", "day_first", "value"),
    [
        ("12/10 2018", True, "2018-10-12"),
        ("12/10/2018", False, "2018-12-10"),
        ("12/10/2018", None, None),
        ("12.10.2018", None, "2018-10-12"),
        ("31/10/2018", None, "2018-10-31"),
        ("10/31/2018", None, "2018-10-31"),
        ("10/10/2018", None, "2018-10-10"),
    ],
)
def test_two_numbers_are_read_in_the_order_of_the_page(text, day_first, value):
    """Day first in Sweden, month first in America; where nobody says and both could be a month, nothing."""
    assert parse_date(text, CAPTURED, day_first=day_first) == value


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("2031-01-01", "2031-01-01 lies after the capture"),
        ("1970-01-01T00:00:00Z", "1970-01-01 is older than the web"),
        ("den 6 maj 2031", "2031-05-06 lies after the capture"),
        ("2023-05-06", ""),
        ("snart", ""),
    ],
)
def test_a_refused_date_says_why(raw, reason):
    """A date in the future or before the web is refused in words; what is no date needs none."""
    assert refusal(raw, CAPTURED) == reason


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://a.example/2022/05/slug/", "2022-05"),
        ("https://a.example/2022/05/slug.html", "2022-05"),
        ("https://a.example/2022/05/25/slug/", None),
        ("https://a.example/2022/05/", None),
        ("https://a.example/2031/05/slug/", None),
    ],
)
def test_a_permalink_may_name_a_month(url, value):
    """Blogger and others put year and month in the address; that is all it tells."""
    assert url_month(url, CAPTURED) == value


def test_a_month_agrees_with_its_days():
    """A month in the address and a day on the page do not contradict each other."""
    assert same_day("2022-05-25T10:15:00+02:00", "2022-05")
    assert same_day("2022-05-25", "2022-05-25T10:15:00+02:00")
    assert not same_day("2022-05-25", "2022-06")


MONTHS = {
    "sv": [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "nb": [
        "januar",
        "februar",
        "mars",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "desember",
    ],
    "da": [
        "januar",
        "februar",
        "marts",
        "april",
        "maj",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "fi": [
        "tammikuuta",
        "helmikuuta",
        "maaliskuuta",
        "huhtikuuta",
        "toukokuuta",
        "kesäkuuta",
        "heinäkuuta",
        "elokuuta",
        "syyskuuta",
        "lokakuuta",
        "marraskuuta",
        "joulukuuta",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
FORMS = {
    "sv": ("den {d} {m} {y}", "{d} {m} {y}", "{d}:e {m} {y}", "{d}/{n} {y}", "{d}/{n}-{y}", "{y}-{n:02}-{d:02}"),
    "nb": ("{d}. {m} {y}", "{d}.{n}.{y}", "{d}/{n} {y}"),
    "da": ("{d}. {m} {y}", "den {d}. {m} {y}", "{d}.{n}.{y}"),
    "fi": ("{d}. {m} {y}", "{d}.{n}.{y}"),
    "de": ("{d}. {m} {y}", "{d:02}.{n:02}.{y}"),
    "en": ("{m} {d}, {y}", "{d} {m} {y}", "{d} {m}, {y}"),
}
CLOCKS = ("", " kl {h:02}:{i:02}", " kl. {h:02}.{i:02}", " {h}:{i:02}", ", {h:02}:{i:02}")


@given(
    st.sampled_from(sorted(FORMS)).flatmap(lambda tongue: st.tuples(st.just(tongue), st.sampled_from(FORMS[tongue]))),
    st.dates(date(1995, 1, 1), date(2024, 8, 31)),
    st.sampled_from(CLOCKS),
    st.integers(4, 23),
    st.integers(0, 59),
)
def test_every_form_comes_back_as_the_day_and_clock_it_was_written_from(form, day, clock, hour, minute):
    """What is written in a form of a language is read as the same day, and the same minute where there is one."""
    tongue, pattern = form
    written = (pattern + clock).format(
        d=day.day, m=MONTHS[tongue][day.month - 1], n=day.month, y=day.year, h=hour, i=minute
    )
    value = parse_date(written, CAPTURED, STOCKHOLM)
    assert value is not None, written
    wanted = datetime(day.year, day.month, day.day, hour, minute, tzinfo=STOCKHOLM)
    assert value == (wanted.isoformat() if clock else day.isoformat()), written
