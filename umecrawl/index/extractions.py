"""What pages gave, put into rows: extractions with their posts, texts, versions and links.

An extraction belongs to a payload at a resource. It is read with the URL, time and header of the earliest capture of
the two, so it does not depend on which capture came first: an earlier one that arrives later takes its place.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, exists, select, update

from umecrawl.errors import UmecrawlError
from umecrawl.index.bulk import insert_rows
from umecrawl.index.numbering import Numbering, chunks
from umecrawl.index.observations import Observations
from umecrawl.index.posts import (
    Numbers,
    PostRows,
    is_own,
    own_version,
    person_name,
    texts_of,
    unlinked_attachments,
)
from umecrawl.index.reservations import meta_reservation, put_reservations
from umecrawl.index.resources import Resources, stored_key
from umecrawl.index.schema import capture, extraction, extractor, link, payload, post, resource, text, version
from umecrawl.index.statement_tables import claim, comment, person, signature
from umecrawl.index.storable import storable, storable_or_none
from umecrawl.index.versions import remove_unused_texts
from umecrawl.model.article import Extraction, Post
from umecrawl.model.capture import Capture

# What hangs on a post, to be deleted before it.
_OF_POST = (link, claim, signature, comment)


@dataclass(frozen=True, slots=True)
class Reading:
    """Which capture an extraction was read from, and by whom; `number` is that of its row."""

    number: int
    at: datetime
    uid: str
    extractor: str

    def gives_way_to(self, observed: Capture, extractor_name: str | None) -> bool:
        """Return whether a reading of this capture by this extractor (any, if not named) should replace it."""
        other = (observed.captured_at, observed.id)
        mine = (self.at, self.uid)
        return other < mine or (other == mine and extractor_name not in {None, self.extractor})


# Built once, for it is run for every page.
_READING = (
    select(payload.c.digest, resource.c.key, extraction.c.id, capture.c.at, capture.c.uid, extractor.c.name)
    .select_from(extraction)
    .join(payload, payload.c.id == extraction.c.payload_id)
    .join(resource, resource.c.id == extraction.c.resource_id)
    .join(capture, capture.c.id == extraction.c.capture_id)
    .join(extractor, extractor.c.id == extraction.c.extractor_id)
)
_READINGS = _READING.where(payload.c.digest.in_(bindparam("digests", expanding=True)))
_READING_OF_ONE = _READING.where(payload.c.digest == bindparam("digest"), resource.c.key == bindparam("key"))


class Extractions:
    """The rows made of extractions, written through one connection."""

    def __init__(self, connection: Connection, resources: Resources, observations: Observations) -> None:
        self._connection = connection
        self._resources = resources
        self._observations = observations
        self._extractions = Numbering(connection, extraction, "id")
        self._extractors = Numbering(connection, extractor, "name")
        self._texts = Numbering(connection, text, "digest")
        self._people = Numbering(connection, person, "name")
        self._versions = Numbering(connection, version, "uid")

    def reading(self, observed: Capture) -> Reading | None:
        """Return how the payload of a capture was read at its resource, if it was."""
        row = self._connection.execute(
            _READING_OF_ONE, {"digest": observed.payload_digest, "key": stored_key(observed.url)}
        ).one_or_none()
        return None if row is None else Reading(row.id, row.at, row.uid, row.name)

    def put(self, read: Sequence[tuple[Capture, Extraction]]) -> None:
        """Make rows of these extractions, no two of one payload and resource.

        One that says nothing newer than what is there changes nothing.
        Raises `UmecrawlError` for an extraction of a capture that is not in the index.
        """
        there = self._readings([observed for observed, _ in read])
        wanted: list[tuple[Capture, Extraction, Reading | None]] = []
        for observed, what in read:
            reading = there.get((observed.payload_digest, stored_key(observed.url)))
            if reading is None or reading.gives_way_to(observed, storable(what.extractor)):
                wanted.append((observed, what, reading))
        self._clear([reading.number for _, _, reading in wanted if reading is not None])
        posts = [one for _, what, _ in wanted for one in what.posts]
        resources = self._resources.numbers(
            [observed.url for observed, _, _ in wanted]
            + [one.permalink for one in posts]
            + [target.url for one in posts for target in one.links]
            + [url for one in posts for url in unlinked_attachments(one)]
        )
        extractors = self._extractor_numbers({what.extractor for _, what, _ in wanted})
        rows = PostRows(Numbers(resources, self._text_numbers(posts), self._person_numbers(posts)))
        numbers = self._put_extractions(wanted, resources, extractors)
        own = {
            number: own_version(what.posts[0])
            for number, (_, what, _) in zip(numbers, wanted, strict=True)
            if what.posts and is_own(what, 0)
        }
        versions = self._versions.known(own.values())
        for number, (_, what, _) in zip(numbers, wanted, strict=True):
            for position, one in enumerate(what.posts):
                place = rows.place(number, position, one)
                uid = own.get(number) if position == 0 else None
                if uid is None:  # which version a sighting shows is worked out when all is known
                    rows.add_post(place, one, own=False, version_id=None)
                    continue
                if uid not in versions:
                    versions[uid] = self._versions.new(uid)
                    extractor_id = extractors[what.extractor]
                    rows.add_version(versions[uid], uid, one, place, extractor_id=extractor_id, outcome=what.outcome)
                rows.add_post(place, one, own=True, version_id=versions[uid])
        said = {number: what.reservations for number, (_, what, _) in zip(numbers, wanted, strict=True)}
        put_reservations(self._connection, meta_reservation, "extraction_id", said)
        for table, found in rows.rows.items():
            self._insert(table, found)
        self._resources.mark_stale(resources[observed.url] for observed, _, _ in wanted)

    def remove_unused(self) -> None:
        """Delete extractors that read nothing of what the index holds, and people who sign nothing in it."""
        self._connection.execute(delete(person).where(~exists().where(signature.c.person_id == person.c.id)))
        self._connection.execute(
            delete(extractor).where(
                ~exists().where(extraction.c.extractor_id == extractor.c.id),
                ~exists().where(version.c.extractor_id == extractor.c.id),
            )
        )

    def forget(self) -> None:
        """Forget what was looked up: rows were deleted."""
        for numbering in (self._extractors, self._texts, self._people, self._versions):
            numbering.forget()

    def _readings(self, captures: Sequence[Capture]) -> dict[tuple[str, str], Reading]:
        found: dict[tuple[str, str], Reading] = {}
        for chunk in chunks({observed.payload_digest for observed in captures}):
            for row in self._connection.execute(_READINGS, {"digests": chunk}):
                found[row.digest, row.key] = Reading(row.id, row.at, row.uid, row.name)
        return found

    def _put_extractions(
        self,
        wanted: Sequence[tuple[Capture, Extraction, Reading | None]],
        resources: Mapping[str, int],
        extractors: Mapping[str, int],
    ) -> list[int]:
        captures = self._observations.capture_numbers(observed.id for observed, _, _ in wanted)
        payloads = self._observations.payload_numbers(observed.payload_digest for observed, _, _ in wanted)
        rows: list[dict[str, Any]] = []
        numbers: list[int] = []
        for observed, what, reading in wanted:
            if observed.id not in captures:
                raise UmecrawlError(
                    f"an extraction of capture {observed.id} was put, but the index has no such capture",
                    hint="Put the capture first.",
                )
            values = {
                "capture_id": captures[observed.id],
                "outcome": str(what.outcome),
                "quality": str(what.quality),
                "extractor_id": extractors[what.extractor],
                "detail": storable(what.detail),
                "score": min(1.0, max(0.0, what.score)),
                "reasons": json.dumps([storable(reason) for reason in what.reasons], ensure_ascii=False),
                "encoding": storable_or_none(named.value if (named := what.encoding) else None),
                "encoding_source": storable_or_none(named.source if named else None),
                "encoding_raw": storable_or_none(named.raw if named else None),
            }
            if reading is None:
                pair = {"payload_id": payloads[observed.payload_digest], "resource_id": resources[observed.url]}
                numbers.append(self._extractions.new(observed.id))
                rows.append({"id": numbers[-1], **pair, **values})
            else:
                numbers.append(reading.number)
                self._connection.execute(update(extraction).where(extraction.c.id == reading.number).values(values))
        self._insert(extraction, rows)
        return numbers

    def _clear(self, numbers: Sequence[int]) -> None:
        # What the former readings showed and named may now be nowhere else.
        for chunk in chunks(numbers):
            articles = select(post.c.article_id).where(post.c.extraction_id.in_(chunk))
            targets = select(link.c.target_id).where(link.c.extraction_id.in_(chunk))
            touched = self._connection.execute(articles.union(targets)).scalars().all()
            of_posts = select(post.c.text_id).where(post.c.extraction_id.in_(chunk))
            of_comments = select(comment.c.text_id).where(comment.c.extraction_id.in_(chunk))
            texts = self._connection.execute(of_posts.union(of_comments)).scalars().all()
            for table in (*_OF_POST, post, meta_reservation):
                self._connection.execute(delete(table).where(table.c.extraction_id.in_(chunk)))
            self._resources.mark_stale(touched)
            remove_unused_texts(self._connection, texts)
            self._texts.forget()

    def _extractor_numbers(self, names: set[str]) -> dict[str, int]:
        known = self._extractors.known(map(storable, names))
        new = sorted({storable(name) for name in names} - known.keys())
        self._insert(extractor, [{"id": self._extractors.new(name), "name": name} for name in new])
        known |= self._extractors.known(new)
        return {name: known[storable(name)] for name in names}

    def _text_numbers(self, posts: Sequence[Post]) -> dict[str, int]:
        by_digest = texts_of(posts)
        known = self._texts.known(by_digest)
        rows = []
        for digest, (sha256, told) in by_digest.items():
            if digest not in known:
                known[digest] = self._texts.new(digest)
                body = storable(told)
                words = len(body.split())
                rows.append({"id": known[digest], "digest": digest, "sha256": sha256, "words": words, "body": body})
        self._insert(text, rows)
        return known

    def _person_numbers(self, posts: Sequence[Post]) -> dict[str, int]:
        names = {person_name(signatory) for one in posts for signatory in one.signatories}
        if not names:
            return {}
        known = self._people.known(names)
        new = {name: self._people.new(name) for name in sorted(names - known.keys())}
        self._insert(person, [{"id": number, "name": name} for name, number in new.items()])
        return known | new

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        insert_rows(self._connection, table, rows)
