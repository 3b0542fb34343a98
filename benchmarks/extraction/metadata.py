"""Titles, authors and dates against gold: `python benchmarks/extraction/metadata.py [EVAL] [--against trafilatura]`.

EVAL is a folder with `public/pages.jsonl` (default `../shared/eval`). A title is right when it shares eight tenths
of its words with gold; an author when it names one of gold's authors and not twice as many words; a date when it is
gold's day. "wrong" counts values that were told and are not gold's: a missing author is not a wrong one.
`--errors FIELD` prints the pages on which a field is wrong. Neither pages nor names are kept by this program.
"""

import argparse
import gzip
import html
import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from trafilatura.metadata import extract_metadata

from umecrawl.extract.linked_data import read_linked_data
from umecrawl.extract.markup import parse
from umecrawl.extract.metadata import permalink, read_metadata
from umecrawl.extract.outline import outline_of

CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)
FIELDS = ("title", "author", "date")
_SAME = 0.8
_NOWHERE = "https://page.invalid/"  # a page saved without its address


@dataclass(frozen=True, slots=True)
class Labelled:
    """A page with what is known of it; an empty value is not known."""

    name: str
    corpus: str
    language: str
    url: str
    markup: bytes
    gold: dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What a program says of a page, and the CPU seconds it took."""

    values: dict[str, str]
    seconds: float


Reader = Callable[[Labelled], dict[str, str]]


def pages(folder: Path) -> Iterator[Labelled]:
    """Yield the articles of a folder of labelled pages that have a title, an author or a date."""
    # Not splitlines(), which takes U+2028 for the end of a line.
    for line in (folder / "public" / "pages.jsonl").read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        record = json.loads(line)
        gold = {field: _joined(record.get(field)) for field in FIELDS}
        if record["kind"] in {"article", "date-only"} and any(gold.values()):
            markup = gzip.decompress((folder / "public" / record["html"]).read_bytes())
            language = str(record.get("lang") or "")
            yield Labelled(record["id"], record["source"], language, record["url"] or _NOWHERE, markup, gold)


def umecrawl(page: Labelled) -> dict[str, str]:
    """Read title, byline and date as the extraction of umecrawl does."""
    document = parse(page.markup)
    if document is None:
        return {}
    linked = read_linked_data(document.root).of(page.url, permalink(document.root, page.url))
    metadata = read_metadata(outline_of(document.root), page.url, CAPTURED, linked)
    return {
        "title": metadata.title.text,
        "author": metadata.byline.value if metadata.byline is not None else "",
        "date": metadata.published.value if metadata.published is not None else "",
    }


def trafilatura(page: Labelled) -> dict[str, str]:
    """Read the same with trafilatura."""
    found = extract_metadata(page.markup, default_url=page.url)
    return {} if found is None else {"title": found.title or "", "author": found.author or "", "date": found.date or ""}


READERS: dict[str, Reader] = {"umecrawl": umecrawl, "trafilatura": trafilatura}


def right(field: str, gold: str, told: str) -> bool:
    """Return whether a value counts as gold's."""
    if field == "date":
        return told[:10] == gold[:10]
    return _title_right(gold, told) if field == "title" else _author_right(gold, told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/eval"))
    parser.add_argument("--against", action="append", choices=sorted(READERS), default=[])
    parser.add_argument("--errors", choices=FIELDS)
    chosen = parser.parse_args()
    labelled = list(pages(chosen.folder))
    for name in ("umecrawl", *chosen.against):
        told = [_timed(READERS[name], page) for page in labelled]
        _print_table(name, labelled, told)
        if chosen.errors:
            _print_errors(chosen.errors, labelled, told)


def _timed(reader: Reader, page: Labelled) -> Told:
    began = time.process_time()
    values = reader(page)
    return Told(values, time.process_time() - began)


def _print_table(name: str, labelled: list[Labelled], told: list[Told]) -> None:
    print(f"\n{name}: {1000 * sum(t.seconds for t in told) / len(told):.1f} ms of CPU a page, {len(told)} pages")
    print(f"{'corpus':<16}" + "".join(f"{f'{field} right / none / wrong':>34}" for field in FIELDS))
    groups: dict[str, list[tuple[Labelled, Told]]] = {}
    for page, said in zip(labelled, told, strict=True):
        groups.setdefault(page.corpus, []).append((page, said))
        groups.setdefault("all", []).append((page, said))
        if page.corpus in {"nordblog", "mirror"}:
            groups.setdefault("blogs", []).append((page, said))
        if page.language == "sv":
            groups.setdefault("Swedish", []).append((page, said))
    for corpus, rows in sorted(groups.items()):
        print(f"{corpus:<16}" + "".join(f"{_cell(field, rows):>34}" for field in FIELDS))


def _cell(field: str, rows: list[tuple[Labelled, Told]]) -> str:
    known = [(page.gold[field], said.values.get(field, "")) for page, said in rows if page.gold[field]]
    if not known:
        return "-"
    good = sum(right(field, gold, said) for gold, said in known) / len(known)
    none = sum(not said for _, said in known) / len(known)
    return f"{good:.3f} / {none:.3f} / {1 - good - none:.3f} ({len(known)})"


def _print_errors(field: str, labelled: list[Labelled], told: list[Told]) -> None:
    for page, said in zip(labelled, told, strict=True):
        value = said.values.get(field, "")
        if page.gold[field] and not right(field, page.gold[field], value):
            print(f"{page.name}\t{page.gold[field][:60]!r}\t{value[:60]!r}\t{page.url}")


def _joined(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _words(text: str) -> list[str]:
    return re.sub(r"\W+", " ", unicodedata.normalize("NFKC", html.unescape(text)).casefold()).split()


def _title_right(gold: str, told: str) -> bool:
    wanted, found = _words(gold), _words(told)
    shared = sum((Counter(wanted) & Counter(found)).values())
    return bool(found) and (wanted == found or 2 * shared >= _SAME * (len(wanted) + len(found)))


def _author_right(gold: str, told: str) -> bool:
    found = " ".join(_words(told))
    names = [" ".join(_words(name)) for name in re.split(r";|,| and | och | und |&", gold)]
    named = any(name and (name in found or (found in name and len(found) > 3)) for name in names)
    return bool(found) and named and len(found.split()) <= 2 * len(_words(gold)) + 4


if __name__ == "__main__":
    main()
