"""Latency and size of an index of a million captures: `python benchmarks/scale.py [--captures N] [--database URL]`.

`--keep` leaves the database there, and one that is filled already is asked as it is: to fill takes minutes.

The rows are made up (`madeup.py`) and go straight into the tables, past extraction: articles with five captures and
two versions each, and as many captures of lists; 450 words a text, by Zipf's law over the forms of made-up words.
Then the questions of `umecrawl.query` are asked of it, each of many URLs and terms, and all of them twice. Printed are
the 50th and 95th percentile of the second time: the CPU time of this process, for PostgreSQL with that of its server
process (read from /proc, in steps of 10 ms, so a mean stands there), and the wall time, which says something only where
nothing else runs, or under `chrt -f 5 taskset -c 1` as root, which puts both processes before all others on one
processor; and the size of the database for each version. The default database is a SQLite file in a temporary folder;
a PostgreSQL database must be on this machine and empty, or kept from an earlier time (without `--keep` its rows are
removed at the end).
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

from madeup import BEGIN, EACH, SITES, address, around, made
from search import vocabulary
from sqlalchemy import Connection, func, select, text

from umecrawl.index import fulltext, views
from umecrawl.index.columns import UtcTime
from umecrawl.index.engine import Index
from umecrawl.index.reuse_settle import settle_reuse
from umecrawl.index.reuse_tables import note_outdated
from umecrawl.index.schema import capture, metadata
from umecrawl.pipeline.tables import parquet_writer, write_csv, write_jsonl
from umecrawl.query.catalog import Catalog
from umecrawl.query.changes import ChangeFilters
from umecrawl.query.citations import CitationFilters
from umecrawl.query.coverage import CoverageFilters
from umecrawl.query.extracts import Extract
from umecrawl.query.filters import Filters
from umecrawl.query.removals import RemovalFilters
from umecrawl.query.selection import Choice

_BATCH = 5_000
_ASKED = 300


def main() -> None:
    """Fill a database and ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=1_000_000)
    parser.add_argument("--database", help="URL of an empty or a kept database (default: a SQLite file)")
    parser.add_argument("--keep", action="store_true", help="leave the rows in the database that is named")
    parser.add_argument("--only", default="", help="ask only the questions with this in their names")
    parser.add_argument("--tables", action="store_true", help="also export tables, and print the memory that takes")
    chosen = parser.parse_args()
    if chosen.keep and chosen.database is None:
        parser.error("name the database to keep: --database URL")
    with tempfile.TemporaryDirectory() as scratch:
        index = Index.open(chosen.database or f"sqlite:///{Path(scratch) / 'index.sqlite'}")
        try:
            with index.connect() as connection:
                there = connection.execute(select(func.count()).select_from(capture)).scalar_one()
            if not there:
                fill(index, chosen.captures)
                there = chosen.captures
            with index.connect() as connection:
                octets = size(connection)
                versions = there // EACH
                print(
                    f"{octets / 1e6:.0f} MB: {octets / versions:.0f} octets a version, its captures and text included"
                )
                ask(connection, there // (2 * EACH), chosen.only)
                ask_once(connection, chosen.only)
            if chosen.tables:
                export(chosen.database or index.url)
        finally:
            if not chosen.keep:
                index.drop()
            index.close()


def size(connection: Connection) -> int:
    """Return the octets of the database."""
    if connection.dialect.name == "sqlite":
        return Path(str(connection.engine.url.database)).stat().st_size
    return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())


def fill(index: Index, captures: int) -> None:
    """Load rows for so many captures, half of them of articles."""
    began = time.process_time()
    rng = random.Random(1)
    words, cumulative = vocabulary(rng)
    with index._writing() as connection:  # noqa: SLF001 - the public writer takes extractions, not rows
        with connection.begin():
            load(connection, "site", ({"id": n + 1, "host": f"site{n}.example"} for n in range(SITES)))
            load(connection, "run", [{"id": 1, "uid": "20200101000000-made", "started_at": BEGIN}])
            load(connection, "warc", [{"id": 1, "name": "made-up.warc.gz", "watermark": 1}])
            load(connection, "extractor", [{"id": 1, "name": "made up"}])
        articles = captures // (2 * EACH)
        for start in range(0, articles, _BATCH):
            rows, indexed = made(range(start, min(articles, start + _BATCH)), articles, rng, words, cumulative)
            with connection.begin():
                for name, some in rows.items():
                    load(connection, name, some)
                fulltext.add(connection, indexed)
        connection.commit()
        # Shared passages are worked out as after an indexing run.
        with connection.begin():
            note_outdated(connection)
        before = time.process_time()
        settle_reuse(connection, connection.begin)
        print(f"shared passages found in {time.process_time() - before:.0f} s of CPU (of this process)")
        for start in range(0, articles, _BATCH):
            with connection.begin():
                for name, some in around(range(start, min(articles, start + _BATCH)), articles).items():
                    load(connection, name, some)
        tidy = "ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(tidy))
    print(f"{captures} captures loaded in {time.process_time() - began:.0f} s of CPU (of this process)")


def load(connection: Connection, name: str, rows: Iterable[dict[str, object]]) -> None:
    """Load rows into a table: by COPY on PostgreSQL, by one prepared statement on SQLite."""
    table = metadata.tables[name]
    given = list(rows)
    if not given:
        return
    columns = [c for c in table.columns if c.name in given[0]]
    names = ", ".join(f'"{c.name}"' for c in columns)
    values = ([_bound(connection, row[c.name]) for c in columns] for row in given)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {name} ({names}) VALUES ({marks})"
        connection.exec_driver_sql(statement, [tuple(row) for row in values])
        return
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _bound(connection: Connection, value: object) -> object:
    if isinstance(value, datetime):
        return UtcTime().process_bind_param(value, connection.dialect)
    return value


def ask(connection: Connection, articles: int, only: str) -> None:
    """Ask each question many times and print how long it took."""
    rng = random.Random(2)
    some = [rng.randrange(articles) for _ in range(_ASKED)]
    server = server_of(connection)
    for name, calls in questions(Catalog(connection), some):
        if only not in name:
            continue
        for call in calls:  # warm
            call()
        cpu, wall = [], []
        before = server_cpu(server)
        for call in calls:
            began, spent = time.perf_counter(), time.process_time()
            call()
            cpu.append(1000 * (time.process_time() - spent))
            wall.append(1000 * (time.perf_counter() - began))
        there = 1000 * (server_cpu(server) - before) / len(calls)
        print(
            f"{name:40} CPU p50 {percentile(cpu, 0.5):7.2f} p95 {percentile(cpu, 0.95):7.2f} ms"
            + (f" + server {there:7.2f}" if server else "")
            + f"   wall p50 {percentile(wall, 0.5):7.2f} p95 {percentile(wall, 0.95):7.2f} ms"
        )


def server_of(connection: Connection) -> int | None:
    """Return the process of the server, which gets the processors and the priority of this one; none for SQLite."""
    if connection.dialect.name == "sqlite":
        return None
    server = int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    connection.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 0")  # one processor, as for SQLite
    if os.sched_getscheduler(0) != os.SCHED_OTHER:  # under chrt
        os.sched_setscheduler(server, os.sched_getscheduler(0), os.sched_getparam(0))
        os.sched_setaffinity(server, os.sched_getaffinity(0))
    return server


def percentile(values: list[float], share: float) -> float:
    """Return the value below which that share of them lies."""
    return sorted(values)[int(share * len(values))]


def server_cpu(process: int | None) -> float:
    """Return the CPU seconds that a server process has used; none where there is no server."""
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def questions(catalog: Catalog, some: list[int]) -> Iterator[tuple[str, list[Callable[[], object]]]]:
    """Give each question with the calls that ask it."""

    def capture(n: int) -> Callable[[], object]:
        at = BEGIN + timedelta(minutes=20 * n, days=20)
        return lambda: catalog.capture(address(n), at)

    def term(query: str, site: str | None = None) -> Callable[[], object]:
        return lambda: catalog.search(query, Filters(site=site), limit=20)

    yield "capture of a URL closest to a time", [capture(n) for n in some]
    yield "history of a URL", [lambda n=n: catalog.history(address(n)) for n in some]
    yield "versions of a URL", [lambda n=n: catalog.versions(address(n)) for n in some]
    yield "search, rare word (one page)", [term(f"plan{n}") for n in range(600, 640)]
    yield "search, middling word", [term(f"vård{n}") for n in range(30, 60)]
    yield "search, common word", [term(f"{root}{n}") for root in ("kommun", "skol", "råd") for n in range(5)]
    yield "search, two words", [term(f"kommun{n} skol{n + 1}") for n in range(10)]
    yield "search, phrase", [term(f'"kommun{n} skol{n}"') for n in range(10)]
    yield "search, proximity", [term(f"kommun{n} NEAR/5 skol{n}") for n in range(10)]
    yield "search, ending of a word", [term(f"*lan60{n}") for n in range(10)]
    yield "search, common word on one site", [term(f"kommun{n}", f"site{n}.example") for n in range(10)]
    articles = Filters(kind="article")
    common, rare = [f"kommun{n}" for n in range(10)], [f"plan{n}" for n in range(600, 610)]
    yield "count by month, common word", [lambda q=q: catalog.count(q, articles) for q in common]
    yield "count by month, rare word", [lambda q=q: catalog.count(q, articles) for q in rare]
    yield "count by site, common word", [lambda q=q: catalog.count(q, articles, "site") for q in common]
    yield "timeline, common word", [lambda q=q: catalog.timeline(q, articles) for q in common]
    yield "similar articles", [lambda n=n: catalog.similar(address(n), articles) for n in some[:20]]
    yield "reuse of a URL", [lambda n=n: catalog.reuse(address(n)) for n in some]


def ask_once(connection: Connection, only: str) -> None:
    """Ask each question about the whole archive once and print how long it took."""
    server = server_of(connection)
    for name, call in wholes(Catalog(connection), connection):
        if only not in name:
            continue
        before, began, spent = server_cpu(server), time.perf_counter(), time.process_time()
        found = call()
        print(
            f"{name:40} CPU {time.process_time() - spent:6.2f} s"
            + (f" + server {server_cpu(server) - before:6.2f}" if server else "")
            + f"   wall {time.perf_counter() - began:6.2f} s   {found} rows"
        )


def wholes(catalog: Catalog, connection: Connection) -> Iterator[tuple[str, Callable[[], int]]]:
    """Give each question about the whole archive with the call that asks it, which returns the number of rows."""
    missed = select(func.count()).select_from(views.missed)
    site = "site3.example"
    yield "coverage by day", lambda: len(catalog.coverage(CoverageFilters()))
    yield "coverage of one site, by month", lambda: len(catalog.coverage(CoverageFilters(site=site), "month"))
    yield "what was missed", lambda: int(connection.execute(missed).scalar_one())
    yield "removals", lambda: len(catalog.removals(RemovalFilters()))
    yield "latest changes", lambda: len(catalog.changes(ChangeFilters(), limit=20))
    yield "changes on one site", lambda: len(catalog.changes(ChangeFilters(site=site)))
    yield "first citations", lambda: len(catalog.citations(CitationFilters(), limit=20))
    yield "citations on one site", lambda: len(catalog.citations(CitationFilters(site=site)))
    yield "all shared passages", lambda: len(catalog.reuse())
    yield "sightings of an article", lambda: len(catalog.sightings(address(7)))
    yield "status of the archive", lambda: catalog.status().captures
    yield "runs", lambda: len(catalog.runs())


def export(database: str) -> None:
    """Export tables, each by a process of its own, and print the time and the most memory that it took."""
    for view, kind in (("captures", "csv"), ("versions", "jsonl"), ("versions", "csv"), ("versions", "parquet")):
        process = get_context("spawn").Process(target=_export, args=(database, view, kind))
        process.start()
        process.join()


def _export(database: str, view: str, kind: str) -> None:
    choice = Choice()
    writers = {"csv": write_csv, "jsonl": write_jsonl}
    write = writers[kind] if kind in writers else parquet_writer(view, choice)
    index = Index.open(database, create=False)
    with index.connect() as connection, Path(os.devnull).open("wb") as sink:
        number = write(Extract(connection, view, choice), sink)
    usage = getrusage(RUSAGE_SELF)
    spent, most = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    print(f"{view} as {kind}: {number} rows, {spent:.1f} s of CPU, at most {most:.0f} MB of memory", flush=True)


if __name__ == "__main__":
    main()
