"""Dates as pages write them: RFC 3339 and ISO 8601, Swedish forms, dates in URLs; precision kept, guesses refused."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

# The first web page stood in 1991; what is older is a birthday, a template or an error.
_FIRST_DAY = date(1991, 8, 6)
# A page from a zone ahead of ours may be dated tomorrow; more is an announcement or a wrong clock.
_AHEAD = timedelta(days=1)

# Swedish sites write local time and no zone.
STOCKHOLM = ZoneInfo("Europe/Stockholm")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january januar",
            "februari feb february februar",
            "mars mar march marts",
            "april apr",
            "maj may mai",
            "juni jun june",
            "juli jul july",
            "augusti aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "december dec desember dez",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_CLOCK = (
    r"(?:\s*(?:,|\||-|\u2013|\u00b7|kl\.?|klockan|at|om|ob)?\s*(?:kl\.?|klockan|at)?\s*"
    r"(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?!\d)(?:\s*(?P<half>[ap]\.?m\.?))?)?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # 2023-05-06 10:15, 2023/05/06; ISO 8601 is tried before.
        rf"(?<![\d/.-]){_YEAR}[-/](?P<nmonth>0?[1-9]|1[0-2])[-/]{_DAY}(?!\d)(?:T|\b){_CLOCK}",
        # den 6 maj 2023 kl. 10.15, 5 september, 2020 kl 10:11, 6:e maj 2023
        rf"(?<!\d){_DAY}(?:\.|:?[ea]|st|nd|rd|th)?\s+{_MONTH},?\s+{_YEAR}\b{_CLOCK}",
        # May 6, 2023
        rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}\b{_CLOCK}",
        # 6/5 2023, 2/1-2018, 6.5.2023: day first, as in Sweden
        rf"(?<![\d/.]){_DAY}(?P<slash>[/.])\s?(?P<nmonth>0?[1-9]|1[0-2])(?:(?P=slash)|[ -]|\s-\s){_YEAR}(?!\d){_CLOCK}",
    )
)
_ISO = re.compile(
    r"\s*(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ]+(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?\s*",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"\s*(\d{4})(\d\d)(\d\d)\s*")
_PATH_DAY = re.compile(
    r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>0?[1-9]|1[0-2])[/-](?P<day>0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)"
)
_PATH_COMPACT = re.compile(r"/(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?=/)")
_HALF_DAY = 12


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date with where it stood in the text: `value` is an RFC 3339 time or a bare date."""

    value: str
    start: int
    end: int


def parse_date(raw: str, captured_at: datetime, zone: ZoneInfo | None = None) -> str | None:
    """Return a machine-written date as RFC 3339, or as a bare date where no time (or no zone) is told.

    `zone` is where a time without offset belongs; without it such a time is cut to its date, since it could
    be any of two days' hours. Nothing for what is no date, lies before August 1991 or after the capture.
    """
    match = _ISO.fullmatch(raw)
    if match is not None:
        return _plausible(_iso_value(match, zone), captured_at)
    compact = _COMPACT.fullmatch(raw)
    if compact is not None:
        return _plausible(_day_value(int(compact[1]), int(compact[2]), int(compact[3])), captured_at)
    found = find_dates(raw, captured_at, zone)
    return found[0].value if found else None


def find_dates(text: str, captured_at: datetime, zone: ZoneInfo | None = None) -> list[FoundDate]:
    """Return the complete dates (day, month and year) written in a line of text, in order.

    Reads Swedish forms (`den 6 maj 2023`, `6 maj 2023 kl. 10.15`, `6/5 2023`), ISO 8601 and English month
    names. A date without its year is left alone.
    """
    found: list[FoundDate] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            value = _plausible(_form_value(match, zone), captured_at)
            if value is not None:
                found.append(FoundDate(value, match.start(), match.end()))
    return sorted(found, key=lambda item: item.start)


def url_date(url: str, captured_at: datetime) -> str | None:
    """Return the day a URL path names, as `/2022/05/25/` or `/2020-09-23/` do; a year or month alone is no date."""
    path = urlsplit(url).path
    match = _PATH_DAY.search(path) or _PATH_COMPACT.search(path)
    if match is None:
        return None
    return _plausible(_day_value(int(match["year"]), int(match["month"]), int(match["day"])), captured_at)


def same_day(one: str, other: str) -> bool:
    """Return whether two values of this module name the same local day."""
    return one[:10] == other[:10]


def _plausible(value: str | None, captured_at: datetime) -> str | None:
    if value is None:
        return None
    latest = (captured_at + _AHEAD).date()
    return value if _FIRST_DAY <= date.fromisoformat(value[:10]) <= latest else None


def _day_value(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _iso_value(match: re.Match[str], zone: ZoneInfo | None) -> str | None:
    day = _day_value(int(match["year"]), int(match["month"]), int(match["day"]))
    if day is None or match["hour"] is None:
        return day
    offset = _offset(match["zone"])
    # Midnight to the second without a zone is how content systems write "no time known".
    if offset is None and (zone is None or f"{match['hour']}{match['minute']}{match['second'] or '00'}" == "000000"):
        return day
    clock = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    try:
        moment = datetime.combine(date.fromisoformat(day), time(*clock), tzinfo=offset or zone)
    except ValueError:
        return day
    return moment.isoformat().replace("+00:00", "Z")


def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return None
    if zone.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if ahead >= timedelta(days=1):
        return None
    return timezone(ahead if zone[0] == "+" else -ahead)


def _form_value(match: re.Match[str], zone: ZoneInfo | None) -> str | None:
    parts = match.groupdict()
    number = parts.get("nmonth")
    month = int(number) if number else _MONTHS[parts["month"].lower().rstrip(".")]
    year, day = int(parts["year"]), int(parts["day"])
    value = _day_value(year, month, day)
    if value is None or not parts["hour"] or zone is None:
        return value
    hour = int(parts["hour"])
    half = (parts["half"] or "").lower().replace(".", "")
    if half and not 1 <= hour <= _HALF_DAY:
        return value
    if half:
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)
    moment = datetime(year, month, day, hour, int(parts["minute"]), int(parts["second"] or 0), tzinfo=zone)
    return moment.isoformat()
