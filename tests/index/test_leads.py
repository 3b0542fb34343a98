"""Leads: what a listing shows of an article that its own page, when it was last checked, did not."""

import pytest
from archived import article, at, capture, crawl_run, post, put, revisit

from umecrawl.index.leads import find_leads
from umecrawl.model.article import Outcome

FRONT, FEED, BLOG = "https://blog.example/", "https://blog.example/feed/", "https://blog.example/ett/"
TEXT = "Hus och hem.\nEtt stycke till om hus."
RUNS = ("20240301060000-aaaa", "20240401060000-bbbb", "20240501060000-cccc")


def listing(*posts):
    """Return what a page gave that shows posts and is no article."""
    return article(*posts, outcome=Outcome.LISTING)


@pytest.fixture
def tell(index):
    """Return a function that tells of a run: what the feed shows, and the article's page where it was asked for."""

    def told(number, title, text, page=None, *, excerpt=False, place=FEED, **more):
        run, day = RUNS[number], {"days": 30 * number}
        seen = capture(place, f"feed {number} {title} {text}", at(**day), run=run)
        put(index, crawl_run(run, started_at=at(**day, hours=-1)), seen)
        put(index, (seen, listing(post(BLOG, title, text, excerpt=excerpt))))
        if page is not None:
            own = capture(BLOG, page, at(**day, hours=1), run=run, **more)
            put(index, own)
            if own.status == 200:
                put(index, (own, article(post(BLOG, "Ett", page))))

    return told


@pytest.fixture
def leads(index):
    """Return a function that asks for the leads since a day."""

    def found(days=-1):
        with index.connect() as connection:
            return [lead.url for lead in find_leads(connection, at(days=days))]

    return found


def test_a_whole_text_that_changed_is_a_lead(tell, leads):
    """Until the page has been checked."""
    tell(0, "Ett", TEXT, TEXT)
    assert leads() == []
    tell(1, "Ett", TEXT.replace("hem", "bil"))
    assert leads() == [BLOG]
    assert leads(31) == []
    tell(2, "Ett", TEXT.replace("hem", "bil"), TEXT.replace("hem", "bil"))
    assert leads() == []


def test_a_text_that_always_differs_is_none(tell, leads):
    """An API that leaves out what the page adds says nothing new each time."""
    tell(0, "Ett", "Hus och hem.", TEXT)
    tell(1, "Ett", "Hus och hem.")
    assert leads() == []


def test_another_title_is_a_lead(tell, leads):
    """Case and punctuation apart."""
    tell(0, "Ett", TEXT, TEXT)
    tell(1, "ETT!", TEXT)
    assert leads() == []
    tell(2, "Två", TEXT)
    assert leads() == [BLOG]


@pytest.mark.parametrize(
    ("excerpt", "is_lead"),
    [("Hus och he… Läs mer", False), ("Ett stycke till om", False), ("Hus och bil. […]", True), ("", False)],
)
def test_an_excerpt_is_a_lead_where_the_text_does_not_contain_it(tell, leads, excerpt, is_lead):
    """A longer or shorter excerpt of the same text is none."""
    tell(0, "Ett", "Hus och", TEXT, excerpt=True)
    tell(1, "Ett", excerpt, excerpt=True)
    assert leads() == ([BLOG] if is_lead else [])


def test_a_text_that_is_changed_back_is_a_lead(tell, leads):
    """Although it was sighted once."""
    other = TEXT.replace("hem", "bil")
    tell(0, "Ett", TEXT, TEXT)
    tell(1, "Ett", other, other)
    tell(2, "Ett", TEXT)
    assert leads() == [BLOG]


def test_a_page_that_was_missing_when_last_checked_was_checked(tell, leads):
    """A feed that still shows it is asked about once; what an error of the server hid is still to be seen."""
    other = TEXT.replace("hem", "bil")
    tell(0, "Ett", TEXT, TEXT)
    tell(1, "Ett", other, "away", status=503)
    assert leads() == [BLOG]
    tell(2, "Ett", other, "gone", status=404)
    assert leads() == []


def test_an_article_never_captured_is_no_lead(tell, leads):
    """Its link is a candidate like any other."""
    tell(0, "Ett", TEXT)
    tell(1, "Ett", TEXT + " Mer.")
    assert leads() == []


def test_a_304_of_the_listing_shows_what_it_showed(index, tell, leads):
    """Nothing new is nothing new."""
    tell(0, "Ett", TEXT, TEXT)
    shown = capture(FRONT, "front", at(minutes=30), run=RUNS[0])
    put(index, shown, (shown, listing(post(BLOG, "Ett", "Annat."))))
    put(index, crawl_run(RUNS[1]), revisit(shown, FRONT, at(days=30), status=304, mime="", run=RUNS[1]))
    assert leads() == []
