"""All that a page says of itself: what is taken, what else it says, what is refused, and who is an account."""

import pytest

from umecrawl.extract.accounts import is_account
from umecrawl.extract.byline import byline_said, credit
from umecrawl.extract.claims import claims_of, said
from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.metadata import read_metadata
from umecrawl.extract.people import read_signatories
from umecrawl.model.article import Person, Sourced

URL = "https://partiet.example/2024/05/06/bron/"
PAGE = (
    "<html lang='sv'><head><title>Bron byggs - Partiet i Umeå</title>"
    "<meta property='og:title' content='Nu byggs bron'><meta property='og:site_name' content='Partiet i Umeå'>"
    "<meta property='article:published_time' content='2024-05-06T08:15:00+00:00'>"
    "<meta name='date' content='2031-01-01'><meta name='author' content='{author}'></head>"
    "<body><h1 class='entry-title'>Bron byggs</h1><p class='byline'>Av {named}</p>"
    "<time class='entry-date' datetime='2024-05-06T10:15:00+02:00'>6 maj 2024</time>"
    "<p>Nämnden har beslutat att bygga en bro över älven.</p></body></html>"
)


@pytest.fixture
def metadata(outline, captured):
    """Give a function that reads the metadata of a page with this author and this name in its byline."""

    def metadata(author, named, linked=None):
        return read_metadata(outline(PAGE.format(author=author, named=named)), URL, captured, linked)

    return metadata


def told(found, field):
    """Return rank, value and source of the claims of a field."""
    return [(claim.rank, claim.said.value, claim.said.source) for claim in found.claims if claim.field == field]


def test_every_source_of_a_field_is_kept_in_order(metadata):
    """The first claim is the value that was taken; the others show where the page contradicts itself."""
    found = metadata("Ada Lind", "Bo Ek", LinkedArticle(headline="Bron i Umeå byggs", published="2024-05-05"))
    assert told(found, "title")[:3] == [
        (0, "Bron byggs", "h-entry"),
        (1, "Bron i Umeå byggs", "json-ld"),
        (2, "Bron byggs", "heading"),
    ]
    assert told(found, "byline") == [(0, "Ada Lind", "meta"), (1, "Bo Ek", "text")]
    assert told(found, "published") == [
        (0, "2024-05-05", "json-ld"),
        (1, "2024-05-06T10:15:00+02:00", "opengraph"),
        (2, "2024-05-06T10:15:00+02:00", "h-entry"),
        (3, "2024-05-06T10:15:00+02:00", "time"),
        (4, "2024-05-06", "text"),
        (5, "2024-05-06", "url"),
    ]
    assert (found.title.text, found.byline.value, found.published.value) == ("Bron byggs", "Ada Lind", "2024-05-05")


def test_a_refused_value_is_no_claim_but_a_reason(metadata):
    """A date after the capture is never taken, and the page's saying it is not lost."""
    found = metadata("Ada Lind", "Ada Lind")
    assert "2031" not in str(found.claims)
    assert found.refused == ("date of meta refused: 2031-01-01 lies after the capture",)


def test_a_source_that_says_the_same_twice_is_heard_once():
    """Equal value and source are one claim; another source for the same value is one more."""
    values = [Sourced("a", "meta", "a"), Sourced("a", "meta", "A"), Sourced("a", "json-ld", "a")]
    assert [(c.rank, c.said.source) for c in claims_of("title", values)] == [(0, "meta"), (1, "json-ld")]
    assert said([]).taken is None


@pytest.mark.parametrize(
    "account", ["Partiet i Umeå", "Redaktionen", "partiet", "Socialdemokraterna i Umeå", "partiet.example"]
)
def test_a_person_goes_before_the_account_that_published(metadata, account):
    """The site's name as author is an account; whom the byline names wrote the text."""
    found = metadata(account, "Ada Lind")
    assert found.byline.value == "Ada Lind"
    assert found.account.value == account


def test_an_organisation_alone_is_byline_and_account(metadata):
    """Readers see the office as the author, and a query can tell that it is none."""
    found = metadata("Partiet i Umeå", "Partiet i Umeå")
    assert found.byline.value == found.account.value == "Partiet i Umeå"


def test_a_blog_that_bears_its_authors_name_has_an_author(outline):
    """A person whose site is called after her is no account."""
    page = outline("<html><head><title>Bron - Ada Lind</title><meta name='author' content='Ada Lind'></head></html>")
    found = byline_said(page, None)
    assert found.byline.value == "Ada Lind"
    assert found.account is None


def test_a_name_that_software_makes_up_is_no_byline(outline):
    """`admin` tells nobody who wrote."""
    found = byline_said(outline("<html><body><meta name='author' content='admin'><p>Text.</p></body></html>"), None)
    assert found.byline is None
    assert found.account.value == "admin"


def test_signatories_are_the_byline_of_what_only_a_login_published():
    """`expenumea` published, Ada Lind signed: she is the author, by the source `signature`."""
    login = Sourced("expenumea", "h-entry", "expenumea")
    people = (Person("Ada Lind", "S", "kommunalråd", "Ada Lind (S), kommunalråd"),)
    found = credit(login, login, people)
    assert found.byline == Sourced("Ada Lind", "signature", "Ada Lind (S), kommunalråd")
    assert found.account == login
    assert credit(login, login, ()).byline == login
    assert credit(None, None, people).byline.value == "Ada Lind"


def test_signatories_do_not_replace_an_author_that_the_page_names():
    """An office or a person whom the page names stays its byline; the signatories stand beside it."""
    office = Sourced("Partiet i Umeå", "meta", "Partiet i Umeå")
    person = Sourced("Bo Ek", "meta", "Bo Ek")
    people = (Person("Ada Lind"),)
    assert credit(office, office, people).byline == office
    assert credit(person, None, people).byline == person


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Redaktionen", True),
        ("Umeå kommun", True),
        ("TT", True),
        ("Socialdemokraterna i Umeå", True),
        ("expenumea", True),
        ("wordpressadmin", True),
        ("ada.lind", True),
        ("Ada Lind", False),
        ("Ada Lind, chefredaktör", False),
        ("Ada", False),
        ("Ada Newsom", False),
    ],
)
def test_an_account_is_told_from_a_person(name, told):
    """Offices, parties, agencies and logins are accounts."""
    assert is_account(name) is told


def test_a_line_beside_the_title_names_the_author(outline):
    """Themes without marks write `av Ada` under the heading."""
    page = outline(
        "<html><body><h1>Bron byggs</h1><p>av Ada Lind</p><p>Nämnden har beslutat om bron.</p></body></html>"
    )
    assert byline_said(page, None).byline == Sourced("Ada Lind", "text", "av Ada Lind")


def test_signatures_survive_in_an_extraction(read, body):
    """The text keeps its signatures, and the post has the people."""
    found = read(f"<html><body><h1>Bron</h1>{body}<p>Ada Lind (S)<br>kommunalråd</p></body></html>")
    assert [(p.name, p.party, p.office) for p in found.posts[0].signatories] == [("Ada Lind", "S", "kommunalråd")]
    assert read_signatories(found.posts[0].text.split("\n"))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("<div class='post-date'>6/3</div>", "2024-03-06"),
        ("<p class='meta'>Publicerad i går 22:41</p>", "2024-08-31T22:41:00+02:00"),
        ("<p>för 2 dagar sedan</p>", "2024-08-30"),
        ("<footer class='entry-meta'><time datetime='2024-05-06'>6 maj</time></footer>", "2024-05-06"),
        ("<small>Bladet | 6 maj 2024</small>", "2024-05-06"),
        ("<aside><time datetime='2024-05-06'>6 maj</time></aside>", None),
        ("<div class='comments'><time datetime='2024-05-06'>6 maj</time></div>", None),
        ("<ul class='kalender'><li class='date'>17/11</li><li class='date'>18/11</li></ul>", None),
    ],
)
def test_a_date_is_read_where_an_article_has_its_own(outline, captured, place, value):
    """Under the title, in its foot, under a label; never in a sidebar, a comment or a calendar."""
    page = outline(
        f"<html lang='sv'><body><article><h1>Bron byggs</h1>{place}<p>Nämnden har beslutat om bron den 14 mars 2022, "
        "och arbetet börjar i vår, säger ordföranden till dem som har samlats på torget.</p></article></body></html>"
    )
    found = read_metadata(page, "https://partiet.example/bron", captured, None).published
    assert (found.value if found is not None else None) == value


@pytest.mark.parametrize(
    ("lang", "url", "value"),
    [
        ("sv", "https://a.example/x", "2018-10-12"),
        ("en-US", "https://a.se/x", "2018-10-12"),
        ("en-GB", "https://a.example/x", "2018-10-12"),
        ("en", "https://a.gov/x", "2018-12-10"),
        ("en-US", "https://a.example/x", None),
    ],
)
def test_numbers_are_read_in_the_order_of_the_country(outline, captured, lang, url, value):
    """The country of the host outweighs the language, which is often that of the software."""
    page = outline(f"<html lang='{lang}'><body><h1>Bron</h1><p class='date'>12/10/2018</p></body></html>")
    found = read_metadata(page, url, captured, None).published
    assert (found.value if found is not None else None) == value
