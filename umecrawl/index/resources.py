"""Resources in the index: the key that groups the aliases of one URL, and the URL that stands for them.

The URL of a resource is a function of the rows, not of the order in which they came: that of its latest capture
(status 200 before others, then https before http), else the least of those under which it was named.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sqlalchemy import Connection, bindparam, case, delete, exists, func, select, union_all, update

from umecrawl.index.bulk import insert_rows
from umecrawl.index.numbering import CHUNK, Numbering, chunks
from umecrawl.index.removal_tables import listed
from umecrawl.index.schema import capture, extraction, failure, link, post, resource, site, skip
from umecrawl.index.storable import storable
from umecrawl.model.urls import InvalidUrlError, canonicalize, resource_key, site_of

# An entry of a PostgreSQL index holds 2 704 octets; a longer key keeps its beginning and ends in its digest.
_LONGEST_KEY = 600
_CUT_KEY = 500

_OK = 200


@lru_cache(maxsize=65_536)
def stored_key(url: str) -> str:
    """Return the key of a URL as it stands in `resource.key`: its `resource_key`, shortened where it is very long."""
    try:
        key = storable(resource_key(url))
    except InvalidUrlError:  # a foreign WARC may name what is no web address
        key = storable(url)
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[:_CUT_KEY]}~{hashlib.sha256(key.encode()).hexdigest()}"


def _stored_url(url: str) -> str:
    """Return the canonical form of a URL; what is no web address stays as it is."""
    try:
        return storable(canonicalize(url))
    except InvalidUrlError:
        return storable(url)


class Resources:
    """The rows of the tables `resource` and `site`, made when a URL is first named."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._resources = Numbering(connection, resource, "key")
        self._sites = Numbering(connection, site, "host")

    def find(self, url: str) -> int | None:
        """Return the number of a resource, if there is one."""
        key = stored_key(url)
        return self._resources.known([key]).get(key)

    def numbers(self, urls: Iterable[str]) -> dict[str, int]:
        """Return the number of the resource of each URL, with rows made for those that are new."""
        named: dict[str, str] = {}
        keys = {url: stored_key(url) for url in urls}
        for url, key in keys.items():
            named[key] = better_url(_stored_url(url), named.get(key))
        known = self._resources.known(named)
        self._rename({known[key]: url for key, url in named.items() if key in known})
        new = {key: url for key, url in named.items() if key not in known}
        hosts = self._site_numbers({site_of(url) for url in new.values()})
        rows = []
        for key, url in new.items():
            known[key] = self._resources.new(key)
            rows.append({"id": known[key], "key": key, "url": url, "site_id": hosts[site_of(url)], "stale": False})
        insert_rows(self._connection, resource, rows)
        return {url: known[key] for url, key in keys.items()}

    def mark_stale(self, numbers: Iterable[int]) -> None:
        """Note that URL and versions of these resources are to be worked out again."""
        for chunk in chunks(sorted(set(numbers))):
            self._connection.execute(
                update(resource).where(resource.c.id.in_(chunk), ~resource.c.stale).values(stale=True)
            )

    def forget(self) -> None:
        """Forget what was looked up: rows were deleted."""
        self._resources.forget()
        self._sites.forget()

    def _site_numbers(self, hosts: set[str]) -> dict[str, int]:
        known = self._sites.known(hosts)
        new = {host: self._sites.new(host) for host in sorted(hosts - known.keys())}
        insert_rows(self._connection, site, [{"id": number, "host": host} for host, number in new.items()])
        return known | new

    def _rename(self, named: dict[int, str]) -> None:
        # A captured resource has the URL of a capture, whatever it is called elsewhere.
        for chunk in chunks(named):
            rows = self._connection.execute(select(resource.c.id, resource.c.url).where(resource.c.id.in_(chunk)))
            for number, url in rows.all():
                if better_url(named[number], url) != url:
                    self._connection.execute(
                        update(resource)
                        .where(resource.c.id == number, ~exists().where(capture.c.resource_id == number))
                        .values(url=named[number])
                    )


def stale_resources(connection: Connection, limit: int = CHUNK) -> Sequence[int]:
    """Return numbers of resources that have to be worked out again."""
    return (
        connection.execute(select(resource.c.id).where(resource.c.stale).order_by(resource.c.id).limit(limit))
        .scalars()
        .all()
    )


def settle(connection: Connection, numbers: Sequence[int]) -> None:
    """Give each of these resources the URL that its rows call for, and remove those that no row speaks of any more.

    Versions must have been worked out before. The resources are stale no longer.
    """
    chosen = _captured_urls(connection, numbers)
    for number, url in _named_urls(connection, [n for n in numbers if n not in chosen]):
        chosen[number] = better_url(_stored_url(url), chosen.get(number))
    used = _read_or_shown(connection, numbers)
    current = dict(connection.execute(select(resource.c.id, resource.c.url).where(resource.c.id.in_(numbers))).all())
    changed = [{"number": n, "named": url} for n, url in chosen.items() if current[n] != url]
    if changed:
        rename = update(resource).where(resource.c.id == bindparam("number")).values(url=bindparam("named"))
        connection.execute(rename, changed)
    gone = [number for number in numbers if number not in chosen and number not in used]
    if gone:
        connection.execute(delete(resource).where(resource.c.id.in_(gone)))
        connection.execute(delete(site).where(~exists().where(resource.c.site_id == site.c.id)))
    connection.execute(update(resource).where(resource.c.id.in_(numbers)).values(stale=False))


def _captured_urls(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    order = (
        case((capture.c.status == _OK, 0), else_=1),
        case((capture.c.url.like("https:%"), 0), else_=1),
        capture.c.at.desc(),
        capture.c.uid.desc(),
    )
    place = func.row_number().over(partition_by=capture.c.resource_id, order_by=order).label("place")
    ranked = (
        select(capture.c.resource_id, capture.c.url, place).where(capture.c.resource_id.in_(numbers)).subquery("ranked")
    )
    rows = connection.execute(select(ranked.c.resource_id, ranked.c.url).where(ranked.c.place == 1))
    return {number: _stored_url(url) for number, url in rows}


def _named_urls(connection: Connection, numbers: Sequence[int]) -> Sequence[tuple[int, str]]:
    if not numbers:
        return []
    named = union_all(
        select(failure.c.resource_id, failure.c.url).where(failure.c.resource_id.in_(numbers)),
        select(skip.c.resource_id, skip.c.url).where(skip.c.resource_id.in_(numbers)),
        select(link.c.target_id, link.c.url).where(link.c.target_id.in_(numbers)),
        select(capture.c.location_id, capture.c.location).where(capture.c.location_id.in_(numbers)),
        select(post.c.article_id, post.c.permalink).where(post.c.article_id.in_(numbers)),
        select(listed.c.target_id, listed.c.url).where(listed.c.target_id.in_(numbers)),
    )
    return [(row[0], row[1]) for row in connection.execute(named)]


def _read_or_shown(connection: Connection, numbers: Sequence[int]) -> set[int]:
    used = union_all(
        select(extraction.c.resource_id).where(extraction.c.resource_id.in_(numbers)),
        select(post.c.article_id).where(post.c.article_id.in_(numbers)),
    )
    return set(connection.execute(used).scalars())


def better_url(url: str, other: str | None) -> str:
    """Return which of two spellings of a URL stands for both: https before http, then the least."""
    return url if other is None else min(url, other, key=lambda u: (not u.startswith("https:"), u))
