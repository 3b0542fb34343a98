"""Versions of articles, worked out in time order from the posts that captures show.

A version is one title and one text of one article, as its own page shows it (`umecrawl.index.sightings` says what
becomes of posts that stand elsewhere). Which came first, what the first capture said about author and
dates, how often it was seen and whether it still stands follows from the rows alone, so the order in which WARC
files arrive does not matter, and a text that changes and changes back is still one version.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, and_, bindparam, delete, exists, func, or_, select, union, update

from umecrawl.index import fulltext
from umecrawl.index.changes import pointing_at, rework
from umecrawl.index.departures import gone_beside
from umecrawl.index.fulltext import Indexed
from umecrawl.index.identity import KIND_OF_OUTCOME, LISTING, PAGE
from umecrawl.index.manifests import unlisted
from umecrawl.index.numbering import chunks
from umecrawl.index.pieces import pieces
from umecrawl.index.schema import FACT_NAMES, capture, extraction, post, text, version
from umecrawl.index.sightings import assign_versions, count_sightings
from umecrawl.index.statement_tables import comment
from umecrawl.model.article import Outcome

# Counts are observations, the latest is asked for; all else is told as it was first told.
_FROM_LAST = frozenset({"comment_count", "like_count"})

_WORKED_OUT = (
    "text_id",
    "kind",
    "basis",
    "sightings",
    "first_sighted",
    "last_sighted",
    "extractor_id",
    "first_seen",
    "last_seen",
    "captures",
    "first_capture_id",
    "last_capture_id",
    "is_current",
    "day",
    *FACT_NAMES,
)
_UPDATE = (
    update(version)
    .where(version.c.id == bindparam("number"))
    .values({name: bindparam(f"new_{name}", type_=version.c[name].type) for name in _WORKED_OUT})
)


def affected_articles(connection: Connection, resources: Sequence[int]) -> Sequence[int]:
    """Return the articles whose versions may change with these resources: shown there, or being them."""
    shown = (
        select(post.c.article_id)
        .join(extraction, extraction.c.id == post.c.extraction_id)
        .where(extraction.c.resource_id.in_(resources))
    )
    sighted = select(post.c.article_id).where(post.c.article_id.in_(resources))
    own = select(version.c.article_id).where(version.c.article_id.in_(resources))
    affected = set(connection.execute(union(shown, sighted, own)).scalars())
    affected |= pointing_at(connection, resources) | unlisted(connection, resources)
    return sorted(affected | gone_beside(connection, resources))


def recompute(connection: Connection, articles: Iterable[int]) -> None:
    """Work out all versions of these articles, bring the full text up to them, and tell what changed.

    Versions that no capture shows any more are removed, with texts that nothing refers to.
    """
    numbers = list(articles)
    for chunk in chunks(numbers, 200):
        _recompute(connection, chunk)
    rework(connection, numbers)


def remove_unused_texts(connection: Connection, numbers: Iterable[int]) -> None:
    """Delete those of these texts that no post, comment or version refers to."""
    for chunk in chunks(set(numbers)):
        connection.execute(
            delete(text).where(
                text.c.id.in_(chunk),
                ~exists().where(post.c.text_id == text.c.id),
                ~exists().where(comment.c.text_id == text.c.id),
                ~exists().where(version.c.text_id == text.c.id),
            )
        )


_LATER = "9999-99-99"
_NEVER_SIGHTED = {"sightings": 0, "first_sighted": None, "last_sighted": None}


@dataclass(slots=True)
class _Shown:
    """The first and the last capture that show a version."""

    first: RowMapping
    last: RowMapping


def _recompute(connection: Connection, articles: Sequence[int]) -> None:
    sighted_only = assign_versions(connection, articles)
    stored = connection.execute(select(version).where(version.c.article_id.in_(articles))).all()
    shown = _shown(connection, articles, sighted_only)
    sightings = count_sightings(connection, articles)
    current = _current(stored, shown)
    days = _days(stored, shown)
    updates: list[dict[str, Any]] = []
    removed: list[Row[Any]] = []
    added: list[tuple[int, str, int]] = []
    outdated: list[tuple[int, str, int]] = []
    for row in stored:
        if row.id not in shown:
            removed.append(row)
            continue
        values = {
            **_values(shown[row.id], is_current=row.id in current),
            "basis": LISTING if row.article_id in sighted_only else PAGE,
            "day": days[row.article_id],
            **(sightings.get(row.id) or _NEVER_SIGHTED),
        }
        was = row._mapping  # noqa: SLF001  (SQLAlchemy's documented name)
        if any(was[name] != value for name, value in values.items()):
            updates.append({"number": row.id} | {f"new_{name}": value for name, value in values.items()})
        if row.first_seen is None or row.text_id != values["text_id"]:
            added.append((row.id, row.title, values["text_id"]))
            if row.first_seen is not None:
                outdated.append((row.id, row.title, row.text_id))
    outdated += [(row.id, row.title, row.text_id) for row in removed if row.first_seen is not None]
    _reindex(connection, outdated, added)
    if updates:
        connection.execute(_UPDATE, updates)
    if removed:
        connection.execute(delete(version).where(version.c.id.in_([row.id for row in removed])))
    remove_unused_texts(connection, [row.text_id for row in removed] + [text_id for _, _, text_id in outdated])


def _shown(connection: Connection, articles: Sequence[int], sighted_only: Collection[int]) -> Mapping[int, _Shown]:
    makes = or_(post.c.own, post.c.article_id.in_(sighted_only)) if sighted_only else post.c.own
    # A page may show a version twice; the capture counts once, with the facts of the higher place.
    seen = (
        select(
            post.c.version_id,
            capture.c.id.label("capture_id"),
            capture.c.at,
            capture.c.uid,
            post.c.extraction_id,
            func.min(post.c.position).label("position"),
        )
        .join(version, version.c.id == post.c.version_id)
        .join(extraction, extraction.c.id == post.c.extraction_id)
        .join(
            capture,
            and_(
                capture.c.payload_id == extraction.c.payload_id,
                capture.c.resource_id == extraction.c.resource_id,
                capture.c.is_page,
            ),
        )
        .where(version.c.article_id.in_(articles), makes)
        .group_by(post.c.version_id, capture.c.id, capture.c.at, capture.c.uid, post.c.extraction_id)
        .cte("seen")
    )
    each = seen.c.version_id
    ranked = select(
        *seen.c,
        func.row_number().over(partition_by=each, order_by=(seen.c.at, seen.c.uid)).label("from_first"),
        func.row_number().over(partition_by=each, order_by=(seen.c.at.desc(), seen.c.uid.desc())).label("from_last"),
        func.count().over(partition_by=each).label("captures"),
    ).cte("ranked")
    rows = list(
        connection.execute(
            select(
                *ranked.c,
                post.c.text_id,
                extraction.c.extractor_id,
                extraction.c.outcome,
                *(post.c[name] for name in FACT_NAMES),
            )
            .join(post, and_(post.c.extraction_id == ranked.c.extraction_id, post.c.position == ranked.c.position))
            .join(extraction, extraction.c.id == ranked.c.extraction_id)
            .where(or_(ranked.c.from_first == 1, ranked.c.from_last == 1))
        ).mappings()
    )
    first = {row["version_id"]: row for row in rows if row["from_first"] == 1}
    last = {row["version_id"]: row for row in rows if row["from_last"] == 1}
    return {number: _Shown(first[number], last[number]) for number in first}


def _values(shown: _Shown, *, is_current: bool) -> dict[str, Any]:
    first, last = shown.first, shown.last
    return {
        "text_id": first["text_id"],
        # A listing shows articles, whatever it is itself.
        "kind": KIND_OF_OUTCOME.get(Outcome(first["outcome"]), "article"),
        "extractor_id": first["extractor_id"],
        "first_seen": first["at"],
        "last_seen": last["at"],
        "captures": first["captures"],
        "first_capture_id": first["capture_id"],
        "last_capture_id": last["capture_id"],
        "is_current": is_current,
        **{name: (last if name in _FROM_LAST else first)[name] for name in FACT_NAMES},
    }


def _current(stored: Sequence[Row[Any]], shown: Mapping[int, _Shown]) -> set[int]:
    by_article: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in stored:
        if row.id in shown:
            by_article[row.article_id].append(row)
    return {
        max(rows, key=lambda row: (shown[row.id].last["at"], shown[row.id].last["uid"], row.uid)).id
        for rows in by_article.values()
    }


def _days(stored: Sequence[Row[Any]], shown: Mapping[int, _Shown]) -> Mapping[int, str]:
    """Return the day under which each article is counted, one for all of its versions."""
    stated: dict[int, str] = {}
    seen: dict[int, str] = {}
    for row in stored:
        if row.id in shown:
            first = shown[row.id].first
            seen[row.article_id] = min(f"{first['at']:%Y-%m-%d}", seen.get(row.article_id, _LATER))
            day = _day(first["published_at"])
            if day is not None:
                stated[row.article_id] = min(day, stated.get(row.article_id, _LATER))
    return seen | stated


def _day(published_at: str | None) -> str | None:
    """Return the day of a time as pages state it; nothing where it is none, as what stands there may be anything."""
    if published_at is None:
        return None
    try:
        return date.fromisoformat(published_at[:10]).isoformat()
    except ValueError:
        return None


def _reindex(
    connection: Connection, outdated: Sequence[tuple[int, str, int]], added: Sequence[tuple[int, str, int]]
) -> None:
    numbers = {text_id for _, _, text_id in (*outdated, *added)}
    bodies: dict[int, str] = {}
    for chunk in chunks(numbers):
        rows = connection.execute(select(text.c.id, text.c.body).where(text.c.id.in_(chunk)))
        bodies.update((row.id, row.body) for row in rows)
    fulltext.remove(connection, [Indexed(number, title, bodies[text_id]) for number, title, text_id in outdated])
    # A text is taken apart once, for its terms and for its prints.
    parted = {text_id: pieces(bodies[text_id]) for _, _, text_id in added}
    fulltext.add(
        connection, [Indexed(number, title, bodies[text_id], parted[text_id]) for number, title, text_id in added]
    )
    if parted:
        # Imported here, for numpy takes 0.2 s to load, which commands that only read must not wait for.
        from umecrawl.index.text_prints import put_prints  # noqa: PLC0415  (measured start-up cost)

        put_prints(connection, parted)
