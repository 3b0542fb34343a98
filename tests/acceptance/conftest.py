"""A real crawl of the test bed, shared by the acceptance tests: the command line, in processes of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
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
    """An archive made from the test bed, with the server's log of each crawl."""

    root: Path
    first_log: tuple[dict[str, object], ...]
    second_log: tuple[dict[str, object], ...]
    first_run: str
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
def testbed() -> Path:
    """Return the test bed beside the project."""
    if not TESTBED.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the test bed is missing: {TESTBED}")
        pytest.skip("the test bed (../shared/testbed) is not here")
    return TESTBED


@pytest.fixture(scope="session")
def crawled(testbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """Crawl edition 1, then edition 2, into one archive."""
    sys.path.insert(0, str(testbed))
    try:
        from replay_server import ReplayServer  # noqa: PLC0415  # it lies outside the project
    finally:
        sys.path.remove(str(testbed))
    root = tmp_path_factory.mktemp("testbed") / "archive"
    root.mkdir()
    (root / "umecrawl.toml").write_text(CONFIGURATION, encoding="utf-8")
    with ReplayServer(edition=1, latency_scale=0.01, tls_port=0) as server:
        reach = (
            "--connect-to", f":80:127.0.0.1:{server.port}", "--connect-to", f":443:127.0.0.1:{server.tls_port}",
            "--insecure", "--archive", str(root),
        )  # fmt: skip
        _umecrawl("crawl", *reach)
        first = tuple(server.log)
        server.state.reset()
        server.set_edition(2)
        _umecrawl("crawl", *reach)
        second = tuple(server.log)
    runs = sorted(path.name for path in (root / "runs").iterdir() if path.is_dir())
    return Crawled(root, first, second, runs[0], runs[1])
