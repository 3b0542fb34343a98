"""Posts from answers of WordPress's REST API."""

import json

import pytest

from umecrawl.model.article import Outcome

SITE = "https://parti.example"
POSTS = f"{SITE}/wp-json/wp/v2/posts?per_page=100"
TEXT = "<p>Bron blir klar i vår.</p>\n\n<blockquote><p>Det tog tre år.</p></blockquote>"


def record(**fields):
    """Return an object as the API gives it, with some fields of its own."""
    return {
        "id": 7,
        "date": "2024-05-06T10:15:00",
        "date_gmt": "2024-05-06T08:15:00",
        "modified": "2024-05-07T11:00:00",
        "modified_gmt": "2024-05-07T09:00:00",
        "status": "publish",
        "type": "post",
        "link": f"{SITE}/2024/05/06/bron/",
        "title": {"rendered": "Bron &#8211; klar"},
        "content": {"rendered": TEXT, "protected": False},
        "excerpt": {"rendered": "<p>Bron blir [&hellip;]</p>", "protected": False},
        "author": 3,
        "_embedded": {"author": [{"id": 3, "name": "Ada Lind"}]},
        **fields,
    }


@pytest.fixture
def answer(read):
    """Give a function that extracts an answer of the API."""

    def answer(data, url=POSTS):
        body = data if isinstance(data, str) else json.dumps(data)
        return read(body, url, content_type="application/json; charset=UTF-8")

    return answer


def test_a_post_of_the_api_is_whole_and_exact(answer):
    """Title, text, author and both times, in UTC, come out with the API as their source."""
    found = answer([record()])
    assert found.outcome is Outcome.LISTING
    [post] = found.posts
    assert (post.permalink, post.title) == (f"{SITE}/2024/05/06/bron/", "Bron \u2013 klar")
    assert post.text == "Bron blir klar i vår.\nDet tog tre år."
    values = (post.published, post.modified, post.byline)
    assert [(v.value, v.source) for v in values if v is not None] == [
        ("2024-05-06T08:15:00Z", "rest"),
        ("2024-05-07T09:00:00Z", "rest"),
        ("Ada Lind", "rest"),
    ]
    assert not post.excerpt
    assert [claim.field for claim in post.claims] == ["title", "byline", "published", "modified"]


def test_one_object_is_one_post(answer):
    """`/wp/v2/pages/7` and `?rest_route=` answer with a single object."""
    assert len(answer(record(type="page"), f"{SITE}/wp-json/wp/v2/pages/7").posts) == 1
    assert len(answer(record(), f"{SITE}/?rest_route=/wp/v2/posts/7").posts) == 1


def test_the_same_text_as_on_the_page(answer, read):
    """A post has one hash, whether the API or the page showed it."""
    page = (
        "<html><head><meta name='generator' content='WordPress 6.1'></head><body class='single postid-7'><h1 "
        f"class='entry-title'>Bron \u2013 klar</h1><div class='entry-content'>{TEXT}</div></body></html>"
    )
    [one] = read(page, f"{SITE}/2024/05/06/bron/").posts
    [other] = answer([record()]).posts
    assert one.text_sha256 == other.text_sha256


def test_a_protected_post_is_an_excerpt_without_text(answer):
    """What asks for a password shows its title only."""
    locked = {"rendered": "", "protected": True}
    [post] = answer([record(content=locked, excerpt=locked)]).posts
    assert (post.title, post.text, post.excerpt) == ("Bron \u2013 klar", "", True)


def test_an_answer_without_content_gives_excerpts(answer):
    """`_fields` may leave the content out; the excerpt is the beginning of the text."""
    fields = record()
    del fields["content"], fields["_embedded"]
    [post] = answer([fields]).posts
    assert (post.text, post.excerpt, post.byline) == ("Bron blir […]", True, None)


def test_a_time_without_zone_is_a_day(answer):
    """Where the time in UTC is missing, the local time is cut to its day; the date of a draft is none."""
    [post] = answer([record(date_gmt="0000-00-00T00:00:00", modified_gmt=None)]).posts
    assert post.published is not None
    assert post.published.value == "2024-05-06"
    [post] = answer([record(date_gmt="0000-00-00T00:00:00", date="0000-00-00T00:00:00")]).posts
    assert post.published is None


@pytest.mark.parametrize(
    "data",
    [
        {"code": "rest_no_route", "message": "Ingen rutt", "data": {"status": 404}},
        [{"id": 1, "link": f"{SITE}/bron/#comment-1", "author_name": "Ulf", "content": {"rendered": "<p>Bra!</p>"}}],
        [record(type="attachment")],
        [1, 2],
        "null",
        "<html></html>",
        "[" * 100_000,
    ],
)
def test_other_answers_are_no_posts(answer, data):
    """Errors, comments, uploads and rubbish have an outcome and no posts."""
    found = answer(data)
    assert (found.outcome, found.posts) == (Outcome.NOT_A_PAGE, ())


def test_drafts_and_other_sites_are_left_out(answer):
    """Only what is published on this site is a sighting; an empty answer has none."""
    assert answer([record(status="draft"), record(link="https://annan.example/x/")]).posts == ()
    assert answer([]).outcome is Outcome.LISTING
