"""Recorded answers: a `ReplaySource` that gives what WARC and WACZ files hold instead of what a server would say.

Each URL has one answer, however often it is asked for: the capture nearest to a time, without one the latest. What no
server said is no answer: a URL that no file holds, that only a `resource` record shows, or whose revisit has lost its
original is a failure of kind `not-archived`.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from glob import glob, has_magic
from pathlib import Path
from typing import Final

from umecrawl.errors import NotFoundError
from umecrawl.model.capture import (
    Capture,
    Exchange,
    FailureKind,
    FetchFailure,
    RecordType,
    Replayed,
    TlsFacts,
)
from umecrawl.model.clock import utc_now
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.message import entity_of, framing, parse_head
from umecrawl.warc.captures import message_of, payload_of
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.records import Record

_NOT_MODIFIED: Final = 304
_TLS: Final = ("tls/", "ssl/")


class RecordedAnswers:
    """Answers requests from a collection of files, each with the octets, date and address of its capture.

    A revisit is given as its own head before the body it repeats; where it has no head of its own (a 304) or one of
    another framing, the capture it repeats is the answer, with the date of that. `at` picks the capture nearest to a
    time; `clock` dates the look-up of what is missing.
    """

    def __init__(
        self, files: WarcFiles, at: datetime | None = None, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._files = files
        self._at = at
        self._clock = clock

    def answer(self, candidate: CrawlUrl, method: str) -> Exchange | FetchFailure:
        """Return the recorded exchange that answers a request, as one of this candidate.

        Raises `DamageError` when a record cannot be read.
        """
        if method != "GET":
            return self._missing(candidate, f"only answers to GET are looked up, not to {method}")
        capture = self._files.find(candidate.url, self._at)
        if capture is None:
            return self._missing(candidate, "no capture of it is in the files")
        try:
            return self._exchange(candidate, capture)
        except NotFoundError as error:
            return self._missing(candidate, error.message)

    def close(self) -> None:
        """Let go of the files."""
        self._files.close()

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the files could not be read, as sentences."""
        return tuple(f"{damage}." for damage in self._files.damage)

    def _exchange(self, candidate: CrawlUrl, capture: Capture) -> Exchange | FetchFailure:
        original = self._files.original(capture)
        record, holder = self._files.record(capture), self._files.record(original)
        head, body = message_of(holder)
        note = ""
        if capture.record_type is RecordType.REVISIT:
            own, _ = message_of(record)
            if capture.status != _NOT_MODIFIED and own and framing(parse_head(own)) == framing(parse_head(head)):
                head, note = own, f"the body is that of {original.id}, whose payload this capture repeats"
            else:
                capture, record = original, holder
        if RecordType.RESOURCE in {capture.record_type, original.record_type}:
            return self._missing(candidate, "it is in the files as a resource only, without the answer of a server")
        entity = payload_of(holder)
        if entity_of(parse_head(head), body) != entity:
            # The tool took the chunks away and left the head that speaks of them: with chunks it can be read again.
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(entity), entity) if entity else b"0\r\n\r\n"
            note = f"{note}; " if note else ""
            note += "the record holds the body without the chunks that its head speaks of; it was put into one"
        protocols = record.all("WARC-Protocol")
        return Exchange(
            crawl_url=replace(candidate, url=capture.url),
            started_at=capture.captured_at,
            elapsed_ms=capture.elapsed_ms,
            request=self._files.request(capture),
            response_head=head,
            response_body=body,
            ip=_address(capture.ip),
            tls=_tls(record, protocols),
            truncated=original.truncated,
            note=note,
            replayed=Replayed(capture.record.warc, capture.id, protocols),
            entity=entity,
        )

    def _missing(self, candidate: CrawlUrl, detail: str) -> FetchFailure:
        return FetchFailure(candidate, self._clock(), 0, FailureKind.NOT_ARCHIVED, detail)


def files_named(text: str) -> tuple[Path, ...]:
    """Return the files and folders that a path or a glob pattern names. Raises NotFoundError when there is none."""
    if Path(text).exists() or not has_magic(text):
        return (Path(text),)
    found = tuple(Path(one) for one in sorted(glob(text, recursive=True)))  # noqa: PTH207 - absolute patterns as well
    if not found:
        raise NotFoundError(f"{text}: no file has such a name", hint="Name a WARC, a WACZ or a folder of them.")
    return found


def _tls(record: Record, protocols: tuple[str, ...]) -> TlsFacts | None:
    version = next((one for one in protocols if one.startswith(_TLS)), "")
    cipher = record.get("WARC-Cipher-Suite")
    return TlsFacts(version, cipher) if version or cipher else None


def _address(text: str | None) -> str | None:
    """Return an IP address as it is written; nothing for what other tools put there and is none."""
    try:
        return ipaddress.ip_address(text).compressed if text else None
    except ValueError:
        return None
