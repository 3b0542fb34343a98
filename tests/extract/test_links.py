"""The links of a text and the sentences around them."""

from lxml.html import fromstring

from umecrawl.extract.links import links_of
from umecrawl.extract.tree import paragraphs

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
