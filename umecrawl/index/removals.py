"""How articles went: the chain of evidence from the last good capture to what came after, each step with its capture.

An article that left every sitemap that named it, and was not asked for since, is missing, though its own page says
nothing yet.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from umecrawl.index.departures import KINDS, Departure, Span, departures
from umecrawl.index.numbering import chunks
from umecrawl.index.removal_tables import removal, removal_step
from umecrawl.index.schema import resource
from umecrawl.index.seen import Seen

CONFIRMING_DAYS: Final = 3
_MOST_CONFIRMATIONS: Final = 10


@dataclass(slots=True)
class Absence:
    """One time an article went: the last capture that showed it, those that show it gone or moved, and the first after.

    `moved_to` is set where its address redirects to another article.
    """

    last: Seen
    gone: list[Seen]
    moved_to: str | None = None
    back: Seen | None = None

    def first_of_days(self) -> Iterator[Seen]:
        """Yield of the captures that show it gone the first of each day (UTC)."""
        days = set()
        for one in self.gone:
            if one.at.date() not in days:
                days.add(one.at.date())
                yield one


@dataclass(frozen=True, slots=True)
class Life:
    """What its own page tells of an article: the last capture that shows it, and each time it went."""

    article: int
    last: Seen | None
    absences: Sequence[Absence]


def forget(connection: Connection, articles: Sequence[int]) -> None:
    """Remove what is known of how these articles went."""
    for table in (removal_step, removal):
        connection.execute(delete(table).where(table.c.article_id.in_(articles)))


def put(connection: Connection, lives: Sequence[Life]) -> None:
    """Write the chains of those articles that went."""
    left = departures(connection, _spans(lives))
    names = _urls(connection, {one.list_id for some in left.values() for one in some})
    rows, steps = [], []
    for life in lives:
        chain = [*_steps(life, left.get(life.article, ()), names)]
        if chain:
            rows.append(_row(life, left.get(life.article, ())))
            steps += [{"article_id": life.article, "number": number, **one} for number, one in enumerate(chain)]
    if rows:
        connection.execute(insert(removal), rows)
        connection.execute(insert(removal_step), steps)


def _steps(life: Life, left: Sequence[Departure], names: dict[int, str]) -> Iterator[dict[str, Any]]:
    """Yield the steps of all absences in the order of time; the lists that were left belong to the last one."""
    absences = list(life.absences)
    for number, absence in enumerate(absences):
        known = number > 0 and absences[number - 1].last == absence.last
        found = [] if known else [_step("last-good", absence.last, "shows the article")]
        if number == len(absences) - 1:
            found += [_left_step(one, names) for one in left]
        days = list(absence.first_of_days())
        for day, one in enumerate(days[:_MOST_CONFIRMATIONS]):
            name = "moved" if absence.moved_to else "gone" if not day else "still-gone"
            if day == CONFIRMING_DAYS - 1 and not absence.moved_to:
                name = "confirmed"
            found.append(_step(name, one, one.gone or f"redirects to {absence.moved_to}"))
        if absence.back is not None:
            found.append(_step("restored", absence.back, "shows the article again"))
        yield from sorted(found, key=lambda one: one["at"])
    if left and not absences and life.last is not None:
        yield _step("last-good", life.last, "shows the article")
        yield from (_left_step(one, names) for one in left)


def _step(name: str, seen: Seen, detail: str) -> dict[str, Any]:
    return {"step": name, "at": seen.at, "capture": seen.uid, "list_id": None, "detail": detail}


def _left_step(one: Departure, names: dict[int, str]) -> dict[str, Any]:
    others = f", nor do {one.count - 1} others" if one.count > 1 else ""
    detail = f"{names[one.list_id]} no longer names it{others}"
    return {"step": f"left-{one.kind}", "at": one.at, "capture": one.uid, "list_id": one.list_id, "detail": detail}


def _spans(lives: Sequence[Life]) -> list[Span]:
    """Return the time in which each article went for the last time."""
    spans = []
    for life in lives:
        last = life.absences[-1] if life.absences else None
        good = last.last if last else life.last
        if good is not None:
            back = last.back.at if last and last.back else None
            spans.append(Span(life.article, good.at, back, last.gone[0].at if last else None))
    return spans


def _row(life: Life, left: Sequence[Departure]) -> dict[str, Any]:
    last = life.absences[-1] if life.absences else None
    good = last.last if last else life.last
    assert good is not None
    days = list(last.first_of_days()) if last else []
    confirmed = days[CONFIRMING_DAYS - 1] if len(days) >= CONFIRMING_DAYS else None
    left_at = min((one.at for one in left), default=None)
    if last is None:
        state, since = "missing", left_at
    elif last.back is not None:
        state, since = "restored", last.back.at
    elif last.moved_to is not None:
        state, since = "moved", last.gone[0].at
    elif confirmed is not None:
        state, since = "gone", confirmed.at
    else:
        state, since = "missing", last.gone[0].at
    return {
        "article_id": life.article,
        "state": state,
        "since": since,
        "version": good.version.uid if good.version else None,
        "last_good_at": good.at,
        "last_good": good.uid,
        "left_at": left_at,
        "left_lists": json.dumps([kind for kind in KINDS if any(one.kind == kind for one in left)]),
        "gone_at": last.gone[0].at if last else None,
        "gone": last.gone[0].uid if last else None,
        "reason": (last.gone[0].gone or f"redirects to {last.moved_to}") if last else None,
        "days": len(days),
        "confirmed_at": confirmed.at if confirmed else None,
        "last_gone_at": last.gone[-1].at if last else None,
        "restored_at": last.back.at if last and last.back else None,
        "restored": last.back.uid if last and last.back else None,
        "moved_to": last.moved_to if last else None,
    }


def _urls(connection: Connection, numbers: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for chunk in chunks(numbers):
        rows = connection.execute(select(resource.c.id, resource.c.url).where(resource.c.id.in_(chunk)))
        found.update((row.id, row.url) for row in rows)
    return found
