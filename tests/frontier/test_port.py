"""What every `Frontier` of model.ports has to do, run on each that there is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from frontiers import configuration

from umecrawl.frontier.queue import HostFrontier
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.ports import Frontier
from umecrawl.model.urls import Url

NOW = datetime(2024, 3, 1, tzinfo=UTC)
SEED = Url("https://blog.example/")


def host_frontier() -> Frontier:
    """Return the frontier that keeps candidates by host."""
    config = configuration()
    return HostFrontier(config, config.sources, run="r", clock=lambda: NOW, on_skip=lambda _: None)


@pytest.fixture(params=[host_frontier])
def frontier(request: pytest.FixtureRequest) -> Frontier:
    """Return a fresh, empty frontier."""
    make: Callable[[], Frontier] = request.param
    return make()


def link(path):
    """Return a candidate of the blog."""
    return CrawlUrl(Url(SEED + path), SEED, "blog", SEED, "L")


def test_an_empty_frontier_has_nothing(frontier):
    """Nothing was offered, nothing comes."""
    assert frontier.next(NOW) is None


def test_what_is_taken_comes_out(frontier):
    """A taken candidate is the reason for what comes next, even if robots.txt comes before it."""
    candidate = CrawlUrl(SEED, SEED, "blog")
    assert frontier.offer(candidate).taken
    handed = frontier.next(NOW)
    assert handed is not None
    assert handed == candidate or handed.via == candidate.url


def test_the_same_url_is_taken_once(frontier):
    """Another spelling of a URL that was taken is the same URL."""
    assert frontier.offer(link("a?x=1&y=2")).taken
    again = frontier.offer(link("a?y=2&x=1"))
    assert (again.taken, bool(again.rule), bool(again.reason)) == (False, True, True)


def test_what_is_left_names_its_rule_and_never_comes_out(frontier):
    """A URL out of scope is decided on, and that is all."""
    decision = frontier.offer(CrawlUrl(Url("https://other.example/"), SEED, "blog", SEED, "L"))
    assert not decision.taken
    assert decision.rule
    assert decision.reason
    assert frontier.next(NOW + timedelta(days=1)) is None


def test_what_is_abandoned_comes_out_again(frontier):
    """A candidate that was handed out and not fetched is still owed."""
    frontier.offer(CrawlUrl(SEED, SEED, "blog"))
    handed = frontier.next(NOW)
    frontier.abandon(handed)
    assert frontier.next(NOW + timedelta(days=1)) == handed


def test_waiting_ends_with_a_candidate(frontier):
    """When the time that `wait` names is over, `next` has something."""
    frontier.offer(CrawlUrl(SEED, SEED, "blog"))
    pause = frontier.wait(NOW)
    assert pause is not None
    assert frontier.next(NOW + pause) is not None


def test_nothing_is_waited_for_where_nothing_is_queued(frontier):
    """An empty frontier names no time: only what is offered can change that."""
    assert frontier.wait(NOW) is None
