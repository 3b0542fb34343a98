"""What pages gave, put into rows: extractions with their posts, texts, versions and links.

An extraction belongs to a payload at a resource. It is read with the URL, time and header of the earliest capture of
the two, so it does not depend on which capture came first: an earlier one that arrives later takes its place.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, insert, select, update

from umecrawl.errors import UmecrawlError
from umecrawl.index.numbering import Numbering, chunks
from umecrawl.index.observations import Observations
from umecrawl.index.resources import Resources, stored_key
from umecrawl.index.schema import capture, extraction, extractor, link, payload, post, resource, text, version
from umecrawl.index.storable import storable, storable_count, storable_or_none, utc_text
from umecrawl.index.versions import remove_unused_texts, version_uid
from umecrawl.model.article import Extraction, Post, Sourced
from umecrawl.model.capture import Capture


@dataclass(frozen=True, slots=True)
class Reading:
    """Which capture an extraction was read from, and by whom."""

    at: datetime
    uid: str
    extractor: str

    def gives_way_to(self, observed: Capture, extractor_name: str | None) -> bool:
        """Return whether a reading of this capture by this extractor (any, if not named) should replace it."""
        other = (observed.captured_at, observed.id)
        mine = (self.at, self.uid)
        return other < mine or (other == mine and extractor_name not in {None, self.extractor})


class Extractions:
    """The rows made of extractions, written through one connection."""

    def __init__(self, connection: Connection, resources: Resources, observations: Observations) -> None:
        self._connection = connection
        self._resources = resources
        self._observations = observations
        self._extractions = Numbering(connection, extraction, "id")
        self._extractors = Numbering(connection, extractor, "name")
        self._texts = Numbering(connection, text, "digest")
        self._versions = Numbering(connection, version, "uid")

    def reading(self, observed: Capture) -> Reading | None:
        """Return how the payload of a capture was read at its resource, if it was."""
        row = self._connection.execute(
            select(capture.c.at, capture.c.uid, extractor.c.name)
            .select_from(extraction)
            .join(payload, payload.c.id == extraction.c.payload_id)
            .join(resource, resource.c.id == extraction.c.resource_id)
            .join(capture, capture.c.id == extraction.c.capture_id)
            .join(extractor, extractor.c.id == extraction.c.extractor_id)
            .where(payload.c.digest == observed.payload_digest, resource.c.key == stored_key(observed.url))
        ).one_or_none()
        return None if row is None else Reading(row.at, row.uid, row.name)

    def put(self, read: Iterable[tuple[Capture, Extraction]]) -> None:
        """Make rows of these extractions; one that says nothing newer than what is there changes nothing.

        Raises `UmecrawlError` for an extraction of a capture that is not in the index.
        """
        wanted = [(observed, what) for observed, what in read if self._replaces(observed, what)]
        posts = [one for _, what in wanted for one in what.posts]
        resources = self._resources.numbers(
            [one.permalink for one in posts] + [target.url for one in posts for target in one.links]
        )
        extractors = self._extractor_numbers({what.extractor for _, what in wanted})
        texts = self._text_numbers(posts)
        rows = _Rows()
        for observed, what in wanted:
            number = self._put_extraction(observed, what, extractors[what.extractor])
            for position, one in enumerate(what.posts):
                article = resources[one.permalink]
                text_id = texts[_text_digest(one)]
                version_id = self._version_number(one, article, text_id, extractors[what.extractor], rows)
                rows.add_post(number, position, one, version_id=version_id, text_id=text_id, resources=resources)
        for table, found in ((version, rows.versions), (post, rows.posts), (link, rows.links)):
            self._insert(table, found)

    def remove_unused_extractors(self) -> None:
        """Delete extractors that read nothing of what the index holds."""
        self._connection.execute(
            delete(extractor).where(
                ~exists().where(extraction.c.extractor_id == extractor.c.id),
                ~exists().where(version.c.extractor_id == extractor.c.id),
            )
        )

    def forget(self) -> None:
        """Forget what was looked up: rows were deleted."""
        for numbering in (self._extractors, self._texts, self._versions):
            numbering.forget()

    def _replaces(self, observed: Capture, what: Extraction) -> bool:
        there = self.reading(observed)
        return there is None or there.gives_way_to(observed, storable(what.extractor))

    def _put_extraction(self, observed: Capture, what: Extraction, extractor_id: int) -> int:
        capture_id = self._observations.capture_numbers([observed.id]).get(observed.id)
        if capture_id is None:
            raise UmecrawlError(f"an extraction of capture {observed.id} was put, but the index has no such capture")
        pair = {
            "payload_id": self._observations.payload_numbers([observed.payload_digest])[observed.payload_digest],
            "resource_id": self._resources.numbers([observed.url])[observed.url],
        }
        values = {
            "capture_id": capture_id,
            "outcome": str(what.outcome),
            "quality": str(what.quality),
            "extractor_id": extractor_id,
            "detail": storable(what.detail),
        }
        self._resources.mark_stale([pair["resource_id"]])
        number = self._connection.execute(select(extraction.c.id).filter_by(**pair)).scalar()
        if number is None:
            number = self._extractions.new(f"{pair['payload_id']} {pair['resource_id']}")
            self._insert(extraction, [{"id": number, **pair, **values}])
        else:
            self._clear(number)
            self._connection.execute(update(extraction).where(extraction.c.id == number).values(values))
        return number

    def _clear(self, number: int) -> None:
        # What the former reading showed and named may now be nowhere else.
        articles = (
            select(version.c.article_id)
            .join(post, post.c.version_id == version.c.id)
            .where(post.c.extraction_id == number)
        )
        targets = select(link.c.target_id).where(link.c.extraction_id == number)
        touched = self._connection.execute(articles.union(targets)).scalars().all()
        texts = self._connection.execute(select(post.c.text_id).where(post.c.extraction_id == number)).scalars().all()
        self._connection.execute(delete(link).where(link.c.extraction_id == number))
        self._connection.execute(delete(post).where(post.c.extraction_id == number))
        self._resources.mark_stale(touched)
        remove_unused_texts(self._connection, texts)
        self._texts.forget()

    def _version_number(self, one: Post, article: int, text_id: int, extractor_id: int, rows: "_Rows") -> int:
        uid = version_uid(stored_key(one.permalink), storable(one.title), one.text_sha256)
        known = self._versions.known([uid]).get(uid)
        if known is not None:
            return known
        number = self._versions.new(uid)
        rows.versions.append(
            {
                "id": number,
                "uid": uid,
                "article_id": article,
                "title": storable(one.title),
                "text_id": text_id,
                "captures": 0,
                "extractor_id": extractor_id,
                "is_current": False,
            }
        )
        return number

    def _extractor_numbers(self, names: set[str]) -> dict[str, int]:
        known = self._extractors.known(map(storable, names))
        new = sorted({storable(name) for name in names} - known.keys())
        self._insert(extractor, [{"id": self._extractors.new(name), "name": name} for name in new])
        known |= self._extractors.known(new)
        return {name: known[storable(name)] for name in names}

    def _text_numbers(self, posts: Sequence[Post]) -> dict[str, int]:
        by_digest = {_text_digest(one): one for one in posts}
        known = self._texts.known(by_digest)
        rows = []
        for digest, one in by_digest.items():
            if digest not in known:
                known[digest] = self._texts.new(digest)
                body = storable(one.text)
                rows.append(
                    {
                        "id": known[digest],
                        "digest": digest,
                        "sha256": one.text_sha256,
                        "words": len(body.split()),
                        "body": body,
                    }
                )
        self._insert(text, rows)
        return known

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        for chunk in chunks(rows, 5000):
            self._connection.execute(insert(table), chunk)


class _Rows:
    """The rows of one batch of extractions that point to each other."""

    def __init__(self) -> None:
        self.versions: list[dict[str, Any]] = []
        self.posts: list[dict[str, Any]] = []
        self.links: list[dict[str, Any]] = []

    def add_post(
        self,
        extraction_id: int,
        position: int,
        one: Post,
        *,
        version_id: int,
        text_id: int,
        resources: Mapping[str, int],
    ) -> None:
        place = {"extraction_id": extraction_id, "position": position}
        self.posts.append(
            {
                **place,
                "version_id": version_id,
                "text_id": text_id,
                "permalink": storable(one.permalink),
                **_sourced("byline", "byline", one.byline),
                **_sourced("published_at", "published", one.published, is_time=True),
                **_sourced("modified_at", "modified", one.modified, is_time=True),
                "language": storable_or_none(one.language),
                "paywall": storable_or_none(one.paywall),
                "comment_count": storable_count(one.comment_count),
                "like_count": storable_count(one.like_count),
            }
        )
        self.links += [
            {
                **place,
                "number": number,
                "target_id": resources[target.url],
                "url": storable(target.url),
                "anchor": storable(target.anchor),
                "sentence": storable(target.sentence),
            }
            for number, target in enumerate(one.links)
        ]


def _sourced(name: str, prefix: str, value: Sourced | None, *, is_time: bool = False) -> dict[str, str | None]:
    if value is None:
        return {name: None, f"{prefix}_source": None, f"{prefix}_raw": None}
    return {
        name: utc_text(value.value) if is_time else storable(value.value),
        f"{prefix}_source": storable(value.source),
        f"{prefix}_raw": storable(value.raw),
    }


def _text_digest(one: Post) -> str:
    return hashlib.sha256(f"{one.text_sha256}\n{storable(one.text)}".encode()).hexdigest()
