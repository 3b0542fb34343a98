"""What the metadata record of a fetch says: where the URL was found, what it cost, what does not fit the HTTP records.

Names are Heritrix's where it has one: `seed`, `via`, `hopsFromSeed`, `sourceTag`, `fetchTimeMs`, `outlink`.
Ours are `attempt`, `entityLength`, `wireLength`, `note` (text), `interim`, `excess`, `notModifiedHead`, `partial`
(Base64), `replayed-from` (file and record that a replay copied, instead of fetching), `entityFraming`, `tlsPeer`
(SHA-256 of the leaf certificate), `tlsCertificate` (DER in Base64, leaf first, once for each chain and file),
`textSketch` (a sample of what the page says, `umecrawl.model.sketch`),
`reading` (what the answer is as a feed, sitemap or API), `fetch-outcome` and `fetch-detail`. An `outlink` is a URL, the
letter of its hop and, where a feed, sitemap or API said so, when the page was last changed.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from umecrawl.model.capture import Exchange, FailedFetch, FailureKind, FetchFailure, RecordRef, TlsFacts
from umecrawl.model.crawl import CrawlUrl, Hop, Outlink
from umecrawl.model.discovery import Reading, format_reading, parse_reading
from umecrawl.model.sketch import TextSketch, read_sketch
from umecrawl.model.urls import Url
from umecrawl.warc.fields import escape, every, first, number_of, octets, octets_of, read_fields, unescape, write_fields
from umecrawl.warc.records import Record, RecordFormatError, format_date, parse_date


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is known of a capture beside its HTTP records; lengths in octets.

    `framing` and `not_modified_head` are set for a 304 only: the codings of the payload it stands for, and its
    own head, which its record leaves out so that replay finds the payload.
    """

    source: str
    seed: Url | None
    via: Url | None
    hop_path: str
    attempt: int
    elapsed_ms: int | None
    size: int
    wire_bytes: int
    framing: str = ""
    not_modified_head: bytes = b""
    outlinks: tuple[Outlink, ...] = ()
    reading: Reading | None = None
    sketch: TextSketch | None = None


def capture_block(exchange: Exchange, provenance: Provenance, *, with_chain: bool) -> bytes:
    """Return the metadata block of a capture; `with_chain` adds the certificates of its connection."""
    pairs = _origin(exchange.crawl_url, exchange.elapsed_ms)
    pairs += (("entityLength", str(provenance.size)), ("wireLength", str(provenance.wire_bytes)))
    if provenance.framing:
        pairs.append(("entityFraming", escape(provenance.framing)))
    if provenance.not_modified_head:
        pairs.append(("notModifiedHead", octets(provenance.not_modified_head)))
    if exchange.replayed is not None:
        pairs.append(("replayed-from", escape(f"{exchange.replayed.warc} {exchange.replayed.record_id}")))
    if exchange.note:
        pairs.append(("note", escape(exchange.note)))
    if exchange.interim:
        pairs.append(("interim", octets(exchange.interim)))
    if exchange.excess:
        pairs.append(("excess", octets(exchange.excess)))
    pairs += _tls(exchange.tls, with_chain=with_chain)
    if provenance.reading is not None:
        pairs.append(("reading", escape(format_reading(provenance.reading))))
    if provenance.sketch is not None:
        pairs.append(("textSketch", str(provenance.sketch)))
    pairs += [("outlink", _written(link)) for link in provenance.outlinks]
    return write_fields(pairs)


def read_provenance(block: bytes) -> Provenance | None:
    """Return what a metadata block of ours says of its capture; nothing for a block written by others."""
    told = read_fields(block)
    # Nearly all fields are outlinks; the others are looked for among themselves.
    pairs = [pair for pair in told if pair[0].lower() != "outlink"]
    size, wire_bytes = number_of(pairs, "entityLength"), number_of(pairs, "wireLength")
    if size is None or wire_bytes is None:
        return None
    return Provenance(
        source=unescape(first(pairs, "sourceTag")),
        seed=_url(first(pairs, "seed")),
        via=_url(first(pairs, "via")),
        hop_path=first(pairs, "hopsFromSeed"),
        attempt=number_of(pairs, "attempt") or 0,
        elapsed_ms=number_of(pairs, "fetchTimeMs"),
        size=size,
        wire_bytes=wire_bytes,
        framing=unescape(first(pairs, "entityFraming")),
        not_modified_head=octets_of(pairs, "notModifiedHead"),
        sketch=read_sketch(first(pairs, "textSketch")),
        outlinks=tuple(map(_outlink, every(told, "outlink"))),
        reading=parse_reading(unescape(first(pairs, "reading"))),
    )


def failure_block(failure: FetchFailure) -> bytes:
    """Return the metadata block of a fetch that brought no response."""
    pairs = [("fetch-outcome", failure.kind.value), ("fetch-detail", escape(failure.detail))]
    pairs += _origin(failure.crawl_url, failure.elapsed_ms)
    if failure.partial:
        pairs.append(("partial", octets(failure.partial)))
    return write_fields(pairs)


def is_failure(record: Record) -> bool:
    """Return whether a metadata record tells of a fetch that brought no response."""
    return record.block.startswith(b"fetch-outcome: ")


def read_failure(record: Record, ref: RecordRef, run: str) -> FailedFetch:
    """Return the failed fetch that a metadata record tells of."""
    pairs = read_fields(record.block)
    outcome = first(pairs, "fetch-outcome")
    try:
        kind = FailureKind(outcome)
    except ValueError as error:
        raise RecordFormatError(f"unknown outcome of a fetch: {outcome!r}") from error
    return FailedFetch(
        record=ref,
        url=Url(record.url),
        at=parse_date(record.get("WARC-Date")),
        kind=kind,
        detail=unescape(first(pairs, "fetch-detail")),
        run=run,
        source=unescape(first(pairs, "sourceTag")),
        via=_url(first(pairs, "via")),
        hop_path=first(pairs, "hopsFromSeed"),
        attempt=number_of(pairs, "attempt") or 0,
        elapsed_ms=number_of(pairs, "fetchTimeMs"),
        ip=record.get("WARC-IP-Address") or None,
        wire_bytes=len(octets_of(pairs, "partial")),
    )


def chain_id(tls: TlsFacts) -> bytes:
    """Return what tells one certificate chain from another."""
    return sha256(b"".join(sha256(certificate).digest() for certificate in tls.chain)).digest()


def _origin(crawl_url: CrawlUrl, elapsed_ms: int | None) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = [("seed", crawl_url.seed)] if crawl_url.seed else []
    if crawl_url.via is not None:
        pairs.append(("via", crawl_url.via))
    pairs += (
        ("hopsFromSeed", crawl_url.hop_path),
        ("sourceTag", escape(crawl_url.source)),
        ("attempt", str(crawl_url.attempt)),
    )
    if elapsed_ms is not None:
        pairs.append(("fetchTimeMs", str(elapsed_ms)))
    return pairs


def _tls(tls: TlsFacts | None, *, with_chain: bool) -> list[tuple[str, str]]:
    if tls is None or not tls.chain:
        return []
    pairs = [("tlsPeer", sha256(tls.chain[0]).hexdigest())]
    if with_chain:
        pairs += [("tlsCertificate", octets(certificate)) for certificate in tls.chain]
    return pairs


def _written(link: Outlink) -> str:
    told = f" {format_date(link.modified)}" if link.modified is not None else ""
    return f"{link.url} {link.hop.value}{told}"


@lru_cache(maxsize=16_384)  # pages of a site name the same menus
def _outlink(value: str) -> Outlink:
    url, _, rest = value.partition(" ")
    letter, _, modified = rest.partition(" ")
    try:
        return Outlink(Url(url), Hop(letter), parse_date(modified) if modified else None)
    except ValueError as error:
        raise RecordFormatError(f"unknown hop of an outlink: {value[:200]!r}") from error


def _url(text: str) -> Url | None:
    return Url(text) if text else None
