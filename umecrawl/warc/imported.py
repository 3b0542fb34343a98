"""What files by other tools say of their runs and captures, in Heritrix's words, and the mending of their dates.

A run by others has the id `import-<14 digits of its date>-<8 hex>`, the last from the id of its warcinfo record, or
from the file's name where it has none: the same file gives the same id each time.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from umecrawl.model.crawl import CrawlRun
from umecrawl.model.message import is_chunked, parse_head
from umecrawl.model.urls import Url
from umecrawl.warc.faults import FaultKind
from umecrawl.warc.fields import first, read_fields
from umecrawl.warc.records import Record, RecordFormatError, format_date, parse_date, split_message

_KNOWN_FIELDS: Final = frozenset(
    {"software", "operator", "http-header-from", "http-header-user-agent", "robots", "ispartof", "description"}
)
_MOST_SETTINGS: Final = 200
_NEEDED: Final = frozenset({"warcinfo", "response", "revisit", "resource", "request", "metadata"})
_HTTP: Final = ("http:", "https:")
_DATE_14: Final = re.compile(r"\d{14}")
_WHOLE_SECOND: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NUMBER: Final = re.compile(r"\d{1,15}")
_HOPS: Final = re.compile(r"[A-Za-z0-9+]{0,255}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a capture by another tool was found: the metadata record that stands before or behind it."""

    via: Url | None = None
    hop_path: str = ""
    source: str = ""
    seed: Url | None = None
    elapsed_ms: int | None = None


def imported_run(info: Record, warc: str) -> CrawlRun:
    """Return the run that a warcinfo record by another tool tells of. Raises `RecordFormatError` without a date."""
    pairs = read_fields(info.block)
    robots = first(pairs, "robots")
    at = parse_date(info.get("WARC-Date"))
    return CrawlRun(
        id=_run_id(at, info.id or info.get("WARC-Filename") or warc),
        collection=first(pairs, "isPartOf"),
        sources=(),
        started_at=at,
        operator=first(pairs, "operator"),
        contact=first(pairs, "http-header-from"),
        user_agent=first(pairs, "http-header-user-agent"),
        robots="obey" if robots in {"classic", "obey"} else robots,
        software=first(pairs, "software") or "unknown",
        title=first(pairs, "description"),
        settings=tuple((name, value) for name, value in pairs if name.lower() not in _KNOWN_FIELDS)[:_MOST_SETTINGS],
    )


def run_without_info(warc: str, at: datetime) -> CrawlRun:
    """Return the run of a file that has no warcinfo, begun at its first capture."""
    return CrawlRun(
        id=_run_id(at, warc),
        collection="",
        sources=(),
        started_at=at,
        operator="",
        contact="",
        user_agent="",
        robots="",
        software="unknown",
    )


def read_origin(block: bytes) -> Origin:
    """Return what a metadata block in Heritrix's words says of its capture; what cannot be read is left out."""
    pairs = read_fields(block)
    elapsed, hops = first(pairs, "fetchTimeMs"), first(pairs, "hopsFromSeed")
    return Origin(
        via=_url(first(pairs, "via")),
        hop_path=hops if _HOPS.fullmatch(hops) else "",
        source=first(pairs, "sourceTag"),
        seed=_url(first(pairs, "seed")),
        elapsed_ms=int(elapsed) if _NUMBER.fullmatch(elapsed) else None,
    )


def mended(record: Record, offset: int, note: Callable[[FaultKind, int], None]) -> Record | None:
    """Return a record by another tool with a date and an id that can be used, or nothing; faults go to `note`."""
    if record.type not in _NEEDED:
        return record
    if not record.id:
        note(FaultKind.RECORD_ID, offset)
        return None
    date = record.get("WARC-Date")
    spelled = _spelled(date)
    if spelled is None:
        note(FaultKind.DATE, offset)
        return None
    if spelled != date or (record.version == "WARC/1.0" and not _WHOLE_SECOND.fullmatch(date)):
        note(FaultKind.DATE_FORM, offset)
    if not record.get("Content-Type") and record.block:
        note(FaultKind.CONTENT_TYPE, offset)
    if record.type == "response" and record.url.lower().startswith(_HTTP):
        if not record.block.startswith(b"HTTP/1."):
            note(FaultKind.STATUS_LINE, offset)
        head, body = split_message(record)
        parsed = parse_head(head)
        if body and "chunked" in parsed.joined("transfer-encoding") and not is_chunked(parsed, body):
            note(FaultKind.NOT_CHUNKED, offset)
    if spelled == date:
        return record
    fields = tuple((name, spelled if name.lower() == "warc-date" else value) for name, value in record.fields)
    return replace(record, fields=fields)


def _spelled(date: str) -> str | None:
    """Return a date as WARC writes it; nothing when it is none."""
    try:
        parse_date(date)
    except RecordFormatError:
        pass
    else:
        return date
    try:
        if _DATE_14.fullmatch(date):
            at = datetime.strptime(date, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        else:
            at = datetime.fromisoformat(date.strip())
            at = at.replace(tzinfo=at.tzinfo or UTC)
        return format_date(at)
    except (ValueError, OverflowError):
        return None


def _run_id(at: datetime, name: str) -> str:
    digits = at.strftime("%Y%m%d%H%M%S").zfill(14)
    return f"import-{digits}-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _url(text: str) -> Url | None:
    return Url(text) if text.isascii() and text.lower().startswith(_HTTP) and " " not in text else None
