"""The fuzz targets on their seeds and on what Hypothesis makes of them; `run.py` gives them hours."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .targets import TARGETS, seeds


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_seeds_break_no_promise(name):
    """Every seed passes its target as it is."""
    for seed in seeds(name):
        TARGETS[name](seed)


@st.composite
def mutated(draw, name):
    """Make a seed with some octets changed, cut or doubled."""
    data = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(("set", "cut", "double", "insert"))):
            case "set" if data:
                data[place] = draw(st.integers(0, 255))
            case "cut":
                del data[place : place + draw(st.integers(1, 40))]
            case "double":
                data[place:place] = data[place : place + draw(st.integers(1, 40))]
            case _:
                data[place:place] = draw(st.binary(max_size=8))
    return bytes(data)


@given(mutated("response"))
def test_no_answer_breaks_the_framer(data):
    """Changed answers are framed, and no octet of them is lost."""
    TARGETS["response"](data)


@settings(max_examples=40)
@given(mutated("warc"))
def test_no_warc_breaks_reading_verifying_or_recovering(data):
    """Changed WARCs are read up to their damage, verified, and recovered without losing an octet."""
    TARGETS["warc"](data)


@settings(max_examples=60)
@given(mutated("wacz"))
def test_no_wacz_breaks_reading_or_verifying(data):
    """Changed WACZ files are verified and read, and never changed."""
    TARGETS["wacz"](data)
