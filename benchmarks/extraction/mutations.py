"""Hostile pages: real ones broken in many ways, and bombs built for what parsers and patterns fear.

Every page follows from a `random.Random`: the same seed and number give the same page.
"""

import json
import random
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

HTML, RSS, JSON, PDF = "text/html", "application/rss+xml", "application/json", "application/pdf"
DEEP = 10_000  # elements, as the acceptance of issue 5 says
HUGE = 50_000_000  # octets, likewise
LINE = 10_000_000
STRING = 5_000_000
MANY = 100_000


@dataclass(frozen=True, slots=True)
class Source:
    """A page to break: type, address, octets."""

    mime: str
    url: str
    markup: bytes


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken page: what was done to it, its `Content-Type`, address and octets."""

    kind: str
    content_type: str
    url: str
    markup: bytes


_ADDRESSES = ("/", "/2024/05/06/bron/", "/2024/05/", "/tag/broar/", "/page/2/", "/om/", "/?p=12", "/author/ada/")
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NAMES = b"div span p a b i li ul ol table tr td article section h1 h2 blockquote pre form svg math head body".split()
_SNIPPETS = (
    b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<plaintext>", b"<title>", b"<textarea>", b"<base href='http://[:'>",
    b"<svg><style>", b"<math><mi>", b"<table><table>", b"<script>", b"</body></html>", b"<frameset>", b"<template>",
    b"<a href='", b'<p class="', b"<", b">", b"&", b"&#", b"&#x110000;", b"&#xD800;", b"&#0;", b"&amp", b"<?xml ",
    b"<!DOCTYPE [", b"<select><option>", b"<noscript>", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80",
    "\u202e\u2066\u0301\u0301".encode(), "a\u0301".encode() * 50, "\ufeff\ufffe\uffff".encode(),
    b"<meta charset=utf-16>", b"<meta charset=utf-7>", b"<meta http-equiv=refresh content='0;url=//'>",
    b"<link rel=canonical href='http://[::1'>", b"<link rel=canonical href='//:99999999/'>", b"<time datetime='",
    b"<article itemscope itemtype=http://schema.org/BlogPosting>", b"<html lang=''>", b"<div hidden><ul><li class=comment>",
)  # fmt: skip
_HOSTILE_URLS = (
    "http://[::1", "//", "http://a:99999999/", "http://\x00/", "javascript:void(0)", "http://" + "a." * 400, "?" + "a=b&" * 3000,
    "http://user@:@/", "#", "mailto:", "http://xn--/", "http://\u202e.example/", "/" + "../" * 2000, "data:text/html,<p>", "%",
    "http://a.example/%ff%fe", "http://999.999.999.999/", "///\\\\//",
)  # fmt: skip
_NUMBERS = (
    b"9" * 5000,
    b"0",
    b"-1",
    b"99999999999999999999",
    b"1e400",
    b"2024-02-31",
    b"0000-00-00",
    b"NaN",
    b"10000-01-01",
)
_CODECS = (
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "cp1252",
    "latin-1",
    "utf-8-sig",
    "cp437",
    "shift_jis",
    "utf-7",
)
_CHARSETS = ("utf-8", "utf-16", "windows-1252", "shift_jis", "gb18030", "iso-2022-jp", "utf-7", "ibm037", "x-user-defined", "",
             "a" * 3000, "utf-8; charset=latin1", "\u00e5", "zlib", "rot13", "idna", "unicode_escape")  # fmt: skip


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 10, 100, len(data) // 50 + 1))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] if rng.random() < 0.7 else data[at:]


def _splice(rng: random.Random, data: bytes) -> bytes:
    start, end, at = sorted(rng.randrange(len(data)) for _ in range(3))
    return data[:at] + data[start:end] * rng.choice((1, 2, 5)) + data[at:]


def _shuffle(rng: random.Random, data: bytes) -> bytes:
    tags = data.split(b"<")
    for _ in range(len(tags) // 5 + 1):
        one, other = rng.randrange(len(tags)), rng.randrange(len(tags))
        tags[one], tags[other] = tags[other], tags[one]
    return b"<".join(tags)


def _insert(rng: random.Random, data: bytes, pieces: tuple[bytes, ...]) -> bytes:
    places = sorted(rng.randrange(len(data)) for _ in range(rng.choice((1, 3, 30))))
    kept, last = [], 0
    for place in places:
        kept += [data[last:place], rng.choice(pieces)]
        last = place
    return b"".join([*kept, data[last:]])


def _substituted(rng: random.Random, data: bytes, pattern: bytes, share: float, by: Callable[[], bytes]) -> bytes:
    return re.sub(pattern, lambda match: by() if rng.random() < share else match[0], data)


def _renamed(rng: random.Random, data: bytes) -> bytes:
    share = rng.choice((0.02, 0.2))
    return _TAG.sub(lambda m: b"<" + m[1] + rng.choice(_NAMES) if rng.random() < share else m[0], data)


def _recoded(rng: random.Random, data: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode(rng.choice(_CODECS), "replace")


# What is done to any octets, by name.
BREAKS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "bits": _flip,
    "cut": _cut,
    "splice": _splice,
    "shuffled": _shuffle,
    "nul": lambda rng, data: _insert(rng, data, (b"\x00", b"\x00" * 1000)),
    "snippets": lambda rng, data: _insert(rng, data, _SNIPPETS),
    "unclosed": lambda rng, data: _substituted(rng, data, rb"</\w+>", rng.choice((0.1, 1)), bytes),
    "unquoted": lambda rng, data: _substituted(rng, data, rb"[\"'>]", 0.02, bytes),
    "renamed": _renamed,
    "recoded": _recoded,
    "numbers": lambda rng, data: _substituted(rng, data, rb"\d+", 0.1, lambda: rng.choice(_NUMBERS)),
    "addresses": lambda rng, data: _substituted(
        rng,
        data,
        rb"(?<=href=\")[^\"]*|https?://[^\"'<\s]+",
        0.2,
        lambda: rng.choice(_HOSTILE_URLS).encode("utf-8", "replace"),
    ),
    "twice": lambda rng, data: data + data,
}

# What patterns may go back over, and where a page can say it.
_TOKENS = (
    " ", "\n", "\t ", "\u00a0", "a", "A", "Ada ", "Ada Lind ", "Ada Lind, ", "Ada-", "(S) ", "(", ")", "Av ", "av ", "Det skriver Ada Lind (S), ",
    "1", "12 ", "2024-05-06 ", "den 6 maj ", "6 maj 2023, ", "maj ", "kl. ", "kl 12.30 ", ".", ". ", "- ", "\u2013 ", "|", " | ", ",", ", och ", " och ",
    "ordförande ", "ordförande för ", "\u0301", "\u202e", "\u00ad", "\u200b", "å", "Ã¥", "&nbsp;", "&", "&amp;", "#", "@a ", "/", "12 kommentarer ",
    "kommentarer (", "Läs mer ", "[...] ", "...", "\u2026", '"', "\u201d", ":", "Foto: ", "Publicerad ", "Uppdaterad: ", "&lt;p&gt;", "http://a.example/ ",
    "&#x202e;", "för 2 timmar sedan ", "ledamot i ", "\\", "%", "{", "[", "<", ">", "<b>", "</p>", "<br>", "<a href=/x>", "<!--", "</", "<p>", "x" * 50 + " ",
)  # fmt: skip
_PLACES = (
    "<title>{}</title>", "<h1>{}</h1>", "<p>{}</p>", "<p class=byline>{}</p>", "<a rel=author>{}</a>", "<time>{}</time>",
    '<time datetime="{}">x</time>', '<meta name=description content="{}">', '<meta property="og:title" content="{}">',
    '<meta name=author content="{}">', '<meta property="article:published_time" content="{}">', "<ul><li>{}</li></ul>",
    "<ol class=comment-list><li class=comment><cite class=fn>{}</cite></li></ol>", '<p class="{}">x</p>', '<a href="{}">x</a>',
    "<a href=/2020/x/>{}</a>", "<blockquote>{}</blockquote>", "<pre>{}</pre>", "<td>{}</td>", "<article><h2><a href=/2024/05/06/x/>{}</a></h2></article>",
    '<link rel=canonical href="{}">', '<html lang="{}">', "<div class=entry-content>{}</div>", "<span class=date>{}</span>", "<figcaption>{}</figcaption>",
    "<address>{}</address>", "<p><strong>{}</strong></p>", "<footer>{}</footer>", "<script type=application/ld+json>{}</script>",
    '<base href="{}">', "<style>{}</style>", "<textarea>{}</textarea>", "<!--{}-->", "<div class=comments-link>{}</div>", "<option>{}", "<{}",
)  # fmt: skip
_TEXT = "<p>Nämnden beslutade i går att bygga två nya broar över älven, en för cyklar och en för bussar.</p>" * 4
_ARTICLE = '<article class="post hentry"><h2 class="entry-title"><a href="/2024/05/{day:02}/inlagg-{n}/">Inlägg {n}</a></h2><time datetime="2024-05-{day:02}">{day} maj 2024</time><div class="entry-content"><p>Nämnden beslutade i går om bro nummer {n} över älven.</p></div></article>'  # noqa: E501
_COMMENT = '<li class="comment" id="comment-{n}"><cite class="fn">Läsare {n}</cite><time datetime="2024-05-01">1 maj</time><p>Det här är svar nummer {n}.</p></li>'  # noqa: E501


def _patterns(rng: random.Random, size: int) -> str:
    token = "".join(rng.choices(_TOKENS, k=rng.choice((1, 1, 1, 2, 3))))
    return rng.choice(_PLACES).replace("{}", token * max(1, min(size, LINE) // len(token)))


def _nested(rng: random.Random, size: int) -> str:
    names = rng.choices([name.decode() for name in _NAMES], k=rng.choice((1, 1, 2, 5)))
    opening = "".join(f"<{name}>" for name in names)
    text = rng.choice(("", "x", "<p>Hej hopp.</p>"))
    depth = max(1, min(size // 20, 2 * DEEP))
    return (
        (opening + text) * (depth // len(names) + 1) + "x" + (f"</{names[-1]}>" * depth if rng.random() < 0.5 else "")
    )


def _repeated(rng: random.Random, size: int) -> str:
    piece = rng.choice(
        (
            "<a href='/2024/05/06/bron-{n}/'>Bron nummer {n}</a> ", "<h2>Rubrik {n}</h2>", "<h2><a href='/{n}/'>Rubrik {n}</a></h2><p>Text {n}</p>",
            _ARTICLE, _COMMENT, f"<ul>{_COMMENT}", "<tr><td>{n}</td><td>cell<td>cell</tr>", "<table><tr><td>{n}", "<td>", "<li>", "<p>", "<br>", "<p>Text {n}.",
            "<b><i>", "<a>", "<meta name=author content='Ada {n}'>", "<time datetime='2024-05-{day:02}'>{day} maj</time>", "<img src=/{n}.jpg>", "<div></div>",
            "<p class=byline>Av Ada Lind {n}</p>", "<span itemprop=author>Ada {n}</span>", "<div itemscope itemtype='http://schema.org/Article'>",
            '<script type=application/ld+json>{{"@type":"Article","headline":"H {n}","url":"https://blogg.example/{n}/"}}</script>',
            "<style>p{{}}</style>", "<!-- {n} -->", "<p>Ada Lind (S), ordförande {n}</p>", "<p><a href=/a/>x</a> {n} maj 2024</p>", "<blockquote class=pullquote>Citat {n}",
            "<form><input name=n{n}></form>", "<svg><path d=M0></svg>", "<figure><figcaption>Foto {n}</figcaption></figure>", "<dl><dt>{n}<dd>{n}</dl>", "<h1>x</h1>",
            "<a href=/fil-{n}.pdf>fil</a>", "<link rel=canonical href=/{n}>", "<base href=/{n}/>", "<ul><li>", "<font><font>", "&#{n};", "<x{n}>", "<p id=n{n} class='c{n}'>t",
        )
    )  # fmt: skip
    count = max(1, min(MANY, size // len(piece)))
    return "".join(piece.format(n=n, day=n % 28 + 1) for n in range(count))


def _attributes(rng: random.Random, size: int) -> str:
    tag = rng.choice(("p", "a", "div", "article", "meta", "h1", "time", "html"))
    if rng.random() < 0.5:
        return f"<{tag} " + " ".join(f"a{n}=v" for n in range(max(1, size // 8))) + ">x"
    return (
        f'<{tag} {rng.choice(("class", "id", "href", "style", "title", "data-x"))}="'
        + "post " * max(1, size // 5)
        + '">x'
    )


def _linked_data(rng: random.Random, size: int) -> str:
    depth = max(1, min(size // 10, 20 * DEEP))
    cycle = [
        {"@type": "Article", "@id": f"#{n}", "author": {"@id": f"#{n + 1 if n < 9 else 0}"}, "hasPart": {"@id": "#0"}}
        for n in range(10)
    ]
    told = rng.choice(
        (
            lambda: "[" * depth,
            lambda: "[" * depth + "]" * depth,
            lambda: '{"@graph":' * depth + "1" + "}" * depth,
            lambda: '{"@type":"Article","author":' * (depth // 3) + '{"name":"Ada"}' + "}" * (depth // 3),
            lambda: json.dumps({"@graph": cycle}),
            lambda: json.dumps([{"@type": "Article", "headline": "x" * min(size, STRING), "author": "Ada " * (min(size, STRING) // 4), "articleBody": "y " * 9}]),
            lambda: json.dumps([{"@type": "BlogPosting", "url": f"https://blogg.example/{n}/", "headline": str(n)} for n in range(min(MANY, size // 60) or 1)]),
            lambda: json.dumps({"@type": ["Article"] * (size // 12), "author": [{"@type": "Person", "name": [None, {}, 1]}] * (size // 50)}),
            lambda: '{"@type":"Article","commentCount":' + "9" * min(size, 6000) + ',"datePublished":1e999,"headline":"\\ud800\\u0000"}',
        )
    )()  # fmt: skip
    return f"<script type='application/ld+json'>{told}</script>"


def _feed(rng: random.Random, size: int) -> str:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12))
    item = "<item><title>T {n}</title><link>https://blogg.example/2024/05/06/x-{n}/</link><description>Text {n}</description></item>"
    depth = max(1, min(size // 10, 20 * DEEP))
    inner = rng.choice(
        (
            lambda: "<item><title>&l11;</title><link>https://blogg.example/a/</link></item>",
            lambda: "".join(item.format(n=n) for n in range(max(1, min(MANY, size // 100)))),
            lambda: "<a>" * depth,
            lambda: "<item><link>https://blogg.example/a/</link><description type='xhtml'>" + "<div>" * depth,
            lambda: "<item><link>https://blogg.example/a/</link><content:encoded><![CDATA[" + _bomb(rng, size)[1],
            lambda: "<item><link>https://blogg.example/a/</link><title>" + rng.choice(_TOKENS) * (size // 4) + "</title></item>",
            lambda: "<item><link>https://blogg.example/a/</link><pubDate>" + rng.choice(_TOKENS) * (size // 4) + "</pubDate></item>",
            lambda: "<item " + " ".join(f"xmlns:n{n}='u{n}'" for n in range(size // 15)) + "/>",
            lambda: rng.choice(("&", "&x", "&#0;", "]]>", "<!DOCTYPE ", "<![CDATA[")) * (size // 5),
        )
    )()  # fmt: skip
    doctype = f"<!DOCTYPE rss [{laughs}<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" if rng.random() < 0.6 else ""
    return f"<?xml version='1.0'?>{doctype}<rss><channel><link>https://blogg.example/</link>{inner}</channel></rss>"


def _answer(rng: random.Random, size: int) -> str:
    depth = max(1, min(size // 6, 20 * DEEP))
    post = {
        "title": {"rendered": "T"},
        "link": "https://blogg.example/a/",
        "type": "post",
        "content": {"rendered": _TEXT},
    }
    return rng.choice(
        (
            lambda: "[" * depth,
            lambda: '{"a":' * depth + "1" + "}" * depth,
            lambda: json.dumps([post] * max(1, min(3000, size // 500))),
            lambda: json.dumps([{**post, "content": {"rendered": _bomb(rng, size)[1]}}]),
            lambda: json.dumps([{**post, "title": {"rendered": rng.choice(_TOKENS) * (size // 4)}}]),
            lambda: json.dumps([{**post, "date_gmt": rng.choice(_TOKENS) * 50, "modified": 5, "_embedded": [[]]}]),
            lambda: json.dumps([{**post, "title": None}, None, [], 5]),
            lambda: '[{"title":"\\ud800","link":"https://blogg.example/\\ud800","id":' + "9" * 5000 + "}]",
            lambda: "9" * min(size, 200_000),
        )
    )()  # fmt: skip


def _document(rng: random.Random, size: int) -> bytes:
    depth = max(1, min(size // 4, 10 * DEEP))
    shown = rng.choice(
        (
            b"(x) Tj " * (size // 7),
            b"q " * depth,
            b"[" * depth,
            b"/F Do " * 1000,
            b"BT /F 12 Tf " + b"0 -1 Td (a) Tj " * (size // 16),
        )
    )
    stream = zlib.compress(shown if rng.random() < 0.7 else b" " * min(20 * size, 10 * HUGE))
    kids = rng.choice(
        (
            b"[3 0 R]",
            b"[2 0 R]",
            b"[3 0 R " + b"2 0 R " * 50 + b"]",
            b"[" + b"3 0 R " * min(MANY, size // 6 + 1) + b"]",
            b"[" * depth,
        )
    )
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids " + kids + b" /Count 1 /Parent 2 0 R >>",
        b"<< /Type /Page /Parent 2 0 R /Contents [4 0 R 4 0 R] /Resources << /XObject << /F 4 0 R >> /Font << /F 5 0 R >> >> >>",
        b"<< /Type /XObject /Subtype /Form /Filter /FlateDecode /Resources << /XObject << /F 4 0 R >> >> /Length %d >>\nstream\n" % len(stream)
        + stream + b"\nendstream",
        rng.choice((b"5 0 R", b"<< /Type /Font /ToUnicode 4 0 R /Encoding 5 0 R >>", b"<< /A " * depth)),
        b"<< /Title (" + b"x" * min(size, STRING) + b") /CreationDate (D:99999999999999) >>",
    )  # fmt: skip
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % place for place in places
    )
    before = rng.choice((b"", b" /Prev %d" % len(out)))
    return (
        out + table + b"trailer\n<< /Size 7 /Root 1 0 R /Info 6 0 R%s >>\nstartxref\n%d\n%%%%EOF" % (before, len(out))
    )


_BOMBS: dict[str, Callable[[random.Random, int], str]] = {
    "patterns": _patterns,
    "nested": _nested,
    "repeated": _repeated,
    "attributes": _attributes,
    "linked data": _linked_data,
}


def _bomb(rng: random.Random, size: int) -> tuple[str, str]:
    kind = rng.choices(list(_BOMBS), weights=(5, 2, 4, 1, 2))[0]
    return kind, _BOMBS[kind](rng, size)


def _size(rng: random.Random) -> int:
    """Return a size in octets: mostly small, one in 1,500 as large as the acceptance says."""
    return (
        int(10 ** rng.uniform(1, 4.3))
        if rng.random() < 0.985
        else int(10 ** rng.uniform(4.3, 7.7 if rng.random() < 0.1 else 6))
    )


def mutant(rng: random.Random, sources: dict[str, list[Source]]) -> Mutant:
    """Return one hostile page."""
    mime = rng.choices((HTML, RSS, JSON, PDF), weights=(84, 8, 6, 2))[0]
    source = rng.choice(sources[mime])
    url = source.url if mime != HTML or rng.random() < 0.7 else f"https://blogg.example{rng.choice(_ADDRESSES)}"
    content_type = f"{mime}; charset={rng.choice(_CHARSETS)}" if rng.random() < 0.1 else mime
    if rng.random() < 0.7:
        data, done = source.markup, []
        for _ in range(rng.choice((1, 1, 2, 4))):
            kind = rng.choice(list(BREAKS))
            data, done = BREAKS[kind](rng, data or b" "), [*done, kind]
        return Mutant("+".join(sorted(set(done))) if len(done) == 1 else "several", content_type, url, data)
    size = _size(rng)
    if mime == PDF:
        return Mutant("pdf bomb", content_type, url, _document(rng, size))
    if mime != HTML:
        kind, text = ("feed bomb", _feed(rng, size)) if mime == RSS else ("api bomb", _answer(rng, size))
        return Mutant(kind, content_type, url, text.encode("utf-8", "surrogatepass"))
    kind, text = _bomb(rng, size)
    if rng.random() < 0.5:
        at = source.markup.find(b"<p") if rng.random() < 0.5 else rng.randrange(len(source.markup))
        return Mutant(kind, content_type, url, source.markup[:at] + text.encode() + source.markup[at:])
    page = f"<html><head><title>Bron</title></head><body>{rng.choice(('', _TEXT))}{text}{rng.choice(('', _TEXT))}"
    if size > LINE:
        page += rng.choice(("x", " ", "<", "<p>hej", "&amp;", "\x00")) * (HUGE // 5)
    return Mutant(kind, content_type, url, page.encode())
