"""Which payloads the archive holds already: a look-up for revisits, made from the CDXJ files and disposable.

One SQLite file, `runs/payloads.sqlite`. What a writer adds is committed when its WARC is sealed: a process that is
killed leaves nothing behind that recovery could contradict, for the sealed file's CDXJ is then read like any other.
A store that is missing, damaged or of another edition is made anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from umecrawl.model.clock import microseconds_of, time_of
from umecrawl.model.urls import Url
from umecrawl.warc.cdxj import CdxEntry, cdxj_path
from umecrawl.warc.lookup import CdxjLookup
from umecrawl.warc.records import is_own_digest

# Measured: a revisit with its references takes 620 octets, as much as a response of 250 to 300 octets of text.
MIN_SIZE: Final = 512
_OK: Final = 200
_SCHEMA: Final = """
CREATE TABLE payloads (
    record_id TEXT NOT NULL UNIQUE, digest BLOB NOT NULL, framing TEXT NOT NULL, url TEXT NOT NULL,
    date INTEGER NOT NULL, size INTEGER NOT NULL, warc TEXT NOT NULL, offset INTEGER NOT NULL
);
CREATE INDEX payloads_by_digest ON payloads (digest, framing);
CREATE INDEX payloads_by_warc ON payloads (warc);
CREATE TABLE latest (
    url TEXT NOT NULL, etag TEXT NOT NULL, date INTEGER NOT NULL, record_id TEXT NOT NULL,
    PRIMARY KEY (url, etag)
) WITHOUT ROWID;
"""
_COLUMNS: Final = "p.record_id, p.digest, p.framing, p.url, p.date, p.size, p.warc, p.offset"
_Row = tuple[str, bytes, str, str, int, int, str, int]


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """A payload the archive holds, and the *response* record that holds it."""

    record_id: str
    digest: str
    framing: str
    url: Url
    captured_at: datetime
    size: int
    warc: str
    offset: int


class PayloadStore(CdxjLookup):
    """The payloads of one archive, by digest and framing, and the newest of each URL.

    Opening it reads the CDXJ files that are new or have changed. Raises `ArchiveInUseError` while another process
    writes it, `NoSpaceError` when the disk is full. It serves one writer; whoever writes holds the `ArchiveLock`.
    """

    name = "payloads.sqlite"
    edition = 1
    schema = _SCHEMA

    def find(self, digest: str, framing: str) -> StoredPayload | None:
        """Return the response that holds the payload under the same codings, if any."""
        if not is_own_digest(digest):
            return None
        octets = _octets(digest)
        query = f"SELECT {_COLUMNS} FROM payloads p WHERE digest = ? AND framing = ? LIMIT 1"  # noqa: S608 - constant
        return self._guarded(lambda: self._one(query, (octets, framing)))

    def newest(self, url: Url, etag: str = "") -> StoredPayload | None:
        """Return the response that a 304 for the URL confirms.

        With an entity tag, the newest payload that came with that tag (compared weakly, RFC 9110 §8.8.3.2);
        without one, the newest of all.
        """
        query = (
            f"SELECT {_COLUMNS} FROM latest l JOIN payloads p USING (record_id) WHERE l.url = ?"  # noqa: S608 - constant
            f"{' AND l.etag = ?' if etag else ''} ORDER BY l.date DESC LIMIT 1"
        )
        parameters = (url, _weak(etag)) if etag else (url,)
        return self._guarded(lambda: self._one(query, parameters))

    def add(self, entry: CdxEntry) -> None:
        """Take in a capture whose record is written; what can serve no revisit is left out."""
        self._guarded(lambda: self._add((entry,)))

    def commit(self, warc: str) -> None:
        """Keep what was added of a WARC that is now sealed."""
        self._guarded(lambda: self._ingest(cdxj_path(self._root, warc), warc))

    def _forget(self, warc: str) -> None:
        self._database.execute("DELETE FROM payloads WHERE warc = ?", (warc,))

    def _add(self, entries: Iterable[CdxEntry]) -> None:
        for entry in entries:
            if entry.status != _OK or entry.truncated or not is_own_digest(entry.digest):
                continue
            holder = entry.refers_to if entry.is_revisit else entry.record.record_id
            date = microseconds_of(entry.captured_at)
            if not holder:
                continue
            if not entry.is_revisit:
                self._database.execute(
                    "INSERT OR IGNORE INTO payloads VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        holder,
                        _octets(entry.digest),
                        entry.framing,
                        entry.url,
                        date,
                        entry.size,
                        entry.record.warc,
                        entry.record.offset,
                    ),
                )
            self._database.execute(
                "INSERT INTO latest VALUES (?, ?, ?, ?) ON CONFLICT (url, etag) DO UPDATE "
                "SET date = excluded.date, record_id = excluded.record_id WHERE excluded.date > date",
                (entry.url, _weak(entry.etag), date, holder),
            )

    def _one(self, query: str, parameters: tuple[object, ...]) -> StoredPayload | None:
        row: _Row | None = self._database.execute(query, parameters).fetchone()
        if row is None:
            return None
        record_id, octets, framing, url, date, size, warc, offset = row
        return StoredPayload(record_id, f"sha256:{octets.hex()}", framing, Url(url), time_of(date), size, warc, offset)


def _octets(digest: str) -> bytes:
    return bytes.fromhex(digest.partition(":")[2])


def _weak(etag: str) -> str:
    return etag.removeprefix("W/")
