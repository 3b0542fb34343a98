"""The statements of those views that tell how articles went: the state of each, and the steps of its evidence."""

from typing import Any

from sqlalchemy import Select, select

from umecrawl.index.functions import rfc3339
from umecrawl.index.removal_tables import removal, removal_step
from umecrawl.index.schema import resource, site, version

_article = resource.alias("article")
_list = resource.alias("list")


def removals() -> Select[Any]:
    """Return the statement of the view `removals`."""
    return select(
        _article.c.url,
        site.c.host.label("site"),
        version.c.title,
        removal.c.state,
        rfc3339(removal.c.since).label("since"),
        removal.c.version,
        rfc3339(removal.c.last_good_at).label("last_good_at"),
        removal.c.last_good.label("last_good_capture"),
        rfc3339(removal.c.left_at).label("left_lists_at"),
        removal.c.left_lists,
        rfc3339(removal.c.gone_at).label("gone_at"),
        removal.c.gone.label("gone_capture"),
        removal.c.reason,
        removal.c.days,
        rfc3339(removal.c.confirmed_at).label("confirmed_at"),
        rfc3339(removal.c.last_gone_at).label("last_gone_at"),
        rfc3339(removal.c.restored_at).label("restored_at"),
        removal.c.restored.label("restored_capture"),
        removal.c.moved_to,
    ).select_from(
        removal.join(_article, _article.c.id == removal.c.article_id)
        .join(site, site.c.id == _article.c.site_id)
        .outerjoin(version, version.c.uid == removal.c.version)
    )


def removal_steps() -> Select[Any]:
    """Return the statement of the view `removal_steps`."""
    return select(
        _article.c.url,
        site.c.host.label("site"),
        removal_step.c.number,
        removal_step.c.step,
        rfc3339(removal_step.c.at).label("at"),
        removal_step.c.capture,
        _list.c.url.label("list"),
        removal_step.c.detail,
    ).select_from(
        removal_step.join(_article, _article.c.id == removal_step.c.article_id)
        .join(site, site.c.id == _article.c.site_id)
        .outerjoin(_list, _list.c.id == removal_step.c.list_id)
    )
