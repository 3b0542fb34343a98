"""Exports of the demo's archive: to the letter of the formats, sound, complete, and the same each time."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import umecrawl

EPOCH = {"SOURCE_DATE_EPOCH": "1770000000"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory, cli):
    """Return an archive made by the demo."""
    root = tmp_path_factory.mktemp("exported") / "archive"
    cli("demo", str(root))
    return root


@pytest.fixture
def export(demo, tmp_path):
    """Return a function that exports into a file or folder of that name at a fixed time."""

    def run(form, name, *arguments, root=demo, check=True):
        command = [sys.executable, "-m", "umecrawl", "export", form, *arguments, "--archive", str(root)]
        done = subprocess.run(
            [*command, "-o", str(tmp_path / name)], env=os.environ | EPOCH, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return (tmp_path / name) if check else done

    return run


def _pages(wacz):
    with zipfile.ZipFile(wacz) as file:
        return [json.loads(line) for line in file.read("pages/pages.jsonl").splitlines()][1:]


def _lines(wacz):
    with zipfile.ZipFile(wacz) as file:
        return gzip.decompress(file.read("indexes/index.cdx.gz")).splitlines(keepends=True)


def _entries(lines):
    return [json.loads(line.split(b" ", 2)[2]) for line in lines]


def _captures(folder):
    data = b"".join(gzip.decompress(path.read_bytes()) for path in folder.iterdir())
    return [part for part in data.split(b"WARC/1.1\r\n") if part.startswith((b"WARC-Type: res", b"WARC-Type: rev"))]


def test_a_whole_archive_is_exported_file_by_file(demo, export):
    """The WARCs as they are, all captures in a sorted index, all pages with title and text, sound by `verify`."""
    wacz = export("wacz", "a.wacz")
    warcs = {path.name: path.read_bytes() for path in (demo / "warc").rglob("*.warc.gz")}
    with zipfile.ZipFile(wacz) as file:
        assert file.testzip() is None
        assert {name: file.read(f"archive/{name}") for name in warcs} == warcs
    lines = _lines(wacz)
    assert lines == sorted(line for path in (demo / "cdxj").iterdir() for line in path.read_bytes().splitlines(True))
    with umecrawl.open(demo) as archive:
        rows = {row.id: row for row in archive.captures()}
        texts = {row.version: archive.version(row.version).text for row in rows.values() if row.version}
    assert {entry["id"] for entry in _entries(lines)} == rows.keys()
    pages = _pages(wacz)
    mimes = {row.id: rows[row.refers_to or row.id].mime if row.status == 304 else row.mime for row in rows.values()}
    readable = {"text/html", "application/pdf"}
    shown = {row.id for row in rows.values() if row.status in {200, 304} and mimes[row.id] in readable}
    assert {page["id"] for page in pages} == shown
    assert sorted(page["text"] for page in pages if "text" in page) == sorted(texts.values())
    assert all(page["title"] for page in pages if page["mime"] == "text/html"), "front pages and lists too"
    done = subprocess.run(
        [sys.executable, "-m", "umecrawl", "verify", wacz], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_same_archive_gives_the_same_octets(export):
    """With SOURCE_DATE_EPOCH, as reproducible-builds.org has it; signed or not, whole or chosen."""
    key = str(export("wacz", "a.wacz").with_name("key.pem"))
    for number, arguments in enumerate(((), ("--sign", key), ("skolan", "--no-text"))):
        first, second = (export("wacz", f"{letter}{number}.wacz", *arguments) for letter in "bc")
        assert first.read_bytes() == second.read_bytes()


def test_chosen_captures_bring_what_they_need(demo, export):
    """A page of one site comes with its style and pictures, and with the original of each revisit."""
    wacz = export("wacz", "a.wacz", "--site", "partiet.example", "--from", "2026-05-01")
    entries = _entries(_lines(wacz))
    here = {entry["id"] for entry in entries}
    assert all(entry["refers"] in here for entry in entries if "refers" in entry)
    assert {"text/css", "image/png"} <= {entry["mime"] for entry in entries}
    assert {page["url"].split("/")[2] for page in _pages(wacz)} == {"partiet.example"}
    bare = export("wacz", "b.wacz", "--site", "partiet.example", "--from", "2026-05-01", "--no-requisites")
    assert not {"text/css", "image/png"} & {entry["mime"] for entry in _entries(_lines(bare))}


def test_each_filter_chooses_what_its_name_says(demo, export):
    """By run, source, URL, site, author, words and currency, as the index has them."""
    with umecrawl.open(demo) as archive:
        rows = list(archive.captures())
        runs = archive.runs()
        hits = archive.search("skolan", limit=None)
        byline = next(version.byline for version in hits if version.byline)
        version_of = {row.id: archive.version(row.version) for row in rows if row.version}
    expected = {
        ("--run", runs[1].id): {row.id for row in rows if row.run == runs[1].id},
        ("--source", "annaberg"): {row.id for row in rows if row.source == "annaberg"},
        ("--url", "partiet.example"): {row.id for row in rows if row.canonical_url == "https://partiet.example/"},
        ("--site", "www.bladet.example"): {row.id for row in rows if row.url.split("/")[2] == "www.bladet.example"},
        ("skolan",): {row.id for row in rows if row.version in {hit.id for hit in hits}},
        ("--author", byline): {key for key, version in version_of.items() if version.byline == byline},
        ("--current",): {key for key, version in version_of.items() if version.current},
    }
    for arguments, ids in expected.items():
        lines = export("cdxj", f"{arguments[0]}.cdxj", *arguments).read_bytes().splitlines(keepends=True)
        assert lines == sorted(lines)
        chosen = {entry["id"] for entry in _entries(lines)}
        assert ids <= chosen, arguments
        # Listings that show a text whole are captures of it too.
        more = chosen - ids
        assert not more or arguments[0] in {"skolan", "--author", "--current"}, arguments


def test_a_warc_of_a_choice_is_sound_for_every_tool(export):
    """`gzip -t`, `fastwarc check` and `umecrawl verify` find nothing; the first record says what was chosen."""
    folder = export("warc", "out", "skolan")
    tools = Path(sys.executable).parent
    for path in folder.iterdir():
        subprocess.run(["gzip", "-t", path], check=True)
        subprocess.run([tools / "fastwarc", "check", path], check=True, capture_output=True)
        assert b"description: Captures of the collection demo, chosen by query skolan\r\n" in gzip.decompress(
            path.read_bytes()
        )
    done = subprocess.run(
        [sys.executable, "-m", "umecrawl", "verify", "--json", folder], capture_output=True, text=True, check=True
    )
    assert {finding["severity"] for finding in json.loads(done.stdout)} <= {"note"}


def test_a_copy_of_all_files_is_the_archive(demo, export):
    """Octet for octet, with the names they have."""
    folder = export("warc", "out")
    warcs = {path.name: path.read_bytes() for path in (demo / "warc").rglob("*.warc.gz")}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == warcs


def test_an_archive_without_index_and_cdxj_is_exported_whole(demo, export, tmp_path):
    """The same WARCs and the same index; pages without titles; what filters choose needs an index and says so."""
    bare = tmp_path / "bare"
    shutil.copytree(demo / "warc", bare / "warc")
    wacz = export("wacz", "a.wacz", root=bare)
    assert _lines(wacz) == _lines(export("wacz", "b.wacz"))
    pages = _pages(wacz)
    assert pages
    assert not any("title" in page for page in pages)
    assert export("cdxj", "a.cdxj", root=bare).read_bytes() == export("cdxj", "b.cdxj").read_bytes()
    done = export("wacz", "c.wacz", "skolan", root=bare, check=False)
    assert (done.returncode, "Make it: umecrawl index" in done.stderr) == (4, True)


def test_what_cannot_be_exported_leaves_no_file(demo, export, tmp_path):
    """A file that has changed, a choice that nothing fits, a file that is there already, a folder of the archive."""
    damaged = tmp_path / "damaged"
    shutil.copytree(demo, damaged)
    warc = min((damaged / "warc").rglob("*.warc.gz"))
    data = warc.read_bytes()
    warc.write_bytes(data + gzip.compress(b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 0\r\n\r\n\r\n\r\n"))
    before = set(tmp_path.iterdir())
    for code, form, name, *arguments, root in (
        (5, "wacz", "a.wacz", damaged),
        (5, "warc", "out", damaged),
        (4, "wacz", "b.wacz", "--author", "Nobody", demo),
        (4, "cdxj", "c.cdxj", "--run", "none", demo),
        (2, "wacz", "damaged", demo),
        (2, "warc", "damaged/warc/x", damaged),
    ):
        done = export(form, name, *arguments, root=root, check=False)
        assert (done.returncode, done.stderr.startswith("Error: ")) == (code, True), (name, done.stderr)
    left = {path for path in set(tmp_path.iterdir()) - before if path.is_file() or any(path.iterdir())}
    assert left == set()
