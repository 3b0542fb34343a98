"""What the hash over a text sees and what it does not."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from umecrawl.extract.text import normalized, text_sha256

WORDS = st.lists(st.text("abcåäöéABCÅÄÖ0123456789", min_size=1, max_size=8), min_size=1, max_size=12)
SPACES = st.sampled_from([" ", "  ", "\n", "\t", "\u00a0", "\u2009", "\r\n", " \u200b ", " \u00b7 "])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\u201cTrygghet\u201d nu", "\u201dTrygghet\u201d nu"),
        ("\u00bbTrygghet\u00ab nu", '"Trygghet" nu'),
        ("Umeå\u2019s", "Umeå's"),
        ("nej \u2013 tack", "nej - tack"),
        ("kommun\u00adfullmäktige", "kommunfullmäktige"),
        ("Umea\u030a", "Umeå"),
        ("ett\n\ntvå", "ett två"),
        ("ett\u00a0två", "ett två"),
        ("mer\u2026", "mer..."),
        ("ett \u00b7 två", "ett två"),
        ("hj\u200bärta", "hjärta"),
    ],
)
def test_typography_is_not_text(one, other):
    """Quotes, dashes, soft hyphens, white space and Unicode form may differ between captures of one text."""
    assert text_sha256(one) == text_sha256(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("213 miljoner", "231 miljoner"),
        ("sanbbfotad", "snabbfotad"),
        ("råd", "rad"),
        ("Vi", "vi"),
        ("3,8 miljoner", "38 miljoner"),
        ("ett två", "etttvå"),
        ("10 procent", "10 procent."),
    ],
)
def test_any_word_or_figure_counts(one, other):
    """One letter, one figure, one comma makes another text."""
    assert text_sha256(one) != text_sha256(other)


@given(WORDS, st.lists(SPACES, min_size=12, max_size=12))
def test_white_space_never_counts(words, spaces):
    """However words are set apart, and in whatever Unicode form, they are the same text."""
    plain = " ".join(words)
    spaced = "".join(w + s for w, s in zip(words, spaces, strict=False))
    assert text_sha256(plain) == text_sha256(unicodedata.normalize("NFD", spaced))


@given(WORDS, WORDS)
def test_other_words_are_another_text(words, others):
    """Two texts with different words never share a hash."""
    assume(words != others)
    assert text_sha256(" ".join(words)) != text_sha256("\n".join(others))


@given(st.text())
def test_normalizing_twice_changes_nothing(text):
    """The normalized form is its own normalized form."""
    assert normalized(normalized(text)) == normalized(text)
