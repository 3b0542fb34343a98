"""The query language: what is written, what it becomes, and how a mistake in it is told."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from umecrawl.errors import UsageError
from umecrawl.query.expression import And, Field, Near, Or, Part, Prefix, Without, Words, loosened, wanted_words
from umecrawl.query.language import parse
from umecrawl.query.matching import expanded, fts5, tsquery

A, B, C = Words(("alf",)), Words(("bo",)), Words(("carl",))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("alf", A),
        ("alf bo", And((A, B))),
        ("alf AND bo", And((A, B))),
        ("alf OR bo carl", Or((A, And((B, C))))),
        ("(alf OR bo) carl", And((Or((A, B)), C))),
        ("alf NOT bo", Without(A, B)),
        ("NOT bo alf", Without(A, B)),
        ("alf AND NOT bo NOT carl", Without(A, Or((B, C)))),
        ('"alf bo"', Words(("alf", "bo"))),
        ("”alf bo”", Words(("alf", "bo"))),
        ("title:alf bo", And((Words(("alf",), Field.TITLE), B))),
        ("title:(alf bo)", And((Words(("alf",), Field.TITLE), Words(("bo",), Field.TITLE)))),
        ("text:alf", Words(("alf",), Field.TEXT)),
        ("RÅ*", Prefix("rå", "rå")),
        ("alf-bo", Words(("alf", "bo"))),
        ("alf & bo", And((A, B))),
        ("alf and bo", And((A, Words(("and",)), B))),
        ("https://", Words(("http",))),
        ("*omsorg", Part("omsorg", "omsorg", ends=True)),
        ("*omsorg*", Part("omsorg", "omsorg", ends=False)),
        ("*s-del", Words(("s", "del"))),
        ("alf NEAR bo", Near(A, B, 10)),
        ("alf NEAR/3 bo carl", And((Near(A, B, 3), C))),
        ("alf NEAR/3 bo NEAR/4 carl", And((Near(A, B, 3), Near(B, C, 4)))),
        ("NOT alf NEAR/0 bo carl", Without(C, Near(A, B, 0))),
        ("title:alf NEAR bo", Near(Words(("alf",), Field.TITLE), Words(("bo",), Field.TITLE), 10)),
        ("(alf OR bo) NEAR carl", Near(Or((A, B)), C, 10)),
        ("Title:alf", Words(("alf",), Field.TITLE)),
        ("ALF:s", A),
        ("Alf\u2019s bo", And((A, B))),
        ('"alf:s bo"', Words(("alf", "s", "bo"))),
        ("alf- bo", And((A, B))),
        ("https://alf.bo/", Words(("http", "alf", "bo"))),
    ],
)
def test_a_query_is_read_as_a_researcher_means_it(query, tree):
    """Operators, phrases, fields, prefixes and punctuation give the tree that one expects."""
    assert parse(query) == tree


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("", 1),
        ("&", 1),
        ('alf "bo', 5),
        ("(alf", 1),
        ("alf)", 4),
        ("alf OR", 7),
        ("AND alf", 1),
        ("NOT alf", 1),
        ("alf NOT", 8),
        ("()", 2),
        ("alf AND AND bo", 9),
        ("NEAR alf", 1),
        ("alf NEAR", 9),
        ("alf NEAR/99 bo", 5),
        ("alf NEAR alf", 5),
        ("alf NEAR al*", 5),
        ("alf NEAR (bo carl)", 5),
        ("title:alf NEAR text:bo", 11),
        ("title:", 1),
        ("alf title: bo", 5),
        ("author:alf", 1),
        ("alf NEAR/x bo", 5),
        ("alf -bo", 5),
        ("alf | bo", 5),
        ("alf|bo", 1),
        ("al*f", 1),
        ('bo "alf* bo"', 4),
    ],
)
def test_a_malformed_query_names_the_place(query, position):
    """A mistake is one UsageError that says at which character it is; what other search engines mean is one too."""
    with pytest.raises(UsageError, match=rf"character {position}:") as caught:
        parse(query)
    assert caught.value.hint


def test_too_many_words_and_too_deep_parentheses_are_refused():
    """A query beyond what the databases take is refused by us, not by them."""
    with pytest.raises(UsageError, match="200 is the most"):
        parse("ord " * 201)
    with pytest.raises(UsageError, match="nested too deep"):
        parse("(" * 100 + "ord" + ")" * 100)


def test_words_after_not_are_not_highlighted():
    """What must not stand in a match cannot be shown in one."""
    assert wanted_words(parse("alf NOT bo OR carl")) == (A, C)


_PIECES = st.sampled_from(
    [
        "alf",
        "råd*",
        "*",
        '"',
        '"bo carl"',
        "(",
        ")",
        "AND",
        "OR",
        "NOT",
        "title:",
        "text:",
        "'",
        "\\",
        "-",
        ":",
        "^",
        "{",
    ]
)
_QUERIES = st.one_of(
    st.text(max_size=60), st.lists(_PIECES, max_size=14).map(" ".join), st.lists(_PIECES, max_size=14).map("".join)
)


@given(_QUERIES)
@example("title:" * 5000 + "alf")
@example("(" * 5000)
@example("NOT " * 5000)
def test_a_query_is_read_or_refused_and_nothing_else(query):
    """Whatever is typed gives a tree or a UsageError."""
    try:
        parse(query)
    except UsageError as error:
        assert error.hint  # noqa: PT017  (any other exception fails the test)


@pytest.mark.parametrize(
    ("query", "looser"),
    [
        ("alf", "alf"),
        ("title:alf*", "alf*"),
        ('"alf bo alf"', "alf bo"),
        ("alf NEAR/3 (bo OR carl)", "alf (bo OR carl)"),
        ("alf NOT bo", "alf NOT bo"),
        ('"alf bo" NOT title:carl', "alf bo"),
    ],
)
def test_a_query_can_be_loosened(query, looser):
    """Nothing is asked any more about where words stand; what is taken away is taken away for sure."""
    assert loosened(parse(query)) == parse(looser)


@pytest.fixture(scope="module")
def fts():
    """Make an FTS5 table with one row, to try compiled queries on."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE t USING fts5(title, body, content='', tokenize='ascii')")
        connection.exec_driver_sql("CREATE TABLE term (backwards TEXT PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO t (rowid, title, body) VALUES (1, 'alf', 'bo carl')")
        yield connection
    engine.dispose()


@given(query=_QUERIES)
@example(query="*000 NOT *abc*")
def test_every_tree_is_a_query_that_sqlite_takes(fts, query):
    """FTS5 reads whatever the compiler writes, and finds no less where it is loosened."""
    try:
        tree = expanded(fts, parse(query))
    except UsageError:
        return
    found, more = (
        fts.exec_driver_sql("SELECT count(*) FROM t WHERE t MATCH ?", (fts5(one),)).scalar()
        for one in (tree, loosened(tree))
    )
    assert found <= more
    assert tsquery(tree).count("(") == tsquery(tree).count(")")
