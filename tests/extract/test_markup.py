"""From bytes to a tree: encodings that lie, and pages made to hurt."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from umecrawl.extract import markup
from umecrawl.extract.markup import MAX_MARKUP, _is_utf8, decode, parse, read_encoded

SMALL = "”Gärdsgård” \u2013 åäö"


@pytest.mark.parametrize(
    ("encoding", "content_type", "meta"),
    [
        ("utf-8", "text/html; charset=utf-8", ""),
        ("utf-8", "text/html", ""),
        ("utf-8", "text/html", '<meta charset="utf-8">'),
        ("utf-8", "text/html; charset=ISO-8859-1", ""),
        ("utf-8", "text/html; charset=no-such-thing", ""),
        ("cp1252", "text/html; charset=ISO-8859-1", ""),
        ("cp1252", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'),
        ("cp1252", "text/html", ""),
        ("cp1252", "text/html; charset=utf-8", ""),
        ("utf-16", "text/html", ""),
        ("utf-8-sig", "text/html; charset=iso-8859-1", ""),
        ("cp1252", "text/html; charset=zip", ""),
    ],
)
def test_swedish_letters_survive_every_label(encoding, content_type, meta):
    """What a reader sees is read, whether the label is right, missing, wrong or no encoding at all."""
    page = f"<html><head>{meta}</head><body><p>{SMALL}</p></body></html>"
    assert SMALL in decode(page.encode(encoding), content_type)


def test_another_encoding_is_read_as_declared():
    """A label for a script of its own has the word."""
    assert decode("мост".encode("koi8-r"), "text/html; charset=koi8-r") == "мост"


def test_a_cut_sequence_at_the_end_is_no_other_encoding():
    """A capture cut inside a letter stays UTF-8."""
    assert decode("säger nå".encode()[:-1], "text/html; charset=utf-8").startswith("säger n")


@pytest.mark.parametrize("raw", [b"", b"   \n", b"\x00\x00", b"<!-- nothing -->", b"<!DOCTYPE html>"])
def test_nothing_is_parsed_to_nothing(raw):
    """Without markup there is no document."""
    document = parse(raw)
    assert document is None or not str(document.root.text_content()).strip()


def test_control_characters_do_not_end_a_page():
    """A NUL inside a page is passed over, as browsers do."""
    document = parse(b"<p>ett\x00 tv\xc3\xa5</p>")
    assert document is not None
    assert document.root.text_content() == "ett två"


def test_a_page_of_scripts_is_lightened_before_it_is_cut():
    """Of a page over the limit, scripts go first, so that the text behind them is still read."""
    filler = b"<script>" + b"x" * (MAX_MARKUP + 1) + b"</script>"
    data = b'<script type="application/ld+json">{"a": 1}</script>'
    document = parse(b"<html><body>" + filler + data + b"<p>kvar</p></body></html>")
    assert document is not None
    assert document.cut
    assert "kvar" in document.root.text_content()
    assert '"a"' in document.root.text_content()


def test_a_tag_with_thousands_of_attributes_keeps_its_text():
    """Attributes by the thousand are dropped (libxml2 takes quadratic time over them); the element stays."""
    attributes = b" ".join(b'a%d="x"' % number for number in range(20_000))
    document = parse(b"<html><body><p " + attributes + b">hej</p></body></html>")
    assert document is not None
    paragraph = document.root.xpath("//p")[0]
    assert paragraph.text == "hej"
    assert not paragraph.attrib


def test_a_long_inline_picture_stays():
    """A tag that is long because of one value is left as it is."""
    document = parse(b'<html><body><img alt="bro" src="data:image/png;base64,' + b"A" * 50_000 + b'"></body></html>')
    assert document is not None
    assert document.root.xpath("//img/@alt") == ["bro"]


def test_a_depth_bomb_gives_a_shallow_tree():
    """The parser's depth limit holds."""
    document = parse(b"<div>" * 200_000)
    assert document is None or document.elements < markup.MAX_ELEMENTS


@given(st.binary(max_size=400), st.sampled_from(["", "text/html; charset=utf-8", "text/html; charset=utf-16"]))
def test_any_bytes_are_decoded_and_parsed(raw, content_type):
    """No bytes raise."""
    assert isinstance(decode(raw, content_type), str)
    parse(raw, content_type)


@pytest.mark.parametrize(
    ("raw", "content_type", "told"),
    [
        ("\ufeffåäö".encode(), "text/html; charset=iso-8859-1", ("utf-8", "bom", "ef bb bf")),
        ("åäö".encode("cp1252"), "text/html; charset=ISO-8859-1", ("windows-1252", "header", "ISO-8859-1")),
        ("åäö".encode(), "text/html; charset=latin1", ("utf-8", "content", "latin1")),
        (b'<meta charset="utf-8">' + "åäö".encode(), "text/html; charset=latin1", ("utf-8", "meta", "utf-8")),
        ("åäö" * 9, "text/html; charset=utf-8", ("windows-1252", "content", "utf-8")),
        ("<p>åäö</p>".encode("utf-16-be"), "", ("utf-16-be", "content", "")),
        (b"<p>abc</p>", "text/html; charset=utf-16le", ("utf-8", "content", "utf-16le")),
        ("Привет".encode("koi8-r"), "text/html; charset=koi8-r", ("koi8-r", "header", "koi8-r")),
    ],
)
def test_the_encoding_is_told_with_who_named_it(raw, content_type, told):
    """Byte order mark, header, page and octets: the first that can be true has the word."""
    octets = raw.encode("cp1252") if isinstance(raw, str) else raw
    text, encoding = read_encoded(octets, content_type)
    assert (encoding.value, encoding.source, encoding.raw) == told
    assert "\ufffd" not in text


@pytest.mark.parametrize("named", ["header", "meta"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "iso8859-2", "cp1250", "cp1251", "cp1252", "iso8859-15", "koi8-r", "shift_jis"]
)
@given(st.text(max_size=80))
def test_what_is_declared_truly_is_read_truly(encoding, named, text):
    """A page in the encoding it declares gives its own text back, unless its octets are UTF-8 as well."""
    meta = f"<meta charset='{encoding}'>" if named == "meta" else ""
    text = meta + "".join(c for c in text if c.isprintable())
    try:
        raw = text.encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    if not raw.isascii() and encoding != "utf-8":
        assume(b"\xef\xbb\xbf" not in raw and not _is_utf8(raw))
    assume(not raw.startswith((b"\xff\xfe", b"\xfe\xff")))
    assert decode(raw, f"text/html; charset={encoding}" if named == "header" else "") == raw.decode(encoding)


def test_letters_that_were_encoded_twice_are_told():
    """A page that shows its readers nonsense is kept as it is and told; a page about such letters is not."""
    twice = "Förslaget gäller även åldringar".encode().decode("cp1252")
    document = parse(f"<p>{twice}</p>".encode())
    assert document is not None
    assert document.double_encoded
    assert not parse("<p>Så skrivs å, ä och ö fel: Ã¥, Ã¤, Ã¶. Förr gällde åäö.</p>".encode()).double_encoded
