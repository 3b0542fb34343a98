"""What the hash over a text sees and what it does not."""

import html
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from umecrawl.extract import extract
from umecrawl.extract.text import normalized, text_sha256
from umecrawl.model.article import Page
from umecrawl.model.urls import Url

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


FORMS = (
    html.escape,
    lambda word: "".join(f"&#{ord(c)};" for c in word),
    lambda word: "".join(f"&#x{ord(c):x};" for c in word),
    "\u00ad".join,
    lambda word: f"<b>{html.escape(word)}</b>",
)
OLD_THEME = "<html><body class='single postid-1'><h1 class='entry-title'>Bron</h1><div class='entry-content'>{}</div>{}"
NEW_THEME = (
    "<html><body class='single postid-1'><nav>Hem</nav><h1>Bron</h1><div class='wp-block-post-content'>{}</div>"
    "<footer>{}</footer>"
)
SKINS = (OLD_THEME, NEW_THEME)
WORDPRESS = "<meta name='generator' content='WordPress 6.5'>"


def skinned(words, form, skin, counter):
    """Return the hash of a WordPress post of these words in one theme, with its entities written one way."""
    text = "".join(f"<p>{' '.join(map(form, words[i : i + 5]))}</p>\n" for i in range(0, len(words), 5))
    markup = skin.format(text, f"<p>{counter} kommentarer</p>").replace("<html>", f"<html><head>{WORDPRESS}</head>")
    page = Page(Url("https://blogg.example/bron/"), datetime(2026, 9, 1, tzinfo=UTC), 200, "text/html", markup.encode())
    return extract(page).posts[0].text_sha256


PLAIN = st.lists(st.text('abcdefåäö&<>"0123456789', min_size=3, max_size=8), min_size=6, max_size=20)


@settings(max_examples=40, deadline=None)
@given(PLAIN, st.sampled_from(FORMS), st.sampled_from(SKINS), st.integers(0, 999))
def test_theme_entities_and_counters_never_count(words, form, skin, counter):
    """The same words under another theme, in other entities and with other counters have the same hash."""
    assert skinned(words, form, skin, counter) == skinned(words, html.escape, SKINS[0], 0)


@settings(max_examples=40, deadline=None)
@given(PLAIN, st.data())
def test_one_changed_word_or_figure_counts(words, data):
    """Any other word in any place is another text, a single digit, too."""
    place = data.draw(st.integers(0, len(words) - 1))
    other = data.draw(st.sampled_from([words[place] + "1", words[place] + "x", "9" + words[place]]))
    changed = [*words[:place], other, *words[place + 1 :]]
    assert skinned(changed, html.escape, SKINS[0], 0) != skinned(words, html.escape, SKINS[0], 0)
