"""The kinds of edit, told from the words."""

import pytest

from umecrawl.index.edits import edit_of

TEXT = """\
Det här är en längre text om Umeå och skolan.
Kommunen satsar 5 miljoner kronor på skolan, säger Hans Lindberg.
\u2013 Vi måste göra mer för barnen, säger Emma Vigren (S) till ”Bladet”.
Punkter:
Fler poliser
Fler lärare
Slut på texten här."""
LINES = TEXT.split("\n")


@pytest.mark.parametrize(
    ("old", "new", "classes"),
    [
        pytest.param("5 miljoner", "7 miljoner", "figure", id="figure"),
        pytest.param("5 miljoner", "sju miljoner", "figure", id="figure in words"),
        pytest.param("5 miljoner", "5 miljarder", "figure", id="size of a figure"),
        pytest.param("Fler lärare", "Tio fler lärare", "figure", id="figure in front"),
        pytest.param("Det här är en", "Det här är ett", "typo", id="small word put for another"),
        pytest.param("Hans Lindberg", "Anders Ågren", "name", id="name"),
        pytest.param("(S)", "(M)", "name", id="party"),
        pytest.param("säger Hans", "menar rådet Hans", "wording", id="words beside a name"),
        pytest.param("säger Hans Lindberg", "skriver Anders Ågren", "name wording", id="words and a name"),
        pytest.param("Vigren", "Wigren", "name typo", id="name spelt otherwise"),
        pytest.param("längre", "länggre", "typo", id="typo"),
        pytest.param("skolan.", "skoaln.", "typo", id="letters in another order"),
        pytest.param("på skolan", "på på skolan", "typo", id="word doubled"),
        pytest.param("en längre", "enlängre", "typo", id="parted"),
        pytest.param("Slut på", "slut på", "typo", id="case"),
        pytest.param("Slut på texten här.", "Slut på texten här!", "typo", id="punctuation"),
        pytest.param("satsar", "satsade", "wording", id="another form of the word"),
        pytest.param("längre", "kortare", "wording", id="another word"),
        pytest.param("göra mer", "göra mindre", "quote", id="quotation"),
        pytest.param("”Bladet”", "”Tidningen”", "name quote", id="quotation marks"),
        pytest.param("Fler lärare", "Fler fältare och lärare", "wording", id="item of a list"),
        pytest.param("Fler lärare\n", "", "paragraph-removed", id="item removed"),
        pytest.param("Fler lärare", "Fler lärare\nFler fältare", "paragraph-added", id="item added"),
        pytest.param(LINES[1], "Partiet bygger en bro över älven vid Tegs kyrka.", "paragraph-added paragraph-removed",
                     id="another paragraph"),
        pytest.param(LINES[0] + "\n" + LINES[1], LINES[1] + "\n" + LINES[0], "moved", id="order"),
        pytest.param("här.", "här.\nRättelse: Summan är fel.", "correction-notice paragraph-added", id="correction"),
        pytest.param("här.", "här.\nUppdatering 2024-05-06: Nu är avtalet skrivet av båda.",
                     "correction-notice paragraph-added", id="update"),
        pytest.param("här.", "här.\nI en tidigare version av artikeln stod fel summa.",
                     "correction-notice paragraph-added", id="earlier version"),
        pytest.param("här.", "här.\nArtikeln har uppdaterats med ett svar från kommunen.",
                     "correction-notice paragraph-added", id="was updated"),
        pytest.param("här.", "här. (Uppdaterad 12 mars)", "correction-notice", id="in brackets"),
        pytest.param("här.", "här.\nVi har uppdaterat vårt program för skolan i kommunen.", "paragraph-added",
                     id="an update of something else"),
        pytest.param("här.", "här.\nPartiet har rättat in sig i ledet och ändrat sitt förslag.", "paragraph-added",
                     id="a correction of something else"),
    ],
)  # fmt: skip
def test_an_edit_has_the_classes_that_its_words_call_for(old, new, classes):
    """A rule each, in both directions of time where that makes sense."""
    assert old in TEXT
    edit = edit_of(TEXT, TEXT.replace(old, new))
    assert " ".join(edit.classes) == classes
    assert edit.difference.changed


@pytest.mark.parametrize(
    ("old", "new"),
    [("olagligt", "lagligt"), ("minskar", "minskat"), ("avtalet", "avtal"), ("inte", "inne"), ("bra", "bar")],
)
def test_a_word_that_says_something_else_is_no_typo(old, new):
    """However alike the letters are."""
    assert edit_of(f"Det är {old} nu.", f"Det är {new} nu.").classes == ("wording",)


def test_a_misspelt_compound_is_a_typo():
    """Also where the dictionary takes it for a word."""
    assert edit_of("Våra ungdommar är här.", "Våra ungdomar är här.").classes == ("typo",)
