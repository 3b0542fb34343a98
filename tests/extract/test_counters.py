"""Numbers of comments and likes."""

import pytest

from umecrawl.extract.counters import comment_count, like_count
from umecrawl.extract.linked_data import LinkedArticle


@pytest.mark.parametrize(
    ("markup", "count"),
    [
        ("<a class='comments-link' href='/x#comments'>2 kommentarer</a>", 2),
        ("<a class='comments-link' href='/x#respond'>Bli först att kommentera</a>", 0),
        ("<h3 id='comments-title'>95 kommentarer</h3>", 95),
        ("<a href='/x#comments'>1 kommentar</a>", 1),
        ("<ol class='commentlist'><li id='comment-3'>a</li><li id='comment-4'>b</li></ol>", 2),
        ("<p>13 kommentarer kom in.</p>", None),
    ],
)
def test_comments_are_counted_where_the_page_counts_them(outline, markup, count):
    """The number comes from the theme's own counter, or from the list of comments."""
    assert comment_count(outline(f"<body>{markup}</body>"), None) == count


def test_likes_are_counted(outline):
    """A like button shows its number."""
    assert like_count(outline("<body><span class='gilla' title='Gilla'>8</span></body>"), None) == 8
    assert like_count(outline("<body><p>8 gillar</p></body>"), None) is None


def test_linked_data_counts_first(outline):
    """JSON-LD has the word."""
    linked = LinkedArticle(comment_count=6, like_count=4)
    found = outline("<body><a class='comments-link'>2 kommentarer</a><span class='gilla'>8</span></body>")
    assert (comment_count(found, linked), like_count(found, linked)) == (6, 4)
