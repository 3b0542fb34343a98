"""What answers of interfaces are, and what they name: as they should be, and as hostile or broken servers send them."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.model.discovery import Interface, Reading, Standing, format_reading, parse_reading
from umecrawl.model.message import parse_head
from umecrawl.model.urls import normalize
from umecrawl.spiders.manifests import interfaces_of_head, read_asked, read_met
from umecrawl.spiders.sitemaps import MAX_ENTRIES, sitemaps_of_robots

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
SITEMAP = normalize("https://blog.example/sitemap.xml")
FEED = normalize("https://blog.example/feed/")
POSTS = normalize("https://blog.example/wp-json/wp/v2/posts?per_page=100")


def head(status=200, content_type="", **fields):
    """Return a response head."""
    lines = [f"HTTP/1.1 {status} X", *([f"Content-Type: {content_type}"] if content_type else [])]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return parse_head("\r\n".join([*lines, "", ""]).encode())


def asked(url, octets, status=200, content_type="", **fields):
    """Return what an answer is that was asked for as an interface."""
    return read_asked(url, head(status, content_type, **fields), octets, NOW)


def sitemap(*entries, kind="urlset", entry="url"):
    """Return a sitemap with these (location, lastmod) entries."""
    inner = "".join(
        f"<{entry}><loc>{location}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</{entry}>"
        for location, lastmod in entries
    )
    xml = f'<?xml version="1.0"?><{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</{kind}>'
    return xml.encode()


def told(manifest):
    """Return what a manifest names as text: hop, URL, time."""
    return [
        f"{link.hop} {link.url}{f' {link.modified:%Y-%m-%dT%H:%M}' if link.modified else ''}"
        for link in manifest.outlinks
    ]


def test_a_sitemap_names_pages_with_the_times_it_states():
    """A day means its beginning; a time in the future or before the web is none."""
    found = asked(SITEMAP, sitemap(("/a/", "2024-05-01"), ("https://blog.example/b/", "2024-05-02T10:00:00+02:00"),
                                   ("/c/", "2031-01-01"), ("/d/", "yesterday"), ("/a/", "")))  # fmt: skip
    assert found.reading == Reading(Interface.SITEMAP, Standing.OFFERED, 4, newest=datetime(2024, 5, 2, 8, tzinfo=UTC))
    assert told(found) == [
        "M https://blog.example/a/ 2024-05-01T00:00",
        "M https://blog.example/b/ 2024-05-02T08:00",
        "M https://blog.example/c/",
        "M https://blog.example/d/",
    ]


def test_an_index_names_sitemaps():
    """What it names is asked for what it names in turn (hop X)."""
    octets = sitemap(("/posts.xml", "2024-05-01"), kind="sitemapindex", entry="sitemap")
    found = asked(SITEMAP, octets)
    assert found.reading.index
    assert told(found) == ["X https://blog.example/posts.xml 2024-05-01T00:00"]


@pytest.mark.parametrize(
    "wrap",
    [
        gzip.compress,
        lambda octets: b"\xef\xbb\xbf\n" + octets,
        lambda octets: octets.decode().replace("1.0", "1.0").encode("utf-16"),
        lambda octets: octets + b"<junk",
        lambda octets: octets[:-12],
    ],
    ids=["gzip", "byte order mark", "utf-16", "junk behind", "cut short"],
)
def test_a_sitemap_is_read_however_it_is_sent(wrap):
    """Packed, with a mark in front, in another encoding, broken at its end."""
    assert told(asked(SITEMAP, wrap(sitemap(("/a/", ""), ("/b/", "")))))[:1] == ["M https://blog.example/a/"]


def test_a_sitemap_whose_every_entry_changed_just_now_is_lying():
    """It is made on demand; what it names counts, the times do not."""
    just = (NOW - timedelta(seconds=30)).isoformat()
    found = asked(SITEMAP, sitemap(*((f"/{number}/", just) for number in range(5))))
    assert found.reading.standing is Standing.LYING
    assert found.reading.standing.usable
    assert {link.modified for link in found.outlinks} == {None}
    fewer = asked(SITEMAP, sitemap(*((f"/{number}/", just) for number in range(4))))
    assert fewer.reading.standing is Standing.OFFERED


def test_a_sitemap_in_plain_text_is_one():
    """One address on each line (sitemaps.org); any other text is none."""
    assert told(asked(SITEMAP, b"https://blog.example/a/\nhttps://blog.example/b/\n", content_type="text/plain")) == [
        "M https://blog.example/a/",
        "M https://blog.example/b/",
    ]
    assert asked(SITEMAP, b"nothing here\n", content_type="text/plain").reading.standing is Standing.BROKEN


LAUGHS = (
    b"""<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY a "ha">"""
    + b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9))
    + b"""<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>https://blog.example/&j;&x;</loc></url>
<url><loc>https://blog.example/a/</loc></url></urlset>"""
)


def test_entities_of_a_sitemap_are_not_read():
    """Neither a billion of them nor a file of this machine."""
    found = asked(SITEMAP, LAUGHS, content_type="application/xml")
    assert not any("root" in link.url or len(link.url) > 100 for link in found.outlinks)


def test_a_bomb_of_a_sitemap_is_read_to_its_limit():
    """Of half a million entries in a small gzip file, those count that the protocol allows."""
    entry = b"<url><loc>https://blog.example/%06d/</loc></url>"
    octets = gzip.compress(b"<urlset>" + b"".join(entry % number for number in range(MAX_ENTRIES * 2)) + b"</urlset>")
    assert asked(SITEMAP, octets).reading.named == MAX_ENTRIES


def test_robots_txt_names_sitemaps():
    """Relative ones too; what is no address is left out."""
    robots = b"User-agent: *\nSitemap: /a.xml\nsitemap:https://cdn.example/b.xml\nSitemap: mailto:x\nSitemap:\n"
    found = sitemaps_of_robots(normalize("https://blog.example/robots.txt"), robots)
    assert [str(link.url) for link in found][:2] == ["https://blog.example/a.xml", "https://cdn.example/b.xml"]
    assert not any(link.url.startswith("mailto") for link in found)


RSS = """<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><title>Å</title><link>https://blog.example/</link>
<item><title>Ö</title><link>https://blog.example/a/?utm=1</link>
<pubDate>Wed, 01 May 2024 08:00:00 +0000</pubDate></item>
<item><link>https://blog.example/b/#comment-7</link><pubDate>Thu, 02 May 2024 08:00:00 +0000</pubDate></item>
<item><title>no link</title></item></channel></rss>"""


@pytest.mark.parametrize(
    ("octets", "content_type"),
    [
        (RSS.format("utf-8").encode(), "application/rss+xml; charset=UTF-8"),
        (RSS.format("utf-8").encode("latin-1"), "application/rss+xml; charset=UTF-8"),
        (RSS.format("iso-8859-1").encode("latin-1"), "text/xml"),
        (RSS.format("utf-8").encode(), "text/html"),
        (RSS.format("utf-8").replace("<title>Å", "<title>& <br> Å").encode(), "application/rss+xml"),
    ],
    ids=["as declared", "latin-1 that says utf-8", "latin-1", "as text/html", "not well-formed"],
)
def test_a_feed_names_pages_in_whatever_encoding(octets, content_type):
    """A time of publication is no time of change, but tells how fresh the feed is."""
    found = asked(FEED, octets, content_type=content_type)
    assert found.reading.standing is Standing.OFFERED
    assert found.reading.newest == datetime(2024, 5, 2, 8, tzinfo=UTC)
    assert [line.partition("#")[0] for line in told(found)] == [
        "M https://blog.example/a/?utm=1",
        "M https://blog.example/b/",
    ]


def test_atom_and_json_feed_state_when_a_page_changed():
    """`updated` and `date_modified` go along with the page."""
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="https://blog.example/a/"/>
    <published>2024-05-01T00:00:00Z</published><updated>2024-05-03T07:00:00Z</updated></entry></feed>"""
    assert told(asked(FEED, atom)) == ["M https://blog.example/a/ 2024-05-03T07:00"]
    item = {"url": "https://blog.example/a/", "date_modified": "2024-05-03T07:00:00Z"}
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [item, 7, {"url": 8}]}).encode()
    assert told(asked(FEED, feed, content_type="application/feed+json")) == told(asked(FEED, atom))


def test_the_index_of_the_rest_api_names_its_collections():
    """With their addresses as the API states them, old form and new."""
    routes = {
        "/wp/v2/posts": {"_links": {"self": [{"href": "https://blog.example/wp-json/wp/v2/posts"}]}},
        "/wp/v2/pages": {"_links": {"self": "https://blog.example/wp-json/wp/v2/pages"}},
        "/wp/v2/users": {"_links": {"self": [{"href": "https://blog.example/wp-json/wp/v2/users"}]}},
    }
    index = json.dumps({"namespaces": ["oembed/1.0", "wp/v2"], "routes": routes}).encode()
    found = asked(normalize("https://blog.example/wp-json/"), index, content_type="application/json")
    assert told(found) == [
        "X https://blog.example/wp-json/wp/v2/posts",
        "X https://blog.example/wp-json/wp/v2/pages",
    ]
    bare = asked(normalize("https://blog.example/?rest_route=/"), b'{"namespaces": ["oembed/1.0"]}')
    assert bare.reading.standing is Standing.OFF


def test_a_collection_names_posts_and_says_how_many_there_are():
    """`_links` and other addresses in the answer are not followed."""
    post = {"link": "https://blog.example/a/", "modified_gmt": "2024-05-01T10:00:00", "date_gmt": "2024-04-01T00:00:00",
            "_links": {"author": [{"href": "https://blog.example/wp-json/wp/v2/users/1"}]}}  # fmt: skip
    answer = json.dumps([post, {"link": "https://blog.example/draft/", "status": "draft"}, None, {"id": 3}]).encode()
    found = asked(POSTS, answer, X_WP_Total="46", X_WP_TotalPages="5")
    assert told(found) == ["M https://blog.example/a/ 2024-05-01T10:00"]
    newest = datetime(2024, 4, 1, tzinfo=UTC)
    assert found.reading == Reading(Interface.REST, Standing.OFFERED, 1, total=46, pages=5, newest=newest)
    absurd = asked(POSTS, answer, X_WP_Total="9" * 18, X_WP_TotalPages="-3")
    assert (absurd.reading.total, absurd.reading.pages) == (10**12, None)


@pytest.mark.parametrize(
    ("url", "status", "content_type", "octets", "standing"),
    [
        (POSTS, 404, "application/json", b'{"code":"rest_no_route","message":"Ingen rutt"}', Standing.ABSENT),
        (POSTS, 401, "application/json", b'{"code":"rest_not_logged_in","message":"no"}', Standing.OFF),
        (POSTS, 403, "application/json", b'{"code":"rest_disabled"}', Standing.OFF),
        (POSTS, 400, "application/json", b'{"code":"rest_invalid_param"}', Standing.BROKEN),
        (POSTS, 403, "text/html", b"<html>Forbidden</html>", Standing.BLOCKED),
        (POSTS, 503, "text/html", b"<title>Just a moment...</title>", Standing.BLOCKED),
        (POSTS, 200, "text/html", b"<title>Just a moment...</title>", Standing.BLOCKED),
        (POSTS, 200, "text/html", b"<html>Startsida</html>", Standing.ABSENT),
        (POSTS, 200, "application/json", b"[" * 100_000, Standing.BROKEN),
        (POSTS, 200, "application/json", b'"text"', Standing.BROKEN),
        (POSTS, 200, "application/json", b'[{"id": 1}]', Standing.BROKEN),
        (POSTS, 200, "application/json", b"[]", Standing.OFFERED),
        (POSTS, 500, "application/json", b"[]", Standing.BROKEN),
        (SITEMAP, 404, "text/html", b"<html>", Standing.ABSENT),
        (SITEMAP, 200, "text/html", b"<!DOCTYPE html><html>Sidan finns inte</html>", Standing.ABSENT),
        (SITEMAP, 429, "", b"", Standing.BLOCKED),
        (SITEMAP, 500, "", b"", Standing.BROKEN),
        (SITEMAP, 304, "", b"", Standing.UNCHANGED),
        (SITEMAP, 301, "", b"", Standing.MOVED),
        (SITEMAP, 200, "application/xml", b"<?xml version='1.0'?><other/>", Standing.BROKEN),
        (SITEMAP, 200, "application/xml", b"", Standing.BROKEN),
        (FEED, 200, "application/rss+xml", b"<rss", Standing.BROKEN),
        (FEED, 410, "text/html", b"", Standing.ABSENT),
    ],
)  # fmt: skip
def test_what_names_nothing_is_told_apart(url, status, content_type, octets, standing):
    """Absent, switched off, walled in, broken: each is asked again at another interval."""
    assert asked(url, octets, status, content_type).reading.standing is standing


def test_a_page_that_names_its_api_in_a_header_field_is_heard():
    """Among other links, in either form of quoting."""
    field = '<https://blog.example/x>; rel="shortlink", <https://blog.example/api/>; rel="https://api.w.org/"'
    assert [str(link.url) for link in interfaces_of_head(FEED, head(Link=field))] == ["https://blog.example/api/"]
    assert interfaces_of_head(FEED, head(Link="<" * 5_000)) == ()


def test_what_a_link_led_to_is_a_feed_when_it_is_one():
    """Whatever its address; a page is none."""
    url = normalize("https://blog.example/nyheter.php")
    met = read_met(url, head(200, "application/rss+xml"), RSS.format("utf-8").encode(), NOW)
    assert met is not None
    assert met.reading.interface is Interface.FEED
    assert read_met(url, head(200, "text/html"), b"<html>", NOW) is None


@given(
    octets=st.binary(max_size=300),
    start=st.sampled_from([b"", b"<rss>", b"<urlset><url><loc>", b"[{", b"\x1f\x8b\x08"]),
)
def test_no_answer_breaks_its_reader(octets, start):
    """Whatever comes is a reading."""
    for url in (POSTS, SITEMAP, FEED):
        assert asked(url, start + octets, content_type="application/xml").reading.interface in set(Interface)


@given(
    reading=st.builds(
        Reading,
        st.sampled_from(Interface),
        st.sampled_from(Standing),
        named=st.integers(0, 10**6),
        total=st.none() | st.integers(0, 10**12),
        pages=st.none() | st.integers(0, 10**12),
        newest=st.none() | st.integers(0, 4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC)),
        index=st.booleans(),
        detail=st.sampled_from(["", "answers with status 404", "says a = b"]),
    )
)
def test_a_reading_is_written_and_read_again(reading):
    """The line in metadata record and CDXJ tells all of it."""
    assert parse_reading(format_reading(reading)) == reading
