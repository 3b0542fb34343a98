"""How far a text is trusted: a product of factors, each of which can only lower it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from umecrawl.extract.article import ArticleText
from umecrawl.extract.paragraphs import Anchor, Paragraph
from umecrawl.extract.quality import Access, assess, score_of
from umecrawl.model.article import Quality

FULL = Access(Quality.FULL, "no")
TEASER = Access(Quality.TEASER, "hard", "the rest was not sent")
EMPTY = document_fromstring("<html><body></body></html>")
LINES = [f"Stycke nummer {n} handlar om bron över älven och om vad den kostar oss alla i år." for n in range(20)]


def text(lines, method="container", linked=0):
    """Return a text of these lines, the first characters of each in a link."""
    return ArticleText(
        tuple(Paragraph(line, (Anchor("/x", 0, min(linked, len(line))),) if linked else ()) for line in lines), method
    )


def page(lines):
    """Return a page whose densest block holds these lines."""
    return document_fromstring(
        "<html><body><div>" + "".join(f"<p>{line}</p>" for line in lines) + "</div></body></html>"
    )


def test_a_whole_text_in_the_marked_container_is_trusted_fully():
    """Nothing speaks against it: the score is 1 and there is no reason."""
    found = assess(text(LINES), FULL, page(LINES))
    assert (found.score, found.reasons) == (1.0, ())


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        (lambda: assess(text(LINES, "trafilatura"), FULL, page(LINES)), "found by trafilatura"),
        (lambda: assess(text(LINES[:3]), FULL, page(LINES[:3])), "words"),
        (lambda: assess(text(LINES), FULL, page([*LINES, *(line[::-1] for line in LINES)])), "densest block"),
        (lambda: assess(text(LINES, linked=60), FULL, page(LINES)), "links"),
        (lambda: assess(text(LINES), TEASER, page(LINES)), "a teaser"),
        (lambda: assess(text(LINES), FULL, page(LINES), cut=True), "end of the page"),
    ],
)
def test_each_doubt_lowers_the_score_and_is_named(worse, reason):
    """One doubt, one factor, one reason."""
    found = worse()
    assert 0 < found.score < 1
    assert len(found.reasons) == 1
    assert reason in found.reasons[0]


@pytest.mark.parametrize(
    "quality", [Quality.CONSENT, Quality.CHALLENGE, Quality.EMPTY, Quality.ERROR, Quality.SOFT_404]
)
def test_a_wall_has_no_text_to_trust(quality):
    """What is no page scores nothing, with or without a text."""
    assert score_of(quality) == 0.0
    assert assess(text(LINES), Access(quality, None, "a wall"), EMPTY).score == 0.0


@given(st.integers(0, 20), st.integers(0, 20), st.sampled_from(["container", "trafilatura", "plain"]))
def test_a_longer_text_is_never_trusted_less(one, other, method):
    """Length raises the score until it says nothing more."""
    short, long = sorted((one, other))
    scores = [assess(text(LINES[:count], method), FULL, EMPTY).score for count in (short, long)]
    assert 0.0 <= scores[0] <= scores[1] <= 1.0


@given(st.integers(0, 20), st.integers(0, 20))
def test_more_of_the_densest_block_is_never_trusted_less(one, other):
    """The more of the page's running text a text of the same length has, the better."""
    few, many = sorted((one, other))

    def score(shared):
        filler = [line[::-1] for line in LINES]
        return assess(text([*LINES[:shared], *filler[shared:]]), FULL, page(LINES)).score

    assert score(few) <= score(many)


@given(st.integers(0, 80), st.integers(0, 80))
def test_more_links_are_never_trusted_more(one, other):
    """A text that is all links looks like a list."""
    few, many = sorted((one, other))
    assert assess(text(LINES, linked=few), FULL, EMPTY).score >= assess(text(LINES, linked=many), FULL, EMPTY).score
