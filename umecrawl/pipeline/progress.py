"""How a crawl is going: counts kept while it runs, and the snapshot a display is drawn from."""

from dataclasses import dataclass, field

from umecrawl.model.capture import Capture, FailedFetch, Fault, RecordType
from umecrawl.model.crawl import Hop


@dataclass(slots=True)
class Tally:
    """Counts of one run, added to as it goes.

    `pages` counts captures of HTML that are no robots.txt or requisite; `bytes_wire` what came over the network;
    `bytes_stored` what was written to disk, known when the run has ended;
    `bytes_saved` what revisits did not have to store (octets of entities).
    """

    requests: int = 0
    captures: int = 0
    pages: int = 0
    revisits: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    bytes_wire: int = 0
    bytes_stored: int = 0
    bytes_saved: int = 0
    statuses: dict[int, int] = field(default_factory=dict)

    def count(self, result: Capture | FailedFetch) -> None:
        """Add one fetch."""
        self.requests += 1
        if isinstance(result, FailedFetch):
            self.failed += 1
            self.bytes_wire += result.wire_bytes
            return
        self.captures += 1
        self.statuses[result.status] = self.statuses.get(result.status, 0) + 1
        self.bytes_wire += result.wire_bytes
        if result.status >= 400:  # noqa: PLR2004 - HTTP
            self.errors += 1
        elif result.mime == "text/html" and result.hop_path[-1:] not in {Hop.EMBED, Hop.PREREQUISITE}:
            self.pages += 1
        if result.record_type is RecordType.REVISIT:
            self.revisits += 1
            self.bytes_saved += result.size


@dataclass(frozen=True, slots=True)
class HostLine:
    """One host as the display shows it; `wait` is the time in seconds until it may be asked, past or future."""

    host: str
    queued: int
    in_flight: int
    requested: int
    failures: int
    wait: float


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of a running crawl; `elapsed` in seconds, `indexed` counts captures the index has taken."""

    run: str
    elapsed: float
    requests: int
    pages: int
    captures: int
    revisits: int
    failed: int
    errors: int
    skipped: int
    bytes_wire: int
    queued: int
    in_flight: int
    indexed: int
    stopping: bool
    hosts: tuple[HostLine, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """What one pass of indexing did: events read, captures among them, pages extracted, damage met and passed over.

    `faults` are those of files by other tools, each kind once for a file; what they concern was read all the same.
    """

    events: int
    captures: int
    extracted: int
    damage: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
