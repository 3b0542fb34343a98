"""A project as `scrapy startproject` makes it, with the three lines of the how-to, and what its WARC files hold."""

import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from replays import without_proxy
from servers.torture import Certificates, TortureServer
from warcio.archiveiterator import ArchiveIterator

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "use-in-your-scrapy-project.md"


def three_lines() -> str:
    """Return the settings that the how-to tells its reader to add."""
    return re.search(r"(?ms)^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"))[1]


@dataclass(frozen=True)
class Project:
    """A Scrapy project in a folder of its own."""

    root: Path

    def add_spider(self, name: str, source: str) -> None:
        """Write a spider."""
        (self.root / "shop" / "spiders" / f"{name}.py").write_text(source, encoding="utf-8")

    def add_settings(self, text: str) -> None:
        """Put lines behind those of the settings."""
        with (self.root / "shop" / "settings.py").open("a", encoding="utf-8") as file:
            file.write(f"\n{text}\n")

    def start(self, *arguments: str, module: str = "scrapy.cmdline", **more) -> subprocess.Popen:
        """Start one of Scrapy's commands and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=without_proxy() | more.pop("env", {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def run(self, *arguments: str, module: str = "scrapy.cmdline", **more) -> str:
        """Run one of Scrapy's commands to its end and return its log."""
        with self.start(*arguments, module=module, **more) as process:
            _, log = process.communicate(timeout=120)
        assert process.returncode == 0, log
        return log

    def verify(self) -> None:
        """Have `umecrawl verify` find the folder undamaged."""
        assert "no damage" in (told := self.run("verify", "warcs", module="umecrawl")) or "no findings" in told

    def warcs(self) -> list[Path]:
        """Return the WARC files, sealed or not."""
        return sorted((self.root / "warcs" / "warc").rglob("*.warc.gz*"))

    def records(self):
        """Return (type, URL, block, fields) of every record, read by warcio and not by us."""
        found = []
        for warc in self.warcs():
            with warc.open("rb") as file:
                found += [
                    (
                        record.rec_type,
                        record.rec_headers.get_header("WARC-Target-URI"),
                        record.raw_stream.read(),
                        record.rec_headers,
                    )
                    for record in ArchiveIterator(file, no_record_parse=True)
                ]
        return found

    def blocks(self, *kinds: str):
        """Return the blocks of some types of record by URL, in order."""
        found = defaultdict(list)
        for kind, url, block, _ in self.records():
            if kind in kinds:
                found[url].append(block)
        return found


@pytest.fixture
def project(tmp_path):
    """Make a project with `scrapy startproject` and add the three lines."""
    made = Project(tmp_path / "shop")
    command = [sys.executable, "-m", "scrapy.cmdline", "startproject", "shop"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    made.add_settings(three_lines())
    return made


@pytest.fixture
def server():
    """Serve the cases over plain HTTP."""
    with TortureServer() as running:
        yield running


@pytest.fixture(scope="session")
def tls_context():
    """Return a context with a certificate for 127.0.0.1."""
    return Certificates().server_context()
