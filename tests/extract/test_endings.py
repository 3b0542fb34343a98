"""Lists of other pages and calls to readers under a text are left out; what only looks like them stays."""

import pytest

from umecrawl.extract.endings import without_ending
from umecrawl.extract.paragraphs import Anchor, Paragraph
from umecrawl.model.article import BlockKind

TEXT = [Paragraph("Nämnden beslutade i går att bygga två nya broar över älven, en för bussar. " * 3) for _ in range(4)]


def link(text, kind=BlockKind.ITEM):
    """Return a paragraph that is one link."""
    return Paragraph(text, (Anchor("/x/", 0, len(text)),), kind=kind)


def ended(*ending):
    """Return what of these paragraphs under a text is kept."""
    return without_ending([*TEXT, *ending])[len(TEXT) :]


@pytest.mark.parametrize(
    "label", ["Läs också", "Mer om ämnet", "Related articles", "You may also like", "Mehr zum Thema", "Neueste Artikel"]
)
def test_a_list_of_other_pages_is_left_out(label):
    """From its label to the end, with the lines that tell what they are about."""
    teaser = Paragraph("Skolan i byn läggs ned till våren.")
    assert [] == ended(Paragraph(label), link("Skolan läggs ned"), teaser, link("Badet byggs om"))


def test_a_list_that_is_most_of_the_page_stays():
    """Then it is what the page is about."""
    long = [link(f"Läs mer om förslag nummer {n} som nämnden fick in under våren") for n in range(40)]
    assert len(ended(Paragraph("Läs också", kind=BlockKind.HEADING), *long, Paragraph("Slut."))) == 42


def test_a_label_above_running_text_is_a_heading():
    """Whatever it says, a long paragraph under it belongs to the text."""
    heading = Paragraph("Senaste nytt om bron", kind=BlockKind.HEADING)
    assert [heading, TEXT[0]] == ended(heading, TEXT[0])


@pytest.mark.parametrize(
    "line",
    [
        "Prenumerera på vårt nyhetsbrev!",
        "Följ oss på Facebook.",
        "Get the latest updates right in your inbox. Subscribe to our newsletters.",
        "Folgst du schon der Zeitung auf Whatsapp?",
    ],
)
def test_a_call_to_readers_is_left_out(line):
    """At the end of a text."""
    assert [] == ended(Paragraph(line))


@pytest.mark.parametrize(
    "line",
    [
        "Partiet skriver i sitt nyhetsbrev att alla som prenumererar ska få komma.",
        "He told reporters that he would write to the mayor.",
        "Nämnden vill att fler ska följa oss i arbetet.",
    ],
)
def test_a_sentence_that_uses_the_same_words_stays(line):
    """A call opens a sentence."""
    assert [Paragraph(line)] == ended(Paragraph(line))


def test_a_call_is_looked_for_at_the_end_only():
    """An author may ask for something in the middle."""
    call, end = Paragraph("Följ oss på Facebook."), Paragraph("Så slutar texten.")
    assert [call, end] == ended(call, end)


def test_the_sources_of_a_text_stay():
    """A bare list of links is left out, but not where its author says what it is."""
    links = [link("Protokollet"), link("Budgeten")]
    assert [] == ended(*links)
    for label in ("Källor", "Källor:", "Här finns handlingarna:", "References"):
        assert [Paragraph(label), *links] == ended(Paragraph(label), *links)
