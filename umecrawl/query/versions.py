"""The distinct texts of an article: found, named by number or by the start of an id, and set against each other."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from umecrawl.errors import NotFoundError
from umecrawl.index.diff import compare
from umecrawl.index.schema import version
from umecrawl.index.views import versions
from umecrawl.query.resources import Resource, find_article
from umecrawl.query.rows import VersionRow, VersionStep, row_of


def find_version(connection: Connection, version_id: str) -> VersionRow:
    """Return one article version by its id. Raises `NotFoundError`."""
    row = connection.execute(select(versions).where(versions.c.id == version_id.lower())).one_or_none()
    if row is None:
        raise NotFoundError(
            f"the archive has no version {version_id}", hint="`umecrawl versions URL` lists versions with ids."
        )
    return row_of(VersionRow, row._asdict())


def find_versions(connection: Connection, url: str) -> list[VersionRow]:
    """Return the distinct versions of an article in the order of first sight.

    Raises `NotFoundError` for an unknown URL and for one that shows no article.
    """
    return versions_of(connection, find_article(connection, url))


def versions_of(connection: Connection, article: Resource) -> list[VersionRow]:
    """Return the versions of what was seen under one URL, in the order of first sight; there may be none."""
    ids = select(version.c.uid).where(version.c.article_id == article.id)
    wanted = select(versions).where(versions.c.id.in_(ids)).order_by(versions.c.first_seen, versions.c.id)
    return [row_of(VersionRow, row._asdict()) for row in connection.execute(wanted)]


def steps(rows: Sequence[VersionRow]) -> list[VersionStep]:
    """Return versions with what each changed of the one before."""
    return [_step(row, rows[number - 1] if number else None) for number, row in enumerate(rows)]


def pick_two(rows: Sequence[VersionRow], a: str | None, b: str | None) -> tuple[VersionRow, VersionRow]:
    """Return two versions, named by number (from 1), by id or by a unique start of it; by default the last two.

    `a` and the last, where only `a` is given. Raises `NotFoundError`.
    """
    if a is None and len(rows) == 1:
        raise NotFoundError(f"there is one version only of {rows[0].url}", hint="Nothing has changed so far.")
    return (rows[-2] if a is None else _pick(rows, a)), (rows[-1] if b is None else _pick(rows, b))


def _step(row: VersionRow, before: VersionRow | None) -> VersionStep:
    columns = {name: getattr(row, name) for name in VersionRow.__dataclass_fields__}
    change = compare(before.text, row.text) if before else None
    return VersionStep(
        **columns,
        title_changed=before.title != row.title if before else None,
        words_added=change.words_added if change else None,
        words_removed=change.words_removed if change else None,
        similarity=round(change.similarity, 4) if change else None,
    )


def _pick(rows: Sequence[VersionRow], name: str) -> VersionRow:
    if name.isascii() and name.isdecimal() and 1 <= int(name) <= len(rows):
        return rows[int(name) - 1]
    found = [row for row in rows if row.id.startswith(name.lower())]
    if len(found) == 1:
        return found[0]
    known = ", ".join(row.id[:12] for row in rows)
    what = "several versions begin" if found else "no version begins"
    raise NotFoundError(f"{what} with {name} of {rows[0].url}", hint=f"Its versions are {known}.")
