"""Swedish words become the same term in all of their forms, and different words stay apart."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.index import terms as analysis
from umecrawl.index.lexicon import lexicon
from umecrawl.index.terms import forms, terms


@pytest.mark.parametrize(
    "words",
    [
        "kommunalråd kommunalråden kommunalrådet kommunalrådens",
        "skola skolan skolor skolorna skolans",
        "bok böcker böckerna",
        "äldreomsorg äldreomsorgen äldreomsorgens",
        "Umeå Umeås umeå UMEÅ",
        "Skellefteå Skellefteås",
        "Obbola Obbolas",
        "Sävar Sävars",
        "Teg Tegs",
        "Obama Obamas",
        "väljare väljarna väljarnas",
        "energikris energikrisen energikrisens",
        "vårdbolag vårdbolagens",
        "nämnd nämnden nämnderna nämndernas",
        "socialnämnd socialnämnden socialnämnder",
        "väg vägen vägar vägarna vägarnas",
        "lärare läraren lärarna lärarnas",
        "fastighet fastigheten fastigheter fastigheterna",
        "viktig viktigt viktiga viktigare viktigast",
        "styrelse styrelsen styrelser styrelsernas",
        "kris krisen kriserna",
    ],
)
def test_forms_of_a_word_are_one_term(words):
    """All forms of a word give one term, genitives of names that end in a vowel included."""
    assert len(set(forms(words))) == 1, forms(words)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rad", "råd"),
        ("far", "får"),
        ("hora", "höra"),
        ("val", "väl"),
        ("Jonas", "Jon"),
        ("Andreas", "Andrea"),
        ("skola", "ska"),
        ("varor", "är"),
        ("sitter", "sitt"),
        ("trygghet", "trygga"),
        ("fastighet", "fast"),
        ("politiker", "politik"),
        ("arbetare", "arbete"),
        ("betydelse", "betyda"),
        ("nämnd", "nämna"),
        ("möjligt", "möjlighet"),
    ],
)
def test_words_that_differ_stay_apart(one, other):
    """Å, ä and ö are letters of their own, and names known to the dictionary are not cut by the stemmer."""
    assert forms(one) != forms(other)


def test_decomposed_letters_and_soft_hyphens_make_no_difference():
    """A word in NFD or with a soft hyphen is the word in NFC."""
    assert forms(unicodedata.normalize("NFD", "länsväg")) == forms("länsväg")
    assert forms("kommunal\u00adråd") == forms("kommunalråd")


def test_places_are_those_of_the_text_as_written():
    """The offsets of a term cut the word out of the text, however it was spelled there."""
    text = "Umeås " + unicodedata.normalize("NFD", "kommunalråd") + ", (S)!"
    assert [text[term.start : term.end] for term in terms(text)] == [
        "Umeås",
        unicodedata.normalize("NFD", "kommunalråd"),
        "S",
    ]


@given(st.text())
def test_every_text_has_terms_that_stand_alone(text):
    """Any text gives terms without white space or punctuation, one for each place, in order and not overlapping."""
    found = terms(text)
    assert [term.form for term in found] == forms(text)
    end = 0
    for term in found:
        assert end <= term.start < term.end
        assert term.form
        assert not any(char.isspace() or char in "'\"\\:*" for char in term.form)
        end = term.end


def test_the_dictionary_is_loaded_by_the_first_word_only():
    """Importing the module does not import the lemmatizer, which takes longer to load than a command runs."""
    loaded = "print('simplemma' in sys.modules)"
    code = f"import sys, umecrawl.index.terms as t; {loaded}; t.forms('ord'); {loaded}"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.split() == ["False", "True"]


@given(st.text(alphabet=st.sampled_from("aåÅ1²_ -.\u0300\u036f\u0370\u00ad")))
def test_marks_and_soft_hyphens_part_no_word(text):
    """A word goes on over combining marks and soft hyphens, and neither begins with one."""
    words: list[str] = []
    inside = False
    for char in text:
        if char.isalnum():
            words += [] if inside else [""]
            inside = True
        elif not inside or char not in "\u0300\u036f\u00ad":
            inside = False
            continue
        words[-1] += char
    assert analysis.WORD.findall(text) == words


@pytest.fixture
def anew():
    """Return what forgets all words and the dictionary, before and after the test."""

    def forget():
        analysis._FORMS.clear()
        lexicon.cache_clear()

    forget()
    yield forget
    forget()


@pytest.mark.parametrize("much", [0, 10**6])
def test_words_are_read_alike_when_the_dictionary_has_been_unpacked(anew, monkeypatch, much):
    """However many words were looked up before or are to come, a form stays the same."""
    text = "kommunalrådens skolorna Umeås Jonas Sävars vårdbolagens väljarnas energikrisen trygghet ska okäntordet"
    packed = forms(text)
    anew()
    monkeypatch.setattr("umecrawl.index.lexicon._LOOKED_UP_PACKED", 1)
    analysis.expect(much)
    assert forms(text) == packed
