r"""The quality gate of extraction: scores of texts, titles, authors, dates and posts on real labelled pages.

    uv run python benchmarks/extraction/run.py               print the scores with 95 % intervals over sites
    uv run python benchmarks/extraction/run.py --check       fail where one is below its floor (floors.toml)
    uv run python benchmarks/extraction/run.py --pin         raise the floors to what was measured
    uv run python benchmarks/extraction/run.py --lower text/zyte --reason "why it is right"
    uv run --with-requirements benchmarks/extraction/requirements.txt \
        python benchmarks/extraction/run.py --docs            write the table beside other programs into the docs

The pages are no part of the project: name their folder as first argument or in UMECRAWL_EVAL (default: ../shared/eval
beside the project). Floors hold for the pages whose hash stands with them.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import listings
import metadata
from corpus import Labelled, NoPagesError, corpus_hash, evaluation, pages
from floors import Floors, read_floors, write_floors
from measures import (
    Counted,
    Estimate,
    difference,
    estimate,
    f1_of_counts,
    f1_of_means,
    segment_parts,
    share,
    shingle_parts,
)
from readers import Reader, Told, installed, umecrawl

DOCS = Path(__file__).parents[2] / "docs" / "explanation" / "extraction.md"
_TABLE = re.compile(
    r"(?<=<!-- table: benchmarks/extraction/run.py --docs -->\n).*?(?=<!-- end of table -->)", re.DOTALL
)
_NORDIC = frozenset({"sv", "nb", "nn", "no", "da", "fi", "is"})
_FEWEST = 5  # pages of a set that is worth a line

SETS: dict[str, Callable[[Labelled], bool]] = {
    "zyte": lambda p: p.source == "zyte",
    "wcxb": lambda p: p.source == "wcxb",
    "wordpress": lambda p: p.source == "wcxb" and "wordpress" in p.cms,
    "trafilatura": lambda p: p.source == "traf",
    "press": lambda p: p.source == "fundus",
    "nordic": lambda p: p.source == "nordblog" or (p.source == "fundus" and p.language in _NORDIC),
    "blogs": lambda p: p.source in {"nordblog", "mirror"} and p.gold_kind == "feed",
    "newspaper": lambda p: p.source in {"np3k", "np4k"},
    "readability": lambda p: p.source == "moz",
    "all": lambda p: p.source in {"zyte", "wcxb", "fundus", "nordblog", "mirror"},
}


def main() -> int:
    """Measure, then print, check, pin, lower or write; 0 where all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("eval", nargs="?", help="folder of the labelled pages")
    parser.add_argument("--check", action="store_true", help="fail where a score is below its floor")
    parser.add_argument("--pin", action="store_true", help="raise the floors to what was measured")
    parser.add_argument("--lower", metavar="FIELD", help="lower one floor to what was measured; needs --reason")
    parser.add_argument("--reason", default="", help="why a floor is lowered; kept in floors.toml")
    parser.add_argument("--docs", action="store_true", help="write the comparison table into the docs")
    chosen = parser.parse_args()
    if chosen.lower and not chosen.reason.strip():
        parser.error("--lower needs --reason")
    try:
        folder = evaluation(chosen.eval)
    except NoPagesError as missing:
        print(missing, file=sys.stderr)
        return 2
    labelled = [page for page in pages(folder) if page.kind == "article"]
    told = read_all("umecrawl", umecrawl, labelled)
    found = scores(labelled, told) | posts(folder)
    for name, one in found.items():
        print(f"{name:24} {one.value:.3f} [{one.low:.3f}, {one.high:.3f}]  {one.pages} pages, {one.sites} sites")
    if chosen.docs:
        write_table(labelled, told)
    return gate({name: one.value for name, one in found.items()}, corpus_hash(folder), chosen)


def gate(found: dict[str, float], corpus: str, chosen: argparse.Namespace) -> int:
    """Compare with the floors, or change them as told."""
    floors: Floors = read_floors()
    if chosen.lower:
        if chosen.lower not in floors.values:
            print(f"no floor is called {chosen.lower}", file=sys.stderr)
            return 2
        floors.lower(chosen.lower, found[chosen.lower], chosen.reason)
    if chosen.pin:
        floors.pin(found, corpus)
    if chosen.lower or chosen.pin:
        write_floors(floors)
    failures = floors.failures(found, corpus) if chosen.check else []
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def read_all(name: str, reader: Reader, labelled: Sequence[Labelled]) -> list[Told]:
    """Read all pages with one program; a page that breaks it is one of which it tells nothing."""
    told = []
    broken = 0
    for page in labelled:
        try:
            told.append(reader(page))
        except Exception:  # noqa: BLE001 - other people's programs raise what they like
            broken += 1
            told.append(Told("", "", "", ""))
    if broken:
        print(f"{name}: broke on {broken} pages", file=sys.stderr)
    return told


def scores(labelled: Sequence[Labelled], told: Sequence[Told]) -> dict[str, Estimate]:
    """Return text, title, author and date of each set, by `field/set`."""
    found: dict[str, Estimate] = {}
    for name, belongs in SETS.items():
        rows = [(page, one) for page, one in zip(labelled, told, strict=True) if belongs(page)]
        counted, measure = text_counted(rows)
        if len(counted) >= _FEWEST:
            found[f"text/{name}"] = estimate(counted, measure)
        for what in ("title", "author", "date"):
            right = list(field_counted(what, rows))
            if len(right) >= _FEWEST:
                found[f"{what}/{name}"] = estimate(right, share)
    return found


def text_counted(rows: Sequence[tuple[Labelled, Told]]) -> tuple[list[Counted], Callable[..., object]]:
    """Return what each page adds to the measure of texts that the set has gold for."""
    full = [Counted(p.site, shingle_parts(p.gold, t.text)) for p, t in rows if p.gold]
    if full:
        return full, f1_of_means
    return [Counted(p.site, segment_parts(p.wanted, p.unwanted, t.text)) for p, t in rows if p.wanted], f1_of_counts


def field_counted(what: str, rows: Sequence[tuple[Labelled, Told]]) -> Iterator[Counted]:
    """Give right or wrong for each page that has gold of a field."""
    for page, one in rows:
        gold, value = getattr(page, what), getattr(one, what)
        if gold and value is not None:
            yield Counted(page.site, (float(metadata.right(what, gold, value)), 1.0))


def posts(folder: Path) -> dict[str, Estimate]:
    """Return how many posts of listings are found, and how well their texts are."""
    by_source: dict[str, list[listings.Score]] = {}
    by_id = {page.id: page for page in pages(folder)}
    for line in (folder / "public" / "pages.jsonl").read_text(encoding="utf-8").split("\n"):
        record = json.loads(line) if line else {"kind": ""}
        if record["kind"].startswith("listing") and record.get("posts"):
            markup = by_id[record["id"]].markup()
            by_source.setdefault(record["source"], []).append(listings.score(record, markup, show=False))
    found = {}
    for source, one in sorted(by_source.items()):
        for name, measure in (("posts", listings.f1), ("posts-text", listings.body)):
            value = measure(one)
            if value == value:  # noqa: PLR0124 - not a number where no post has gold text
                found[f"{name}/{source}"] = Estimate(value, value, value, len(one), 1)
    return found


def write_table(labelled: Sequence[Labelled], ours: Sequence[Told]) -> None:
    """Write the comparison with the programs that are installed into the docs."""
    read = {"**umecrawl**": list(ours)} | {n: read_all(n, r, labelled) for n, r in installed().items()}
    lines = ["", "| program | " + " | ".join(SETS) + " |", "| --- |" + " ---: |" * len(SETS)]
    for name, told in read.items():
        cells = []
        for belongs in SETS.values():
            rows = [(page, one) for page, one in zip(labelled, told, strict=True) if belongs(page)]
            counted, measure = text_counted(rows)
            cells.append(f"{estimate(counted, measure).value:.3f}" if any(t.text for _, t in rows) else "")
        if any(cells):
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    cells = []
    for belongs in SETS.values():
        mine = text_counted([row for row in zip(labelled, ours, strict=True) if belongs(row[0])])
        theirs = text_counted([row for row in zip(labelled, read["trafilatura"], strict=True) if belongs(row[0])])
        gap = difference(mine[0], theirs[0], mine[1])
        cells.append(f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]")
    lines += ["| *umecrawl less trafilatura* | " + " | ".join(cells) + " |", ""]
    for what in ("title", "author", "date"):
        rows = [(n, scores_of(what, labelled, told)) for n, told in read.items()]
        lines += [f"| {what} right | " + " | ".join(SETS) + " |", "| --- |" + " ---: |" * len(SETS)]
        lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows if any(cells)]
        lines.append("")
    text = DOCS.read_text(encoding="utf-8")
    DOCS.write_text(_TABLE.sub(lambda _: "\n".join(lines) + "\n", text), encoding="utf-8")
    print(f"wrote the table into {DOCS.name}")


def scores_of(what: str, labelled: Sequence[Labelled], told: Sequence[Told]) -> list[str]:
    """Return the share of right values of one field for each set, empty where it has no gold or nothing was told."""
    cells = []
    for belongs in SETS.values():
        rows = [(page, one) for page, one in zip(labelled, told, strict=True) if belongs(page)]
        right = list(field_counted(what, rows))
        cells.append(f"{estimate(right, share).value:.3f}" if len(right) >= _FEWEST else "")
    return cells


if __name__ == "__main__":
    sys.exit(main())
