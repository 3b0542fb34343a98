"""The demo: what it finds against the gold of the sample sites, and what its archive is worth to other tools."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import redirect_stdout
from io import StringIO

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

import umecrawl
from umecrawl.pipeline.fixtures import sample_changes, sample_reuse
from umecrawl.query.rows import NewsKind


@pytest.fixture(scope="module")
def news(demo):
    """Return what each of the two runs found out."""
    with umecrawl.open(demo[0]) as archive:
        return [archive.report(run.id) for run in archive.runs()]


KINDS = {
    "new": NewsKind.NEW,
    "edited": NewsKind.EDIT,
    "headline": NewsKind.HEADLINE,
    "removed": NewsKind.REMOVAL,
    "restored": NewsKind.RESTORATION,
    "counts-only": NewsKind.UNCHANGED,
    "chrome-only": NewsKind.UNCHANGED,
}


def test_the_demo_finds_every_change_of_the_gold_and_no_other(news):
    """New, edited, retitled, removed and restored articles are found; footers and counters change nothing."""
    gold = {(KINDS[change.kind], change.url) for change in sample_changes() if change.kind in KINDS}
    found = {(row.kind, row.url) for row in news[1]}
    assert set() == gold - found
    telling = {NewsKind.NEW, NewsKind.EDIT, NewsKind.HEADLINE, NewsKind.REMOVAL, NewsKind.RESTORATION}
    assert set() == {one for one in found if one[0] in telling} - gold


def test_the_demo_finds_who_repeats_whom(news):
    """Each pair of the gold is found once, with the one that had the text first as its source."""
    found = {(row.source_url, row.url) for rows in news for row in rows if row.kind is NewsKind.REPUBLISHED}
    assert {(one.source_url, one.target_url) for one in sample_reuse()} == found


def test_the_report_shows_what_changed(demo, news):
    """Each kind is named with its count, each change with its title, and the next commands are given."""
    _, report = demo
    counts = Counter(row.kind for row in news[1])
    for kind, words in ((NewsKind.NEW, "new"), (NewsKind.UNCHANGED, "unchanged"), (NewsKind.REMOVAL, "removed")):
        assert f"{counts[kind]:>3} {words}" in report
    assert {row.title for rows in news[1:] for row in rows if row.kind is NewsKind.EDIT} <= {
        line.partition("text edited  ")[2] for line in report.splitlines()
    }
    assert "umecrawl verify" in report
    assert max(len(line) for line in report.splitlines() if "://" not in line and "/" not in line) <= 80


def test_the_archive_verifies(demo, cli):
    """Nothing is lost, altered or out of step."""
    assert "no findings" in cli("verify", "--archive", str(demo[0])).stderr


def test_warcio_complains_of_chunked_responses_and_of_nothing_else(demo):
    """Its one known false alarm: it takes the payload digest over the chunks, the standard over the entity."""
    for warc in sorted((demo[0] / "warc").rglob("*.warc.gz")):
        chunked = set()
        with warc.open("rb") as file:
            for record in ArchiveIterator(file):
                coding = record.http_headers and record.http_headers.get_header("Transfer-Encoding")
                if record.rec_type == "response" and coding:
                    chunked.add(record.rec_headers.get_header("WARC-Record-ID"))
        told = StringIO()
        with redirect_stdout(told):
            Checker(type("Options", (), {"inputs": [str(warc)], "verbose": False})()).process_all()
        lines = told.getvalue().splitlines()
        blamed = {line.split()[3] for line in lines if "WARC-Record-ID" in line}
        assert chunked == blamed
        assert all("payload digest failed" in line for line in lines if "failed" in line)


def test_a_rebuilt_index_gives_the_same_report(demo, news, cli):
    """The report is a question to the index, and the index a function of the WARCs."""
    cli("index", "--rebuild", "--archive", str(demo[0]))
    with umecrawl.open(demo[0]) as archive:
        assert news == [archive.report(run.id) for run in archive.runs()]


def test_every_listing_form_holds_the_same_rows(demo, cli):
    """JSON, JSON lines and CSV differ in form only."""
    arguments = ("search", "skolan", "--archive", str(demo[0]))
    rows = json.loads(cli(*arguments, "--json").stdout)
    assert rows == [json.loads(line) for line in cli(*arguments, "--nl").stdout.splitlines()]
    lines = cli(*arguments, "--csv").stdout
    assert lines.startswith("id,url,site,title,")
    assert all(row["id"] in lines for row in rows)


def test_a_folder_that_is_not_empty_is_refused(demo, cli):
    """The demo writes into no archive that is there."""
    assert 2 == cli("demo", str(demo[0]), check=False).returncode


def test_the_output_may_be_cut_off(demo):
    """`umecrawl … | head -1` ends quietly."""
    command = f"{sys.executable} -m umecrawl search skolan --nl --archive {demo[0]} | head -c 10"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert ("", 10) == (done.stderr, len(done.stdout))


def test_articles_are_sighted_on_listings_and_feeds(demo, cli):
    """A whole text elsewhere is that of the article's own page, an excerpt is no version, and both can be listed."""
    root = demo[0]
    with umecrawl.open(root) as archive:
        seen = archive.frame("sightings")
        assert {1.0, 0.0} == set(seen["excerpt"])
        assert not seen[seen["excerpt"] == 0]["version"].isna().any()
        assert seen[seen["excerpt"] == 1]["version"].isna().all()
        assert {"page"} == set(archive.frame("versions")["basis"])
        url = seen["article"].iloc[0]
    listed = json.loads(cli("history", url, "--sightings", "--json", "--archive", str(root)).stdout)
    assert {url} == {one["article"] for one in listed}
    table = cli("history", url, "--sightings", "--archive", str(root)).stdout
    assert len(listed) == len(table.splitlines()) - 2


def test_what_a_page_says_beside_its_text_is_shown(demo, cli):
    """Claims with their source, comments under pseudonyms unless names are asked for, the text with its headings."""
    root, (url, name) = demo[0], _a_comment(demo[0])
    claims = json.loads(cli("show", url, "--claims", "--json", "--archive", str(root)).stdout)
    assert {"title", "published"} <= {one["field"] for one in claims}
    assert {0} == {min(one["rank"] for one in claims if one["field"] == field) for field in ("title", "published")}
    assert "json-ld" in cli("show", url, "--claims", "--archive", str(root)).stdout
    masked = cli("show", url, "--comments", "--archive", str(root)).stdout
    assert name not in {line.split("  ")[0] for line in masked.splitlines()}
    named = json.loads(cli("show", url, "--comments", "--unmask", "--json", "--archive", str(root)).stdout)
    assert name in {one["author"] for one in named}
    assert cli("show", url, "--markdown", "--archive", str(root)).stdout.startswith("# ")


def _a_comment(root):
    with umecrawl.open(root) as archive:
        # Rows of a view stand in no order; the party's pages have structured data.
        url = min(url for url in archive.frame("comments")["url"] if url.startswith("https://partiet.example/"))
        return url, archive.comments(url, unmask=True)[0].author


@pytest.mark.parametrize("flags", [("--unmask",), ("--json", "--body"), ("--json", "--markdown")])
def test_flags_that_do_not_go_together_are_refused(demo, cli, flags):
    """With exit code 2 and the way out."""
    refused = cli("show", "https://partiet.example/", *flags, "--archive", str(demo[0]), check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "Hint:" in refused.stderr


def test_the_extractor_that_made_the_index_would_change_nothing(demo, cli):
    """What the index keeps of a reading is what the extractor says of it."""
    told = json.loads(cli("index", "--compare", "--sample", "40", "--json", "--archive", str(demo[0])).stdout)
    assert (told["sampled"], told["changed"], told["changes"]) == (40, 0, [])
    text = cli("index", "--compare", "--sample", "5", "--archive", str(demo[0])).stdout
    assert "0 captures of 5 would change." in text
