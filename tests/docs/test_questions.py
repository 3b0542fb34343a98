"""The twelve questions of the documentation give rows, the same number in each of the three ways."""

import json
import re
import shlex
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import umecrawl
from umecrawl.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "twelve-questions.md"
QUESTIONS = re.findall(r"(?ms)^## (\d+\. [^\n]+)\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"))
# The demo's sites repeat passages, but no text word for word, and what they name is all captured or out of scope.
MAY_BE_EMPTY = {"9"}
# Forms that the command finds and LIKE does not; the table that a question is answered from; steps within a row.
DIFFER = {"8", "9"}


def blocks(language, body):
    """Return the code blocks of a language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", body)


@pytest.fixture
def in_granvik(demo, monkeypatch):
    """Stand where a reader of the tutorial stands."""
    monkeypatch.chdir(demo.folder)
    monkeypatch.setenv("UMECRAWL_ARCHIVE", "granvik")
    monkeypatch.delenv("UMECRAWL_DATABASE", raising=False)
    return demo.folder / "granvik"


def told(line, capsys):
    """Return the rows that a command tells, as JSON."""
    words = shlex.split(line)[1:]
    json_lines = words[:2] == ["export", "jsonl"]
    with pytest.raises(SystemExit) as ended:
        main(words if json_lines else [*words, "--json"])
    said = capsys.readouterr()
    assert ended.value.code == 0, said.err
    if json_lines:
        return [json.loads(one) for one in said.out.splitlines()]
    answer = json.loads(said.out)
    return answer if isinstance(answer, list) else [answer]


def test_there_are_twelve_questions_asked_in_three_ways():
    """Each has a command, a statement and a piece of Python."""
    assert [title.split(".")[0] for title, _ in QUESTIONS] == [str(number) for number in range(1, 13)]
    assert all(blocks(language, body) for _, body in QUESTIONS for language in ("sh", "sql", "python"))


@pytest.mark.parametrize(("title", "body"), QUESTIONS, ids=[title for title, _ in QUESTIONS])
def test_a_question_has_the_same_rows_in_each_way(in_granvik, capsys, title, body):
    """On the archive of the tutorial; one with nothing to tell there is still answered."""
    number = title.split(".")[0]
    commanded = told(blocks("sh", body)[0].strip(), capsys)
    connection = sqlite3.connect(f"file:{in_granvik / 'index.sqlite'}?mode=ro", uri=True)
    selected = [connection.execute(statement).fetchall() for statement in blocks("sql", body)]
    connection.close()
    names = {}
    with umecrawl.open(in_granvik) as names["archive"]:
        if ".frame(" in body:
            pytest.importorskip("pandas", reason="the extra `frame` is not installed")
        exec(blocks("python", body)[0], names)
    if number not in MAY_BE_EMPTY:
        assert all([commanded, *selected, names["rows"]])
    if number not in DIFFER:
        assert len(commanded) == len(selected[0]) == len(names["rows"])
    else:
        assert len(selected[0]) == len(names["rows"])


def test_the_statements_run_on_postgresql_as_they_stand(in_granvik, postgres, capsys):
    """With as many rows as on SQLite."""
    with pytest.raises(SystemExit) as ended:
        main(["index", "--database", postgres, "--workers", "1"])
    assert ended.value.code == 0, capsys.readouterr().err
    connection = sqlite3.connect(f"file:{in_granvik / 'index.sqlite'}?mode=ro", uri=True)
    engine = create_engine(postgres)
    with engine.connect() as there:
        for _, body in QUESTIONS:
            for statement in blocks("sql", body):
                assert len(there.execute(text(statement)).all()) == len(connection.execute(statement).fetchall())
    engine.dispose()
    connection.close()
