"""The statements of those views that say how well sites were watched: what was asked, what came, what is missing.

Images, styles and scripts of pages and `robots.txt` are left out: they are asked for because of pages.
"""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)

from umecrawl.index.functions import rfc3339
from umecrawl.index.removal_tables import listed
from umecrawl.index.schema import capture, extraction, failure, link, post, resource, site, skip, version
from umecrawl.index.showing import BLOCKED

COUNTS: Final = (
    "requested",
    "captured",
    "unchanged",
    "pages",
    "gone",
    "blocked",
    "errors",
    "failed",
    "robots",
    "left_out",
    "new_versions",
)
_GONE: Final = (404, 410)
_ERRORS: Final = 400


def coverage(host: str | None = None) -> Select[Any]:
    """Return the statement of the view `coverage`, or that for one site."""
    status = capture.c.status
    asked = [
        _rows(
            capture,
            host,
            requested=literal(1),
            captured=literal(1),
            unchanged=_one(capture.c.record_type == "revisit"),
            pages=_one(and_(capture.c.is_page, status < _ERRORS)),
            gone=_one(status.in_(_GONE)),
            blocked=_one(status.in_(BLOCKED)),
            errors=_one(and_(status >= _ERRORS, status.not_in((*_GONE, *BLOCKED)))),
        ),
        _rows(failure, host, requested=literal(1), failed=literal(1)),
        _rows(skip, host, robots=_one(skip.c.rule == "robots"), left_out=literal(1)),
    ]
    first = select(
        _day(version.c.first_seen),
        resource.c.site_id,
        capture.c.run_id,
        version.c.first_seen.label("at"),
        *(literal(1 if name == "new_versions" else 0).label(name) for name in COUNTS),
    ).select_from(
        version.join(capture, capture.c.id == version.c.first_capture_id).join(
            resource, resource.c.id == version.c.article_id
        )
    )
    asked.append(_of_host(first, host))
    each = union_all(*asked).subquery("each")
    return (
        select(
            each.c.day,
            site.c.host.label("site"),
            func.count(each.c.run_id.distinct()).label("runs"),
            *(cast(func.sum(each.c[name]), Integer).label(name) for name in COUNTS),
            rfc3339(func.min(each.c.at)).label("first_at"),
            rfc3339(func.max(each.c.at)).label("last_at"),
        )
        .select_from(each.join(site, site.c.id == each.c.site_id))
        .group_by(each.c.day, site.c.host)
    )


def missed() -> Select[Any]:
    """Return the statement of the view `missed`."""
    in_sitemaps = select(
        listed.c.target_id.label("resource_id"), literal("sitemap").label("named_by"), listed.c.first_at.label("at")
    )
    on_lists = (
        select(post.c.article_id, literal("listing"), capture.c.at)
        .select_from(
            post.join(extraction, extraction.c.id == post.c.extraction_id).join(
                capture, capture.c.id == extraction.c.capture_id
            )
        )
        .where(~post.c.own)
    )
    in_texts = select(link.c.target_id, literal("article"), capture.c.at).select_from(
        link.join(extraction, extraction.c.id == link.c.extraction_id).join(
            capture, capture.c.id == extraction.c.capture_id
        )
    )
    named = union_all(in_sitemaps, on_lists, in_texts).subquery("named")
    first = (
        select(named.c.resource_id, named.c.named_by, func.min(named.c.at).label("at"))
        .where(~exists().where(capture.c.resource_id == named.c.resource_id))
        .group_by(named.c.resource_id, named.c.named_by)
        # Worked out once: PostgreSQL takes it for one row else, and looks at all pairs.
        .cte("first")
    )
    rule = _latest(skip, skip.c.rule, first.c.resource_id)
    kind = _latest(failure, failure.c.kind, first.c.resource_id)
    return select(
        resource.c.url,
        site.c.host.label("site"),
        first.c.named_by,
        rfc3339(first.c.at).label("first_named_at"),
        case(
            (kind.is_not(None), "failed"), (rule == "robots", "blocked"), (rule.is_not(None), "excluded"),
            else_="pending",
        ).label("state"),
        func.coalesce(kind, rule).label("reason"),
    ).select_from(
        first.join(resource, resource.c.id == first.c.resource_id).join(site, site.c.id == resource.c.site_id)
    )  # fmt: skip


def _rows(table: Table, host: str | None, **counts: ColumnElement[int]) -> Select[Any]:
    rows = (
        select(
            _day(table.c.at),
            resource.c.site_id,
            table.c.run_id,
            table.c.at,
            *(counts.get(name, literal(0)).label(name) for name in COUNTS),
        )
        .select_from(table.join(resource, resource.c.id == table.c.resource_id))
        .where(table.c.hop_path.not_like("%E"), table.c.hop_path.not_like("%P"))
    )
    return _of_host(rows, host)


def _of_host(rows: Select[Any], host: str | None) -> Select[Any]:
    return rows if host is None else rows.where(resource.c.site_id.in_(select(site.c.id).where(site.c.host == host)))


def _day(at: ColumnElement[Any]) -> ColumnElement[str]:
    return func.substr(rfc3339(at), 1, 10).label("day")


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _latest(table: Table, what: ColumnElement[str], number: ColumnElement[int]) -> ColumnElement[str]:
    return (
        select(what)
        .where(table.c.resource_id == number)
        .order_by(table.c.at.desc(), what)
        .limit(1)
        .correlate_except(table)
        .scalar_subquery()
    )
