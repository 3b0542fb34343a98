"""What links a page or style sheet has, and of which hop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.frontier.links import discover
from umecrawl.model.crawl import Hop

PAGE = "https://blog.example/2023/05/07/post/"
HTML = "text/html; charset=UTF-8"


def found(markup, content_type=HTML, url=PAGE):
    """Return the links of a page as letter and URL."""
    data = markup if isinstance(markup, bytes) else markup.encode()
    return [f"{link.hop} {link.url}" for link in discover(url, content_type, data)]


@pytest.mark.parametrize(
    ("markup", "wanted"),
    [
        ('<a href="/a">', ["L https://blog.example/a"]),
        ("<A HREF='b/'>", ["L https://blog.example/2023/05/07/post/b/"]),
        ("<a class=x href=c>", ["L https://blog.example/2023/05/07/post/c"]),
        ("<a href=/c/>", ["L https://blog.example/c/"]),
        ('<a title="a > b" href="/d">', ["L https://blog.example/d"]),
        ('<a title="x href=/no" href="/e">', ["L https://blog.example/e"]),
        ('<a data-href="/no" href = "/f" >', ["L https://blog.example/f"]),
        ('<a href="/g" href="/no">', ["L https://blog.example/g"]),
        ('<a\nhref="/h&amp;i?x=1&amp;y=2">', ["L https://blog.example/h&i?x=1&y=2"]),
        ('<a href="/j#part">', ["L https://blog.example/j"]),
        ('<a rel="nofollow" href="/k">', ["L https://blog.example/k"]),
        ('<a href="//other.example/l">', ["L https://other.example/l"]),
        ('<a href="?paged=2">', ["L https://blog.example/2023/05/07/post/?paged=2"]),
        ('<area href="/m">', ["L https://blog.example/m"]),
        ('<a href="/n?utm_source=x">', ["L https://blog.example/n"]),
        ('<a href=" /o ">', ["L https://blog.example/o"]),
        ('<a href="/å">', ["L https://blog.example/%C3%A5"]),
        ('<a href="">', []),
        ('<a href="#top">', []),
        ('<a href="javascript:void(0)"><a href="JavaScript:x"><a href="mailto:x@y.example"><a href="tel:1">', []),
        ('<a href="data:text/html,x"><a href="ftp://x.example/"><a href="https://[bad/">', []),
        ("<a><a name=x><abbr href=/no><article href=/no>", []),
        ('<img src="/p.jpg">', ["E https://blog.example/p.jpg"]),
        (
            '<img src="/p.jpg" srcset="/p-300.jpg 300w, /p-600.jpg 600w,/q,r.jpg 2x">',
            [f"E https://blog.example/{name}" for name in ("p.jpg", "p-300.jpg", "p-600.jpg", "q,r.jpg")],
        ),
        ('<img src="data:image/gif;base64,x" data-src="/lazy.jpg">', ["E https://blog.example/lazy.jpg"]),
        (
            '<picture><source srcset="/a.webp, /b.webp 2x"></picture>',
            ["E https://blog.example/a.webp", "E https://blog.example/b.webp"],
        ),
        ('<video src="/v.mp4" poster="/v.jpg">', ["E https://blog.example/v.mp4", "E https://blog.example/v.jpg"]),
        ('<audio src="/a.mp3"><track src="/t.vtt">', ["E https://blog.example/a.mp3", "E https://blog.example/t.vtt"]),
        ('<iframe src="https://play.example/1">', ["E https://play.example/1"]),
        ('<object data="/o.swf"><embed src="/e.swf">', ["E https://blog.example/o.swf", "E https://blog.example/e.swf"]),
        ('<input type=image src="/i.png">', ["E https://blog.example/i.png"]),
        ('<script src="/s.js"></script>', ["E https://blog.example/s.js"]),
        ('<link rel="stylesheet" href="/s.css">', ["E https://blog.example/s.css"]),
        ('<link rel="alternate stylesheet" href="/t.css">', ["E https://blog.example/t.css"]),
        ('<link rel="shortcut icon" href="/f.ico">', ["E https://blog.example/f.ico"]),
        ('<link rel="preload" as="image" imagesrcset="/w.jpg 1x">', ["E https://blog.example/w.jpg"]),
        ('<link rel="canonical" href="/c/">', ["L https://blog.example/c/"]),
        ('<link rel=next href="/page/2/">', ["L https://blog.example/page/2/"]),
        ('<link rel="alternate" type="application/rss+xml" href="/feed/">', ["L https://blog.example/feed/"]),
        ('<link rel="alternate" type="application/json+oembed" href="/oembed">', []),
        ('<link rel="shortlink" href="/?p=1">', []),
        ('<link rel="https://api.w.org/" href="/wp-json/">', ["X https://blog.example/wp-json/"]),
        ('<link rel="dns-prefetch" href="//cdn.example"><link rel="EditURI" href="/xmlrpc.php?rsd">', []),
        ('<meta http-equiv="refresh" content="0; url=/next">', ["L https://blog.example/next"]),
        ("<meta http-equiv=Refresh content=\"5;URL='/next2'\">", ["L https://blog.example/next2"]),
        ('<meta name="x" content="/no">', []),
        ('<svg><image href="/x.svg"><use xlink:href="/y.svg#a">', ["E https://blog.example/x.svg", "E https://blog.example/y.svg"]),
        ('<body background="/bg.gif">', ["E https://blog.example/bg.gif"]),
        ("<div style=\"background: url('/s.png')\">", ["E https://blog.example/s.png"]),
        ('<i style="background:url(&quot;/u.png&quot;)">', ["E https://blog.example/u.png"]),
        ('<style>@import "/i.css"; a{background:url(/j.png)}</style>', ["E https://blog.example/i.css", "E https://blog.example/j.png"]),
        ("<noscript><img src=/n.png></noscript>", ["E https://blog.example/n.png"]),
    ],
)  # fmt: skip
def test_each_element_gives_its_links(markup, wanted):
    """Links to click are hop L, what a browser loads is hop E, and the rest is none."""
    assert found(markup) == wanted


@pytest.mark.parametrize(
    "markup",
    [
        "<!-- <a href=/no> -->",
        "<!--><!-- <a href=/no> --!>",
        "<script>document.write('<a href=\"/no\">')</script>",
        "<SCRIPT>url(/no)<img src=/no></SCRIPT >",
        "<textarea><a href=/no></textarea>",
        "<title><a href=/no></title>",
        "<style>/* url(/no) */ a { b: url(#no) }</style>",
        "<p>url(/no)</p>",
        "<plaintext><a href=/no>",
    ],
)
def test_what_a_parser_takes_for_text_has_no_links(markup):
    """Comments, scripts and text elements are stepped over, and what follows them is read."""
    after = [] if "plaintext" in markup else ["L https://blog.example/yes"]
    assert found(markup + '<a href="/yes">') == after


def test_an_unclosed_script_ends_the_page():
    """Nothing behind a script that never ends is a tag to a browser."""
    assert found('<a href="/1"><script>x<a href="/2">') == ["L https://blog.example/1"]


def test_links_come_once_each_in_the_order_of_the_page():
    """A URL that is both clicked and loaded appears with both hops."""
    markup = '<a href="/b"><img src="/a"><a href="/a"><a href="/b#x"><a href="https://blog.example/b">'
    assert found(markup) == ["L https://blog.example/b", "E https://blog.example/a", "L https://blog.example/a"]


def test_links_are_resolved_against_the_base():
    """The first base with an href counts for the whole page; one that is no URL is ignored."""
    assert found('<a href="x"><base target=_top><base href="/dir/"><base href="/no/">') == [
        "L https://blog.example/dir/x"
    ]
    assert found('<base href="mailto:x"><a href="/x">') == ["L https://blog.example/x"]


def test_a_legacy_page_is_read_in_its_charset():
    """Bytes that are no UTF-8 are read as the page says, and Windows-1252 where it says Latin-1 or nothing."""
    wanted = ["L https://blog.example/%C3%A5"]
    assert found(b'<a href="/\xe5">', "text/html") == wanted
    assert found(b'<a href="/\xe5">', "text/html; charset=ISO-8859-1") == wanted
    assert found(b'<meta charset="koi8-r"><a href="/\xc1">', "text/html") == ["L https://blog.example/%D0%B0"]
    assert found(b'<a href="/\xe5">', "text/html; charset=nonsense") == wanted
    assert found('<a href="/å">'.encode("utf-16"), "text/html") == wanted


def test_a_style_sheet_has_only_requisites():
    """Quoted, bare and escaped URLs and imports of either form; comments are none."""
    sheet = r"""@import url("base.css"); @import 'b.css' screen; /* url(no.png) */
    a { background: URL( 'x y.png' ) } b { src: url(f.woff2?v=1#iefix), url(data:font/woff,x) }
    c { d: url(\66oo.png) }"""
    assert found(sheet, "text/css", "https://blog.example/css/style.css") == [
        f"E https://blog.example/css/{name}" for name in ("base.css", "b.css", "x%20y.png", "f.woff2?v=1", "foo.png")
    ]


@pytest.mark.parametrize(
    "content_type", ["image/png", "application/pdf", "application/json", "text/plain", "application/rss+xml"]
)
def test_what_is_neither_page_nor_style_sheet_has_no_links(content_type):
    """Feeds, pictures and documents are not searched here."""
    assert found('<a href="/x">', content_type) == []


def test_a_missing_content_type_is_guessed_from_the_markup():
    """With no header at all, a page is still a page."""
    assert found('<a href="/x">', "") == ["L https://blog.example/x"]
    assert found("a { b: url(/x) }", "") == []


def test_a_letter_that_two_stand_for_in_lower_case_hides_no_link():
    """The dotted capital I of Turkish grows in lower case; what stands behind it is found all the same."""
    assert found("/* İzmir */ .İ { b: url(/x) }", "text/css") == ["E https://blog.example/x"]


PIECES = (
    *("<a href=", '"', "'", "/x", ">", "<!--", "-->", "<script", "</script>", "<style>", "url(", ")", " style="),
    *("\xe5", "=", "<base href=", "<img srcset=", ", ", "&amp;", "<", "\x00", " "),
)
MARKUP = st.lists(st.sampled_from(PIECES)).map("".join)


@given(MARKUP, st.sampled_from([HTML, "text/css", ""]))
def test_no_markup_is_too_broken(markup, content_type):
    """Whatever the bytes, the answer is links that are URLs, once each."""
    outlinks = discover(PAGE, content_type, markup.encode("latin-1"))
    assert len({(link.url, link.hop) for link in outlinks}) == len(outlinks)
    assert all(link.url.startswith(("http://", "https://")) for link in outlinks)
    assert all(link.hop in {Hop.LINK, Hop.EMBED} for link in outlinks)


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "utf-7", "unicode_escape", "rot13", "zlib", "\0"])
def test_a_charset_that_is_none_of_the_web_does_no_harm(charset):
    """Python has codecs that raise whatever they are told; a page that names one still gives its links."""
    links = found(b'<a href="/sida">x</a><a href="/\xe5+2AA-\\ud800">y</a>', f"text/html; charset={charset}")
    assert ["L https://blog.example/sida"] == links[:1]
    assert 2 == len(links)
