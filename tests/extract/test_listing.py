"""Which pages are articles and which are lists of them."""

import pytest

from umecrawl.model.article import Outcome

WORDPRESS = '<meta name="generator" content="WordPress 6.1">'
TEASERS = "".join(
    f"<section><h2><a href='/2024/05/0{n}/text-{n}/'>Rubrik {n}</a></h2><p>Kort om text {n}.</p></section>"
    for n in range(1, 6)
)


@pytest.mark.parametrize(
    "url",
    [
        "https://blogg.example/",
        "https://blogg.example/?s=bro",
        "https://blogg.example/page/3/",
        "https://blogg.example/nyheter/?paged1=2&paged2=3",
        "https://blogg.example/arkiv/?query-7-page=2",
        "https://blogg.example/2024/",
        "https://blogg.example/2024/05/",
        "https://blogg.example/2024/05/06/",
        "https://blogg.example/tag/broar/",
        "https://blogg.example/kategori/broar/",
        "https://blogg.example/author/ada/",
        "https://blogg.example/nyheter/",
        "https://tidning.example/kalender?ar=2024&manad=5",
    ],
)
def test_an_archive_is_told_by_its_address(read, body, url):
    """Front pages, paged lists, searches, dates, terms and sections hold no article of their own."""
    found = read(f"<html><body><h1>Bloggen</h1>{body}</body></html>", url)
    assert found.outcome is Outcome.LISTING
    assert found.posts == ()


@pytest.mark.parametrize(
    "classes", ["home blog", "archive category category-x", "archive date", "search search-results", "blog paged"]
)
def test_wordpress_says_that_it_is_an_archive(read, body, classes):
    """The body classes of WordPress are believed."""
    found = read(
        f"<html><head>{WORDPRESS}</head><body class='{classes}'>{body}</body></html>", "https://blogg.example/ett/"
    )
    assert found.outcome is Outcome.LISTING


def test_wordpress_says_that_it_is_a_post(read, body):
    """A single post is an article, however many other posts it lists."""
    markup = (
        f"<html><head>{WORDPRESS}</head><body class='single single-post postid-4'><h1 class='entry-title'>Bron</h1>"
        f"<div class='entry-content'>{body}<ul class='wp-block-query'>"
        + "".join(
            f"<li class='wp-block-post post-{n} hentry'><h3><a href='/p/{n}'>Text {n}</a></h3><p>Kort.</p></li>"
            for n in range(44)
        )
        + "</ul></div></body></html>"
    )
    found = read(markup, "https://blogg.example/2024/05/06/bron/")
    assert found.outcome is Outcome.ARTICLE
    assert found.posts[0].title == "Bron"
    assert "Kort." not in found.posts[0].text
    assert found.posts[0].text.count("\n") == 2


def test_a_front_page_that_is_a_fixed_page_is_read_as_one(read, body):
    """WordPress tells a front page written for itself from the list of the latest posts; teasers make a list of it."""
    page = f"<html><head>{WORDPRESS}</head><body class='home page page-id-2'><h1>Om oss</h1>%s</body></html>"
    assert read(page % body, "https://blogg.example/").outcome is Outcome.ARTICLE
    assert read(page % (TEASERS + body), "https://blogg.example/").outcome is Outcome.LISTING


def test_hubspot_says_that_it_is_a_post(read, body):
    """The body class of HubSpot is believed, whatever is offered to be read above and below the post."""
    markup = f"<html><body class='blog hs-blog-post'><h1>Bron</h1>{TEASERS}{body}</body></html>"
    assert read(markup, "https://blogg.example/blogg/bron").outcome is Outcome.ARTICLE


def test_a_fixed_page_made_of_lists_is_a_listing(read, body):
    """A page of nothing but news blocks is no article; with words of its own it is the article of these words."""
    posts = "".join(
        f"<article class='post-{n} hentry'><h3><a href='/p/{n}'>Text {n}</a></h3><p>Kort om den.</p></article>"
        for n in range(5)
    )
    page = (
        f"<html><head>{WORDPRESS}</head><body class='page page-id-9'><h1>Nyheter</h1>"
        f"<div class='entry-content'>%s{posts}</div></body></html>"
    )
    assert read(page % "", "https://blogg.example/nytt-hos-oss/").outcome is Outcome.LISTING
    brief = read(page % "<p>Här samlar vi våra nyheter.</p>", "https://blogg.example/nytt-hos-oss/")
    assert brief.posts[0].text == "Här samlar vi våra nyheter."
    article = read(page % (body * 2), "https://blogg.example/var-politik/")
    assert article.outcome is Outcome.ARTICLE
    assert "Kort om den" not in article.posts[0].text


def test_headings_that_lead_elsewhere_make_a_listing(read):
    """A page of teasers is a listing by its shape alone."""
    found = read(
        f"<html><body><h1>Umeå</h1><main>{TEASERS}</main></body></html>", "https://tidning.example/umea-lokalt"
    )
    assert found.outcome is Outcome.LISTING


def test_an_article_above_teasers_is_an_article(read, body):
    """Related articles under a text do not make it a listing."""
    markup = (
        f"<html><body><article><h1>Bron</h1><div>{body * 2}</div></article>"
        f"<div class='mer'>{TEASERS}</div></body></html>"
    )
    assert read(markup, "https://tidning.example/umea/bron").outcome is Outcome.ARTICLE


def test_a_list_of_links_is_a_listing(read):
    """Titles without text between them are no article."""
    links = "".join(f"<li><a href='/text-{n}'>En rubrik om bro nummer {n} i staden</a></li>" for n in range(30))
    found = read(
        f"<html><body><h1>Alla texter</h1><ul>{links}</ul></body></html>", "https://tidning.example/alla-texter"
    )
    assert found.outcome is Outcome.LISTING


def test_an_attachment_page_is_no_article(read):
    """The page WordPress makes for an uploaded picture shows a file."""
    markup = (
        f"<html><head>{WORDPRESS}</head>"
        f"<body class='attachment single single-attachment attachmentid-7'><h1>Bild</h1></body></html>"
    )
    assert read(markup, "https://blogg.example/2024/05/06/bron/bild/").outcome is Outcome.NOT_A_PAGE


def test_linked_data_that_names_the_page_makes_an_article(read, body):
    """JSON-LD for this very URL outweighs an address that looks like a list."""
    url = "https://tidning.example/tag/broar/"
    data = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Bron", "url": "%s"}</script>'
    assert (
        read(f"<html><head>{data % url}</head><body><h1>Bron</h1>{body}</body></html>", url).outcome is Outcome.ARTICLE
    )
    other = data % "https://tidning.example/en-annan"
    collection = other.replace('"@type": "NewsArticle"', '"@type": ["CollectionPage", "NewsArticle"]')
    assert (
        read(f"<html><head>{collection}</head><body><h1>Bron</h1>{body}</body></html>", url).outcome is Outcome.LISTING
    )
