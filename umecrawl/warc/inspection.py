"""The whole check of one WARC: its octets, then the files that lie beside it."""

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from umecrawl.warc.cdxj import cdxj_path
from umecrawl.warc.companions import check_cdxj, check_manifest
from umecrawl.warc.events import OPEN_SUFFIX, warc_name
from umecrawl.warc.files import NAME
from umecrawl.warc.findings import Finding, finding, tally
from umecrawl.warc.ledger import Ledger
from umecrawl.warc.rules import Flaw, Severity
from umecrawl.warc.scan import Scan
from umecrawl.warc.trace import Oddities


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the check of one file brought.

    `sha256` only of closed files of an archive, `seconds` is wall time.

    `own` says whether we wrote it, `whole` whether every record in it could be read.
    """

    path: Path
    size: int
    sha256: str
    records: int
    own: bool
    whole: bool
    seconds: float
    findings: tuple[Finding, ...]


def inspect(path: Path, root: Path, ledger: Ledger, number: int, *, explain: bool = False) -> Inspection:
    """Check one WARC and note in the ledger what it says of records elsewhere."""
    began = time.monotonic()
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        archived = path.is_relative_to(root / "warc")
        scan = Scan(path, descriptor, ledger, number, archived=archived, explain=explain)
        findings = [finding(path, None, flaw) for flaw in _name_flaws(path)]
        with _no_cycles():
            findings += tally(path, scan.run())
        checksum = ""
        if archived and not path.name.endswith(OPEN_SUFFIX):
            checksum = scan.checksum()
            findings += [finding(path, None, flaw) for flaw in check_manifest(path, root, checksum)]
            cdxj = cdxj_path(root, path.name)
            if scan.whole:  # else the lines cannot be known, which is told already
                findings += [finding(cdxj, None, flaw) for flaw in check_cdxj(cdxj, path, scan.lines.value)]
        if explain:
            findings += _false_alarms(path, scan.oddities)
        size = os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
    seconds = time.monotonic() - began
    return Inspection(path, size, checksum, scan.records, scan.own, scan.whole, seconds, tuple(findings))


@contextmanager
def _no_cycles() -> Iterator[None]:
    # A pass makes millions of objects and no cycle among them; looking for some takes a twentieth of its time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _name_flaws(path: Path) -> Iterator[Flaw]:
    if path.name.endswith(OPEN_SUFFIX):
        message = "the file is being written, or was left by a process that was killed"
        yield Flaw("unsealed", Severity.NOTE, message, "The next `umecrawl crawl` closes what was left.")
    if not NAME.fullmatch(warc_name(path)):
        message = "the name is not prefix-time-serial-host.warc.gz"
        yield Flaw(
            "file-name", Severity.WARNING, message, "Nothing, if another tool wrote it; else find out who renamed it."
        )


def _false_alarms(path: Path, oddities: Oddities) -> Iterator[Finding]:
    """Yield which sound records other validators will report, and why they are wrong."""
    if oddities.chunked:
        number = len(oddities.chunked)
        message = (
            f"{number} chunked response{'s' * (number != 1)}: `warcio check` and `fastwarc check -p` will report "
            "the payload digest, for they hash the chunks too"
        )
        remedy = "Nothing: the digest is right, over the body without transfer coding (ISO 28500 §6.3.2)."
        records = tuple(oddities.chunked)
        yield Finding(path, None, "false-alarm", Severity.NOTE, message, remedy, number, records)
    if oddities.revisits:
        number = len(oddities.revisits)
        message = (
            f"{number} revisit{'s' * (number != 1)}: `fastwarc check -p` will report the payload digest, for it "
            "hashes what the record holds, not the payload it stands for"
        )
        remedy = "Nothing: the digest is right, it is the original's (ISO 28500 §6.7.2)."
        records = tuple(oddities.revisits)
        yield Finding(path, None, "false-alarm", Severity.NOTE, message, remedy, number, records)
