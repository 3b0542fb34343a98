"""The revisit plan: when a URL that earlier runs captured is asked for again, and why; a pure function of its history.

What has stood unchanged for some time is asked again when half as long has passed once more: a post of an hour
after half an hour, one of ten years every `longest`. What is new or has changed is young again. Nothing is never asked.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from umecrawl.config import Revisit
from umecrawl.model.history import History, State

# Of the time that a page has stood as it is, this much passes until it is asked again.
_SHARE: Final = 0.5
# A page found in the first run of its source with no date in its address is taken to be as old as this.
_PRESUMED_AGE: Final = timedelta(days=7)
# A removal counts when captures of so many days show it (`umecrawl.index.walk`).
_CONFIRMING_DAYS: Final = 3
# A payload that differed at three quarters of the checks, three at least, differs always: that says nothing.
_FEW_CHECKS: Final = 3
_RESTLESS: Final = 0.75
# How much longer a hint has to wait for each that turned out empty, beyond the first two.
_DOUBT: Final = 4
_FORGIVEN: Final = 2
_SHORTEST_DOUBT: Final = timedelta(minutes=1)
# After so many 304s in a row, or so many `longest`, the whole answer is asked for.
_MOST_CONFIRMED: Final = 9
_OLDEST_WHOLE: Final = 3
_DATE: Final = re.compile(r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>[01]\d)(?:[/-](?P<day>[0-3]\d))?(?=[/-])")


class Role(StrEnum):
    """What a URL is to the crawl: where news is looked for, something with a text of its own, or a part of it."""

    SOURCE = "source"  # a seed, a feed, a sitemap, an answer of an API
    PAGE = "page"  # a post, a listing, a document, a followed article
    REQUISITE = "requisite"


class Why(StrEnum):
    """Why a URL is due when it is."""

    NEVER_SEEN = "no earlier run got an answer"
    EVERY_RUN = "news is looked for here in every run"
    FAILED = "the last answer was an error"
    HOST_FAILED = "its host could not be asked"
    CONFIRM = "it was missing, which several days have to confirm"
    BACK = "it is missing, and may come back"
    YOUNG = "it is new, or has changed"
    STEADY = "it has stood unchanged for some time"
    RESTLESS = "it differs every time, so its age counts"
    REQUISITE = "requisites are asked for now and then"
    HINT = "something says that it has changed"


@dataclass(frozen=True, slots=True)
class Due:
    """When a URL is due and why; `at` may lie in the past."""

    at: datetime
    why: Why


def due_at(history: History, url: str, role: Role, plan: Revisit, *, hint: datetime | None = None) -> Due:
    """Return when a URL with this history is due.

    `hint` is the time from which something says that the URL has changed (a date of modification, another text seen on
    a listing). It brings the visit forward when it is later than the last check; where hints have turned out empty,
    more time has to pass before the next one is believed.
    """
    planned = _planned(history, url, role, plan)
    if hint is None or hint <= history.last_checked:
        return planned
    trusted = history.last_checked + _doubt(history, url, plan)
    return Due(trusted, Why.HINT) if trusted < planned.at else planned


def host_due_at(robots: History, plan: Revisit) -> Due:
    """Return when something is due that no run got from a host of which this is the history of its robots.txt.

    A host that cannot be had, and that only lends its images and scripts, is not asked for them in every run.
    """
    if robots.state is not State.FAILING:
        return Due(robots.first_seen, Why.NEVER_SEEN)
    return Due(robots.last_checked + _pause(robots.last_checked - robots.since, plan), Why.HOST_FAILED)


def is_unconditional(history: History, plan: Revisit) -> bool:
    """Return whether the whole answer is asked for although a validator is known.

    A server that answers 304 to everything would otherwise hide every change.
    """
    if history.whole_at is None or history.confirmed >= _MOST_CONFIRMED:
        return True
    return history.last_checked - history.whole_at >= _OLDEST_WHOLE * plan.longest


def _planned(history: History, url: str, role: Role, plan: Revisit) -> Due:
    last = history.last_checked
    if role is Role.SOURCE:
        return Due(last, Why.EVERY_RUN)
    if history.state is State.FAILING:
        return Due(last + min(plan.longest, _SHARE * (last - history.since)), Why.FAILED)
    missing = history.state in {State.GONE, State.ELSEWHERE}
    if missing and history.was_there:
        if history.gone_days < _CONFIRMING_DAYS:
            return Due(_next_day(last), Why.CONFIRM)
        return Due(last + _pause(last - history.since, plan), Why.BACK)
    if role is Role.REQUISITE:
        return Due(last + plan.requisites, Why.REQUISITE)
    reference, why = _reference(history, url)
    return Due(last + _pause(last - reference, plan), Why.BACK if missing else why)


def _reference(history: History, url: str) -> tuple[datetime, Why]:
    """Return from when on a page has been what it is."""
    born = _born(history, url)
    if history.compared >= _FEW_CHECKS and history.changed >= _RESTLESS * history.compared:
        return born, Why.RESTLESS
    # What differs from what was there first is as old as that; what never did is as old as the page.
    if history.since > history.first_seen:
        return history.since, Why.YOUNG if history.last_checked - history.since < _PRESUMED_AGE else Why.STEADY
    return born, Why.YOUNG if history.last_checked - born < _PRESUMED_AGE else Why.STEADY


def _born(history: History, url: str) -> datetime:
    """Return when a page began, as far as can be told: by the date in its address, or when it was first seen."""
    seen = history.first_seen
    if match := _DATE.search(url):
        year, month, day = (int(match[part] or 1) for part in ("year", "month", "day"))
        try:
            return min(seen, datetime(year, month, day, tzinfo=UTC))
        except ValueError:
            pass
    return seen - _PRESUMED_AGE if history.from_start else seen


def _pause(age: timedelta, plan: Revisit) -> timedelta:
    return min(max(_SHARE * age, plan.shortest), plan.longest)


def _next_day(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _doubt(history: History, url: str, plan: Revisit) -> timedelta:
    """Return how long after the last check a hint is not believed: each empty one within `longest` makes it longer."""
    empty = _early_checks(history, url, plan) - _FORGIVEN
    if empty <= 0:
        return timedelta(0)
    return min(plan.longest, max(plan.shortest, _SHORTEST_DOUBT) * float(_DOUBT) ** empty)


def _early_checks(history: History, url: str, plan: Revisit) -> int:
    """Count the latest checks that came before the plan wanted them and brought nothing new."""
    restless = _reference(history, url)[1] is Why.RESTLESS
    since = _born(history, url) if restless else history.since
    checks: Sequence[datetime] = [at for at in history.checks if at >= since]
    begin = _reference(history, url)[0]
    recent = history.last_checked - plan.longest
    return sum(
        1 for before, at in itertools.pairwise(checks) if at > recent and at - before < _pause(before - begin, plan)
    )
