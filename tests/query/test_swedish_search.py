"""Searches in inflected forms over the articles of the test bed: all of them are found, and nothing else.

What is to be found is worked out without the program's analysis: the forms of each word are listed by hand, and an
article is expected where one of them stands in its gold text as a whole word.
"""

import json
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from umecrawl.index import fulltext
from umecrawl.index.fulltext import Indexed
from umecrawl.query.language import parse
from umecrawl.query.matching import matching

GOLD = Path(__file__).parents[3] / "shared" / "testbed" / "gold.jsonl"
pytestmark = pytest.mark.testbed

# What is asked for, and all the forms of that word which Swedish has and the texts might.
QUERIES = {
    "skolor": "skola skolan skolans skolor skolorna skolornas skolas",
    "förskola": "förskola förskolan förskolans förskolor förskolorna förskolornas",
    "råd": "råd rådet rådets råden rådens",
    "rad": "rad raden rader raderna rads radens",
    "Umeås": "umeå umeås",
    "umeå": "umeå umeås",
    "tryggheten": "trygghet tryggheten trygghetens",
    "tryggare": "trygg tryggt trygga tryggare tryggast tryggaste",
    "budgetar": "budget budgeten budgetens budgetar budgetarna budgets",
    "budgetförslagen": "budgetförslag budgetförslaget budgetförslagen budgetförslagens",
    "äldreomsorg": "äldreomsorg äldreomsorgen äldreomsorgens",
    "vägarnas": "väg vägen vägens vägar vägarna vägarnas",
    "kommunalråd": "kommunalråd kommunalrådet kommunalråden kommunalrådens kommunalrådets",
    "bostaden": "bostad bostaden bostadens bostäder bostäderna bostädernas",
    "kvinna": "kvinna kvinnan kvinnans kvinnor kvinnorna kvinnors",
    "nämnd": "nämnd nämnden nämndens nämnder nämnderna nämndernas",
    "barnets": "barn barnet barnets barnen barnens barns",
    "frågorna": "fråga frågan frågans frågor frågorna",
    "ungdomars": "ungdom ungdomen ungdomar ungdomarna ungdomars ungdomarnas",
    "politiken": "politik politiken politikens",
    "socialdemokraternas": "socialdemokrat socialdemokrater socialdemokraterna socialdemokraternas socialdemokraters",
    "moderat": "moderat moderater moderaterna moderaternas moderata moderaters",
    "skatt": "skatt skatten skattens skatter skatterna skatternas",
    "skattesänkning": "skattesänkning skattesänkningen skattesänkningar skattesänkningarna",
    "klimat": "klimat klimatet klimatets",
    "bussen": "buss bussen bussens bussar bussarna bussarnas",
    "föreningen": "förening föreningen föreningens föreningar föreningarna förenings",
    "verksamheter": "verksamhet verksamheten verksamhetens verksamheter verksamheterna",
    "familjens": "familj familjen familjens familjer familjerna familjs",
    "staden": "stad staden stadens städer städerna stads",
    "välfärd": "välfärd välfärden välfärdens",
    "polisernas": "polis polisen polisens poliser poliserna polisernas",
    "överenskommelserna": "överenskommelse överenskommelsen överenskommelsens överenskommelser överenskommelserna",
    "satsningen": "satsning satsningen satsningar satsningarna satsningens",
    "drogen": "drog drogen droger drogerna",
    "våldets": "våld våldet våldets",
}
# `drog` is a form of dra (to draw) as well and of droger (drugs); it is read as the verb.
KNOWN_HOMOGRAPHS = {"drogen": {"drog"}}


@pytest.fixture(scope="module")
def articles():
    """Give the gold texts of the test bed by URL, of those that show a text."""
    if not GOLD.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("the test bed is missing beside the project")
        pytest.skip("no test bed beside the project (../shared/testbed)")
    told = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]
    return {
        one["url"]: (one["title"], "\n".join(one["paragraphs"])) for one in told if one["type"] in {"article", "page"}
    }


@pytest.fixture
def find(connection, articles):
    """Give a function that searches these articles; they are taken out of the database again."""
    urls = dict(enumerate(sorted(articles), 1))
    with connection.begin_nested() as savepoint:
        fulltext.add(connection, [Indexed(number, *articles[url]) for number, url in urls.items()])

        def find(query):
            found = matching(connection, parse(query), ranked=False)
            return {urls[number] for number in connection.execute(select(found.c.version_id)).scalars()}

        yield find
        savepoint.rollback()


def _with_a_form(articles, forms):
    wanted = set(forms.split())
    return {
        url
        for url, (title, body) in articles.items()
        if wanted & set(re.findall(r"[^\W\d_]+", f"{title}\n{body}".lower()))
    }


def test_recall_and_precision_are_whole(find, articles):
    """More than thirty words, each asked for in one form: every article with any form is found, and no other."""
    assert len(QUERIES) >= 30
    wrong = {}
    for query, forms in QUERIES.items():
        listed = " ".join(set(forms.split()) - KNOWN_HOMOGRAPHS.get(query, set()))
        expected = _with_a_form(articles, listed)
        found = find(query)
        if found != expected:
            wrong[query] = {"missed": sorted(expected - found), "wrong": sorted(found - expected)}
    assert wrong == {}


def test_letters_with_rings_and_dots_are_letters_of_their_own(find, articles):
    """Who asks for rad finds no råd, who asks for val no väl."""
    assert _with_a_form(articles, QUERIES["råd"])
    assert find("rad").isdisjoint(_with_a_form(articles, "råd rådet"))
    assert find("val").isdisjoint(_with_a_form(articles, "väl") - _with_a_form(articles, "val valet valen valets"))


@pytest.mark.parametrize(
    ("query", "pattern"),
    [
        ('"utsatta områden"', r"\butsatta områden\b|\butsatt område\b"),
        ("*omsorg", r"\w*omsorg(?:en|ens)?\b"),
        ("skolf*", r"\bskolf\w*"),
        ("budget* NEAR/3 förslag", None),
        ("trygghet NOT budget", None),
    ],
)
def test_operators_find_what_they_say(find, articles, query, pattern):
    """Phrases, endings and prefixes against a pattern; proximity and exclusion against their parts."""
    found = find(query)
    if pattern is not None:
        assert found == {url for url, told in articles.items() if re.search(pattern, "\n".join(told), re.IGNORECASE)}
    if query.startswith("budget*"):
        assert found <= find("budget* förslag")
    if "NOT" in query:
        assert found == find("trygghet") - find("budget")
