"""Kill scheduled runs by SIGKILL at random points, and compare what they come to with an undisturbed one.

    PYTHONPATH=tests:tests/support python -m crash.scheduled 100

Half of the kills strike in a call that writes, the others at a moment chosen at random. `umecrawl schedule --once` is
started again until it comes to its end; then captures (URL, status, digest), failed fetches, URLs left out (with their
rule) and versions must be those of an archive that nobody disturbed, in one run that is finished.
"""

import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from servers.gated import GatedSite

from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.crawl import Skipped
from umecrawl.pipeline.audit import audit
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.rules import Severity

from .kills import CONFIGURATION, run_umecrawl, start_doomed

PAGES = 60
MOST_CALLS = 150
MOST_SECONDS = 8.0


class LeakySite(GatedSite):
    """Pages that also link what is left out (other sites, replies) and what is not there."""

    @staticmethod
    def page(number: int, pages: int) -> bytes:
        """Return a page with three more links."""
        more = (
            f'<a href="https://elsewhere.example/{number}">Annat</a> <a href="/{number}?replytocom={number}">Svara</a> '
            f'<a href="/borta-{number}">Borta</a></body>'
        )
        return GatedSite.page(number, pages).replace(b"</body>", more.encode())


@dataclass(frozen=True, slots=True)
class EndState:
    """What an archive holds, as far as two crawls of one site must agree."""

    captures: Counter[tuple[str, int, str]]
    failures: Counter[tuple[str, str]]
    skipped: Counter[tuple[str, str]]
    versions: frozenset[tuple[str, str, str]]
    outcomes: tuple[str | None, ...]

    def differences(self, other: "EndState") -> Iterator[str]:
        """Yield what differs, in words."""
        for name in ("captures", "failures", "skipped"):
            ours, theirs = getattr(self, name), getattr(other, name)
            for lost in (ours - theirs).elements():
                yield f"{name}: {lost} is missing"
            for more in (theirs - ours).elements():
                yield f"{name}: {more} is there too often"
        for version in self.versions ^ other.versions:
            yield f"versions: {version[0]} differs"
        if self.outcomes != other.outcomes:
            yield f"runs: {other.outcomes} and not {self.outcomes}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The kills that one archive survived, and what differs from an undisturbed one."""

    kills: int
    differences: tuple[str, ...]


def end_state(root: Path) -> EndState:
    """Return what an archive holds, from its WARCs and its index."""
    run_umecrawl(root, "index")
    events = [event for _, event in WarcArchive(root).events({})]
    with closing(sqlite3.connect(root / "index.sqlite")) as index:
        versions = frozenset(index.execute("SELECT url, title, text_sha256 FROM versions"))
        outcomes = tuple(outcome for (outcome,) in index.execute("SELECT outcome FROM runs ORDER BY id"))
    return EndState(
        captures=Counter((one.url, one.status, one.payload_digest) for one in events if isinstance(one, Capture)),
        failures=Counter((one.url, one.kind) for one in events if isinstance(one, FailedFetch)),
        skipped=Counter((one.url, one.rule) for one in events if isinstance(one, Skipped)),
        versions=versions,
        outcomes=outcomes,
    )


def undisturbed(root: Path, site: GatedSite) -> EndState:
    """Return what a scheduled run comes to that nobody kills."""
    _make(root, site)
    run_umecrawl(root, "schedule", "--once")
    return end_state(root)


def kill_and_finish(root: Path, site: GatedSite, expected: EndState, most: int, dice: random.Random) -> Comparison:
    """Kill a scheduled run again and again, let it come to its end, and compare; at most so many kills."""
    _make(root, site)
    kills = 0
    while kills < most:
        index = () if dice.random() < 0.5 else ("--no-index",)
        limits = (MOST_CALLS, MOST_SECONDS)
        if start_doomed(root, root.with_suffix(".acks"), dice, "schedule", "--once", *index, limits=limits) != (
            -signal.SIGKILL
        ):
            break
        kills += 1
    run_umecrawl(root, "schedule", "--once")
    differences = [*expected.differences(end_state(root))]
    differences += [
        f"{finding.path.name}: {finding.message}"
        for finding in audit(root, database=None)
        if finding.severity is Severity.ERROR
    ]
    return Comparison(kills, tuple(differences))


def _make(root: Path, site: GatedSite) -> None:
    root.mkdir(parents=True)
    text = CONFIGURATION.format(port=site.port) + 'every = "1d"\n'
    (root / "umecrawl.toml").write_text(text, encoding="utf-8")


def main() -> int:
    """Kill, compare, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    parser.add_argument("--keep", type=Path, help="folder in which the archives stay")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    dice = random.Random(arguments.seed)
    kills = archives = unequal = 0
    with tempfile.TemporaryDirectory() as scratch, LeakySite(PAGES) as site:
        folder = arguments.keep or Path(scratch)
        expected = undisturbed(folder / "undisturbed", site)
        print(
            f"undisturbed: {len(expected.captures)} captures, {len(expected.skipped)} URLs left out, "
            f"{len(expected.versions)} versions",
            flush=True,
        )
        while kills < arguments.kills:
            done = kill_and_finish(folder / f"archive-{archives}", site, expected, arguments.kills - kills, dice)
            kills, archives, unequal = kills + done.kills, archives + 1, unequal + bool(done.differences)
            for difference in done.differences:
                print(f"  archive-{archives - 1}: {difference}")
            print(f"{kills} kills, {archives} archives, {unequal} unequal", flush=True)
    return 1 if unequal else 0


if __name__ == "__main__":
    sys.exit(main())
