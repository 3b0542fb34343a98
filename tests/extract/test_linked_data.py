"""Schema.org data as pages really write it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.extract.linked_data import read_linked_data
from umecrawl.extract.markup import parse

URL = "https://tidning.example/bron"


def linked(*scripts):
    """Return what the scripts say."""
    document = parse(
        "".join(f'<script type="application/ld+json">{s}</script>' for s in (*scripts, '{"x": 1}')).encode()
    )
    assert document is not None
    return read_linked_data(document.root)


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Bron", "author": [{"name": "Ada Lind"}], "url": "%s"}',
        '[{"@type": "BreadcrumbList"}, {"@type": ["Article", "Report"], "headline": "Bron", "author": "Ada Lind"}]',
        '[{"@type": "Article", "headline": "Bron", "author": {"@id": "#a"}}, {"@id": "#a", "name": "Ada Lind"}]',
        '{"mainEntity": {"@type": "Article", "headline": "Bron", "author": {"name": ["Ada Lind"]}}}',
        '<!-- {"@type": "Article", "headline": "Bron", "author": {"name": "Ada Lind",}} -->',
        '{"@type": "Article", "headline": "Bron\n", "author": {"name": "Ada\tLind"}}',
    ],
)
def test_an_article_is_found_in_every_shape(script):
    """Lists, graphs, references, comments around it, loose commas and raw line breaks."""
    article = linked(script.replace("%s", URL)).of(URL)
    assert article is not None
    assert (article.headline, article.authors) == ("Bron", ("Ada Lind",))


def test_the_article_of_the_page_is_the_one_that_names_it():
    """Of several articles the page's own is taken, and none of a list's."""
    two = [
        {"@type": "Article", "headline": n, "mainEntityOfPage": {"@id": f"https://tidning.example/{n}"}}
        for n in ("annan", "bron")
    ]
    found = linked(json.dumps(two))
    article = found.of("https://www.tidning.example/bron/")
    assert article is not None
    assert article.headline == "bron"
    assert found.of("https://tidning.example/lista") is None


def test_flags_and_counters_are_read():
    """`isAccessibleForFree` may be a boolean or a word; counters may stand in interaction statistics."""
    statistic = [
        {"interactionType": "https://schema.org/LikeAction", "userInteractionCount": 7},
        {"interactionType": {"@type": "CommentAction"}, "userInteractionCount": "3"},
    ]
    data = {"@type": "Article", "headline": "x", "isAccessibleForFree": "False", "interactionStatistic": statistic}
    article = linked(json.dumps(data)).of(URL)
    assert article is not None
    assert (article.free, article.like_count, article.comment_count) == (False, 7, 3)


@pytest.mark.parametrize(
    "script", ["", "{", "[" * 100_000, "null", "3", '{"@graph": 1}', '{"@type": 1, "author": [[[]]]}', "NaN"]
)
def test_broken_data_say_nothing(script):
    """Data that cannot be read are passed over."""
    assert linked(script).articles == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda v: (
        st.lists(v, max_size=3)
        | st.dictionaries(st.sampled_from(["@type", "name", "author", "url", "@id", "@graph"]), v, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "headline",
                "author",
                "datePublished",
                "isAccessibleForFree",
                "commentCount",
                "url",
                "interactionStatistic",
                "mainEntityOfPage",
                "articleBody",
            ]
        ),
        VALUES,
    )
)
def test_any_value_in_any_place_is_borne(data):
    """No JSON value raises, wherever it stands."""
    linked(json.dumps({"@type": "Article", **data}).replace("<", "\\u003c")).of(URL)
