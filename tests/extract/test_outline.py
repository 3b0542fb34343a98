"""The names of a page's elements: asked by pattern, found at once."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import fromstring

from umecrawl.extract import article, byline, comments, date_places, quality
from umecrawl.extract.outline import outline_of

PAIRS = [
    *article._OVERLAYS,
    (byline._ANY_ROLE, byline._ROLE_SIGN),
    (byline._NAMED_ROLE, byline._ROLE_SIGN),
    (comments._ID, comments._ID_SIGN),
    (comments._NAMES, comments._NAME_SIGN),
    (date_places._DATE_CLASS, date_places._DATE_SIGN),
    (quality._PROMPT_PLACES, quality._PROMPT_SIGN),
]


def test_elements_are_found_by_pattern_in_the_order_of_the_page():
    """A name fits as a whole; an element with two such names is told once."""
    outline = outline_of(
        fromstring(
            "<html><body><p class='b-date x'>1</p><i id='date'>2</i><p class='a-date date'>3</p><p class='update'>4"
            "</p></body></html>"
        )
    )
    found = outline.matching(re.compile(r"(?:\w-)?date"), re.compile("date"))
    assert [element.text for element in found] == ["1", "2", "3"]


@pytest.mark.parametrize(("pattern", "sign"), PAIRS)
@settings(max_examples=50)
@given(data=st.data())
def test_each_name_that_fits_a_pattern_has_its_sign(pattern, sign, data):
    """What is looked for in all names at once stands in each that the pattern means; else it would be missed."""
    name = data.draw(st.from_regex(pattern, fullmatch=True))
    assert sign.search(name) is not None
