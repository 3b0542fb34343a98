"""What a run does when its frontier is empty: it waits for its index, follows leads, and ends."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from umecrawl.errors import ServiceError
from umecrawl.model.history import Lead
from umecrawl.model.urls import Url
from umecrawl.pipeline import leads as module
from umecrawl.pipeline.leads import LeadSeeker

NOW = datetime(2026, 3, 1, tzinfo=UTC)
A, B = Url("https://blog.example/a"), Url("https://blog.example/b")


@dataclass
class Follower:
    """A follower that catches up after so many looks, or dies."""

    looks: int = 2
    is_alive: bool = True
    asked: int = 0

    def ask_to_catch_up(self):
        """Count the question."""
        self.asked += 1

    @property
    def has_caught_up(self):
        """Answer after some looks."""
        self.looks -= 1
        return self.looks < 0 and self.is_alive


@dataclass
class Session:
    """A session whose frontier takes each lead once; each that it takes is a request more."""

    not_due: int = 1
    known: set = field(default_factory=lambda: {A, B})
    departed: list = field(default_factory=list)
    tally: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(requests=1))

    def __post_init__(self):
        self.frontier = self
        self.discovery = self
        self.sources = [SimpleNamespace(revisit=SimpleNamespace(longest=timedelta(days=30)))]
        self.run = SimpleNamespace(started_at=NOW)
        self.taken = []

    async def more(self):
        """Know of nothing else."""
        return False

    def departures(self):
        """Tell what left a list."""
        return [SimpleNamespace(url=url, place=A) for url in self.departed]

    def lead(self, url, at):
        """Take what was not taken."""
        if url not in self.known:
            return False
        self.known.discard(url)
        self.taken.append(url)
        self.tally.requests += 1
        return True


@pytest.fixture
def told(monkeypatch):
    """Return the leads that the index knows; a test may change them."""
    found = [Lead(B, NOW, "a feed shows another text")]
    monkeypatch.setattr(LeadSeeker, "_leads", lambda _self: list(found))
    monkeypatch.setattr(module, "_PAUSE", 0)
    return found


def rounds(session, follower, stopped=lambda: False):
    """Ask until there is nothing more, and return how often there was something."""
    seeker = LeadSeeker(session, follower, "sqlite:///none", stopped)

    async def ask():
        count = 0
        while await seeker.more():
            count += 1
        return count

    return asyncio.run(ask())


def test_what_left_a_list_is_followed_and_then_what_differs(told):
    """One round each, and one that finds nothing new."""
    session = Session(departed=[A])
    assert rounds(session, Follower()) == 2
    assert session.taken == [A, B]


def test_no_lead_is_followed_twice_though_it_is_told_each_time(told):
    """The frontier takes it once, so the rounds end."""
    session = Session()
    follower = Follower()
    assert rounds(session, follower) == 1
    assert follower.asked == 2


def test_rounds_are_bounded(told):
    """A site that shows something else after each answer does not keep the run going."""
    session = Session(known={Url(f"https://blog.example/{n}") for n in range(100)})
    pages = sorted(session.known)
    told[:] = [Lead(page, NOW, "another text") for page in pages[:1]]
    session.lead = lambda _url, _at: bool(setattr(session.tally, "requests", session.tally.requests + 1)) or True
    assert rounds(session, Follower()) == 10


def test_without_a_follower_the_index_is_not_asked(told):
    """What left a list is followed all the same."""
    session = Session(departed=[A])
    assert rounds(session, None) == 1
    assert session.taken == [A]


def test_a_follower_that_dies_ends_the_wait(told):
    """The next run that indexes finds the leads."""
    session = Session()
    assert rounds(session, Follower(looks=10**9, is_alive=False)) == 0


def test_a_stop_ends_the_wait(told):
    """Ctrl-C while the index is waited for."""
    answers = iter([False, False, True])
    assert rounds(Session(), Follower(looks=10**9), lambda: next(answers)) == 0


def test_a_run_in_which_nothing_rests_looks_for_no_leads(told):
    """A first or full run asks for everything anyway, and does not wait for its index."""
    follower = Follower()
    assert rounds(Session(not_due=0, departed=[A]), follower) == 0
    assert follower.asked == 0


def test_a_database_that_fails_costs_the_leads_and_nothing_else(told, monkeypatch):
    """The run ends as it would."""

    def fails(_self):
        raise ServiceError("the database is away", hint="Start it.")

    monkeypatch.setattr(LeadSeeker, "_leads", fails)
    assert rounds(Session(), Follower()) == 0
