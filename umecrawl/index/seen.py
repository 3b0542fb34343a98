"""What captures say of articles, read for the walk through each: which version they show, that it is gone or moved."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, func, or_, select

from umecrawl.index.edits import Edit, edit_of
from umecrawl.index.numbering import chunks
from umecrawl.index.reading_tables import is_reading_of
from umecrawl.index.schema import capture, extraction, post, resource, text, version

GONE: Final = (404, 410)
REDIRECTS: Final = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Shown:
    """A version of an article, as far as it is compared; its title as it stands, its text by number."""

    number: int
    uid: str
    article: int
    title: str
    text_id: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What one capture says of an article: a version, that it is gone, or where it went."""

    at: datetime
    uid: str
    run: int
    version: Shown | None = None
    paywall: str | None = None
    quality: str | None = None
    gone: str = ""
    target: int | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the text stands there only in part: behind a paywall, or a password."""
        return self.quality == "teaser"


@dataclass(frozen=True, slots=True)
class Told:
    """A time of change that some page told of an article, and the first capture of a run in which it did."""

    at: datetime
    run: int
    modified: str


def captures_of(
    connection: Connection, articles: Sequence[int], known: dict[int, Shown]
) -> defaultdict[int, list[Seen]]:
    """Return what the captures of these articles' own pages say, in no order; `known` are their versions."""
    read = and_(capture.c.is_page, is_reading_of(extraction, capture))
    shows = and_(post.c.extraction_id == extraction.c.id, post.c.position == 0, post.c.own)
    query = (
        select(
            capture.c.resource_id,
            capture.c.uid,
            capture.c.at,
            capture.c.run_id,
            capture.c.status,
            capture.c.location_id,
            extraction.c.quality,
            post.c.version_id,
            post.c.paywall,
        )
        .select_from(capture.outerjoin(extraction, read).outerjoin(post, shows))
        .where(
            capture.c.resource_id.in_(articles),
            or_(
                # Of a page that came only in part nobody knows what it would have shown.
                and_(post.c.version_id.is_not(None), capture.c.truncated.is_(None)),
                capture.c.status.in_((*GONE, *REDIRECTS)),
                extraction.c.quality == "soft-404",
            ),
        )
    )
    found: defaultdict[int, list[Seen]] = defaultdict(list)
    for row in connection.execute(query):
        shown = known.get(row.version_id) if row.version_id is not None else None
        gone, target = "", None
        if shown is None and row.status in GONE:
            gone = f"answered {row.status}"
        elif shown is None and row.quality == "soft-404":
            gone = "showed a page that says it is gone"
        elif shown is None and row.status in REDIRECTS:
            if row.location_id is None or row.location_id == row.resource_id:  # another spelling of the same URL
                continue
            target = row.location_id
        elif shown is None:
            continue
        one = Seen(row.at, row.uid, row.run_id, shown, row.paywall, row.quality, gone, target)
        found[row.resource_id].append(one)
    return found


def sighted(connection: Connection, rows: Sequence[Any], known: dict[int, Shown]) -> Iterator[tuple[int, Seen]]:
    """Yield article and first sighting of versions whose article's own page was never read.

    `rows` are those of `version`, `known` are what they show.
    """
    firsts: dict[int, Any] = {}
    for chunk in chunks(row.first_capture_id for row in rows):
        query = select(capture.c.id, capture.c.uid, capture.c.run_id).where(capture.c.id.in_(chunk))
        firsts.update((row.id, row) for row in connection.execute(query))
    for row in rows:
        first = firsts[row.first_capture_id]
        yield row.article_id, Seen(row.first_seen, first.uid, first.run_id, known[row.id], row.paywall)


def told_of(connection: Connection, articles: Sequence[int]) -> dict[int, list[Told]]:
    """Return when pages said that each article was last changed: its own, listings, feeds, API answers."""
    query = (
        select(post.c.article_id, post.c.modified_at, capture.c.run_id, func.min(capture.c.at).label("at"))
        .select_from(
            post.join(extraction, extraction.c.id == post.c.extraction_id).join(
                capture, is_reading_of(extraction, capture)
            )
        )
        .where(post.c.article_id.in_(articles), post.c.modified_at.is_not(None))
        .group_by(post.c.article_id, post.c.modified_at, capture.c.run_id)
    )
    found: dict[int, list[Told]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.article_id].append(Told(row.at, row.run_id, row.modified_at))
    return found


def targets(connection: Connection, numbers: set[int]) -> dict[int, tuple[str, Shown | None]]:
    """Return the URL of each resource, with the version its article was first seen with, where it is one."""
    found: dict[int, tuple[str, Shown | None]] = {}
    for chunk in chunks(numbers):
        for row in connection.execute(select(resource.c.id, resource.c.url).where(resource.c.id.in_(chunk))):
            found[row.id] = (row.url, None)
        first = (
            select(version)
            .where(version.c.article_id.in_(chunk), version.c.first_seen.is_not(None))
            .order_by(version.c.first_seen.desc(), version.c.uid.desc())
        )
        for row in connection.execute(first):
            one = Shown(row.id, row.uid, row.article_id, row.title, row.text_id)
            found[row.article_id] = (found[row.article_id][0], one)
    return found


class Bodies:
    """The texts that are compared, each read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._bodies: dict[int, str] = {}
        self._edits: dict[tuple[int, int], Edit] = {}

    def edit(self, old: Shown, new: Shown) -> Edit:
        """Return what made the text of one version of that of another."""
        pair = (old.text_id, new.text_id)
        if pair not in self._edits:
            self._edits[pair] = edit_of(self._body(old.text_id), self._body(new.text_id))
        return self._edits[pair]

    def edit_of_opening(self, old: Shown, new: Shown) -> Edit:
        """Return what changed in as much of a text as both have; one of them is cut off somewhere."""
        before, after = self._body(old.text_id), self._body(new.text_id)
        hunks = self.edit(old, new).difference.hunks
        if hunks and not _has_words(before[hunks[-1].old_end :]) and not _has_words(after[hunks[-1].new_end :]):
            before, after = before[: hunks[-1].old_start], after[: hunks[-1].new_start]
        return edit_of(before, after)

    def _body(self, number: int) -> str:
        if number not in self._bodies:
            self._bodies[number] = self._connection.execute(select(text.c.body).where(text.c.id == number)).scalar_one()
        return self._bodies[number]


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
