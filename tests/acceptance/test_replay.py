"""`crawl --from-warc`: the same spiders and frontier over records, to the same captures, articles and skipped URLs."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from warcio.archiveiterator import ArchiveIterator

from umecrawl.pipeline.samples import SampleSites

CONFIGURATION = """
[collection]
name = "granvik"
operator = "Test"
contact = "https://archive.example/contact"

[politeness]
delay = "{delay}"
max_delay = "{delay}"

[[source]]
name = "partiet"
seeds = ["https://partiet.example/"]
follow = ["bladet.example", "nybygdet.example"]

[[source]]
name = "annaberg"
seeds = ["http://blogg.bladet.example/annaberg/"]
scope = "prefix"
follow = ["bladet.example", "nybygdet.example"]
"""
CAPTURES = "select url, status, payload_digest from captures"
VERSIONS = "select url, title, published_at, text_sha256 from versions"
# A URL that one page leaves and another takes is in both lists, or in one: that hangs on which page came first.
SKIPPED = "select distinct url, rule from skipped where url not in (select url from captures)"


def new_archive(root, delay="0s"):
    """Make an archive that does not yet hold anything."""
    root.mkdir()
    (root / "umecrawl.toml").write_text(CONFIGURATION.format(delay=delay), encoding="utf-8")
    return root


def rows(root, query):
    """Return what the archive's index answers."""
    with closing(sqlite3.connect(root / "index.sqlite")) as connection:
        return connection.execute(query).fetchall()


def records(root):
    """Return type, URL, date, IP and block of every record, read by warcio and not by us."""
    found = []
    for warc in sorted((root / "warc").rglob("*.warc.gz")):
        with warc.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                names = ("WARC-Target-URI", "WARC-Date", "WARC-IP-Address", "WARC-Record-ID")
                fields = [record.rec_headers.get_header(name) for name in names]
                found.append((record.rec_type, *fields, record.raw_stream.read()))
    return found


def copied(root):
    """Return what a replay copies: requests and captures, without their ids."""
    return {one[:4] + one[5:] for one in records(root) if one[0] in {"request", "response", "revisit"}}


def warcs(root):
    """Return the WARC files of an archive."""
    return sorted((root / "warc").rglob("*.warc.gz"))


@pytest.fixture(scope="module")
def live(tmp_path_factory, cli):
    """Crawl the sample sites in two editions, and return the archive and the start of each run."""
    root = new_archive(tmp_path_factory.mktemp("live") / "archive")
    with SampleSites() as sites:
        reach = [part for mapping in sites.connect_to for part in ("--connect-to", mapping)]
        for edition in (1, 2):
            sites.edition = edition
            cli("crawl", "--full", *reach, "--insecure", "--archive", str(root))
    runs = json.loads(cli("status", "--json", "--archive", str(root)).stdout)
    return root, sorted(run["started_at"] for run in runs)


@pytest.fixture(scope="module")
def first(live, tmp_path_factory, cli):
    """Crawl edition 1 alone, live and then from its WARC; return both archives."""
    served = new_archive(tmp_path_factory.mktemp("first") / "archive")
    with SampleSites() as sites:
        reach = [part for mapping in sites.connect_to for part in ("--connect-to", mapping)]
        cli("crawl", *reach, "--insecure", "--archive", str(served))
    replayed = new_archive(served.parent / "replayed", delay="1h")  # no host is asked, so none is waited for
    cli("crawl", "--from-warc", str(served), "--archive", str(replayed))
    return served, replayed


@pytest.mark.parametrize("query", [CAPTURES, VERSIONS, SKIPPED], ids=["captures", "versions", "skipped"])
def test_a_replay_comes_to_the_same(first, query):
    """Captures, articles and URLs left out are those of the live crawl."""
    served, replayed = first
    assert rows(served, query)
    assert sorted(rows(served, query)) == sorted(rows(replayed, query))


def test_a_replay_copies_what_was_recorded(first, cli):
    """Requests and responses have their octets, date and address; each names the record it was copied from."""
    served, replayed = first
    assert copied(served) == copied(replayed)
    originals = {record_id[10:-1] for kind, _, _, _, record_id, _ in records(served) if kind in {"response", "revisit"}}
    named = [
        line.split()[-1].decode()
        for *_, block in records(replayed)
        for line in block.splitlines()
        if line.startswith(b"replayed-from: ")
    ]
    assert sorted(originals) == sorted(named)
    [info] = [block for kind, *_, block in records(replayed) if kind == "warcinfo"]
    assert f"umecrawl-setting: option.from-warc={served}\r\n".encode() in info
    cli("verify", "--archive", str(replayed))


GUARDED = """
import sys

def refuse(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        raise SystemExit(f"the network was touched: {event} {arguments}")

sys.modules["uvloop"] = None  # its sockets are out of Python's sight
sys.addaudithook(refuse)
from umecrawl.cli import main
main(sys.argv[1:])
"""


def test_nothing_touches_the_network(first, tmp_path):
    """No name is looked up and no socket connected while files are replayed."""
    root = new_archive(tmp_path / "guarded")
    command = [sys.executable, "-c", GUARDED, "crawl", "--no-index", "--from-warc", str(first[0]), "--archive", root]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(warcs(root)) == 1


def test_two_editions_can_be_replayed_one_after_the_other(live, tmp_path, cli):
    """`--at` picks the captures nearest to a time: both runs, replayed in turn, give the same versions."""
    root, starts = live
    replayed = new_archive(tmp_path / "replayed")
    for start in starts:
        cli("crawl", "--from-warc", str(root), "--at", start, "--archive", str(replayed))
    texts = "select distinct url, text_sha256 from versions"
    assert sorted(rows(root, texts)) == sorted(rows(replayed, texts))
    assert len(rows(root, texts)) > len(rows(root, "select distinct url from versions"))
    cli("verify", "--archive", str(replayed))


def test_without_a_time_the_latest_capture_answers(live, tmp_path, cli):
    """Revisits are resolved: a page that was captured twice comes with the date of the second run."""
    root, starts = live
    replayed = new_archive(tmp_path / "replayed")
    cli("crawl", "--from-warc", *map(str, warcs(root)), "--no-index", "--archive", str(replayed))
    dates = {url: date for kind, url, date, *_ in records(replayed) if kind == "response"}
    again = {url for kind, url, date, *_ in records(root) if kind == "revisit" and date >= starts[1]}
    assert again & set(dates)
    assert all(dates[url] >= starts[1] for url in again & set(dates))


def test_what_is_missing_is_a_failure_and_no_answer(first, tmp_path, cli):
    """A URL that no file holds is recorded as `not-archived`; a seed that is missing is said so by the exit code."""
    root = new_archive(tmp_path / "replayed")
    text = (root / "umecrawl.toml").read_text(encoding="utf-8")
    more = '\n[[source]]\nname = "other"\nseeds = ["https://other.example/"]\n'
    (root / "umecrawl.toml").write_text(text + more, encoding="utf-8")
    done = cli("crawl", "other", "--from-warc", str(first[0]), "--archive", str(root), check=False)
    assert done.returncode == 6
    assert "not-archived" in done.stderr
    assert not [one for one in records(root) if one[0] in {"request", "response", "revisit"}]
    missing = {("https://other.example/robots.txt", "not-archived"), ("https://other.example/", "not-archived")}
    assert missing == set(rows(root, "select url, reason from fetches"))


def test_a_replay_that_stopped_goes_on(first, tmp_path, cli):
    """`--resume` knows the files and the time that were named at the start."""
    served, whole = first
    root = new_archive(tmp_path / "replayed")
    place = ("--no-index", "--archive", str(root))
    cli("crawl", "--from-warc", str(served), "--at", "2000-01-01", "--limit-pages", "5", *place)
    assert copied(root) < copied(whole)
    cli("crawl", "--resume", "last", "--limit-pages", "10000", *place)
    assert copied(root) == copied(whole)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--from-warc", "nowhere.warc.gz"), "nowhere.warc.gz"),
        (("--from-warc", "no*where"), "no*where: no file has such a name"),
        (("--at", "2024-05-06"), "--from-warc"),
        (("--from-warc", ".", "--insecure"), "--insecure"),
        (("nobody", "--from-warc", __file__), "no source named 'nobody'"),
    ],
)
def test_a_wrong_use_is_said_in_one_line(tmp_path, cli, arguments, complaint):
    """Without a traceback, and before anything is written."""
    root = new_archive(tmp_path / "archive")
    done = cli("crawl", *arguments, "--archive", str(root), check=False)
    assert done.returncode in {2, 4}
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert not (root / "warc").exists()


def test_a_replay_into_the_archive_itself_is_refused(first, cli):
    """Its captures would stand beside themselves."""
    done = cli("crawl", "--from-warc", str(first[0]), "--archive", str(first[0]), check=False)
    assert done.returncode == 2
    assert "umecrawl init" in done.stderr


def test_an_exported_wacz_is_replayed(first, tmp_path, cli):
    """A WACZ that umecrawl wrote holds all that a replay needs."""
    served, whole = first
    wacz = tmp_path / "all.wacz"
    cli("export", "wacz", "-o", str(wacz), "--archive", str(served))
    root = new_archive(tmp_path / "replayed")
    cli("crawl", "--from-warc", str(wacz), "--no-index", "--archive", str(root))
    assert copied(root) == copied(whole)


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_a_warc_by_wget_is_replayed(tmp_path, cli):
    """The spider walks through a file that wget wrote, and its responses are copied octet for octet."""
    with SampleSites() as sites:
        base = f"http://127.0.0.1:{sites.http_port}"
        urls = ("/annaberg/", "/annaberg/style.css", "/robots.txt")
        for number, url in enumerate(urls):
            subprocess.run(
                ["wget", "-q", "-O", "/dev/null", f"--warc-file=wget-{number}", "--no-proxy",
                 "--header=Host: blogg.bladet.example", base + url],
                cwd=tmp_path, check=False,
            )  # fmt: skip
    root = new_archive(tmp_path / "replayed")
    text = (root / "umecrawl.toml").read_text(encoding="utf-8")
    more = f'\n[[source]]\nname = "wget"\nscope = "prefix"\nseeds = ["{base}/annaberg/"]\n'
    (root / "umecrawl.toml").write_text(text + more, encoding="utf-8")
    cli("crawl", "wget", "--from-warc", str(tmp_path / "wget-*.warc.gz"), "--no-index", "--archive", str(root))
    served = {response for _, _, response in sites.exchanges}
    kept = {url: block for kind, url, *_, block in records(root) if kind == "response"}
    assert f"{base}/annaberg/" in kept
    assert set(kept.values()) <= served
    cli("verify", str(root / "warc"))
