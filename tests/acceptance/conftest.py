"""A real crawl of the test bed, shared by the acceptance tests: the command line, in processes of its own."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTBED = Path(__file__).parents[3] / "shared" / "testbed"

CONFIGURATION = """
[collection]
name = "umea"
title = "Acceptance"
operator = "Acceptance test"
contact = "https://archive.example/contact"

[politeness]
delay = "0s"
max_delay = "0s"

[[source]]
name = "umesosse"
seeds = ["https://umesosse.se/"]
scope = "host"
follow = ["vk.se", "folkbladet.nu", "dn.se", "svt.se", "umea.se", "aftonbladet.se"]

[[source]]
name = "lundgren"
seeds = ["http://blogg.vk.se/andreaslundgren/"]
scope = "prefix"
follow = ["vk.se", "folkbladet.nu", "dn.se", "svt.se", "umea.se", "aftonbladet.se"]
"""


@dataclass(frozen=True, slots=True)
class Crawled:
    """An archive made from the test bed, with the id of each run and the server's log of it.

    Edition 1 was crawled, crawled again, and crawled in full; then edition 2 was crawled.
    """

    root: Path
    first_log: tuple[dict[str, object], ...]
    again_log: tuple[dict[str, object], ...]
    full_log: tuple[dict[str, object], ...]
    second_log: tuple[dict[str, object], ...]
    first_run: str
    again_run: str
    full_run: str
    second_run: str


Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cli() -> Cli:
    """Return the command line, run as a user would."""
    return _umecrawl


def _umecrawl(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "umecrawl", *arguments], capture_output=True, text=True, check=False, timeout=600
    )
    if check and done.returncode != 0:
        pytest.fail(f"umecrawl {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return done


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> tuple[Path, str]:
    """Run the demo and return its archive and its report; tests only read it."""
    root = tmp_path_factory.mktemp("demo") / "archive"
    return root, cli("demo", str(root)).stdout


@pytest.fixture(scope="session")
def testbed() -> Path:
    """Return the test bed beside the project."""
    if not TESTBED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the test bed is missing: {TESTBED}")
        pytest.skip("the test bed (../shared/testbed) is not here")
    return TESTBED


class Replay:
    """The test bed's server in a process of its own, and its log."""

    def __init__(self, testbed: Path) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                str(testbed / "replay_server.py"),
                "--port",
                "0",
                "--tls-port",
                "0",
                "--latency-scale=0.01",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self._process.stdout.readline()
        self.port, self.tls_port = (int(re.search(rf"{name}(\d+)", line)[1]) for name in ("127.0.0.1:", "tls "))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.communicate()

    @property
    def reach(self) -> tuple[str, ...]:
        """How the command line reaches it, whatever the host."""
        return (
            "--connect-to", f":80:127.0.0.1:{self.port}",
            "--connect-to", f":443:127.0.0.1:{self.tls_port}",
            "--insecure",
        )  # fmt: skip

    def log(self) -> tuple[dict[str, object], ...]:
        """Return what was asked since the last edition was set."""
        return tuple(json.loads(self._ask("log")))

    def serve_edition(self, number: int) -> None:
        """Serve an edition from now on, with an empty log."""
        self._ask("edition", str(number).encode())
        self._ask("reset", b"")

    def behave(self, rules: list[dict[str, object]]) -> None:
        """Misbehave by these rules from now on."""
        self._ask("behaviours", json.dumps(rules).encode())

    def _ask(self, what: str, body: bytes | None = None) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__replay__/{what}", body) as answer:
            return answer.read()


@pytest.fixture(scope="session")
def replay(testbed: Path) -> Iterator[Replay]:
    """Serve the test bed while the tests run."""
    with Replay(testbed) as server:
        yield server


@pytest.fixture(scope="session")
def crawled(replay: Replay, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """Crawl edition 1 three times, then edition 2, into one archive."""
    root = tmp_path_factory.mktemp("testbed") / "archive"
    root.mkdir()
    (root / "umecrawl.toml").write_text(CONFIGURATION, encoding="utf-8")
    logs = []
    for edition, options in ((1, ()), (1, ()), (1, ("--full",)), (2, ())):
        replay.serve_edition(edition)
        _umecrawl("crawl", *options, *replay.reach, "--archive", str(root))
        logs.append(replay.log())
    runs = sorted(path.name for path in (root / "runs").iterdir() if path.is_dir())
    return Crawled(root, *logs, *runs)
