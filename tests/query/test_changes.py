"""Choosing changes and citations by time, site, kind and state; citing one capture."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from umecrawl.errors import NotFoundError, UsageError
from umecrawl.index.engine import Index
from umecrawl.model.article import Link
from umecrawl.model.urls import Url
from umecrawl.query.catalog import Catalog
from umecrawl.query.changes import ChangeFilters
from umecrawl.query.citations import CitationFilters
from umecrawl.query.cite import STYLES

from .conftest import BLOG, PAPER, RUNS, T0, TEXTS, Story

PLAN, ROAD = f"{BLOG}/plan/", f"{BLOG}/vagen"


def told(catalog, **wanted):
    """Return kind and path of the changes wanted."""
    return [(row.kind, row.url.removeprefix(BLOG)) for row in catalog.changes(ChangeFilters(**wanted))]


def test_changes_come_the_latest_first(catalog):
    """Three days of a blog: headline and text changed and changed back, a page gone for a day."""
    assert told(catalog) == [
        ("restoration", "/vagen"),
        ("edit", "/plan/"),
        ("headline", "/plan/"),
        ("removal", "/vagen"),
        ("edit", "/plan/"),
        ("headline", "/plan/"),
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"kind": "removal"}, ["removal"]),
        ({"kind": "moved"}, []),
        ({"site": "tidning.example"}, []),
        ({"site": f"{BLOG}/x", "run": RUNS[1], "kind": "edit"}, ["edit"]),
        ({"since": date(2026, 3, 3)}, ["restoration", "edit", "headline"]),
        ({"since": datetime(2026, 3, 3, 14, tzinfo=UTC)}, ["restoration"]),
        ({"until": date(2026, 3, 2)}, ["removal", "edit", "headline"]),
        ({"until": datetime(2026, 3, 2, 13, tzinfo=UTC)}, ["edit", "headline"]),
        ({"url": "http://www.blogg.example/vagen/"}, ["restoration", "removal"]),
    ],
)
def test_changes_are_chosen_by_time_site_kind_run_and_article(catalog, wanted, expected):
    """Bounds are inclusive; a day is a whole day in UTC; a URL may be written in any spelling."""
    assert [kind for kind, _ in told(catalog, **wanted)] == expected


def test_what_is_asked_wrongly_is_told(catalog):
    """A kind or state that does not exist, a run and a URL that are not in the archive."""
    with pytest.raises(UsageError, match="no kind of change 'edits'"):
        told(catalog, kind="edits")
    with pytest.raises(NotFoundError):
        told(catalog, run="20200101000000-xxxx")
    with pytest.raises(NotFoundError):
        told(catalog, url=f"{BLOG}/finns-inte")
    with pytest.raises(UsageError, match="no state 'lost'"):
        catalog.citations(CitationFilters(state="lost"))


@pytest.fixture
def cited(database):
    """Tell of a post that cites pages with every fate."""
    index = Index.open(database)
    story = Story(index)
    paths = ("archived", "gone", "blocked", "moved", "pending")
    links = tuple(
        Link(Url(f"{PAPER}/{path}"), f"det {path}", f"Läs om det {path} här.", 5 * number)
        for number, path in enumerate(paths)
    )
    story.page(RUNS[0], 1, PLAN, "Ny skola på Teg", TEXTS["plan"], links=links)
    story.page(RUNS[0], 2, f"{PAPER}/archived", "Arkiverad", TEXTS["budget"])
    story.page(RUNS[0], 3, f"{PAPER}/gone", "Borta", TEXTS["vägen"])
    story.page(RUNS[1], 3, f"{PAPER}/gone", status=410)
    story.page(RUNS[0], 4, f"{PAPER}/blocked", status=403)
    story.page(RUNS[1], 1, PLAN, "Ny skola på Teg", TEXTS["plan"], links=links)
    story.write()
    with index.connect() as connection:
        yield Catalog(connection)
    index.close()


def test_each_link_is_told_once_with_its_sentence_and_what_became_of_it(cited):
    """Two captures of a version are one row for each of its links."""
    rows = cited.citations(CitationFilters())
    assert {row.to_url.removeprefix(f"{PAPER}/"): row.target_state for row in rows} == {
        "archived": "archived",
        "gone": "gone",
        "blocked": "blocked",
        "moved": "pending",
        "pending": "pending",
    }
    assert len(rows) == 5
    assert {row.first_seen for row in rows} == {T0 + timedelta(hours=1)}
    (one,) = cited.citations(CitationFilters(target=f"{PAPER}/archived"))
    assert (one.anchor, one.sentence, one.kind) == ("det archived", "Läs om det archived här.", "link")
    assert one.target_capture == cited.history(f"{PAPER}/archived")[0].id
    (gone,) = cited.citations(CitationFilters(state="gone"))
    assert gone.target_capture == cited.history(f"{PAPER}/gone")[0].id, "what it was when it could be had"


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"site": "blogg.example"}, 5),
        ({"site": "tidning.example"}, 0),
        ({"target_site": "tidning.example"}, 5),
        ({"target_site": "blogg.example"}, 0),
        ({"url": PLAN}, 5),
        ({"state": "pending"}, 2),
    ],
)
def test_citations_are_chosen_by_either_side(cited, wanted, count):
    """By article, site, target, its site and its state."""
    assert len(cited.citations(CitationFilters(**wanted))) == count


def test_a_citation_names_author_dates_text_and_proof(catalog):
    """In each style: who, what, when it was published and captured, the record and its digests."""
    one = catalog.cite(PLAN, T0 + timedelta(hours=1))
    assert (one.title, one.authors, one.number, one.versions) == ("Ny skola på Teg", ("Åsa Ek",), 1, 2)
    text = STYLES["text"](one)
    assert text.startswith("Åsa Ek: “Ny skola på Teg”. blogg.example, published 2026-02-27.\n")
    assert f"WARC record urn:uuid:{one.capture} in umea-1.warc.gz at offset {one.offset}." in text
    bibtex = STYLES["bibtex"](one)
    assert bibtex.startswith(f"@online{{bloggexample20260301{one.capture[:8]},\n  author = {{{{Åsa Ek}}}},")
    assert "  urldate = {2026-03-01},\n" in bibtex
    (item,) = json.loads(STYLES["csl-json"](one))
    assert item["author"] == [{"literal": "Åsa Ek"}]
    assert item["issued"] == {"date-parts": [[2026, 2, 27]]}
    assert item["accessed"] == {"date-parts": [[2026, 3, 1]]}


def test_a_long_passage_is_linked_by_its_ends(catalog):
    """Text fragments of more than 200 characters are cumbersome; dashes and commas are escaped."""
    short = catalog.cite(PLAN, T0 + timedelta(hours=1), quote="det  kostar 5 MILJONER")
    assert short.quote == "Det kostar 5 miljoner", "as it stands there"
    assert short.link == f"{PLAN}#:~:text=Det%20kostar%205%20miljoner"
    long = catalog.cite(PLAN, T0 + timedelta(hours=1), quote=TEXTS["plan"])
    start, _, end = long.link.partition("#:~:text=")[2].partition(",")
    assert start == "Kommunalr%C3%A5den%20i%20Ume%C3%A5%20vill%20bygga%20en"
    assert end == "samtal.%20Det%20kostar%205%20miljoner%20kronor."
    with pytest.raises(NotFoundError, match="does not stand in the text"):
        catalog.cite(PLAN, quote="Det sade ingen")


def test_a_passage_is_cited_as_it_stands_whatever_letters_come_before_it(database):
    """A letter that two stand for in another case moves no place."""
    index = Index.open(database)
    story = Story(index)
    story.page(RUNS[0], 1, PLAN, "Resan", "Från Große Straße i \u0130zmir kom beskedet: alla väntar på svar.")
    story.write()
    with index.connect() as connection:
        assert Catalog(connection).cite(PLAN, quote="KOM BESKEDET").quote == "kom beskedet"
    index.close()


def test_a_capture_without_an_article_can_be_cited(catalog):
    """What answered 404 is evidence too."""
    one = catalog.cite(ROAD, T0 + timedelta(days=1, hours=3))
    assert (one.title, one.version, one.site) == ("", None, "blogg.example")
    assert STYLES["text"](one).startswith(f"{ROAD}. blogg.example.\n{ROAD}\nCaptured 2026-03-02T15:00:00")
    assert "Text sha256" not in STYLES["text"](one)
