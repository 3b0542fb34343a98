"""Speed of `umecrawl verify` beside other checkers: `python benchmarks/verify.py [PAGES] [ROUNDS]` (20000, 5).

The file is written by our own writer: exchanges of a request, a metadata record with links and a page of about
17 kB in words that follow Zipf's law; once in one file, once in four. All checkers read the same files in rounds that
alternate, each as a process of its own, start-up included; `fastwarc check` takes one file, so that four are checked
by four, one after the other or (`xargs -P`) as many at once as there are processors. It knows block digests only,
`fastwarc check -p` payload digests as well; `umecrawl verify` checks all rules, and in an archive also manifest and
CDXJ. CPU counts all processes; wall time means something on a machine that does nothing else (the load is printed).
A round that does not count comes first: after it the files are in memory and all programs compiled, as if installed.

`python benchmarks/verify.py --memory [RECORDS]` (200000) prints the peak memory of a check of many small records.
"""

import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from umecrawl.model.capture import Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl, Hop, Outlink
from umecrawl.model.urls import Url
from umecrawl.warc.writer import WarcWriter

_BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
_BIN = Path(sys.executable).parent
_REQUEST = b"GET /%d HTTP/1.1\r\nHost: news.example\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
_HEAD = b"HTTP/1.1 200 OK\r\nServer: made-up\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
_ROOTS = ("kommun", "skol", "råd", "vård", "omsorg", "trygg", "budget", "plan", "väg", "bo", "jobb", "miljö", "klimat")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took, in seconds and in MB."""

    cpu: float
    wall: float
    memory: float
    status: int


def main(pages: int, rounds: int) -> None:
    for files in (1, 4):
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), pages, files, rounds)


def compare(folder: Path, pages: int, files: int, rounds: int) -> None:
    """Print what each checker takes for an archive of so many files."""
    root = folder / "archive"
    per_page = 6_000  # octets on disk, about
    raw = write(root, pages, max_size=10**12 if files == 1 else pages * per_page // files)
    alone = folder / "alone"
    shutil.copytree(root / "warc", alone)
    warcs = sorted(alone.rglob("*.warc.gz"))
    size = sum(warc.stat().st_size for warc in warcs)
    processors = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    print(f"{pages} pages, {raw / 1e6:.0f} MB of bodies, {size / 1e6:.0f} MB in {len(warcs)} files, {rounds} rounds,")
    print(f"medians, {processors} processors, load at the start {load:.1f}")
    commands: dict[str, Sequence[Path | str]] = {}
    for workers in (1, processors):
        ours = [_BIN / "umecrawl", "verify", "--no-record", "--workers", str(workers), "--quiet"]
        many = f"{workers} process{'es' * (workers > 1)}"
        commands[f"umecrawl verify FILE, {many}"] = [*ours, "--archive", folder, *warcs]
        commands[f"umecrawl verify, archive, {many}"] = [*ours, "--no-index", "--archive", root]
    commands["warcio check"] = [_BIN / "warcio", "check", *warcs]
    for options in ("-q", "-q -p"):
        check = f"{_BIN / 'fastwarc'} check {options}"
        names = " ".join(str(warc) for warc in warcs)
        for workers in (1, processors) if len(warcs) > 1 else (1,):
            name = f"fastwarc check{options[2:]}" + (f", {workers} at once" if len(warcs) > 1 else "")
            commands[name] = ["sh", "-c", f"printf '%s\\n' {names} | xargs -n 1 -P {workers} {check}"]
    commands["gzip -t"] = ["gzip", "-t", *warcs]
    costs: dict[str, list[Cost]] = defaultdict(list)
    for number in range(rounds + 1):
        for name, command in commands.items():
            cost = run(command)
            if number:
                costs[name].append(cost)
    print(f"{'':40} {'CPU s':>7} {'wall s':>7} {'MB/s':>6}  exit")
    for name, of in costs.items():
        cpu, wall = (statistics.median(getattr(cost, field) for cost in of) for field in ("cpu", "wall"))
        print(f"{name:40} {cpu:7.2f} {wall:7.2f} {raw / 1e6 / cpu:6.0f}  {of[0].status}")


def measure_memory(records: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "archive"
        write(root, records // 3, size=600)
        cost = run([_BIN / "umecrawl", "verify", "--no-record", "--no-index", "--workers", "1", "--archive", root])
        print(f"{records} records: {cost.memory:.0f} MB, {cost.cpu:.1f} s of CPU, exit code {cost.status}")


def run(command: Sequence[Path | str]) -> Cost:
    """Run a command with its output thrown away."""
    began = time.perf_counter()
    null = os.open(os.devnull, os.O_WRONLY)
    words = [str(word) for word in command]
    actions = [(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    pid = os.posix_spawnp(words[0], words, environment, file_actions=actions)
    _, status, used = os.wait4(pid, 0)
    os.close(null)
    wall = time.perf_counter() - began
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


def write(root: Path, pages: int, size: int = 17_000, max_size: int = 10**12) -> int:
    """Write an archive of WARCs up to `max_size` octets and return how many octets of bodies are in it."""
    rng = random.Random(1)
    words = [f"{root}{n}" for n in range(700) for root in _ROOTS]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    paragraphs = ["<p>" + " ".join(rng.choices(words, weights, k=60)) + "</p>\n" for _ in range(4_000)]
    menu = "".join(f'<li><a href="/{word}">{word.title()}</a></li>\n' for word in words[:60])
    crawl_run = CrawlRun(
        id="20260131120000-bench",
        collection="bench",
        sources=("news",),
        started_at=_BEGIN,
        operator="Benchmark",
        contact="mailto:archive@archive.example",
        user_agent="umecrawl",
        robots="obey",
        software="umecrawl",
    )
    raw = 0
    with WarcWriter(root, crawl_run, payloads=None, hostname="bench", max_size=max_size) as writer:
        for number in range(pages):
            text, length = [f"<!doctype html><title>Sida {number}</title>\n"], 0
            if size > 5_000:
                text.append(menu)
            while length < size - 5_000 or length < 400:
                text.append(rng.choice(paragraphs))
                length += len(text[-1])
            body = "".join(text).encode()
            raw += len(body)
            links = tuple(Outlink(Url(f"http://news.example/{rng.randrange(pages)}"), Hop.LINK) for _ in range(25))
            writer.append(
                Exchange(
                    crawl_url=CrawlUrl(Url(f"http://news.example/{number}"), Url("http://news.example/"), "news"),
                    started_at=_BEGIN + timedelta(seconds=number),
                    elapsed_ms=20,
                    request=_REQUEST % number,
                    response_head=_HEAD % len(body),
                    response_body=body,
                    ip="192.0.2.1",
                ),
                links,
            )
    return raw


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--memory"]
    if "--memory" in sys.argv:
        measure_memory(int(arguments[0]) if arguments else 200_000)
    else:
        main(*(int(argument) for argument in arguments)) if len(arguments) == 2 else main(
            int(arguments[0]) if arguments else 20_000, 5
        )
