"""The unit files for systemd are what systemd takes."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "examples" / "systemd"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_systemd_accepts_the_units(tmp_path):
    """Checked with a program and a user that are there, in place of those that the reader fills in."""
    for unit in UNITS.iterdir():
        text = unit.read_text(encoding="utf-8").replace("/srv/umecrawl/bin/umecrawl", "/bin/true")
        (tmp_path / unit.name).write_text(text.replace("User=archive", "User=root"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (0, "") == (done.returncode, done.stderr)
