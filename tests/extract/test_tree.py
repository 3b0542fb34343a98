"""How a tree is read as paragraphs."""

from hypothesis import given
from hypothesis import strategies as st
from lxml.html import fromstring

from umecrawl.extract.paragraphs import paragraphs


def lines(markup):
    """Return the paragraphs of a fragment as text."""
    return [p.text for p in paragraphs(fromstring(f"<div>{markup}</div>"))]


def test_blocks_and_line_breaks_begin_paragraphs():
    """Headings, list items, quotations and broken lines are paragraphs of their own."""
    found = lines("<h2>Ett</h2>två <b>tre</b><br>fyra<ul><li>fem<li>sex</ul><blockquote><p>sju</p>åtta</blockquote>")
    assert found == ["Ett", "två tre", "fyra", "fem", "sex", "sju", "åtta"]


def test_white_space_is_single_and_never_lost_between_elements():
    """Inline elements keep exactly the spaces around them."""
    assert lines("<p>ett<a href='/x'> två</a> tre\n\n<i>fyra</i>,&nbsp;fem</p>") == ["ett två tre fyra, fem"]


def test_a_table_row_is_one_paragraph_with_tabs():
    """Cells are parted by tabs; cells with blocks in them are blocks."""
    found = lines("<table><tr><th>År</th><td>2023</td></tr><tr><td><p>ett</p></td><td><p>två</p></td></tr></table>")
    assert found == ["År\t2023", "ett", "två"]


def test_scripts_and_controls_are_not_text():
    """Scripts, styles, forms' controls and drawings are left out, what follows them is not."""
    assert lines("<script>x</script>ett<button>Dela</button> två<svg><text>nej</text></svg> tre") == ["ett två tre"]


def test_links_know_their_place():
    """The span of an anchor is that of its text."""
    (paragraph,) = paragraphs(fromstring("<p>  Läs <a href='/a'>hela  <b>artikeln</b></a> i dag.</p>"))
    (anchor,) = paragraph.anchors
    assert anchor.href == "/a"
    assert paragraph.text[anchor.start : anchor.end] == "hela artikeln"


def test_a_link_around_blocks_belongs_to_the_first():
    """An anchor that holds several blocks is counted once."""
    found = paragraphs(fromstring("<div><a href='/a'><h3>Ett</h3><p>Två</p></a></div>"))
    assert [[a.href for a in p.anchors] for p in found] == [["/a"], []]


def test_skipped_elements_keep_what_follows_them():
    """The tail of a skipped element is read."""
    root = fromstring("<div><p>ett <span class='x'>nej</span> två</p><aside>nej</aside>tre</div>")
    found = paragraphs(root, lambda e: e.tag == "aside" or e.get("class") == "x")
    assert [p.text for p in found] == ["ett två", "tre"]


def test_depth_is_no_matter():
    """A tree as deep as the parser allows is read without recursion."""
    assert lines("<span>" * 240 + "djupt") == ["djupt"]


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<a href='/x'>", "</a>", "ord ", "<br>", "<td>", "<li>", "<tr>", "</div>"])
    )
)
def test_anchors_always_lie_inside_their_paragraph(parts):
    """Whatever the nesting, spans are whole and texts are never blank."""
    for paragraph in paragraphs(fromstring(f"<div>{''.join(parts)}.</div>")):
        assert paragraph.text.strip()
        assert all(0 <= a.start < a.end <= len(paragraph.text) for a in paragraph.anchors)
