"""Finding what a URL stands for in the index, whatever alias of it is given, and what was meant by a wrong one."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import ColumnElement, Connection, bindparam, exists, or_, select

from umecrawl.errors import NotFoundError
from umecrawl.index.resources import stored_key
from umecrawl.index.schema import capture, failure, post, resource, version
from umecrawl.model.urls import InvalidUrlError, normalize, site_of

# How many known URLs on either side of a wrong one (in the order of keys) are looked at for the one meant.
_NEIGHBOURS = 150
_MOST_REDIRECTS = 5
# A host with a dot or a port, or loopback's name: what a browser's address line shows without a scheme.
_HOST_FIRST = re.compile(r"(?:[^\s/?#]+\.[^\s/?#.]+|localhost|\[[0-9a-f:.]+\])(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)

_SIGHTED = "It was seen on other pages: umecrawl history {url} --sightings"


# A resource that was captured or tried, and is not merely named by a link.
_WAS_TRIED = or_(
    exists().where(capture.c.resource_id == resource.c.id), exists().where(failure.c.resource_id == resource.c.id)
)
_TRIED = select(resource.c.id, resource.c.url).where(resource.c.key == bindparam("key"), _WAS_TRIED)
_NAMED = select(resource.c.id, resource.c.url).where(resource.c.key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Resource:
    """All that was seen under one URL and its aliases (scheme, `www.`, trailing slash, order of parameters)."""

    id: int
    url: str


def find_resource(connection: Connection, url: str) -> Resource:
    """Return the resource of a URL that was captured or tried.

    Raises `NotFoundError`, with the nearest known URL as hint, and `UsageError` for what is no URL.
    """
    found = _by_key(connection, stored_key(whole(url)))
    if found is None:
        if _follow(connection, url, post.c.article_id) is not None:
            raise NotFoundError(f"the archive has no capture of {url}", hint=_SIGHTED.format(url=url))
        raise _not_found(connection, url, "the archive has no capture of")
    return found


def find_article(connection: Connection, url: str) -> Resource:
    """Return the resource of an article of which there are versions, following the redirects that were captured.

    Raises `NotFoundError` as `find_resource` does.
    """
    found = _follow(connection, url, version.c.article_id)
    if found is not None:
        return found
    if _follow(connection, url, post.c.article_id) is not None:
        raise NotFoundError(
            f"no version is known of {url}",
            hint=_SIGHTED.format(url=url),
        )
    raise _no_article(connection, url)


def find_told(connection: Connection, url: str) -> Resource:
    """Return the resource of an article that any page tells of, its own or a listing; follows redirects as well.

    Raises `NotFoundError` as `find_resource` does.
    """
    found = _follow(connection, url, post.c.article_id)
    if found is None:
        raise _no_article(connection, url)
    return found


def find_own(connection: Connection, url: str) -> Resource:
    """Return the resource of an article by its own URL, though that redirects now, else as `find_told` does."""
    key = stored_key(whole(url))
    known = exists().where(version.c.article_id == resource.c.id)
    row = connection.execute(select(resource.c.id, resource.c.url).where(resource.c.key == key, known)).one_or_none()
    return Resource(row.id, row.url) if row else find_told(connection, url)


def _follow(connection: Connection, url: str, among: ColumnElement[int]) -> Resource | None:
    """Return the resource of a URL, or of what its redirects lead to, whose number is in a column."""
    key = stored_key(whole(url))
    row = connection.execute(_NAMED, {"key": key}).one_or_none()
    seen: set[int] = set()
    while row is not None and row.id not in seen and len(seen) <= _MOST_REDIRECTS:
        if connection.execute(select(exists().where(among == row.id))).scalar():
            return Resource(row.id, row.url)
        seen.add(row.id)
        row = connection.execute(
            select(resource.c.id, resource.c.url)
            .select_from(capture.join(resource, resource.c.id == capture.c.location_id))
            .where(capture.c.resource_id == row.id)
            .order_by(capture.c.at.desc())
            .limit(1)
        ).one_or_none()
    return None


def _no_article(connection: Connection, url: str) -> NotFoundError:
    if _by_key(connection, stored_key(whole(url))) is not None:
        return NotFoundError(
            f"no article was read from {url}",
            hint="It was captured, but shows none: see `umecrawl history` for the quality of its captures.",
        )
    return _not_found(connection, url, "the archive has no article at")


def whole(url: str) -> str:
    """Return the normal form of a URL as people write it, the host first or with a scheme. Raises `UsageError`."""
    # People paste what a browser shows: the host first, without a scheme.
    # What is no URL even so is refused: it can name nothing in the archive.
    if "://" not in url and not _HOST_FIRST.match(url):
        raise InvalidUrlError(f"not a URL: {url[:200]!r}", hint="Write it whole, as https://host/path.")
    return normalize(url if "://" in url else f"https://{url}")


def _by_key(connection: Connection, key: str) -> Resource | None:
    row = connection.execute(_TRIED, {"key": key}).one_or_none()
    return Resource(row.id, row.url) if row else None


def _not_found(connection: Connection, url: str, what: str) -> NotFoundError:
    nearest = _nearest(connection, whole(url))
    hint = f"The nearest known URL is {nearest}" if nearest else "`umecrawl status` tells which sites are archived."
    return NotFoundError(f"{what} {url}", hint=hint)


def _nearest(connection: Connection, url: str) -> str | None:
    key = stored_key(url)
    near = select(resource.c.url).where(_WAS_TRIED).limit(_NEIGHBOURS)
    before = connection.execute(near.where(resource.c.key < key).order_by(resource.c.key.desc())).scalars().all()
    after = connection.execute(near.where(resource.c.key > key).order_by(resource.c.key)).scalars().all()
    known = [*before, *after]
    same_site = [one for one in known if site_of(one) == site_of(url)]
    found = get_close_matches(url, same_site or known, n=1, cutoff=0.5 if same_site else 0.75)
    return found[0] if found else None
