"""How articles went: the chain of evidence, its states, and the lists they left."""

import random

import pytest
from archived import article, at, capture, crawl_run, post, put, revisit, table

from umecrawl.index.views import removal_steps, removals
from umecrawl.model.article import Outcome, Quality
from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.urls import Url

SITE = "https://blog.example"
ONE, TWO, THREE = (f"{SITE}/{name}/" for name in ("ett", "tva", "tre"))
SITEMAP, FRONT, FEED, API = f"{SITE}/sitemap.xml", f"{SITE}/", f"{SITE}/feed/", f"{SITE}/wp-json/wp/v2/posts"
TYPES = {FRONT: "text/html", FEED: "application/rss+xml", API: "application/json"}


def run_of(day):
    """Return the id of the run of a day."""
    return f"202403{day + 1:02}060000-aaaa"


class Site:
    """One capture of each page a day, put into an index in any order."""

    def __init__(self, index):
        self.index = index
        self.parts = []
        self.told = 0

    def shows(self, day, *urls):
        """Show articles at these URLs."""
        for url in urls:
            seen = capture(url, url, self._at(day, minutes=30), run=run_of(day))
            self._add(day, seen, (seen, article(post(url, url.split("/")[-2].title(), f"Text om {url}."))))
        return seen.id

    def answers(self, day, url, status, **facts):
        """Answer a status."""
        seen = capture(url, f"{status}", self._at(day, minutes=30), run=run_of(day), status=status, **facts)
        self._add(day, seen)
        return seen.id

    def names(self, day, *urls, sitemap=SITEMAP, mime="application/xml"):
        """Name these URLs in the sitemap."""
        links = tuple(Outlink(Url(url), Hop.MANIFEST) for url in urls)
        seen = capture(sitemap, f"map {urls}", self._at(day), run=run_of(day), mime=mime, outlinks=links)
        self._add(day, seen)
        return seen

    def confirms(self, day, original):
        """Say that the sitemap has not changed."""
        self._add(day, revisit(original, original.url, self._at(day), run=run_of(day), status=304, mime=""))

    def lists(self, day, where, *urls):
        """Show these articles on a list, in this order."""
        seen = capture(where, f"list {urls}", self._at(day), run=run_of(day), mime=TYPES[where])
        shown = [post(url, url.split("/")[-2].title(), "Text om", excerpt=True) for url in urls]
        self._add(day, seen, (seen, article(*shown, outcome=Outcome.LISTING)))
        return seen.id

    def _at(self, day, **later):
        """Return a moment of the day that nothing else happens at."""
        self.told += 1
        return at(days=day, seconds=self.told, **later)

    def _add(self, day, *told):
        self.parts.append((crawl_run(run_of(day)), *told))

    def removals(self, seed=0):
        """Put all of it in some order and return the removals, by URL."""
        random.Random(seed).shuffle(self.parts)
        for part in self.parts:
            put(self.index, *part)
        self.parts = []
        return table(self.index, removals, removals.c.url)

    def steps(self):
        """Return the steps as (step, day, capture)."""
        rows = table(self.index, removal_steps, removal_steps.c.url, removal_steps.c.number)
        return [(row["step"], int(row["at"][8:10]) - 1, row["capture"]) for row in rows]


@pytest.fixture
def site(index):
    """Give a site of three articles."""
    return Site(index)


@pytest.mark.parametrize("seed", range(3))
def test_an_article_that_went_has_a_chain_from_the_last_good_capture_to_its_confirmation(site, seed):
    """The lists that dropped it, the first 404, and a further day each until the third confirms it."""
    site.names(0, ONE, TWO, THREE)
    for where in (FRONT, FEED, API):
        site.lists(0, where, ONE, TWO, THREE)
    good = site.shows(0, TWO, THREE, ONE)
    left = {where: site.lists(1, where, TWO, THREE) for where in (FRONT, FEED, API)}
    left[SITEMAP] = site.names(1, TWO, THREE).id
    gone = [site.answers(1, ONE, 404), site.answers(2, ONE, 410), site.answers(3, ONE, 404), site.answers(4, ONE, 404)]
    (row,) = site.removals(seed)
    assert (row["url"], row["state"], row["title"], row["days"]) == (ONE, "gone", "Ett", 4)
    assert row["left_lists"] == '["sitemap", "api", "feed", "listing"]'
    assert (row["last_good_capture"], row["gone_capture"], row["reason"]) == (good, gone[0], "answered 404")
    assert row["confirmed_at"].startswith("2024-03-04")
    assert site.steps() == [
        ("last-good", 0, good),
        ("left-listing", 1, left[FRONT]),
        ("left-feed", 1, left[FEED]),
        ("left-api", 1, left[API]),
        ("left-sitemap", 1, left[SITEMAP]),
        ("gone", 1, gone[0]),
        ("still-gone", 2, gone[1]),
        ("confirmed", 3, gone[2]),
        ("still-gone", 4, gone[3]),
    ]


def test_the_same_capture_told_again_changes_nothing(site):
    """A chain is a function of the captures, also when they come one by one."""
    site.shows(0, ONE)
    assert site.removals() == []
    site.answers(1, ONE, 404)
    (row,) = site.removals()
    assert (row["state"], row["days"], row["confirmed_at"]) == ("missing", 1, None)
    site.answers(2, ONE, 404)
    site.answers(3, ONE, 404)
    (row,) = site.removals()
    assert (row["state"], row["days"]) == ("gone", 3)
    back = site.shows(4, ONE)
    (row,) = site.removals()
    assert (row["state"], row["restored_capture"], row["days"]) == ("restored", back, 3)
    assert site.steps()[-1] == ("restored", 4, back)


def test_an_article_that_went_twice_has_both_in_its_chain(site):
    """The row tells of the last time, the steps of all."""
    site.shows(0, ONE)
    site.answers(1, ONE, 404)
    site.shows(2, ONE)
    again = site.answers(3, ONE, 410)
    (row,) = site.removals()
    assert (row["state"], row["gone_capture"], row["restored_at"]) == ("missing", again, None)
    assert [step for step, _, _ in site.steps()] == ["last-good", "gone", "restored", "last-good", "gone"]


def test_a_moved_article_names_where_it_is(site):
    """Its address redirects to another article."""
    site.shows(0, ONE)
    site.shows(1, TWO)
    site.answers(1, ONE, 301, location=Url(TWO))
    (row,) = site.removals()
    assert (row["state"], row["moved_to"], row["reason"]) == ("moved", TWO, f"redirects to {TWO}")
    assert [step for step, _, _ in site.steps()] == ["last-good", "moved"]


@pytest.mark.parametrize("seed", range(3))
def test_an_article_that_came_back_to_its_lists_had_left_them(site, seed):
    """The list that names it again is read before its own page is; that it was gone between stays in the chain."""
    site.lists(0, FRONT, ONE, TWO, THREE)
    site.shows(0, ONE)
    left = site.lists(1, FRONT, TWO, THREE)
    site.answers(1, ONE, 404)
    site.lists(2, FRONT, ONE, TWO, THREE)
    site.shows(2, ONE)
    (row,) = site.removals(seed)
    assert (row["state"], row["left_lists"]) == ("restored", '["listing"]')
    assert [(step, capture) for step, _, capture in site.steps() if step.startswith("left")] == [("left-listing", left)]


def test_an_article_that_slid_off_the_end_of_a_list_left_nothing(site):
    """New posts push old ones out; only what stood behind it and stayed is evidence."""
    site.lists(0, FRONT, TWO, ONE)
    site.shows(0, TWO, ONE)
    site.lists(1, FRONT, THREE, TWO)
    site.answers(1, ONE, 404)
    (row,) = site.removals()
    assert (row["state"], row["left_lists"]) == ("missing", "[]")


FOUR, FIVE, SIX = (f"{SITE}/{name}/" for name in ("fyra", "fem", "sex"))


@pytest.mark.parametrize("seed", range(3))
def test_the_pages_of_a_list_are_one_list(site, seed):
    """New posts push what stood beside it to the next page."""
    second = f"{API}?page=2&per_page=2"
    TYPES[second] = TYPES[API]
    site.lists(0, API, ONE, TWO)
    site.lists(0, second, THREE, FOUR)
    site.shows(0, FOUR, TWO, THREE)
    site.lists(1, API, SIX, FIVE)
    left = site.lists(1, second, ONE, FOUR)
    for url in (TWO, THREE):
        site.answers(1, url, 404)
    rows = site.removals(seed)
    assert [(row["url"], row["left_lists"]) for row in rows] == [(THREE, '["api"]'), (TWO, '["api"]')]
    assert ("left-api", 1, left) in site.steps()


def test_a_page_of_a_list_that_was_not_read_says_nothing(site):
    """What stood beside it is not there either."""
    second, third = f"{API}?page=2", f"{API}?page=3"
    TYPES.update(dict.fromkeys((second, third), TYPES[API]))
    site.lists(0, API, ONE, TWO)
    site.lists(0, second, THREE, FOUR)
    site.lists(0, third, FIVE, SIX)
    site.shows(0, FOUR)
    site.lists(1, API, ONE, TWO)
    site.lists(1, third, FIVE, SIX)
    site.answers(1, FOUR, 404)
    (row,) = site.removals()
    assert row["left_lists"] == "[]"
    left = site.lists(2, second, THREE)
    site.lists(2, third, FIVE, SIX)
    (row,) = site.removals()
    assert (row["left_lists"], row["days"]) == ('["api"]', 1), "found out later, by what the list says"
    assert ("left-api", 2, left) not in site.steps(), "what stands behind it is the evidence"


def test_an_article_that_no_sitemap_names_any_more_is_missing_until_it_is_asked_for(site):
    """Its own page tells nothing yet; once it shows the article, nothing is missing."""
    site.names(0, ONE, TWO)
    site.shows(0, ONE, TWO)
    site.names(1, TWO)
    (row,) = site.removals()
    assert (row["url"], row["state"], row["left_lists"], row["gone_at"]) == (ONE, "missing", '["sitemap"]', None)
    assert [step for step, _, _ in site.steps()] == ["last-good", "left-sitemap"]
    site.shows(1, ONE)
    assert site.removals() == []


def test_an_article_that_another_sitemap_names_is_not_missing(site):
    """A sitemap of many files shifts entries from one to the next."""
    other = f"{SITE}/sitemap-2.xml"
    site.names(0, ONE, TWO)
    site.names(0, THREE, sitemap=other)
    site.shows(0, TWO, THREE, ONE)
    site.names(1, TWO)
    site.names(1, THREE, ONE, sitemap=other)
    assert site.removals() == []


def test_a_sitemap_that_did_not_change_still_names_what_it_named(site):
    """A 304 has no octets, and says the same."""
    first = site.names(0, ONE, TWO)
    site.shows(0, ONE, TWO)
    site.confirms(1, first)
    site.confirms(2, first)
    site.names(3, TWO)
    site.answers(3, ONE, 404)
    (row,) = site.removals(seed=1)
    assert row["left_lists_at"].startswith("2024-03-04")


@pytest.mark.parametrize("mime", ["application/xml", "text/html"])
def test_a_sitemap_that_names_nothing_makes_nothing_missing(site, mime):
    """It was switched off, or shows an error under status 200."""
    site.names(0, ONE, TWO)
    site.shows(0, ONE, TWO)
    site.names(1, mime=mime)
    assert site.removals() == []


def test_a_page_that_says_it_is_gone_is_gone(site):
    """Under status 200."""
    site.shows(0, ONE)
    for day in (1, 2, 3):
        seen = capture(ONE, "borta", at(days=day), run=run_of(day))
        read = article(outcome=Outcome.ERROR_PAGE, quality=Quality.SOFT_404)
        site.parts.append((crawl_run(run_of(day)), seen, (seen, read)))
    (row,) = site.removals()
    assert (row["state"], row["reason"]) == ("gone", "showed a page that says it is gone")
