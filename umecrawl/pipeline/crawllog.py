"""crawl.log: one line for each fetch, in the fields and order archivists know from Heritrix.

Fields, separated by blanks: time, status (negative for a failure), size of the entity, URL, hop path, via, media type,
`#` and attempt, start and duration (`20261122185700123+45`), payload digest, source, annotations, WARC.
The log is disposable: everything in it is in the WARCs.
"""

from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Self

from umecrawl.model.capture import Capture, FailedFetch, FailureKind, RecordType

# Heritrix's codes for fetches that brought no response (heritrix3 glossary, "status codes").
_STATUS = {
    FailureKind.DNS: -1,
    FailureKind.REFUSED: -2,
    FailureKind.UNREACHABLE: -2,
    FailureKind.DISCONNECT: -3,
    FailureKind.TIMEOUT: -4,
    FailureKind.TLS: -2,
    FailureKind.PROTOCOL: -5,
    FailureKind.FORBIDDEN_ADDRESS: -5000,
    FailureKind.NOT_ARCHIVED: -404,
}


class CrawlLog:
    """An open crawl.log; lines are appended, an earlier stretch of the run is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIOWrapper | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a", encoding="utf-8", buffering=1 << 16)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, result: Capture | FailedFetch) -> None:
        """Append the line of one fetch."""
        if self._file is not None:
            self._file.write(line_of(result) + "\n")


def line_of(result: Capture | FailedFetch) -> str:
    """Return the log line of one fetch, without its line end."""
    if isinstance(result, Capture):
        when, status, size = result.captured_at, str(result.status), str(result.size)
        mime, digest = result.mime or "unknown", result.payload_digest
        notes = [f"{result.record_type}"] if result.record_type is RecordType.REVISIT else []
        notes += [f"{result.truncated}Trunc"] if result.truncated else []
    else:
        when, status, size = result.at, str(_STATUS[result.kind]), "-"
        mime, digest, notes = "unknown", "-", [f"{result.kind}"]
    return " ".join(
        [
            f"{when:%Y-%m-%dT%H:%M:%S.}{when.microsecond // 1000:03d}Z",
            status,
            size,
            result.url,
            result.hop_path or "-",
            result.via or "-",
            mime,
            f"#{result.attempt}",
            f"{_stamp(when)}+{result.elapsed_ms or 0}",
            digest,
            result.source or "-",
            ",".join(notes) or "-",
            result.record.warc,
        ]
    )


def _stamp(when: datetime) -> str:
    return f"{when:%Y%m%d%H%M%S}{when.microsecond // 1000:03d}"
