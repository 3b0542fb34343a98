"""The links of a text and the sentences around them."""

from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring

from umecrawl.extract.blocks import plain_text
from umecrawl.extract.links import attachments_of, links_of
from umecrawl.extract.paragraphs import Anchor, Paragraph, paragraphs

BASE = "https://blogg.example/2024/05/06/broarna/"


def links(markup):
    """Return the links of a fragment."""
    return links_of(paragraphs(fromstring(f"<div>{markup}</div>")), BASE)


def test_a_link_keeps_its_sentence():
    """Anchor text is often only `denna länk`; the sentence says what is linked."""
    (link,) = links(
        "<p>Först en mening. Läs insändaren via <a href='https://tidning.example/x'>denna länk</a>. Sedan en till.</p>"
    )
    assert link.url == "https://tidning.example/x"
    assert link.anchor == "denna länk"
    assert link.sentence == "Läs insändaren via denna länk."


def test_abbreviations_do_not_end_a_sentence():
    """`bl.a.`, `t.ex.`, `kl.` and initials stand inside sentences."""
    (link,) = links("<p>Det sade bl.a. Ada B. Lind kl. 10 på <a href='/m'>mötet</a> i går. Nej.</p>")
    assert link.sentence == "Det sade bl.a. Ada B. Lind kl. 10 på mötet i går."


def test_relative_links_are_resolved_and_others_left_out():
    """Addresses of mail, scripts and the page itself are no outlinks; tracking parameters go."""
    found = links(
        "<p><a href='../bilder/'>a</a> <a href='mailto:a@b.example'>b</a> <a href='javascript:x()'>c</a> <a "
        "href='#d'>d</a>"
        " <a href='http://[x'>e</a> <a href='https://tidning.example/y?utm_source=z&amp;id=1'>f</a></p>"
    )
    assert [link.url for link in found] == [
        "https://blogg.example/2024/05/06/bilder/",
        "https://tidning.example/y?id=1",
    ]


def test_a_text_without_sentences_gives_what_stands_near():
    """The sentence of a link is never a whole book."""
    (link,) = links("<p>" + "ord " * 5_000 + "<a href='/x'>länk</a>" + " ord" * 5_000 + "</p>")
    assert "länk" in link.sentence
    assert len(link.sentence) < 1_100


@given(st.lists(st.tuples(st.text("ab c\u00ad", max_size=6), st.text("de f", max_size=5)), min_size=1, max_size=6))
def test_the_position_of_a_link_is_that_of_its_words(pieces):
    """What stands at a link's position in the text is its anchor."""
    markup = "".join(f"<p>{before}<a href='/{i}'>{anchor}</a> slut</p>" for i, (before, anchor) in enumerate(pieces))
    found = paragraphs(fromstring(f"<div>{markup}</div>"))
    text = plain_text(found)
    links = links_of(found, BASE)
    assert len(links) == sum(bool(anchor.strip()) for _, anchor in pieces)
    for link in links:
        assert text[link.position : link.position + len(link.anchor)] == link.anchor


def test_links_of_captions_have_no_place_in_the_text():
    """A paragraph beside the text moves no position and gives no link."""
    beside = Paragraph("Foto: Ada", (Anchor("/foto", 0, 4),), in_text=False)
    told = [beside, Paragraph("Se hit", (Anchor("/hit", 3, 6),))]
    assert [(link.url, link.position) for link in links_of(told, BASE)] == [("https://blogg.example/hit", 3)]


def test_files_are_attachments():
    """PDFs that the text links to and file blocks of the container, each once."""
    container = fromstring(
        "<div><p><a href='/a.pdf'>A</a></p><div class='wp-block-file'><a href='/b?id=2'>B</a></div>"
        "<object data='/c' type='application/pdf'></object></div>"
    )
    names = [url.rsplit("/", 1)[1] for url in attachments_of(paragraphs(container), container, BASE)]
    assert names == ["a.pdf", "b?id=2", "c"]
