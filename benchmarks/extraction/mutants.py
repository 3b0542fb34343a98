"""Hostile pages through the extractor: `python benchmarks/extraction/mutants.py [--pages N] [--seed N] [--workers N]`.

Sources are the project's fixtures (pages, feeds, API answers, a PDF) and, where they are beside the project, the test
bed (../shared/testbed) and the labelled pages ($UMECRAWL_EVAL, else ../shared/eval). Each page is broken as
`mutations.py` says and goes through `umecrawl.pipeline.extraction.ExtractionPool`, as in `umecrawl index`. Printed are
the outcomes by kind of page, what failed and why, the pages that took over two seconds of CPU and the most memory a
worker held. `--only N` reads one page in this process, `--save FILE` keeps it. The exit code is 1 when a page failed.
"""

import argparse
import gzip
import importlib.util
import random
import re
import resource
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from mutations import HTML, JSON, PDF, RSS, Mutant, Source, mutant

from umecrawl.extract import extract
from umecrawl.model.article import Extraction, Outcome, Page
from umecrawl.model.message import decode_content, media_type
from umecrawl.model.urls import InvalidUrlError, Url, normalize
from umecrawl.pipeline.extraction import SECONDS_PER_PAGE, ExtractionPool

PROJECT = Path(__file__).parents[2]
SHARED = PROJECT.parent / "shared"
CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)
LARGE = 9_500  # octets; of larger sources one in a hundred is taken, for time
SLOW = 2.0  # seconds of CPU
KILOBYTES = 1024


def main() -> None:
    """Read all pages and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--start", type=int, default=0, help="number of the first page")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=SECONDS_PER_PAGE, help="of CPU a page may take")
    parser.add_argument("--only", type=int, help="read this page alone")
    parser.add_argument("--save", type=Path, help="with --only: write the page here")
    chosen = parser.parse_args()
    sources = found()
    if chosen.only is not None:
        alone(made(chosen.seed, chosen.only, sources), chosen.save)
        return
    print({mime: len(pages) for mime, pages in sources.items()}, flush=True)
    raise SystemExit(run(chosen, sources))


def alone(page: Mutant, save: Path | None) -> None:
    """Read one page here and print what it gave."""
    if save is not None:
        save.write_bytes(page.markup)
    print(page.kind, page.content_type[:200], page.url, len(page.markup), page.markup[:200])
    extraction = measured(shown(page))
    print(extraction.outcome, extraction.detail, extraction.reasons, [len(post.text) for post in extraction.posts][:10])


def run(chosen: argparse.Namespace, sources: dict[str, list[Source]]) -> int:
    """Send the pages through the pool; 1 when one failed."""
    outcomes: Counter[tuple[str, str]] = Counter()
    failed: dict[str, list[int]] = {}
    slow: list[tuple[float, int, str]] = []
    memory, spent = 0, 0.0
    started = time.monotonic()
    numbers = range(chosen.start, chosen.start + chosen.pages)
    pages = ((n, made(chosen.seed, n, sources)) for n in numbers)
    kinds: dict[int, str] = {}

    def handed() -> Iterator[tuple[int, Page]]:
        for n, page in pages:
            kinds[n] = f"{page.kind} ({len(page.markup):,} octets)"
            yield n, shown(page)

    with ExtractionPool[int](chosen.workers, seconds=chosen.seconds, reader=measured) as pool:
        for done, (n, extraction) in zip(count(1), pool.extract(handed()), strict=False):
            kind = kinds.pop(n)
            outcomes[kind.partition(" (")[0], extraction.outcome.value] += 1
            if extraction.outcome is Outcome.FAILED:
                failed.setdefault(re.sub(r"\d+", "0", extraction.detail)[:120], []).append(n)
                print(f"failed: page {n}, {kind}: {extraction.detail}", flush=True)
            cpu, kilobytes = told(extraction)
            spent += cpu
            memory = max(memory, kilobytes)
            if cpu > SLOW:
                slow.append((cpu, n, kind))
                print(f"slow: page {n}, {kind}: {cpu:.1f} s", flush=True)
            if done % 2000 == 0:
                print(f"{done:,} pages, {time.monotonic() - started:,.0f} s, CPU of workers {spent:,.0f} s, "
                      f"a worker's peak {memory // KILOBYTES} MB", flush=True)  # fmt: skip
    report(outcomes, failed, slow)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{sum(outcomes.values()):,} pages, {time.monotonic() - started:,.0f} s, CPU of workers {spent:,.0f} s; peak memory: a worker "
          f"{memory // KILOBYTES} MB, this process {own // KILOBYTES} MB")  # fmt: skip
    return 1 if failed else 0


def report(
    outcomes: Counter[tuple[str, str]], failed: dict[str, list[int]], slow: list[tuple[float, int, str]]
) -> None:
    """Print the outcomes by kind, the failures by their reason and the slowest pages."""
    names = [outcome.value for outcome in Outcome]
    print(f"{'':14}" + "".join(f"{name:>12}" for name in names))
    for kind in sorted({kind for kind, _ in outcomes}):
        print(f"{kind:14}" + "".join(f"{outcomes[kind, name]:12,}" for name in names))
    print(f"{'all':14}" + "".join(f"{sum(v for (_, o), v in outcomes.items() if o == name):12,}" for name in names))
    for reason, numbers in failed.items():
        print(f"failed {len(numbers)} times: {reason} (pages {numbers[:5]})")
    print(f"{len(slow)} pages took over {SLOW:g} s of CPU")
    for cpu, n, kind in sorted(slow, reverse=True)[:20]:
        print(f"  {cpu:5.1f} s  page {n}, {kind}")


def measured(page: Page) -> Extraction:
    """Read a page as the crawler does, and add to its reasons the CPU it took and the most memory this process held."""
    started = time.process_time()
    extraction = extract(page)
    spent = time.process_time() - started
    return replace(extraction, reasons=(f"{spent:.3f}", str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)))


def told(extraction: Extraction) -> tuple[float, int]:
    """Return seconds of CPU and kilobytes, as `measured` noted them; nothing of a page that ended its process."""
    return (float(extraction.reasons[0]), int(extraction.reasons[1])) if len(extraction.reasons) > 1 else (0.0, 0)


def made(seed: int, number: int, sources: dict[str, list[Source]]) -> Mutant:
    """Return the page of a number: the same for the same seed and sources."""
    return mutant(random.Random(f"{seed} {number}"), sources)  # noqa: S311 - nothing secret is drawn


def shown(page: Mutant) -> Page:
    """Return a mutant as a captured page."""
    try:
        url = normalize(page.url)
    except InvalidUrlError:
        url = Url("https://blogg.example/")
    return Page(url, CAPTURED, 200, page.content_type, page.markup)


def found() -> dict[str, list[Source]]:
    """Return all pages there are to break, by type."""
    sources: dict[str, list[Source]] = {HTML: [], RSS: [], JSON: [], PDF: []}
    larger = 0
    for source in (*_fixtures(), *_testbed(), *_labelled()):
        mime = {"application/xml": RSS, "text/xml": RSS}.get(source.mime, source.mime)
        larger += len(source.markup) > LARGE
        if mime in sources and source.markup and (len(source.markup) <= LARGE or larger % 100 == 0):
            sources[mime].append(source)
    return sources


def _fixtures() -> Iterator[Source]:
    for routes in sorted((PROJECT / "fixtures").glob("*/routes.toml")):
        for route in tomllib.loads(routes.read_text(encoding="utf-8"))["route"]:
            file = routes.parent / route.get("file", "-")
            if file.is_file():
                yield Source(media_type(route.get("type", "")), route["url"], file.read_bytes())


def _testbed() -> Iterator[Source]:
    beside = SHARED / "testbed"
    if not (beside / "capture_io.py").is_file():
        return
    spec = importlib.util.spec_from_file_location("capture_io", beside / "capture_io.py")
    assert spec is not None
    assert spec.loader is not None
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)
    capture = reader.Capture()
    for entry in capture.entries:
        if entry.get("file") and entry["status"] == 200:
            _, headers, payload = capture.load(entry)
            markup = decode_content(payload, reader.header(headers, "Content-Encoding") or "")
            yield Source(media_type(entry["content_type"] or ""), entry["url"], markup)


def _labelled() -> Iterator[Source]:
    from corpus import NoPagesError, address, evaluation, pages  # beside this file, for those who have the pages

    try:
        folder = evaluation(None)
    except NoPagesError:
        return
    for page in pages(folder):
        yield Source(HTML, address(page), gzip.decompress(page.file.read_bytes()))


if __name__ == "__main__":
    main()
