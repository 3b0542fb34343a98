"""A disk that is really full: a small tmpfs in a mount namespace of its own."""

import json
import shutil
import subprocess
import sys

import pytest
from servers.gated import GatedSite

from umecrawl.pipeline.audit import audit

from .kills import CONFIGURATION

PAGES = 300
IN_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=$1 none "$2"
cp "$3" "$2"
set +e
"$4" -m umecrawl crawl --archive "$2"
code=$?
cp -a "$2/." "$5"
exit $code
"""


def _may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-r", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], check=False, capture_output=True
    )
    return tried.returncode == 0


@pytest.mark.skipif(not _may_mount(), reason="this system lets nobody mount a small disk (unshare -r -m)")
@pytest.mark.parametrize("size", ["120k", "300k", "700k"])
def test_a_full_disk_ends_the_run_and_tears_nothing(tmp_path, size):
    """Wherever the space runs out: exit code 8, one error line, no damage, and the run goes on when there is room."""
    disk, rescued, toml = tmp_path / "disk", tmp_path / "archive", tmp_path / "umecrawl.toml"
    disk.mkdir()
    rescued.mkdir()
    with GatedSite(PAGES) as site:
        toml.write_text(CONFIGURATION.format(port=site.port), encoding="utf-8")
        words = [size, str(disk), str(toml), sys.executable, str(rescued)]
        done = subprocess.run(
            ["unshare", "-r", "-m", "sh", "-c", IN_A_SMALL_DISK, "sh", *words],
            check=False,
            capture_output=True,
            text=True,
        )
        assert 8 == done.returncode, done.stderr
        assert 1 == done.stderr.count("Error:")
        assert "Traceback" not in done.stderr
        resume = ["--resume", "last"] if any((rescued / "warc").rglob("*.warc.gz*")) else []
        _umecrawl("crawl", *resume, "--archive", str(rescued))
        assert {1, 2} >= set(site.asked.values())
    assert [] == list(audit(rescued, database=None))
    rows = json.loads(_umecrawl("status", "--json", "--archive", str(rescued)).stdout)
    assert "finished" in {row["outcome"] for row in rows}


def _umecrawl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "umecrawl", *arguments], check=True, capture_output=True, text=True)
