"""What a run cost and what it left undone, to the octet, and the same when only the WARCs are left."""

import json
import shutil
import socket
import threading
from contextlib import suppress

import pytest

CONFIGURATION = """
[collection]
name = "test"
contact = "mailto:archive@archive.example"

[politeness]
delay = "0s"
max_delay = "0s"
timeout = "5s"

[[source]]
name = "site"
seeds = ["http://127.0.0.1:{port}/"]
"""

PAGE = (
    b'<html><body><p>En sida.</p><a href="/borta">a</a> <a href="/skrap">b</a> <a href="/?replytocom=4">c</a> '
    b'<a href="https://elsewhere.example/">d</a></body></html>'
)
ANSWERS = {
    b"/": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE),
    b"/skrap": b"\x00\x01 this is no HTTP\r\n\r\n",
}
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnope"


class CountingSite:
    """Answers one request a connection, and counts the octets it sent."""

    def __init__(self):
        self.sent = 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        """Answer until the socket is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                with connection:
                    asked = connection.recv(65536)
                    answer = ANSWERS.get(asked.split(b" ")[1] if asked else b"", MISSING)
                    connection.sendall(answer)
                    self.sent += len(answer)


@pytest.fixture
def crawled(tmp_path, cli):
    """Return an archive of one run, and how many octets its server sent."""
    site = CountingSite()
    with site.listening:
        root = tmp_path / "archive"
        root.mkdir()
        (root / "umecrawl.toml").write_text(CONFIGURATION.format(port=site.port), encoding="utf-8")
        cli("crawl", "--archive", str(root))
    return root, site.sent


def rows(cli, root, *more):
    """Return what the status says, as JSON."""
    return json.loads(cli("status", *more, "--json", "--archive", str(root)).stdout)


def test_octets_received_and_stored_are_exact(crawled, cli):
    """Every octet that the server sent, also what was no HTTP; every octet of the WARC files."""
    root, sent = crawled
    [run] = rows(cli, root)
    assert sent == run["bytes_wire"]
    assert sum(warc.stat().st_size for warc in (root / "warc").rglob("*.warc.gz")) == run["bytes_stored"]
    assert (None, None, None) == (run["due_at"], run["late_seconds"], run["missed"])


def test_reports_add_up_and_outlive_all_but_the_warcs(crawled, cli):
    """By host, status, type, source and reason; what was not captured; the crawl log line by line."""
    root, _ = crawled
    [run] = rows(cli, root)
    kinds = ("host", "status", "type", "source", "reason", "uncaptured")
    before = {kind: rows(cli, root, "--run", "last", "--report", kind) for kind in kinds}
    log = next((root / "runs").glob("*/crawl.log")).read_text()
    for kind in kinds[:-1]:
        for figure in ("requested", "captured", "failed", "bytes_wire"):
            assert run[figure] == sum(line[figure] for line in before[kind]), (kind, figure)
        assert sum(run["skipped"].values()) == sum(line["skipped"] for line in before[kind])
    assert {"200", "404", "protocol", "left out"} == {line["key"] for line in before["status"]}
    missing = {row["url"].partition("/")[2]: row for row in before["uncaptured"]}
    assert {"/elsewhere.example/"} < missing.keys()
    [garbled] = [row for row in before["uncaptured"] if row["url"].endswith("/skrap")]
    assert ("protocol", False) == (garbled["why"], garbled["captured_before"])
    assert [] == [row for row in before["uncaptured"] if row["url"].endswith("/borta")]  # a 404 is an answer

    shutil.rmtree(root / "runs")
    shutil.rmtree(root / "cdxj")
    for file in root.glob("index.sqlite*"):
        file.unlink()
    cli("index", "--rebuild", "--archive", str(root))
    assert before == {kind: rows(cli, root, "--run", run["id"], "--report", kind) for kind in kinds}
    assert [run] == rows(cli, root)
    assert log == cli("status", "--run", "last", "--report", "log", "--archive", str(root)).stdout
    table = cli("status", "--run", "last", "--report", "host", "--archive", str(root)).stdout
    assert 80 >= max(map(len, table.splitlines()))


def test_an_unknown_run_is_told(crawled, cli):
    """Exit code 4 for each report."""
    root, _ = crawled
    for kind in ("host", "uncaptured", "log"):
        done = cli("status", "--run", "20990101", "--report", kind, "--archive", str(root), check=False)
        assert 4 == done.returncode
