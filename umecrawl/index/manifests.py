"""What sitemaps name, kept as intervals: a row for each list and URL, however often the list is read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, exists, insert, select, update

from umecrawl.index.numbering import chunks
from umecrawl.index.removal_tables import listed, removal
from umecrawl.index.resources import better_url
from umecrawl.index.schema import capture, version
from umecrawl.index.storable import storable
from umecrawl.model.capture import Capture
from umecrawl.model.crawl import Hop
from umecrawl.model.readable import is_readable
from umecrawl.model.urls import Url

_OK = 200
_VALUES = ("url", "first_at", "last_at", "last_payload_id", "modified")
_UPDATE = (
    update(listed)
    .where(listed.c.list_id == bindparam("of_list"), listed.c.target_id == bindparam("of_target"))
    .values({name: bindparam(f"new_{name}", type_=listed.c[name].type) for name in _VALUES})
)


def named_by(observed: Capture) -> Sequence[Url]:
    """Return the URLs that a capture of a manifest names; what an extractor reads (feeds, API) is told by its posts."""
    robots = observed.hop_path.endswith(Hop.PREREQUISITE)  # it names sitemaps, and no pages
    if observed.status != _OK or robots or is_readable(observed.mime, observed.url):
        return ()
    return [link.url for link in observed.outlinks if link.hop is Hop.MANIFEST]


def put_listed(
    connection: Connection,
    captures: Iterable[Capture],
    resources: Mapping[str, int],
    payloads: Mapping[str, int],
) -> None:
    """Make or widen the rows of what these captures name; the order in which captures come does not matter."""
    by_list: defaultdict[int, list[Capture]] = defaultdict(list)
    for one in captures:
        if named_by(one):
            by_list[resources[one.url]].append(one)
    for list_id, read in by_list.items():
        _widen(connection, list_id, sorted(read, key=lambda one: (one.captured_at, one.id)), resources, payloads)


def _widen(
    connection: Connection,
    list_id: int,
    read: Sequence[Capture],
    resources: Mapping[str, int],
    payloads: Mapping[str, int],
) -> None:
    known = {
        row.target_id: {name: getattr(row, name) for name in _VALUES}
        for row in connection.execute(select(listed).where(listed.c.list_id == list_id))
    }
    before = {target: dict(values) for target, values in known.items()}
    for one in read:
        for link in one.outlinks:
            if link.hop is not Hop.MANIFEST:
                continue
            values = known.setdefault(resources[link.url], {"first_at": one.captured_at, "url": storable(link.url)})
            values["first_at"] = min(values["first_at"], one.captured_at)
            values["url"] = better_url(values["url"], storable(link.url))
            if "last_at" not in values or one.captured_at >= values["last_at"]:
                values.update(
                    last_at=one.captured_at,
                    last_payload_id=payloads[one.payload_digest],
                    modified=link.modified,
                )
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for target, values in known.items():
        if target not in before:
            new.append({"list_id": list_id, "target_id": target, **values})
        elif values != before[target]:
            changed.append(
                {"of_list": list_id, "of_target": target, **{f"new_{name}": values[name] for name in _VALUES}}
            )
    if new:
        connection.execute(insert(listed), new)
    if changed:
        connection.execute(_UPDATE, changed)


def unlisted(connection: Connection, resources: Sequence[int]) -> set[int]:
    """Return the articles of which these lists may tell something new: named no longer, or known to have gone."""
    found: set[int] = set()
    for list_id in connection.execute(select(listed.c.list_id).where(listed.c.list_id.in_(resources)).distinct()):
        latest = connection.execute(
            select(capture.c.payload_id)
            .where(capture.c.resource_id == list_id[0], capture.c.status.in_((_OK, 304)))
            .order_by(capture.c.at.desc(), capture.c.uid.desc())
            .limit(1)
        ).scalar()
        named = select(listed.c.target_id).where(listed.c.list_id == list_id[0])
        gone = named.where(listed.c.last_payload_id != latest)
        gone = gone.where(exists().where(version.c.article_id == listed.c.target_id))
        known = named.where(exists().where(removal.c.article_id == listed.c.target_id))
        found |= set(connection.execute(gone).scalars()) | set(connection.execute(known).scalars())
    return found


def last_listed(connection: Connection, articles: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Return for each of these articles the lists that ever named it, with the payload that last did."""
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for chunk in chunks(articles):
        for row in connection.execute(select(listed).where(listed.c.target_id.in_(chunk))):
            found[row.target_id].append((row.list_id, row.last_payload_id))
    return found
