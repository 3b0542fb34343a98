"""The views of interfaces: how each stands since it was last asked, and what the ways of finding pages missed."""

from typing import Any

from sqlalchemy import Integer, Select, and_, cast, exists, select

from umecrawl.index.functions import rfc3339
from umecrawl.index.interface_tables import audit, interface
from umecrawl.index.schema import run


def interfaces() -> Select[Any]:
    """Return how each interface stands: its latest answer."""
    later = interface.alias("later")
    is_later = and_(
        later.c.source == interface.c.source,
        later.c.url == interface.c.url,
        later.c.checked_at > interface.c.checked_at,
    )
    return (
        select(
            interface.c.source,
            interface.c.interface,
            interface.c.standing,
            interface.c.url,
            rfc3339(interface.c.checked_at).label("checked_at"),
            interface.c.named,
            interface.c.total,
            interface.c.pages,
            rfc3339(interface.c.newest).label("newest"),
            cast(interface.c.is_index, Integer).label("is_index"),
            interface.c.detail,
            run.c.uid.label("run"),
        )
        .select_from(interface.join(run, run.c.id == interface.c.run_id))
        .where(~exists().where(is_later).correlate(interface))
    )


def audits() -> Select[Any]:
    """Return what each comparison of two ways of finding pages gave."""
    return select(
        audit.c.source,
        audit.c.named_by,
        audit.c.missed_by,
        audit.c.pages,
        audit.c.examples,
        run.c.uid.label("run"),
    ).select_from(audit.join(run, run.c.id == audit.c.run_id))
