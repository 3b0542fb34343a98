"""Removals as answers: of the archive in Python and on the command line."""

import json

import pytest
from archived import article, at, capture, crawl_run, post, put
from click.testing import CliRunner

import umecrawl
from umecrawl.cli import umecrawl as command
from umecrawl.errors import NotFoundError, UsageError
from umecrawl.index.engine import Index
from umecrawl.model.urls import Url

ONE, TWO = "https://blog.example/ett/", "https://paper.example/tva/"


@pytest.fixture
def root(tmp_path):
    """Make an archive in which one article is gone and another has moved."""
    (tmp_path / "warc").mkdir()
    index = Index.open(Index.default_url(tmp_path), create=True)
    for day in range(5):
        run = f"2024030{day + 1}060000-aaaa"
        told = [crawl_run(run)]
        for minute, url in enumerate((ONE, TWO, "https://paper.example/ny/")):
            status = {ONE: 404, TWO: 301}.get(url, 200) if day else 200
            target = Url("https://paper.example/ny/") if status == 301 else None
            seen = capture(
                url, f"{url} {status}", at(days=day, minutes=minute), run=run, status=status, location=target
            )
            told += [seen, *([(seen, article(post(url, "Rubrik", f"Text om {url}.")))] if status == 200 else [])]
        put(index, *told)
    index.close()
    return tmp_path


def test_removals_are_narrowed_by_state_site_time_and_url(root):
    """The latest first; every row has its steps, and every step its capture."""
    with umecrawl.open(root) as archive:
        rows = archive.removals()
        assert {(row.url, row.state) for row in rows} == {(ONE, "gone"), (TWO, "moved")}
        (gone,) = archive.removals(state="gone")
        assert [step.step for step in gone.steps] == ["last-good", "gone", "still-gone", "confirmed", "still-gone"]
        captures = {one.id for one in archive.captures()}
        assert {step.capture for row in rows for step in row.steps} <= captures
        assert archive.removals(site="paper.example")[0].moved_to == "https://paper.example/ny/"
        assert archive.removals(TWO)[0].url == TWO, "not the article that it redirects to"
        assert archive.removals(since=at(days=9)) == []
        assert archive.removals("https://paper.example/ny/") == []
        with pytest.raises(UsageError, match="no state"):
            archive.removals(state="lost")
        with pytest.raises(NotFoundError):
            archive.removals("https://blog.example/nothing/")


def test_the_command_prints_each_step_with_its_capture(root):
    """For people line by line, for programs with nested steps."""
    shown = CliRunner().invoke(command, ["removals", "--archive", str(root), "--state", "gone"], env={"COLUMNS": "80"})
    assert shown.exit_code == 0, shown.output
    assert "confirmed: answered 404" in shown.output
    told = CliRunner().invoke(command, ["removals", "--archive", str(root), ONE, "--json"])
    (row,) = json.loads(told.stdout)
    assert (row["state"], row["days"], row["left_lists"]) == ("gone", 4, [])
    assert row["steps"][0] == {
        "step": "last-good",
        "at": "2024-03-01T06:00:00.123456Z",
        "capture": row["last_good_capture"],
        "list": None,
        "detail": "shows the article",
    }
