"""What is wrong with the files that other tools wrote, told once for each kind and file."""

from enum import StrEnum
from typing import Final

from umecrawl.model.capture import Fault


class FaultKind(StrEnum):
    """The faults that are read past."""

    JUNK = "junk"
    LINE_ENDS = "line-ends"
    HEADER = "header"
    ENCODING = "encoding"
    CONTENT_LENGTH = "content-length"
    RECORD_END = "record-end"
    TOO_LARGE = "too-large"
    ONE_MEMBER = "one-member"
    DATE_FORM = "date-form"
    DATE = "date"
    RECORD_ID = "record-id"
    TARGET = "target"
    CONTENT_TYPE = "content-type"
    STATUS_LINE = "status-line"
    NOT_CHUNKED = "not-chunked"
    CONTENT = "content"


_MEANINGS: Final = {
    FaultKind.JUNK: "octets that belong to no record were passed over",
    FaultKind.LINE_ENDS: "the header's lines end in LF alone",
    FaultKind.HEADER: "the header has lines that are no fields",
    FaultKind.ENCODING: "the header is not UTF-8 and was read as Latin-1",
    FaultKind.CONTENT_LENGTH: "Content-Length is missing or does not agree with the block",
    FaultKind.RECORD_END: "the record does not end in two line ends",
    FaultKind.TOO_LARGE: "the record is too large and was left out",
    FaultKind.ONE_MEMBER: "several records share a compressed member: a single record is slow to get",
    FaultKind.DATE_FORM: "WARC-Date is not written as the file's version wants it",
    FaultKind.DATE: "WARC-Date is missing or cannot be read; the record was left out",
    FaultKind.RECORD_ID: "WARC-Record-ID is missing; the record was left out",
    FaultKind.TARGET: "WARC-Target-URI has characters that no URI may have; they were percent-encoded",
    FaultKind.CONTENT_TYPE: "Content-Type is missing",
    FaultKind.STATUS_LINE: "the HTTP response has no HTTP/1 status line",
    FaultKind.NOT_CHUNKED: "Transfer-Encoding says chunked, but the body is not; it was taken as it is",
    FaultKind.CONTENT: "the record's content cannot be read; it was left out",
}


class FaultLog:
    """Counts the faults of one file; memory does not grow with their number."""

    def __init__(self, warc: str) -> None:
        self._warc = warc
        self._found: dict[FaultKind, tuple[int, int]] = {}

    def note(self, kind: FaultKind, offset: int) -> None:
        """Count one fault of the record at an offset."""
        first, count = self._found.get(kind, (offset, 0))
        self._found[kind] = (first, count + 1)

    def faults(self) -> tuple[Fault, ...]:
        """Return the faults in the order in which they were first met."""
        return tuple(
            Fault(self._warc, kind.value, _MEANINGS[kind], first, count) for kind, (first, count) in self._found.items()
        )
