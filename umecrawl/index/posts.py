"""The rows that the posts of pages make: post, version, links, claims, signatures and comments of a batch."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from umecrawl.index.contradiction import contradicts
from umecrawl.index.identity import KIND_OF_OUTCOME, PAGE, version_uid
from umecrawl.index.resources import stored_key
from umecrawl.index.schema import link, post, version
from umecrawl.index.statement_tables import claim, comment, signature
from umecrawl.index.storable import storable, storable_count, storable_or_none, utc_text
from umecrawl.model.article import Claim, Comment, Extraction, Outcome, Person, Post, Sourced
from umecrawl.model.urls import Url, site_of

_LONGEST_NAME = 200
_PSEUDONYM = 10
_TIMES = frozenset({"published", "modified"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post stands: the rows of its extraction, of what its permalink names, and of its text."""

    extraction_id: int
    position: int
    article_id: int
    text_id: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The row numbers that posts refer to: of resources by URL, of texts by digest and of people by name."""

    resources: Mapping[str, int]
    texts: Mapping[str, int]
    people: Mapping[str, int]


@dataclass(slots=True)
class PostRows:
    """The rows of one batch, by table, in the order in which they may be inserted."""

    numbers: Numbers
    rows: dict[Table, list[dict[str, Any]]] = field(
        default_factory=lambda: {table: [] for table in (version, post, link, claim, signature, comment)}
    )

    def place(self, extraction_id: int, position: int, one: Post) -> Place:
        """Return where a post stands."""
        text_id = self.numbers.texts[_text_digest(one)]
        return Place(extraction_id, position, self.numbers.resources[one.permalink], text_id)

    def add_version(
        self, number: int, uid: str, one: Post, place: Place, *, extractor_id: int, outcome: Outcome
    ) -> None:
        """Add the version that a post on the article's own page shows."""
        self.rows[version].append(
            {
                "id": number,
                "uid": uid,
                "article_id": place.article_id,
                "title": storable(one.title),
                "kind": KIND_OF_OUTCOME[outcome],
                "basis": PAGE,
                "text_id": place.text_id,
                "captures": 0,
                "sightings": 0,
                "extractor_id": extractor_id,
                "is_current": False,
            }
        )

    def add_post(self, place: Place, one: Post, *, own: bool, version_id: int | None) -> None:
        """Add a post with all that hangs on it."""
        key = {"extraction_id": place.extraction_id, "position": place.position}
        self.rows[post].append(
            {
                **key,
                "article_id": place.article_id,
                "own": own,
                "excerpt": is_excerpt(one, own=own),
                "version_id": version_id,
                "title": storable(one.title),
                "text_id": place.text_id,
                "permalink": storable(one.permalink),
                **_sourced("byline", "byline", one.byline),
                **_sourced("account", "account", one.account),
                "signatories": _signatories(one.signatories),
                **_sourced("published_at", "published", one.published, is_time=True),
                **_sourced("modified_at", "modified", one.modified, is_time=True),
                "language": storable_or_none(one.language),
                "paywall": storable_or_none(one.paywall),
                "comment_count": storable_count(one.comment_count),
                "like_count": storable_count(one.like_count),
            }
        )
        for table, found in (
            (link, self._links(one)),
            (claim, _claims(one.claims, own=own)),
            (signature, self._signatures(one.signatories)),
            (comment, self._comments(one)),
        ):
            self.rows[table] += [{**key, "number": number, **row} for number, row in enumerate(found)]

    def _links(self, one: Post) -> Iterator[dict[str, Any]]:
        attached = set(one.attachments)
        for target in one.links:
            yield {
                "kind": "attachment" if target.url in attached else "link",
                "target_id": self.numbers.resources[target.url],
                "url": storable(target.url),
                "anchor": storable(target.anchor),
                "sentence": storable(target.sentence),
                "start": target.position,
            }
        for url in unlinked_attachments(one):
            yield {
                "kind": "attachment",
                "target_id": self.numbers.resources[url],
                "url": storable(url),
                "anchor": "",
                "sentence": "",
                "start": None,
            }

    def _signatures(self, people: Iterable[Person]) -> Iterator[dict[str, Any]]:
        for one in people:
            yield {
                "person_id": self.numbers.people[person_name(one)],
                "party": storable_or_none(one.party),
                "office": storable_or_none(one.office),
                "raw": storable(one.raw),
            }

    def _comments(self, one: Post) -> Iterator[dict[str, Any]]:
        site = site_of(one.permalink)
        for said in one.comments:
            author = storable(said.author)
            yield {
                "key": storable(said.key),
                "author": author,
                "pseudonym": pseudonym(site, author),
                **_sourced("at", "at", said.at, is_time=True),
                "reply_to": storable_or_none(said.reply_to),
                "text_id": self.numbers.texts[_comment_digest(said)],
            }


def is_own(what: Extraction, position: int) -> bool:
    """Return whether the page of an extraction is the own page of the post at a position, and shows it whole.

    Every other post is a sighting: on a listing, in a feed or API answer, beside another article.
    """
    return what.outcome in KIND_OF_OUTCOME and position == 0 and not what.posts[position].excerpt


def is_excerpt(one: Post, *, own: bool) -> bool:
    """Return whether a post shows the beginning of its text only, or elsewhere than on its own page none of it."""
    return one.excerpt or (not own and not one.text.strip())


def own_version(one: Post) -> str:
    """Return the public id of the version that a post shows where it makes one."""
    return version_uid(stored_key(one.permalink), storable(one.title), one.text_sha256)


def _text_digest(one: Post) -> str:
    """Return the digest under which the text of a post is kept."""
    return _digest(one.text_sha256, one.text)


def _comment_digest(said: Comment) -> str:
    """Return the digest under which the text of a comment is kept."""
    return _digest(_sha256(said.text), said.text)


def texts_of(posts: Sequence[Post]) -> dict[str, tuple[str, str]]:
    """Return all texts that these posts refer to, by digest: the digest of the normalized text, and the text."""
    found = {_text_digest(one): (one.text_sha256, one.text) for one in posts}
    for one in posts:
        found |= {_comment_digest(said): (_sha256(said.text), said.text) for said in one.comments}
    return found


def person_name(one: Person) -> str:
    """Return the name under which a person is kept."""
    return storable(one.name)[:_LONGEST_NAME]


def unlinked_attachments(one: Post) -> list[Url]:
    """Return the attachments of a post that are not among its links."""
    linked = {target.url for target in one.links}
    return [url for url in dict.fromkeys(one.attachments) if url not in linked]


def pseudonym(site: str, author: str) -> str:
    """Return what stands for a commenter on a site: the same for the same name, and no secret to who knows the name."""
    return _sha256(f"{site}\x00{author}")[:_PSEUDONYM]


def _digest(sha256: str, body: str) -> str:
    return _sha256(f"{sha256}\n{storable(body)}")


def _sha256(told: str) -> str:
    return hashlib.sha256(storable(told).encode()).hexdigest()


def _claims(claims: Sequence[Claim], *, own: bool) -> Iterator[dict[str, Any]]:
    """Yield the claims of a post; of a sighting those on fields on which they contradict each other.

    What was taken stands in the post itself with its source; a front page that is captured every hour would else
    fill half the index with the same claims.
    """
    taken: dict[str, Claim] = {}
    for one in sorted(claims, key=lambda claim: claim.rank):
        taken.setdefault(one.field, one)
    differs = [contradicts(one.field, one.said.value, taken[one.field].said.value) for one in claims]
    disputed = {one.field for one, other in zip(claims, differs, strict=True) if other}
    for one, other in zip(claims, differs, strict=True):
        if own or one.field in disputed:
            yield {
                "field": storable(one.field),
                "rank": one.rank,
                "source": storable(one.said.source),
                "value": utc_text(one.said.value) if one.field in _TIMES else storable(one.said.value),
                "raw": storable(one.said.raw),
                "differs": other,
            }


def _signatories(people: Sequence[Person]) -> str | None:
    if not people:
        return None
    named = [
        {"name": person_name(one), "party": storable_or_none(one.party), "office": storable_or_none(one.office)}
        for one in people
    ]
    return json.dumps(named, ensure_ascii=False)


def _sourced(name: str, prefix: str, value: Sourced | None, *, is_time: bool = False) -> dict[str, str | None]:
    if value is None:
        return {name: None, f"{prefix}_source": None, f"{prefix}_raw": None}
    return {
        name: utc_text(value.value) if is_time else storable(value.value),
        f"{prefix}_source": storable(value.source),
        f"{prefix}_raw": storable(value.raw),
    }
