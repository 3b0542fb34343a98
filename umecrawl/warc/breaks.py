"""What it means for a file that its members cannot be read on: a flaw, and what to do about it."""

import os
from typing import Final

from umecrawl.warc.members import Break, BreakKind
from umecrawl.warc.rules import Flaw, Severity

MANY: Final = "one gzip member holds more than one record"
RESTORE: Final = "Restore the file from a copy, or run `umecrawl verify --repair`, which keeps every sound record."
_BREAKS: Final = {
    BreakKind.CUT: ("cut-tail", "Run `umecrawl verify --repair`: the cut octets go to a sidecar."),
    BreakKind.NULS: ("nul-tail", "Run `umecrawl verify --repair`: the NUL octets go to a sidecar."),
    BreakKind.NOT_GZIP: ("gzip-member", RESTORE),
    BreakKind.DAMAGED: ("gzip-member", RESTORE + " The records behind are checked on."),
    BreakKind.MANY_RECORDS: ("one-member", "Run `warcio recompress`; the records in it were not checked."),
}


def flaw_of_break(found: Break, descriptor: int, *, unsealed: bool) -> Flaw:
    """Return the flaw that a break in the open file `descriptor` is; the end of an `unsealed` one may be under way."""
    rule, remedy = _BREAKS[found.kind]
    message = found.detail
    if found.kind is BreakKind.NOT_GZIP and os.pread(descriptor, 5, found.offset) == b"WARC/":
        message = "the records are not compressed"
        remedy = "Run `warcio recompress`; the records in it were not checked."
    if unsealed and found.kind in {BreakKind.CUT, BreakKind.NULS}:
        return Flaw(rule, Severity.NOTE, message, "The next `umecrawl crawl` puts the cut octets into a sidecar.")
    return Flaw(rule, Severity.ERROR, message, remedy)
