"""Crawling from the command line: exact bytes, interruption and resumption, and what a wrong input gets."""

import fcntl
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections import defaultdict
from contextlib import closing

import pytest
from servers.gated import GatedSite
from warcio.archiveiterator import ArchiveIterator

import umecrawl
from umecrawl.pipeline.samples import SampleSites

CONFIGURATION = """
[collection]
name = "test"
operator = "Test"
contact = "mailto:archive@archive.example"

[politeness]
delay = "0s"
max_delay = "0s"

[[source]]
name = "site"
seeds = ["{seed}"]
{more}
"""


@pytest.fixture
def archive(tmp_path):
    """Return a maker of archives with one source."""

    def make(seed, more=""):
        root = tmp_path / "archive"
        root.mkdir()
        (root / "umecrawl.toml").write_text(CONFIGURATION.format(seed=seed, more=more), encoding="utf-8")
        return root

    return make


def start(*arguments, **options):
    """Start the command line and leave it running."""
    command = [sys.executable, "-m", "umecrawl", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def records(root):
    """Yield (type, URL, block) of every record, read by warcio and not by us."""
    for warc in sorted((root / "warc").rglob("*.warc.gz")):
        with warc.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                yield record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.raw_stream.read()


def captured(root):
    """Return how often each URL was captured, as the archive's index tells."""
    with closing(sqlite3.connect(root / "index.sqlite")) as connection:
        return dict(connection.execute("select url, count(*) from captures group by url").fetchall())


def test_every_block_equals_what_went_over_the_wire(archive, cli):
    """On http and https, requests and responses are byte for byte what the server read and wrote."""
    root = archive("https://partiet.example/", 'follow = ["bladet.example", "nybygdet.example"]')
    with SampleSites() as sites:
        reach = [part for mapping in sites.connect_to for part in ("--connect-to", mapping)]
        cli("crawl", *reach, "--insecure", "--archive", str(root))
        sent = defaultdict(list)
        for url, request, response in sites.exchanges:
            sent[url].append((request, response))
    kept = defaultdict(lambda: defaultdict(list))
    for kind, url, block in records(root):
        kept[url][kind].append(block)
    assert {"http", "https"} == {url.partition(":")[0] for url in sent}
    for url, exchanges in sent.items():
        assert [request for request, _ in exchanges] == kept[url]["request"], url
        bodies = kept[url]["response"]
        heads = kept[url]["revisit"]
        assert len(exchanges) == len(bodies) + len(heads), url
        assert set(bodies) <= {response for _, response in exchanges}, url
        assert all(any(response.startswith(head) for _, response in exchanges) for head in heads), url


def test_a_killed_crawl_goes_on_where_it_was(archive, cli):
    """After kill -9: no acknowledged page is lost or fetched again, and all files are valid."""
    with GatedSite(40, gate=15) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        with start("crawl", "--archive", str(root)) as crawl:
            assert site.reached.wait(60)
            crawl.kill()
        before = site.asked.copy()
        [run] = [path.name for path in (root / "runs").iterdir() if path.is_dir()]
        site.release.set()
        cli("crawl", "--resume", run, "--archive", str(root))
        again = {path for path, times in site.asked.items() if times > 1}
    assert len(again) <= 1, "only the request that was under way may be made again"
    assert before.total() == 16
    found = captured(root)
    assert {1} == set(found.values())
    assert 40 + 1 <= len(found)
    assert "no findings" in cli("verify", "--archive", str(root)).stderr
    [row] = json.loads(cli("status", "--json", "--archive", str(root)).stdout)
    assert (run, "finished") == (row["id"], row["outcome"])


def test_ctrl_c_stops_cleanly_and_says_how_to_resume(archive, cli):
    """What is under way is finished and recorded; the exit code is 130."""
    with GatedSite(40, gate=15) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        with start("crawl", "--archive", str(root)) as crawl:
            assert site.reached.wait(60)
            crawl.send_signal(signal.SIGINT)
            site.release.set()
            _, talk = crawl.communicate(timeout=60)
        assert crawl.returncode == 130
        [row] = json.loads(cli("status", "--json", "--archive", str(root)).stdout)
        assert "interrupted" == row["outcome"]
        assert f"umecrawl crawl --resume {row['id']}" in talk
        assert "Traceback" not in talk
        cli("crawl", "--resume", "last", "--archive", str(root))
        assert {1} == set(site.asked.values())
    assert {1} == set(captured(root).values())


def test_ctrl_c_during_the_last_indexing_leaves_the_index_to_be_caught_up(archive, cli):
    """The run has ended and stays ended; the message names the command that goes on."""
    with GatedSite(10, gate=5) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        with (root / "index.sqlite.lock").open("w") as index:
            fcntl.flock(index, fcntl.LOCK_EX)  # the indexing process waits for us
            with start("crawl", "--archive", str(root), start_new_session=True) as crawl:
                assert site.reached.wait(60)
                site.release.set()
                with (root / "runs" / "lock").open() as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)  # given free when the WARC is sealed
                os.killpg(crawl.pid, signal.SIGINT)
                _, talk = crawl.communicate(timeout=60)
    assert crawl.returncode == 130, talk
    assert f"umecrawl index --archive {root}" in talk
    assert "Traceback" not in talk
    cli("index", "--archive", str(root))
    [row] = json.loads(cli("status", "--json", "--archive", str(root)).stdout)
    assert "finished" == row["outcome"]
    assert "no findings" in cli("verify", "--archive", str(root)).stderr


def test_a_second_crawl_of_one_archive_is_refused(archive, cli):
    """Exit code 7, naming who holds the archive."""
    with GatedSite(10, gate=3) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        with start("crawl", "--no-index", "--archive", str(root)) as crawl:
            assert site.reached.wait(60)
            done = cli("crawl", "--archive", str(root), check=False)
            site.release.set()
            crawl.communicate(timeout=60)
    assert done.returncode == 7
    assert f"by process {crawl.pid}" in done.stderr


def test_while_a_crawl_writes_others_may_read_and_nobody_may_mend(archive, cli):
    """Checking and exporting pass the unsealed file by or say that it is one; repairing waits for its turn."""
    with GatedSite(10) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        cli("crawl", "--archive", str(root))
    with GatedSite(10, gate=6) as site:
        (root / "umecrawl.toml").write_text(CONFIGURATION.format(seed=f"http://127.0.0.1:{site.port}/", more=""))
        with start("crawl", "--no-index", "--archive", str(root)) as crawl:
            assert site.reached.wait(60)
            checked = cli("verify", "--archive", str(root), "--json")
            mended = cli("verify", "--repair", "--archive", str(root), check=False)
            exported = cli("export", "wacz", "--archive", str(root), "-o", str(root.parent / "during.wacz"))
            site.release.set()
            crawl.communicate(timeout=60)
        assert crawl.returncode in {0, 6}  # the page that waits at the gate may be given up
    assert {"unsealed", "index-behind"} >= {finding["rule"] for finding in json.loads(checked.stdout)}
    assert "unsealed" in checked.stdout
    assert mended.returncode == 7
    assert f"by process {crawl.pid}" in mended.stderr
    assert "files that are being written were left out" in exported.stderr
    cli("verify", str(root.parent / "during.wacz"), "--archive", str(root))
    cli("index", "--archive", str(root))
    assert "no findings" in cli("verify", "--archive", str(root)).stderr


def test_a_full_disk_ends_the_run_and_tears_nothing(archive, cli):
    """Exit code 8; what was written before is valid, and the run can be resumed when there is room."""
    with GatedSite(300) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))  # noqa: E731 - passed on as it is
        with start("crawl", "--no-index", "--archive", str(root), preexec_fn=limit) as crawl:
            _, talk = crawl.communicate(timeout=120)
        assert crawl.returncode == 8, talk
        [error] = [line for line in talk.splitlines() if line.startswith("Error:")]
        assert "no space" in error.lower() or "full" in error.lower()
        cli("crawl", "--resume", "last", "--archive", str(root))
        assert {1, 2} >= set(site.asked.values())
    assert "no findings" in cli("verify", "--archive", str(root)).stderr


@pytest.mark.parametrize("size", [30_000, 250_000], ids=["look-up", "index"])
def test_a_disk_too_full_for_a_database_is_said_so(archive, cli, size):
    """Exit code 8 and one line, whether the look-up of payloads or the index does not fit; both catch up later."""
    with GatedSite(5) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731  # for the child alone
        with start("crawl", "--archive", str(root), preexec_fn=limit) as crawl:
            _, talk = crawl.communicate(timeout=120)
        assert crawl.returncode == 8, talk
        assert 1 == talk.count("Error:")
        assert "fault of umecrawl" not in talk
        cli("crawl", "--archive", str(root))
    assert {1, 2} >= set(captured(root).values())
    assert "no findings" in cli("verify", "--archive", str(root)).stderr


def test_a_limit_on_pages_ends_the_run(archive, cli):
    """The run says that it ended at its limit; that is no failure."""
    with GatedSite(40) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        cli("crawl", "--limit-pages", "5", "--archive", str(root))
    [row] = json.loads(cli("status", "--json", "--archive", str(root)).stdout)
    assert "limit" == row["outcome"]
    assert 5 == len([path for path in site.asked if path == "/" or path.strip("/").isdigit()])


def test_a_private_address_that_nobody_named_is_refused(archive, cli, tmp_path):
    """A link to an address inside the operator's network is a failed fetch, not a request."""
    with GatedSite(2) as inner, GatedSite(1) as site:
        page = GatedSite.page(0, 1) + f'<img src="http://127.0.0.2:{inner.port}/1">'.encode()
        site.page = lambda *_: page
        root = archive(f"http://127.0.0.1:{site.port}/")
        cli("crawl", "--archive", str(root))
        assert 0 == inner.asked.total()
    with umecrawl.open(root) as opened:
        [run] = opened.runs()
        failed = {row.url: row.reason for row in opened.fetches(run.id) if row.outcome == "failed"}
    assert {"forbidden-address"} == set(failed.values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[collection\nname = "x"', "line 1"),
        ('[collection]\nname = "x"\ncontct = "https://a.example/"', "contact"),
        ('[collection]\nname = "x"\n', "contact"),
        ('[collection]\nname = "x"\ncontact = "https://a.example/"\n[politeness]\ndelay = 5\n', "line 5"),
    ],
    ids=["broken", "unknown-key", "no-contact", "wrong-type"],
)
def test_a_wrong_configuration_gets_one_line(tmp_path, cli, text, words):
    """Exit code 3, with file, place and what is wanted."""
    (tmp_path / "umecrawl.toml").write_text(text, encoding="utf-8")
    done = cli("crawl", "--archive", str(tmp_path), check=False)
    assert done.returncode == 3
    assert words in done.stderr
    assert "umecrawl.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_seed_that_cannot_be_reached_fails_the_run(archive, cli):
    """Exit code 6, naming the seed and why."""
    with GatedSite(1) as site:
        port = site.port
    root = archive(f"http://127.0.0.1:{port}/")
    done = cli("crawl", "--archive", str(root), check=False)
    assert done.returncode == 6
    assert f"http://127.0.0.1:{port}/" in done.stderr
    assert "refused" in done.stderr.lower()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("history", "no url at all"), 2),
        (("history", "nourl"), 2),
        (("versions", "ftp://a.example/x"), 2),
        (("show", ""), 2),
        (("crawl", "--connect-to", "nonsense"), 2),
        (("crawl", "nosuchsource"), 2),
        (("crawl", "--resume", "nosuchrun"), 4),
        (("history", "https://never.example/seen"), 4),
        (("search", "AND AND"), 2),
        (("show", "https://never.example/seen", "--at", "0001-01-01T00:00:00+14:00"), 2),
        (("init", "/dev/null/archive"), 1),
        (("init", ""), 2),
        (("verify", ""), 2),
        (("--archive", "", "status"), 2),
        (("verify", "/proc/self/mem"), 1),
        (("show", "0f5f3c1e-5d0c-4c7a-9d3a-0c2f3f7f1a55"), 4),
        (("status", "--database", "postgresql://nobody@127.0.0.1:1/none"), 9),
        (("crawl", "--database", "postgresql://nobody@127.0.0.1:1/none"), 9),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_wrong_question_gets_one_clear_line(small, cli, arguments, code):
    """Each known failure has its exit code, one `Error:` line and no traceback."""
    done = cli(*arguments, "--archive", str(small), check=False)
    assert done.returncode == code, done.stderr
    assert 1 == done.stderr.count("Error:")
    assert "Traceback" not in done.stderr
    assert "fault of umecrawl" not in done.stderr


def test_a_limit_beyond_all_numbers_is_no_limit(small, cli):
    """At most so many rows: all of them."""
    assert cli("search", "kommunen", "--nl", "--limit", "9" * 20, "--archive", str(small)).stdout.count("\n") >= 3


@pytest.fixture(scope="module")
def small(tmp_path_factory, cli):
    """Return an archive of a few pages, for questions."""
    root = tmp_path_factory.mktemp("small")
    with GatedSite(3) as site:
        (root / "umecrawl.toml").write_text(CONFIGURATION.format(seed=f"http://127.0.0.1:{site.port}/", more=""))
        cli("crawl", "--archive", str(root))
    return root


def test_there_is_no_archive(tmp_path, cli):
    """Exit code 4, saying how to make one."""
    done = cli("status", "--archive", str(tmp_path / "nowhere"), check=False)
    assert (4, True) == (done.returncode, "umecrawl init" in done.stderr)


def test_a_damaged_warc_is_found(archive, cli):
    """Exit code 5, with file and offset; indexing says so too, and goes on with the other files."""
    with GatedSite(10) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        cli("crawl", "--archive", str(root))
    [warc] = (root / "warc").rglob("*.warc.gz")
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 0xFF
    warc.write_bytes(data)
    done = cli("verify", "--archive", str(root), check=False)
    assert done.returncode == 5
    assert f"{warc.name}, offset" in done.stdout
    rebuilt = cli("index", "--rebuild", "--archive", str(root), check=False)
    assert rebuilt.returncode == 5
    assert warc.name in rebuilt.stderr


def test_a_damaged_file_from_elsewhere_holds_up_no_crawl(archive, cli):
    """It is named; the crawl goes on, and the other files are indexed."""
    with GatedSite(5) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        foreign = root / "warc" / "test" / "foreign-20260101000000-00000-host.warc.gz"
        foreign.parent.mkdir(parents=True)
        foreign.write_bytes(b"no gzip at all" * 100)
        done = cli("crawl", "--archive", str(root))
    assert f"{foreign.name}: it is damaged and was left as it is" in " ".join(done.stderr.split())
    assert 6 <= len(captured(root))
    indexed = cli("index", "--archive", str(root), check=False)
    assert (5, True) == (indexed.returncode, foreign.name in indexed.stderr)


def test_the_index_can_live_in_postgresql(archive, cli, postgres):
    """The same crawl, the same answers, in a database for teams."""
    with GatedSite(10) as site:
        root = archive(f"http://127.0.0.1:{site.port}/")
        cli("crawl", "--archive", str(root), "--database", postgres)
    cli("index", "--archive", str(root))
    for question in (("status",), ("search", "kommunen"), ("versions", f"http://127.0.0.1:{site.port}/1")):
        arguments = (*question, "--json", "--archive", str(root))
        here = json.loads(cli(*arguments).stdout)
        there = json.loads(cli(*arguments, "--database", postgres).stdout)
        for row in [*here, *there]:
            row.pop("score", None)  # bm25 and ts_rank differ by nature
        assert here == there, question
