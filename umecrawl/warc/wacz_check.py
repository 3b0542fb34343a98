"""A WACZ file checked: what the package says of its files, and each WARC in it (WACZ 1.1.1)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from umecrawl.warc.findings import Finding
from umecrawl.warc.ledger import Ledger

WACZ_SUFFIX: Final = ".wacz"


def check_wacz(path: Path, ledger: Ledger, number: int, *, explain: bool) -> Iterator[Finding]:
    """Yield what is wrong."""
    yield from ()
