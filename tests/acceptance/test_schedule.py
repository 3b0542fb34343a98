"""`umecrawl schedule` as a process: one at a time, stopped, killed, and told of failures."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.parse
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from servers.gated import GatedSite

from umecrawl.model.capture import Capture
from umecrawl.warc.reader import WarcArchive

CONFIGURATION = """
[collection]
name = "test"
contact = "mailto:archive@archive.example"

[politeness]
delay = "0s"
max_delay = "0s"

[schedule]
notice_timeout = "500ms"
{schedule}
[[source]]
name = "site"
seeds = ["http://127.0.0.1:{port}/"]
every = "6h"
"""


@pytest.fixture
def archive(tmp_path):
    """Return a maker of archives with one source that is due every six hours."""

    def make(port, schedule=""):
        root = tmp_path / "archive"
        root.mkdir()
        (root / "umecrawl.toml").write_text(CONFIGURATION.format(port=port, schedule=schedule), encoding="utf-8")
        return root

    return make


def start(*arguments):
    """Start a command that goes on by itself."""
    return subprocess.Popen(
        [sys.executable, "-m", "umecrawl", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def captured(root):
    """Return how often each URL is in the archive."""
    return Counter(event.url for _, event in WarcArchive(root).events({}) if isinstance(event, Capture))


def run_rows(cli, root):
    """Return the runs as the status lists them."""
    cli("index", "--archive", str(root))
    return json.loads(cli("status", "--json", "--archive", str(root)).stdout)


def test_a_second_scheduler_is_refused_and_a_killed_one_is_taken_over_from(archive, cli):
    """Exit code 7 names who keeps the schedule; after kill -9 the next one goes on with its run."""
    with GatedSite(30, gate=10) as site:
        root = archive(site.port)
        with start("schedule", "--no-index", "--archive", str(root)) as first:
            assert site.reached.wait(60)
            for more in ([], ["--once"]):
                second = cli("schedule", *more, "--archive", str(root), check=False)
                assert 7 == second.returncode
                assert f"by process {first.pid}" in second.stderr
            health = cli("status", "--health", "--json", "--archive", str(root), check=False)
            assert {"scheduler": "running", "crawling": first.pid, "ok": True}.items() <= json.loads(health.stdout)[
                0
            ].items()
            [due] = json.loads(cli("schedule", "--list", "--json", "--archive", str(root)).stdout)
            assert "running" == due["why"]
            first.kill()
            first.communicate()
        gone = cli("status", "--health", "--archive", str(root), check=False)
        assert 1 == gone.returncode
        assert f"process {first.pid}" in gone.stdout
        site.release.set()
        cli("schedule", "--once", "--no-index", "--archive", str(root))
        assert {1, 2} >= set(site.asked.values())
    assert {1} == set(captured(root).values())
    [row] = run_rows(cli, root)
    assert ("finished", "site") == (row["outcome"], row["source"])
    assert 0 == cli("status", "--health", "--archive", str(root)).returncode


def test_sigterm_while_a_run_goes_on_leaves_it_whole_and_it_is_taken_up_again(archive, cli):
    """Exit code 130; the next scheduler goes on with the same run."""
    with GatedSite(30, gate=10) as site:
        root = archive(site.port)
        with start("schedule", "--archive", str(root)) as crawl:
            assert site.reached.wait(60)
            crawl.send_signal(signal.SIGTERM)
            site.release.set()
            _, talk = crawl.communicate(timeout=60)
        assert 130 == crawl.returncode, talk
        assert "Traceback" not in talk
        assert "interrupted" == run_rows(cli, root)[0]["outcome"]
        assert "goes on" in cli("schedule", "--once", "--archive", str(root)).stderr
        assert {1} == set(site.asked.values())
        assert "Nothing is due" in cli("schedule", "--once", "--archive", str(root)).stderr
    assert ["finished"] == [row["outcome"] for row in run_rows(cli, root)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_waits_ends_it_at_once(archive, cli, number):
    """Nothing is under way; the exit code is 130 all the same."""
    with GatedSite(3) as site:
        root = archive(site.port)
        with start("schedule", "--no-index", "--archive", str(root)) as waiting:
            assert waiting.stderr is not None
            said = next(line for line in waiting.stderr if line.startswith("Next: site at "))
            waiting.send_signal(number)
            waiting.communicate(timeout=30)
    assert 130 == waiting.returncode
    assert "(waiting)" in said
    pulse = json.loads((root / "runs" / "schedule.json").read_text())
    assert "stopped" == pulse["state"]


def test_a_failure_is_told_to_a_program_and_a_webhook_that_hangs_holds_up_nothing(archive, cli, tmp_path):
    """The program has the facts in its environment and on its input; the schedule ends with the failure's own code."""
    told = tmp_path / "told.json"
    script = (
        f"import os, sys; open({str(told)!r}, 'w').write(os.environ['UMECRAWL_OUTCOME'] + '\\\\n' + sys.stdin.read())"
    )
    with socket.create_server(("127.0.0.1", 0)) as deaf, socket.create_server(("127.0.0.1", 0)) as free:
        hook = f"http://127.0.0.1:{deaf.getsockname()[1]}/secret-token"
        port = free.getsockname()[1]
        free.close()
        command = json.dumps([sys.executable, "-c", script.replace("\\\\n", "\\n")])
        root = archive(port, f"on_failure = {command}\nwebhook = {json.dumps(hook)}\n")
        done = cli("schedule", "--once", "--no-index", "--archive", str(root), check=False)
    assert 6 == done.returncode
    assert "webhook: no answer within" in done.stderr
    outcome, facts = told.read_text().split("\n", 1)
    facts = json.loads(facts)
    assert ("seed-failed", "seed-failed", ["site"], 1) == (
        outcome,
        facts["outcome"],
        facts["sources"],
        facts["failures"],
    )
    retry = datetime.fromisoformat(facts["retry_at"]) - datetime.now(UTC)
    assert timedelta(minutes=3) < retry <= timedelta(minutes=5)
    for warc in (root / "warc").rglob("*.warc.gz"):
        assert b"secret-token" not in gzip.decompress(warc.read_bytes())
    unwell = cli("status", "--health", "--archive", str(root), check=False)
    assert 1 == unwell.returncode
    assert "site: 1 run in a row failed" in unwell.stdout


def test_a_webhook_gets_the_facts_as_json(archive, cli):
    """One POST, whose address may stand in an environment variable."""
    got = []
    with socket.create_server(("127.0.0.1", 0)) as hook, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()

        def serve():
            connection, _ = hook.accept()
            with connection, connection.makefile("rb") as request:
                head = iter(request.readline, b"\r\n")
                lines = [line.decode().strip() for line in head]
                length = next(int(line[16:]) for line in lines if line.lower().startswith("content-length: "))
                got.append((lines[0], json.loads(request.read(length))))
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        root = archive(port, 'webhook = "$TELL_ME"\n')
        url = f"http://127.0.0.1:{hook.getsockname()[1]}/tell?me"
        done = subprocess.run(
            [sys.executable, "-m", "umecrawl", "schedule", "--once", "--no-index", "--archive", str(root)],
            env={**os.environ, "TELL_ME": url, "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            check=False,
        )
        thread.join(10)
    assert 6 == done.returncode
    [(line, facts)] = got
    assert "POST /tell?me HTTP/1.1" == line
    assert ("run-failed", "test", str(root.resolve())) == (facts["event"], facts["collection"], facts["archive"])
    assert "Nobody was told" not in done.stderr
    assert urllib.parse.urlsplit(url).path not in done.stderr


def test_what_was_missed_is_seen_in_the_runs(archive, cli):
    """`--list` says why a source is due, with a source that has neither interval nor cron line at its end."""
    with GatedSite(3) as site:
        root = archive(site.port)
        with (root / "umecrawl.toml").open("a", encoding="utf-8") as file:
            file.write('[[source]]\nname = "by-hand"\nseeds = ["http://127.0.0.1:1/"]\n')
        listed = json.loads(cli("schedule", "--list", "--json", "--archive", str(root)).stdout)
        assert [("site", "first", True), ("by-hand", "by-hand", False)] == [
            (row["source"], row["why"], row["due"]) for row in listed
        ]
        cli("schedule", "--once", "--archive", str(root))
        [row, _] = json.loads(cli("schedule", "--list", "--json", "--archive", str(root)).stdout)
        assert ("site", "waiting", False, "every 6h") == (row["source"], row["why"], row["due"], row["schedule"])
        assert 80 >= max(map(len, cli("schedule", "--list", "--archive", str(root)).stdout.splitlines()))


def test_a_schedule_without_anything_to_do_is_a_mistake_of_the_configuration(archive, cli):
    """It would wait for ever."""
    root = archive(1)
    path = root / "umecrawl.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('every = "6h"', ""), encoding="utf-8")
    done = cli("schedule", "--archive", str(root), check=False)
    assert 3 == done.returncode
    assert "no source has `every` or `cron`" in done.stderr
