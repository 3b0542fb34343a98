"""What `umecrawl search` says under its answers."""

import pytest

from umecrawl.cli.search import place


@pytest.mark.parametrize(
    ("offset", "shown", "found", "line"),
    [
        (0, 3, 3, "3 article versions"),
        (20, 20, 41, "21-40 of 41 article versions (more: --offset)"),
        (60, 0, 41, "No more: there are 41 article versions."),
        (0, 20, 5_000, "1-20 of 5 000 article versions (more: --offset)"),
        (
            0,
            20,
            5_001,
            "1-20 of 5 001 article versions; the newest 5 000 are ranked (more: --offset)",
        ),
    ],
)
def test_the_place_of_a_page_in_its_answer_is_told(offset, shown, found, line):
    """With how many there are, and that not all of very many are ranked."""
    assert place(offset, shown, found).replace("\N{NARROW NO-BREAK SPACE}", " ") == line
