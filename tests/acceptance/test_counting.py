"""What a researcher counts and compares at the command line: by month, over time, what is alike; page by page."""

import csv
import io
import json

import pytest


@pytest.fixture
def ask(demo, cli):
    """Ask the demo's archive."""

    def ask(*arguments, check=True):
        return cli(*arguments, "--archive", str(demo[0]), check=check)

    return ask


def asked(ask, *arguments):
    """Return the rows of an answer."""
    return json.loads(ask(*arguments, "--json").stdout)


def test_counts_agree_with_what_a_search_finds(ask):
    """The articles of all months, and of all sites, are those that the search lists."""
    hits = asked(ask, "search", "skola", "--limit", "1000")
    assert hits
    for by in ("day", "week", "month", "year", "site"):
        rows = asked(ask, "count", "skola", "--by", by)
        assert sum(row["articles"] for row in rows) == len({hit["url"] for hit in hits})
        assert sum(row["versions"] for row in rows) == len(hits)
    site = hits[0]["site"]
    assert asked(ask, "count", "skola", "--by", "site", "--site", site)[0]["name"] == site
    table = ask("count", "--by", "author")
    assert "versions" in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= 80


def test_every_form_holds_the_same_rows(ask):
    """JSON lines and CSV hold what JSON holds."""
    for command in (("count", "--by", "site"), ("timeline", "skola", "--by", "year")):
        rows = asked(ask, *command)
        assert rows == [json.loads(line) for line in ask(*command, "--nl").stdout.splitlines()]
        table = list(csv.DictReader(io.StringIO(ask(*command, "--csv").stdout)))
        assert [list(row) for row in rows] == [list(row) for row in table]


def test_a_timeline_shows_shares(ask):
    """Each period has its number, the whole and the share; the table draws them."""
    rows = asked(ask, "timeline", "skola OR budget", "--by", "month")
    assert all(row["articles"] <= row["all_articles"] for row in rows)
    assert all(
        row["share"] == pytest.approx(row["articles"] / row["all_articles"], abs=1e-6)
        for row in rows
        if row["all_articles"]
    )
    shown = ask("timeline", "skola OR budget").stdout
    assert "▇" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_pages_follow_each_other(ask):
    """The second page begins where the first ended, and the talk says where one is."""
    whole = [row["id"] for row in asked(ask, "search", "vi", "--limit", "1000")]
    first = [row["id"] for row in asked(ask, "search", "vi", "--limit", "3")]
    second = [row["id"] for row in asked(ask, "search", "vi", "--limit", "3", "--offset", "3")]
    assert first + second == whole[:6]
    assert f"4-6 of {len(whole)} article versions" in ask("search", "vi", "--limit", "3", "--offset", "3").stderr
    beyond = ask("search", "vi", "--offset", "100000")
    assert (beyond.returncode, beyond.stdout) == (0, "")
    assert "No more" in beyond.stderr


def test_similar_articles_are_listed_with_what_ties_them(ask):
    """The most alike first, never the article itself; an unknown URL is told."""
    url = asked(ask, "search", "skola", "--limit", "1")[0]["url"]
    rows = asked(ask, "similar", url)
    assert rows
    assert url not in {row["url"] for row in rows}
    assert [row["similarity"] for row in rows] == sorted((row["similarity"] for row in rows), reverse=True)
    assert all(row["shared"] for row in rows)
    assert rows[0]["title"] in ask("similar", url).stdout
    assert ask("similar", "https://partiet.example/finns-inte", check=False).returncode == 4


def test_a_wrong_question_is_told(ask):
    """Proximity beyond its bounds, a run and a quality that are not there."""
    far = ask("search", "skola NEAR/99 budget", check=False)
    assert (far.returncode, far.stdout) == (2, "")
    assert "NEAR" in far.stderr
    assert ask("count", "skola", "--run", "x", check=False).returncode == 4
    assert ask("timeline", "skola", "--quality", "good", check=False).returncode == 2
