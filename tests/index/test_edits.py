"""The kinds of edit, told from the words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.index.edits import EditClass, edit_of, edit_of_headline

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
        pytest.param("5 miljoner", "fem miljoner", "typo", id="the same figure in words"),
        pytest.param("Fler poliser", "En polis till", "wording", id="one is no figure by itself"),
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
        pytest.param("här.", "här. ”Det är vi ledsna över”, säger hon.", "quote", id="quotation added"),
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
    ("old", "new", "classes"),
    [
        pytest.param("den 14 juni", "den 14 juli", "figure", id="month"),
        pytest.param("den tredje gången", "den fjärde gången", "figure", id="ordinal"),
        pytest.param("den andra gången", "den tredje gången", "figure", id="second, which is other as well"),
        pytest.param("Tjugofem personer", "Trettiotvå personer", "figure", id="compound"),
        pytest.param("hundratjugo hus", "hundratrettio hus", "figure", id="hundreds"),
        pytest.param("tvåtusenfemhundra hus", "2 500 hus", "typo", id="thousands in words"),
        pytest.param("En person", "Två personer", "figure", id="the word behind it follows"),
        pytest.param("ett hus", "1 hus", "typo", id="one in digits"),
        pytest.param("12 000 kronor", "12000 kronor", "typo", id="thousands set otherwise"),
        pytest.param("12 000 kronor", "13 000 kronor", "figure", id="other thousands"),
        pytest.param("en grön bil", "andra bilar", "wording", id="no figures"),
    ],
)
def test_a_figure_is_told_by_what_it_comes_to(old, new, classes):
    """In digits, in words, with ordinals and months; the same figure written otherwise is no other one."""
    edit = edit_of(f"Så blev det {old} i dag.", f"Så blev det {new} i dag.")
    assert " ".join(edit.classes) == classes


@pytest.mark.parametrize(
    "line",
    [
        "Rättelse",
        "Rättning: det är 130 miljoner, inte 120.",
        "Korr: det är 130 miljoner, inte 120.",
        "PS. Uppdaterat med svar från nämnden.",
        "Edit: lade till en länk.",
        "[Uppdatering 6/5] Nu är det klart.",
        "Texten är uppdaterad med en kommentar från kommunen.",
        "Artikeln uppdateras.",
        "Artikeln uppdaterades klockan 15.10.",
        "Artikeln har efter publiceringen förtydligats.",
        "Inlägget redigerades den 6 maj.",
        "Notera: texten är justerad efter påpekande från en läsare.",
        "Bildtexten har uppdaterats.",
        "I en tidigare version av den här texten uppgavs fel namn.",
        "I en tidigare version stod att bygget kostar 100 miljoner.",
        "I den ursprungliga texten stod fel årtal.",
        "I ett tidigare stadium av artikeln uppgavs fel summa.",
        "Det stod tidigare att bygget kostar 100 miljoner.",
        "I artikeln stod tidigare att bygget kostar 100 miljoner.",
        "I artikeln angavs felaktigt att bygget kostar 100 miljoner.",
        "Tidigare angavs i artikeln att bygget kostar 100 miljoner. Rätt är 120.",
        "Den här artikeln innehöll tidigare en felaktig uppgift om priset.",
        "Vi har rättat en uppgift om kostnaden.",
        "Bladet har rättat uppgiften om kostnaden.",
        "Redaktionen har ändrat i texten.",
        "Ett faktafel har rättats i texten.",
        "Felet har rättats.",
        "En felaktig uppgift har tagits bort ur artikeln.",
        "Uppgiften har ändrats efter publiceringen.",
        "Vi beklagar felet.",
    ],
)
def test_a_notice_is_known_in_the_words_that_newsrooms_use(line):
    """In front of the text and behind it."""
    assert edit_of(TEXT, f"{TEXT}\n{line}").has_notice
    assert edit_of(TEXT, f"{line}\n{TEXT}").has_notice


@pytest.mark.parametrize(
    "line",
    [
        "Kommunen har ändrat detaljplanen för Haga.",
        "Budgeten har korrigerats av nämnden.",
        "Sidan 4 i rapporten har ändrats av nämnden.",
        "Texten i lagförslaget har ändrats av utskottet.",
        "Tidigare stod det ett hus här.",
        "Bilen stod fel på tomten.",
        "I en tidigare version av förslaget fanns en simhall på Teg.",
        "En tidigare version av planen stoppades av domstolen.",
        "Rättelse av räkningarna krävs, säger revisorn.",
        "Artikeln i lagen ändrades 2019.",
        "Tillägg görs i avtalet med bolaget.",
        "Fotnot: Siffrorna gäller hela länet.",
    ],
)
def test_what_others_changed_is_no_notice(line):
    """Plans, laws and budgets are changed every day."""
    assert not edit_of(TEXT, f"{TEXT}\n{line}").has_notice


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "Uppdaterad 14.32"),
        ("Uppdaterad 14.32", "Uppdaterad 15.10"),
        ("Publicerad 6 maj 2024 kl 14.32", "Publicerad 6 maj 2024 kl 14.32 | Uppdaterad 7 maj 2024 kl 09.10"),
        ("Senast uppdaterad för 3 timmar sedan", "Senast uppdaterad för 5 timmar sedan"),
        ("Publicerad i dag 14.32", "Publicerad i går 14.32"),
        ("Lästid: 3 min", "Lästid: 4 min"),
        ("3 minuters läsning", "4 minuters läsning"),
        ("Du har 3 fria artiklar kvar.", "Du har 1 fri artikel kvar."),
        ("Du har läst 3 av 5 artiklar den här månaden.", "Du har läst 4 av 5 artiklar den här månaden."),
        ("Gilla (12)", "Gilla (14)"),
        ("12 personer gillar detta", "15 personer gillar detta"),
        ("Läst 1 203 gånger", "Läst 1 310 gånger"),
        ("", "PLUS"),
        ("Läs också: Nytt tak på ishallen", "Läs också: Bron stängs i helgen"),
    ],
)
def test_lines_of_the_frame_are_no_edit(old, new):
    """Times, counts, meters and what to read next, in front of the text, behind it, or moved from one to the other."""
    assert edit_of(f"{old}\n{TEXT}", f"{new}\n{TEXT}").is_noise
    assert edit_of(f"{TEXT}\n{old}", f"{TEXT}\n{new}").is_noise
    assert edit_of(f"{new}\n{TEXT}", f"{TEXT}\n{new}").is_noise


def test_a_line_of_the_frame_gives_an_edit_beside_it_no_class():
    """That the reading time grew is no figure; that the time of an update moved announces the edit."""
    edit = edit_of(f"Lästid: 3 min\n{TEXT}", f"Lästid: 4 min\n{TEXT}".replace("längre", "kortare"))
    assert (edit.classes, edit.is_noise) == (("wording",), False)
    edit = edit_of(f"Uppdaterad 14.32\n{TEXT}", f"Uppdaterad 15.10\n{TEXT}".replace("längre", "kortare"))
    assert edit.classes == ("correction-notice", "wording")


def test_a_line_that_moved_and_was_edited_has_both_classes():
    """It was neither removed nor added."""
    line = "Den gamla simhallen stängdes i mars efter en läcka."
    edit = edit_of(f"{TEXT}\n{line}", f"{line.replace('mars', 'april')}\n{TEXT}")
    assert edit.classes == ("figure", "moved")


@pytest.mark.parametrize(
    ("old", "new"),
    [("olagligt", "lagligt"), ("minskar", "minskat"), ("avtalet", "avtal"), ("inte", "inne"), ("bra", "bar")],
)
def test_a_word_that_says_something_else_is_no_typo(old, new):
    """However alike the letters are."""
    assert edit_of(f"Det är {old} nu.", f"Det är {new} nu.").classes == ("wording",)


@pytest.mark.parametrize(
    ("old", "new", "classes"),
    [
        ("Så blir det med gården", "Helt ny rubrik på sidan nu", "wording"),
        ("Fyra döda i olycka på bron", "Tre döda i olycka på bron", "figure"),
        ("BRAND i centrum", "Brand i centrum", "typo"),
        ("Anna Berg avgår i protest", "Eva Lund avgår i protest", "name"),
        ("”Vi vill bygga mer” säger hon", "”Vi kan bygga mer” säger hon", "quote"),
        ("Läs också: Nytt tak", "Läs också: Ny dörr", "wording"),
    ],
)
def test_a_headline_has_the_classes_of_words(old, new, classes):
    """It is neither removed nor added as a paragraph is, however much of it is new."""
    assert " ".join(edit_of_headline(old, new).classes) == classes


def test_a_misspelt_compound_is_a_typo():
    """Also where the dictionary takes it for a word."""
    assert edit_of("Våra ungdommar är här.", "Våra ungdomar är här.").classes == ("typo",)


def test_long_texts_without_a_common_line_are_other_paragraphs():
    """Where too many lines went and came to compare each with each, they count as other ones, in no time."""
    old, new = ("\n".join(f"{word} {number} står här i raden." for number in range(1_500)) for word in ("Rad", "Bild"))
    assert {EditClass.PARAGRAPH_ADDED, EditClass.PARAGRAPH_REMOVED} <= set(edit_of(old, new).classes)


@pytest.mark.parametrize(
    "old", ["hundra", "tusen", "sextio", "1", "²", "٣", "Uppdaterad ", "artikeln har ", "”", "\u2013 "]
)
def test_what_a_page_repeats_without_end_is_an_edit_like_any_other(old):
    """Whatever a page says, the index can be made of it."""
    assert edit_of(old * 5_000, f"hund {old * 4_000}").difference.changed


def test_many_short_lines_are_no_more_paragraphs_than_few():
    """A list of names and figures that was written anew is told alike, however long it is."""
    few, many = (
        edit_of(*("\n".join(f"{word}{number} {word}" for number in range(size)) for word in ("rad", "post")))
        for size in (50, 400)
    )
    assert few.classes == many.classes
    assert EditClass.PARAGRAPH_ADDED not in many.classes


_PIECES = st.sampled_from(
    [
        "hundra", "tusen", "5", "12 000", "²", "½", "٣", "\n", "”", '"', "'", "\u2013 ", "…", "...", "•", "\u00ad",
        "\u200b", "Uppdaterad 14.32", "Rättelse: ", "Läs också: x", " ", "Anna", "Kommunen vill bygga en skola här.",
        "\u0300", "ǰ", "ﬁ", "\x00",
    ]
)  # fmt: skip
_TEXTS = st.lists(_PIECES, max_size=30).map("".join)


@given(_TEXTS, _TEXTS)
def test_every_edit_adds_up(old, new):
    """Places are those of the texts, and no count falls below nothing, whatever stands in them."""
    difference = edit_of(old, new).difference
    assert min(difference.words_added, difference.words_removed, difference.words_moved) >= 0
    assert 0 <= difference.similarity <= 1
    for hunk in difference.hunks:
        assert (old[hunk.old_start : hunk.old_end], new[hunk.new_start : hunk.new_end]) == (hunk.removed, hunk.added)
    assert not edit_of(old, old).difference.changed
