"""The examples of README and tutorial do what the text around them says, on the archive of the demo."""

import io
import re
import shlex
import sqlite3
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from umecrawl.cli import main

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def blocks(language, text=TUTORIAL):
    """Return the code blocks of a language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", text)


def tutorial_commands():
    """Return the commands of the tutorial that ask the archive which its first command made."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("umecrawl ") and " demo " not in line]


@pytest.fixture
def in_tutorial(demo, monkeypatch):
    """Stand where a reader of the tutorial stands."""
    monkeypatch.chdir(demo.folder)
    monkeypatch.setenv("UMECRAWL_ARCHIVE", "granvik")
    monkeypatch.delenv("UMECRAWL_DATABASE", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    return demo.folder


@pytest.mark.parametrize("line", dict.fromkeys(tutorial_commands()))
def test_a_command_of_the_tutorial_answers(in_tutorial, capsys, line):
    """It ends well and has something to say."""
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(line)[1:])
    said = capsys.readouterr()
    assert 0 == ended.value.code, said.err
    assert said.out or "Checked" in said.err or "Indexed" in said.err
    assert "Nothing found" not in said.err


@pytest.mark.parametrize("statement", blocks("sql"))
def test_a_question_in_sql_has_rows(in_tutorial, statement):
    """The views and columns exist, and the demo's archive has an answer."""
    with sqlite3.connect("file:granvik/index.sqlite?mode=ro", uri=True) as connection:
        rows = connection.execute(statement).fetchall()
    connection.close()
    assert rows


@pytest.mark.parametrize("source", blocks("python"))
def test_the_python_example_finds_what_the_text_says(in_tutorial, source):
    """It runs as printed and shows the edited sum."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "docs/tutorial.md", "exec"), {})
    assert "[-213-] [+231+]" in printed.getvalue()


def test_the_report_in_the_readme_is_what_the_demo_prints(demo):
    """Line by line; what is left out is marked by dots."""
    excerpt = blocks("text", (ROOT / "README.md").read_text(encoding="utf-8"))[0]
    printed = [line.rstrip() for line in demo.report.splitlines()]
    for line in filter(None, map(str.rstrip, excerpt.splitlines())):
        shown = line.partition("…")[0].rstrip()
        assert any(one.startswith(shown) for one in printed), line
