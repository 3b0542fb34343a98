"""Answers from an index that holds three days of a blog and a newspaper."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from umecrawl.errors import NotFoundError, UsageError
from umecrawl.model.crawl import Skipped
from umecrawl.model.urls import Url
from umecrawl.query.catalog import Catalog
from umecrawl.query.counts import Counts
from umecrawl.query.extracts import view_named
from umecrawl.query.filters import Filters
from umecrawl.query.json_form import as_json

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
BLOG, PAPER = "https://blogg.example", "https://tidning.example"


def urls(hits):
    """Return the URLs of hits without what they begin with."""
    return [hit.url.removeprefix("https://") for hit in hits]


def test_history_tells_every_capture_in_time_order(catalog):
    """Captures of a URL under any alias, with status, quality and the version each shows."""
    rows = catalog.history("http://www.blogg.example/vagen/")
    assert [row.status for row in rows] == [200, 404, 200]
    assert [row.quality for row in rows] == ["full", "error", "full"]
    assert [row.record_type for row in rows] == ["response", "response", "revisit"]
    assert rows[0].version == rows[2].version is not None
    assert rows[1].version is None
    assert rows[2].refers_to == rows[0].id
    assert rows[0].captured_at == T0 + timedelta(hours=3)


def test_an_unknown_url_is_told_with_the_nearest_known_one(catalog):
    """A mistyped URL gets the one that was probably meant."""
    with pytest.raises(NotFoundError, match=r"blogg\.example/vagn") as caught:
        catalog.history("blogg.example/vagn")
    assert f"{BLOG}/vagen" in caught.value.hint
    with pytest.raises(NotFoundError) as caught:
        catalog.history("https://nowhere.example/")
    assert "umecrawl status" in caught.value.hint


def test_a_url_that_was_skipped_only_has_no_history(catalog):
    """What was left out is known to the index, but not archived."""
    with pytest.raises(NotFoundError):
        catalog.history(f"{BLOG}/a.zip")


def test_versions_tell_what_changed_from_one_to_the_next(catalog):
    """Two versions: the first shown twice, the second with words added and removed."""
    first, second = catalog.versions(f"{BLOG}/plan/")
    assert (first.title, first.captures, first.words_added, first.title_changed) == ("Ny skola på Teg", 2, None, None)
    assert first.current
    assert not second.current
    assert (second.words_added, second.words_removed, second.title_changed) == (4, 1, True)
    assert second.published_at == "2026-02-27T08:00:00Z"


def test_a_page_without_an_article_has_no_versions(catalog):
    """A URL that only failed is told apart from one that is not known."""
    with pytest.raises(NotFoundError, match="no article was read"):
        catalog.versions(f"{BLOG}/trasig")
    with pytest.raises(NotFoundError, match="has no article at"):
        catalog.versions(f"{BLOG}/finns-inte")


def test_diff_compares_the_last_two_or_those_named(catalog):
    """Versions are named by the beginning of their ids."""
    first, second = catalog.versions(f"{BLOG}/plan/")
    assert [hunk.added for hunk in catalog.diff(f"{BLOG}/plan/").hunks] == ["7", ", säger Åsa Ek"]
    back = catalog.diff(f"{BLOG}/plan/", second.id[:8], first.id)
    assert [hunk.removed for hunk in back.hunks] == ["7", ", säger Åsa Ek"]
    with pytest.raises(NotFoundError, match="one version only"):
        catalog.diff(f"{BLOG}/budget")
    with pytest.raises(NotFoundError, match="no version begins with zz"):
        catalog.diff(f"{BLOG}/plan/", "zz")


@pytest.mark.parametrize(
    ("query", "filters", "expected"),
    [
        ("länsväg", {}, ["blogg.example/vagen"]),
        ("lansvag", {}, []),
        ("trygghet", {}, ["blogg.example/budget"]),
        ("kommunalråd", {"site": "www.tidning.example"}, ["tidning.example/nyheter/1"]),
        ("skola", {"author": "åsa"}, ["blogg.example/plan/"] * 2),
        ("skola", {"author": "ÅSA EK", "current": True}, ["blogg.example/plan/"]),
        ("umeå", {"since": date(2026, 2, 28), "until": date(2026, 2, 28)}, ["blogg.example/budget"]),
        ("umeå", {"since": date(2026, 3, 2)}, ["tidning.example/nyheter/1"]),
        ("umeå", {"until": datetime(2026, 2, 27, 8, tzinfo=UTC)}, ["blogg.example/plan/"] * 2),
        ("länsväg", {"since": date(2026, 3, 1), "until": date(2026, 3, 1)}, ["blogg.example/vagen"]),
        ("länsväg", {"since": date(2026, 3, 2)}, []),
        ('"bygga en ny skola" NOT blogg', {"current": True}, ["blogg.example/plan/"]),
    ],
)
def test_search_finds_and_filters(catalog, query, filters, expected):
    """Inflected words, sites, authors, publication and what still stands."""
    assert urls(catalog.search(query, Filters(**filters))) == expected


def test_a_hit_shows_why_it_was_found(catalog):
    """The extract marks the words as the text has them; scores fall."""
    hits = catalog.search("skola OR äldreomsorg", limit=3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    paper = next(hit for hit in hits if hit.site == "tidning.example")
    assert [paper.snippet[start:end] for start, end in paper.marks] == ["skola", "äldreomsorgens"]


def test_a_limit_of_none_gives_all(catalog):
    """Without a limit every match is returned."""
    assert len(catalog.search("umeå", limit=None)) == 4
    assert len(catalog.search("umeå", limit=1)) == 1


def test_a_malformed_search_is_refused(catalog):
    """The query language tells what is wrong before the database is asked."""
    with pytest.raises(UsageError, match="character 1"):
        catalog.search('"skola')


def test_the_capture_closest_to_a_time_is_returned(catalog):
    """By id, by URL (the latest), and by URL and time."""
    rows = catalog.history(f"{BLOG}/vagen")
    assert catalog.capture(rows[1].id.upper()) == rows[1]
    assert catalog.capture(f"{BLOG}/vagen") == rows[2]
    assert catalog.capture(f"{BLOG}/vagen", T0 - timedelta(days=9)) == rows[0]
    assert catalog.capture(f"{BLOG}/vagen", rows[1].captured_at + timedelta(hours=11)) == rows[1]
    assert catalog.capture(f"{BLOG}/vagen", rows[1].captured_at + timedelta(hours=12)) == rows[1]
    assert catalog.capture(f"{BLOG}/vagen", rows[1].captured_at + timedelta(hours=13)) == rows[2]
    with pytest.raises(NotFoundError, match="no capture"):
        catalog.capture("00000000-0000-0000-0000-000000000000")
    with pytest.raises(NotFoundError, match="never answered"):
        catalog.capture(f"{BLOG}/trasig")


def test_runs_have_their_figures(catalog):
    """Captures, revisits, failures and skips by rule; a run without end has no outcome."""
    one, two, three = catalog.runs()
    assert (one.outcome, one.captured, one.failed, one.requested, one.revisits) == ("finished", 3, 1, 4, 0)
    assert one.skipped == Counts((("max-bytes", 2),))
    assert (two.outcome, two.revisits, two.new_versions, two.skipped) == ("seed-failed", 1, 2, Counts())
    assert (three.outcome, three.ended_at) == (None, None)


@pytest.mark.parametrize("ask", ["fetches", "skipped", "uncaptured", "captures"])
def test_an_unknown_run_is_told_with_the_latest(catalog, ask):
    """A mistyped id is no run of which nothing is known."""
    with pytest.raises(NotFoundError, match="no run none") as caught:
        catalog.captures(run="none") if ask == "captures" else getattr(catalog, ask)("none")
    assert catalog.runs()[-1].id in caught.value.hint


def test_a_run_without_a_beginning_is_never_the_latest(story):
    """What other tools wrote may name a run and not tell when it was; it comes first on either database."""
    story.tell(Skipped(Url(f"{BLOG}/c.zip"), "max-bytes", "too large", "blogg", None, "L", "zz", T0))
    story.write()
    with story.index.connect() as connection:
        catalog = Catalog(connection)
        assert [run.started_at is None for run in catalog.runs()] == [True, False, False, False]
        assert sum(row.captured for row in catalog.figures("last", "host")) == catalog.runs()[-1].captured == 4


def test_fetches_and_skips_of_a_run(catalog):
    """Every attempt with its outcome, every URL left out with its rule."""
    run = catalog.runs()[0].id
    assert [(row.outcome, row.reason) for row in catalog.fetches(run)] == [("captured", None)] * 3 + [
        ("failed", "timeout")
    ]
    assert [(row.rule, row.url) for row in catalog.skipped(run)] == [
        ("max-bytes", f"{BLOG}/a.zip"),
        ("max-bytes", f"{BLOG}/b.zip"),
    ]
    with pytest.raises(NotFoundError):
        catalog.fetches("none")


def test_status_counts_and_names_problems(catalog):
    """Figures over all runs; what dedup saved is the size of payloads served again."""
    status = catalog.status()
    assert (status.captures, status.revisits, status.articles, status.versions, status.runs) == (11, 4, 4, 5, 3)
    assert (status.failed, status.skipped, status.resources) == (1, 2, 4)
    assert status.bytes_wire == 11 * 1200
    assert status.bytes_saved == sum(row.size for row in catalog.captures() if row.record_type == "revisit") > 0
    assert status.first_capture_at == T0 + timedelta(hours=1)
    assert len(status.problems) == 2
    assert "no end record" in status.problems[0]
    assert "tidning.example did not answer" in status.problems[1]


def test_captures_can_be_listed_by_site_and_run(catalog):
    """All captures in time order, or a part of them."""
    every = list(catalog.captures())
    assert len(every) == 11
    assert [row.captured_at for row in every] == sorted(row.captured_at for row in every)
    assert len(list(catalog.captures(site="www.tidning.example"))) == 2
    assert len(list(catalog.captures(site="blogg.example", run=every[0].run))) == 3


def test_reuse_gives_the_passage_with_its_direction(catalog):
    """The newspaper has the blog's lede, and the blog had it first."""
    (row,) = catalog.reuse()
    assert (row.source_url, row.target_url) == (f"{BLOG}/plan/", f"{PAPER}/nyheter/1")
    assert row.passage.startswith("Kommunalråden i Umeå vill bygga")
    assert row.passage.endswith("utredning och samtal")
    assert (row.ordering, row.similarity) == ("published", 1.0)
    assert catalog.reuse(f"{PAPER}/nyheter/1") == [row]
    assert catalog.reuse(f"{BLOG}/budget") == []


def test_every_row_becomes_json(catalog):
    """Times are RFC 3339 in UTC, absent values null, counts an object."""
    rows = [
        *catalog.history(f"{BLOG}/plan/"),
        *catalog.versions(f"{BLOG}/plan/"),
        *catalog.search("skola"),
        *catalog.runs(),
        *catalog.fetches(catalog.runs()[0].id),
        *catalog.skipped(catalog.runs()[0].id),
        *catalog.reuse(),
        catalog.status(),
        *catalog.report(catalog.runs()[1].id),
    ]
    for row in rows:
        json.loads(json.dumps(as_json(row)))
    assert as_json(rows[0])["captured_at"] == "2026-03-01T13:00:00Z"
    assert as_json(rows[0])["via"] is None
    assert as_json(catalog.runs()[0])["skipped"] == {"max-bytes": 2}


def test_an_unknown_view_is_told_with_those_there_are():
    """The hint names the views."""
    with pytest.raises(UsageError) as caught:
        view_named("nothing")
    assert "versions" in caught.value.hint
