"""Swedish words become the same term in all of their forms, and different words stay apart."""

import os
import subprocess
import sys
import unicodedata
import zlib
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.index import terms as analysis
from umecrawl.index.lexicon import Lexicon, lexicon
from umecrawl.index.pieces import WORD, pieces, words_of
from umecrawl.index.remembered import Remembered
from umecrawl.index.terms import forms, joined_forms, spelling, terms


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
        "medborgarlöfte medborgarlöftet medborgarlöften medborgarlöftena",
        "trygghetsprogram trygghetsprogrammet trygghetsprogrammen",
        "ungdomskyrka ungdomskyrkan ungdomskyrkor",
        "skolgårdsbygge skolgårdsbygget",
        "knäppafton knäppaftonen knäppaftnarna",
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
        ("medborgarlöfte", "löfte"),
        ("ungdomskyrkan", "vinterkyrkan"),
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


def test_the_dictionary_is_loaded_by_the_first_word_only(tmp_path):
    """Importing the module does not import the lemmatizer, which takes longer to load than a command runs."""
    loaded = "print('simplemma' in sys.modules)"
    code = f"import sys, umecrawl.index.terms as t; {loaded}; t.forms('ord'); {loaded}"
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert told.stdout.split() == ["False", "True"]


ODD = "abÅåJK\u0131 İ\u017f_-\u2013”'1².\u0300\u030c\u0307\u00ad\ud800\x00"


@given(st.text() | st.text(alphabet=st.sampled_from(ODD)))
def test_pieces_hold_the_words_of_a_text(text):
    """Parted into pieces a text has the terms that it has word for word."""
    assert analysis.joined_forms(pieces(text)).split() == forms(text)
    assert [spelling(word) for piece in pieces(text) for word in words_of(piece)] == list(
        map(spelling, WORD.findall(text))
    )


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
    assert WORD.findall(text) == words


TEXT = "kommunalrådens skolorna Umeås Jonas Sävars vårdbolagens väljarnas energikrisen trygghet ska okäntordet"
MUCH = 10**6


@pytest.fixture
def use(monkeypatch):
    """Return what has words looked up in another lexicon, all that were met before forgotten."""

    def use(other):
        monkeypatch.setattr(analysis, "lexicon", lambda: other)
        monkeypatch.setattr(analysis, "_FORMS", Remembered(analysis._form))

    return use


@pytest.fixture
def known(use):
    """Return the terms of the text as the packed dictionary knows its words."""
    use(Lexicon(None))
    return forms(TEXT)


@pytest.mark.parametrize("much", [0, MUCH])
def test_words_are_read_alike_when_the_dictionary_has_been_unpacked(use, known, tmp_path, monkeypatch, much):
    """However many words were looked up before or are to come, a form stays the same."""
    monkeypatch.setattr("umecrawl.index.lexicon._LOOKED_UP_PACKED", 1)
    for folder in (tmp_path / "cache", None):
        use(Lexicon(folder))
        analysis.expect(much)
        assert forms(TEXT) == known


def test_an_unpacked_dictionary_is_kept_for_the_next_process(use, known, tmp_path):
    """Who finds the trie in the cache needs neither unpack the dictionary nor load it packed."""
    first = Lexicon(tmp_path / "cache")
    first.expect(MUCH)
    (kept,) = (tmp_path / "cache").iterdir()
    before = kept.stat().st_ino, kept.stat().st_mtime_ns
    code = (
        "import pathlib, sys; from umecrawl.index import terms; from umecrawl.index.lexicon import Lexicon; "
        "found = Lexicon(pathlib.Path(sys.argv[1])); found.expect(10**6); terms.lexicon = lambda: found; "
        "print(*terms.forms(sys.argv[2])); print('simplemma' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "cache"), TEXT]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert told.stdout.split() == [*known, "False"]
    assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == before


OF_ANOTHER_LIBRARY = b"no trie" + zlib.crc32(b"no trie").to_bytes(4, "big")


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda octets: octets[:-1],
        lambda octets: octets[:-4] + b"abcd",
        lambda _: OF_ANOTHER_LIBRARY,
    ],
)
def test_a_broken_file_in_the_cache_is_made_anew(use, known, tmp_path, damage):
    """What another process, or a full disk, left there half written is not read."""
    folder = tmp_path / "cache"
    Lexicon(folder).expect(MUCH)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    use(Lexicon(folder))
    assert forms(TEXT) == known
    analysis.expect(MUCH)
    assert kept.read_bytes() == whole


def test_who_was_killed_while_making_the_trie_leaves_nothing_for_good(use, known, tmp_path):
    """The next to make it takes the place of what lies there half written."""
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / f"simplemma-{version('simplemma')}-sv.unfinished").write_bytes(b"begun")
    use(Lexicon(folder))
    analysis.expect(MUCH)
    assert forms(TEXT) == known
    assert [".marisa"] == [path.suffix for path in folder.iterdir()]


def test_a_trie_that_cannot_be_kept_is_looked_up_all_the_same(use, known, tmp_path):
    """A folder in its place, or a disk without room for it, costs the next process the making and leaves nothing."""
    folder = tmp_path / "cache"
    (folder / f"simplemma-{version('simplemma')}-sv.marisa").mkdir(parents=True)
    use(Lexicon(folder))
    analysis.expect(MUCH)
    assert forms(TEXT) == known
    assert [".marisa"] == [path.suffix for path in folder.iterdir()]


def test_who_has_no_home_reads_words_without_a_cache(use, known, monkeypatch):
    """A container may be run by a user who has neither a name nor a home."""

    def homeless(*_, **__):
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_cache_path", homeless)
    use(lexicon.__wrapped__())
    assert forms(TEXT) == known


def test_where_no_cache_can_be_written_words_are_read_alike(use, known, tmp_path):
    """A folder that cannot be made keeps nobody from indexing."""
    (tmp_path / "file").write_text("in the way")
    use(Lexicon(tmp_path / "file"))
    analysis.expect(MUCH)
    assert forms(TEXT) == known


def test_a_word_of_a_million_accents_stops_nothing():
    """To put them into their order would take hours; its first characters are its term."""
    (form,) = forms("a" + "\u0301\u0316" * 500_000)
    assert len(form) <= 100


def test_pieces_of_megabytes_are_not_remembered():
    """Where nothing parts words the whole text is one piece, and hardly comes again."""
    chinese = "\u7f8e\u9e97" * 100_000
    assert joined_forms(pieces(f"kort {chinese}\uff0cord")).split() == forms(f"kort {chinese}\uff0cord")
    assert max(map(len, analysis._FORMS)) <= 100
    assert max(map(len, analysis._FORMS_OF_PIECES)) <= 100
