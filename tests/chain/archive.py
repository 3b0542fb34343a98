"""The archive of the fixture list: every row crawled twice through the command line, and indexed.

    PYTHONPATH=tests python -m chain.archive FOLDER

makes it, for tools that replay it.
"""

import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from servers.torture import Served

from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.records import Record

from .answers import HOSTS, MAX_BYTES, SITE, TIMEOUT, RowServer, host_of

_SOURCE = """
[[source]]
name = "{name}"
seeds = ["http://{name}.example/"]
"""
_CONFIGURATION = f"""
[collection]
name = "rows"
operator = "The fixture list"
contact = "mailto:archive@archive.example"

[politeness]
delay = "0s"
max_delay = "1s"
max_bytes = "{MAX_BYTES}B"
timeout = "{TIMEOUT}s"

[revisit]
shortest = "0s"
longest = "1ms"
requisites = "0s"
"""
_SEED_FAILED = 6


@dataclass(frozen=True, slots=True)
class Rows:
    """The archive, and what the server read and wrote while it was made."""

    root: Path
    served: Sequence[Served]

    @property
    def warcs(self) -> WarcArchive:
        """The archive for reading."""
        return WarcArchive(self.root)

    def captures(self, path: str, host: str = SITE) -> list[Capture]:
        """Return the captures of a URL in order."""
        url = f"http://{host}{path}"
        return [event for _, event in self.warcs.events({}) if isinstance(event, Capture) and event.url == url]

    def failures(self, url: str) -> list[FailedFetch]:
        """Return the failed fetches of a URL in order."""
        return [event for _, event in self.warcs.events({}) if isinstance(event, FailedFetch) and event.url == url]

    def records(self, capture: Capture) -> dict[str, Record]:
        """Return the records of a capture by type."""
        return {record.type: record for record in self.warcs.exchange(capture)}

    def sent(self, path: str, host: str = SITE) -> list[Served]:
        """Return what the server read and wrote for a URL, in order."""
        return [served for served in self.served if (host_of(served.request), served.target) == (host, path)]


def make_rows(root: Path) -> Rows:
    """Crawl every row twice, each due at once, into a new archive."""
    root.mkdir(parents=True, exist_ok=True)
    configuration = _CONFIGURATION + "".join(_SOURCE.format(name=host.removesuffix(".example")) for host in HOSTS)
    (root / "umecrawl.toml").write_text(configuration, encoding="utf-8")
    with RowServer() as server, socket.create_server(("127.0.0.1", 0)) as closed:
        refused = closed.getsockname()[1]
        closed.close()
        ports = {**dict.fromkeys(HOSTS, server.port), "elsewhere.example": server.port, "badtls.example": server.port}
        mappings = [f"{host}:{443 if 'tls' in host else 80}:127.0.0.1:{port}" for host, port in ports.items()]
        mappings.append(f"refused.example:80:127.0.0.1:{refused}")
        reach = [word for mapping in mappings for word in ("--connect-to", mapping)]
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-m", "umecrawl", "crawl", *reach, "--archive", str(root)],
                check=False,
                capture_output=True,
                text=True,
            )
            # The host whose robots.txt answers 500 may not be asked, nor may the one that says nothing: seeds fail.
            if done.returncode != _SEED_FAILED:
                raise RuntimeError(f"the crawl ended with {done.returncode}:\n{done.stderr}")
        return Rows(root, tuple(server.served))


if __name__ == "__main__":
    make_rows(Path(sys.argv[1]))
