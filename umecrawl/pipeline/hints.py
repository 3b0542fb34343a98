"""Hints in what a feed, sitemap or API names: times of change that moved since it was last read."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from umecrawl.model.crawl import Outlink
from umecrawl.model.urls import Url


def moved_on(now: Iterable[Outlink], before: Iterable[Outlink], at: datetime) -> tuple[Outlink, ...]:
    """Return links with the time of change that counts as a hint: `at` where what is told moved since the last reading.

    Clocks of sites are wrong, and an edit may be dated back to before the last capture; that the time told is another
    than before says that something was changed all the same. A time that moved back does not count.
    """
    told: dict[Url, datetime] = {}
    for link in before:
        if link.modified is not None and (link.url not in told or told[link.url] < link.modified):
            told[link.url] = link.modified
    return tuple(_hinted(link, told.get(link.url), at) for link in now)


def _hinted(link: Outlink, before: datetime | None, at: datetime) -> Outlink:
    if link.modified is None or before is None or link.modified <= before:
        return link
    return replace(link, modified=max(link.modified, at))
