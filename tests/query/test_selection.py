"""What an export chooses from three days of a blog and a newspaper, on both databases."""

from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

import pytest

from umecrawl.errors import NotFoundError, UsageError
from umecrawl.query.selection import Choice, Selection, is_behind

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
BLOG, PAPER = "https://blogg.example", "https://tidning.example"
TWO = "20260302120000-bbbb"


@pytest.fixture
def chosen(told_story):
    """Return a function that gives day and path of each capture that is chosen, in the order of the files."""

    def choose(**filters):
        with told_story.index.connect() as connection:
            found = list(Selection(connection, Choice(**filters)).captures())
        assert [one.record.offset for one in found] == sorted(one.record.offset for one in found)
        return [((one.captured_at - T0).days + 1, one.url.partition(".example/")[2]) for one in found]

    return choose


@pytest.fixture
def selection(told_story):
    """Return a function that opens a selection."""
    with ExitStack() as stack:

        def select(**filters):
            return Selection(stack.enter_context(told_story.index.connect()), Choice(**filters))

        yield select


def test_filters_of_captures_choose_captures(chosen):
    """By site, URL (under any alias), run and source, and by several at once."""
    assert len(chosen()) == 11
    assert chosen(site="www.tidning.example") == [(2, "nyheter/1"), (3, "nyheter/1")]
    assert chosen(url="http://www.blogg.example/vagen/") == [(1, "vagen"), (2, "vagen"), (3, "vagen")]
    assert chosen(run=TWO) == [(2, "plan/"), (2, "budget"), (2, "vagen"), (2, "nyheter/1")]
    assert chosen(run=TWO, site="tidning.example") == [(2, "nyheter/1")]
    assert len(chosen(source="blogg")) == 11


def test_filters_of_versions_choose_the_captures_that_show_them(chosen):
    """A version is shown by every capture with the same payload, whenever that was."""
    assert chosen(author="åsa ek") == [(1, "plan/"), (2, "plan/"), (3, "plan/")]
    assert chosen(query="asfalt") == [(1, "vagen"), (3, "vagen")]
    assert chosen(query="title:dyrare") == [(2, "plan/")]
    assert chosen(query="skolor", current=True, site="blogg.example") == [
        (1, "plan/"), (1, "budget"), (2, "budget"), (3, "plan/")
    ]  # fmt: skip
    assert chosen(since=date(2026, 3, 2)) == [(2, "nyheter/1"), (3, "nyheter/1")]
    assert chosen(until=date(2026, 2, 27)) == [(1, "plan/"), (2, "plan/"), (3, "plan/")]
    assert chosen(kind="document") == []


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"run": "none"}, "no run none"),
        ({"source": "none"}, "no source 'none'"),
        ({"url": "https://blogg.example/none"}, "no capture of"),
    ],
)
def test_an_unknown_name_is_told(chosen, filters, message):
    """An export of nothing is a mistake of who asked."""
    with pytest.raises(NotFoundError, match=message):
        chosen(**filters)


def test_a_malformed_query_is_told(chosen):
    """As in a search."""
    with pytest.raises(UsageError):
        chosen(query='"half')


def test_the_originals_of_chosen_revisits_are_found(selection):
    """They may have another URL, or lie outside of what was chosen."""
    third = selection(run="20260303120000-cccc")
    revisits = [one for one in third.captures() if one.refers_to]
    assert {one.refers_to for one in revisits} == {one.id for one in third.originals()}
    assert third.without_original() == 0


def test_pages_carry_title_and_text_once(selection):
    """Errors are no pages; the text of a version stands at the first page that shows it."""
    pages = list(selection().pages())
    assert [page.captured_at for page in pages] == sorted(page.captured_at for page in pages)
    shown = [(page.url.partition(".example/")[2], page.title, page.text is not None) for page in pages]
    assert shown == [
        ("plan/", "Ny skola på Teg", True),
        ("budget", "Budget", True),
        ("vagen", "Vägen", True),
        ("plan/", "Skola på Teg dyrare", True),
        ("budget", "Budget", False),
        ("nyheter/1", "S vill bygga", True),
        ("plan/", "Ny skola på Teg", False),
        ("vagen", "Vägen", False),
        ("nyheter/1", "S vill bygga", False),
    ]
    later = list(selection(run="20260303120000-cccc").pages())
    assert all(page.text for page in later), "what is exported alone carries its own text"


def test_the_capture_closest_in_time_is_found(selection):
    """Of the whole archive, whatever was chosen."""
    one = selection(site="tidning.example")
    at = T0 + timedelta(days=1, hours=2)
    assert one.closest(f"{BLOG}/vagen", at).captured_at == T0 + timedelta(days=1, hours=3)
    assert one.closest(f"{BLOG}/vagen", T0 - timedelta(days=9)).captured_at == T0 + timedelta(hours=3)
    assert one.closest(f"{BLOG}/none", at) is None
    found = one.closest(f"{BLOG}/plan/", at)
    assert one.by_id(found.id) == found
    assert one.by_id("00000000-0000-0000-0000-000000000000") is None


def test_an_index_that_has_not_read_a_file_to_its_end_is_behind(told_story):
    """By the names and sizes of the files."""
    end = told_story.offset
    with told_story.index.connect() as connection:
        assert not is_behind(connection, [("umea-1.warc.gz", end)])
        assert is_behind(connection, [("umea-1.warc.gz", end + 901)])
        assert is_behind(connection, [("umea-1.warc.gz", end), ("new.warc.gz", 1)])
