"""The word-level difference of two texts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.index.diff import compare


def test_a_changed_number_is_one_hunk_with_its_surroundings():
    """What went, what came, where, and the words around it."""
    old = "Kommunen satsar 5 miljoner på skolan."
    new = "Kommunen satsar 7 miljoner på skolan."
    difference = compare(old, new)
    (hunk,) = difference.hunks
    assert (hunk.removed, hunk.added) == ("5", "7")
    assert (hunk.before, hunk.after) == ("Kommunen satsar", "miljoner på skolan.")
    assert (difference.words_added, difference.words_removed) == (1, 1)
    assert old[hunk.old_start : hunk.old_end] == "5"


def test_a_word_of_a_million_accents_stops_nothing():
    """To put them into their order would take hours; it is compared as it is written."""
    accents = "a" + "\u0301\u0316" * 500_000
    assert not compare(f"Hej {accents}", f"Hej {accents}").changed
    assert compare(f"Hej {accents}", f"Hej {accents}b").changed


def test_typography_is_no_edit():
    """Quote style, dashes, soft hyphens, white space and Unicode form do not show."""
    old = 'Hon sa: "Vi la\u0308gger ner kommunal\u00adrådet" - så är det.'
    new = "Hon sa: ”Vi lägger\nner  kommunalrådet” \u2013 så är det."
    assert not compare(old, new).changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Hon sa ”ja” då.", "Hon sa 'ja' då."),
        ("Vi får se…", "Vi får se..."),
        ("En ofﬁciell väg.", "En officiell väg."),
        ("kommun\u200balråd", "kommunalråd"),
        ("• Fler lärare", "Fler lärare"),
        ("av 1 200 000", "av 1\u00a0200\u202f000"),
    ],
)
def test_how_a_page_is_set_is_no_edit(old, new):
    """Quotation marks double or single, dots, ligatures, bullets, and what no reader sees within a word."""
    assert not compare(old, new).changed
    assert not compare(new, old).changed


def test_a_line_edited_as_it_moved_is_told_by_what_it_kept():
    """Only the word that was changed went and came."""
    lines = [" ".join(f"ord{n}x{i}" for i in range(9)) for n in range(4)]
    moved = [lines[3].replace("ord3x5", "annat"), *lines[:3]]
    difference = compare("\n".join(lines), "\n".join(moved))
    assert (difference.words_added, difference.words_removed, difference.words_moved) == (1, 1, 8)
    assert [one.text for one in difference.moves] == [" ".join(lines[3].split()[:5]), " ".join(lines[3].split()[6:])]


def test_punctuation_shows_but_is_no_word():
    """An exclamation mark for a full stop is an edit of no words."""
    difference = compare("Ja.", "Ja!")
    assert difference.changed
    assert (difference.words_added, difference.words_removed, difference.similarity) == (0, 0, 1.0)


def test_a_moved_paragraph_leaves_the_rest_alone():
    """Only the paragraph that moved is told as gone in one place and come in another, and no word as added."""
    paragraphs = [" ".join(f"ord{n}x{i}" for i in range(30)) for n in range(5)]
    moved = [paragraphs[0], paragraphs[2], paragraphs[3], paragraphs[4], paragraphs[1]]
    difference = compare("\n".join(paragraphs), "\n".join(moved))
    assert (difference.words_added, difference.words_removed, difference.words_moved) == (0, 0, 30)
    assert len(difference.hunks) == 2
    (move,) = difference.moves
    assert move.text == paragraphs[1]
    assert 0.7 < difference.similarity < 0.9, "the order counts"


def test_a_sentence_that_moved_within_a_rewritten_paragraph_is_found():
    """What surrounds it may have changed in both places; a word changed in it ends the passage."""
    sentence = "Vi ska bygga fler bostäder i hela kommunen."
    frame = "Det var en gång en kommun vid älven där många ville bo året om."
    difference = compare(f"Förr. {sentence} {frame}\nSist.", f"{frame} Nu gäller detta: {sentence}\nSist.")
    (move,) = difference.moves
    assert move.text == sentence
    assert (difference.words_removed, difference.words_added) == (1, 3)


def test_what_moved_begins_with_its_first_word():
    """The full stop before it belongs to what stands there."""
    moved = "Detta är ett stycke som flyttas till slutet senare."
    frame = "Det var en gång en kommun vid älven där många ville bo året om."
    difference = compare(f"Förr: så.\n{moved}\n{frame}", f"{frame}\nNytt här: text.\n{moved}\nSist kom detta.")
    assert [one.text.rstrip(".") for one in difference.moves] == [moved.rstrip(".")]


def test_a_few_common_words_in_two_places_are_no_move():
    """`och i Umeå kommun` stands everywhere."""
    old = "Vi bor i Umeå kommun och trivs. Ett. Två."
    new = "Ett. Två. De arbetar i Umeå kommun och sover."
    assert compare(old, new).moves == ()


def test_an_inserted_line_is_told_as_that_line():
    """Where lines begin alike, the diff could as well begin in the middle of them."""
    old = "- Vi bygger nu.\n- Vi väntar inte.\nSlut."
    new = "- Vi bygger nu.\n- Vi bygger mer.\n- Vi väntar inte.\nSlut."
    (hunk,) = compare(old, new).hunks
    assert (hunk.removed, hunk.added) == ("", "- Vi bygger mer.")
    (back,) = compare(new, old).hunks
    assert (back.removed, back.added) == ("- Vi bygger mer.", "")


def test_an_inserted_sentence_is_told_as_that_sentence():
    """The full stop belongs to the sentence that came, not to the one before it."""
    (hunk,) = compare("Ett hus byggs. Slut.", "Ett hus byggs. Ett torg byggs. Slut.").hunks
    assert hunk.added == "Ett torg byggs."


_WORDS = st.lists(st.sampled_from(["vi", "och", "skola", "Umeå", "5", "råd", ".", ","]), max_size=60).map(" ".join)


@given(_WORDS, _WORDS)
def test_the_hunks_turn_the_one_text_into_the_other(old, new):
    """Replacing each hunk's slice of the old text by what was added gives the words of the new one."""
    at, made = 0, ""
    for hunk in compare(old, new).hunks:
        assert old[hunk.old_start : hunk.old_end] == hunk.removed
        assert new[hunk.new_start : hunk.new_end] == hunk.added
        made += old[at : hunk.old_start] + " " + hunk.added + " "
        at = hunk.old_end
    made += old[at:]
    assert re.findall(r"\S+", made) == re.findall(r"\S+", new)


@given(_WORDS)
def test_a_text_does_not_differ_from_itself(text):
    """No hunk, no words, similarity 1."""
    difference = compare(text, text)
    assert not difference.changed
    assert difference.similarity == 1.0


@given(_WORDS, _WORDS)
def test_words_balance(old, new):
    """Words of the old text, less those removed, plus those added, are the words of the new one."""
    difference = compare(old, new)
    assert len(re.findall(r"\w+", old)) - difference.words_removed + difference.words_added == len(
        re.findall(r"\w+", new)
    )
