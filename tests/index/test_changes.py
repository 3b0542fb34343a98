"""What changed in articles: edits with and without notice, headlines, removals, returns, paywalls and moves."""

import json
import random

import pytest
from archived import article, at, capture, crawl_run, post, put, table

from umecrawl.index.views import changes
from umecrawl.model.article import Outcome, Quality, Sourced
from umecrawl.model.capture import Truncation
from umecrawl.model.urls import Url

URL = "https://blog.example/ett/"
TEXT = "Skolan byggs på Teg.\nDen kostar 5 miljoner kronor, säger rådet."
DEARER = "Skolan byggs på Teg.\nDen kostar 7 miljoner kronor, säger rådet."


def run_of(day):
    """Return the id of the run of a day."""
    return f"202403{day + 1:02}060000-aaaa"


class Days:
    """One capture a day of one article, put into an index in any order."""

    def __init__(self, index):
        self.index = index
        self.parts = []

    def shows(self, day, title, text, *, url=URL, quality=Quality.FULL, truncated=None, **facts):
        """Show the article with this title and text on a day."""
        seen = capture(url, f"{title}{text}{facts}", at(days=day), run=run_of(day), truncated=truncated)
        self._add(day, seen, (seen, article(post(url, title, text, **facts), quality=quality)))
        return seen.id

    def answers(self, day, status, *, url=URL, **facts):
        """Answer a status on a day."""
        seen = capture(url, f"{status}", at(days=day), run=run_of(day), status=status, **facts)
        self._add(day, seen)
        return seen.id

    def says_gone(self, day):
        """Answer 200 with a page that says there is nothing."""
        seen = capture(URL, "borta", at(days=day), run=run_of(day))
        self._add(day, seen, (seen, article(outcome=Outcome.ERROR_PAGE, quality=Quality.SOFT_404)))

    def lists(self, day, modified):
        """Show the article in an answer of the API, with the time it was changed."""
        seen = capture(
            "https://blog.example/wp-json/wp/v2/posts", f"api {day}", at(days=day, minutes=1), run=run_of(day)
        )
        told = post(URL, "Ett", TEXT[:20], excerpt=True, modified=Sourced(modified, "wp-json", modified))
        self._add(day, seen, (seen, article(told, outcome=Outcome.LISTING)))

    def _add(self, day, *told):
        self.parts.append((crawl_run(run_of(day)), *told))

    def changes(self, seed=0):
        """Put all of it in some order and return what changed, in time order."""
        random.Random(seed).shuffle(self.parts)
        for part in self.parts:
            put(self.index, *part)
        return table(self.index, changes, changes.c.detected_at, changes.c.kind)


@pytest.fixture
def days(index):
    """Give the days of one article."""
    return Days(index)


def modified(when):
    """Return what a page says of when it was changed."""
    return {"modified": Sourced(when, "json-ld", when)}


def kinds(rows):
    """Return the kinds of changes."""
    return [row["kind"] for row in rows]


@pytest.mark.parametrize("seed", range(3))
def test_an_edit_names_its_words_its_class_and_both_captures(days, seed):
    """One word for another in the order of time, whatever the order of writing."""
    ids = [days.shows(0, "Ett", TEXT), days.shows(1, "Ett", TEXT), days.shows(2, "Ett", DEARER)]
    (row,) = days.changes(seed)
    assert (row["kind"], row["words_added"], row["words_removed"]) == ("edit", 1, 1)
    assert json.loads(row["classes"]) == ["figure"]
    assert json.loads(row["evidence"]) == ids[1:], "the last capture that showed the old text, the first of the new"
    assert (row["url"], row["site"], row["run"], row["confirmed"]) == (URL, "blog.example", run_of(2), 1)
    assert row["detected_at"].startswith("2024-03-03T06:00:00")
    assert 0.8 < row["similarity"] < 1
    assert row["announced"] is None
    assert row["summary"] == "1 word added, 1 removed: “5” became “7”"


def test_an_edit_that_left_the_time_of_change_alone_is_a_stealth_edit(days):
    """The page tells when it was changed, and tells the same time with another text."""
    days.shows(0, "Ett", TEXT, **modified("2024-02-01T10:00:00+01:00"))
    days.shows(1, "Ett", DEARER, **modified("2024-02-01T10:00:00+01:00"))
    (row,) = days.changes()
    assert (row["kind"], row["announced"]) == ("stealth-edit", None)


def test_an_edit_with_a_later_time_of_change_is_announced_by_it(days):
    """A modified date that moved is an announcement, even where readers see no notice."""
    days.shows(0, "Ett", TEXT, **modified("2024-02-01T10:00:00+01:00"))
    days.shows(1, "Ett", DEARER, **modified("2024-03-02T04:00:00+01:00"))
    (row,) = days.changes()
    assert (row["kind"], row["announced"]) == ("edit", "modified")


def test_a_notice_in_the_text_announces_an_edit(days):
    """A line that says the text was changed counts, whatever the dates say."""
    days.shows(0, "Ett", TEXT, **modified("2024-02-01"))
    days.shows(1, "Ett", f"{DEARER}\nRättelse: skolan kostar 7 miljoner, inte 5.", **modified("2024-02-01"))
    (row,) = days.changes()
    assert (row["kind"], row["announced"]) == ("edit", "notice")
    assert json.loads(row["classes"]) == ["correction-notice", "figure", "paragraph-added"]


def test_the_time_of_change_may_come_from_an_api(days):
    """The page tells no time; the site's API does, asked a minute later in the same runs."""
    days.shows(0, "Ett", TEXT)
    days.lists(0, "2024-02-01T09:00:00Z")
    days.shows(1, "Ett", DEARER)
    days.lists(1, "2024-02-01T09:00:00Z")
    days.shows(2, "Ett", f"{DEARER} Så är det.")
    days.lists(2, "2024-03-03T05:00:00Z")
    first, second = days.changes()
    assert (first["kind"], first["announced"]) == ("stealth-edit", None)
    assert (second["kind"], second["announced"]) == ("edit", "modified")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TEXT.replace(" ", "  ").replace("\n", " \n "), id="spaces"),
        pytest.param(TEXT.replace("säger", "s\u00adäger"), id="soft hyphen"),
    ],
)
def test_typography_alone_is_no_change(days, text):
    """Spaces and marks that nobody sees make no row."""
    days.shows(0, "Ett", TEXT)
    days.shows(1, "Ett", text)
    assert [] == days.changes()


def test_counters_and_comments_are_no_change(days):
    """The same text under another count of comments is the same version."""
    days.shows(0, "Ett", TEXT, comment_count=1)
    days.shows(1, "Ett", TEXT, comment_count=9, like_count=3)
    assert [] == days.changes()


def test_a_headline_is_a_change_of_its_own(days):
    """Headline and text changed at once are two rows; the headline alone is one."""
    days.shows(0, "Ny skola", TEXT)
    days.shows(1, "Dyr skola", TEXT)
    days.shows(2, "Skolan blev dyr", DEARER)
    rows = days.changes()
    assert kinds(rows) == ["headline", "edit", "headline"]
    assert rows[0]["summary"] == "“Ny skola” became “Dyr skola”"


def test_versions_that_alternate_are_told_once_for_each_direction(days):
    """A test of two headlines on readers is not twelve changes."""
    for day in range(12):
        days.shows(day, "Ja" if day % 2 else "Nej", TEXT)
    assert kinds(days.changes()) == ["headline", "headline"]


def test_a_removal_is_confirmed_by_captures_of_three_days(days):
    """404 on one day may be a mishap; on a third day it is a removal, with the captures that show it."""
    last = days.shows(0, "Ett", TEXT)
    gone = [days.answers(1, 404), days.answers(2, 410)]
    days.answers(3, 503)
    (row,) = days.changes()
    assert (row["kind"], row["confirmed"], row["to_version"]) == ("removal", 0, None)
    assert row["summary"] == "answered 404; last seen 2024-03-01 06:00 UTC"
    assert json.loads(row["evidence"]) == [last, *gone]
    days.parts = []
    days.says_gone(4)
    (confirmed,) = days.changes()
    assert confirmed["confirmed"] == 1
    assert confirmed["id"] == row["id"], "the same change, now confirmed"
    assert len(json.loads(confirmed["evidence"])) == 4


def test_two_captures_of_one_day_do_not_confirm(days):
    """A site that is down for an hour is asked again and again within it."""
    days.shows(0, "Ett", TEXT)
    for hour in range(1, 6):
        days.answers(1 + hour / 24, 404)
    (row,) = days.changes()
    assert row["confirmed"] == 0


def test_what_comes_back_is_a_restoration_with_its_edit(days):
    """A removal stays in the list with what followed; the text that came back may differ."""
    days.shows(0, "Ett", TEXT)
    gone = days.answers(1, 404)
    back = days.shows(2, "Ett", DEARER)
    removal, edit, restoration = days.changes()
    assert (removal["kind"], edit["kind"], restoration["kind"]) == ("removal", "edit", "restoration")
    assert removal["confirmed"] == 0
    assert json.loads(restoration["evidence"]) == [gone, back]


def test_what_was_never_seen_is_not_removed(days):
    """A page that was gone at the first look tells nothing of an article."""
    days.answers(0, 410)
    assert [] == days.changes()
    days.shows(1, "Ett", TEXT)
    assert [] == days.changes()


def test_an_article_that_redirects_to_an_article_has_moved(days):
    """The new address and its version are named; it is not gone."""
    there = "https://blog.example/nya/"
    days.shows(0, "Ett", TEXT)
    days.answers(1, 301, location=Url(there))
    days.answers(2, 301, location=Url(there))
    days.shows(1.5, "Ett", TEXT, url=there)
    (row,) = days.changes(seed=1)
    assert (row["kind"], row["url"], row["summary"]) == ("moved", URL, f"redirects to {there}")
    assert row["to_version"] != row["from_version"]


def test_an_article_that_redirects_to_no_article_is_gone(days):
    """A redirect to the front page is how many sites remove."""
    days.shows(0, "Ett", TEXT)
    days.answers(1, 302, location=Url("https://blog.example/"))
    (row,) = days.changes()
    assert (row["kind"], row["confirmed"]) == ("removal", 0)
    assert "redirects to https://blog.example/, which is no article" in row["summary"]


def test_another_spelling_of_the_same_address_is_no_move(days):
    """A slash more or less, http or https: the same article."""
    days.shows(0, "Ett", TEXT)
    days.answers(1, 301, url="http://blog.example/ett", location=Url(URL))
    assert [] == days.changes()


def test_a_paywall_that_closes_is_a_change(days):
    """The same text, at first free and then behind a wall; where nothing is told, nothing changed."""
    days.shows(0, "Ett", TEXT, paywall="free")
    days.shows(1, "Ett", TEXT)
    days.shows(2, "Ett", TEXT, paywall="hard")
    (row,) = days.changes()
    assert (row["kind"], row["summary"]) == ("paywall", "paywall was free, is hard")


LONG = "\n".join(f"Stycke {number} handlar om skolan och vad den får kosta i år." for number in range(6))
TEASER = {"quality": Quality.TEASER, "paywall": "hard"}


def test_what_a_closing_paywall_hides_was_not_removed(days):
    """The text breaks off where the wall stands: one change, and none of the text."""
    days.shows(0, "Ett", LONG, paywall="no")
    days.shows(1, "Ett", LONG[:130] + "…", **TEASER)
    (row,) = days.changes()
    assert (row["kind"], row["summary"]) == ("paywall", "paywall was no, is hard")
    assert json.loads(row["classes"]) == ["paywall-closed"]


def test_what_an_opening_paywall_shows_is_compared_with_the_text_before_it_closed(days):
    """Free, closed, free again with another figure: the edit is told from whole text to whole text."""
    first = days.shows(0, "Ett", LONG, paywall="no")
    days.shows(1, "Ett", LONG[:130], **TEASER)
    last = days.shows(2, "Ett", LONG.replace("Stycke 5", "Stycke 7"), paywall="no")
    closed, edit, opened = days.changes()
    assert (closed["kind"], edit["kind"], opened["kind"]) == ("paywall", "edit", "paywall")
    assert json.loads(opened["classes"]) == ["paywall-opened"]
    assert (json.loads(edit["classes"]), json.loads(edit["evidence"])) == (["figure"], [first, last])


def test_what_was_always_behind_a_wall_comes_without_an_edit(days):
    """A teaser, then the whole: the opening of the text is the same."""
    days.shows(0, "Ett", LONG[:130], **TEASER)
    days.shows(1, "Ett", LONG, paywall="no")
    assert kinds(days.changes()) == ["paywall"]


def test_an_edit_in_front_of_the_wall_is_told(days):
    """What stands in the teaser can be compared."""
    days.shows(0, "Ett", LONG, paywall="no")
    days.shows(1, "Ett", LONG[:130].replace("Stycke 0", "Stycke 8"), **TEASER)
    edit, wall = days.changes()
    assert (edit["kind"], wall["kind"], edit["words_removed"]) == ("edit", "paywall", 1)


def test_a_metered_wall_is_told_once_in_each_direction(days):
    """Readers who have read enough meet it now and then."""
    for day in range(8):
        if day % 2:
            days.shows(day, "Ett", LONG[:130], **TEASER)
        else:
            days.shows(day, "Ett", LONG, paywall="no")
    assert kinds(days.changes()) == ["paywall", "paywall"]


def test_a_post_that_asks_for_a_password_is_closed(days):
    """Its title gets a word in front, its text goes: neither is an edit."""
    days.shows(0, "Ett", LONG, paywall="no")
    days.shows(1, "Skyddad: Ett", "Innehållet är skyddat.", quality=Quality.TEASER, paywall="no")
    (row,) = days.changes()
    assert (row["kind"], row["summary"]) == ("paywall", "paywall was no, is password")


def test_a_page_that_came_in_part_only_changes_nothing(days):
    """The connection broke: what is missing was not removed."""
    days.shows(0, "Ett", LONG)
    days.shows(1, "Ett", LONG[:200], truncated=Truncation.DISCONNECT)
    days.shows(2, "Ett", LONG)
    assert [] == days.changes()


def test_a_headline_has_classes_and_counts(days):
    """A misspelt word in it is a typo there too."""
    days.shows(0, "Nya fälttare i Umeå", TEXT)
    days.shows(1, "Nya fältare i Umeå", TEXT)
    (row,) = days.changes()
    assert (row["kind"], json.loads(row["classes"]), row["words_added"]) == ("headline", ["typo"], 1)


def test_headlines_that_alternate_while_the_text_is_edited_are_told_once_for_each_direction(days):
    """The test of two headlines goes on over an edit."""
    for day in range(8):
        days.shows(day, "Ja" if day % 2 else "Nej", TEXT if day < 4 else DEARER)
    assert sorted(kinds(days.changes())) == ["edit", "headline", "headline"]


def test_a_bare_day_of_change_proves_nothing_on_that_day(days):
    """Edited on the day it was published, the page may well tell the day anew."""
    days.shows(0, "Ett", TEXT, **modified("2024-03-01"))
    days.shows(1, "Ett", DEARER, **modified("2024-03-01"))
    days.shows(2, "Ett", f"{DEARER} Så är det.", **modified("2024-03-01"))
    first, second = days.changes()
    assert (first["kind"], second["kind"]) == ("edit", "stealth-edit")


@pytest.mark.parametrize(
    "line", ["Uppdaterad {} mars kl 14:15", "{} kommentarer", "Publicerad 2024-03-0{}", "Delningar {}"]
)
def test_lines_that_only_tell_times_and_counts_are_no_change(days, line):
    """What extraction left of the page's frame makes no row."""
    days.shows(0, "Ett", f"{TEXT}\n{line.format(1)}")
    days.shows(1, "Ett", f"{TEXT}\n{line.format(2)}")
    assert [] == days.changes()


def test_a_paragraph_that_moved_is_neither_added_nor_removed(days):
    """The summary says how many words stand elsewhere."""
    days.shows(0, "Ett", LONG)
    lines = LONG.split("\n")
    days.shows(1, "Ett", "\n".join([*lines[1:], lines[0]]))
    (row,) = days.changes()
    assert (row["kind"], row["words_added"], row["words_removed"]) == ("edit", 0, 0)
    assert json.loads(row["classes"]) == ["moved"]
    assert row["summary"] == "0 words added, 0 removed, 12 moved"


@pytest.mark.parametrize("seed", range(4))
def test_the_changes_do_not_depend_on_the_order_of_writing(days, seed, index):
    """A month of mishaps, written in any order, is the same list."""
    for day, shown in enumerate(["a", 404, "a", "b", 410, 410, 410, "b", "a", 503, "c"]):
        if isinstance(shown, int):
            days.answers(day, shown)
        else:
            days.shows(day, "Ett", f"{TEXT} Slutet är {shown}.", **modified("2024-02-01"))
    rows = days.changes(seed)
    expected = ["removal", "restoration", "stealth-edit", "removal", "restoration", "stealth-edit", "stealth-edit"]
    assert kinds(rows) == expected
    assert [row["confirmed"] for row in rows if row["kind"] == "removal"] == [0, 1]
