"""The structure of a text: kinds of blocks, and what stands beside it."""

from lxml.html import fromstring

from umecrawl.extract.blocks import blocks_of, plain_text, told_apart
from umecrawl.extract.paragraphs import paragraphs
from umecrawl.model.article import BlockKind

SENTENCE = "Kommunen ska bygga hundra nya lägenheter vid älven"


def blocks(markup):
    """Return the blocks of a piece of markup."""
    return blocks_of(told_apart(paragraphs(fromstring(f"<div>{markup}</div>"))))


def test_each_kind_of_block_is_told():
    """Headings keep their level, items depth and order, rows their cells, preformatted lines their spaces."""
    found = blocks(
        "<h2>Rubrik</h2><p>Stycke</p><ol><li>Ett<ul><li>Inre</li></ul></li></ol><blockquote><p>Citat</p></blockquote>"
        "<table><tr><td>År</td><td>Kr</td></tr></table><pre>a\n  b</pre>"
    )
    assert [(b.kind, b.text, b.level, b.ordered) for b in found] == [
        (BlockKind.HEADING, "Rubrik", 2, False),
        (BlockKind.PARAGRAPH, "Stycke", 0, False),
        (BlockKind.ITEM, "Ett", 1, True),
        (BlockKind.ITEM, "Inre", 2, False),
        (BlockKind.QUOTE, "Citat", 0, False),
        (BlockKind.TABLE_ROW, "År\tKr", 0, False),
        (BlockKind.PREFORMATTED, "a", 0, False),
        (BlockKind.PREFORMATTED, "  b", 0, False),
    ]


def test_captions_stand_beside_the_text():
    """A caption is a block and no line of the text."""
    markup = f"<p>{SENTENCE}.</p><figure><img src='a'><figcaption>Älven i maj.</figcaption></figure><p>Slut.</p>"
    told = told_apart(paragraphs(fromstring(f"<div>{markup}</div>")))
    assert plain_text(told) == f"{SENTENCE}.\nSlut."
    assert [(b.kind, b.in_text) for b in blocks_of(told)][1] == (BlockKind.CAPTION, False)


def test_captions_of_older_blogs_are_text():
    """What an author's system wrote as a paragraph under a picture is text; in `figcaption` it stands beside it."""
    older = f"<p>{SENTENCE}.</p><div class='wp-caption'><p class='wp-caption-text'>Älven i maj.</p></div>"
    newer = f"<p>{SENTENCE}.</p><figure class='wp-caption'><figcaption><p>Älven i maj.</p></figcaption></figure>"
    credit = f"{older}<p>Slut på bilderna.</p>{older}"
    told = [told_apart(paragraphs(fromstring(f"<div>{markup}</div>"))) for markup in (older, newer, credit)]
    assert [plain_text(one) for one in told[:2]] == [f"{SENTENCE}.\nÄlven i maj.", f"{SENTENCE}."]
    assert [blocks_of(one)[1].kind for one in told] == [BlockKind.CAPTION] * 3
    assert "Älven" not in plain_text(told[2])


def test_captions_are_the_text_of_a_picture_post():
    """Where a post is mostly pictures, what is under them is what it says."""
    markup = f"<p>Bilder!</p><figure><figcaption>{SENTENCE}</figcaption></figure>"
    assert plain_text(told_apart(paragraphs(fromstring(f"<div>{markup}</div>")))) == f"Bilder!\n{SENTENCE}"


def test_a_quote_that_repeats_a_sentence_is_a_pull_quote():
    """A quote whose words stand in a paragraph is beside the text; one with words of its own is text."""
    found = blocks(
        f"<p>{SENTENCE}, sade hon.</p><blockquote>{SENTENCE}</blockquote><blockquote>Något helt annat här</blockquote>"
    )
    assert [(b.kind, b.in_text) for b in found] == [
        (BlockKind.PARAGRAPH, True),
        (BlockKind.PULL_QUOTE, False),
        (BlockKind.QUOTE, True),
    ]


def test_a_quote_with_its_source_is_the_authors_own():
    """A part of a paragraph that is quoted with its source stays in the text."""
    found = blocks(
        f"<p>{SENTENCE}, sade hon.</p><blockquote><p>{SENTENCE}</p><cite>Källa: tidningen</cite></blockquote>"
    )
    assert all(block.in_text for block in found)


def test_a_pull_quote_that_says_something_new_stays_in_the_text():
    """The class name alone does not take words off the text."""
    (_, quote) = blocks(
        f"<p>{SENTENCE}.</p><figure class='wp-block-pullquote'><blockquote>Aldrig mer!</blockquote></figure>"
    )
    assert (quote.kind, quote.in_text) == (BlockKind.PULL_QUOTE, True)


def test_a_refrain_is_kept_and_a_copy_for_narrow_screens_is_not():
    """Two equal paragraphs in one block are the author's; the same text in two blocks is sent twice."""
    assert len(blocks("<p>Hurra</p><p>Hurra</p>")) == 2
    assert len(blocks("<div class='wide'><p>Hurra</p></div><div class='narrow'><div><p>Hurra</p></div></div>")) == 1


def test_the_heading_of_a_fold_is_read():
    """A button in a heading or summary is the fold's title; other buttons are controls."""
    found = blocks(
        "<h3><button aria-controls='p'>Vad vi vill</button></h3><div id='p'><p>Mer skola</p></div><button>Dela</button>"
    )
    assert [(b.kind, b.text) for b in found] == [(BlockKind.HEADING, "Vad vi vill"), (BlockKind.PARAGRAPH, "Mer skola")]


def test_a_layout_table_is_no_table():
    """A row of one cell holds paragraphs."""
    assert [b.kind for b in blocks("<table><tr><td>En text<br>till</td></tr></table>")] == [BlockKind.PARAGRAPH] * 2
