"""Extracts that show why a text was found."""

from hypothesis import given
from hypothesis import strategies as st

from umecrawl.query.expression import wanted_words
from umecrawl.query.language import parse
from umecrawl.query.snippet import extract

TEXT = (
    " ".join(f"ord{n}" for n in range(100))
    + "\nKommunalrådens  plan för Umeås skolor. "
    + " ".join(f"ord{n}" for n in range(100, 200))
)


def marked(query, text=TEXT):
    """Return the extract for a query and the words marked in it."""
    shown = extract(text, wanted_words(parse(query)))
    return shown.text, [shown.text[start:end] for start, end in shown.marks]


def test_inflected_words_are_marked_as_written():
    """The marks cut the words out of the extract in the form in which the text has them."""
    text, words = marked("kommunalråd skola Umeå")
    assert words == ["Kommunalrådens", "Umeås", "skolor"]
    assert "Kommunalrådens plan för Umeås skolor." in text
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert "\n" not in text


def test_a_phrase_is_marked_only_where_it_stands():
    """The words of a phrase are not marked when they stand apart."""
    _, words = marked('"plan för Umeå"', "En plan. " + TEXT)
    assert words == ["plan", "för", "Umeås"]


def test_the_beginning_is_shown_when_the_title_matched():
    """A match outside the text gives the start of the text, unmarked."""
    text, words = marked("title:skola")
    assert text.startswith("ord0 ord1")
    assert words == []


@given(st.text(), st.sampled_from(["råd", "a*", '"a b"', "title:x"]))
def test_any_text_gives_an_extract(text, query):
    """Marks lie within the extract, in order."""
    shown = extract(text, wanted_words(parse(query)))
    end = 0
    for start, stop in shown.marks:
        assert end <= start < stop <= len(shown.text)
        end = stop
