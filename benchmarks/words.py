"""What it costs to look words up and to hand pages to workers: `python benchmarks/words.py`.

Printed is CPU time: to make the trie of the dictionary of Swedish, and to open the dictionary as a trie from a cache,
packed, and unpacked, each in a process of its own; of a look-up in each, of made-up words; of parting texts into
pieces and into words; and of handing a page of 150 kB to a worker that gives nothing back, for all processes together.
"""

import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from search import vocabulary

from umecrawl.index.lexicon import Lexicon
from umecrawl.index.pieces import WORD, pieces
from umecrawl.model.article import Extraction, Outcome, Page, Quality
from umecrawl.model.urls import Url
from umecrawl.pipeline.extraction import ExtractionPool

_MUCH = 10**9
_LOOKED_UP = 10_000
_PAGES = 1_000


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder)
        print(f"making the trie      {1000 * _apart(_opened, kept, True)[0]:8.1f} ms")
        for name, where, unpack in (("trie", kept, False), ("packed", None, False), ("unpacked", None, True)):
            opened, looked_up = _apart(_opened, where, unpack)
            print(f"{name:20} {1000 * opened:8.1f} ms to open, {1e6 * looked_up:6.2f} µs a word")
    text = " ".join(_words(1_000_000))
    for name, part in (("pieces", pieces), ("words", WORD.findall)):
        print(f"parting into {name:7} {1000 * _time(lambda part=part: part(text)):8.1f} ms a million words")
    print(f"handing over a page  {1000 * _handed_over():8.2f} ms")


def _apart(measure: Callable[..., tuple[float, float]], *arguments: object) -> tuple[float, float]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        return executor.submit(measure, *arguments).result()


def _opened(folder: Path | None, unpack: bool) -> tuple[float, float]:
    """Return the seconds that opening the dictionary takes, and those of a look-up."""
    words = _words(_LOOKED_UP)
    began = time.process_time()
    lexicon = Lexicon(folder)
    if unpack:
        lexicon.expect(_MUCH)
    opened = time.process_time()
    for word in words:
        lexicon.knows(word)
    return opened - began, (time.process_time() - opened) / len(words)


def _words(count: int) -> list[str]:
    rng = random.Random(1)
    words, cumulative = vocabulary(rng)
    return rng.choices(words, cum_weights=cumulative, k=count)


def _handed_over() -> float:
    at = datetime(2026, 1, 31, tzinfo=UTC)
    pages = [Page(Url("http://news.example/"), at, 200, "text/html", random.randbytes(150_000)) for _ in range(_PAGES)]
    before = _children()  # that of a worker counts once it has ended; to start one by a fork is little
    with ExtractionPool[int](1, reader=_nothing) as pool:
        own = time.process_time()
        for _ in pool.extract(enumerate(pages)):
            pass
        own = time.process_time() - own
    return (own + _children() - before) / _PAGES


def _nothing(_: Page) -> Extraction:
    return Extraction(Outcome.EMPTY, Quality.EMPTY, "nothing")


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _time(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    main()
