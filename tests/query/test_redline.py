"""Two texts as one with the changes marked."""

import re

from hypothesis import given
from hypothesis import strategies as st

from umecrawl.query.redline import Mark, changed_only, html_page, redline

OLD = "Ett hus byggs på Teg i år.\nDet kostar 5 miljoner kronor.\nTre.\nFyra.\nFem.\nDet här stycket är sist av alla."
NEW = "Det här stycket är sist av alla.\nEtt hus byggs på Teg i år.\nDet kostar 7 miljoner kronor.\nTre.\nFyra.\nFem."


def test_a_word_is_marked_within_its_paragraph():
    """What went stands before what came."""
    (line,) = redline("Det kostar 5 miljoner.", "Det kostar 7 miljoner.")
    marked = [(one.mark, one.text) for one in line if one.mark is not Mark.SAME]
    assert marked == [(Mark.REMOVED, "5"), (Mark.ADDED, "7")]


def test_a_paragraph_that_moved_is_told_apart_from_one_that_went():
    """It is marked in both places; words changed elsewhere stay changes."""
    lines = redline(OLD, NEW)
    marks = [next((one.mark for one in line if one.mark is not Mark.SAME), Mark.SAME) for line in lines]
    assert marks.count(Mark.MOVED_HERE) == marks.count(Mark.MOVED_AWAY) == 1
    assert Mark.REMOVED in marks


def test_paragraphs_far_from_any_change_are_left_out():
    """One paragraph before and after each change is kept; a gap is one None."""
    old = "\n".join(f"Stycke {number}." for number in range(9))
    shown = list(changed_only(redline(old, old.replace("Stycke 4", "Stycke fyra"))))
    assert [None if line is None else "".join(one.text for one in line)[:9] for line in shown] == [
        None,
        "Stycke 3.",
        "Stycke 4 ",
        "Stycke 5.",
        None,
    ]


def test_the_page_holds_texts_as_text():
    """Markup in a text cannot become markup of the page."""
    page = html_page("<script>", ("a & b",), redline("a", "<img src=x onerror=alert(1)>"))
    assert "<script>" not in page
    assert "<img" not in page
    assert "a &amp; b" in page


paragraphs = st.lists(
    st.lists(st.sampled_from(["hus", "Teg", "5", "skola", "-", "<b>", "år,"]), min_size=1).map(" ".join)
)


@given(paragraphs, paragraphs)
def test_either_text_can_be_read_from_the_marks(old, new):
    """Without what came, the words of the old text are there in order; without what went, those of the new one."""
    before, after = "\n".join(old), "\n".join(new)
    lines = redline(before, after)
    for text, left_out in ((before, {Mark.ADDED, Mark.MOVED_HERE}), (after, {Mark.REMOVED, Mark.MOVED_AWAY})):
        read = " ".join(one.text for line in lines for one in line if one.mark not in left_out)
        assert re.findall(r"\w+", read) == re.findall(r"\w+", text)
