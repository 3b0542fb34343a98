"""Memory and speed of a frontier with a million URLs: `python benchmarks/frontier.py [URLS]` (1000000).

Links of made-up pages are offered to the frontier as a crawl offers them, a hundred a page, on 50 hosts of one
source. Prints the peak memory of the process and the CPU time of an offer.
"""

import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from umecrawl.config import load
from umecrawl.frontier.queue import HostFrontier
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.urls import Url

_HOSTS = 50
_LINKS = 100  # of a page
_SEED = Url("https://blog.example/")
_CONFIGURATION = """
[collection]
name = "benchmark"
operator = "Benchmark"
contact = "mailto:archive@archive.example"

[[source]]
name = "made-up"
seeds = ["https://blog.example/"]
scope = "domain"
max_pages = 5_000_000
"""


def main(urls: int) -> None:
    """Fill a frontier and print what that took."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "umecrawl.toml"
        file.write_text(_CONFIGURATION, encoding="utf-8")
        config = load(file)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    frontier = HostFrontier(config, (), run="20260101000000-made", clock=lambda: now, on_skip=lambda _: None)
    before = memory()
    began = time.process_time()
    for start in range(0, urls, _LINKS):
        via = Url(f"https://h{start // _LINKS % _HOSTS}.blog.example/sida-{start // _LINKS}/")
        for n in range(start, min(urls, start + _LINKS)):
            frontier.offer(candidate(n, via))
    spent = time.process_time() - began
    print(f"{frontier.queued} of {urls} URLs wait; {1e6 * spent / urls:.1f} µs of CPU an offer")
    print(f"peak memory {memory():.0f} MB, {memory() - before:.0f} MB of it for the URLs")


def candidate(n: int, via: Url) -> CrawlUrl:
    """Return the n-th link."""
    host = f"h{n // _LINKS % _HOSTS}.blog.example"
    url = Url(f"https://{host}/{2010 + n % 15}/{n % 12 + 1:02}/{n % 28 + 1:02}/en-rubrik-om-nummer-{n}/")
    return CrawlUrl(url=url, seed=_SEED, source="made-up", via=via, hop_path="LLL")


def memory() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
