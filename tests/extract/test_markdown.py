"""Markdown from blocks: nothing lost, nothing read as markup that is text."""

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from umecrawl.extract.markdown import markdown
from umecrawl.model.article import Block, BlockKind

LINE = st.text(st.sampled_from("abcåäö 12.,:;!?*_`#>+-=|~[]()<>&\\\"'"), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
)
TEXT = LINE.filter(lambda text: re.search(r"\w", text))
BLOCK = st.one_of(
    st.builds(Block, st.sampled_from([BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.CAPTION]), TEXT),
    st.builds(Block, st.just(BlockKind.HEADING), TEXT, st.integers(1, 6)),
    st.builds(Block, st.just(BlockKind.ITEM), TEXT, st.integers(1, 3), st.booleans()),
    st.builds(Block, st.just(BlockKind.PREFORMATTED), TEXT),
    st.builds(Block, st.just(BlockKind.TABLE_ROW), st.lists(TEXT, min_size=2, max_size=3).map("\t".join)),
)


def read(text):
    """Return the words that a Markdown reader shows, in order."""
    shown = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type in {"fence", "code_block"}:
            shown.append(token.content)
        shown += [c.content if c.type in {"text", "code_inline", "text_special"} else " " for c in token.children or ()]
        shown.append("" if token.type == "inline" else " ")
    return re.findall(r"\S", "".join(shown))


@given(st.lists(BLOCK, max_size=8))
def test_a_reader_of_markdown_sees_every_character(blocks):
    """Whatever signs a text has, all of it is shown as text and in order."""
    assert read(markdown("", blocks)) == re.findall(r"\S", " ".join(block.text for block in blocks))


def test_the_shapes_of_blocks():
    """Each kind is written in Markdown's own way."""
    told = markdown(
        "Budget *2025*",
        [
            Block(BlockKind.PARAGRAPH, "1. ingen lista"),
            Block(BlockKind.HEADING, "Skolan", 3),
            Block(BlockKind.ITEM, "ett", 1, ordered=True),
            Block(BlockKind.ITEM, "två", 2),
            Block(BlockKind.QUOTE, "Sagt"),
            Block(BlockKind.TABLE_ROW, "År\tKr"),
            Block(BlockKind.TABLE_ROW, "2025\t1|2"),
        ],
    )
    assert told == (
        "# Budget \\*2025\\*\n\n1\\. ingen lista\n\n### Skolan\n\n1.  ett\n    -   två\n\n> Sagt\n\n"
        "| År | Kr |\n| --- | --- |\n| 2025 | 1\\|2 |\n"
    )
