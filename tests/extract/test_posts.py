"""Splitting a listing into posts: each kind of layout, what is whole and what an excerpt, and what is no post."""

# Markup is written on long lines here, as it comes.
# ruff: noqa: E501

import pytest

from umecrawl.model.article import Outcome

SITE = "https://blogg.example"
PAGE = f"{SITE}/page/2/"
NAMES = ("bro", "buss", "badet")
LONG = (
    "<p>Det första stycket handlar om bron över älven, som har stått färdig i tio år och nu ska målas om i en ny färg "
    "av samma lag som byggde den.</p><p>Det andra stycket är också {name} och säger något helt annat om vädret och om "
    "bussarna, som går sent.</p>"
)


def address(name):
    """Return the permalink of an invented post."""
    day = NAMES.index(name) + 11 if name in NAMES else 20
    return f"{SITE}/2024/05/{day}/{name}/"


def whole(name):
    """Return the two paragraphs of an invented post."""
    return LONG.format(name=name)


def lines(name):
    """Return the text that must come out for them."""
    return whole(name).replace("<p>", "").replace("</p>", "\n").strip()


def page(inside, classes="blog"):
    """Return a page with a menu, a side column and a foot around its posts."""
    latest = "".join(f"<li><a href='{address(n)}'>Senast om {n}</a></li>" for n in ("skola", "vinter", "sommar"))
    return (
        f"<html lang='sv'><body class='{classes}'><header><h1><a href='{SITE}/' rel='home'>Bloggen</a></h1></header>"
        f"<nav><h2><a href='{SITE}/om/'>Om mig</a></h2><h2><a href='{SITE}/kontakt/'>Kontakt</a></h2></nav>"
        f"<div id='content'>{inside}</div>"
        f"<div id='sidebar' class='widget-area'><h3 class='widget-title'>Senaste inlägg</h3><ul>{latest}</ul>"
        f"<article class='hentry'><h3><a href='{address('populart')}'>Populärt</a></h3></article></div>"
        f"<div class='navigation'><a href='{SITE}/page/3/'>Äldre inlägg</a></div><footer>© Bloggen</footer></body></html>"
    )


def each(form):
    """Return a form once for each invented post, with `{url}`, `{name}`, `{body}` and `{n}` filled in."""
    return "".join(form.format(url=address(n), name=n, body=whole(n), n=i) for i, n in enumerate(NAMES, 1))


FULL = {
    "hentry": "<div class='post hentry category-sidebar tag-comments' id='post-{n}'><h2 class='entry-title'><a href='{url}' "
    "rel='bookmark'>Om {name}</a></h2><div class='entry-meta'>Av <span class='author vcard'><span class='fn'>Ada Lind"
    "</span></span> <abbr class='published' title='2024-05-1{n}T10:00:00+02:00'>i maj</abbr></div><div "
    "class='entry-content'>{body}</div><div class='entry-utility'>Kategori: Bro | <a href='{url}#comments'>{n} "
    "kommentarer</a></div></div>",
    "h-entry": "<div class='h-entry'><a class='u-url' href='{url}'><h2 class='p-name'>Om {name}</h2></a><span "
    "class='p-author'>Ada Lind</span><time class='dt-published' datetime='2024-05-1{n}T10:00:00+02:00'>i maj</time>"
    "<div class='e-content'>{body}</div><a href='{url}#comments'>{n} kommentarer</a></div>",
    "block theme": "<li class='wp-block-post post-{n} post hentry'><h2 class='wp-block-post-title'><a href='{url}'>Om {name}"
    "</a></h2><div class='wp-block-post-author'><p class='wp-block-post-author__name'>Ada Lind</p></div><div "
    "class='wp-block-post-date'><time datetime='2024-05-1{n}T10:00:00+02:00'>maj</time></div><div class='entry-content "
    "wp-block-post-content'>{body}</div><div class='wp-block-post-comments-link'><a href='{url}#comments'>{n} "
    "kommentarer</a></div></li>",
    "microdata": "<div itemscope itemtype='https://schema.org/BlogPosting'><h2 itemprop='headline'><a href='{url}' "
    "itemprop='url'>Om {name}</a></h2><span itemprop='author'>Ada Lind</span><meta itemprop='datePublished' "
    "content='2024-05-1{n}T10:00:00+02:00'><meta itemprop='commentCount' content='{n}'><div itemprop='articleBody'>{body}"
    "</div></div>",
    "article": "<article><header><h2><a href='{url}'>Om {name}</a></h2><p class='byline'>Ada Lind</p><time "
    "datetime='2024-05-1{n}T10:00:00+02:00'>maj</time></header>{body}<footer><a href='{url}#comments'>{n} kommentarer</a>"
    "</footer></article>",
    "boxes": "<div class='ruta'><h3><a href='{url}'>Om {name}</a></h3><div class='meta'><span class='author'>Ada Lind</span> "
    "<time datetime='2024-05-1{n}T10:00:00+02:00'>maj</time></div>{body}<div class='tags'>bro</div><a href='{url}#comments'>"
    "{n} kommentarer</a></div>",
    "flat": "<h3 class='rubrik'><a href='{url}'>Om {name}</a></h3><p class='byline'>Ada Lind</p><time "
    "datetime='2024-05-1{n}T10:00:00+02:00'>maj</time>{body}<div><a href='{url}#comments'>{n} kommentarer</a></div>",
    "blogger": "<div class='date-outer'><h2 class='date-header'><span>1{n} maj 2024</span></h2><div class='date-posts'><div "
    "class='post-outer'><div class='post hentry uncustomized-post-template'><h3 class='post-title entry-title'><a "
    "href='{url}'>Om {name}</a></h3><div class='post-body entry-content'>{body}</div><div class='post-footer'>Upplagd av "
    "<span class='post-author vcard'><span class='fn'>Ada Lind</span></span> <a class='timestamp-link' href='{url}' "
    "rel='bookmark'><abbr class='published' title='2024-05-1{n}T10:00:00+02:00'>10:00</abbr></a> <a class='comment-link' "
    "href='{url}#comment-form'>{n} kommentarer</a></div></div></div></div></div>",
    "nested": "<section><article class='card'><div class='hentry'><h2 class='entry-title'><a href='{url}'>Om {name}</a></h2>"
    "<span class='author vcard'><span class='fn'>Ada Lind</span></span><time datetime='2024-05-1{n}T10:00:00+02:00'>maj"
    "</time><div class='entry-content'>{body}</div><a class='comments-link' href='{url}#comments'>{n} kommentarer</a></div>"
    "</article></section>",
}


@pytest.mark.parametrize("layout", FULL)
def test_each_layout_gives_its_posts_whole(read, layout):
    """Permalink, title, text, date, byline and count of each post come out, in the order of the page."""
    form = FULL[layout]
    inside = f"<ul>{each(form)}</ul>" if form.startswith("<li") else each(form)
    found = read(page(inside), PAGE)
    assert found.outcome is Outcome.LISTING
    assert [post.permalink for post in found.posts] == [address(name) for name in NAMES]
    for n, (name, post) in enumerate(zip(NAMES, found.posts, strict=True), 1):
        assert post.title == f"Om {name}"
        assert post.text == lines(name)
        assert post.published is not None
        assert post.published.value == f"2024-05-1{n}T10:00:00+02:00"
        assert post.byline is not None
        assert post.byline.value == "Ada Lind"
        assert post.comment_count == n
        assert post.language == "sv"
        assert not post.excerpt
        assert "\n".join(block.text for block in post.blocks if block.in_text) == post.text


def test_a_post_has_the_same_text_on_a_list_and_on_its_own_page(read):
    """The hash of a whole post on a listing is that of its permalink, whatever the post links to or ends with."""
    body = (
        whole("bro") + f"<p>Läs mer om bron <a href='{SITE}/var-bro/'>här</a> …</p><blockquote><p>En bro är en bro."
        "</p></blockquote><ul><li>Ett.</li><li>Två.</li></ul><div class='sharedaddy'>Dela på Facebook</div>"
    )
    head = "<head><meta name='generator' content='WordPress 6.1'></head>"
    post = "<div class='hentry'><h2 class='entry-title'>{title}</h2><div class='entry-content'>{body}</div></div>"
    url = address("bro")
    single = (
        f"<html>{head}<body class='single single-post postid-1'>{post.format(title='Om bro', body=body)}</body></html>"
    )
    listed = post.format(title=f"<a href='{url}'>Om bro</a>", body=body)
    one = read(single, url).posts[0]
    [other] = read(page(listed), PAGE).posts
    assert one.text_sha256 == other.text_sha256
    assert one.links == other.links
    assert one.blocks == other.blocks
    assert not other.excerpt


MORE = {
    "more-link": "<div class='entry-content'><p>Börjar så här.</p><p><a class='more-link' href='{url}#more-1'>Fortsätt läsa "
    "<span class='screen-reader-text'>Om {name}</span> →</a></p></div>",
    "read more": "<div class='entry-content'><p>Börjar så här.</p></div><p><a href='{url}'>Läs mer</a></p>",
    "continue": "<div class='entry-content'><p>Börjar så här. <a href='{url}'>Continue reading Om {name}</a></p></div>",
    "brackets": "<div class='entry-content'><p>Börjar så här. […]</p></div>",
    "dots": "<div class='text'><p>Börjar så här …</p></div>",
    "summary": "<div class='entry-summary'><p>Börjar så här.</p></div>",
    "block": "<div class='wp-block-post-excerpt'><p class='wp-block-post-excerpt__excerpt'>Börjar så här.</p></div>",
    "teaser": "<p>Börjar så här.</p>",
}


@pytest.mark.parametrize("form", MORE)
def test_an_excerpt_is_told(read, form):
    """More-links, ellipses, places for excerpts and short teasers make an excerpt, and the more-link is no text."""
    found = read(page(each("<article><h2><a href='{url}'>Om {name}</a></h2>" + MORE[form] + "</article>")), PAGE)
    assert len(found.posts) == 3
    for post in found.posts:
        assert post.excerpt
        assert post.text.startswith("Börjar så här")
        assert post.text.count(" ") <= 3


def test_read_on_elsewhere_is_no_excerpt(read):
    """What says `Läs mer` and leads to another page is a sentence of the post."""
    form = "<article class='hentry'><h2><a href='{url}'>Om {name}</a></h2><div class='entry-content'>{body}<p><a href='/pdf/'>Läs "
    form += "mer i rapporten som kom i går</a></p></div></article>"
    found = read(page(each(form)), PAGE)
    assert [post.excerpt for post in found.posts] == [False] * 3
    assert all(post.text.endswith("i går") for post in found.posts)


def test_a_short_post_in_a_place_for_whole_texts_is_whole(read):
    """A blog may say it in one sentence."""
    form = "<article class='hentry'><h2><a href='{url}'>Om {name}</a></h2><div class='entry-content'><p>Glad midsommar!</p></div></article>"
    assert [(p.text, p.excerpt) for p in read(page(each(form)), PAGE).posts] == [("Glad midsommar!", False)] * 3


TITLES = {
    "block theme": "<li class='wp-block-post hentry'><h2><a href='{url}'>Om {name}</a></h2><time datetime='2024-05-1{n}'>maj</time></li>",
    "headings": "<div><h3><a href='{url}'>Om {name}</a></h3></div>",
    "dated links": "<li>2024-05-1{n}: <a href='{url}'>Om {name}</a></li>",
    "links": "<li><a href='{url}'>Om {name}</a></li>",
}


@pytest.mark.parametrize("form", TITLES)
def test_a_list_of_titles_gives_posts_without_text(read, form):
    """A title is a sighting too; it has no text and is an excerpt."""
    found = read(page(f"<h1>Arkiv</h1><ul>{each(TITLES[form])}</ul>", classes="archive"), f"{SITE}/2024/")
    assert [(p.permalink, p.title, p.text, p.excerpt) for p in found.posts] == [
        (address(name), f"Om {name}", "", True) for name in NAMES
    ]
    assert all(post.published is not None for post in found.posts)


def test_undated_links_are_no_posts(read):
    """A list of links without dates may be anything: a menu, friends, documents."""
    links = "".join(f"<li><a href='/dokument/{n}'>Dokument nummer {n}</a></li>" for n in range(9))
    assert read(page(f"<ul>{links}</ul>"), PAGE).posts == ()


def test_headings_without_links_lead_by_their_permalink(read):
    """Old blogs link the permalink under the post, not the heading."""
    form = "<div class='inlagg'><h3>Om {name}</h3>{body}<p class='fot'><a href='{url}'>Permalink</a></p></div>"
    found = read(page(each(form)), PAGE)
    assert [(p.permalink, p.title, p.text) for p in found.posts] == [(address(n), f"Om {n}", lines(n)) for n in NAMES]


def test_one_post_is_a_list_of_one(read):
    """The month in which one post was written shows one."""
    one = FULL["hentry"].format(url=address("bro"), name="bro", body=whole("bro"), n=1)
    [post] = read(page(one, classes="archive date"), f"{SITE}/2024/05/").posts
    assert (post.permalink, post.text) == (address("bro"), lines("bro"))
    teaser = (
        f"<section><a href='{address('bro')}'><h2>Om bro</h2></a><p>Kort om bron.</p><time>6 maj 2024</time></section>"
    )
    [post] = read(page(teaser), f"{SITE}/debatt/").posts
    assert (post.permalink, post.text, post.excerpt) == (address("bro"), "Kort om bron.", True)


def test_no_posts_no_sightings(read):
    """Comments, related and latest posts, calendars and links to archives, files and other sites are no posts."""
    inside = (
        "<ol class='commentlist'><li class='comment hentry' id='comment-1'><article><h4><a href='/2024/05/01/a/'>Ulf</a></h4>"
        "<p>Bra skrivet!</p></article></li></ol>"
        f"<div class='jp-relatedposts'>{each(FULL['article'])}</div>"
        "<table id='wp-calendar'><tr><td><a href='/2024/05/01/'>1</a></td></tr></table>"
        "<h3><a href='/tag/bro/'>Bro</a></h3><h3><a href='/kategori/vag/'>Väg</a></h3><h3><a href='/2023/12/'>December</a></h3>"
        "<h3><a href='/uploads/rapport.pdf'>Rapport</a></h3><h3><a href='https://annan.example/text/'>Annan</a></h3>"
    )
    assert read(page(inside), PAGE).posts == ()


def test_a_post_shown_twice_is_one_sighting(read):
    """A slide show above the list shows the same posts; the one with the text counts."""
    slides = each("<article class='slide'><h2><a href='{url}'>Om {name}</a></h2></article>")
    found = read(page(slides + each(FULL["article"])), PAGE)
    assert [(p.permalink, p.text, p.excerpt) for p in found.posts] == [(address(n), lines(n), False) for n in NAMES]


def test_a_linked_heading_in_a_text_begins_no_post(read):
    """A post may link its sub-headings; they stand inside it."""
    body = "{body}<h4><a href='/rapport/{n}/'>Rapporten</a></h4><p>Den kom i går.</p><h4><a href='/svar/{n}/'>Svaret</a></h4>"
    found = read(page(each("<div class='ruta'><h2><a href='{url}'>Om {name}</a></h2>" + body + "</div>")), PAGE)
    assert [post.permalink for post in found.posts] == [address(name) for name in NAMES]


def test_an_article_is_never_split(read, body):
    """A permalink page with marked teasers of other posts, before and after its text, is one article."""
    teasers = each(FULL["article"])
    markup = (
        "<html><head><meta name='generator' content='WordPress 6.1'></head><body class='single single-post postid-4'>"
        f"<div class='top'>{teasers}</div><h1 class='entry-title'>Om allt</h1><div class='entry-content'>{body}</div>"
        f"<div class='related'>{teasers}</div></body></html>"
    )
    found = read(markup, address("allt"))
    assert (found.outcome, len(found.posts)) == (Outcome.ARTICLE, 1)
    assert found.posts[0].title == "Om allt"


def test_a_fixed_page_carries_the_posts_it_lists(read):
    """The article is the page's own words; the posts in its lists follow as sightings of their own."""
    listed = each("<article class='hentry'><h3><a href='{url}'>Om {name}</a></h3><p>Kort om {name} […]</p></article>")
    markup = (
        "<html><head><meta name='generator' content='WordPress 6.1'></head><body class='page page-id-9'><article class='page "
        f"hentry'><h1 class='entry-title'><a href='{SITE}/nytt/'>Nytt</a></h1><div class='entry-content'><p>Här samlar vi "
        f"allt som är nytt hos oss.</p><section class='wp-block-query'>{listed}</section></div></article></body></html>"
    )
    found = read(markup, f"{SITE}/nytt/")
    assert found.outcome is Outcome.ARTICLE
    assert found.posts[0].text == "Här samlar vi allt som är nytt hos oss."
    assert [(p.permalink, p.excerpt) for p in found.posts[1:]] == [(address(name), True) for name in NAMES]


def test_an_article_among_teasers_is_taken_back(read, body):
    """Headings of teasers make a page look like a list; a long text beside them says otherwise."""
    text = (body.replace("bro", "väg") * 8).replace("<p>", "<p class='t'>")
    teasers = each("<div class='puff'><h2><a href='{url}'>Om {name}</a></h2><p>Kort.</p></div>")
    found = read(
        f"<html><body><main>{teasers}<div><h1>Vägen</h1>{text}</div></main></body></html>", f"{SITE}/umea/vagen"
    )
    assert (found.outcome, len(found.posts)) == (Outcome.ARTICLE, 1)


def test_a_page_of_thousands_of_posts_is_bounded(read):
    """Of a page made to cost time the first five hundred posts are read."""
    many = "".join(f"<article><h2><a href='/2024/05/06/text-{n}/'>Text {n}</a></h2></article>" for n in range(3_000))
    assert len(read(page(many), PAGE).posts) == 500


def test_deep_and_odd_class_names_cost_nothing(read):
    """Names that make a careless pattern search for ever are read in one go."""
    odd = "sidebar" + "_a-" * 2_000 + "! " + "a-_" * 2_000 + "title! " + "read-more" + "--a__" * 2_000 + "!"
    inside = f"<div class='{odd}'>" + each(
        "<article class='" + odd + "'><h2 class='" + odd + "'><a href='{url}'>Om {name}</a></h2></article>"
    )
    assert len(read(page(inside), PAGE).posts) == 3


def test_markup_with_two_roots_is_split(read):
    """A page cut and joined by a broken server has its posts in the second root."""
    assert len(read("<html><body><p>Ett</p></body></html>\0<html>" + page(each(FULL["article"])), PAGE).posts) == 3
