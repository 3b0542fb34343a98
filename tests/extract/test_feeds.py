"""Posts from RSS, Atom, RDF and JSON feeds; hostile and broken feeds; what of a feed is no post."""

# Markup is written on long lines here, as it comes.
# ruff: noqa: E501

import json

import pytest

from umecrawl.model.article import Outcome

SITE = "https://blogg.example"
TEXT = "<p>Bron &amp; vägen blir klara i vår, säger <a href='/om/ada/'>Ada Lind</a>.</p><p>Det tog tre år.</p>"
PLAIN = "Bron & vägen blir klara i vår, säger Ada Lind.\nDet tog tre år."

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>Bloggen</title><link>{SITE}</link>
<item><title>Bron &amp;amp; vägen</title><link>{SITE}/2024/05/06/bron/</link><comments>{SITE}/2024/05/06/bron/#comments</comments>
<dc:creator><![CDATA[Ada Lind]]></dc:creator><pubDate>Mon, 06 May 2024 08:15:00 +0000</pubDate><slash:comments>3</slash:comments>
<description><![CDATA[Bron &#038; vägen blir klara [&#8230;]]]></description><content:encoded><![CDATA[{TEXT}
<p>The post <a href="{SITE}/2024/05/06/bron/">Bron</a> appeared first on <a href="{SITE}">Bloggen</a>.</p>]]></content:encoded></item>
<item><title>Bussen</title><link>{SITE}/2024/05/05/bussen/?utm_source=rss</link><pubDate>Sun, 05 May 2024 10:00:00 +0200</pubDate>
<description>Bussen g&aring;r sent [&#8230;]</description></item>
<item><title>Ulf</title><link>{SITE}/2024/05/05/bussen/#comment-7</link><description>Bra!</description></item>
<item><title>Annat</title><link>https://annan.example/text/</link><description>Annat.</description></item>
</channel></rss>"""

ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">
<link rel="alternate" href="{SITE}/"/>
<entry><title type="html">Bron &amp;amp; vägen</title><link rel="self" href="{SITE}/feed/1"/><link rel="alternate" href="{SITE}/2024/05/06/bron/"/>
<author><name>Ada Lind</name></author><published>2024-05-06T08:15:00Z</published><updated>2024-05-07T09:00:00+02:00</updated>
<summary>Kort.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{TEXT}</div></content><thr:total>3</thr:total></entry>
<entry><title>Ulf</title><link href="{SITE}/2024/05/06/bron/#c1"/><thr:in-reply-to ref="x"/><content>Bra!</content></entry></feed>"""

RDF = f"""<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel rdf:about="{SITE}"><link>{SITE}</link></channel>
<item rdf:about="{SITE}/2024/05/06/bron/"><title>Bron &amp;amp; vägen</title><link>{SITE}/2024/05/06/bron/</link><dc:creator>Ada Lind</dc:creator>
<dc:date>2024-05-06T10:15:00+02:00</dc:date><content:encoded><![CDATA[{TEXT}]]></content:encoded></item></rdf:RDF>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "home_page_url": SITE,
        "items": [
            {
                "url": f"{SITE}/2024/05/06/bron/",
                "title": "Bron & vägen",
                "content_html": TEXT,
                "date_published": "2024-05-06T10:15:00+02:00",
                "authors": [{"name": "Ada Lind"}],
            }
        ],
    }
)


@pytest.fixture
def feed(read):
    """Give a function that extracts a feed."""

    def feed(markup, kind="application/rss+xml; charset=UTF-8"):
        return read(markup, f"{SITE}/feed/", content_type=kind)

    return feed


@pytest.mark.parametrize(
    ("markup", "kind"),
    [(RSS, "application/rss+xml"), (ATOM, "application/atom+xml"), (RDF, "text/xml"), (JSON, "application/feed+json")],
)
def test_a_feed_gives_whole_posts(feed, markup, kind):
    """Permalink, title, text, author and time in UTC come out of each format, each from the feed."""
    found = feed(markup, kind)
    assert found.outcome is Outcome.LISTING
    post = found.posts[0]
    assert (post.permalink, post.title, post.text) == (f"{SITE}/2024/05/06/bron/", "Bron & vägen", PLAIN)
    assert post.published is not None
    assert (post.published.value, post.published.source) == ("2024-05-06T08:15:00Z", "feed")
    assert post.byline is not None
    assert (post.byline.value, post.byline.source) == ("Ada Lind", "feed")
    assert [link.url for link in post.links] == [f"{SITE}/om/ada/"]
    assert not post.excerpt
    assert len(found.posts) == (2 if markup is RSS else 1)


def test_counts_and_changes_come_from_a_feed(feed):
    """The count of comments and, in Atom, the time of the last change are told."""
    assert feed(RSS).posts[0].comment_count == 3
    post = feed(ATOM, "application/atom+xml").posts[0]
    assert post.comment_count == 3
    assert post.modified is not None
    assert post.modified.value == "2024-05-07T07:00:00Z"


def test_a_description_is_an_excerpt(feed):
    """A feed without the text shows its beginning only; the entities of HTML are read."""
    post = feed(RSS).posts[1]
    assert (post.permalink, post.text, post.excerpt) == (f"{SITE}/2024/05/05/bussen/", "Bussen går sent […]", True)
    assert post.published is not None
    assert post.published.value == "2024-05-05T08:00:00Z"


def test_a_long_description_with_paragraphs_is_the_text(feed):
    """Feeds of systems without `content:encoded` put the whole text into the description."""
    whole = "".join(
        f"<p>Stycke {n} är så långt som ett stycke brukar vara, och det säger något om bron.</p>" for n in range(9)
    )
    item = f"<item><title>T</title><link>{SITE}/t/</link><description><![CDATA[{whole}]]></description></item>"
    [post] = feed(f"<rss><channel><link>{SITE}</link>{item}</channel></rss>").posts
    assert (post.text.count("\n"), post.excerpt) == (8, False)


def test_comments_as_a_feed_are_no_posts(feed):
    """`/comments/feed/` lists comments at the addresses of posts."""
    item = f"<item><title>Av Ulf</title><link>{SITE}/bron/#comment-{{}}</link><description>Bra!</description></item>"
    markup = f"<rss><channel><link>{SITE}</link>{item.format(1)}{item.format(2)}</channel></rss>"
    assert (feed(markup).outcome, feed(markup).posts) == (Outcome.LISTING, ())


@pytest.mark.parametrize(
    "markup",
    [
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://blogg.example/a/</loc></url></urlset>",
        "<html><body><p>Fel</p></body></html>",
        "ingen xml",
        "{}",
        "[1, 2]",
        "<",
        "<?xml version='1.0'?>",
        "{" * 100_000,
    ],
)
def test_what_is_no_feed_is_named(feed, markup):
    """A sitemap, a page or rubbish under the type of a feed has an outcome and no posts."""
    found = feed(markup, "application/xml")
    assert (found.outcome, found.posts) == (Outcome.NOT_A_PAGE, ())
    assert found.detail


def test_entities_of_a_feed_are_never_expanded(feed, tmp_path):
    """An entity bomb stays small, and no file is read."""
    secret = tmp_path / "secret"
    secret.write_text("hemligt", encoding="utf-8")
    bomb = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    head = f"<!DOCTYPE rss [<!ENTITY a0 'ha'>{bomb}<!ENTITY f SYSTEM 'file://{secret}'>]>"
    item = f"<item><title>T &a11; &f;</title><link>{SITE}/t/</link><description>&a11; &f;</description></item>"
    found = feed(f"<?xml version='1.0'?>{head}<rss><channel><link>{SITE}</link>{item}</channel></rss>")
    [post] = found.posts
    assert "haha" not in post.text + post.title
    assert "hemligt" not in post.text + post.title


def test_a_broken_feed_gives_what_can_be_read(feed):
    """A feed that is cut off gives the posts before the cut; a bare ampersand breaks nothing."""
    cut = RSS[: RSS.index("<item><title>Ulf")].replace("<title>Bussen", "<title>Buss & tåg")
    assert [post.title for post in feed(cut).posts] == ["Bron & vägen", "Buss & tåg"]


def test_a_latin1_feed_is_read_as_it_says(feed):
    """The encoding of the XML declaration counts where the header names none."""
    markup = RSS.replace("UTF-8", "ISO-8859-1").encode("iso-8859-1")
    assert feed(markup, "application/rss+xml").posts[0].title == "Bron & vägen"


def test_pictures_of_emoji_are_emoji(feed):
    """WordPress sends emoji to feeds as pictures with the character as their text."""
    body = "<p><img src='https://s.w.org/1f339.png' alt='\U0001f339' class='wp-smiley'/>Rosor till alla.</p>"
    markup = RSS.replace(TEXT, body)
    assert feed(markup).posts[0].text == "\U0001f339Rosor till alla."


def test_a_forgotten_namespace_is_known(feed):
    """Feeds that use `content:encoded` without declaring it are read all the same."""
    item = f"<item><title>T</title><link>{SITE}/t/</link><content:encoded><![CDATA[{TEXT}]]></content:encoded></item>"
    [post] = feed(f"<rss><channel><link>{SITE}</link><atom:link href='{SITE}/feed/'/>{item}</channel></rss>").posts
    assert (post.text, post.excerpt) == (PLAIN, False)
