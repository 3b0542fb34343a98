"""Memory and speed of a frontier with a million URLs: `python benchmarks/frontier.py [URLS] [--known]` (1000000).

Links of made-up pages are offered to the frontier as a crawl offers them, a hundred a page, on 50 hosts of one
source. Prints the peak memory of the process and the CPU time of an offer. With `--known` an earlier run captured
all of them: their CDXJ is read, each is planned, nine of ten are not due, and then each is met as a link too.
"""

import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from umecrawl.config import load
from umecrawl.frontier.queue import HostFrontier
from umecrawl.model.capture import RecordRef
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.urls import Url, surt
from umecrawl.warc.cdxj import CdxEntry, format_line
from umecrawl.warc.known import KnownUrls

_HOSTS = 50
_LINKS = 100  # of a page
_CAPTURED = datetime(2026, 1, 1, tzinfo=UTC)
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


def main(urls: int, *, known: bool) -> None:
    """Fill a frontier and print what that took."""
    if known:
        _known(urls)
        return
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


def _known(urls: int) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "umecrawl.toml").write_text(_CONFIGURATION, encoding="utf-8")
        _write_cdxj(root, urls)
        config = load(root / "umecrawl.toml")
        began = time.process_time()
        now = _CAPTURED + timedelta(days=10)
        with KnownUrls(root, ("made-up",), before=now) as histories:
            made = time.process_time() - began
            print(f"look-up made in {made:.0f} s, memory {memory():.0f} MB")
            run = "20260101000000-made"
            frontier = HostFrontier(
                config, (), run=run, clock=lambda: now, on_skip=lambda _: None, histories=histories, began=now
            )
            began = time.process_time()
            for page, history in histories.known():
                frontier.offer_known(page, history)
            spent = time.process_time() - began
            print(f"{frontier.queued} due, {frontier.not_due} not; {1e6 * spent / urls:.1f} µs of CPU each")
            began = time.process_time()
            for n in range(urls):
                frontier.offer(candidate(n, _SEED))
            spent = time.process_time() - began
            print(f"met again as links: {1e6 * spent / urls:.1f} µs of CPU each")
        print(f"peak memory {memory():.0f} MB")


def _write_cdxj(root: Path, urls: int) -> None:
    for folder in ("warc", "cdxj"):
        (root / folder).mkdir()
    per_file = 100_000
    for start in range(0, urls, per_file):
        name = f"made-20260101{start // per_file:06}-00000-host"
        (root / "warc" / f"{name}.warc.gz").touch()
        with (root / "cdxj" / f"{name}.cdxj").open("wb") as file:
            for n in range(start, min(urls, start + per_file)):
                one = candidate(n, _SEED)
                at = _CAPTURED - timedelta(days=30 if n % 10 == 0 else 1)
                ref = RecordRef(f"{n:032}", f"{name}.warc.gz", n, 1)
                digest = f"sha256:{n:064x}"
                entry = CdxEntry(surt(one.url), one.url, at, "text/html", 200, digest, ref, source="made-up", hop="LLL")
                file.write(format_line(entry))


def candidate(n: int, via: Url) -> CrawlUrl:
    """Return the n-th link."""
    host = f"h{n // _LINKS % _HOSTS}.blog.example"
    url = Url(f"https://{host}/{2010 + n % 15}/{n % 12 + 1:02}/{n % 28 + 1:02}/en-rubrik-om-nummer-{n}/")
    return CrawlUrl(url=url, seed=_SEED, source="made-up", via=via, hop_path="LLL")


def memory() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    main(numbers[0] if numbers else 1_000_000, known="--known" in sys.argv)
