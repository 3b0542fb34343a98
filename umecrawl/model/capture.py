"""What came over the wire and where it is kept: exchanges, failures, captures and the records that hold them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from umecrawl.model.crawl import CrawlRun, CrawlUrl, Outlink, RunEnd, Skipped
from umecrawl.model.discovery import Audit, Place, Reading
from umecrawl.model.message import entity_of, parse_head
from umecrawl.model.reservation import Reservation
from umecrawl.model.sketch import TextSketch
from umecrawl.model.urls import Url


class Truncation(StrEnum):
    """Why fewer bytes are stored than the server meant to send (WARC/1.1 §5.13)."""

    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"
    UNSPECIFIED = "unspecified"


class FailureKind(StrEnum):
    """Why a fetch brought no response."""

    DNS = "dns"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    DISCONNECT = "disconnect"
    PROTOCOL = "protocol"  # the peer did not speak HTTP
    FORBIDDEN_ADDRESS = "forbidden-address"  # a private address that nobody named
    NOT_ARCHIVED = "not-archived"  # the WARC files that are replayed have no such capture; nobody was asked


@dataclass(frozen=True, slots=True)
class TlsFacts:
    """What is known of the TLS connection: `version` as `tls/1.3`, the IANA `cipher` name, the chain as DER."""

    version: str
    cipher: str
    chain: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """The record of another WARC file that an exchange was copied from, instead of being fetched.

    `warc` is the base name of that file (in a WACZ: of the file in it), `protocols` what its `WARC-Protocol` fields
    say, in order (`http/1.1`, `h2`, `tls/1.3`).
    """

    warc: str
    record_id: str
    protocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the response to it, byte for byte as on the wire.

    `response_head` begins at the final status line and ends after the blank line; `response_body` is what
    followed, with transfer and content coding. `interim` holds 1xx heads, `excess` bytes sent after the
    message; neither belongs to a WARC block. `started_at` is UTC, the moment the fetch began; of one that was
    `replayed`, the moment of the original fetch, and `elapsed_ms` is nothing where that is not known. `entity` is the
    body without transfer coding, where whoever made the exchange has it at hand; `payload` gives it in any case.
    """

    crawl_url: CrawlUrl
    started_at: datetime
    elapsed_ms: int | None
    request: bytes
    response_head: bytes
    response_body: bytes
    ip: str | None = None
    tls: TlsFacts | None = None
    interim: bytes = b""
    excess: bytes = b""
    truncated: Truncation | None = None
    note: str = ""
    replayed: Replayed | None = None
    entity: bytes | None = field(default=None, compare=False, repr=False)

    @property
    def payload(self) -> bytes:
        """The entity: the body without transfer coding, content coding kept (WARC/1.1 §6.3.2)."""
        if self.entity is not None:
            return self.entity
        return entity_of(parse_head(self.response_head), self.response_body)


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A fetch that brought no response head; `partial` keeps whatever bytes arrived."""

    crawl_url: CrawlUrl
    started_at: datetime
    elapsed_ms: int
    kind: FailureKind
    detail: str
    ip: str | None = None
    request: bytes = b""
    partial: bytes = b""


@dataclass(frozen=True, slots=True)
class RecordRef:
    """Where a record lies: base name of the WARC (without `.open`), offset and length of its gzip member in bytes.

    In files by others that pack several records together, `offset` is the member's plus the number of records that
    begin in it before this one, and `length` counts the octets of the record itself. In a file that is not
    compressed both are those of the record.
    """

    record_id: str
    warc: str
    offset: int
    length: int


class RecordType(StrEnum):
    """The record types that stand for a capture; `resource` only in files by others, with an http(s) URL."""

    RESPONSE = "response"
    REVISIT = "revisit"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Capture:
    """One observation of a resource: the facts of a `response` or `revisit` record and of its metadata record.

    `payload_digest` is `sha256:` and hex over the entity (transfer coding removed, content coding kept);
    `size` counts the octets of that entity; `framing` is what `umecrawl.model.message.framing` says of the
    head; `refers_to` is the record id of the response that holds the payload of a revisit. `reading` is
    what the answer is as something that names pages, where it was asked for that or is such a thing; `sketch` that of
    the text of a page; `reservations` are what its head says about use.
    """

    record: RecordRef
    record_type: RecordType
    url: Url
    captured_at: datetime
    status: int
    mime: str
    payload_digest: str
    size: int
    run: str
    framing: str = ""
    source: str = ""
    seed: Url | None = None
    via: Url | None = None
    hop_path: str = ""
    attempt: int = 1
    refers_to: str | None = None
    truncated: Truncation | None = None
    location: Url | None = None
    ip: str | None = None
    elapsed_ms: int | None = None
    wire_bytes: int = 0
    outlinks: tuple[Outlink, ...] = ()
    reading: Reading | None = None
    sketch: TextSketch | None = None
    reservations: tuple[Reservation, ...] = ()

    @property
    def id(self) -> str:
        """The UUID of the WARC record: the public id of the capture."""
        return self.record.record_id


@dataclass(frozen=True, slots=True)
class FailedFetch:
    """A failure as the archive keeps it (a `metadata` record of its own); `wire_bytes` came before it failed."""

    record: RecordRef
    url: Url
    at: datetime
    kind: FailureKind
    detail: str
    run: str
    source: str = ""
    via: Url | None = None
    hop_path: str = ""
    attempt: int = 1
    elapsed_ms: int | None = None
    ip: str | None = None
    wire_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault that a WARC has and that was read past: how often, and the offset of the first."""

    warc: str
    kind: str
    meaning: str
    first_offset: int
    count: int


# All that the archive can tell, in the order in which it was written.
ArchiveEvent = CrawlRun | Capture | FailedFetch | Skipped | Place | Audit | RunEnd


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a WARC has been read: everything before `offset` (bytes, start of a gzip member) is known."""

    warc: str
    offset: int
