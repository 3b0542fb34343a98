"""CPU per page beside trafilatura: `python benchmarks/extraction/speed.py [EVAL] [--pages N] [--collecting]`.

EVAL is a folder with `public/pages.jsonl` (default: $UMECRAWL_EVAL, else `../shared/eval` beside the project). Each
page goes through both in turn in one process, from the same bytes: `umecrawl.extract.extract` (posts, metadata,
comments, links) and `trafilatura.bare_extraction(with_metadata=True)`. CPU time of the process, the better of two
rounds; the ratio is what counts, since both see the same machine. `--collecting` shows what it would cost to let
Python's garbage collector work while umecrawl reads.
"""

import argparse
import gc
import time
from collections.abc import Callable
from contextlib import nullcontext
from statistics import mean, median
from unittest.mock import patch

import trafilatura
from corpus import CAPTURED, Labelled, address, evaluation, pages

from umecrawl.extract import extract
from umecrawl.model.article import Page

ROUNDS = 2


def main() -> None:
    """Print mean, median and 95th percentile of both, and the ratio of the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("eval", nargs="?", help="folder of the labelled pages")
    parser.add_argument("--pages", type=int, default=0, help="about so many pages, spread evenly (default: all)")
    parser.add_argument("--collecting", action="store_true", help="let the garbage collector work meanwhile")
    chosen = parser.parse_args()
    labelled = [page for page in pages(evaluation(chosen.eval)) if page.kind != "date-only"]
    if chosen.pages:
        labelled = labelled[:: max(1, len(labelled) // chosen.pages)]
    with patch("gc.disable") if chosen.collecting else nullcontext():
        ours, theirs = compared(labelled)
    for name, spent in (("umecrawl", ours), ("trafilatura with metadata", theirs)):
        ordered = sorted(spent)
        print(
            f"{name:28} mean {1000 * mean(spent):6.1f} ms   median {1000 * median(spent):6.1f} ms   "
            f"95th percentile {1000 * ordered[int(0.95 * len(ordered))]:6.1f} ms"
        )
    print(f"{len(labelled)} pages, ratio of the means {sum(ours) / sum(theirs):.3f}")


def compared(labelled: list[Labelled]) -> tuple[list[float], list[float]]:
    """Return the CPU seconds of each page for both programs."""
    ours: list[float] = []
    theirs: list[float] = []
    for number, page in enumerate([*labelled[:5], *labelled]):
        markup, url = page.markup(), address(page)
        shown = Page(url, CAPTURED, 200, "text/html", markup)
        spent = [min(times) for times in zip(*(_both(shown) for _ in range(ROUNDS)), strict=True)]
        if number >= 5:
            ours.append(spent[0])
            theirs.append(spent[1])
    return ours, theirs


def _both(page: Page) -> tuple[float, float]:
    return (
        _cpu(lambda: extract(page)),
        _cpu(lambda: trafilatura.bare_extraction(page.markup, url=str(page.url), with_metadata=True)),
    )


def _cpu(work: Callable[[], object]) -> float:
    gc.collect(1)  # neither pays for what the other left behind
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
