"""Every view, column, command, option, method and field is in the generated reference, under its own heading."""

import inspect
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import click
import pytest

import umecrawl as package
from umecrawl.cli import umecrawl
from umecrawl.index import schema, views
from umecrawl.query import rows

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def sections(page, level="##"):
    """Return the text under each heading of a level, by heading."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return dict(re.findall(rf"(?ms)^{level} (\S[^\n]*)\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", text))


def named(section):
    """Return what the first column of a table names, in order."""
    return re.findall(r"(?m)^\| `([^`]+)` \|", section)


@pytest.mark.parametrize("view", views.views_metadata.tables.values(), ids=lambda view: view.name)
def test_every_view_stands_in_the_schema_with_each_of_its_columns(view):
    """With what it holds, and a meaning for each column; a view with the columns of another says so."""
    section = sections("schema.md", "###")[view.name]
    alike = re.search(r"Columns: those of `(\w+)`", section)
    found = named(sections("schema.md", "###")[alike[1]] if alike else section)
    assert found == list(view.c.keys())
    assert views.DESCRIPTIONS[view.name].rstrip(".") in section
    assert not re.search(r"(?m)\| +\|$", section), "a column without a meaning"


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_stands_in_the_data_dictionary(table):
    """With each of its columns, from the models."""
    text = (REFERENCE / "schema.md").read_text(encoding="utf-8").partition("## Tables")[2]
    section = re.search(rf"(?ms)^### {table.name}\n(.*?)(?=^### |\Z)", text)[1]
    assert named(section) == list(table.c.keys())


@pytest.mark.parametrize("kind", get_args(rows.Row), ids=lambda kind: kind.__name__)
def test_every_kind_of_row_stands_in_the_fields_of_answers(kind):
    """With each of its fields."""
    assert named(sections("rows.md")[kind.__name__]) == [field.name for field in fields(kind)]


def methods():
    """Return the public methods of an open archive."""
    return [name for name, _ in inspect.getmembers(package.Archive, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("name", methods())
def test_every_method_of_an_archive_stands_in_the_reference(name):
    """With its signature and what it returns."""
    section = sections("python.md", "###")[name]
    assert f"archive.{name}(" in section
    assert inspect.getdoc(getattr(package.Archive, name)).splitlines()[0] in section


def commands(command=umecrawl, path=("umecrawl",)):
    """Yield each command that is shown, with the words that call it."""
    yield " ".join(path), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if not found.hidden:
                yield from commands(found, (*path, name))


@pytest.mark.parametrize(("name", "command"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_every_command_stands_in_the_reference_with_each_option(name, command):
    """None is added without its help."""
    section = sections("cli.md")[name]
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert all(re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", section) for option in parameter.opts)
            assert parameter.help, parameter.opts
