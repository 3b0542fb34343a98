"""WARC and WACZ files outside an archive as one collection: what was captured of a URL, and the octets of it.

The look-up is a SQLite file without a name, made when the collection is opened and gone when it is closed; memory
does not grow with the number of captures.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.model.capture import Capture, Fault, RecordRef, RecordType, Truncation
from umecrawl.model.clock import microseconds_of, time_of
from umecrawl.model.urls import InvalidUrlError, Url, canonicalize
from umecrawl.warc.access import OpenVolumes
from umecrawl.warc.captures import message_of, payload_of
from umecrawl.warc.events import Teller, Told
from umecrawl.warc.faults import FaultKind, FaultLog
from umecrawl.warc.records import Record, RecordFormatError, bare_id, digest_octets, parse_date
from umecrawl.warc.recordstream import read_any
from umecrawl.warc.volumes import WACZ_SUFFIX, Volume, files_below, is_warc, plain_name, volumes_of

_SECOND: Final = 1_000_000
_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE capture (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, warc TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    kind TEXT NOT NULL, url TEXT NOT NULL, canonical TEXT NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL,
    mime TEXT NOT NULL, digest TEXT NOT NULL, recorded BLOB, size INTEGER NOT NULL, run TEXT NOT NULL,
    framing TEXT NOT NULL, source TEXT NOT NULL, seed TEXT, via TEXT, hop_path TEXT NOT NULL, attempt INTEGER NOT NULL,
    refers_to TEXT, truncated TEXT, location TEXT, ip TEXT, elapsed_ms INTEGER, wire_bytes INTEGER NOT NULL
);
CREATE TABLE request (id TEXT NOT NULL, concurrent TEXT NOT NULL, warc TEXT NOT NULL, offset INTEGER NOT NULL);
"""
_INDEXES: Final = """
CREATE INDEX capture_by_url ON capture (canonical, at);
CREATE INDEX capture_by_id ON capture (id);
CREATE INDEX capture_by_digest ON capture (recorded) WHERE recorded IS NOT NULL AND kind <> 'revisit';
CREATE INDEX request_by_id ON request (id);
CREATE INDEX request_by_concurrent ON request (concurrent);
"""
_COLUMNS: Final = (
    "id, warc, offset, length, kind, url, at, status, mime, digest, size, run, framing, source, seed, via, hop_path, "
    "attempt, refers_to, truncated, location, ip, elapsed_ms, wire_bytes"
)
_Row = tuple[
    str, str, int, int, str, str, int, int, str, str, int, str, str, str, str | None, str | None, str, int,
    str | None, str | None, str | None, str | None, int | None, int,
]  # fmt: skip


class WarcFiles:
    """The captures of WARC and WACZ files, by any tool, for reading.

    Opening it reads the files once. Faults that were read past stand in `faults`, places where a file could not be
    read on in `damage`. Raises `NotFoundError` for a path that is not there, or a folder without a WARC.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._volumes = _named(volume for path in paths for file in _files(path) for volume in volumes_of(file))
        self._open = OpenVolumes()
        self._database = sqlite3.connect("", check_same_thread=False)
        self.faults: tuple[Fault, ...] = ()
        self.damage: tuple[str, ...] = ()
        try:
            self._database.executescript(_SCHEMA)
            for name, volume in self._volumes.items():
                self._take_in(name, volume)
            self._database.executescript(_INDEXES)
        except BaseException:
            self.close()
            raise

    def find(self, url: Url, at: datetime | None = None) -> Capture | None:
        """Return the capture of a URL closest in time, without a time the latest.

        A capture of the very URL goes before one that differs in the order of its parameters; of captures equally
        close the earlier is taken.
        """
        order = "at DESC, number DESC" if at is None else "abs(at - :at), at, number"
        rows = self._rows(
            f"WHERE canonical = :canonical ORDER BY url <> :url, {order} LIMIT 1",
            {"canonical": _canonical(url), "url": url, "at": 0 if at is None else microseconds_of(at)},
        )
        return next(rows, None)

    def captures(self) -> Iterator[Capture]:
        """Yield every capture in the order of the files; links found on pages are left out."""
        yield from self._rows("ORDER BY number", {})

    def head(self, capture: Capture) -> bytes:
        """Return the response head; where the record of a revisit leaves it out, the original's."""
        record = self._record(capture)
        if capture.record_type is RecordType.REVISIT and not record.block:
            record = self._holder(capture)
        return message_of(record)[0]

    def payload(self, capture: Capture) -> bytes:
        """Return the entity: transfer coding removed, content coding kept; of a revisit, the original's.

        Raises `NotFoundError` when the original of a revisit is in none of the files, `DamageError` when a record
        cannot be read.
        """
        return payload_of(self._holder(capture))

    def record(self, capture: Capture) -> Record:
        """Return the record of a capture as it stands. Raises `DamageError` when it cannot be read."""
        return self._record(capture)

    def original(self, capture: Capture) -> Capture:
        """Return the capture whose record holds the payload: of a revisit the one it repeats, else itself.

        Raises `NotFoundError` when that is in none of the files.
        """
        if capture.record_type is not RecordType.REVISIT:
            return capture
        for condition, values in self._named_originals(capture, self._record(capture)):
            found = next(self._rows(f"WHERE kind <> 'revisit' AND {condition} LIMIT 1", values), None)
            if found is not None:
                return found
        raise NotFoundError(
            f"{capture.record.warc}: the original of the revisit {capture.id} is in none of the files: {capture.url}",
            hint="Name the WARC that holds it as well.",
        )

    def request(self, capture: Capture) -> bytes:
        """Return the request as it was recorded; nothing when it is in none of the files."""
        named = [bare_id(uri) for uri in self._record(capture).all("WARC-Concurrent-To")]
        for column, ids in (("concurrent", [capture.id]), ("id", named)):
            for one in ids:
                query = f"SELECT warc, offset FROM request WHERE {column} = ? LIMIT 1"  # noqa: S608 - constants
                found = self._database.execute(query, (one,)).fetchone()
                if found:
                    return self._at(found[0], found[1]).block
        return b""

    def close(self) -> None:
        """Let go of the files and of the look-up."""
        self._open.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_in(self, name: str, volume: Volume) -> None:
        log, teller = FaultLog(name), Teller(name)
        empty = True
        try:
            for record, ref, mark in read_any(volume, 0, log):
                empty = False
                if record.type == "request":
                    self._put_request(record, name, ref.offset)
                try:
                    for told in teller.tell_at(record, ref, mark):
                        self._put(told)
                except RecordFormatError:
                    log.note(FaultKind.CONTENT, ref.offset)
            if empty:
                self.damage += (f"{volume.path}: there is no WARC record in it",)
        except DamageError as error:
            self.damage += (error.message,)
        for told in teller.finish():
            self._put(told)
        self.faults += log.faults()

    def _put(self, told: Told) -> None:
        one = told.event
        if not isinstance(one, Capture):
            return
        ref, known = one.record, digest_octets(told.record.get("WARC-Payload-Digest"))
        recorded = known[1] if known is not None else None
        self._database.execute(
            "INSERT INTO capture VALUES (NULL" + ", ?" * 26 + ")",
            (
                one.id, ref.warc, ref.offset, ref.length, str(one.record_type), one.url, _canonical(one.url),
                microseconds_of(one.captured_at), one.status, one.mime, one.payload_digest, recorded, one.size, one.run,
                one.framing, one.source, one.seed, one.via, one.hop_path, one.attempt, one.refers_to,
                None if one.truncated is None else str(one.truncated), one.location, one.ip, one.elapsed_ms,
                one.wire_bytes,
            ),
        )  # fmt: skip

    def _put_request(self, record: Record, name: str, offset: int) -> None:
        concurrent = bare_id(record.get("WARC-Concurrent-To"))
        self._database.execute("INSERT INTO request VALUES (?, ?, ?, ?)", (record.id, concurrent, name, offset))

    def _rows(self, condition: str, values: dict[str, str | int | bytes]) -> Iterator[Capture]:
        query = f"SELECT {_COLUMNS} FROM capture {condition}"  # noqa: S608 - constants
        for row in self._database.execute(query, values):
            yield _capture(row)

    def _holder(self, capture: Capture) -> Record:
        return self._record(self.original(capture))

    def _named_originals(self, capture: Capture, revisit: Record) -> Iterator[tuple[str, dict[str, str | int | bytes]]]:
        if capture.refers_to:
            yield "id = :id", {"id": capture.refers_to}
        url = revisit.get("WARC-Refers-To-Target-URI").strip("<>") or capture.url
        if date := revisit.get("WARC-Refers-To-Date"):
            try:
                # To the second, for WARC/1.0 knows nothing finer.
                at = microseconds_of(parse_date(date)) // _SECOND * _SECOND
            except RecordFormatError:
                pass
            else:
                values: dict[str, str | int | bytes] = {"url": _canonical(url), "at": at, "end": at + _SECOND}
                yield "canonical = :url AND at >= :at AND at < :end", values
        known = digest_octets(revisit.get("WARC-Payload-Digest"))
        if known is not None:
            yield "recorded = :recorded", {"recorded": known[1]}
        yield "digest = :digest AND canonical = :url", {"digest": capture.payload_digest, "url": _canonical(url)}

    def _record(self, capture: Capture) -> Record:
        return self._at(capture.record.warc, capture.record.offset)

    def _at(self, name: str, offset: int) -> Record:
        return self._open.at(self._volumes[name], offset).record


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = sorted(one for one in files_below(path) if is_warc(one) or one.name.endswith(WACZ_SUFFIX))
        if not found:
            raise NotFoundError(f"{path}: there is no WARC or WACZ in this folder", hint="Name a file or a folder.")
        yield from found
    elif path.exists():
        yield path
    else:
        raise NotFoundError(f"{path}: there is no such file", hint="Name a WARC, a WACZ or a folder of them.")


def _named(volumes: Iterable[Volume]) -> dict[str, Volume]:
    """Return the volumes by names of their own: a second file of the same base name gets a number."""
    named: dict[str, Volume] = {}
    for volume in volumes:
        own = plain_name(volume.name)
        name, number = own, 1
        while name in named:
            number += 1
            name = f"{own}~{number}"
        named[name] = Volume(volume.path, name, volume.member, volume.start, volume.size)
    return named


def _canonical(url: str) -> str:
    try:
        return canonicalize(Url(url))
    except InvalidUrlError:
        return url


def _capture(row: _Row) -> Capture:
    (
        record_id, warc, offset, length, kind, url, at, status, mime, digest, size, run, coding, source, seed, via,
        hop_path, attempt, refers_to, truncated, location, ip, elapsed_ms, wire_bytes,
    ) = row  # fmt: skip
    return Capture(
        record=RecordRef(record_id, warc, offset, length),
        record_type=RecordType(kind),
        url=Url(url),
        captured_at=time_of(at),
        status=status,
        mime=mime,
        payload_digest=digest,
        size=size,
        run=run,
        framing=coding,
        source=source,
        seed=Url(seed) if seed is not None else None,
        via=Url(via) if via is not None else None,
        hop_path=hop_path,
        attempt=attempt,
        refers_to=refers_to,
        truncated=Truncation(truncated) if truncated else None,
        location=Url(location) if location is not None else None,
        ip=ip,
        elapsed_ms=elapsed_ms,
        wire_bytes=wire_bytes,
    )
