"""Dates as pages write them: RFC 3339 and ISO 8601, Nordic forms, dates in URLs; precision kept, guesses refused.

Reads complete dates only; `relative` reads those that lean on the day of the capture.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from umecrawl.extract.months import MONTH, month_number

# The first web page stood in 1991; what is older is a birthday, a template or an error.
_FIRST_DAY = date(1991, 8, 6)
# A page from a zone ahead of ours may be dated tomorrow; more is an announcement or a wrong clock.
_AHEAD = timedelta(days=1)

# Swedish sites write local time and no zone.
STOCKHOLM = ZoneInfo("Europe/Stockholm")

_ZONE = r"(?:Z\b|(?:UTC|GMT|CES?T|MES?Z|EES?T)?\s?[+-]\d\d:?\d\d\b|UTC\b|GMT\b|CES?T\b|MES?Z\b|EES?T\b)"
CLOCK = (
    r"(?:\s*(?:,|\||-|\u2013|\u2014|\u00b7|\u2022|/|kl\.?|klo|klockan|at|om|ob|um)?\s*(?:kl\.?|klo|klockan|at)?\s*"
    r"(?P<hour>[01]?\d|2[0-3])(?P<colon>[:.])(?P<minute>[0-5]\d)(?!\d)(?:[:.](?P<second>[0-5]\d)(?!\d))?(?!\s?[%\d])"
    rf"(?:\s*(?P<half>[ap]\.?m\b\.?))?(?:\s?(?P<zone>{_ZONE}))?)?"
)
_BEFORE = re.compile(
    r"(?:(?:kl\.?|klo|klockan)\s*(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)|"
    r"(?<![\d:.])(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d))"
    r"(?P<second>(?!))?\s*(?P<half>[ap]\.?m\b\.?)?\s*(?P<zone>UTC|GMT|CES?T)?\s*"
    r"(?:,|-|\u2013|\||den|on)?\s*(?:\w+dag(?:en)?,?\s+(?:den\s+)?)?$",
    re.IGNORECASE,
)
_BEFORE_ROOM = 40  # characters in front of a date in which its clock may stand
_YEAR = r"(?P<year>(?:19|20)\d\d)"
DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
NUMBER = r"(?P<nmonth>0?[1-9]|1[0-2])"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # 2023-05-06 10:15, 2023/05/06, 2023. 05. 06.; ISO 8601 is tried before.
        rf"(?<![\d/.-]){_YEAR}(?P<bar>[-/.])\s?{NUMBER}(?P=bar)\s?{DAY}(?!\d)(?:T|\b)\.?{CLOCK}",
        # den 6 maj 2023 kl. 10.15, 5 september, 2020 kl 10:11, 6:e maj 2023, 6. toukokuuta 2023, 6 de mayo de 2023
        (
            rf"(?<!\d){DAY}(?:\.|:?[ea]|st|nd|rd|th|er|º)?(?:\s+|-|(?<=\.))(?:de |"
            rf"of )?(?P<month>{MONTH})\b\.?,?(?:\s+|-)(?:de |del )?"
            rf"{_YEAR}\b{CLOCK}"
        ),
        # May 6, 2023, May 6th, 2023
        rf"\b(?P<month>{MONTH})\b\.?\s*{DAY}(?:st|nd|rd|th)?(?:,\s*|\s+){_YEAR}\b{CLOCK}",
        # 6/5 2023, 2/1-2018, 6.5.2023, 6-5-2023: two numbers and a year
        (
            rf"(?<![\d/.-])(?P<one>0?[1-9]|[12]\d|3[01])(?P<slash>[/.-])\s?(?P<two>0?[1-9]|[12]\d|3[01])"
            rf"(?:(?P=slash)\s?|[ -]|\s-\s|,\s?){_YEAR}(?!\d){CLOCK}"
        ),
        rf"{_YEAR}\s?[年년]\s?{NUMBER}\s?[月월]\s?{DAY}\s?[日일]{CLOCK}",
        # 2023 maj 6, as archives of blogs have it
        rf"(?<!\d){_YEAR}\s+(?P<month>{MONTH})\b\.?\s+{DAY}(?!\d){CLOCK}",
    )
)
_ISO = re.compile(
    r"\s*(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ]+(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?\s*",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"\s*(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})?)?\s*", re.IGNORECASE)
_EPOCH = re.compile(r"\s*(1[0-9]{9}|[7-9][0-9]{8})(?:\d{3})?\s*")  # seconds or milliseconds, from 1992 on
_PATH_DAY = re.compile(
    r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>0?[1-9]|1[0-2])[/-](?P<day>0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)"
)
_PATH_COMPACT = re.compile(r"/(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?=/)")
_PATH_MONTH = re.compile(r"/(?P<year>(?:19|20)\d\d)/(?P<month>0[1-9]|1[0-2])(?=/[^/]*[^/\d][^/]*/?$)")
_HALF_DAY = 12
_ZONES = {"CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3}
_MOST_DATES = 200  # that are looked for in one text: each is compared with those before it


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date with where it stood in the text: `value` is an RFC 3339 time or a bare date."""

    value: str
    start: int
    end: int


def parse_date(
    raw: str, captured_at: datetime, zone: ZoneInfo | None = None, *, day_first: bool | None = True
) -> str | None:
    """Return a machine-written date as RFC 3339, or as a bare date where no time (or no zone) is told.

    `zone` is where a time without offset belongs; without it such a time is cut to its date, since it could
    be any of two days' hours. A time in UTC is told on the clock of `zone`. `day_first` as in `find_dates`. Nothing
    for what is no date, lies before August 1991 or after the capture.
    """
    values = [_local(value, zone) for value in _read(raw, zone, day_first=day_first)]
    return next((value for value in values if not implausible(value, captured_at)), None)


def refusal(raw: str, captured_at: datetime, zone: ZoneInfo | None = None, *, day_first: bool | None = True) -> str:
    """Return in words why a raw value is not taken although it is a date; empty for a date and for what is none."""
    values = _read(raw, zone, day_first=day_first)
    reasons = [implausible(value, captured_at) for value in values]
    return reasons[0] if reasons and all(reasons) else ""


def find_dates(
    text: str, captured_at: datetime, zone: ZoneInfo | None = None, *, day_first: bool | None = True
) -> list[FoundDate]:
    """Return the complete dates (day, month and year) written in a line of text, in order.

    Reads the forms of the Nordic countries (`den 6 maj 2023`, `6 maj 2023 kl. 10.15`, `6/5 2023`, `6. mai 2023`,
    `6. toukokuuta 2023`), ISO 8601, RFC 5322 and the names of months in English, German and other languages.
    `day_first` tells how two numbers parted by a stroke are meant; where it is None and both could be a month,
    nothing is read. A date without its year is left alone.
    """
    return [found for found in _found(text, zone, day_first=day_first) if not implausible(found.value, captured_at)]


def url_date(url: str, captured_at: datetime) -> str | None:
    """Return the day a URL path names, as `/2022/05/25/` or `/2020-09-23/` do; a year or month alone is no date."""
    path = urlsplit(url).path
    match = _PATH_DAY.search(path) or _PATH_COMPACT.search(path)
    if match is None:
        return None
    day = _day_value(int(match["year"]), int(match["month"]), int(match["day"]))
    return day if day is not None and not implausible(day, captured_at) else None


def url_month(url: str, captured_at: datetime) -> str | None:
    """Return the month a permalink names, as `/2022/05/slug` does: `2022-05`."""
    match = _PATH_MONTH.search(urlsplit(url).path)
    if match is None or url_date(url, captured_at) is not None:
        return None
    month = f"{match['year']}-{match['month']}"
    return month if _FIRST_DAY.isoformat()[:7] <= month <= captured_at.date().isoformat()[:7] else None


def same_day(one: str, other: str) -> bool:
    """Return whether two values of this module name the same local day, or one the month of the other."""
    length = min(len(one), len(other), 10)
    return one[:length] == other[:length]


def implausible(value: str, captured_at: datetime) -> str:
    """Return in words why a page cannot have been published then; empty where it can."""
    day = date.fromisoformat(value[:10])
    if day > (captured_at + _AHEAD).date():
        return f"{value[:10]} lies after the capture"
    return f"{value[:10]} is older than the web" if day < _FIRST_DAY else ""


def clock_value(day: date, match: re.Match[str], zone: ZoneInfo | None) -> str:
    """Return a day with the clock that a match of `CLOCK` holds, or the bare day where no zone tells its hour."""
    parts = match.groupdict()
    hour = parts.get("hour") or parts.get("h")
    offset = _offset(parts.get("zone"))
    if not hour or (zone is None and offset is None):
        return day.isoformat()
    half = (parts["half"] or "").lower().replace(".", "")
    count = int(hour)
    if half and not 1 <= count <= _HALF_DAY:
        return day.isoformat()
    if half:
        count = count % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)
    clock = time(count, int(parts.get("minute") or parts["m"] or 0), int(parts["second"] or 0))
    if clock == time(0) and offset is None and parts["second"]:
        return day.isoformat()  # 00:00:00 is how content systems write that no time is known
    return _moment(day, clock, offset or zone)


def _moment(day: date, clock: time, zone: timezone | ZoneInfo | None) -> str:
    return _written(datetime.combine(day, clock, tzinfo=zone))


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _local(value: str, zone: ZoneInfo | None) -> str:
    """Write a moment given in UTC on the clock of its page, whose midnight begins the day its readers see."""
    if zone is None or not value.endswith("Z"):
        return value
    return _written(datetime.fromisoformat(value).astimezone(zone))


def _read(raw: str, zone: ZoneInfo | None, *, day_first: bool | None) -> list[str]:
    """Return what a raw value may mean, as it stands, not yet asked whether it can be true."""
    match = _ISO.fullmatch(raw)
    if match is not None:
        return [value for value in [_iso_value(match, zone)] if value is not None]
    compact = _COMPACT.fullmatch(raw)
    epoch = _EPOCH.fullmatch(raw)
    if compact is not None:
        day = _day_value(int(compact[1]), int(compact[2]), int(compact[3]))
        if day is not None:
            return [_compact_value(day, compact, zone)]
    if epoch is not None:
        return [_moment_of(int(epoch[1]))]
    return [found.value for found in _found(raw, zone, day_first=day_first)]


def _moment_of(seconds: int) -> str:
    return _written(datetime.fromtimestamp(seconds, UTC))


def _found(text: str, zone: ZoneInfo | None, *, day_first: bool | None) -> list[FoundDate]:
    found: list[FoundDate] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if len(found) >= _MOST_DATES:
                break
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            value = _form_value(match, zone, day_first=day_first)
            if value is not None:
                found.append(FoundDate(value, match.start(), match.end()))
    return sorted(found, key=lambda item: item.start)


def _day_value(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _iso_value(match: re.Match[str], zone: ZoneInfo | None) -> str | None:
    day = _day_value(int(match["year"]), int(match["month"]), int(match["day"]))
    if day is None or match["hour"] is None:
        return day
    return _clocked(day, (match["hour"], match["minute"], match["second"] or "00"), match["zone"], zone)


def _compact_value(day: str, match: re.Match[str], zone: ZoneInfo | None) -> str:
    return day if match[4] is None else _clocked(day, (match[4], match[5], match[6] or "00"), match[7], zone)


def _clocked(day: str, clock: tuple[str, str, str], written: str | None, zone: ZoneInfo | None) -> str:
    offset = _offset(written)
    # Midnight to the second without a zone is how content systems write "no time known".
    if offset is None and (zone is None or "".join(clock) == "000000"):
        return day
    hour, minute, second = map(int, clock)
    try:
        return _moment(date.fromisoformat(day), time(hour, minute, second), offset or zone)
    except ValueError:
        return day


def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return None
    name = zone.upper().strip()
    if name in {"Z", "UTC", "GMT"}:
        return UTC
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    sign = max(name.find("+"), name.find("-"))
    digits = name[sign + 1 :].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead >= timedelta(days=1):
        return None
    return timezone(ahead if name[sign] == "+" else -ahead)


def _form_value(match: re.Match[str], zone: ZoneInfo | None, *, day_first: bool | None) -> str | None:
    parts = match.groupdict()
    year = int(parts["year"])
    if parts.get("one"):
        order = _order(int(parts["one"]), int(parts["two"]), parts["slash"], day_first=day_first)
        if order is None:
            return None
        day, month = order
    else:
        day = int(parts["day"])
        month = int(parts["nmonth"]) if parts.get("nmonth") else month_number(parts["month"])
    value = _day_value(year, month, day)
    if value is None:
        return None
    clock = match if parts["hour"] else _clock_before(match)
    return value if clock is None else clock_value(date.fromisoformat(value), clock, zone)


def _order(one: int, two: int, mark: str, *, day_first: bool | None) -> tuple[int, int] | None:
    """Return day and month of two numbers: a dot is written day first everywhere, a stroke not in America."""
    if mark == "." or two > _HALF_DAY or one > _HALF_DAY or one == two:
        return (one, two) if two <= _HALF_DAY else (two, one)
    if day_first is None:
        return None
    return (one, two) if day_first else (two, one)


def _clock_before(match: re.Match[str]) -> re.Match[str] | None:
    return _BEFORE.search(match.string[max(0, match.start() - _BEFORE_ROOM) : match.start()])
