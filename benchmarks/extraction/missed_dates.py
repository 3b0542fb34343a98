"""Why dates of publication are not gold's: `python benchmarks/extraction/missed_dates.py [EVAL] [--show] [--half 0|1]`.

Counts the labelled pages of EVAL (default `../shared/eval`) whose date is not gold's by the first of these causes:

    nowhere   gold's day stands nowhere in the octets of the page or in its address, in figures, words or seconds
    swapped   gold is the told day with day and month exchanged
    change    gold is the day on which the page says that it was changed
    zone      gold is the day before or after, as the told moment is in another zone
    untold    the day stands somewhere, and none is told
    another   the day stands somewhere, and another one is told

What is left when the first four are set aside is the most that reading pages better could gain. `--show` names the
pages of the last two, `--half` takes one half of all pages, split by their names.
"""

import argparse
import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from metadata import CAPTURED, Labelled, pages, right

from umecrawl.extract.linked_data import read_linked_data
from umecrawl.extract.markup import decode, parse
from umecrawl.extract.metadata import Metadata, permalink, read_metadata
from umecrawl.extract.months import month_number
from umecrawl.extract.outline import outline_of

CAUSES = ("nowhere", "swapped", "change", "zone", "untold", "another")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,4})\s?[-/._ ]\s?(\d{1,2})\s?[-/._ ]\s?(\d{1,4})(?!\d)")
_EASTERN = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})")
_JOINED = re.compile(r"(?<!\d)(20\d\d|19\d\d)([01]\d)([0-3]\d)(?!\d{3,})")
_SECONDS = re.compile(r"(?<!\d)(\d{10})(?:\d{3})?(?!\d)")
_DAY_FIRST = r"(\d{1,2})(?:st|nd|rd|th)?[.,]?\s+(?:de\s+|of\s+)?([^\W\d_]{3,12})[.,]?\s+(?:de\s+|del\s+)?(\d{2,4})"
_MONTH_FIRST = r"([^\W\d_]{3,12})[.,]?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
_WORDS = re.compile(f"{_DAY_FIRST}|{_MONTH_FIRST}")


def main() -> None:
    """Print how many dates are right, and the rest by cause."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/eval"))
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--half", type=int, choices=(0, 1))
    chosen = parser.parse_args()
    rows: dict[str, Counter[str]] = {}
    for page in pages(chosen.folder):
        if not page.gold["date"] or (chosen.half is not None and half(page.name) != chosen.half):
            continue
        cause, told = judged(page)
        for name in ("all", page.corpus, *(["Swedish"] if page.language == "sv" else [])):
            rows.setdefault(name, Counter())[cause] += 1
        if chosen.show and cause in {"untold", "another"}:
            print(f"{cause}: {page.name} gold {page.gold['date'][:10]} told {told} {page.url}")
    print("| pages | with a date | right | " + " | ".join(CAUSES) + " | right or beyond reading |")
    print("| --- |" + " ---: |" * (len(CAUSES) + 3))
    for name, counted in sorted(rows.items(), key=lambda row: (row[0] != "all", row[0])):
        total = counted.total()
        missed = counted["untold"] + counted["another"]
        shown = " | ".join(str(counted[cause]) for cause in CAUSES)
        print(f"| {name} | {total} | {counted['right'] / total:.3f} | {shown} | {1 - missed / total:.3f} |")


def half(name: str) -> int:
    """Return in which half of the pages one is."""
    return hashlib.sha256(name.encode()).digest()[0] & 1


def judged(page: Labelled) -> tuple[str, str]:
    """Return why a page's date is not gold's, or `right`, and the date that was told."""
    found = read(page)
    told = found.published.value if found is not None and found.published is not None else ""
    gold = page.gold["date"][:10]
    if right("date", gold, told):
        return "right", told
    return _cause(page, found, told, gold), told


def _cause(page: Labelled, found: Metadata | None, told: str, gold: str) -> str:
    try:
        day = date.fromisoformat(gold)
    except ValueError:
        return "nowhere"
    claims = found.claims if found is not None else ()
    near = timedelta(days=1)
    causes = {
        "nowhere": day not in set(days(page)),
        "swapped": told[:10] == f"{day:%Y-%d-%m}",
        "change": any(claim.field == "modified" and claim.said.value[:10] == gold for claim in claims),
        "zone": "T" in told and -near <= datetime.fromisoformat(told).date() - day <= near,
        "untold": not told,
    }
    return next((cause for cause, holds in causes.items() if holds), "another")


def read(page: Labelled) -> Metadata | None:
    """Read a page's metadata as the extraction does."""
    document = parse(page.markup)
    if document is None:
        return None
    linked = read_linked_data(document.root).of(page.url, permalink(document.root, page.url))
    return read_metadata(outline_of(document.root), page.url, CAPTURED, linked)


def days(page: Labelled) -> Iterator[date]:
    """Yield every day that a page or its address could be read to name, whatever it says of it."""
    text = f"{page.url} {html.unescape(decode(page.markup))}"
    for pattern in (_NUMBERS, _EASTERN, _JOINED):
        for match in pattern.finditer(text):
            one, two, three = map(int, match.groups())
            for year, month, day in ((one, two, three), (three, two, one), (three, one, two)):
                yield from _day(year, month, day)
    for match in _SECONDS.finditer(text):
        for zone in (-12, 0, 12):
            yield (datetime.fromtimestamp(int(match[1]), UTC) + timedelta(hours=zone)).date()
    for match in _WORDS.finditer(text):
        number, word, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
        for name in (word, word[:3]):
            with suppress(KeyError):
                yield from _day(int(year), month_number(name), int(number))


def _day(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return


if __name__ == "__main__":
    main()
