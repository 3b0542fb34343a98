"""What an extractor made of captures, as the index holds it, and how another reading of the same capture differs."""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest

from sqlalchemy import Connection, func, select

from umecrawl.index.diff import compare
from umecrawl.index.posts import is_excerpt, is_own, person_name
from umecrawl.index.resources import stored_key
from umecrawl.index.schema import capture, extraction, extractor, link, post, text
from umecrawl.index.statement_tables import comment
from umecrawl.index.storable import storable, storable_count, storable_or_none, utc_text
from umecrawl.index.stored_captures import stored_captures
from umecrawl.model.article import Extraction, Post, Sourced
from umecrawl.model.capture import Capture
from umecrawl.query.rows import ReadingChangeRow

_BATCH = 500
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class PostRead:
    """A post as a reading has it, in the forms in which the index keeps values; what hangs on it is counted."""

    permalink: str
    title: str
    text: str
    text_sha256: str
    excerpt: bool
    byline: str | None
    account: str | None
    signatories: str | None
    published: str | None
    modified: str | None
    language: str | None
    paywall: str | None
    comment_count: int | None
    like_count: int | None
    links: int
    comments: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What one extractor made of one capture."""

    capture: Capture
    extractor: str
    outcome: str
    quality: str
    encoding: str | None
    posts: tuple[PostRead, ...]


def sampled_readings(connection: Connection, sample: int, seed: int) -> list[Reading]:
    """Return the readings of a sample of the captures that were read, the same for the same seed, in order of ids.

    Those are taken whose id has the least digest together with the seed, so a growing archive changes little of it.
    """
    rows = connection.execute(
        select(extraction.c.id, capture.c.uid).join(capture, capture.c.id == extraction.c.capture_id)
    )
    chosen = heapq.nsmallest(sample, ((_digest(seed, uid), uid, number) for number, uid in rows))
    numbers = [number for _, _, number in chosen]
    readings = [
        one
        for start in range(0, len(numbers), _BATCH)
        for one in _readings(connection, numbers[start : start + _BATCH])
    ]
    return sorted(readings, key=lambda reading: reading.capture.id)


def reading_of(observed: Capture, what: Extraction) -> Reading:
    """Return an extraction in the forms in which the index would keep it."""
    return Reading(
        observed,
        storable(what.extractor),
        str(what.outcome),
        str(what.quality),
        storable_or_none(what.encoding.value if what.encoding else None),
        tuple(_post_read(one, own=is_own(what, position)) for position, one in enumerate(what.posts)),
    )


def changes(old: Reading, new: Reading) -> Iterator[ReadingChangeRow]:
    """Yield what differs between two readings of one capture, field by field; posts are told apart by permalink."""
    for name in ("outcome", "quality", "encoding"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield _change(old.capture, None, name, before, after)
    there, here = _by_permalink(old.posts), _by_permalink(new.posts)
    for key in sorted({*there, *here}):
        for was, now in zip_longest(there.get(key, ()), here.get(key, ())):
            yield from _post_changes(old.capture, was, now)


def _post_changes(observed: Capture, was: PostRead | None, now: PostRead | None) -> Iterator[ReadingChangeRow]:
    if was is None or now is None:
        one = was or now
        assert one is not None
        told = [None if post is None else post.title or "(no title)" for post in (was, now)]
        yield _change(observed, one.permalink, "post", *told)
        return
    for field in fields(PostRead):
        before, after = getattr(was, field.name), getattr(now, field.name)
        if field.name == "text" and was.text_sha256 != now.text_sha256:
            difference = compare(was.text, now.text)
            hunk = difference.hunks[0] if difference.hunks else None
            yield _change(
                observed,
                was.permalink,
                "text",
                hunk.removed if hunk else before,
                hunk.added if hunk else after,
                words=(difference.words_added, difference.words_removed),
            )
        elif field.name not in {"text", "text_sha256", "permalink"} and before != after:
            yield _change(observed, was.permalink, field.name, before, after)


def _change(
    observed: Capture,
    permalink: str | None,
    field: str,
    before: object,
    after: object,
    *,
    words: tuple[int, int] | None = None,
) -> ReadingChangeRow:
    return ReadingChangeRow(
        capture=observed.id,
        url=observed.url,
        captured_at=observed.captured_at,
        post=permalink,
        field=field,
        before=None if before is None else str(before)[:_LONGEST],
        after=None if after is None else str(after)[:_LONGEST],
        words_added=words[0] if words else None,
        words_removed=words[1] if words else None,
    )


def _by_permalink(posts: Iterable[PostRead]) -> dict[str, list[PostRead]]:
    found: dict[str, list[PostRead]] = {}
    for one in posts:
        found.setdefault(stored_key(one.permalink), []).append(one)
    return found


def _digest(seed: int, uid: str) -> bytes:
    return hashlib.sha256(f"{seed} {uid}".encode()).digest()


def _post_read(one: Post, *, own: bool) -> PostRead:
    return PostRead(
        permalink=storable(one.permalink),
        title=storable(one.title),
        text=storable(one.text),
        text_sha256=one.text_sha256,
        excerpt=is_excerpt(one, own=own),
        byline=_value(one.byline),
        account=_value(one.account),
        signatories=", ".join(map(person_name, one.signatories)) or None,
        published=None if one.published is None else utc_text(one.published.value),
        modified=None if one.modified is None else utc_text(one.modified.value),
        language=storable_or_none(one.language),
        paywall=storable_or_none(one.paywall),
        comment_count=storable_count(one.comment_count),
        like_count=storable_count(one.like_count),
        links=len(one.links),
        comments=len(one.comments),
    )


def _value(said: Sourced | None) -> str | None:
    return None if said is None else storable(said.value)


def _readings(connection: Connection, numbers: Sequence[int]) -> Iterator[Reading]:
    rows = connection.execute(
        select(extraction, extractor.c.name)
        .join(extractor, extractor.c.id == extraction.c.extractor_id)
        .where(extraction.c.id.in_(numbers))
    ).all()
    observed = stored_captures(connection, [row.capture_id for row in rows])
    posts = _posts(connection, numbers)
    for row, one in zip(rows, observed, strict=True):
        yield Reading(one, row.name, row.outcome, row.quality, row.encoding, tuple(posts.get(row.id, ())))


def _posts(connection: Connection, numbers: Sequence[int]) -> dict[int, list[PostRead]]:
    links, comments = (
        select(func.count())
        .where(table.c.extraction_id == post.c.extraction_id, table.c.position == post.c.position, *only)
        .scalar_subquery()
        # An attachment that no link leads to has a row as well, without a place in the text.
        for table, only in ((link, [link.c.start.is_not(None)]), (comment, []))
    )
    rows = connection.execute(
        select(post, text.c.body, text.c.sha256, links.label("links"), comments.label("comments"))
        .join(text, text.c.id == post.c.text_id)
        .where(post.c.extraction_id.in_(numbers))
        .order_by(post.c.extraction_id, post.c.position)
    )
    found: dict[int, list[PostRead]] = {}
    for row in rows:
        people = json.loads(row.signatories or "[]")
        found.setdefault(row.extraction_id, []).append(
            PostRead(
                permalink=row.permalink,
                title=row.title,
                text=row.body,
                text_sha256=row.sha256,
                excerpt=bool(row.excerpt),
                byline=row.byline,
                account=row.account,
                signatories=", ".join(one["name"] for one in people) or None,
                published=row.published_at,
                modified=row.modified_at,
                language=row.language,
                paywall=row.paywall,
                comment_count=row.comment_count,
                like_count=row.like_count,
                links=row.links,
                comments=row.comments,
            )
        )
    return found
