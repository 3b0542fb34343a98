"""What a researcher asks of an archive at the command line: changes, differences, citations, reuse, how to cite."""

import csv
import io
import json
import re

import pytest

EDITED = "https://partiet.example/2026/01/29/sa-rustar-vi-upp-granviks-skolor/"
GONE = "https://partiet.example/2026/04/09/badhuset-ar-en-framtidsfraga/"


@pytest.fixture
def ask(demo, cli):
    """Ask the demo's archive."""

    def ask(*arguments, check=True):
        return cli(*arguments, "--archive", str(demo[0]), check=check)

    return ask


def asked(ask, *arguments):
    """Return the rows of an answer."""
    return json.loads(ask(*arguments, "--json").stdout)


def test_changes_lists_what_happened_with_its_evidence(ask):
    """A stealth edit, a headline, an edit and a removal, each with the captures that show it."""
    rows = asked(ask, "changes")
    assert sorted(row["kind"] for row in rows) == ["edit", "headline", "removal", "stealth-edit"]
    captures = {row["id"] for url in {row["url"] for row in rows} for row in asked(ask, "history", url)}
    for row in rows:
        assert len(row["evidence"]) == 2
        assert set(row["evidence"]) <= captures
    (removal,) = asked(ask, "changes", "--kind", "removal")
    assert (removal["url"], removal["confirmed"]) == (GONE, False)
    assert [] == asked(ask, "changes", EDITED, "--kind", "removal")
    assert [row["kind"] for row in asked(ask, "changes", EDITED)] == ["stealth-edit"]
    shown = ask("changes").stdout
    assert "removal, not yet confirmed" in shown
    assert max(map(len, shown.splitlines())) <= 120


def test_a_listing_of_changes_is_the_same_in_every_form(ask):
    """JSON lines and CSV hold what JSON holds."""
    rows = asked(ask, "changes")
    assert rows == [json.loads(line) for line in ask("changes", "--nl").stdout.splitlines()]
    table = list(csv.DictReader(io.StringIO(ask("changes", "--csv").stdout)))
    assert [row["id"] for row in rows] == [row["id"] for row in table]


@pytest.mark.parametrize(
    "command",
    ["search badhuset", "count badhuset", "timeline badhuset", "changes", "removals", "coverage", "citations"],
)
def test_an_empty_answer_about_an_unknown_site_says_that_it_is_unknown(ask, command):
    """A name written wrong must not look like evidence that nothing happened there."""
    note = "Note: the archive has no capture of the site bladt.example.\n"
    assert note in ask(*command.split(), "--site", "bladt.example").stderr
    assert "Note:" not in ask(*command.split(), "--site", "bladet.example").stderr


def test_diff_marks_what_went_and_what_came(ask):
    """In text with signs, as a page by itself, and as data."""
    text = ask("diff", EDITED).stdout
    assert re.search(r"\[-\d+-\] \{\+\d+\+\}", text)
    page = ask("diff", EDITED, "--html").stdout
    assert page.startswith("<!doctype html>")
    assert page.count("<del>") == page.count("<ins>") == 2  # the legend has one of each
    assert "<script" not in page
    assert "http://" not in re.sub(r"<li>.*?</li>", "", page)
    data = json.loads(ask("diff", EDITED, "1", "2", "--json").stdout)
    assert (data["words_added"], data["words_removed"], len(data["hunks"])) == (1, 1, 1)
    assert data["from_seen"] < data["to_seen"]
    back = json.loads(ask("diff", EDITED, "2", "1", "--json").stdout)
    assert back["hunks"][0]["added"] == data["hunks"][0]["removed"]


def test_diff_says_what_is_wrong_with_a_version(ask):
    """A number beyond the last, and an article with one version."""
    beyond = ask("diff", EDITED, "1", "9", check=False)
    assert (beyond.returncode, beyond.stdout) == (4, "")
    assert "Error:" in beyond.stderr
    assert "Hint:" in beyond.stderr
    assert ask("diff", GONE, check=False).returncode == 4


def test_citations_tell_what_became_of_what_is_cited(ask):
    """Each link with its sentence and the state of its target; links out of scope are excluded."""
    rows = asked(ask, "citations")
    assert {row["target_state"] for row in rows} >= {"archived", "excluded"}
    for row in rows:
        held = row["target_capture"] is not None
        assert held if row["target_state"] == "archived" else not held or row["target_state"] == "gone", row
    excluded = asked(ask, "citations", "--state", "excluded")
    assert excluded == [row for row in rows if row["target_state"] == "excluded"]
    paper = asked(ask, "citations", "--to-site", "bladet.example", "--site", "partiet.example")
    assert paper
    assert {row["site"] for row in paper} == {"partiet.example"}
    one = paper[0]
    assert asked(ask, "citations", one["from_url"], "--to", one["to_url"])
    assert one["anchor"] in one["sentence"]


def test_reuse_tells_who_repeats_whom_on_a_page_and_in_all(ask):
    """Both sides of a text that was taken over are told of it."""
    rows = asked(ask, "reuse")
    assert rows
    one = rows[0]
    for url in (one["source_url"], one["target_url"]):
        assert one in asked(ask, "reuse", url)


@pytest.mark.parametrize(
    ("style", "marks"),
    [
        ("text", ("Captured ", "WARC record urn:uuid:", "Payload sha256:", "umecrawl verify")),
        ("bibtex", ("@online{", "urldate = {", "title = {{")),
    ],
)
def test_cite_writes_what_a_reader_needs_to_find_and_check_it(ask, style, marks):
    """Capture, digest, file and offset are part of each style."""
    text = ask("cite", EDITED, "--style", style).stdout
    for mark in marks:
        assert mark in text
    assert re.search(r"offset \d+", text)


def test_cite_links_to_the_passage_that_is_quoted(ask):
    """A text-fragment link; the capture cited holds the passage."""
    (item,) = json.loads(ask("cite", EDITED, "--style", "csl-json").stdout)
    assert item["URL"] == EDITED
    capture = item["archive_location"].rpartition("urn:uuid:")[2]
    (version,) = [one for one in asked(ask, "versions", EDITED) if one["current"]]
    passage = " ".join(version["text"].split())[100:160].strip()
    (quoted,) = json.loads(ask("cite", capture, "--style", "csl-json", "--quote", passage).stdout)
    assert quoted["URL"].startswith(f"{EDITED}#:~:text=")
    missing = ask("cite", capture, "--quote", "Detta sade ingen.", check=False)
    assert missing.returncode == 4
    assert "does not stand in the text" in missing.stderr
