"""What pages say beside their texts: claims, signatories, comments, attachments, and how well they were read."""

import json
from datetime import UTC

import pytest
from archived import article, at, capture, crawl_run, post, put, revisit, table
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.index.contradiction import contradicts
from umecrawl.index.posts import pseudonym
from umecrawl.index.schema import link, text
from umecrawl.index.statement_tables import comment, person
from umecrawl.index.views import captures, claims, comments, disagreements, signatories, versions
from umecrawl.model.article import Claim, Comment, Link, Outcome, Person, Sourced
from umecrawl.model.urls import Url

BLOG = "https://blog.example/ett/"


def shown(index, *posts, **facts):
    """Index one page that shows posts."""
    page = capture(BLOG, "own", at())
    put(index, crawl_run(), page, (page, article(*posts, **facts)))
    return page


def test_who_signs_is_told_with_party_and_office(index):
    """In the version as JSON, and as rows that can be asked by name."""
    people = (Person("Åsa Ek", "S", "ordförande", "Det skriver …"), Person("Bo Al"))
    shown(index, post(BLOG, "Ett", "Hus", signatories=people, account=Sourced("Kansliet", "text", "av Kansliet")))
    (one,) = table(index, versions)
    assert json.loads(one["signatories"]) == [
        {"name": "Åsa Ek", "party": "S", "office": "ordförande"},
        {"name": "Bo Al", "party": None, "office": None},
    ]
    assert (one["account"], one["account_source"], one["account_raw"]) == ("Kansliet", "text", "av Kansliet")
    named = table(index, signatories, signatories.c.name)
    assert [(row["name"], row["party"], row["version"]) for row in named] == [
        ("Bo Al", None, one["id"]),
        ("Åsa Ek", "S", one["id"]),
    ]


def test_a_text_that_nobody_signs_has_no_signatories(index):
    """An empty array, so that every row can be read alike; and nobody is left who signs nothing."""
    page = shown(index, post(BLOG, "Ett", "Hus", signatories=(Person("Åsa Ek"),)))
    put(index, (page, article(post(BLOG, "Ett", "Hus"), extractor="reader 2")), extractor="reader 2")
    (one,) = table(index, versions)
    assert (one["signatories"], one["extractor"]) == ("[]", "reader 2")
    assert table(index, person) == []


def test_every_claim_is_kept_and_contradictions_are_told(index):
    """The value that was taken beside those that say something else; what says the same is no contradiction."""
    said = (
        Claim("published", 0, Sourced("2023-05-07T08:15:00+02:00", "json-ld", "2023-05-07T08:15:00+02:00")),
        Claim("published", 1, Sourced("2023-05-07", "url", "/2023/05/07/")),
        Claim("published", 2, Sourced("2022-09-11", "text", "11 september 2022")),
        Claim("title", 0, Sourced("Ett “hus”", "h1", "Ett “hus”")),
        Claim("title", 1, Sourced('ETT "HUS"', "opengraph", "")),
    )
    page = shown(index, post(BLOG, "Ett", "Hus", claims=said))
    (one,) = table(index, versions)
    kept = table(index, claims, claims.c.field, claims.c.rank)
    assert [(row["source"], row["value"], row["differs"]) for row in kept] == [
        ("json-ld", "2023-05-07T06:15:00Z", 0),
        ("url", "2023-05-07", 0),
        ("text", "2022-09-11", 1),
        ("h1", "Ett “hus”", 0),
        ("opengraph", 'ETT "HUS"', 0),
    ]
    assert {(row["capture"], row["version"], row["own"]) for row in kept} == {(page.id, one["id"], 1)}
    (other,) = table(index, disagreements)
    assert other["version"] == one["id"]
    assert [other[name] for name in ("field", "taken_source", "taken_value", "source", "value", "raw", "readings")] == [
        "published",
        "json-ld",
        "2023-05-07T06:15:00Z",
        "text",
        "2022-09-11",
        "11 september 2022",
        1,
    ]


def test_of_a_sighting_only_contradictions_are_kept(index):
    """What a listing says of an article is in the sighting itself; the rest would be the same every hour."""
    agreed = (Claim("title", 0, Sourced("Ett", "h2", "Ett")), Claim("title", 1, Sourced("ETT", "h-entry", "ETT")))
    disputed = (Claim("byline", 0, Sourced("A", "h-entry", "A")), Claim("byline", 1, Sourced("B", "text", "av B")))
    told = post(BLOG, "Ett", "Hus", claims=(*agreed, *disputed))
    shown(index, told, outcome=Outcome.LISTING)
    assert [(row["field"], row["value"], row["own"]) for row in table(index, claims, claims.c.rank)] == [
        ("byline", "A", 0),
        ("byline", "B", 0),
    ]


@pytest.mark.parametrize(
    ("field", "value", "taken", "differs"),
    [
        ("published", "2023-05-07", "2023-05-07T23:30:00+02:00", False),
        ("published", "2023-05-08", "2023-05-07T23:30:00+02:00", True),
        ("published", "2023-05-08", "2023-05-07T22:30:00Z", False),
        ("published", "2023-05-07", "2023-05-07T22:30:00Z", False),
        ("published", "2023-05-09", "2023-05-07T22:30:00Z", True),
        ("published", "2023-05", "2023-05-07", False),
        ("published", "2023", "2024-01-01T00:00:00+01:00", True),
        ("published", "2023-05-07T08:15:00+02:00", "2023-05-07T06:15:42Z", False),
        ("published", "2023-05-07T08:15:41+02:00", "2023-05-07T06:15:42Z", True),
        ("published", "2023-05-07T08:15:00", "2023-05-07T08:15:00+02:00", False),
        ("modified", "2023-05-07T09:15:00+02:00", "2023-05-07T08:15:00+02:00", True),
        ("modified", "i går", "2023-05-07", True),
        ("published", "0001-01-01", "0001-01-01T00:00:00Z", False),
        ("byline", "åsa  EK", "Åsa Ek", False),
        ("byline", "Åsa Ek", "Bo Al", True),
        ("byline", "Åsa Ek, Bo Al", "Bo Al och Åsa Ek", False),
        ("byline", "Åsa Ek", "Åsa Ek och Bo Al", True),
        ("title", "Skola - Umeå", "Skola \u2013 Umeå", False),
        ("title", "Skola", "Skolan", True),
    ],
)
def test_claims_contradict_only_where_both_say_something(field, value, taken, differs):
    """Dates are compared as precisely as both are given, words without regard to case and marks."""
    assert contradicts(field, value, taken) is differs


MOMENTS = st.datetimes(timezones=st.none() | st.timezones() | st.just(UTC)).map(lambda at: at.isoformat())
SAYINGS = MOMENTS | st.dates().map(str) | st.dates().map(lambda day: str(day)[:7]) | st.text(max_size=12)


@given(st.sampled_from(["published", "title", "byline"]), SAYINGS, SAYINGS)
def test_a_contradiction_is_mutual(field, one, other):
    """Whatever two sources say: neither contradicts itself, and both contradict each other or neither does."""
    assert not contradicts(field, one, one)
    assert contradicts(field, one, other) == contradicts(field, other, one)


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_agrees_with_its_own_day(at):
    """However a time is told more coarsely, it is no contradiction."""
    for length in (4, 7, 10):
        assert not contradicts("published", at.isoformat(), at.isoformat()[:length])


def test_a_comment_is_one_row_however_many_captures_show_it(index):
    """Its first capture tells of it; the author stands under a pseudonym."""
    first, second = capture(BLOG, "a", at()), capture(BLOG, "b", at(hours=1))
    same = revisit(second, BLOG, at(hours=2), status=304, mime="")
    one = Comment("c1", "Åsa Ek", "Bra!", Sourced("2024-02-29", "text", "i går"))
    two = Comment("c2", "Bo Al", "Nej.", None, "c1")
    put(index, crawl_run(), same, second, (second, article(post(BLOG, "Ett", "Hus", comments=(one, two)))))
    put(index, first, (first, article(post(BLOG, "Ett", "Hus", comments=(one,)))))
    told = table(index, comments, comments.c.key)
    assert [(row["key"], row["text"], row["captures"], row["reply_to"]) for row in told] == [
        ("c1", "Bra!", 3, None),
        ("c2", "Nej.", 2, "c1"),
    ]
    assert (told[0]["first_capture"], told[0]["at"]) == (first.id, "2024-02-29")
    assert (told[0]["first_seen"], told[0]["last_seen"]) == (
        "2024-03-01T06:00:00.123456Z",
        "2024-03-01T08:00:00.123456Z",
    )
    assert told[0]["author"] == pseudonym("blog.example", "Åsa Ek")
    assert len(told[0]["author"]) == 10


def test_a_comment_that_was_rewritten_is_two_rows(index):
    """Same key, another text."""
    first, second = capture(BLOG, "a", at()), capture(BLOG, "b", at(hours=1))
    for page, said in ((first, "Bra!"), (second, "Dåligt!")):
        put(index, crawl_run(), page, (page, article(post(BLOG, "Ett", "Hus", comments=(Comment("c", "A", said),)))))
    assert [row["text"] for row in table(index, comments, comments.c.first_seen)] == ["Bra!", "Dåligt!"]


def test_comments_of_a_former_reading_leave_nothing(index):
    """Read again by another extractor, what only the former one saw is gone, texts too."""
    page = shown(index, post(BLOG, "Ett", "Hus", comments=(Comment("c", "A", "Delad text"),)))
    put(index, (page, article(post(BLOG, "Ett", "Hus"), extractor="reader 2")), extractor="reader 2")
    assert table(index, comment) == []
    assert [row["body"] for row in table(index, text)] == ["Hus"]


def test_attachments_are_links_of_their_own_kind(index):
    """A file that a link leads to marks that link; one without a link has a row of its own."""
    linked, loose = Url("https://blog.example/a.pdf"), Url("https://blog.example/b.pdf")
    links = (Link(linked, "motionen", "Läs motionen.", 4), Link(Url("https://paper.example/"), "hos dem", "", 20))
    shown(index, post(BLOG, "Ett", "Hus", links=links, attachments=(linked, loose)))
    assert [(row["kind"], row["url"], row["start"]) for row in table(index, link, link.c.number)] == [
        ("attachment", linked, 4),
        ("link", "https://paper.example/", 20),
        ("attachment", loose, None),
    ]


def test_a_capture_tells_how_well_it_was_read(index):
    """Score, reasons and encoding stand beside the quality label."""
    named = Sourced("windows-1252", "content", "iso-8859-1")
    shown(index, post(BLOG, "Ett", "Hus"), score=0.75, reasons=("kort text",), encoding=named)
    (seen,) = table(index, captures)
    assert (seen["score"], json.loads(seen["reasons"])) == (0.75, ["kort text"])
    assert (seen["encoding"], seen["encoding_source"]) == ("windows-1252", "content")
