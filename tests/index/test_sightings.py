"""Posts on listings, in feeds and beside other articles: sightings of the article at their permalink."""

import random

import pytest
from archived import article, at, capture, crawl_run, post, put, revisit, table

from umecrawl.index.views import articles, captures, counts, documents, sightings, versions
from umecrawl.model.article import Outcome

FRONT, BLOG = "https://blog.example/", "https://blog.example/ett/"
TEXT = "Hus\noch hem."


def listing(*posts):
    """Return what a page gave that shows posts and is no article."""
    return article(*posts, outcome=Outcome.LISTING)


def story(*posts):
    """Return a front page captured twice with these posts, and the article's own page captured between."""
    front, own = capture(FRONT, "front", at()), capture(BLOG, "own", at(hours=2))
    again = revisit(front, FRONT, at(hours=5), status=304, mime="")
    return [
        [crawl_run(), front, again, (front, listing(*posts))],
        [own, (own, article(post(BLOG, "Ett", TEXT)))],
    ]


def test_a_whole_text_on_a_listing_is_a_sighting_of_the_version_of_its_page(index):
    """The same text, spaced otherwise and with another heading, shows the version; its times stay those of its page."""
    for told in story(post(BLOG, "Ett!", "Hus och  hem.", comment_count=3, like_count=1)):
        put(index, *told)
    (one,) = table(index, versions)
    assert (one["title"], one["text"], one["basis"], one["kind"]) == ("Ett", TEXT, "page", "article")
    assert (one["first_seen"], one["captures"]) == ("2024-03-01T08:00:00.123456Z", 1)
    assert (one["first_sighted"], one["last_sighted"], one["sightings"]) == (
        "2024-03-01T06:00:00.123456Z",
        "2024-03-01T11:00:00.123456Z",
        2,
    )
    seen = table(index, sightings, sightings.c.captured_at)
    assert [(row["version"], row["differs"], row["excerpt"]) for row in seen] == [(one["id"], 0, 0)] * 2
    assert (seen[0]["url"], seen[0]["article"], seen[0]["title"]) == (FRONT, BLOG, "Ett!")
    assert [(row["own"], row["comment_count"], row["like_count"]) for row in table(index, counts)] == [(0, 3, 1)] * 2


def test_a_text_that_differs_from_that_of_its_page_makes_no_version(index):
    """What only the listing shows is kept as a sighting that differs."""
    for told in story(post(BLOG, "Ett", "Hus och bil.")):
        put(index, *told)
    (one,) = table(index, versions)
    assert (one["text"], one["sightings"], one["first_sighted"]) == (TEXT, 0, None)
    assert [(row["version"], row["differs"], row["text"]) for row in table(index, sightings)] == [
        (None, 1, "Hus och bil.")
    ] * 2


def test_the_sighting_of_an_older_version_shows_that_version(index):
    """A feed that lags behind its page shows the version that the page had before."""
    old, new = capture(BLOG, "old", at()), capture(BLOG, "new", at(hours=1))
    feed = capture(FRONT, "feed", at(hours=2))
    put(index, crawl_run(), old, new, feed)
    put(index, (old, article(post(BLOG, "Ett", TEXT))), (new, article(post(BLOG, "Ett", "Bil."))))
    put(index, (feed, listing(post(BLOG, "Ett", TEXT))))
    (now,) = table(index, articles)
    (seen,) = table(index, sightings)
    assert now["text"] == "Bil."
    assert seen["version"] not in {now["id"], None}


@pytest.mark.parametrize("text", ["Hus …", "", TEXT])
def test_an_excerpt_never_is_a_version(index, text):
    """The beginning of a text, or none, makes no version, whether the article's own page is known or not."""
    front = capture(FRONT, "front", at())
    put(index, crawl_run(), front, (front, listing(post(BLOG, "Ett", text, excerpt=bool(text)))))
    assert table(index, versions) == []
    (seen,) = table(index, sightings)
    assert (seen["article"], seen["version"], seen["excerpt"], seen["differs"], seen["text"]) == (
        BLOG,
        None,
        1,
        None,
        text,
    )
    own = capture(BLOG, "own", at(hours=2))
    put(index, own, (own, article(post(BLOG, "Ett", TEXT))))
    (one,) = table(index, versions)
    assert (one["first_seen"], one["sightings"]) == ("2024-03-01T08:00:00.123456Z", 0)


def test_a_page_that_shows_an_excerpt_only_makes_no_version(index):
    """Even the article's own page, where it says that it shows the beginning only."""
    own = capture(BLOG, "own", at())
    put(index, crawl_run(), own, (own, article(post(BLOG, "Ett", "Hus", excerpt=True))))
    assert table(index, versions) == []
    assert [row["excerpt"] for row in table(index, sightings)] == [1]


def test_an_article_known_from_listings_only_has_their_texts_as_versions(index):
    """Until its own page is captured; from then on that page alone says what the versions are."""
    front, page = story(post(BLOG, "Ett", "Hus och bil."))
    put(index, *front)
    (one,) = table(index, versions)
    assert (one["basis"], one["captures"], one["sightings"], one["current"]) == ("listing", 2, 2, 1)
    assert [(row["version"], row["differs"]) for row in table(index, sightings)] == [(one["id"], 0)] * 2
    assert [row["version"] for row in table(index, captures)] == [None, None]
    put(index, *page)
    (two,) = table(index, versions)
    assert (two["basis"], two["text"]) == ("page", TEXT)
    assert [(row["version"], row["differs"]) for row in table(index, sightings)] == [(None, 1)] * 2


def test_an_article_beside_another_is_a_sighting(index):
    """Of the posts of an article's page the first is the article, any other stands elsewhere."""
    own, other = capture(BLOG, "own", at()), capture("https://blog.example/tva/", "other", at(hours=1))
    shown = post("https://blog.example/tva/", "Två", "Bil.")
    put(index, crawl_run(), own, (own, article(post(BLOG, "Ett", TEXT), shown, outcome=Outcome.ARTICLE)))
    put(index, other, (other, article(shown)))
    assert [(row["position"], row["article"], row["differs"]) for row in table(index, sightings)] == [
        (1, "https://blog.example/tva/", 0)
    ]
    assert [row["captures"] for row in table(index, versions)] == [1, 1]


def test_a_document_is_a_version_of_another_kind(index):
    """The text of a PDF is found like that of an article, and can be told from it."""
    page = capture("https://blog.example/motion.pdf", "%PDF", at(), mime="application/pdf")
    with index.writer() as writer:
        assert writer.wants(page)
    put(index, crawl_run(), page, (page, article(post(page.url, "Motion", TEXT), outcome=Outcome.DOCUMENT)))
    (one,) = table(index, documents)
    assert [] == table(index, articles)
    assert (one["kind"], one["basis"], one["paywall"]) == ("document", "page", None)
    assert [(row["outcome"], row["version"]) for row in table(index, captures)] == [("document", one["id"])]


@pytest.mark.parametrize("seed", range(3))
def test_it_does_not_matter_what_comes_first(index, seed):
    """Page and listings in any order, finished after each, give the same versions and sightings."""
    parts = [
        *story(post(BLOG, "Ett", TEXT), post(BLOG, "Ett", "Hus och bil."), post(BLOG, "Ett", "Hus", excerpt=True)),
        [
            edited := capture(BLOG, "edited", at(hours=7)),
            (edited, article(post(BLOG, "Ett", "Hus och bil.", comment_count=2))),
        ],
        [feed := capture(f"{FRONT}feed/", "feed", at(hours=9)), (feed, listing(post(BLOG, "Ett", TEXT)))],
    ]
    for part in parts:
        put(index, *part)
    expected = table(index, versions, versions.c.id), table(index, sightings, *sightings.c.keys()[:7])
    assert [row["sightings"] for row in expected[0]] != [0, 0]
    random.Random(seed).shuffle(parts)
    index.drop()
    for part in parts:
        put(index, *part)
    assert (table(index, versions, versions.c.id), table(index, sightings, *sightings.c.keys()[:7])) == expected
