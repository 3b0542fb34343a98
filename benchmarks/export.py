"""How fast an archive becomes a WACZ, and how much memory that takes, whatever its size.

    uv run python benchmarks/export.py [MEGABYTES...]     (default: 50 200 800)

Archives of pages of 40 kB that hardly pack are made in a temporary folder and exported whole, without index, by a
process of its own. Prints size, seconds, megabytes a second and the most memory the process held.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from umecrawl.model.capture import Exchange
from umecrawl.model.crawl import CrawlRun, CrawlUrl
from umecrawl.model.urls import Url
from umecrawl.warc.writer import WarcWriter

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
BODY = 40_000
REQUEST = b"GET / HTTP/1.1\r\nHost: blog.example\r\n\r\n"


def make(root: Path, megabytes: int) -> None:
    """Write an archive of about that size, in files of 100 MB."""
    run = CrawlRun(
        "20260101000000-aaaa",
        "bench",
        ("blog",),
        BEGIN,
        "Bench",
        "mailto:a@archive.example",
        "ua",
        "obey",
        "umecrawl/0",
    )
    with WarcWriter(root, run, payloads=None, hostname="bench", max_size=10**8) as writer:
        for number in range(megabytes * 1_000_000 // BODY):
            body = b"<title>Sida %d</title>" % number + os.urandom(BODY)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
            url = Url(f"http://blog.example/{number}")
            at = BEGIN + timedelta(seconds=number)
            writer.append(Exchange(CrawlUrl(url, url, "blog"), at, 5, REQUEST, head, body, ip="192.0.2.1"))


def export(root: Path, target: Path) -> tuple[float, float]:
    """Return seconds and megabytes of memory that an export took."""
    command = [sys.executable, "-m", "umecrawl", "-q", "export", "wacz", "--archive", str(root), "-o", str(target)]
    begin = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit("the export failed")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def main() -> None:
    """Measure each size."""
    for megabytes in map(int, sys.argv[1:] or ("50", "200", "800")):
        with tempfile.TemporaryDirectory() as folder:
            root, target = Path(folder) / "archive", Path(folder) / "out.wacz"
            make(root, megabytes)
            seconds, memory = export(root, target)
            size = target.stat().st_size / 1e6
            print(f"{size:7.0f} MB in {seconds:5.1f} s: {size / seconds:4.0f} MB/s, at most {memory:3.0f} MB of memory")


if __name__ == "__main__":
    main()
