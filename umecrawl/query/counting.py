"""How many articles a query finds by time, site or author, and what share of all articles that is.

An article is counted once, however many of its versions match, and under one day (the column `day` of the table
`version`): so sums over periods are the number of articles.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import MAXYEAR, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from umecrawl.errors import UsageError
from umecrawl.index import fulltext
from umecrawl.index.schema import post, resource, site, version
from umecrawl.index.statement_tables import person, signature
from umecrawl.query.counting_rows import CountRow, TimelineRow
from umecrawl.query.filters import Filters
from umecrawl.query.language import parse
from umecrawl.query.matching import matching
from umecrawl.query.search import conditions

# Periods in a row without gaps; the days of thirty years are fewer.
_MOST_PERIODS = 20_000


class By(StrEnum):
    """What articles are counted by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    SITE = "site"
    AUTHOR = "author"
    SIGNATORY = "signatory"


_DAYS = {By.DAY: 1, By.WEEK: 7, By.MONTH: 30, By.YEAR: 365}
PERIODS = (By.DAY, By.WEEK, By.MONTH, By.YEAR)


def count(connection: Connection, query: str | None, filters: Filters, by: str = By.MONTH) -> list[CountRow]:
    """Return how many articles and versions answer a query (without one: are there), by one of `By`.

    Periods come in order of time, all else by number of articles, the most first, then by name. Authors are bylines
    as they stand; an article with two of them counts under both. Raises as `search`, and `UsageError` for another
    `by`.
    """
    chosen = _by(by, tuple(By))
    found = _counted(connection, query, filters, chosen)
    if chosen in PERIODS:
        return _by_period(found, chosen)
    rows = [CountRow(chosen.value, row.name, row.articles, row.versions) for row in found]
    return sorted(rows, key=lambda row: (-row.articles, row.name or ""))


def timeline(connection: Connection, query: str, filters: Filters, by: str = By.MONTH) -> list[TimelineRow]:
    """Return for each period how many articles answer a query, how many there are, and the share.

    The filters narrow both. Periods without any article are listed too, from the first to the last that has one, or
    from and to the bounds of the filters. Raises as `count`.
    """
    chosen = _by(by, PERIODS)
    matched = {row.name: row for row in _by_period(_counted(connection, query, filters, chosen), chosen)}
    # Bounds of time hold for the whole: else what was published outside them would count among it.
    everything = {row.name: row for row in _by_period(_counted(connection, None, filters, chosen), chosen)}
    rows = []
    for name in _periods((name for name in everything if name is not None), filters, chosen):
        articles = matched[name].articles if name in matched else 0
        whole = everything[name].articles if name in everything else 0
        rows.append(TimelineRow(name, articles, whole, round(articles / whole, 6) if whole else None))
    return rows


def _counted(connection: Connection, query: str | None, filters: Filters, by: By) -> list[Row[Any]]:
    # Bounds are set against the day under which an article is counted, so no period is cut by its versions' times.
    narrowed = conditions(connection, replace(filters, since=None, until=None))
    if filters.since is not None:
        narrowed.append(version.c.day >= f"{filters.since:%Y-%m-%d}")
    if filters.until is not None:
        narrowed.append(version.c.day <= f"{filters.until:%Y-%m-%d}")
    name, joined = _named(by)
    statement = (
        select(name.label("name"), _ARTICLES, _VERSIONS)
        .select_from(joined)
        .where(version.c.day.is_not(None), *narrowed)
        .group_by(name)
    )
    if query is not None:
        found = matching(connection, parse(query), ranked=False)
        if connection.dialect.name == "sqlite":
            statement = statement.where(version.c.id.in_(select(found.c.version_id)))
        else:
            # OFFSET: else PostgreSQL joins first, and reads the vectors of all versions to see which of them match.
            apart = select(found.c.version_id).offset(0).subquery("found")
            statement = statement.where(version.c.id == apart.c.version_id)
    with fulltext.looked_up(connection):
        return list(connection.execute(statement))


_ARTICLES = func.count(version.c.article_id.distinct()).label("articles")
_VERSIONS = func.count(version.c.id.distinct()).label("versions")


def _named(by: By) -> tuple[ColumnElement[Any], Any]:
    if by is By.AUTHOR:
        return version.c.byline, version
    if by is By.SITE:
        articles = version.join(resource, resource.c.id == version.c.article_id)
        return site.c.host, articles.join(site, site.c.id == resource.c.site_id)
    if by is By.SIGNATORY:
        signed = and_(signature.c.extraction_id == post.c.extraction_id, signature.c.position == post.c.position)
        return person.c.name, (
            version.join(post, post.c.version_id == version.c.id)
            .join(signature, signed)
            .join(person, person.c.id == signature.c.person_id)
        )
    return version.c.day, version


def _by(name: str, known: tuple[By, ...]) -> By:
    if name not in known:
        raise UsageError(f"nothing is counted by {name!r}", hint=f"Count by {', '.join(known)}.")
    return By(name)


def _by_period(rows: Iterable[Row[Any]], by: By) -> list[CountRow]:
    """Return rows by day as rows by period; each article stands under one day, so they are added up."""
    articles: dict[str, int] = {}
    versions: dict[str, int] = {}
    for row in rows:
        name = _period(row.name, by)
        articles[name] = articles.get(name, 0) + row.articles
        versions[name] = versions.get(name, 0) + row.versions
    return [CountRow(by.value, name, articles[name], versions[name]) for name in sorted(articles)]


def _period(day: str, by: By) -> str:
    match by:
        case By.YEAR:
            return day[:4]
        case By.MONTH:
            return day[:7]
        case By.WEEK:
            year, week, _ = date.fromisoformat(day).isocalendar()
            return f"{year:04}-W{week:02}"
        case _:
            return day


def _periods(names: Iterable[str], filters: Filters, by: By) -> Iterable[str]:
    """Return the names of all periods from the first to the last, or between the bounds of the filters.

    A wrong date may lie thousands of years off; then only the periods that have articles are named.
    """
    known = sorted(names)
    first = _plain(filters.since) or (_first_day(known[0], by) if known else None)
    last = _plain(filters.until) or (_first_day(known[-1], by) if known else None)
    if first is None or last is None:
        return []
    if (last - first).days > _MOST_PERIODS * _DAYS[by] or last.year == MAXYEAR:
        return known
    return list(_row_of_periods(first, _period(last.isoformat(), by), by))


def _plain(bound: date | None) -> date | None:
    return bound.date() if isinstance(bound, datetime) else bound


def _row_of_periods(day: date, last: str, by: By) -> Iterator[str]:
    name = _period(day.isoformat(), by)
    while name <= last:
        yield name
        day = _next(day, by)
        name = _period(day.isoformat(), by)


def _first_day(name: str, by: By) -> date:
    match by:
        case By.YEAR:
            return date(int(name), 1, 1)
        case By.MONTH:
            return date.fromisoformat(f"{name}-01")
        case By.WEEK:
            return date.fromisocalendar(int(name[:4]), int(name[6:]), 1)
        case _:
            return date.fromisoformat(name)


def _next(day: date, by: By) -> date:
    match by:
        case By.YEAR:
            return date(day.year + 1, 1, 1)
        case By.MONTH:
            return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        case By.WEEK:
            return day + timedelta(days=7)
        case _:
            return day + timedelta(days=1)
