"""`umecrawl scope explain`: what the rules say of a URL, and what runs did with it."""

import json

import pytest
from archived import at, crawl_run, put, skipped
from click.testing import CliRunner

from umecrawl.cli import umecrawl as command
from umecrawl.index.engine import Index

CONFIGURATION = """
[collection]
name = "test"
contact = "mailto:archive@archive.example"

[[source]]
name = "blog"
seeds = ["https://blog.example/"]
"""
URL = "https://blog.example/plan?v=7"


@pytest.fixture
def archive(tmp_path):
    """Return an archive of which a run left a URL, because its shape was a trap."""
    (tmp_path / "umecrawl.toml").write_text(CONFIGURATION, encoding="utf-8")
    index = Index.open(Index.default_url(tmp_path))
    put(
        index,
        crawl_run(),
        skipped(URL, at(), rule="same-text", reason="15 pages in a row showed nothing new", source="blog"),
    )
    index.close()
    return tmp_path


def explain(archive, url, *options):
    """Return what is printed."""
    done = CliRunner().invoke(command, ["scope", "explain", url, "--archive", str(archive), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_it_names_the_rule_and_how_to_take_the_url(archive):
    """A trap by its address: the rule, the reason, and the two ways around it, in 80 columns."""
    told = explain(archive, "https://blog.example/nyheter/?paged1=3&paged2=2")
    assert "leave by rule page-counters" in told
    assert 'rules_off = ["page-counters"]' in " ".join(told.split())
    assert max(map(len, told.splitlines())) <= 80


def test_it_tells_what_a_run_did_where_the_rules_take_the_url(archive):
    """A trap that its pages gave away is known from the run that closed it."""
    told = " ".join(explain(archive, URL).split())
    assert "blog take by rule scope" in told
    assert "left it by rule same-text: 15 pages in a row showed nothing new" in told
    assert 'rules_off = ["same-text"]' in told
    [one] = json.loads(explain(archive, URL, "--json"))
    assert (one["verdict"], one["left_out"][0]["rule"]) == ("take", "same-text")


def test_an_archive_without_index_is_explained_by_its_rules(archive):
    """Nothing was crawled yet, or the index is not there."""
    (archive / "index.sqlite").unlink()
    [one] = json.loads(explain(archive, URL, "--json"))
    assert (one["rule"], one["left_out"]) == ("scope", [])
