"""What earlier runs read at the interfaces of their sources, from the CDXJ files of closed WARCs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from umecrawl.model.capture import RecordRef
from umecrawl.model.discovery import Reading, parse_reading
from umecrawl.model.urls import Url
from umecrawl.warc.cdxj import cdxj_path, parse_line
from umecrawl.warc.files import list_warcs
from umecrawl.warc.records import RecordFormatError

_MARK = b'"reading": '


@dataclass(frozen=True, slots=True)
class PastReading:
    """One answer of an interface, and where its record lies."""

    source: str
    url: Url
    at: datetime
    hop_path: str
    reading: Reading
    record: RecordRef


def past_readings(root: Path, sources: Collection[str]) -> Iterator[PastReading]:
    """Yield the readings of these sources, files in their order, lines of a file in that of their keys.

    A file without CDXJ is passed over, and so is a line that cannot be read: what is not known is asked for again.
    """
    for warc in list_warcs(root):
        path = cdxj_path(root, warc.name)
        if not path.exists():
            continue
        with path.open("rb") as file:
            for line in file:
                if _MARK not in line:
                    continue
                try:
                    entry = parse_line(line)
                except RecordFormatError:
                    continue
                reading = parse_reading(entry.reading)
                if reading is not None and entry.source in sources:
                    yield PastReading(entry.source, entry.url, entry.captured_at, entry.hop, reading, entry.record)
