"""What is the text of an article and what stands around it."""

import pytest
from lxml.html import fragment_fromstring

from umecrawl.extract import scoring
from umecrawl.extract.boilerplate import is_boilerplate, is_furniture, is_stray

WORDPRESS = "<html><head><meta name='generator' content='WordPress 6.1'></head><body class='single postid-1'>"


def wordpress(content, *, before=""):
    """Return a WordPress post around its content."""
    return (
        f"{WORDPRESS}<h1 class='entry-title'>Bron</h1>{before}<div class='entry-content'>{content}</div></body></html>"
    )


def test_a_container_is_read_whole(read):
    """Headings, items, quotations and rows of a post are paragraphs in order."""
    content = (
        "<p>Ett.</p><h2>Två</h2><ul><li>tre</li><li>fyra</li></ul><blockquote><p>fem</p></blockquote>"
        "<table><tr><td>sex</td><td>7</td></tr></table>"
    )
    assert read(wordpress(content)).posts[0].text.split("\n") == ["Ett.", "Två", "tre", "fyra", "fem", "sex\t7"]


def test_what_plugins_add_to_a_post_is_left_out(read, body):
    """Share rows, related posts, tags and counters inside the container are not what the author wrote."""
    noise = (
        "<div class='dela heateor-share'><a>facebook</a> <a>Twitter</a> <a>Email</a></div>"
        "<div class='jp-relatedposts'><p>En annan text</p></div>"
        "<div class='taxonomy-post_tag wp-block-post-terms'>Etiketter: <a rel='tag'>broar</a></div>"
        "<p>13 kommentarer</p><p>Läs mer</p>"
    )
    assert read(wordpress(body + noise)).posts[0].text.count("\n") == 2


def test_boxes_beside_a_post_of_one_line_are_no_text(read):
    """They are most of what stands in the place of the text, and not the post itself."""
    page = read(
        "<html><head><meta name='generator' content='WordPress 6.5'><title>Hej</title></head><body>"
        "<article class='post type-post hentry'><h1 class='entry-title'>Hej</h1><div class='entry-content'>"
        "<p>Inlägget är kort.</p><div class='sharedaddy'><h3>Dela:</h3><ul><li><a>Facebook</a></li></ul></div>"
        "<div class='jp-relatedposts'><h3>Relaterade</h3><p><a href='/x'>Bron stängs i helgen</a></p></div>"
        "</div></article></body></html>"
    )
    assert page.posts[0].text == "Inlägget är kort."


def test_the_first_lines_of_a_story_stand_apart_from_what_is_above_them(read, body):
    """A telegram is so short that scoring closes title, byline, caption and text up to one line."""
    page = (
        "<html lang='sv'><head><title>Brand i centrum - Bladet</title></head><body>"
        "<header><nav><a href='/'>Bladet</a> <a href='/sport'>Sport</a></nav></header><main><article><header>"
        "<h1>Brand i centrum</h1><div class='article-meta'><span class='byline'>Maja Ek</span> "
        "<time datetime='2026-05-17T10:00:00+02:00'>Publicerad 2026-05-17</time></div></header>"
        "<figure><img src='/b.jpg' alt=''><figcaption>Huset. Foto: Lisa Lod</figcaption></figure>"
        "<div class='article-body'><p>En brand har brutit ut i centrum. Räddningstjänsten är på plats.</p>{more}</div>"
        "</article></main><footer>Ansvarig utgivare: Nils Berg.</footer></body></html>"
    )
    line = "En brand har brutit ut i centrum. Räddningstjänsten är på plats."
    assert read(page.format(more="")).posts[0].text == line
    assert read(page.format(more=body)).posts[0].text.startswith(f"{line}\n")


def test_quotations_that_a_browser_marks_have_their_marks(read, body):
    """`q` is drawn with quotation marks, so a page that takes to it reads as before."""
    said = "<p>Kritiken har varit hård. {}Det är slöseri{}, skriver oppositionen i ett mejl till tidningen.</p>"
    page = "<html><body><main><article><h1>Broar</h1>{}</article></main></body></html>"
    texts = [read(page.format(body + said.format(*marks))).posts[0].text for marks in (("<q cite='/x'>", "</q>"), "””")]
    assert texts[0] == texts[1]
    assert "”Det är slöseri”, skriver" in texts[0]


@pytest.mark.parametrize("form", ["„{}“", '"{}"', "»{}«"])
def test_quotations_with_marks_of_their_own_get_no_second_ones(read, body, form):
    """Newspapers in German write marks around `q` or within it, and tell browsers to draw none."""
    said = "<p>Kritiken har varit hård. {}, skriver oppositionen i ett mejl till tidningen.</p>"
    page = "<html><body><main><article><h1>Broar</h1>{}</article></main></body></html>"
    for marked in (form.format("<q>Det är slöseri</q>"), f"<q>{form.format('Det är slöseri')}</q>"):
        text = read(page.format(body + said.format(marked))).posts[0].text
        assert f"hård. {form.format('Det är slöseri')}, skriver" in text


def test_an_author_s_own_link_list_stays(read, body):
    """`Läs mer:` with a link is text where the author wrote it, and its links are citations."""
    post = read(wordpress(body + "<p>Läs mer: <a href='https://tidning.example/x'>Förslaget</a> i Kuriren.</p>")).posts[
        0
    ]
    assert post.text.endswith("Läs mer: Förslaget i Kuriren.")
    assert [link.url for link in post.links] == ["https://tidning.example/x"]


def test_taxonomy_classes_do_not_hide_a_post(read, body):
    """A post tagged `related` or `social-media` is still a post."""
    markup = wordpress(f"<div class='tag-related category-social-media comments-open'>{body}</div>")
    assert read(markup).posts[0].text.count("\n") == 2


def test_the_title_is_not_repeated(read, body):
    """A text never opens with its own title."""
    markup = (
        f"<html><head><title>Bron byggs | Tidningen</title></head><body><article>"
        f"<h1>Bron byggs</h1>{body}</article></body></html>"
    )
    assert read(markup).posts[0].text.startswith("Nämnden")


def test_a_visible_lede_is_put_back(read, body):
    """A summary that readers see, and that scoring lost, opens the text; one that only robots see does not."""
    lede = "Två broar ska byggas över älven, men först om tre år."
    head = f"<html><head><meta property='og:description' content='{lede}'></head><body>"
    with_lede = read(
        f"{head}<header><h1>Bron</h1><div class='x1y'>{lede}</div></header><div>{body}</div></body></html>"
    )
    assert with_lede.posts[0].text.split("\n")[0] == lede
    without = read(f"{head}<h1>Bron</h1><div>{body}</div></body></html>")
    assert lede not in without.posts[0].text


def test_an_english_standfirst_stands_beside_the_text(read):
    """A line that sells an English text is no paragraph of it, and is kept as a block all the same."""
    lede = "Two bridges will be built across the river, but only in three years."
    body = "".join(
        f"<p>The council decided on Monday to build {n} new bridges across the river, and the mayor said that work "
        "would begin in the spring, as soon as the money has been found for all of them.</p>"
        for n in range(5)
    )
    post = read(
        f"<html><head><meta property='og:description' content='{lede}'></head><body><header><h1>Bridges</h1>"
        f"<div class='x1y'>{lede}</div></header><div>{body}</div></body></html>"
    ).posts[0]
    assert lede not in post.text
    assert (lede, False) == (post.blocks[0].text, post.blocks[0].in_text)


def test_a_link_around_paragraphs_tells_of_another_page(read, body):
    """A card is no paragraph, with a heading of the first level in it or without; a link in a paragraph is text."""
    card = (
        "<ul><li><a href='/annat/'><div><h1>Skolan läggs ned</h1><p>Nämnden beslutade i går att lägga ned "
        "skolan i byn, trots att alla föräldrar hade skrivit på en lista mot det.</p></div></a></li></ul>"
    )
    linked = "<p><a href='/forslag/'>Förslaget om bron fick inga röster från den andra sidan av salen.</a></p>"
    text = read(f"<html><body><h1>Bron</h1><div>{body}{linked}</div>{card}</body></html>").posts[0].text
    assert "skolan" not in text
    assert "inga röster" in text


@pytest.mark.parametrize(
    "name",
    [
        "page-cta",
        "call-to-action",
        "sf_comment_list",
        "sidebar",
        "article-right-rail",
        "disclaimer",
        "saboxplugin-wrap",
        "post-author__info",
        "author_detail_box",
        "author-section",
    ],
)
def test_places_of_the_site_are_no_text(read, body, name):
    """What is called a call to action, a sidebar or comments is left out."""
    place = f"<div class='{name}'><p>Bli medlem i dag och läs allt som vi skriver om broar.</p></div>"
    assert "medlem" not in read(f"<html><body><h1>Bron</h1><div>{body}{place}</div></body></html>").posts[0].text


@pytest.mark.parametrize(
    "name", ["above-cta", "sidebar_content", "tag-comments", "category-call-to-action", "author-ada"]
)
def test_names_that_only_sound_like_places_of_the_site_hold_text(name):
    """A post is tagged `comments`, and the content beside a sidebar is not the sidebar."""
    assert not is_furniture(fragment_fromstring(f"<div class='{name}'>Text</div>"))


def test_the_id_of_a_heading_is_made_of_its_words(read, body):
    """A heading `#social-media` or `#toc_1` is a heading of the text."""
    page = (
        f"<html><body><h1>Bron</h1><div>{body}<h2 id='toc_1'>Den första bron</h2><p>Den är gammal och smal, och ingen "
        "vill betala för att den ska stå kvar.</p><h2 id='vad-ar-social-media'>Vad är sociala medier?</h2><p>Där "
        "skriver alla om bron, och de flesta har åsikter om hur den ska se ut.</p></div></body></html>"
    )
    text = read(page).posts[0].text
    assert "Den första bron" in text
    assert "Vad är sociala medier?" in text


def test_the_place_of_the_text_is_found_by_its_paragraphs(read, body):
    """Where a theme calls it by a name of its own, it is the inmost element with nearly all of the post's text."""
    post = (
        f"{WORDPRESS}<div id='post-1' class='post-1 post type-post hentry postWrapper'><h1>Bron</h1>"
        f"<p class='date'>25.02.2016 by ada</p><div class='min-text'>{body}<ul><li>Bro ett</li><li>Bro två</li></ul>"
        "</div><h3 id='comments'>No Comments »</h3></div></body></html>"
    )
    found = read(post)
    assert "text by container" in found.detail
    assert found.posts[0].text.endswith("Bro ett\nBro två")
    assert found.posts[0].text.startswith("Nämnden")


def test_the_place_of_the_text_is_found_by_its_blocks(read, body):
    """A page that marks no post, not even to WordPress, has its text in `main` where the blocks of the editor stand."""
    section = (
        "<section class='wp-block-{0}'><h2>{0}</h2><p>En bro är en väg över vatten, och den bär alla.</p></section>"
    )
    blocks = f"{section.format('plugin-fakta')}{section.format('plugin-historia')}"
    found = read(f"{WORDPRESS}<main><h1>Bron</h1><div class='x1y'>{body}{blocks}</div></main></body></html>")
    assert "text by container" in found.detail
    assert "plugin-fakta\n" in found.posts[0].text
    without = read(f"{WORDPRESS}<main><h1>Bron</h1><div class='x1y'>{body}</div></main></body></html>")
    assert "text by container" not in without.detail


def test_contents_of_a_post_are_no_text(read, body):
    """A list that only links to places of the same page is left out; one that says more or links elsewhere stays."""
    items = [f"<li><a href='#{name}'>Kapitel {name}</a></li>" for name in ("ett", "två", "tre")]
    contents = f"<ul>{''.join(items)}</ul>"
    assert "Kapitel" not in read(wordpress(contents + body)).posts[0].text
    nested = f"<ol><li><a href='#noll'>Kapitel noll</a>{contents}</li></ol>"
    assert "Kapitel" not in read(wordpress(nested + body)).posts[0].text
    told = f"<ul>{''.join(items)}<li>Det fjärde kapitlet är inte skrivet än.</li></ul>"
    assert "Kapitel två" in read(wordpress(told + body)).posts[0].text
    elsewhere = f"<ul>{''.join(items)}<li><a href='/fyra/'>Kapitel fyra</a></li></ul>"
    assert "Kapitel två" in read(wordpress(elsewhere + body)).posts[0].text


def test_articles_that_a_post_links_to_are_no_text(read, body):
    """Microdata of an article with its own address inside a text is a card; the text's own microdata is not."""
    card = (
        "<ul><li itemscope itemtype='https://schema.org/Article'><h2><a itemprop='url' href='/annat/'>Skolan</a></h2>"
        "<p>Nämnden lägger ned skolan i byn.</p></li></ul>"
    )
    own = "<div itemscope itemtype='http://schema.org/BlogPosting'>{}</div>"
    text = read(wordpress(own.format(body + card))).posts[0].text
    assert "skolan" not in text
    assert text.startswith("Nämnden")


def test_a_link_around_paragraphs_of_a_post_tells_of_another_page(read, body):
    """As on pages of other systems."""
    card = "<a href='/annat/'><p>Skolan i byn läggs ned trots att alla föräldrar är emot det.</p></a>"
    assert "Skolan" not in read(wordpress(body + card)).posts[0].text


@pytest.mark.parametrize(
    "line",
    [
        "<div><a class='fusion-button' href='/kop/'><span>Köp broschyren</span></a></div>",
        "<p><a class='btn btn-primary' href='/kop/'>Köp</a> <a class='btn' href='/mer/'>Veta mer</a></p>",
        "<a class='elementor-button' href='/kop/'><div>Köp broschyren</div></a>",
    ],
)
def test_buttons_that_sell_are_no_text(read, body, line):
    """A line of nothing but links that are drawn as buttons, again and again or paid for."""
    often = read(wordpress(body + f"{line}<p>Mera text.</p>" * 3 + "<p>Slut.</p>"))
    paid = read(wordpress(f"{body}{line}<p>Slut.</p>".replace("href=", "rel='nofollow sponsored' href=")))
    assert "Köp" not in often.posts[0].text
    assert "Köp" not in paid.posts[0].text


def test_a_button_of_a_post_stays_with_its_link(read, body):
    """It may lead to what the text is about."""
    buttons = (
        "<div><a class='elementor-button' href='/budget.pdf'>Läs hela budgeten</a></div>"
        "<div><a class='elementor-button' href='https://bladet.example/debatt'>Läs debattartikeln</a></div>"
    )
    post = read(wordpress(f"{body}{buttons}<p>Slut.</p>")).posts[0]
    assert "Läs hela budgeten\nLäs debattartikeln\nSlut." in post.text
    assert [link.anchor for link in post.links] == ["Läs hela budgeten", "Läs debattartikeln"]


@pytest.mark.parametrize(
    "line",
    [
        "<p>Den som vill kan <a class='button' href='/kop/'>köpa broschyren</a> i dag.</p>",
        "<p><a href='/kop/'>Att köpa en broschyr</a></p>",
        "<p><a class='unbuttoned' href='/kop/'>Att köpa en broschyr</a></p>",
    ],
)
def test_links_of_a_post_are_text(read, body, line):
    """In a sentence, or drawn as links are."""
    assert "köpa" in read(wordpress(f"{body}{line}<p>Slut.</p>")).posts[0].text


def test_tags_that_an_author_sets_stay(read, body):
    """One line of tags is the theme's; one under each link is the author's."""
    links = "<p><a href='/a/'>Om broar</a></p><p>tags: broar älven</p><p><a href='/b/'>Om hus</a></p><p>tags: hus</p>"
    assert "tags: broar älven" in read(wordpress(body + links)).posts[0].text
    assert "tags:" not in read(wordpress(body + "<p>tags: broar älven</p>")).posts[0].text


def test_lists_between_paragraphs_are_not_lost(read):
    """A list that stands between two paragraphs of the text belongs to it."""
    items = "".join(
        f"<li>{item}</li>"
        for item in ("Ökad synlighet vid resecentrum", "Gemensamma insatser vid skolor", "Tätare dialog med boende")
    )
    markup = (
        "<html><body><div class='huvud'><a href='/'>Kommunen</a></div><div id='innehall'><h1>Löften</h1>"
        "<p class='ingress'>Kommunen och polisen lovar tre saker i år.</p>"
        "<p>Ett löfte är en överenskommelse mellan kommunen, polisen och dem som bor i kommunen. Löftena "
        "bygger på svaren i en mätning.</p>"
        f"<ul>{items}</ul>"
        f"<p>Löftena följs upp i december varje år. Resultatet redovisas här på webbplatsen.</p></div></body></html>"
    )
    text = read(markup, "https://kommun.example/trygg/loften.html").posts[0].text.split("\n")
    assert text[2:5] == ["Ökad synlighet vid resecentrum", "Gemensamma insatser vid skolor", "Tätare dialog med boende"]


def test_a_list_that_ends_a_block_of_the_text_is_not_lost(read, monkeypatch):
    """The text goes on in another block; what is no list at the end of the first one may be anything."""
    paragraph = "<p>Nämnden beslutade i går om bro nummer {}, och det tog lång tid innan alla hade fått säga sitt.</p>"
    points = "<ul><li>Bron ska vara bred nog</li><li>Bron får inte kosta för mycket</li></ul>"
    markup = (
        f"<html><body><h1>Bron</h1><div><div>{paragraph.format(1)}{paragraph.format(2)}{{}}</div>"
        f"<div>{paragraph.format(3)}{paragraph.format(4)}</div></div></body></html>"
    )
    whole = scoring._read

    def without_short(root, **way):
        return [p for p in whole(root, **way) if len(p.text) > 60]

    monkeypatch.setattr(scoring, "_read", without_short)
    assert "Bron får inte kosta för mycket" in read(markup.format(points)).posts[0].text
    assert "Kort rad" not in read(markup.format("<p>Kort rad under texten.</p>")).posts[0].text


def test_a_caption_signs_nothing(read, body):
    """Who is in a picture under the text is not who wrote it."""
    caption = "<div class='wp-caption'><p class='wp-caption-text'>Ada Lind (S), ordförande</p></div>"
    post = read(wordpress(body + caption)).posts[0]
    assert post.text.endswith("Ada Lind (S), ordförande")
    assert post.signatories == ()


def test_rows_of_a_table_stand_once(read, body):
    """A row that scoring finds without its first cell is the row of the page, not one more."""
    rows = "".join(
        f"<tr><td><a href='/{name}'><img src='{name}.png' alt=''></a> <a href='/{name}'>{name}</a></td>"
        f"<td>{cost} kronor om året för varje plats i förskolan</td></tr>"
        for name, cost in (("Umeå", 100), ("Vännäs", 200), ("Bjurholm", 300))
    )
    markup = f"<html><body><article><h1>Kostnader</h1>{body}<table>{rows}</table>{body}</article></body></html>"
    text = read(markup, "https://tidning.example/umea/kostnader").posts[0].text
    assert [line for line in text.split("\n") if "förskolan" in line] == [
        f"{name}\t{cost} kronor om året för varje plats i förskolan"
        for name, cost in (("Umeå", 100), ("Vännäs", 200), ("Bjurholm", 300))
    ]


def test_a_whole_text_is_not_sought_again(read, body, monkeypatch):
    """Other articles on the page are no reason to read it the long way, as long as the densest block was found."""
    asked = []
    real = scoring.bare_extraction
    monkeypatch.setattr(scoring, "bare_extraction", lambda *tree, **way: asked.append(way) or real(*tree, **way))
    others = "".join(
        f"<div class='puff'><h3><a href='/{n}'>Nyhet {n}</a></h3><p>Nämnden tog i går ställning till förslag nummer "
        f"{n} om staden, och det blir fler möten.</p></div>"
        for n in range(12)
    )
    markup = f"<html><body><article><h1>Bron</h1><div>{body}{body}</div></article>{others}</body></html>"
    assert read(markup, "https://tidning.example/umea/bron").posts[0].text
    assert [way["fast"] for way in asked] == [True]


def test_links_of_scored_text_keep_their_words_apart(read):
    """Paragraphs found by scoring keep the white space around links, and the links."""
    paragraph = (
        "<p>Nämnden beslutade <a href='/beslut'>i går kväll</a> att bygga två nya broar över älven, en för cyklar.</p>"
    )
    markup = (
        f"<html><body><article>"
        f"<h1>Bron</h1>{paragraph}<p>Arbetet börjar i vår och ska vara klart om tre år, enligt planen.</p>"
        f"</article></body></html>"
    )
    post = read(markup, "https://tidning.example/umea/bron").posts[0]
    assert "beslutade i går kväll att bygga" in post.text
    assert [(link.url, link.anchor) for link in post.links] == [("https://tidning.example/beslut", "i går kväll")]


def test_comments_of_readers_are_not_text(read, body):
    """Comments and their form stay out, in a theme's own markup too."""
    comments = (
        "<div id='comments'><h3>2 kommentarer</h3><ol class='commentlist'><li id='comment-8'>"
        "<p>Vi ses på fredag, alla ni som gillar broar och vatten!</p></li></ol>"
        "<form><p>Lämna ett svar</p></form></div>"
    )
    post = read(wordpress(body)[: -len("</body></html>")] + comments + "</body></html>").posts[0]
    assert "fredag" not in post.text


LABELS = (  # noqa: SIM905 - lines of text read best as text
    "Läs mer|Läs också:|facebook Twitter Email|Dela artikeln|13 kommentarer|Bli först att kommentera|Annons|"
    "Etiketter: broar, vatten|Publicerad: 20 mars 2023 05:00|Foto: Ada Lind|Gilla 8|Skriv ut|"
    "Till toppen|↑ Back to top|Discover more from Bron|Subscribe to get the latest posts sent to your email.|"
    "Inga kommentarer ännu|ANZEIGE"
).split("|")
SENTENCES = (  # noqa: SIM905 - as above
    "Läs mer om vår politik för broar här:|Dela gärna med dig av dina tankar om bron.|Etiketten var fel.|"
    "Kommentarer från partierna kom först i går.|Vi fick 13 kommentarer på förslaget.|"
    "Annonsen kostade 3 000 kronor.|Han publicerade boken 2023."
).split("|")


@pytest.mark.parametrize("line", LABELS)
def test_labels_of_the_page_are_boilerplate(line):
    """Lines that pages add are known, whatever the article."""
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", SENTENCES)
def test_sentences_that_look_like_labels_stay(line):
    """A sentence is text, even when it begins as a label does."""
    assert not is_boilerplate(line)
    assert not is_stray(line)


FOLD = "Det här stycket står i en stängd flik, men det skickades med sidan till alla läsare."
FOLDS = (
    f"<details><summary>Fråga</summary><p>{FOLD}</p></details>",
    f"<h3><button aria-controls='p1' aria-expanded='false'>Fråga</button></h3><div id='p1' hidden><p>{FOLD}</p></div>",
    f"<div class='wp-block-accordion-panel' aria-hidden='true'><p>{FOLD}</p></div>",
    f"<div class='collapse' style='display: none'><p>{FOLD}</p></div>",
)


@pytest.mark.parametrize("fold", FOLDS)
def test_closed_folds_are_read_in_a_container(read, body, fold):
    """The text of accordions and "read more" folds is text of the post."""
    assert FOLD in read(wordpress(body + fold)).posts[0].text


@pytest.mark.parametrize("fold", FOLDS)
def test_closed_folds_are_read_on_other_pages(read, body, fold):
    """The same where the text is found by scoring."""
    page = f"<html><body><article><h1>Bron</h1>{body}{fold}{body.replace('broar', 'vägar')}</article></body></html>"
    assert FOLD in read(page).posts[0].text


def test_dialogs_and_menus_stay_closed(read, body):
    """A control opens a cookie dialog or a menu, too; neither is text."""
    noise = (
        "<button aria-controls='c m'></button><div id='c' role='dialog' hidden><p>Vi använder kakor på sidan.</p></div>"
        "<div id='m' role='menu' hidden><p>Alla ämnen på webbplatsen</p></div>"
    )
    text = read(f"<html><body><article><h1>Bron</h1>{body}</article>{noise}</body></html>").posts[0].text
    assert "kakor" not in text
    assert "ämnen" not in text


def test_a_page_whose_frame_is_called_an_advertisement_keeps_its_text(read, body):
    """A name never takes most of a page away."""
    text = (
        read(f"<html><body><div class='ad-layout related-posts'><h1>Bron</h1>{body}</div></body></html>").posts[0].text
    )
    assert text.count("\n") == 2


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Stycke nummer ett i en mycket lång text om vägar.</p>" * 30_000,
        "<a href='/x'>länk</a> " * 30_000,
        "<div class='" + " ".join(f"c{i}" for i in range(100_000)) + "'><p>Text</p></div>",
        "<blockquote>Ett citat med några ord i sig</blockquote>" * 15_000,
        "<div>" * 10_000 + "Djupt" + "</div>" * 10_000,
        "<li id='comment-1' class='comment'>" * 10_000,
        "<ol class='comment-list'>" + "<li class='comment'><b class='fn'>A</b><p>B</p></li>" * 8_000,
        "<p>" + "facebook " * 60 + "!" + "</p><pre>" + " " * 100_000 + "x</pre>",
        "<p title='" + "x" * 5_000_000 + "'>Text</p>",
    ],
    ids=["paragraphs", "links", "classes", "quotes", "depth", "comments-deep", "comments", "spaces", "attribute"],
)
def test_no_page_takes_more_than_linear_work(read, markup):
    """Pages made to hurt end: a step of quadratic cost would need hours here and stop the whole suite."""
    assert read(f"<html><body><article><h1>Rubrik</h1>{markup}</article></body></html>").detail
