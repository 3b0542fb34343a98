"""Which answers are read: by media type, and by address where the type says too little."""

import pytest

from umecrawl.model.readable import is_readable

BLOG = "https://blog.example"


@pytest.mark.parametrize(
    ("mime", "path"),
    [
        ("text/html", "/"),
        ("application/xhtml+xml", "/sitemap"),
        ("application/pdf", "/wp-content/uploads/motion.pdf"),
        ("application/rss+xml", "/category/skola/feed/"),
        ("application/atom+xml", "/x"),
        ("application/feed+json", "/x"),
        ("text/xml", "/feed"),
        ("text/xml", "/?feed=rss2"),
        ("text/xml", "/feed/atom/"),
        ("application/xml", "/nyheter/rss.xml"),
        ("application/xml", "/nyheter.rss"),
        ("application/json", "/feed.json"),
        ("application/json", "/wp-json/wp/v2/posts?per_page=100&page=2"),
        ("application/json", "/wp-json/wp/v2/pages/17"),
        ("application/json", "/?rest_route=/wp/v2/posts"),
    ],
)
def test_what_tells_of_articles_is_read(mime, path):
    """Pages, documents, feeds and the posts of WordPress's API are read."""
    assert is_readable(mime, BLOG + path)


@pytest.mark.parametrize(
    ("mime", "path"),
    [
        ("", "/"),
        ("image/png", "/feed/bild.png"),
        ("text/xml", "/sitemap.xml"),
        ("application/xml", "/wp-sitemap-posts-post-1.xml"),
        ("text/xml", "/xmlrpc.php?rsd"),
        ("text/xml", "/foton.xml"),
        ("application/json", "/wp-json/oembed/1.0/embed?url=x"),
        ("application/json", "/wp-json/wp/v2/users"),
        ("application/json", "/wp-json/wp/v2/posts/17/revisions"),
        ("application/json", "/api/data.json"),
    ],
)
def test_what_is_for_programs_is_left(mime, path):
    """Sitemaps, oEmbed, users and other data are not read."""
    assert not is_readable(mime, BLOG + path)


@pytest.mark.parametrize("mime", ["application/xml", "application/json"])
def test_an_address_that_is_no_url_is_not_read(mime):
    """Records by other tools have such targets; they must not end a run."""
    assert not is_readable(mime, "http://[::1/feed.json")
