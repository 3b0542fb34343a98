"""The archive of `umecrawl demo`, made once for all examples of the documentation."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Demo:
    """The folder in which the tutorial's first command was run, and the report it printed."""

    folder: Path
    report: str


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """Run the tutorial's first command as a reader does, on a terminal of 80 columns."""
    folder = tmp_path_factory.mktemp("tutorial")
    done = subprocess.run(
        [sys.executable, "-m", "umecrawl", "demo", "granvik"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", "UMECRAWL_ARCHIVE": "", "UMECRAWL_DATABASE": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return Demo(folder, done.stdout)
