"""What pages, records and file names say reaches the terminal as characters, never as commands."""

import pytest
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from umecrawl.cli import main
from umecrawl.cli.screen import Screen
from umecrawl.cli.visible import one_line

HOSTILE = "a\x1b]0;owned\x1b[2Jb\x9b31m\x7fc\x00"


def test_control_characters_are_shown_not_sent(capsys):
    """In a line, in a table, and in a name whose octets are no UTF-8."""
    table = Table()
    table.add_column("name", min_width=30)
    table.add_row(Text(HOSTILE))
    screen = Screen()
    screen.print(Text(HOSTILE))
    screen.print(Padding(Text(HOSTILE), 4), style="red")
    screen.print(table)
    screen.print(HOSTILE, markup=False)
    screen.print(Text("latin\udce5.warc.gz"))
    printed = capsys.readouterr().out
    assert not set(printed) & {"\x1b", "\x07", "\x9b", "\x7f", "\x08", "\udce5"}
    assert 4 == printed.count("a␛]0;owned␛[2Jb�31m␡c␀")


def test_lines_and_swedish_stay_as_they_are(capsys):
    """Only control characters are touched."""
    Screen().print(Text("Skolan i Ersboda\n\tär “öppen” hela året"))
    assert "Skolan i Ersboda\n        är “öppen” hela året\n" == capsys.readouterr().out.expandtabs()


def test_an_error_is_one_line_whatever_the_name_of_the_file(tmp_path, capsys):
    """A line end and an escape sequence in a path make no second line and no command."""
    with pytest.raises(SystemExit):
        main(["verify", "--archive", str(tmp_path / "new\nline\x1b[2J")])
    message, hint, end = capsys.readouterr().err.split("\n")
    assert message.startswith("Error: ")
    assert "new line␛[2J" in message
    assert (hint[:5], end) == ("Hint:", "")


def test_one_line_joins_lines():
    """A database's message comes in several."""
    assert "connection failed: refused" == one_line("connection failed:\nrefused")
