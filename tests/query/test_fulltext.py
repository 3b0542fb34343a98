"""The full text index on both databases."""

import pytest
from sqlalchemy import text

from umecrawl.errors import UsageError
from umecrawl.index import fulltext
from umecrawl.index.fulltext import AnalyserError, Indexed
from umecrawl.query.language import parse
from umecrawl.query.matching import expanded, fts5, tsquery

ROWS = [
    Indexed(1, "Kommunalråden vill bygga", "Umeås nya skola får en idrottshall. Rad efter rad."),
    Indexed(2, "Budget", "Kommunalrådet talade om trygghet och skolor i Umeå. Ett gott råd."),
    Indexed(3, "Om äldreomsorgen", "Äldreomsorg är en rättighet. " * 40 + "S-märkt kommunpolitik."),
]


@pytest.fixture
def index(connection):
    """Give an index with three versions in it; what a test does to it is undone."""
    with connection.begin_nested() as savepoint:
        fulltext.add(connection, ROWS)
        yield connection
        savepoint.rollback()


def found(connection, query):
    """Return the numbers of the versions that match, the best first."""
    tree = expanded(connection, parse(query))
    compiled = fts5(tree) if connection.dialect.name == "sqlite" else tsquery(tree)
    return [hit.version_id for hit in fulltext.match(connection, compiled)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kommunalrådens", {1, 2}),
        ("rad", {1}),
        ("råd", {2}),
        ("Umeå", {1, 2}),
        ("skola NOT budget", {1}),
        ("title:budget OR title:äldreomsorg", {2, 3}),
        ("title:skola", set()),
        ("text:budget", set()),
        ("kommunal*", {1, 2}),
        ("kommun*", {1, 2, 3}),
        ("title:kommun*", {1}),
        ('"nya skolan"', {1}),
        ('"skola nya"', set()),
        ('"budget kommunalrådet"', set()),
        ("s-märkta", {3}),
        ("(trygghet OR idrottshall) umeå", {1, 2}),
        ("skola NOT (budget OR idrottshall)", set()),
        ("*omsorg", {3}),
        ("*råd", {1, 2}),
        ("text:*råd", {2}),
        ("*mmunal*", {1, 2}),
        ("*hall", {1}),
        ("*finnsinte", set()),
        ("umeå NEAR/1 skola", {1, 2}),
        ("skola NEAR/1 umeå", {1, 2}),
        ("umeå NEAR/0 skola", set()),
        ("umeå NEAR skola", {1, 2}),
        ("trygg* NEAR/1 skolor", {2}),
        ("trygghet NEAR/1 *skol*", {2}),
        ("(budget OR trygghet) NEAR/2 skolor", {2}),
        ('"ny skola" NEAR/2 idrottshall', {1}),
        ('idrottshall NEAR/2 "nya skolan"', {1}),
        ("bygga NEAR/50 umeå", set()),
        ("title:kommunalråd NEAR/2 bygga", {1}),
        ("text:kommunalråd NEAR/2 bygga", set()),
        ("råd NEAR/3 umeå NEAR/3 skolor", {2}),
    ],
)
def test_one_query_has_one_answer(index, query, expected):
    """Both databases find the same versions."""
    assert set(found(index, query)) == expected


def test_a_part_that_stands_for_too_many_words_is_refused(index):
    """Three letters that stand in thousands of words ask for more letters."""
    fulltext.add(index, [Indexed(5, "Lång", " ".join(f"abcord{n}xyz" for n in range(1_200)))])
    assert found(index, "*ord7xyz") == [5]
    with pytest.raises(UsageError, match="more than 1000 words"):
        found(index, "*ord*")
    with pytest.raises(UsageError, match="too many words"):
        found(index, "*or*")


def test_terms_of_a_transaction_that_was_undone_are_learned_again(connection):
    """What a rollback took away is written with the next version that has it."""
    for undone in (True, False):
        with connection.begin_nested() as savepoint:
            fulltext.add(connection, [Indexed(6, "Ett", "sällsyntord")])
            assert found(connection, "*syntord") == [6]
            if undone:
                savepoint.rollback()
            else:
                fulltext.clear(connection)
                assert found(connection, "*syntord") == []


def test_the_title_weighs_more_than_the_text(index):
    """A word of the headline ranks above the same word of a text."""
    assert found(index, "kommunalråd") == [1, 2]


def test_what_is_removed_is_not_found(index):
    """A version taken out is gone and the others stay, however often the same words stand there."""
    fulltext.remove(index, ROWS[:1])
    assert found(index, "kommunalråd OR skola OR äldreomsorg") in ([2, 3], [3, 2])
    fulltext.add(index, ROWS[:1])
    assert set(found(index, "skola")) == {1, 2}


def test_a_cleared_index_is_empty_and_takes_rows_again(index):
    """Clearing leaves nothing to find."""
    fulltext.clear(index)
    assert found(index, "skola") == []
    fulltext.add(index, ROWS)
    assert set(found(index, "skola")) == {1, 2}


def test_another_analysis_is_refused(index):
    """An index whose terms were made otherwise gives no half answers, but says what to do."""
    index.execute(text("UPDATE about SET value = 'sv-0' WHERE name = 'analyser'"))
    with pytest.raises(AnalyserError, match="sv-0") as caught:
        found(index, "skola")
    assert "index --rebuild" in caught.value.hint
    with pytest.raises(AnalyserError):
        fulltext.add(index, [Indexed(9, "Ny", "text")])


def test_a_dropped_index_can_be_made_again(index):
    """After dropping, the note of the analysis is gone too, and a new index takes rows."""
    index.execute(text("UPDATE about SET value = 'sv-0' WHERE name = 'analyser'"))
    fulltext.drop(index)
    fulltext.create(index)
    assert found(index, "skola") == []
    fulltext.add(index, ROWS)
    assert set(found(index, "skola")) == {1, 2}


def test_creating_twice_changes_nothing(index):
    """An index that is there is left as it is."""
    fulltext.create(index)
    assert set(found(index, "skola")) == {1, 2}


def test_a_huge_text_is_cut_to_what_a_tsvector_holds():
    """The vector of a text with more different words than PostgreSQL takes stays below a megabyte."""
    vector = fulltext.vector(["rubrik"], [str(1_000_000 + n) for n in range(120_000)])
    assert vector.startswith("'rubrik':1A ")
    assert 400_000 < sum(len(part.split(":")[0]) for part in vector.split()) < 1_000_000


def test_a_huge_text_is_taken_and_found_by_its_beginning(index):
    """A text that exceeds the bounds of a tsvector is indexed as far as they go."""
    fulltext.add(
        index, [Indexed(4, "Stor", "början " + " ".join(str(1_000_000 + n) for n in range(100_000)) + " och" * 20_000)]
    )
    assert found(index, '"början 1000000"') == [4]
