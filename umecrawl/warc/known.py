"""What earlier runs saw of each URL: a look-up from which the next visits are planned, made from the CDXJ files.

One SQLite file, `runs/histories.sqlite`: a row for each URL with the way it was first found, and one for each answer.
A million URLs take some 200 MB of disk and no memory. Failed fetches have no line in a CDXJ file: a URL that brought no
answer is as due as it was before.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from umecrawl.model.capture import RecordRef, Truncation
from umecrawl.model.clock import microseconds_of, time_of
from umecrawl.model.crawl import CrawlUrl, Hop
from umecrawl.model.history import History, State
from umecrawl.model.urls import InvalidUrlError, Url, canonicalize
from umecrawl.warc.cdxj import CdxEntry
from umecrawl.warc.lookup import CdxjLookup
from umecrawl.warc.records import is_own_digest

_OK: Final = 200
_NOT_MODIFIED: Final = 304
_GONE: Final = frozenset({404, 410})
_REDIRECTS: Final = range(300, 400)
_CLIENT_ERRORS: Final = range(400, 500)
_LATER: Final = frozenset({0, _NOT_MODIFIED, 408, 425, 429})  # errors that say nothing of the resource
_BROKEN_OFF: Final = frozenset({Truncation.TIME, Truncation.DISCONNECT, Truncation.UNSPECIFIED})
_REMEMBERED: Final = 8
_DIGEST: Final = 16  # octets of a digest that are compared
_SCHEMA: Final = """
CREATE TABLE volume (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE place (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, url TEXT, source TEXT NOT NULL, seed TEXT NOT NULL,
    via TEXT NOT NULL, hop TEXT NOT NULL, page INTEGER NOT NULL
);
CREATE TABLE answer (
    place INTEGER NOT NULL, date INTEGER NOT NULL, volume INTEGER NOT NULL, offset INTEGER NOT NULL,
    state TEXT NOT NULL, digest BLOB, whole TEXT NOT NULL,
    PRIMARY KEY (place, date, volume, offset)
) WITHOUT ROWID;
CREATE INDEX answer_by_volume ON answer (volume);
"""
_ANSWER: Final = "a.date, a.state, a.digest, a.whole, v.name, a.offset"
_PART: Final = 1_000  # places that are read at a time
_Answer = tuple[int, str, bytes | None, str, str, int]
_Row = tuple[int, str, str | None, str, str, str, str, int, str, bytes | None, str, str, int]


class KnownUrls(CdxjLookup):
    """The histories of the URLs of one archive, as they stood when a run began.

    Answers after `before` are left out, and those in the WARC files named in `own`: so a run that is resumed plans as
    it did when it began, and an answer that is dated in the future, by a clock that was wrong, holds nothing up.
    `sources` are those whose URLs `known` yields.
    """

    name = "histories.sqlite"
    edition = 2
    schema = _SCHEMA

    def __init__(self, root: Path, sources: Sequence[str], *, before: datetime, own: Collection[str] = ()) -> None:
        super().__init__(root)
        self._sources = tuple(sources)
        self._before = microseconds_of(before)
        # Our own names, without quotes: a list of parameters would end at a few hundred files.
        volumes = self._guarded(lambda: dict(self._database.execute("SELECT name, id FROM volume").fetchall()))
        self._own = ",".join(str(volumes[name]) for name in own if name in volumes)
        self._begun: dict[str, int | None] = {}

    def of(self, key: Url) -> History | None:
        """Return the history of a canonical URL; nothing where no earlier run got an answer."""
        query = (
            f"SELECT p.source, {_ANSWER} FROM place p JOIN answer a ON a.place = p.id "  # noqa: S608 - constants and numbers
            f"JOIN volume v ON v.id = a.volume WHERE p.key = ? {self._earlier()} ORDER BY a.date, a.volume, a.offset"
        )
        rows = self._guarded(lambda: self._database.execute(query, (key, self._before)).fetchall())
        return self._history(rows[0][0], [row[1:] for row in rows]) if rows else None

    def known(self) -> Iterator[tuple[CrawlUrl, History]]:
        """Yield each URL that was once captured whole for its own sake, with the way it was first found.

        A page that no other links to any more is among them: without it, neither its removal nor a later edit would
        ever be seen. Requisites are not: they are visited with the pages that name them.
        """
        first = 0
        while (last := self._guarded(partial(self._last_of_part, first))) is not None:
            for _, group in itertools.groupby(self._guarded(partial(self._part, first, last)), key=lambda row: row[0]):
                answers = list(group)
                _, key, url, source, seed, via, hop, *_ = answers[0]
                history = self._history(source, [answer[7:] for answer in answers])
                if history.was_there:
                    yield _found(url or key, source, seed, via, hop), history
            first = last + 1

    def _last_of_part(self, first: int) -> int | None:
        """Return the last of the next few places; read in such parts, no question stays open meanwhile."""
        query = f"SELECT max(id) FROM (SELECT id FROM place WHERE id >= ? ORDER BY id LIMIT {_PART})"  # noqa: S608 - a number
        (last,) = self._database.execute(query, (first,)).fetchone()
        return None if last is None else int(last)

    def _part(self, first: int, last: int) -> list[_Row]:
        marks = ",".join("?" * len(self._sources))
        query = (
            f"SELECT p.id, p.key, p.url, p.source, p.seed, p.via, p.hop, {_ANSWER} FROM place p "  # noqa: S608 - as above
            "CROSS JOIN answer a ON a.place = p.id JOIN volume v ON v.id = a.volume WHERE p.id BETWEEN ? AND ? "
            f"AND p.page AND p.source IN ({marks}) {self._earlier()} ORDER BY p.id, a.date, a.volume, a.offset"
        )
        return self._database.execute(query, (first, last, *self._sources, self._before)).fetchall()

    def page(self, key: Url) -> CrawlUrl | None:
        """Return how a canonical URL was first found; nothing for one that no run has asked for."""
        query = "SELECT url, source, seed, via, hop FROM place WHERE key = ? AND page"
        row = self._guarded(lambda: self._database.execute(query, (key,)).fetchone())
        if row is None:
            return None
        url, source, seed, via, hop = row
        return _found(url or key, source, seed, via, hop)

    def _earlier(self) -> str:
        return f"AND a.date <= ? AND a.volume NOT IN ({self._own})"

    def _history(self, source: str, answers: Sequence[_Answer]) -> History:
        if source not in self._begun:
            self._begun[source] = self._second_reading(source)
        second = self._begun[source]
        return told(answers, from_start=second is None or answers[0][0] < second)

    def _second_reading(self, source: str) -> int | None:
        """Return when a seed of the source was read for the second time: before that, its first run was under way."""
        query = (
            "SELECT p.id, a.date FROM place p JOIN answer a ON a.place = p.id WHERE p.source = ? "  # noqa: S608 - as above
            f"AND rtrim(p.hop, 'R') = '' AND a.state = '{State.THERE}' {self._earlier()} ORDER BY p.id, a.date"
        )
        rows = self._guarded(lambda: self._database.execute(query, (source, self._before)).fetchall())
        readings = (sorted({date for _, date in group}) for _, group in itertools.groupby(rows, key=lambda row: row[0]))
        return min((dates[1] for dates in readings if len(dates) > 1), default=None)

    def _forget(self, warc: str) -> None:
        self._database.execute("DELETE FROM answer WHERE volume = (SELECT id FROM volume WHERE name = ?)", (warc,))

    def _add(self, entries: Iterable[CdxEntry]) -> None:
        for entry in entries:
            hop = entry.hop.rstrip(Hop.REDIRECT)
            if not entry.source:
                continue
            try:
                key = canonicalize(entry.url)
            except InvalidUrlError:
                continue
            self._database.execute("INSERT OR IGNORE INTO volume (name) VALUES (?)", (entry.record.warc,))
            self._database.execute(
                "INSERT INTO place (key, url, source, seed, via, hop, page) VALUES (?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET source = excluded.source, seed = excluded.seed, via = excluded.via, "
                "hop = excluded.hop, page = excluded.page WHERE excluded.page > page",
                (
                    key,
                    None if key == entry.url else entry.url,
                    entry.source,
                    entry.seed,
                    entry.via,
                    entry.hop,
                    not hop.endswith((Hop.EMBED, Hop.PREREQUISITE)),
                ),
            )
            state = _state_of(entry)
            there = state is State.THERE
            self._database.execute(
                "INSERT OR REPLACE INTO answer SELECT p.id, ?, v.id, ?, ?, ?, ? FROM place p, volume v "
                "WHERE p.key = ? AND v.name = ?",
                (
                    microseconds_of(entry.captured_at),
                    entry.record.offset,
                    state,
                    _octets(entry.digest) if there else None,
                    entry.record.record_id if there and entry.status == _OK else "",
                    key,
                    entry.record.warc,
                ),
            )


def _found(url: str, source: str, seed: str, via: str, hop: str) -> CrawlUrl:
    return CrawlUrl(Url(url), Url(seed or url), source, Url(via) if via else None, hop)


def _octets(digest: str) -> bytes:
    if is_own_digest(digest):
        return bytes.fromhex(digest.partition(":")[2])[:_DIGEST]
    return digest.encode()


def _state_of(entry: CdxEntry) -> State:
    status = entry.status
    if status == _OK:
        return State.FAILING if entry.truncated in _BROKEN_OFF else State.THERE
    if status == _NOT_MODIFIED and entry.is_revisit:
        return State.THERE
    if status in _GONE:
        return State.GONE
    if status in _LATER or status not in {*_REDIRECTS, *_CLIENT_ERRORS}:
        return State.FAILING
    return State.ELSEWHERE if status in _REDIRECTS else State.REFUSED


def told(answers: Sequence[_Answer], *, from_start: bool) -> History:
    """Return the history that answers in the order of time tell."""
    state, since = State(answers[0][1]), answers[0][0]
    payload: bytes | None = None
    payload_since = missing_since = since
    missing: set[int] = set()
    compared = changed = confirmed = 0
    whole: RecordRef | None = None
    whole_at: int | None = None
    for date, word, digest, record, warc, offset in answers:
        now = State(word)
        if now is State.THERE:
            differs = payload is not None and digest != payload
            compared += payload is not None
            changed += differs
            # What comes back, the same or not, is news; the same behind an error is not.
            if payload is None or differs or missing:
                payload_since = date
            payload, since = digest, payload_since
            missing = set()
            confirmed = 0 if record else confirmed + 1
            if record:
                whole, whole_at = RecordRef(record, warc, offset, 0), date
        elif now in {State.GONE, State.ELSEWHERE}:
            if not missing:
                missing_since = date
            since = missing_since
            missing.add(time_of(date).astimezone(UTC).toordinal())
        elif now is not state:
            since = date
        state = now
    return History(
        first_seen=time_of(answers[0][0]),
        since=time_of(since),
        checks=tuple(time_of(answer[0]) for answer in answers[-_REMEMBERED:]),
        state=state,
        was_there=payload is not None,
        from_start=from_start,
        compared=compared,
        changed=changed,
        gone_days=len(missing),
        whole=whole,
        whole_at=None if whole_at is None else time_of(whole_at),
        confirmed=confirmed,
    )
