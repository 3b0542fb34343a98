"""Comments as records: WordPress's lists, microdata, general class names."""

from datetime import UTC, datetime

from lxml.html import document_fromstring

from umecrawl.extract.comments import read_comments
from umecrawl.extract.outline import outline_of

CAPTURED = datetime(2026, 9, 1, tzinfo=UTC)


def comments(markup):
    """Return the comments of a page."""
    return read_comments(outline_of(document_fromstring(f"<body>{markup}</body>")), CAPTURED)


def test_a_list_of_wordpress_with_a_reply():
    """Key, author, time and text are the page's own; a reply names what it answers."""
    markup = """<ol class="comment-list"><li id="comment-7" class="comment">
      <article id="div-comment-7" class="comment-body">
      <footer class="comment-meta"><div class="comment-author vcard">
      <b class="fn">Anna Ek</b> <span class="says">säger:</span></div>
      <div class="comment-metadata"><time datetime="2024-05-06T10:15:00+02:00">6 maj 2024</time></div></footer>
      <div class="comment-content"><p>Bra skrivet!</p><p>Mer sådant.</p></div>
      <div class="reply"><a>Svara</a></div></article>
      <ol class="children"><li id="comment-9" class="comment"><div class="comment-author"><b class="fn">Bo</b></div>
      <div class="comment-content"><p>Håller med.</p></div></li></ol></li></ol>"""
    first, second = comments(markup)
    assert (first.key, first.author, first.text, first.reply_to) == (
        "comment-7",
        "Anna Ek",
        "Bra skrivet!\nMer sådant.",
        None,
    )
    assert first.at is not None
    assert (first.at.value, first.at.source) == ("2024-05-06T10:15:00+02:00", "time")
    assert (second.key, second.author, second.text, second.reply_to) == ("comment-9", "Bo", "Håller med.", "comment-7")


def test_schema_org_comments_without_ids_get_a_key_from_what_they_say():
    """The digest of author, time and text is the key, the same each time."""
    markup = """<div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Cia</span>
      <time itemprop="datePublished" datetime="2024-05-07">i går</time><div itemprop="text">Nej.</div></div>
      <div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Dan</span>
      <div itemprop="text">Jo.</div></div>"""
    found = comments(markup)
    assert [(c.author, c.text) for c in found] == [("Cia", "Nej."), ("Dan", "Jo.")]
    assert found == comments(markup)
    assert found[0].key != found[1].key


def test_a_frame_called_comment_around_several_is_none():
    """The wrapper and the form are no comments."""
    inner = "".join(
        f"<div class='comment'><span class='author'>N{i}</span><p class='comment-text'>T{i}</p></div>" for i in range(3)
    )
    form = "<div id='respond'><form class='comment-form'><p>Namn</p></form></div>"
    markup = f"<section class='comment'>{inner}</section>{form}"
    assert [(c.author, c.text) for c in comments(markup)] == [("N0", "T0"), ("N1", "T1"), ("N2", "T2")]


def test_a_page_without_comments_has_none():
    """A heading or a link called comments gives nothing."""
    assert comments("<h2 class='comments'>Kommentarer</h2><a class='comment' href='#respond'>3</a><p>Text</p>") == ()
