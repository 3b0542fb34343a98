"""The walk through the captures of one article in time order: what each shows that the one before did not.

Each shows a version, or that the page is gone or moved. What follows depends on rows alone and not on the order in
which files arrived.

A removal is noted at its first sighting and confirmed once captures of `CONFIRMING_DAYS` different days (UTC) say
so with none between that shows the article: a 404 now and then is normal. An edit is a *stealth edit* where the page,
a feed or an API tells when it was last changed, that time did not move, and no notice was added to the text; where
nothing ever tells a time of change, nobody can say that it stood still, and the edit is an `edit` that was not
announced. A pair of versions that alternates is told once for each direction.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from umecrawl.index.diff import Difference
from umecrawl.index.edits import edit_of_headline
from umecrawl.index.removals import CONFIRMING_DAYS, Absence
from umecrawl.index.seen import Bodies, Seen, Shown, Told

_DAY: Final = 10  # characters of a bare date
_MOST_EVIDENCE: Final = 10
_WALLS: Final = {"no": 0, "soft": 1, "hard": 2, "password": 3}
_ALIKE: Final = 0.5
_LONGEST_TOLD: Final = 60  # characters of words that the summary of an edit repeats
# What WordPress puts before the title of a post that asks for a password.
_PROTECTED: Final = re.compile(r"^(?:Skyddad|Skyddat|Lösenordsskyddad|Protected):\s*", re.IGNORECASE)


@dataclass(slots=True)
class Walk:
    """Where the walk through the captures of one article stands."""

    article: int
    key: str
    told: Sequence[Told]
    last: Seen | None = None
    whole: Seen | None = None
    access: str | None = None
    removal: dict[str, Any] | None = None
    absences: list[Absence] = field(default_factory=list)
    steps: set[tuple[str, str, str]] = field(default_factory=set)
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def absence(self) -> Absence | None:
        """The time it went that it has not come back from."""
        return self.absences[-1] if self.absences and self.absences[-1].back is None else None

    def first_time(self, what: str, old: str, new: str) -> bool:
        """Return whether this step from one state to another was not told before; texts and headlines may alternate."""
        step = (what, old, new)
        if step in self.steps:
            return False
        self.steps.add(step)
        return True

    def row(self, kind: str, now: Seen, evidence: Sequence[Seen], summary: str, **values: Any) -> dict[str, Any]:
        """Note a change that `now` is the first to show; it is one of the version of `old`, the last by default."""
        before = values.pop("old", self.last)
        old = before.version if before else None
        new = values.pop("new", now.version)
        ids = [one.uid for one in evidence]
        parts = (self.key, kind, old.uid if old else "", new.uid if new else "", now.uid)
        row = {
            "uid": hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32],
            "article_id": self.article,
            "kind": kind,
            "at": now.at,
            "run_id": now.run,
            "from_version": old.uid if old else None,
            "to_version": new.uid if new else None,
            "summary": summary,
            "words_added": None,
            "words_removed": None,
            "similarity": None,
            "classes": "[]",
            "announced": None,
            "confirmed": True,
            "evidence": json.dumps(ids),
            **values,
        }
        self.rows.append(row)
        return row


def walked(walk: Walk, seen: Sequence[Seen], places: Mapping[int, tuple[str, Shown | None]], bodies: Bodies) -> Walk:
    """Return a walk once it has gone through all that was seen of its article; `places` are what redirects lead to."""
    for one in sorted(seen, key=lambda one: (one.at, one.uid)):
        _step(walk, one, places, bodies)
    _confirm(walk)
    return walk


def _step(walk: Walk, now: Seen, places: Mapping[int, tuple[str, Shown | None]], bodies: Bodies) -> None:
    if now.version is not None:
        _shown(walk, now, now.version, bodies)
    elif walk.last is None or walk.last.version is None:
        return  # whatever is missing here was never seen
    elif now.target is not None:
        url, there = places.get(now.target, ("", None))
        if there is None:
            _lost(walk, replace(now, gone=f"redirects to {url}, which is no article"))
        else:
            _moved(walk, now, url, there)
    else:
        _lost(walk, now)


def _lost(walk: Walk, now: Seen) -> None:
    assert walk.last is not None
    if walk.absence is not None and walk.absence.moved_to is None:
        walk.absence.gone.append(now)
        return
    walk.absences.append(Absence(walk.last, [now]))
    since = f"{now.gone}; last seen {_minute(walk.last.at)}"
    walk.removal = walk.row("removal", now, (walk.last, now), since, confirmed=False, new=None)


def _moved(walk: Walk, now: Seen, url: str, there: Shown) -> None:
    assert walk.last is not None
    if walk.absence is not None and walk.absence.moved_to is not None:
        walk.absence.gone.append(now)
        return
    _confirm(walk)
    walk.absences.append(Absence(walk.last, [now], moved_to=url))
    walk.row("moved", now, (walk.last, now), f"redirects to {url}", new=there)


def _shown(walk: Walk, now: Seen, new: Shown, bodies: Bodies) -> None:
    absence = walk.absence
    if absence is not None and absence.moved_to is None:
        was = f"is back: was gone on {_minute(absence.gone[0].at)}"
        walk.row("restoration", now, (absence.gone[-1], now), was)
    elif absence is not None:
        walk.row("restoration", now, (absence.gone[-1], now), "is back at its old address")
    _confirm(walk)
    if absence is not None:
        absence.back = now
    if walk.last is not None:
        _wall(walk, walk.last, now)
        # What reappears from behind a wall is compared with what was there before it closed.
        before = walk.whole if walk.last.is_cut and not now.is_cut and walk.whole else walk.last
        if before.version != new:
            _headline(walk, before, now)
            _edited(walk, before, now, bodies)
    walk.access = _access(now) or walk.access
    walk.last = now
    if not now.is_cut:
        walk.whole = now


def _wall(walk: Walk, last: Seen, now: Seen) -> None:
    """Note that a paywall closed or opened, once for each of its states: some count what a reader has read."""
    was, is_now = walk.access, _access(now)
    if was is None or is_now is None or was == is_now or not walk.first_time("paywall", was, is_now):
        return
    closed = _WALLS.get(is_now, 0) > _WALLS.get(was, 0)
    walk.row(
        "paywall",
        now,
        (last, now),
        f"paywall was {was}, is {is_now}",
        classes=json.dumps(["paywall-closed" if closed else "paywall-opened"]),
    )


def _access(one: Seen) -> str | None:
    """Return behind which wall a text stands; a password's is none that money opens."""
    return "password" if one.is_cut and one.paywall == "no" else one.paywall


def _headline(walk: Walk, before: Seen, now: Seen) -> None:
    assert before.version is not None
    assert now.version is not None
    old, new = before.version.title, now.version.title
    if now.is_cut or before.is_cut:
        old, new = _PROTECTED.sub("", old), _PROTECTED.sub("", new)
    edit = edit_of_headline(old, new)
    if not edit.difference.changed or not walk.first_time("headline", old, new):
        return
    walk.row(
        "headline",
        now,
        (before, now),
        f"“{old}” became “{new}”",
        old=before,
        words_added=edit.difference.words_added,
        words_removed=edit.difference.words_removed,
        similarity=round(edit.difference.similarity, 4),
        classes=json.dumps([one.value for one in edit.classes]),
        announced="modified" if _moved_on(walk.told, before, now) else None,
    )


def _edited(walk: Walk, before: Seen, now: Seen, bodies: Bodies) -> None:
    old, new = before.version, now.version
    assert old is not None
    assert new is not None
    if old.text_id == new.text_id or not walk.first_time("text", str(old.text_id), str(new.text_id)):
        return
    cut = before.is_cut != now.is_cut
    edit = bodies.edit_of_opening(old, new) if cut else bodies.edit(old, new)
    difference = edit.difference
    # A teaser in words of its own says nothing of the text behind the wall.
    if not difference.changed or edit.is_noise or (cut and difference.similarity < _ALIKE):
        return
    modified = _moved_on(walk.told, before, now)
    announced = "notice" if edit.has_notice else "modified" if modified else None
    walk.row(
        "stealth-edit" if announced is None and modified is False else "edit",
        now,
        (before, now),
        _words(difference),
        old=before,
        words_added=difference.words_added,
        words_removed=difference.words_removed,
        similarity=round(difference.similarity, 4),
        classes=json.dumps([one.value for one in edit.classes]),
        announced=announced,
    )


def _words(difference: Difference) -> str:
    added = difference.words_added
    moved = f", {difference.words_moved} moved" if difference.words_moved else ""
    counts = f"{added} word{'' if added == 1 else 's'} added, {difference.words_removed} removed{moved}"
    if len(difference.hunks) != 1 or moved:
        return counts
    went, came = (" ".join(one.split()) for one in (difference.hunks[0].removed, difference.hunks[0].added))
    if max(len(went), len(came)) > _LONGEST_TOLD:
        return counts
    return f"{counts}: " + (f"“{went}” became “{came}”" if went and came else f"“{came or went}”")


def _moved_on(told: Sequence[Told], last: Seen, now: Seen) -> bool | None:
    """Return whether the time of change that pages tell moved between two captures; None where none is told.

    What a listing or an API told in the run of the second capture counts even if it was asked a little later.
    """
    before = [one.modified for one in told if one.at <= last.at or one.run == last.run]
    after = [one.modified for one in told if one.run == now.run or last.at < one.at <= now.at]
    if not before or not after:
        return None
    old, new = max(before), max(after)
    if _DAY not in {len(old), len(new)}:
        return new > old
    old, new = old[:_DAY], new[:_DAY]
    # On the very day of the capture before, a day may have been written anew and look the same.
    return None if new == old and new >= last.at.date().isoformat() else new > old


def _confirm(walk: Walk) -> None:
    """Give a removal its evidence and whether it is confirmed; the walk goes on as if nothing was missing."""
    if walk.removal is not None and walk.absence is not None:
        days = list(walk.absence.first_of_days())
        walk.removal["confirmed"] = len(days) >= CONFIRMING_DAYS
        walk.removal["evidence"] = json.dumps([walk.absence.last.uid, *(one.uid for one in days[:_MOST_EVIDENCE])])
    walk.removal = None


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
