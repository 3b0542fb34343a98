"""Hostile pages, feeds, answers and files: each is an outcome, what a browser could read is read, and work is bounded.

The large run is `benchmarks/extraction/mutants.py`. Here the inputs are large enough that a step whose cost grows with
the square of the page would not come to an end.
"""

import json
import random
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pdfs import pdf

from umecrawl.extract import extract
from umecrawl.extract.counters import comment_count
from umecrawl.extract.dates import find_dates
from umecrawl.extract.links import links_of
from umecrawl.extract.markup import encoded, parse, without_controls
from umecrawl.extract.paragraphs import Anchor, Paragraph
from umecrawl.extract.pdf import read_pdf
from umecrawl.model.article import Outcome, Page
from umecrawl.model.urls import Url

SENTENCE = "Nämnden beslutade i går att bygga två nya broar över älven, en för cyklar och en för bussar."
TEXT = f"<p>{SENTENCE}</p>" * 4
PAGE = f"<html><head><title>Bron</title></head><body><article><h1>Bron</h1>{TEXT}%s</article></body></html>"
SMALL = 3_000

BOMBS = {
    "nested": "<div>" * 10_000,
    "nested lists": "<ul><li>" * 10_000,
    "nested tables": "<table><tr><td>" * 5_000,
    "unclosed formatting": "<b><i>" * 10_000,
    "attributes": "<p " + " ".join(f"a{n}=v" for n in range(50_000)) + ">x",
    "classes": f"<p class='{'post ' * 100_000}'>x",
    "links": "".join(f"<a href='/2024/05/06/{n}/'>Bro {n}</a> " for n in range(20_000)),
    "headings": "".join(f"<h2><a href='/{n}/'>Bro {n}</a></h2>" for n in range(20_000)),
    "comments": "<ul>" + "".join(f"<li class=comment id=comment-{n}><p>Svar {n}</p>" for n in range(20_000)),
    "table": "<table>" + "<tr><td>1<td>2" * 20_000,
    "one line": "bro " * 500_000,
    "one word": "x" * 1_000_000,
    "entities": "&amp;" * 200_000,
    "half a tag": "<" * 200_000,
    "half a comment": "<!--" * 200_000,
    "marks above letters": "a" + "\u0301" * 100_000,
    "right to left": "\u202e\u2066" * 100_000,
    "controls": "<p>a&#0;b&#1;c&#x1F;d\x0ce\x00f<script></script>\x0c</p>",
    "nested data": f"<script type='application/ld+json'>{'[' * 100_000}</script>",
    "data in a circle": "<script type='application/ld+json'>"
    + json.dumps([{"@type": "Article", "@id": f"#{n}", "author": {"@id": f"#{(n + 1) % 3}"}} for n in range(3)])
    + "</script>",
    "long data": f"<script type='application/ld+json'>{json.dumps({'@type': 'Article', 'headline': 'x' * 5_000_000})}</script>",  # noqa: E501 (the markup is one piece)
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(BOMBS))
@pytest.mark.parametrize("url", ["https://blogg.example/2024/05/06/bron/", "https://blogg.example/"])
def test_a_bomb_is_an_outcome(read, kind, url):
    """Whatever is put into a page, reading it ends, and not with a failure."""
    assert read(PAGE % BOMBS[kind], url).outcome is not Outcome.FAILED


def test_what_stands_before_a_bomb_is_read(read):
    """A browser shows the text above a thousand open elements, and so does the extraction."""
    for kind in ("nested", "attributes", "controls", "half a comment"):
        assert SENTENCE in read(PAGE % BOMBS[kind]).posts[0].text


@given(st.integers(0, 10**6))
def test_broken_pages_are_outcomes(seed):
    """Bits are turned over, the rest is cut off, NUL and pieces of markup are put in: nothing fails."""
    rng = random.Random(seed)
    octets = bytearray((PAGE % f"<time datetime='2024-05-06'>6 maj 2024</time>{BOMBS['comments'][:SMALL]}").encode())
    for _ in range(rng.choice((1, 20, 200))):
        octets[rng.randrange(len(octets))] = rng.choice((0, 12, 60, 62, 38, 34, 0xED, rng.randrange(256)))
    cut = bytes(octets[: rng.randrange(len(octets))])
    kind = rng.choice(("text/html", "text/html; charset=utf-16", "text/html; charset=shift_jis", "application/rss+xml"))
    page = Page(Url("https://blogg.example/2024/05/06/bron/"), datetime(2024, 9, 1, tzinfo=UTC), 200, kind, cut)
    assert extract(page).outcome is not Outcome.FAILED


@given(st.text(st.sampled_from("&#x0123456789abfF;\x00\x0c\x1f\x7f\ufffeå"), max_size=30))
def test_no_control_character_reaches_the_tree(text):
    """As itself or by number, whatever stands next to it: a text with one could not be moved within the tree."""
    markup = without_controls(f"<p>{text}</p>")
    document = parse(f"<p>{text}</p>".encode("utf-8", "surrogatepass"))
    assert "\x0c" not in markup
    for element in document.root.iter() if document is not None else ():
        element.text = element.text  # lxml refuses control characters


def test_a_tag_with_thousands_of_attributes_loses_them():
    """Also where a bracket stands in a quoted value; what is in scripts, comments and ordinary tags stays."""
    crowd = " ".join(f'a{n}="v"' for n in range(3_000)).encode()
    bare = b" ".join(b"a%d b" % n for n in range(3_000))
    assert encoded(f"<p {crowd.decode()}>x") == b"<p>x"
    assert encoded(f'<a href="x<script>" {bare.decode()}>x') == b"<a>x"
    for kept in (
        f"<script>if (a<b && c>d) {{ {bare.decode()} }}</script><p class=x>y",
        f"<!-- <a href='>' {bare.decode()} --><p class=x>y",
        f"<span class='x''>y</span><p>{bare.decode()}</p>",
        f"<p data-x='>{bare.decode()}'>y",
    ):
        assert encoded(kept).decode() == kept


def test_a_million_digits_are_no_count(outline):
    """A count is read from the first digit of its number, and a longer number is none."""
    assert comment_count(outline(f"<p class=comments-link>{'9' * 1_000_000} kommentarer</p>"), None) is None
    assert comment_count(outline("<p class=comments-link>1 234 567 kommentarer</p>"), None) == 1_234_567


def test_dates_without_end_are_found_up_to_a_bound(captured):
    """Two hundred of a text are enough."""
    assert len(find_dates("2024-05-06 " * 100_000, captured)) == 200


def test_the_sentence_of_a_link_is_found_among_a_million_dots():
    """A run of dots is looked at once, and ends one sentence."""
    text = "." * 1_000_000 + " Här. Där..." + " Sedan bron över älven. Slut"
    start = text.index("bron")
    [link] = links_of([Paragraph(text, (Anchor("/bro", start, start + 4),))], "https://a.example/")
    assert link.sentence == "Sedan bron över älven."


def test_half_characters_in_a_feed_are_left_out(read):
    """Wherever they stand, a name space included: the feed is read."""
    item = (
        "<item><title>Br&#xD800;on</title><link>https://blogg.example/a/</link><description>Text</description></item>"
    )
    feed = f"<rss xmlns:atom='&#56320;http://www.w3.org/2005/Atom'><channel><atom:link href='/'/>{item}</channel></rss>"
    found = read(feed, "https://blogg.example/feed/", content_type="application/rss+xml")
    assert ("Bron", "Text") == (found.posts[0].title, found.posts[0].text)


def test_entities_of_a_feed_do_not_grow(read):
    """A billion laughs are none, a file of the machine is not read, and the entry is."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    item = (
        "<item><title>Bron &l11;&f;</title><link>https://blogg.example/a/</link><description>Text</description></item>"
    )
    feed = f"<?xml version='1.0'?><!DOCTYPE rss [{laughs}<!ENTITY f SYSTEM 'file:///etc/passwd'>]><rss><channel>{item}</channel></rss>"
    [post] = read(feed, "https://blogg.example/feed/", content_type="application/rss+xml").posts
    assert post.title.startswith("Bron")
    assert len(post.title) < 50


@pytest.mark.parametrize("answer", ["[" * 100_000, '{"a":' * 100_000, "9" * 100_000, "[5, null]", '[{"title": []}]'])
def test_an_answer_that_is_none_is_no_page(read, answer):
    """JSON nested without end, or of other things than posts."""
    found = read(answer, "https://blogg.example/wp-json/wp/v2/posts", content_type="application/json")
    assert found.outcome is Outcome.NOT_A_PAGE


def document(*objects):
    """Return a PDF file of these objects, the first its catalogue."""
    data, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    told = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (size, table, size)
    return data + told + b"startxref\n%d\n%%%%EOF\n" % len(data)


def stream(octets, about=b""):
    """Return a compressed stream."""
    packed = zlib.compress(octets)
    return b"<< /Filter /FlateDecode /Length %d %s >>\nstream\n%s\nendstream" % (len(packed), about, packed)


CATALOGUE, PAGES = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count 1 >>"
SHOWN = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /F 4 0 R >> >> >>"


@pytest.mark.parametrize(
    "octets",
    [
        document(CATALOGUE, b"<< /Type /Pages /Kids " + b"<< /A " * 10_000),
        document(CATALOGUE, b"<< /Type /Pages /Kids " + b"[" * 10_000),
        document(CATALOGUE, PAGES % b"2 0 R"),
        document(CATALOGUE, PAGES % (b"3 0 R " * 5_000), SHOWN, stream(b" " * 3_900_000)),
        document(CATALOGUE, PAGES % (b"3 0 R " * 500), SHOWN, stream(b"/F Do " * 1_000, b"/Type /XObject /Subtype /Form")),  # noqa: E501 (the markup is one piece)
        document(CATALOGUE, PAGES % b"3 0 R", SHOWN, stream(b" " * 100_000_000)),
        document(b"1 0 R"),
        b"%PDF-1.7",
    ],
    ids=["dictionaries", "arrays", "a circle", "blanks", "forms", "a stream", "itself", "nothing"],
)  # fmt: skip
def test_a_pdf_that_never_ends_has_a_problem(octets):
    """What is nested, goes in a circle or unpacks to gigabytes gives no text, and the reading ends."""
    found = read_pdf(octets)
    assert (found.problem != "", found.blocks) == (True, ())


def test_a_page_of_a_pdf_that_draws_too_much_costs_only_itself():
    """The pages before it keep their text, and the file is called cut."""
    page = SHOWN.replace(
        b"/XObject", b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> /XObject"
    )
    text, bomb = stream(b"BT /F1 12 Tf 72 700 Td (Bron brinner) Tj ET"), stream(b" " * 100_000_000)
    found = read_pdf(document(CATALOGUE, PAGES % b"3 0 R 5 0 R", page, text, page.replace(b"4 0 R", b"6 0 R"), bomb))
    assert (["Bron brinner"], True) == ([block.text for block in found.blocks], found.cut)


def test_a_pdf_with_a_date_that_is_none_keeps_its_text():
    """The date is missing, and nothing else."""
    found = read_pdf(pdf(["Bron brinner"], info="/CreationDate (D:99999999999999)"))
    assert (["Bron brinner"], None, "") == ([b.text for b in found.blocks], found.published, found.problem)
