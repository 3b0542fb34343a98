"""Files that other tools wrote, through the program: indexed, shown, listed, checked."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

import umecrawl

SAMPLES = Path(__file__).parents[1] / "warc" / "foreign"
POST = "http://blogg.bladet.example/annaberg/2026/05/04/mitt-forsta-sommarjobb/"
TITLE = "Mitt första sommarjobb"


def call(*words):
    """Run umecrawl and return how it ended, with all it said in `stdout`."""
    command = [sys.executable, "-m", "umecrawl", *map(str, words)]
    return subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "200"},
    )


def gunzip(name):
    """Return the records of a sample."""
    return gzip.decompress((SAMPLES / name).read_bytes())


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """Return an archive of all samples, some packed in other ways, and what indexing it said."""
    root = tmp_path_factory.mktemp("bought")
    folder = root / "warc" / "others" / "more"
    folder.mkdir(parents=True)
    for name in ("scrapy-webarchive.wacz", "scrapy-warcio.warc.gz", "warcprox.warc.gz"):
        shutil.copy(SAMPLES / name, folder.parent)
    (folder / "one.warc.gz").write_bytes(gzip.compress(gunzip("warcio-1.1.warc.gz")))
    (folder / "plain.warc").write_bytes(gunzip("wget.warc.gz"))
    (folder / "frames.warc.zst").write_bytes(zstandard.compress(gunzip("warcio-1.0.warc.gz")))
    result = call("index", "--archive", root, "--workers", 1)
    assert result.returncode == 0, result.stdout
    return root, " ".join(result.stdout.split())


def test_every_tool_gives_the_post(indexed):
    """One article from six files, whatever their packing; what was shown is what the site sent."""
    root, _ = indexed
    with umecrawl.open(root) as archive:
        captures = [one for one in archive.history(POST) if one.status == 200]
        assert len({one.run for one in captures}) == 6
        for one in captures:
            assert TITLE.encode() in archive.page(one.id).markup
            assert archive.record(one.id).startswith(b"WARC/1.")
    assert TITLE in call("show", POST, "--archive", root).stdout


def test_faults_are_told_once_and_nothing_is_told_again(indexed):
    """One line for each kind and file; the second time the index is up to date."""
    root, said = indexed
    assert said.count("WARC-Date is not written as the file's version wants it (13 times, first at offset 0)") == 1
    assert said.count("several records share a compressed member") == 2
    again = call("index", "--archive", root, "--workers", 1)
    assert (again.returncode, "share a compressed member" in again.stdout) == (0, False)
    assert "up to date" in again.stdout


def test_runs_have_their_software_and_are_not_called_killed(indexed):
    """Others do not write how a run ended."""
    root, _ = indexed
    with umecrawl.open(root) as archive:
        runs = {one.id: one.software for one in archive.runs()}
    assert all(run.startswith("import-") for run in runs)
    assert any(software and software.startswith("warcprox") for software in runs.values())
    assert any(software and software.startswith("Wget") for software in runs.values())
    assert "was killed" not in call("status", "--archive", root).stdout


def test_a_rebuild_gives_the_same(indexed):
    """Nothing hangs on the order or the number of passes."""
    root, _ = indexed
    before = call("history", POST, "--archive", root, "--json").stdout
    assert call("index", "--archive", root, "--rebuild", "--workers", 1).returncode == 0
    assert call("history", POST, "--archive", root, "--json").stdout == before


def test_a_cut_file_is_told_and_the_rest_is_indexed(tmp_path):
    """Exit code 5 with file and offset."""
    folder = tmp_path / "warc" / "others"
    folder.mkdir(parents=True)
    (folder / "cut.warc.gz").write_bytes((SAMPLES / "wget.warc.gz").read_bytes()[:9000])
    shutil.copy(SAMPLES / "warcprox.warc.gz", folder)
    result = call("index", "--archive", tmp_path, "--workers", 1)
    assert result.returncode == 5
    assert "cut.warc.gz: offset 8878: the file ends inside a member" in " ".join(result.stdout.split())
    with umecrawl.open(tmp_path) as archive:
        assert len([one for one in archive.history(POST) if one.status == 200]) == 3


def test_verify_calls_nothing_in_them_an_error_but_what_the_wacz_lacks(indexed):
    """Faults of others are warnings; the index agrees with the files in every packing."""
    root, _ = indexed
    said = call("verify", "--archive", root).stdout
    errors = [line.split()[1] for line in said.splitlines() if line.startswith("error")]
    assert set(errors) == {"wacz-file", "wacz-index"}
