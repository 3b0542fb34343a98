"""Who signs a text: told from those whom it only mentions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.extract.names import is_name
from umecrawl.extract.people import read_signatories
from umecrawl.extract.text import key

TEXT = [
    "Umeå behöver fler cykelvägar och en ny bro över älven, och det är bråttom.",
    "Nämnden har i dag beslutat att utreda frågan, vilket vi har väntat på i flera år.",
    "Vi kommer att följa arbetet noga och återkomma med förslag till budgeten i höst.",
]


def signed(lines, **told):
    """Return name, party and office of those who sign."""
    return [(person.name, person.party, person.office) for person in read_signatories(lines, **told)]


@pytest.mark.parametrize(
    ("lines", "people"),
    [
        (["Ada Lind (S)"], [("Ada Lind", "S", None)]),
        (["Ada Lind (s)"], [("Ada Lind", "S", None)]),
        (["Ada Lind, Socialdemokraterna Umeå"], [("Ada Lind", "S", None)]),
        (["Ada Lind, Soc\u0131aldemokraterna Umeå"], [("Ada Lind", "S", None)]),
        (["Ada Lind (S), ordförande för äldrenämnden"], [("Ada Lind", "S", "ordförande för äldrenämnden")]),
        (["Ada Lind (S)", "kommunalråd Umeå"], [("Ada Lind", "S", "kommunalråd Umeå")]),
        (
            ["Ada Lind (S)", "kommunalråd", "Karl-Göran von Öst (M)", "oppositionsråd"],
            [("Ada Lind", "S", "kommunalråd"), ("Karl-Göran von Öst", "M", "oppositionsråd")],
        ),
        (
            ["Ada Lind (S), Bo Ek (M) och Siv de la Cour (C)"],
            [("Ada Lind", "S", None), ("Bo Ek", "M", None), ("Siv de la Cour", "C", None)],
        ),
        (
            ["Ada Lind (S) och Bo Ek (S), ledamöter i kommunfullmäktige"],
            [
                ("Ada Lind", "S", "ledamöter i kommunfullmäktige"),
                ("Bo Ek", "S", "ledamöter i kommunfullmäktige"),
            ],
        ),
        (
            ["Ada Lind (MP), gruppledare, Bo Ek (V), gruppledare"],
            [("Ada Lind", "MP", "gruppledare"), ("Bo Ek", "V", "gruppledare")],
        ),
        (["/Ada Lind, oppositionsråd"], [("Ada Lind", None, "oppositionsråd")]),
        (["\u2014 Ada Lind"], [("Ada Lind", None, None)]),
        (["Ada Lind, Socialdemokraterna"], [("Ada Lind", "S", None)]),
        (
            ["Ada Lind, ordförande S-kvinnor, Bo Ek, ledamot"],
            [("Ada Lind", None, "ordförande S-kvinnor"), ("Bo Ek", None, "ledamot")],
        ),
        (["Med vänliga hälsningar", "Ada Lind"], [("Ada Lind", None, None)]),
        (
            ["Ada E. Lind-Ek (SD), distriktsordförande", "Publicerad i Bladet 2 mars"],
            [("Ada E. Lind-Ek", "SD", "distriktsordförande")],
        ),
        (["kommunalrådet Ada Lind (S)"], [("Ada Lind", "S", "kommunalrådet")]),
        (["Kari Lie (Ap), ordfører"], [("Kari Lie", "Ap", "ordfører")]),
        (["Matti Niemi (SDP), kansanedustaja"], [("Matti Niemi", "SDP", "kansanedustaja")]),
    ],
)
def test_those_who_stand_under_a_text_sign_it(lines, people):
    """Names with a party, an office, a dash or a greeting, on one line or two."""
    assert signed([*TEXT, *lines]) == people


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("Det skriver Ada Lind (S), ordförande för äldrenämnden.", [("Ada Lind", "S", "ordförande för äldrenämnden")]),
        ("Det är dags att handla, skriver Ada Lind (S), kommunalråd.", [("Ada Lind", "S", "kommunalråd")]),
        (
            "Skriver gör nämnden, men bron byggs ändå, skriver Ada Lind (S) och Bo Ek (V).",
            [("Ada Lind", "S", None), ("Bo Ek", "V", None)],
        ),
        ("Insändare av Ada Lind", [("Ada Lind", None, None)]),
    ],
)
def test_a_lede_that_says_who_writes_is_a_signature(line, people):
    """What stands above the text counts as what stands below it."""
    assert signed([line, *TEXT]) == people


@pytest.mark.parametrize(
    "lines",
    [
        ["\u2013 Det är bra, säger Ada Lind (S), ordförande för nämnden.", *TEXT],
        ["\u2013 Det är bra, skriver Ada Lind (S).", *TEXT],
        ["Det skriver Ada Lind (S) på Facebook.", *TEXT],
        ["Det skriver Bladet.", *TEXT],
        [*TEXT, "säger Ada Lind (S) avslutningsvis."],
        [*TEXT, "Ada Lind (S) är ordförande i nämnden."],
        [*TEXT, "Umeås kommunalråd:", "Ada Lind (S)", "Bo Ek (M)"],
        [*TEXT, "Presskontakt: Ada Lind (S), 070-123 45 67"],
        [*TEXT, "Kontaktperson", "Ada Lind (S), kommunalråd"],
        [*TEXT, "För mer information:", "Ada Lind (S)"],
        [
            TEXT[0],
            "Talare på torget:",
            "Ada Lind, ordförande i nämnden",
            "Bo Ek, kvinnoklubben",
            "Siv Ek, ledamot",
            TEXT[1] * 3,
        ],
        [*TEXT, "Ada Lind, kvinnoklubben", "Siv Ek, ledamot i nämnden"],
        [*TEXT, "Foto: Ada Lind"],
        [*TEXT, "Socialdemokraterna i Umeå"],
        [*TEXT, "Ada Lind"],
        [*TEXT, "Läs mer om Ada Lind (S)"],
        [],
    ],
)
def test_those_who_are_only_mentioned_sign_nothing(lines):
    """Quoted, elected, photographed, to be called: none of them wrote the text."""
    assert signed(lines) == []


def test_a_bare_name_counts_when_the_byline_has_it_too():
    """A line that is only a name could be anything, unless the page names its author so."""
    assert signed([*TEXT, "Ada Lind"], byline="Ada Lind") == [("Ada Lind", None, None)]


def test_a_signature_keeps_the_place_where_it_stood():
    """Two lines of one signature are both its raw form."""
    (person,) = read_signatories([*TEXT, "Ada Lind (S)", "kommunalråd"])
    assert person.raw == "Ada Lind (S)\nkommunalråd"


def test_who_signs_twice_is_one_person():
    """The lede names the writer, the end of the text the office."""
    lines = ["Det är dags, skriver Ada Lind (S).", *TEXT, "Ada Lind (S)", "kommunalråd"]
    assert signed(lines) == [("Ada Lind", "S", "kommunalråd")]


@given(st.lists(st.text(max_size=80), max_size=12))
def test_no_text_makes_the_reader_of_signatures_fail(lines):
    """Whoever is found stands in the text word by word."""
    for person in read_signatories(lines):
        assert key(person.name) in key(" ".join(lines))


WORDS = st.sampled_from(["Ada", "Bo", "Siv", "Karl-Göran", "Åsa", "Östen", "Lind", "Ek", "Holm-Berg", "O'Neill", "P."])
NAMES = st.tuples(
    WORDS, st.sampled_from(["", "von ", "af ", "de la "]), st.sampled_from(["Lind", "Ek", "Östberg", "Holm-Ek"])
).map(lambda parts: f"{parts[0]} {parts[1]}{parts[2]}")


@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["S", "M", "C", "L", "KD", "MP", "V", "SD"])),
        min_size=1,
        max_size=4,
        unique_by=lambda p: key(p[0]),
    )
)
def test_signatures_come_back_as_they_were_written(people):
    """Whoever signs with name and party is read with name and party, in order."""
    lines = [*TEXT, *(f"{name} ({party})" for name, party in people)]
    assert [(name, party) for name, party, _ in signed(lines)] == people


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ada Lind", True),
        ("Ada Lind och Bo Ek", True),
        ("Carl von Linné", True),
        ("Ada", False),
        ("Umeå kommun", False),
        ("Nyheter och sport", False),
        ("Västerbottens-Kuriren AB", False),
    ],
)
def test_a_name_is_told_from_a_label(text, told):
    """At least two words with capitals, and no organisation."""
    assert is_name(text) is told
