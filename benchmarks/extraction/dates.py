"""Dates of publication beside htmldate's: `python benchmarks/extraction/dates.py [EVAL] [--testbed FOLDER]`.

Both read the same pages and get the same addresses. Measured are the labelled pages of EVAL that have a date, those
among them in Swedish, the Swedish articles of the test bed (to the precision that a page shows), and the same without
their structured data: JSON-LD, meta elements, `datetime` attributes and the dates in their addresses are taken
off, so that only what a reader sees tells the day. That is what old Swedish pages look like.

The last set is made here: pages in Swedish with an invented story that names another day (an election), the day of
publication in one of the forms that Swedish pages use, and a year in the foot.

"right" is gold's day, "wrong" another one, the rest was not told. `--minutes` asks of the test bed whether the minute
is right too; htmldate tells none.
"""

import argparse
import gzip
import importlib.util
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import lxml.html
from htmldate import find_date
from metadata import CAPTURED, pages

from umecrawl.extract.linked_data import read_linked_data
from umecrawl.extract.markup import parse
from umecrawl.extract.metadata import permalink, read_metadata
from umecrawl.extract.outline import outline_of
from umecrawl.model.message import decode_content

_MONTHS = (
    *("januari", "februari", "mars", "april", "maj", "juni", "juli"),
    *("augusti", "september", "oktober", "november", "december"),
)
_WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_FORMS = (
    *("den {d} {m} {y}", "{d} {m} {y}", "{d}/{n} {y}", "{d}/{n}-{y}", "{y}-{n:02}-{d:02}", "{w} den {d} {m} {y}"),
    *("Publicerad {d} {short}. {y} kl. 10.15", "Publicerad: {y}-{n:02}-{d:02} kl 07:00", "Av Ada Lind, {d} {m} {y}"),
    *("{d} {m}, {y} · 3 kommentarer", "{w} {d} {m} {y} kl 17:00", "{d:02}.{n:02}.{y}"),
)
_STRUCTURED = "//script | //meta[not(@charset)] | //link"
_DAY_IN_PATH = re.compile(r"/(?:19|20)\d\d/\d\d(?:/\d\d)?(?=/)")


@dataclass(frozen=True, slots=True)
class Dated:
    """A page with the time or day on which it was published."""

    url: str
    markup: bytes
    gold: str
    swedish: bool


def umecrawl(page: Dated) -> str:
    """Read the date as the extraction of umecrawl does."""
    document = parse(page.markup)
    if document is None:
        return ""
    linked = read_linked_data(document.root).of(page.url, permalink(document.root, page.url))
    found = read_metadata(outline_of(document.root), page.url, CAPTURED, linked).published
    return found.value if found is not None else ""


def htmldate(page: Dated) -> str:
    """Read the date as htmldate does by its defaults."""
    return find_date(page.markup, url=page.url, original_date=True, max_date=CAPTURED.strftime("%Y-%m-%d")) or ""


READERS: dict[str, Callable[[Dated], str]] = {"umecrawl": umecrawl, "htmldate": htmldate}


def labelled(folder: Path) -> Iterator[Dated]:
    """Yield the labelled pages that have a date."""
    for page in pages(folder):
        if page.gold["date"]:
            yield Dated(page.url, page.markup, page.gold["date"], page.language == "sv")


def bed(folder: Path) -> Iterator[Dated]:
    """Yield the gold articles of the test bed as they were in its first edition."""
    spec = importlib.util.spec_from_file_location("capture_io", folder / "capture_io.py")
    assert spec is not None
    assert spec.loader is not None
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)
    capture = reader.Capture()
    lines = (folder / "gold.jsonl").read_text(encoding="utf-8").split("\n")
    gold = {record["url"]: record for record in map(json.loads, filter(None, lines)) if record["type"] == "article"}
    for entry in capture.entries:
        record = gold.get(entry["url"])
        if record is not None and entry["edition"] == 1 and entry["status"] == 200 and entry.get("file"):
            _, headers, payload = capture.load(entry)
            markup = decode_content(payload, reader.header(headers, "Content-Encoding") or "")
            shown = record["published"][: 10 if record.get("published_precision") == "day" else None]
            yield Dated(entry["url"], markup, shown, swedish=True)


def made(number: int = 300) -> Iterator[Dated]:
    """Yield invented pages, each with its day in one of the forms of Swedish pages."""
    draw = random.Random(5)
    for _ in range(number):
        day = date(2005, 1, 1) + timedelta(days=draw.randrange(7_000))
        month, weekday = _MONTHS[day.month - 1], _WEEKDAYS[day.weekday()]
        line = draw.choice(_FORMS).format(d=day.day, n=day.month, y=day.year, m=month, short=month[:3], w=weekday)
        markup = (
            f"<!doctype html><html lang='sv'><head><meta charset='utf-8'><title>Bron byggs</title></head><body>"
            f"<nav><a href='/'>Hem</a></nav><h1>Bron byggs</h1><p>{line}</p><p>Inför valet den 11 september 2022 har "
            "alla partier lovat en ny bro över älven, och nu har nämnden fattat sitt beslut efter många år.</p>"
            "<p>Arbetet börjar i vår och ska vara klart om tre år, enligt den plan som har antagits.</p>"
            "<footer>© 2004-2026 Bladet</footer></body></html>"
        )
        yield Dated("https://bladet.example/bron", markup.encode(), day.isoformat(), swedish=True)


def visible_only(page: Dated) -> Dated:
    """Take off all that tells a date to machines."""
    root = lxml.html.document_fromstring(
        gzip.decompress(page.markup) if page.markup[:2] == b"\x1f\x8b" else page.markup
    )
    for element in root.xpath(_STRUCTURED):
        element.drop_tree()
    for element in root.xpath("//*[@datetime or @content]"):
        for name in ("datetime", "content"):
            element.attrib.pop(name, None)
    markup = lxml.html.tostring(root, encoding="utf-8", doctype="<!doctype html>")
    assert isinstance(markup, bytes)
    head = b'<meta charset="utf-8">'
    return Dated(
        _DAY_IN_PATH.sub("", page.url), markup.replace(b"<head>", b"<head>" + head, 1), page.gold, page.swedish
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/eval"))
    parser.add_argument("--testbed", type=Path, default=Path("../shared/testbed"))
    parser.add_argument("--minutes", action="store_true")
    chosen = parser.parse_args()
    found = list(labelled(chosen.folder))
    swedish = list(bed(chosen.testbed))
    sets = {
        "labelled pages": found,
        "labelled pages in Swedish": [page for page in found if page.swedish],
        "the same, visible dates only": [visible_only(page) for page in found if page.swedish],
        "test bed": swedish,
        "test bed, visible dates only": [visible_only(page) for page in swedish],
        "made pages, Swedish forms": list(made()),
    }
    print(f"{'pages':<34}{'':>6}" + "".join(f"{f'{name} right / wrong':>28}" for name in READERS))
    for name, rows in sets.items():
        print(f"{name:<34}{len(rows):>6}" + "".join(f"{_cell(read, rows):>28}" for read in READERS.values()))
    if chosen.minutes:
        exact = sum(_moment(umecrawl(page)) == _moment(page.gold) for page in swedish)
        print(f"to the precision shown, on the test bed: umecrawl {exact / len(swedish):.3f}")


def _cell(read: Callable[[Dated], str], rows: list[Dated]) -> str:
    told = [(read(page)[:10], page.gold[:10]) for page in rows]
    right = sum(value == gold for value, gold in told) / len(told)
    wrong = sum(bool(value) and value != gold for value, gold in told) / len(told)
    return f"{right:.3f} / {wrong:.3f}"


def _moment(value: str) -> datetime | str:
    return datetime.fromisoformat(value) if "T" in value else value


if __name__ == "__main__":
    main()
