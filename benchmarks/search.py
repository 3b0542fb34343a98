"""Search latency over a made-up index: `python benchmarks/search.py [VERSIONS]` (default 20000, SQLite in memory).

The words follow Zipf's law over the Swedish forms of a real lemma list, so terms are as common and as rare as in
prose; there is no grammar in them.
"""

import itertools
import random
import resource
import statistics
import sys
import time

from sqlalchemy import create_engine

from umecrawl.index import fulltext
from umecrawl.index.fulltext import Indexed
from umecrawl.index.schema import about
from umecrawl.query.language import parse
from umecrawl.query.matching import fts5

_ENDINGS = ("", "en", "er", "erna", "s", "ens", "ar", "arna", "et", "a", "ade", "as")
_ROOTS = ("kommun", "skol", "råd", "vård", "omsorg", "trygg", "budget", "plan", "väg", "bo", "jobb", "miljö", "klimat")
_QUERIES = {
    "common word": "kommun0",
    "middling word": "vård31",
    "rare word": "plan600",
    "AND": "kommun0 skol1",
    "phrase": '"kommun0 skol1"',
    "prefix": "klimat1*",
    "OR NOT": "(kommun0 OR skol1) NOT råd2",
    "title": "title:kommun0",
}


def vocabulary(rng: random.Random) -> tuple[list[str], list[float]]:
    """Return made-up words and their cumulative weights, the commonest first."""
    words = [
        f"{_ROOTS[n % len(_ROOTS)]}{n // len(_ROOTS)}{ending}"
        for n in range(9_000)
        for ending in rng.sample(_ENDINGS, 4)
    ]
    return words, list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))


def main(versions: int) -> None:
    rng = random.Random(1)
    words, cumulative = vocabulary(rng)
    print(f"{versions} versions of 450 words, {len(words)} word forms")
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        about.create(connection)
        fulltext.create(connection)
        spent = 0.0
        for start in range(0, versions, 1_000):
            rows = [
                Indexed(
                    start + n + 1,
                    " ".join(rng.choices(words, cum_weights=cumulative, k=7)),
                    " ".join(rng.choices(words, cum_weights=cumulative, k=450)),
                )
                for n in range(min(1_000, versions - start))
            ]
            began = time.process_time()
            fulltext.add(connection, rows)
            spent += time.process_time() - began
        print(f"indexed in {spent:.1f} s of CPU: {versions / spent:.0f} versions a second")
        for name, query in _QUERIES.items():
            compiled = fts5(parse(query))
            times = []
            found = 0
            for _ in range(15):
                began = time.process_time()
                found = len(fulltext.match(connection, compiled, limit=20))
                times.append((time.process_time() - began) * 1000)
            total = connection.exec_driver_sql(
                "SELECT count(*) FROM version_fts WHERE version_fts MATCH ?", (compiled,)
            ).scalar()
            print(f"{name:14} {query:30} {total:6} matches, top {found:2}: {statistics.median(times):7.2f} ms of CPU")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
