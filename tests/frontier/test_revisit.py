"""The revisit plan: often while young, ever more rarely later, never never; and what brings a visit forward."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.config import Revisit
from umecrawl.frontier.revisit import Role, Why, due_at, is_unconditional
from umecrawl.model.history import History, State

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAN = Revisit()
URL = "https://blog.example/en-sida/"


def history(*checks, state=State.THERE, since=None, **more):
    """Return the history of a URL checked at these times, unchanged since the first unless told otherwise."""
    values = {"was_there": True, "compared": len(checks) - 1} | more
    return History(first_seen=checks[0], since=since or checks[0], checks=checks, state=state, **values)


def visits(days, *, url=URL, plan=PLAN, **more):
    """Return when a page that never changes is asked for, by a crawl that runs every hour."""
    checks = [T0]
    now = T0
    while now < T0 + days * DAY:
        now += HOUR
        if due_at(history(*checks, **more), url, Role.PAGE, plan).at <= now:
            checks.append(now)
    return checks


def test_a_new_post_is_asked_for_often_and_then_ever_more_rarely():
    """Within a day every few hours, in its first month some twenty times, at last every thirty days."""
    times = visits(400)
    pauses = [later - sooner for sooner, later in pairwise(times)]
    assert pauses[0] == HOUR
    assert sum(1 for at in times if at <= T0 + DAY) in range(6, 12)
    assert sum(1 for at in times if at <= T0 + 30 * DAY) in range(12, 25)
    assert pauses == sorted(pauses)
    assert pauses[-1] == PLAN.longest


def test_an_old_post_by_the_date_in_its_address_is_asked_for_once_a_month():
    """Its first capture is no sign of youth."""
    found = history(T0)
    for url in ("https://blog.example/2015/02/03/rubrik/", "https://paper.example/2015-02-03/nyhet"):
        assert due_at(found, url, Role.PAGE, PLAN).at == T0 + 30 * DAY
    assert due_at(found, "https://blog.example/2026/02/19/rubrik/", Role.PAGE, PLAN).at == T0 + 10.5 * DAY / 2


def test_what_was_there_when_the_crawl_of_a_source_began_is_presumed_a_week_old():
    """A first run that finds ten thousand pages does not ask for all of them again within the hour."""
    assert due_at(history(T0, from_start=True), URL, Role.PAGE, PLAN).at == T0 + 3.5 * DAY
    assert due_at(history(T0), URL, Role.PAGE, PLAN).at == T0 + HOUR


def test_a_change_makes_a_page_young_again():
    """It is asked for within the hour, whatever its age."""
    old = "https://blog.example/2015/02/03/rubrik/"
    changed = history(T0, T0 + 30 * DAY, since=T0 + 30 * DAY, compared=1, changed=1)
    due = due_at(changed, old, Role.PAGE, PLAN)
    assert (due.at, due.why) == (T0 + 30 * DAY + HOUR, Why.YOUNG)


def test_a_page_that_differs_every_time_is_planned_by_its_age():
    """A token in each answer must not make it a page that always changes."""
    checks = tuple(T0 + n * DAY for n in range(5))
    due = due_at(history(*checks, since=checks[-1], compared=4, changed=4), URL, Role.PAGE, PLAN)
    assert (due.at, due.why) == (checks[-1] + 2 * DAY, Why.RESTLESS)


def test_where_news_is_looked_for_is_asked_in_every_run():
    """Seeds, feeds, sitemaps and API answers have no pause."""
    assert due_at(history(T0), URL, Role.SOURCE, PLAN).at == T0


def test_requisites_have_a_pause_of_their_own():
    """Changed or not."""
    plan = Revisit(requisites=9 * DAY)
    assert due_at(history(T0, since=T0), URL, Role.REQUISITE, plan).at == T0 + 9 * DAY


def test_a_failed_fetch_is_due_in_the_next_run_and_ever_more_rarely_after_many():
    """What can be had is had soon; a page that has been broken for a month is not asked for in every run."""
    broken = history(T0, state=State.FAILING, was_there=False)
    assert due_at(broken, URL, Role.PAGE, PLAN).at == T0
    long = history(T0, T0 + 20 * DAY, state=State.FAILING, was_there=False)
    assert due_at(long, URL, Role.PAGE, PLAN).at == T0 + 30 * DAY


@pytest.mark.parametrize("state", [State.GONE, State.ELSEWHERE])
def test_a_missing_page_is_asked_for_on_each_of_three_days_and_later_whether_it_is_back(state):
    """The days are those of the index, which count in UTC, so a daily run that starts a little earlier counts too."""
    gone = history(T0, T0 + 10 * DAY, state=state, since=T0 + 10 * DAY, gone_days=1)
    due = due_at(gone, URL, Role.PAGE, PLAN)
    assert (due.at, due.why) == (datetime(2026, 3, 12, tzinfo=UTC), Why.CONFIRM)
    sure = history(T0, T0 + 12 * DAY, state=state, since=T0 + 10 * DAY, gone_days=3)
    due = due_at(sure, URL, Role.PAGE, PLAN)
    assert (due.at, due.why) == (T0 + 13 * DAY, Why.BACK)
    years = history(T0, T0 + 900 * DAY, state=state, since=T0 + 10 * DAY, gone_days=40)
    assert due_at(years, URL, Role.PAGE, PLAN).at == T0 + 930 * DAY


def test_a_dead_link_needs_no_confirmation():
    """A URL that never led anywhere is no removal."""
    dead = history(T0, state=State.GONE, was_there=False, gone_days=1)
    assert due_at(dead, URL, Role.PAGE, PLAN).at == T0 + HOUR


def test_a_hint_brings_a_visit_forward_unless_it_is_older_than_the_last_check():
    """A date of modification that a capture has seen already says nothing."""
    old = history(T0, from_start=True)
    assert due_at(old, URL, Role.PAGE, PLAN, hint=T0 + HOUR).why is Why.HINT
    assert due_at(old, URL, Role.PAGE, PLAN, hint=T0 + HOUR).at == T0
    assert due_at(old, URL, Role.PAGE, PLAN, hint=T0).at == T0 + 3.5 * DAY


def test_a_source_of_hints_that_lies_is_believed_ever_more_rarely():
    """A lastmod that is always now costs a handful of requests in a month, not one for each run."""
    checks = [T0]
    now = T0
    while now < T0 + 29 * DAY:
        now += HOUR
        told = History(T0, T0, tuple(checks[-8:]), State.THERE, was_there=True, from_start=True, compared=len(checks))
        if due_at(told, "https://blog.example/2015/01/01/a/", Role.PAGE, PLAN, hint=now).at <= now:
            checks.append(now)
    assert len(checks) in range(3, 9)


def test_a_server_that_confirms_everything_is_asked_for_the_whole_now_and_then():
    """After nine 304s in a row, or when the last whole answer is three times the longest pause old."""
    assert is_unconditional(history(T0), PLAN)
    whole = {"whole_at": T0}
    assert not is_unconditional(history(T0, **whole), PLAN)
    assert is_unconditional(history(T0, T0 + DAY, confirmed=9, **whole), PLAN)
    assert is_unconditional(history(T0, T0 + 90 * DAY, confirmed=3, **whole), PLAN)


MOMENTS = st.integers(0, 3_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
HISTORIES = st.builds(
    lambda times, **more: history(*sorted(times), since=sorted(times)[len(times) // 2], **more),
    times=st.lists(MOMENTS, min_size=1, max_size=8),
    state=st.sampled_from(State),
    was_there=st.booleans(),
    from_start=st.booleans(),
    compared=st.integers(0, 9),
    changed=st.integers(0, 9),
    gone_days=st.integers(0, 9),
)


@given(
    told=HISTORIES,
    role=st.sampled_from(Role),
    url=st.sampled_from([URL, "https://a.example/2099/13/45/x/", "https://a.example/1901/02/30/x/"]),
    hint=st.none() | MOMENTS,
)
def test_whatever_the_history_a_url_is_due_some_day(told, role, url, hint):
    """No later than the longest pause (or the next day) after the last check, and never before it."""
    due = due_at(told, url, role, PLAN, hint=hint)
    assert told.last_checked <= due.at <= told.last_checked + max(PLAN.longest, DAY, PLAN.requisites)
