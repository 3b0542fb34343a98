"""Whether the score of a text tells how good it is: `python benchmarks/extraction/scores.py [EVAL]`.

Articles with a gold text are extracted. Of those that are read as articles, in each band of the score stands how many
there are, the mean F1 of their words against gold, and the share of texts below 0.8. A score that means something
rises with the first and falls with the second.
"""

import argparse
import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from umecrawl.extract import extract
from umecrawl.model.article import Outcome, Page
from umecrawl.model.urls import InvalidUrlError, normalize

_CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)
_BANDS = ((0.0, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 1.01))
_POOR = 0.8
_WORD = re.compile(r"\w+")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/eval"))
    folder = parser.parse_args().folder / "public"
    measured: list[tuple[float, float]] = []
    for line in (folder / "pages.jsonl").read_text(encoding="utf-8").split("\n"):
        record = json.loads(line) if line else {}
        if record.get("kind") != "article" or not record.get("gold"):
            continue
        try:
            url = normalize(record["url"])
        except InvalidUrlError:
            continue
        found = extract(Page(url, _CAPTURED, 200, "text/html", gzip.decompress((folder / record["html"]).read_bytes())))
        if found.outcome is Outcome.ARTICLE:
            measured.append((found.score, _f1(record["gold"], found.posts[0].text)))
    print(f"{'score':<12}{'pages':>7}{'mean F1':>9}{'below ' + str(_POOR):>11}")
    for low, high in _BANDS:
        band = [f1 for score, f1 in measured if low <= score < high]
        if band:
            poor = sum(f1 < _POOR for f1 in band) / len(band)
            print(f"{low:.1f} - {min(high, 1):.1f}   {len(band):>7}{sum(band) / len(band):>9.3f}{poor:>11.3f}")


def _f1(gold: str, told: str) -> float:
    wanted, found = Counter(_WORD.findall(gold.lower())), Counter(_WORD.findall(told.lower()))
    shared = sum((wanted & found).values())
    return 2 * shared / (sum(wanted.values()) + sum(found.values())) if shared else 0.0


if __name__ == "__main__":
    main()
