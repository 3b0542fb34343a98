"""Dates that lean on the moment they were shown: `i dag 10:15`, `för 3 timmar sedan`, `6/3`, `onsdag den 9 november`.

Only for places that are there to tell a date: in running text such words are about the story.
"""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from umecrawl.extract.dates import CLOCK, DAY, NUMBER, clock_value, implausible
from umecrawl.extract.months import MONTH, WEEKDAY, month_number, weekday_number

_AGO = re.compile(
    r"(?:\b(?:för|for|vor|il y a|hace)\s+)?(?:(?:cirka|ca|ungefär|about)\s+)?\b(?P<count>\d{1,3}|en|ett|ein|"
    r"eine[rm]?|et|an?|one)\s*"
    r"(?P<unit>minut(?:er|ter|tia|en|e|es)?|min\.?|mins|minutes?|m|timm(?:e|ar)|tim\.?|timer?|tunti?a|t\.?|"
    r"hours?|hrs?|h|"
    r"stunden?|std\.?|heures?|horas?|dag(?:ar|e|er)?|dygn|days?|d|tag(?:en)?|päivää?|jours?|días?)"
    r"\s+(?P<ago>sedan|siden|sitten|ago)\b|\bvor\s+(?P<count2>\d{1,3}|einer|einem)\s+(?P<unit2>minuten?|"
    r"stunden?|tag(?:en)?)\b",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"m", re.IGNORECASE)
_DAYS = re.compile(r"d(?:ag|ygn|ay|$|ía)|tag|päiv|jour", re.IGNORECASE)
_NEAR = re.compile(
    r"\b(?P<word>i\s?dag|i\s?går|i förrgår|förrgår|i\s?kväll|i\s?natt|i\s?morse|i forgårs|i aften|tänään|eilen|"
    r"today|yesterday|"
    r"heute|gestern|vorgestern|just nu|nyss|alldeles nyss)\b(?:\s+(?P<part>morse|kväll|natt|aften|eftermiddag|"
    r"förmiddag))?"
    rf"{CLOCK}",
    re.IGNORECASE,
)
_BACK = {
    **dict.fromkeys(("igår", "eilen", "yesterday", "gestern"), 1),
    **dict.fromkeys(("iförrgår", "förrgår", "iforgårs", "vorgestern"), 2),
}
# Finnish `eilen` and German `gestern` are in one table with Swedish: no line mixes them.
_EVENING = frozenset({"kväll", "aften", "eftermiddag"})
_WEEKDAY_LEAD = rf"(?:\b(?P<weekday>{WEEKDAY})(?:en)?,?\s+)?(?:\bden\s+)?"
_YEARLESS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        (
            rf"{_WEEKDAY_LEAD}(?<!\d){DAY}(?:\.|:[ea]|st|nd|rd|th)?\s+(?P<month>{MONTH})\b\.?(?![\s,]*(?:19|"
            rf"20)\d\d){CLOCK}"
        ),
        (
            rf"(?:\b(?P<weekday>{WEEKDAY}),?\s+)?\b(?P<month>{MONTH})\b\.?\s+{DAY}(?:st|nd|rd|th)?\b(?![\s,]*(?:19|"
            rf"20)\d\d){CLOCK}"
        ),
        rf"{_WEEKDAY_LEAD}(?<![\d/.-]){DAY}/{NUMBER}(?![\d/]|[\s-]*(?:19|20)\d\d){CLOCK}",
    )
)
_SHORT_YEAR = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # 20/10-21, 6/5 -23, 06.05.23
        rf"(?<![\d/.-]){DAY}/{NUMBER}\s?[-\u2013 ]\s?'?(?P<year>\d\d)(?![\d:./-]){CLOCK}",
        rf"(?<![\d/.-]){DAY}\.{NUMBER}\.(?P<year>\d\d)(?![\d:.]){CLOCK}",
        rf"(?<!\d){DAY}\.?\s+(?P<month>{MONTH})\b\.?\s+[-'\u2019](?P<year>\d\d)(?!\d){CLOCK}",
    )
)
_SINCE = re.compile(rf"\bi\s+(?P<weekday>{WEEKDAY})\b{CLOCK}", re.IGNORECASE)
_WEEK = 7
_YEARS_BACK = 6
_HALF_DAY = 12


def read_relative(
    line: str, captured_at: datetime, zone: ZoneInfo | None = None, *, year: int | None = None
) -> str | None:
    """Return the date of a line that leaves out its year or counts from the capture; nothing where it is too vague.

    Days and clocks are those of `zone`; without one only minutes can be counted back. `year` is the year that the
    page names elsewhere (in its URL); without it a day and month are the last such day before the capture, or the
    last that was the weekday named. Hours ago give the day, weeks and months ago give nothing: they are no dates.
    """
    return (
        _short_year(line, captured_at, zone)
        or _ago(line, captured_at, zone)
        or _near(line, captured_at, zone)
        or _yearless(line, captured_at, zone, year)
        or _since(line, captured_at, zone)
    )


def _short_year(line: str, captured_at: datetime, zone: ZoneInfo | None) -> str | None:
    for form in _SHORT_YEAR:
        for match in form.finditer(line):
            parts = match.groupdict()
            month = int(parts["nmonth"]) if parts.get("nmonth") else month_number(parts["month"])
            short = int(parts["year"])
            day = _day(2000 + short if short <= captured_at.year % 100 else 1900 + short, month, int(parts["day"]))
            if day is not None and not implausible(day.isoformat(), captured_at):
                return clock_value(day, match, zone)
    return None


def _ago(line: str, captured_at: datetime, zone: ZoneInfo | None) -> str | None:
    match = _AGO.search(line)
    if match is None:
        return None
    written = match["count"] or match["count2"]
    count = int(written) if written.isdecimal() else 1
    unit = match["unit"] or match["unit2"]
    if _DAYS.match(unit):
        return (captured_at.astimezone(zone) - timedelta(days=count)).date().isoformat() if zone else None
    if _MINUTES.match(unit):
        moment = (captured_at - timedelta(minutes=count)).replace(second=0, microsecond=0)
        return moment.astimezone(zone).isoformat().replace("+00:00", "Z") if zone else _utc(moment)
    return (captured_at - timedelta(hours=count)).astimezone(zone).date().isoformat() if zone else None


def _utc(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _near(line: str, captured_at: datetime, zone: ZoneInfo | None) -> str | None:
    match = _NEAR.search(line)
    if match is None or zone is None:
        return None
    word = re.sub(r"\s", "", match["word"].lower())
    today = captured_at.astimezone(zone).date()
    day = today - timedelta(days=_BACK.get(word, 0))
    value = clock_value(day, match, zone)
    part = (match["part"] or word.removeprefix("i")).lower()
    if match["hour"] and part in _EVENING and int(match["hour"]) < _HALF_DAY and not match["half"]:
        return (datetime.fromisoformat(value) + timedelta(hours=_HALF_DAY)).isoformat()
    return value


def _yearless(line: str, captured_at: datetime, zone: ZoneInfo | None, year: int | None) -> str | None:
    today = captured_at.astimezone(zone).date() if zone is not None else captured_at.date()
    for form in _YEARLESS:
        for match in form.finditer(line):
            parts = match.groupdict()
            month = int(parts["nmonth"]) if parts.get("nmonth") else month_number(parts["month"])
            weekday = weekday_number(parts["weekday"]) if parts.get("weekday") else None
            day = _last(month, int(parts["day"]), weekday, today, year)
            if day is not None:
                return clock_value(day, match, zone)
    return None


def _last(month: int, number: int, weekday: int | None, today: date, year: int | None) -> date | None:
    years = [year] if year is not None else range(today.year, today.year - _YEARS_BACK, -1)
    for candidate in years:
        day = _day(candidate, month, number)
        if day is not None and day <= today and weekday in {None, day.weekday()}:
            return day
        if weekday is None and day is not None and day <= today:
            break
    return None


def _since(line: str, captured_at: datetime, zone: ZoneInfo | None) -> str | None:
    """Read `i lördags kl 10.15`: the last such day before the capture."""
    match = _SINCE.search(line)
    if match is None or zone is None:
        return None
    today = captured_at.astimezone(zone).date()
    back = (today.weekday() - weekday_number(match["weekday"])) % _WEEK or _WEEK
    return clock_value(today - timedelta(days=back), match, zone)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
