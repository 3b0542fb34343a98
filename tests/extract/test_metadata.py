"""Title, byline, dates and permalink, each with its source."""

import pytest

from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.metadata import permalink, read_metadata
from umecrawl.model.urls import Url

URL = "https://tidning.example/nyheter/broarna"


@pytest.fixture
def metadata(outline, captured):
    """Give a function that reads the metadata of markup."""

    def metadata(markup, url=URL, linked=None):
        return read_metadata(outline(markup), Url(url), captured, linked)

    return metadata


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<title>Broarna byggs | Tidningen</title><h1>Broarna byggs</h1>", "Broarna byggs"),
        ("<title>Broarna byggs - Tidningen</title>", "Broarna byggs"),
        (
            "<title>Bo</title><h1 id='site-title'><a rel='home' href='/'>Bo</a></h1><h2 class='entry-title'>Bron</h2>",
            "Bron",
        ),
        ("<meta property='og:title' content='Bron'><h1>Bron</h1><div id='comments'><h1>Kommentarer</h1></div>", "Bron"),
        ("<title>Bron</title><h1>Bron</h1><aside><h1>Mest läst</h1></aside>", "Bron"),
        ("<p>utan</p>", ""),
    ],
)
def test_the_title_is_the_article_s(metadata, markup, title):
    """Not the site's name, a menu's heading or that of the comments."""
    assert metadata(markup).title.text == title


@pytest.mark.parametrize(
    ("markup", "name", "source"),
    [
        ("<meta name='author' content='Ada Lind'>", "Ada Lind", "meta"),
        ("<span class='byline'>Text: <a class='byline__name'>Ada Lind</a></span>", "Ada Lind", "text"),
        ("<div class='skribent'>Ada Lind, Bo Ek</div>", "Ada Lind, Bo Ek", "text"),
        ("<p class='entry-meta'>Av <a rel='author' href='/x'>Ada Lind</a>, 5 maj</p>", "Ada Lind", "rel-author"),
        ("<span class='author vcard'><span class='fn'>Ada Lind</span></span>", "Ada Lind", "h-entry"),
        ("<span itemprop='author'>Av Ada Lind</span>", "Ada Lind", "microdata"),
        ("<p class='byline'>Publicerad 6 maj 2023 av Ada Lind</p>", None, None),
        ("<h1>Bron</h1><p>25.02.2016 by Ada Lind</p>", "Ada Lind", "text"),
        ("<h1>Bron</h1><p>25.02.2016</p><p>VINNARNA ÄR FRÅN HELSINGFORS, VÖRÅ OCH VASA</p>", None, None),
        ("<form><p class='comment-form-author'><label>Namn</label></p></form>", None, None),
        ("<div id='comments'><cite class='fn'>En läsare</cite><a rel='author'>En läsare</a></div>", None, None),
        ("<span class='author'>admin</span>", None, None),
    ],
)
def test_the_byline_is_a_name(metadata, markup, name, source):
    """Labels, dates, form fields, commenters and log-in names are no authors."""
    byline = metadata(f"<body>{markup}</body>").byline
    assert (byline.value, byline.source) == (name, source) if name else byline is None


def test_linked_data_goes_before_all(metadata):
    """JSON-LD names authors and both times."""
    linked = LinkedArticle(
        headline="Bron",
        authors=("Ada Lind", "Bo Ek"),
        published="2024-05-06T04:50:00+02:00",
        modified="2024-05-07T10:00:00+02:00",
    )
    found = metadata(
        "<meta name='author' content='Tidningen'><h1>Bron</h1><time datetime='2020-01-01'>x</time>", linked=linked
    )
    assert found.byline is not None
    assert found.byline.value == "Ada Lind, Bo Ek"
    assert found.published is not None
    assert (found.published.value, found.published.source) == ("2024-05-06T04:50:00+02:00", "json-ld")
    assert found.modified is not None
    assert found.modified.value == "2024-05-07T10:00:00+02:00"


@pytest.mark.parametrize(
    ("markup", "url", "value", "source"),
    [
        (
            "<meta property='article:published_time' content='2024-05-06T04:50:00+02:00'>",
            URL,
            "2024-05-06T04:50:00+02:00",
            "opengraph",
        ),
        (
            "<abbr class='published' title='2024-05-06T04:50:00+02:00'>6 maj</abbr>",
            URL,
            "2024-05-06T04:50:00+02:00",
            "h-entry",
        ),
        ("<time datetime='2024-05-06T04:50:00+02:00'>6 maj</time>", URL, "2024-05-06T04:50:00+02:00", "time"),
        ("<p>ord</p>", "https://a.example/2024/05/06/x/", "2024-05-06", "url"),
        (
            "<html lang='sv'><div class='datum'>Måndag 6 maj 2024, kl 06:00</div>",
            "https://a.example/2024-05-06/x",
            "2024-05-06T06:00:00+02:00",
            "text",
        ),
        ("<div class='datum'>1 maj 2024</div>", "https://a.example/2024-05-06/x", "2024-05-06", "url"),
        (
            "<div class='info'><p>Publicerad: 2024-05-06. Sidan uppdaterades: 2024-06-07</p></div>",
            URL,
            "2024-05-06",
            "text",
        ),
        ("<h1>Bron</h1><p>6 maj 2024 | 3 min</p>", URL, "2024-05-06", "text"),
    ],
)
def test_a_date_of_publication_has_its_source(metadata, markup, url, value, source):
    """The better source wins, and visible dates must agree with the day in the URL."""
    found = metadata(f"<body>{markup}</body>" if not markup.startswith("<html") else markup, url).published
    assert found is not None
    assert (found.value, found.source) == (value, source)


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Valet den 11 september 2022 närmar sig, och partierna laddar upp med löften om nya broar.</p>",
        "<p>Artikeln publicerades i Kuriren den 20 mars 2023 och handlar om hur broarna ska byggas.</p>",
        "<footer>© 2009</footer>",
        "<aside><time datetime='2020-02-02'>i fjol</time></aside>",
        "<div id='comments'><time datetime='2020-02-02'>i fjol</time></div>",
        "<li class='teaser'><time datetime='2020-02-02'>i fjol</time></li>",
        "<meta name='date' content='2031-01-01'>",
    ],
)
def test_a_date_of_the_story_or_the_site_is_no_date_of_publication(metadata, markup):
    """Without a date in a place for dates there is none: no guess, no 1 January, no future."""
    assert metadata(f"<body><h1>Bron</h1>{markup}</body>").published is None


def test_a_change_is_never_before_the_publication(metadata):
    """A modified date that lies before the published one is dropped."""
    markup = (
        "<meta property='article:published_time' content='2024-05-06T04:50:00Z'>"
        "<meta property='article:modified_time' content='2024-05-01T04:50:00Z'>"
    )
    assert metadata(markup).modified is None


def test_a_labelled_change_is_read(metadata):
    """`Sidan uppdaterades` is the time of the change, beside the time of publication."""
    found = metadata(
        "<body><div class='publishing-info'><p>Publicerad: 2024-05-06. Sidan uppdaterades: 2024-06-07</p></div></body>"
    )
    assert found.modified is not None
    assert found.modified.value == "2024-06-07"


@pytest.mark.parametrize(
    ("canonical", "url", "expected"),
    [
        (
            "https://blogg.example/2024/05/06/bron/",
            "https://blogg.example/2024/05/06/bron/?replytocom=4",
            "https://blogg.example/2024/05/06/bron/",
        ),
        ("https://www.blogg.example/bron/", "https://blogg.example/bron", "https://www.blogg.example/bron/"),
        ("/bron/", "https://blogg.example/bron?x=1", "https://blogg.example/bron/"),
        ("https://annan.example/bron/", "https://blogg.example/bron/", "https://blogg.example/bron/"),
        ("https://blogg.example/", "https://blogg.example/bron/", "https://blogg.example/bron/"),
        ("https://blogg.example/", "https://blogg.example/", "https://blogg.example/"),
        ("", "https://blogg.example/bron/?replytocom=4#c", "https://blogg.example/bron/"),
        ("javascript:x", "https://blogg.example/bron/?fbclid=1", "https://blogg.example/bron/"),
    ],
)
def test_variants_share_one_permalink(outline, canonical, url, expected):
    """`rel=canonical` of the same site joins the variants; one that names another site or the home page does not."""
    link = f"<link rel='canonical' href='{canonical}'>" if canonical else ""
    assert permalink(outline(f"<html><head>{link}</head><body>x</body></html>").root, url) == expected


def test_a_meta_element_may_name_the_change(metadata):
    """`updated` is a date of change and never one of publication."""
    found = metadata("<head><meta name='updated' content='2024-06-07'></head><body><h1>Bron</h1></body>")
    assert found.published is None
    assert found.modified is not None
    assert (found.modified.value, found.modified.source) == ("2024-06-07", "meta")
