"""CDXJ: the sorted list of the captures in one WARC, for replay tools and for look-ups of our own.

A line is a SURT key, a 14-digit UTC time and a JSON object (CDXJ 0.1.0). `url`, `mime`, `status`, `digest`,
`length`, `offset` and `filename` are as pywb writes them, all as text, a revisit having the mime `warc/revisit`;
`id`, `date`, `framing`, `size`, `refers`, `etag` and `truncated` are ours and make the payload store from the
lines alone; `source`, `seed`, `via` and `hop` say how a page was found, for the crawls that visit it again, `reading`
what it is as something that names pages. Lines are sorted by octets, as `LC_ALL=C sort` does.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from umecrawl.errors import DamageError
from umecrawl.model.capture import Capture, RecordRef, RecordType
from umecrawl.model.discovery import format_reading
from umecrawl.model.message import parse_head
from umecrawl.model.urls import Surt, Url, surt
from umecrawl.warc.disk import replace_file
from umecrawl.warc.events import read_events
from umecrawl.warc.records import RecordFormatError, format_date, parse_date, split_message
from umecrawl.warc.volumes import SUFFIX, Volume

REVISIT_MIME = "warc/revisit"


@dataclass(frozen=True, slots=True)
class CdxEntry:
    """One line: a capture, where its record lies, and what a later capture of the same payload needs to know.

    `digest` is as in the record; `refers_to` is the record id of the response that holds a revisit's payload.
    """

    key: Surt
    url: Url
    captured_at: datetime
    mime: str
    status: int
    digest: str
    record: RecordRef
    framing: str = ""
    size: int = 0
    refers_to: str | None = None
    etag: str = ""
    truncated: str = ""
    source: str = ""
    seed: str = ""
    via: str = ""
    hop: str = ""
    reading: str = ""

    @property
    def is_revisit(self) -> bool:
        """Whether the payload is kept by another record."""
        return self.mime == REVISIT_MIME


def entry_of(capture: Capture, etag: str) -> CdxEntry:
    """Return the line of a capture; `etag` is what the head in its record says."""
    revisit = capture.record_type is RecordType.REVISIT
    return CdxEntry(
        key=surt(capture.url),
        url=capture.url,
        captured_at=capture.captured_at,
        mime=REVISIT_MIME if revisit else capture.mime or "unk",
        status=capture.status,
        digest=capture.payload_digest,
        record=capture.record,
        framing=capture.framing,
        size=capture.size,
        refers_to=capture.refers_to,
        etag=etag,
        truncated=capture.truncated or "",
        source=capture.source,
        seed=capture.seed or "",
        via=capture.via or "",
        hop=capture.hop_path,
        reading=format_reading(capture.reading) if capture.reading is not None else "",
    )


def format_line(entry: CdxEntry) -> bytes:
    """Return the line of an entry, with its line end; ASCII."""
    values = {
        "url": entry.url,
        "mime": entry.mime,
        "status": str(entry.status),
        "digest": entry.digest,
        "length": str(entry.record.length),
        "offset": str(entry.record.offset),
        "filename": entry.record.warc,
        "id": entry.record.record_id,
        "date": format_date(entry.captured_at),
        "framing": entry.framing,
        "size": str(entry.size),
    }
    ours = {
        "refers": entry.refers_to,
        "etag": entry.etag,
        "truncated": entry.truncated,
        "source": entry.source,
        "seed": entry.seed,
        "via": entry.via,
        "hop": entry.hop,
        "reading": entry.reading,
    }
    values |= {name: value for name, value in ours.items() if value}
    timestamp = entry.captured_at.strftime("%Y%m%d%H%M%S").zfill(14)
    # A key holds no space (surt escapes it) and no line break, so a line has three fields.
    return f"{entry.key} {timestamp} {json.dumps(values)}\n".encode("ascii", "backslashreplace")


def parse_line(line: bytes) -> CdxEntry:
    """Return the entry of a line written by `format_line` or by another tool.

    Raises `RecordFormatError` when it is no CDXJ line.
    """
    try:
        key, timestamp, block = line.decode("utf-8").rstrip("\n").split(" ", 2)
        values = json.loads(block)
        date = values.get("date")
        return CdxEntry(
            key=Surt(key),
            url=Url(values["url"]),
            captured_at=parse_date(date) if date else parse_date(_spelled(timestamp)),
            mime=values.get("mime", ""),
            status=int(values.get("status") or 0),
            digest=values.get("digest", ""),
            record=RecordRef(values.get("id", ""), values["filename"], int(values["offset"]), int(values["length"])),
            framing=values.get("framing", ""),
            size=int(values.get("size", 0)),
            refers_to=values.get("refers"),
            etag=values.get("etag", ""),
            truncated=values.get("truncated", ""),
            source=values.get("source", ""),
            seed=values.get("seed", ""),
            via=values.get("via", ""),
            hop=values.get("hop", ""),
            reading=values.get("reading", ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecordFormatError) as error:
        raise RecordFormatError(f"not a CDXJ line: {line[:80]!r}") from error


def cdxj_path(root: Path, name: str) -> Path:
    """Return where the CDXJ of the WARC of that base name belongs."""
    return root / "cdxj" / f"{name.removesuffix(SUFFIX)}.cdxj"


def warc_entries(warc: Path | Volume) -> Iterator[CdxEntry]:
    """Yield the entries of a WARC in file order. Raises `DamageError` where the file cannot be read."""
    for told in read_events(warc):
        if isinstance(told.event, Capture):
            yield entry_of(told.event, parse_head(split_message(told.record)[0]).get("ETag") or "")


def write_cdxj(warc: Path | Volume, target: Path) -> Path:
    """Read a WARC and write its CDXJ to `target`. Raises `DamageError` where the WARC cannot be read."""
    return write_lines(target, [format_line(entry) for entry in warc_entries(warc)])


def write_lines(target: Path, lines: Iterable[bytes]) -> Path:
    """Sort the lines and put them under `target` in one step, replacing what is there."""
    return replace_file(target, sorted(lines))


def read_cdxj(path: Path) -> Iterator[CdxEntry]:
    """Yield the entries of a CDXJ file; lines of metadata (`!meta`) are left out.

    Raises `DamageError` naming file and line for a line that is no entry.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.startswith((b"!", b"{")) or not line.strip():
                continue
            try:
                yield parse_line(line)
            except RecordFormatError as error:
                raise DamageError(
                    f"{path}: line {number}: {error.message}", hint="Delete the file and run `umecrawl index`."
                ) from error


def find_entries(path: Path, key: Surt) -> Iterator[CdxEntry]:
    """Yield the entries of one key from a sorted CDXJ, by bisection."""
    prefix = f"{key} ".encode()
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            _seek_line(file, middle)
            line = file.readline()
            if line and line[: len(prefix)] < prefix:
                low = middle + 1
            else:
                high = middle
        _seek_line(file, low)
        for line in file:
            if not line.startswith(prefix):
                return
            yield parse_line(line)


def _seek_line(file: BinaryIO, position: int) -> None:
    """Go to the first line that begins at `position` or behind it."""
    file.seek(max(position - 1, 0))
    if position:
        file.readline()


def _spelled(timestamp: str) -> str:
    whole = timestamp[:14] + "00000101000000"[len(timestamp) :]
    fraction = f".{timestamp[14:]}" if len(timestamp) > 14 else ""  # noqa: PLR2004 - 14 digits, then fractions
    day = f"{whole[:4]}-{whole[4:6]}-{whole[6:8]}"
    return f"{day}T{whole[8:10]}:{whole[10:12]}:{whole[12:14]}{fraction}Z"
