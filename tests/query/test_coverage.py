"""How well sites were watched, and what is named and was never captured."""

import csv
import io
from datetime import date

import pytest
from archived import article, at, capture, crawl_run, failure, post, put, skipped, table
from click.testing import CliRunner

import umecrawl
from umecrawl.cli import umecrawl as command
from umecrawl.errors import UsageError
from umecrawl.index.engine import Index
from umecrawl.index.views import coverage, missed
from umecrawl.model.article import Link, Outcome
from umecrawl.model.crawl import Hop, Outlink
from umecrawl.model.urls import Url
from umecrawl.query.coverage import CoverageFilters, find_coverage

BLOG, PAPER = "https://blog.example", "https://paper.example"


def run_of(day):
    """Return the id of the run of a day."""
    return f"202403{day + 1:02}060000-aaaa"


@pytest.fixture
def told(database):
    """Watch a blog on two days with three between, and a newspaper that does not want it."""
    index = Index.open(database)
    for day in (0, 4):
        run = run_of(day)
        page = capture(f"{BLOG}/ett/", "ett", at(days=day, minutes=1), run=run)
        links = tuple(Link(Url(url), "hit", "Se hit.", 0) for url in (f"{PAPER}/bort", f"{PAPER}/nej", f"{BLOG}/ett/"))
        names = tuple(Outlink(Url(f"{BLOG}/{name}/"), Hop.MANIFEST) for name in ("ett", "tva"))
        put(
            index,
            crawl_run(run),
            page,
            (page, article(post(f"{BLOG}/ett/", "Ett", "Text om ett.", links=links))),
            capture(f"{BLOG}/sitemap.xml", "map", at(days=day, minutes=2), run=run, mime="text/xml", outlinks=names),
            capture(f"{BLOG}/borta/", "borta", at(days=day, minutes=3), run=run, status=404),
            capture(f"{BLOG}/stil.css", "stil", at(days=day, minutes=4), run=run, mime="text/css", hop_path="LE"),
            capture(f"{BLOG}/robots.txt", "robots", at(days=day, minutes=5), run=run, mime="text/plain", hop_path="P"),
            capture(f"{PAPER}/", "nej", at(days=day, minutes=6), run=run, status=403),
            failure(f"{PAPER}/bort", at(days=day, minutes=7), run=run),
            skipped(f"{PAPER}/nej", at(days=day, minutes=8), run=run, rule="robots"),
            skipped("https://annan.example/", at(days=day, minutes=9), run=run),
        )
    yield index
    index.close()


def test_a_day_of_a_site_is_told_in_figures(told):
    """Pages count; what pages need, and robots.txt, do not."""
    rows = {(row["day"], row["site"]): row for row in table(told, coverage)}
    blog, paper = rows["2024-03-01", "blog.example"], rows["2024-03-05", "paper.example"]
    assert {name: blog[name] for name in ("runs", "requested", "captured", "pages", "gone", "new_versions")} == {
        "runs": 1, "requested": 3, "captured": 3, "pages": 1, "gone": 1, "new_versions": 1,
    }  # fmt: skip
    assert {name: paper[name] for name in ("requested", "blocked", "failed", "robots", "left_out")} == {
        "requested": 2, "blocked": 1, "failed": 1, "robots": 1, "left_out": 1,
    }  # fmt: skip
    assert rows["2024-03-05", "blog.example"]["new_versions"] == 0


def test_what_is_named_and_was_never_captured_is_missed_for_a_reason(told):
    """A sitemap and a text name them; one failed, one is forbidden, one waits."""
    rows = [tuple(row[name] for name in ("url", "named_by", "state", "reason")) for row in table(told, missed)]
    assert sorted(rows) == [
        (f"{BLOG}/tva/", "sitemap", "pending", None),
        (f"{PAPER}/bort", "article", "failed", "timeout"),
        (f"{PAPER}/nej", "article", "blocked", "robots"),
    ]


def test_days_on_which_nobody_asked_are_told_too(told):
    """The span goes from the first day of a site to the last day of all."""
    with told.connect() as connection:
        rows = find_coverage(connection, CoverageFilters(site="blog.example"))
        assert [row.period[8:] for row in rows] == ["01", "02", "03", "04", "05"]
        assert [row.days_watched for row in rows] == [1, 0, 0, 0, 1]
        (month, paper) = find_coverage(connection, CoverageFilters(), "month")
        assert (month.site, month.period, month.days, month.days_watched, month.requested) == (
            "blog.example", "2024-03", 5, 2, 6,
        )  # fmt: skip
        assert (paper.blocked, paper.failed, paper.robots) == (2, 2, 2)
        (whole,) = find_coverage(connection, CoverageFilters(since=date(2024, 2, 28), site="paper.example"), "all")
        assert (whole.period, whole.days, whole.runs) == ("2024-02-28/2024-03-05", 7, 2)
        assert find_coverage(connection, CoverageFilters(since=date(2025, 1, 1))) == []
        assert len(find_coverage(connection, CoverageFilters(site="annan.example"))) == 5, "where it is named"
        with pytest.raises(UsageError, match="no time to watch"):
            find_coverage(connection, CoverageFilters(since=date(1, 1, 1)))
        with pytest.raises(UsageError, match="no time to watch"):
            find_coverage(connection, CoverageFilters(until=date(9999, 12, 31)))
        with pytest.raises(UsageError, match="no period"):
            find_coverage(connection, CoverageFilters(), "week")


def test_the_command_tells_it_for_people_and_programs(tmp_path):
    """A table, or all fields."""
    (tmp_path / "warc").mkdir()
    index = Index.open(Index.default_url(tmp_path), create=True)
    shown = capture(f"{BLOG}/ett/", "ett", at(), run=run_of(0))
    listing = capture(f"{BLOG}/", "list", at(minutes=1), run=run_of(0))
    told = article(post(f"{BLOG}/ny/", "Ny", "Text", excerpt=True), outcome=Outcome.LISTING)
    put(
        index,
        crawl_run(run_of(0)),
        shown,
        (shown, article(post(f"{BLOG}/ett/", "Ett", "Text."))),
        listing,
        (listing, told),
    )
    index.close()
    done = CliRunner().invoke(command, ["coverage", "--archive", str(tmp_path)], env={"COLUMNS": "80"})
    assert done.exit_code == 0, done.output
    assert "blog.example" in done.output
    done = CliRunner().invoke(command, ["coverage", "--by", "all", "--csv", "--archive", str(tmp_path)])
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["requested"], row["new_versions"]) == ("2", "1")
    with umecrawl.open(tmp_path) as archive:
        assert archive.coverage(by="day")[0].pages == 2
