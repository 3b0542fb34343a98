"""How often something was written, when, where and by whom; what is like an article; filters and pages of a search."""

from datetime import UTC, date, datetime

import pytest

from umecrawl.errors import NotFoundError, UsageError
from umecrawl.model.article import Sourced
from umecrawl.query import ranking
from umecrawl.query.catalog import Catalog
from umecrawl.query.counting_rows import CountRow, TimelineRow
from umecrawl.query.filters import Filters

RUN = "20260303120000-cccc"
BLOG, PAPER = "https://blogg.example", "https://tidning.example"
ALL = Filters()


def counted(rows):
    """Return what was counted under each name."""
    return {row.name: (row.articles, row.versions) for row in rows}


def test_an_article_counts_once_however_many_versions_match(catalog):
    """By month of publication; the versions are told beside."""
    rows = catalog.count("skola OR väg", ALL)
    assert counted(rows) == {"2026-02": (2, 3), "2026-03": (2, 2)}
    assert rows[0] == CountRow("month", "2026-02", 2, 3)
    assert counted(catalog.count("länsväg", ALL)) == {"2026-03": (1, 1)}
    assert catalog.count("finnsinte", ALL) == []


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("year", {"2026": (4, 5)}),
        ("month", {"2026-02": (2, 3), "2026-03": (2, 2)}),
        ("week", {"2026-W09": (3, 4), "2026-W10": (1, 1)}),
        ("day", {"2026-02-27": (1, 2), "2026-02-28": (1, 1), "2026-03-01": (1, 1), "2026-03-02": (1, 1)}),
        ("site", {"blogg.example": (3, 4), "tidning.example": (1, 1)}),
        ("author", {None: (3, 3), "Åsa Ek": (1, 2)}),
        ("signatory", {}),
    ],
)
def test_everything_is_counted_by_period_place_and_person(catalog, by, expected):
    """Without a query all articles are counted; sums over periods are the number of articles."""
    assert counted(catalog.count(None, ALL, by)) == expected


def test_counts_obey_the_filters(catalog):
    """Bounds of time are those of the day under which an article is counted."""
    assert counted(catalog.count("umeå", Filters(site="tidning.example"))) == {"2026-03": (1, 1)}
    assert counted(catalog.count(None, Filters(since=date(2026, 2, 28), until=date(2026, 3, 1)), "day")) == {
        "2026-02-28": (1, 1),
        "2026-03-01": (1, 1),
    }
    assert counted(catalog.count("skola", Filters(current=True))) == {"2026-02": (2, 2), "2026-03": (1, 1)}


def test_what_cannot_be_counted_by_is_refused(catalog):
    """The error names what can."""
    with pytest.raises(UsageError, match="colour") as caught:
        catalog.count(None, ALL, "colour")
    assert "month" in caught.value.hint
    with pytest.raises(UsageError, match="site"):
        catalog.timeline("skola", ALL, "site")


def test_a_timeline_tells_the_share_of_all_articles(catalog):
    """Each period has what was found, what there is, and the share of it."""
    assert catalog.timeline("länsväg", ALL) == [
        TimelineRow("2026-02", 0, 2, 0.0),
        TimelineRow("2026-03", 1, 2, 0.5),
    ]
    assert [row.share for row in catalog.timeline("umeå", Filters(site="blogg.example"), "year")] == [0.666667]


def test_a_timeline_has_no_gaps(catalog):
    """Periods without articles are there, and those within the bounds that were asked for."""
    rows = catalog.timeline("väg", Filters(since=date(2026, 2, 26), until=datetime(2026, 3, 4, tzinfo=UTC)), "day")
    assert [row.period for row in rows] == [f"2026-02-{day}" for day in (26, 27, 28)] + [
        f"2026-03-0{day}" for day in (1, 2, 3, 4)
    ]
    assert [row.share for row in rows] == [None, 0.0, 0.0, 1.0, 0.0, None, None]
    assert [row.period for row in catalog.timeline("väg", ALL, "week")] == ["2026-W09", "2026-W10"]


def test_a_wrong_date_does_not_fill_a_timeline_with_empty_periods(story):
    """An article dated in the year 1 or 9999 is counted there, and the periods between are left out."""
    for hour, day in enumerate(("0001-01-01", "9999-12-31", "i går")):
        claimed = Sourced(day, "json-ld", day)
        story.page(RUN, 5 + hour, f"{BLOG}/fel{hour}", "Fel", f"Ett feldaterat inlägg {hour}.", published=claimed)
    story.write()
    with story.index.connect() as connection:
        rows = Catalog(connection).timeline("feldaterat", ALL)
    assert [(row.period, row.articles) for row in rows] == [
        ("0001-01", 1),
        ("2026-02", 0),
        ("2026-03", 1),
        ("9999-12", 1),
    ]


@pytest.mark.parametrize(
    ("query", "filters", "expected"),
    [
        ("umeå", {"run": "20260302120000-bbbb"}, {f"{BLOG}/plan/", f"{BLOG}/budget", f"{PAPER}/nyheter/1"}),
        ("väg", {"run": "20260302120000-bbbb"}, set()),
        ("umeå", {"quality": "full", "site": "tidning.example"}, {f"{PAPER}/nyheter/1"}),
        ("umeå", {"quality": "teaser"}, set()),
        ("umeå", {"signatory": "Ek"}, set()),
    ],
)
def test_a_search_is_narrowed_by_what_captures_show(catalog, query, filters, expected):
    """By run, by quality, by who signs."""
    assert {hit.url for hit in catalog.search(query, Filters(**filters))} == expected


def test_unknown_runs_and_qualities_are_told(catalog):
    """Neither is taken for a filter that finds nothing."""
    with pytest.raises(NotFoundError, match="no run x"):
        catalog.search("umeå", Filters(run="x"))
    with pytest.raises(UsageError, match="no quality"):
        catalog.search("umeå", Filters(quality="good"))


@pytest.mark.parametrize("ranked", [1, 2, 4, 5, 100])
@pytest.mark.parametrize("filters", [ALL, Filters(kind="article", site="blogg.example")])
def test_pages_of_an_answer_follow_each_other(catalog, monkeypatch, ranked, filters):
    """Whatever their length, pages put one after the other are the whole answer, ties in a fixed order.

    So it is whether all matches or only the newest of them are ranked.
    """
    monkeypatch.setattr(ranking, "RANKED", ranked)
    whole = [hit.id for hit in catalog.search("umeå OR väg", filters, limit=None)]
    assert len(whole) == len(set(whole)) == (5 if filters is ALL else 4)
    for length in (1, 2, 3):
        pages = [catalog.search("umeå OR väg", filters, limit=length, offset=start) for start in range(0, 6, length)]
        assert [hit.id for page in pages for hit in page] == whole
    assert catalog.search("umeå", filters, offset=100) == []


@pytest.mark.parametrize("ranked", [0, 1, 2, 4])
@pytest.mark.parametrize("filters", [ALL, Filters(site="blogg.example"), Filters(site="tidning.example", current=True)])
@pytest.mark.parametrize(
    "query",
    [
        '"ny skola"',
        "skola NEAR/5 umeå",
        "title:skola",
        'umeå NOT "ny skola"',
        '(umeå OR väg) NOT "ny skola"',
        '"ny skola" OR title:budget',
        "*skol* NEAR/3 bygga",
    ],
)
def test_the_same_is_found_however_many_are_ranked(catalog, monkeypatch, query, filters, ranked):
    """Where words stand, and which texts pass the filters, is asked in another order of many matches."""
    found = {hit.id for hit in catalog.search(query, filters, limit=None)}
    assert found or filters is not ALL
    monkeypatch.setattr(ranking, "RANKED", ranked)
    assert {hit.id for hit in catalog.search(query, filters, limit=None)} == found


@pytest.mark.parametrize("ranked", [1, 3])
def test_of_too_many_matches_the_newest_are_ranked(catalog, monkeypatch, ranked):
    """They come first with the scores they have among all; the others follow by their age, without a score."""
    all_ranked = {hit.id: hit for hit in catalog.search("umeå OR väg", limit=None)}
    monkeypatch.setattr(ranking, "RANKED", ranked)
    hits = catalog.search("umeå OR väg", limit=None)
    assert {hit.id for hit in hits} == set(all_ranked)
    first, rest = hits[:ranked], hits[ranked:]
    assert [hit.score for hit in first] == sorted((all_ranked[hit.id].score for hit in first), reverse=True)
    assert {hit.score for hit in rest} == {0.0}
    assert [hit.snippet for hit in rest] == [all_ranked[hit.id].snippet for hit in rest]
    days = [day_of(hit, list(all_ranked.values())) for hit in hits]
    assert min(days[:ranked]) >= max(days[ranked:])
    assert days[ranked:] == sorted(days[ranked:], reverse=True)


def day_of(hit, hits):
    """Return the day an article is counted under: the earliest that its versions state, else that of its capture."""
    return min((one.published_at or f"{one.first_seen:%Y-%m-%d}")[:10] for one in hits if one.url == hit.url)


def test_similar_articles_share_telling_words(catalog):
    """The newspaper that took the blog's text over is most like it, and the other way; nothing is like itself."""
    (first, *_) = catalog.similar(f"{BLOG}/plan/", ALL)
    assert first.url == f"{PAPER}/nyheter/1"
    assert 0.5 < first.similarity <= 1
    assert first.shared
    for url in (f"{BLOG}/plan/", first.url):
        assert set(first.shared) <= set(catalog.versions(url)[0].text.lower().replace(",", " ").split())
    assert catalog.similar(f"{PAPER}/nyheter/1", ALL)[0].url == f"{BLOG}/plan/"
    assert catalog.similar(f"{PAPER}/nyheter/1", Filters(site="tidning.example")) == []
    assert f"{BLOG}/plan/" not in {row.url for row in catalog.similar(f"{BLOG}/plan/", ALL, limit=None)}
    with pytest.raises(NotFoundError):
        catalog.similar(f"{BLOG}/trasig", ALL)
