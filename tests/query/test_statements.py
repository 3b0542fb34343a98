"""Questions on sightings, claims, comments and signatories."""

import pytest
from archived import article, at, capture, crawl_run, post, put

from umecrawl.errors import NotFoundError
from umecrawl.index.engine import Index
from umecrawl.model.article import Claim, Comment, Outcome, Person, Sourced
from umecrawl.query.catalog import Catalog
from umecrawl.query.filters import Filters
from umecrawl.query.json_form import as_json

FRONT, BLOG, ONLY = "https://blog.example/", "https://blog.example/ett/", "https://blog.example/bara-utdrag/"
SAID = (
    Claim("byline", 0, Sourced("Kansliet", "json-ld", "Kansliet")),
    Claim("byline", 1, Sourced("Åsa Ek", "text", "Det skriver Åsa Ek (S)")),
)


@pytest.fixture
def told(database):
    """Open a catalog of an article, its sighting on a front page, and one that is known from an excerpt only."""
    front, own = capture(FRONT, "front", at()), capture(BLOG, "own", at(hours=1))
    elsewhere = capture("https://blog.example/annat/", "other", at(hours=2))
    listed = (
        post(BLOG, "Ett", "Huset brinner.", claims=(*SAID, Claim("title", 0, Sourced("Ett", "h2", "Ett")))),
        post(ONLY, "Bara", "Hus …", excerpt=True),
    )
    whole = post(
        BLOG,
        "Ett",
        "Huset brinner.",
        byline=Sourced("Kansliet", "json-ld", "Kansliet"),
        signatories=(Person("Åsa Ek", "S", "ordförande", "Åsa Ek (S)"),),
        claims=SAID,
        comments=(Comment("1", "Bo Al", "Bra!"), Comment("2", "Bo Al", "Så är det.", None, "1")),
    )
    index = Index.open(database)
    put(index, crawl_run(), front, own, elsewhere, (front, article(*listed, outcome=Outcome.LISTING)))
    put(
        index,
        (own, article(whole, score=0.5, reasons=("kort",))),
        (elsewhere, article(post(elsewhere.url, "X", "Hus."))),
    )
    with index.connect() as connection:
        yield Catalog(connection), own, front
    index.close()


def test_sightings_of_an_article_name_the_version_they_show(told):
    """Under any alias of its URL; an excerpt names none."""
    catalog, _, front = told
    (version,) = catalog.versions("blog.example/ett")
    (seen,) = catalog.sightings("http://www.blog.example/ett")
    assert (seen.capture, seen.url, seen.article, seen.version) == (front.id, FRONT, BLOG, version.id)
    assert (seen.differs, seen.excerpt) == (False, False)
    assert (version.sightings, version.first_sighted, version.kind, version.basis) == (1, at(), "article", "page")
    (excerpt,) = catalog.sightings(ONLY)
    assert (excerpt.version, excerpt.differs, excerpt.excerpt) == (None, None, True)


def test_an_article_of_which_there_are_excerpts_only_is_told_so(told):
    """Asked for versions, the hint leads to the sightings."""
    with pytest.raises(NotFoundError, match="no version is known") as caught:
        told[0].versions(ONLY)
    assert f"umecrawl history {ONLY} --sightings" in caught.value.hint
    with pytest.raises(NotFoundError, match="no capture of") as caught:
        told[0].history(ONLY)
    assert "--sightings" in caught.value.hint
    with pytest.raises(NotFoundError, match="has no article at"):
        told[0].sightings("https://blog.example/finns-inte")


def test_claims_are_those_of_an_article_or_of_one_page(told):
    """By URL of every page that shows the article, by id of one capture's page."""
    catalog, own, front = told
    assert [(one.capture, one.own, one.source, one.differs) for one in catalog.claims(BLOG)] == [
        (front.id, False, "json-ld", False),
        (front.id, False, "text", True),
        (own.id, True, "json-ld", False),
        (own.id, True, "text", True),
    ]
    assert [one.value for one in catalog.claims(own.id)] == ["Kansliet", "Åsa Ek"]
    assert [one.value for one in catalog.claims(front.id)] == ["Kansliet", "Åsa Ek"]
    with pytest.raises(NotFoundError):
        catalog.claims("00000000-0000-0000-0000-000000000000")


def test_comments_are_masked_unless_names_are_asked_for(told):
    """One pseudonym stands for one name on one site."""
    first, second = told[0].comments(BLOG)
    assert first.author == second.author != "Bo Al"
    assert (second.reply_to, second.captures, first.first_capture) == ("1", 1, told[1].id)
    assert {one.author for one in told[0].comments(BLOG, unmask=True)} == {"Bo Al"}


def test_a_signatory_is_an_author(told):
    """Search by author finds those who sign the text as well as those it is published by."""
    for author in ("åsa", "EK", "kansliet"):
        assert [hit.url for hit in told[0].search("hus", Filters(author=author))] == [BLOG]
    assert told[0].search("hus", Filters(author="Bo Al")) == []


def test_a_search_can_be_for_one_kind(told):
    """Articles and documents are told apart."""
    assert len(told[0].search("hus", Filters(kind="article"))) == 2
    assert told[0].search("hus", Filters(kind="document")) == []


def test_what_hangs_on_rows_becomes_json(told):
    """Signatories are objects, reasons a list."""
    catalog, own, _ = told
    (version,) = catalog.versions(BLOG)
    assert as_json(version)["signatories"] == [{"name": "Åsa Ek", "party": "S", "office": "ordförande"}]
    assert version.signatories[0].party == "S"
    seen = catalog.capture(own.id)
    assert (seen.score, seen.reasons, seen.outcome, as_json(seen)["reasons"]) == (0.5, ("kort",), "article", ["kort"])
