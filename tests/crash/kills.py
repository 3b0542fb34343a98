"""Kill crawls by SIGKILL at random points and count what was lost.

    PYTHONPATH=tests:tests/support python -m crash.kills 500

Half of the kills strike in a call that writes, the others at a moment chosen at random. An archive is killed
several times, finished undisturbed, and must then hold every capture that was ever acknowledged, be without
finding, and give the same rows whether its index was kept up or is made anew.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archived import rows
from servers.gated import GatedSite

from umecrawl.index.engine import Index
from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.pipeline.audit import audit
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.rules import Severity

PAGES = 120
KILLS_AN_ARCHIVE = 10
MOST_CALLS = 400  # a run makes about as many
MOST_SECONDS = 4.0
CONFIGURATION = """
[collection]
name = "crash"
operator = "Crash test"
contact = "mailto:archive@archive.example"

[politeness]
delay = "0s"
max_delay = "0s"

[[source]]
name = "site"
seeds = ["http://127.0.0.1:{port}/"]
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that a kill cost."""

    archive: Path
    message: str


@dataclass(frozen=True, slots=True)
class Toll:
    """What the kills of one archive came to."""

    kills: int
    survived: int
    acknowledged: int
    losses: tuple[Loss, ...]


def kill_often(root: Path, site: GatedSite, kills: int, dice: random.Random) -> Toll:
    """Start a crawl again and again and kill it; then finish it and look at what is there."""
    root.mkdir(parents=True)
    (root / "umecrawl.toml").write_text(CONFIGURATION.format(port=site.port), encoding="utf-8")
    acks = root.with_suffix(".acks")
    struck = survived = 0
    losses: list[Loss] = []
    while struck < kills:
        resume = ("--resume", "last") if (root / "runs").is_dir() and dice.random() < 0.6 else ()
        index = () if dice.random() < 0.5 else ("--no-index",)
        if start_doomed(root, acks, dice, "crawl", *resume, *index) == -signal.SIGKILL:
            struck += 1
        else:
            survived += 1
        losses += _lost(root, acks)
    _run(root, acks, 0, 0.0, "crawl")
    losses += [*_lost(root, acks), *_findings(root), *_index_differs(root)]
    return Toll(struck, survived, len(_acknowledged(acks)), tuple(losses))


def start_doomed(
    root: Path, acks: Path, dice: random.Random, *command: str, limits: tuple[int, float] = (MOST_CALLS, MOST_SECONDS)
) -> int:
    """Start a command and kill it at a random point, up to so many calls or seconds away; return its exit code."""
    calls, seconds = limits
    if dice.random() < 0.5:
        return _run(root, acks, dice.randint(1, calls), dice.choice((0.0, dice.random(), 1.0)), *command)
    return _run(root, acks, 0, 0.0, *command, after=dice.uniform(0.0, seconds))


def _run(root: Path, acks: Path, call: int, share: float, *command: str, after: float | None = None) -> int:
    arguments = [str(acks), str(call), f"{share:.3f}", *command, "--archive", str(root), "-q"]
    with subprocess.Popen(
        [sys.executable, "-m", "crash.doomed", *arguments],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        timer = threading.Timer(after, process.kill) if after is not None else None
        if timer is not None:
            timer.start()
        try:
            return process.wait()
        finally:
            if timer is not None:
                timer.cancel()


def _acknowledged(acks: Path) -> set[str]:
    # The last line may be cut: the kill came between the acknowledgement and its note.
    return set(acks.read_text().split("\n")[:-1]) if acks.exists() else set()


def _lost(root: Path, acks: Path) -> Iterator[Loss]:
    events = (event for _, event in WarcArchive(root).events({}))
    held = {event.record.record_id for event in events if isinstance(event, Capture | FailedFetch)}
    for lost in sorted(_acknowledged(acks) - held):
        yield Loss(root, f"capture {lost} was acknowledged and is gone")


def _findings(root: Path) -> Iterator[Loss]:
    run_umecrawl(root, "index")
    for finding in audit(root, database=None):
        if finding.severity is Severity.ERROR or finding.rule == "index-behind":
            yield Loss(root, f"{finding.path.name}: {finding.rule}: {finding.message}")


def _index_differs(root: Path) -> Iterator[Loss]:
    kept = _rows(root)
    run_umecrawl(root, "index", "--rebuild")
    for table, made in _rows(root).items():
        if kept[table] != made:
            yield Loss(root, f"table {table} differs after a rebuild")


def _rows(root: Path) -> dict[str, list[str]]:
    index = Index.open(Index.default_url(root))
    try:
        return rows(index)
    finally:
        index.close()


def run_umecrawl(root: Path, *command: str) -> None:
    """Run a command to its end and expect it to go well."""
    subprocess.run(
        [sys.executable, "-m", "umecrawl", *command, "--archive", str(root), "-q"], check=True, capture_output=True
    )


def run(kills: int, seed: int, folder: Path) -> Iterator[Toll]:
    """Kill crawls that often, several on one archive, and tell the toll of each archive."""
    dice = random.Random(seed)
    number = 0
    while kills > 0:
        with GatedSite(PAGES) as site:
            toll = kill_often(folder / f"archive-{number}", site, min(kills, KILLS_AN_ARCHIVE), dice)
        yield toll
        kills -= toll.kills
        number += 1


def main() -> int:
    """Kill, count, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int, nargs="?", default=500)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)))
    parser.add_argument("--keep", type=Path, help="folder in which the archives stay")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    kills = acknowledged = lost = 0
    with tempfile.TemporaryDirectory() as scratch:
        for toll in run(arguments.kills, arguments.seed, arguments.keep or Path(scratch)):
            kills, acknowledged, lost = kills + toll.kills, acknowledged + toll.acknowledged, lost + len(toll.losses)
            for loss in toll.losses:
                print(f"  {loss.archive.name}: {loss.message}")
            print(f"{kills} kills, {acknowledged} captures acknowledged, {lost} losses or findings", flush=True)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
