"""What a run found out, compared with what was known before it."""

from datetime import UTC, datetime, timedelta

import pytest

from umecrawl.errors import NotFoundError
from umecrawl.query.catalog import Catalog
from umecrawl.query.rows import NewsKind

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUNS = ("20260301120000-aaaa", "20260302120000-bbbb", "20260303120000-cccc")
BLOG, PAPER = "https://blogg.example", "https://tidning.example"


def told(catalog, number):
    """Return the news of the run of that number as (kind, path)."""
    rows = catalog.report(catalog.runs()[number].id)
    return [(row.kind.value, row.url.split(".example")[1]) for row in rows]


def test_in_the_first_run_all_is_new(catalog):
    """Nothing was known before."""
    assert told(catalog, 0) == [("new", "/budget"), ("new", "/plan/"), ("new", "/vagen")]


def test_the_second_run_finds_edits_removals_and_reuse(catalog):
    """An edit with its headline, a page that stayed, one that went, and a text taken over by another site."""
    assert told(catalog, 1) == [
        ("unchanged", "/budget"),
        ("edit", "/plan/"),
        ("headline", "/plan/"),
        ("removal", "/vagen"),
        ("new", "/nyheter/1"),
        ("republished", "/nyheter/1"),
    ]


def test_the_third_run_finds_what_came_back(catalog):
    """A text that changes back is an edit; a page that is back is restored; a failing server says nothing."""
    assert told(catalog, 2) == [
        ("edit", "/plan/"),
        ("headline", "/plan/"),
        ("restoration", "/vagen"),
        ("unchanged", "/nyheter/1"),
    ]


def test_news_carry_their_evidence(catalog):
    """Versions, words, source and the captures that show it."""
    rows = {(row.kind, row.url): row for row in catalog.report(catalog.runs()[1].id)}
    history = {url: [row.id for row in catalog.history(url)] for url in (f"{BLOG}/plan/", f"{BLOG}/vagen")}
    edit = rows[NewsKind.EDIT, f"{BLOG}/plan/"]
    first, second = catalog.versions(f"{BLOG}/plan/")
    assert (edit.from_version, edit.to_version) == (first.id, second.id)
    assert (edit.words_added, edit.words_removed) == (4, 1)
    assert edit.evidence == tuple(history[f"{BLOG}/plan/"][:2])
    removal = rows[NewsKind.REMOVAL, f"{BLOG}/vagen"]
    assert removal.to_version is None
    assert removal.detected_at == T0 + timedelta(days=1, hours=3)
    assert removal.evidence == tuple(history[f"{BLOG}/vagen"][:2])
    assert "404" in removal.summary
    republished = rows[NewsKind.REPUBLISHED, f"{PAPER}/nyheter/1"]
    assert republished.source_url == f"{BLOG}/plan/"
    assert republished.words_shared > 30


@pytest.mark.parametrize(("status", "kind"), [(410, "restoration"), (404, "new")])
def test_a_first_text_after_410_is_a_return_and_after_404_is_new(story, status, kind):
    """Gone means that it was there; not found may be a link that was ahead of its article."""
    _, two, three = RUNS
    story.page(two, 9, f"{BLOG}/dold", status=status)
    shown = story.page(three, 9, f"{BLOG}/dold", "Dold", "En text som ingen har sett förut.")
    story.write()
    with story.index.connect() as connection:
        (row,) = [row for row in Catalog(connection).report(three) if row.url == f"{BLOG}/dold"]
    assert row.kind.value == kind
    assert row.from_version is None
    assert row.evidence[-1] == shown


def test_a_later_run_does_not_change_an_earlier_report(story):
    """The report of a run stays what it was when the archive has grown."""

    def report(run):
        with story.index.connect() as connection:
            return Catalog(connection).report(run)

    _, two, three = RUNS
    before = report(two)
    assert before
    story.page(three, 9, f"{BLOG}/vagen", "Vägen", "Helt ny text om vägen.")
    story.write()
    assert report(two) == before
    assert ("edit", f"{BLOG}/vagen") in [(row.kind.value, row.url) for row in report(three)]


def test_an_unknown_run_is_told(catalog):
    """A run that is not in the archive has no report."""
    with pytest.raises(NotFoundError):
        catalog.report("none")
