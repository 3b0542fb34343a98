"""Sightings: posts that stand elsewhere than on the article's own page, each set against what that page says.

An article whose own page was read has the versions that page showed, and no others: a sighting (on a listing, in a
feed or API answer) whose whole text is that of a version shows that version, and one whose text is another shows
none, which is how it is known to differ. Of an article whose own page was never read the whole texts of its
sightings make the versions, so that what is known from a front page only can be found. An excerpt shows no version.

All of this follows from the rows, so it does not matter whether page or listing was indexed first.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from umecrawl.index.identity import LISTING, version_uid
from umecrawl.index.numbering import Numbering
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, post, resource, text, version

_ASSIGN = (
    update(post)
    .where(post.c.extraction_id == bindparam("of_extraction"), post.c.position == bindparam("at_position"))
    .values(version_id=bindparam("shown"))
)


def assign_versions(connection: Connection, articles: Sequence[int]) -> frozenset[int]:
    """Give every sighting of these articles the version it shows; return the articles known from sightings alone.

    Where sightings alone tell of an article, rows are made for the versions they show, which are still to be
    worked out.
    """
    sighted = _sighted(connection, articles)
    if not sighted:
        return frozenset()
    named = {row.article_id for row in sighted}
    own = _OwnVersions(connection, sorted(named))
    alone = frozenset(named - own.articles)
    made = _make_versions(connection, [row for row in sighted if row.article_id in alone and not row.excerpt])
    changed = []
    for row in sighted:
        shown = None
        if not row.excerpt:
            shown = made[row.uid] if row.article_id in alone else own.shown_by(row)
        if shown != row.version_id:
            changed.append({"of_extraction": row.extraction_id, "at_position": row.position, "shown": shown})
    if changed:
        connection.execute(_ASSIGN, changed)
    return alone


def count_sightings(connection: Connection, articles: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return for each version of these articles that was sighted: when first, when last, by how many captures."""
    rows = connection.execute(
        select(
            post.c.version_id,
            func.count(capture.c.id.distinct()).label("sightings"),
            func.min(capture.c.at).label("first_sighted"),
            func.max(capture.c.at).label("last_sighted"),
        )
        .join(extraction, extraction.c.id == post.c.extraction_id)
        .join(capture, and_(is_reading_of(extraction, capture), capture.c.is_page))
        .where(post.c.article_id.in_(articles), ~post.c.own, post.c.version_id.is_not(None))
        .group_by(post.c.version_id)
    ).mappings()
    return {row["version_id"]: {name: row[name] for name in row if name != "version_id"} for row in rows}


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A post that stands elsewhere than on the own page of its article; `key` is that of the article's resource."""

    extraction_id: int
    position: int
    article_id: int
    version_id: int | None
    excerpt: bool
    title: str
    text_id: int
    sha256: str
    extractor_id: int
    key: str

    @property
    def uid(self) -> str:
        """The public id of the version with this title and text."""
        return version_uid(self.key, self.title, self.sha256)


def _sighted(connection: Connection, articles: Sequence[int]) -> list[_Sighting]:
    rows = connection.execute(
        select(
            post.c.extraction_id,
            post.c.position,
            post.c.article_id,
            post.c.version_id,
            post.c.excerpt,
            post.c.title,
            post.c.text_id,
            text.c.sha256,
            extraction.c.extractor_id,
            resource.c.key,
        )
        .join(text, text.c.id == post.c.text_id)
        .join(extraction, extraction.c.id == post.c.extraction_id)
        .join(resource, resource.c.id == post.c.article_id)
        .where(post.c.article_id.in_(articles), ~post.c.own)
    ).all()
    return [_Sighting(**row._asdict()) for row in rows]


class _OwnVersions:
    """The versions that the own pages of some articles showed."""

    def __init__(self, connection: Connection, articles: Sequence[int]) -> None:
        rows = connection.execute(
            select(post.c.article_id, version.c.id, version.c.uid, text.c.sha256)
            .join(version, version.c.id == post.c.version_id)
            .join(text, text.c.id == version.c.text_id)
            .where(post.c.article_id.in_(articles), post.c.own)
            .distinct()
        ).all()
        self.articles = {row.article_id for row in rows}
        self._by_uid: dict[str, int] = {row.uid: row.id for row in rows}
        self._by_text: defaultdict[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
        for row in rows:
            self._by_text[row.article_id, row.sha256].append((row.uid, row.id))

    def shown_by(self, sighting: _Sighting) -> int | None:
        """Return the version with this title and text, else (of several the least id) the one with this text."""
        exact = self._by_uid.get(sighting.uid)
        if exact is not None:
            return exact
        alike = self._by_text.get((sighting.article_id, sighting.sha256))
        return min(alike)[1] if alike else None


def _make_versions(connection: Connection, sighted: Sequence[_Sighting]) -> dict[str, int]:
    numbering = Numbering(connection, version, "uid")
    by_uid = {row.uid: row for row in sighted}
    known = numbering.known(by_uid)
    rows = []
    for uid, row in by_uid.items():
        if uid not in known:
            known[uid] = numbering.new(uid)
            rows.append(
                {
                    "id": known[uid],
                    "uid": uid,
                    "article_id": row.article_id,
                    "title": row.title,
                    "kind": "article",
                    "basis": LISTING,
                    "text_id": row.text_id,
                    "captures": 0,
                    "sightings": 0,
                    "extractor_id": row.extractor_id,
                    "is_current": False,
                }
            )
    if rows:
        connection.execute(insert(version), rows)
    return known
