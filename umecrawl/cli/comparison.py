"""What `umecrawl index --compare` prints: what the extractor at hand reads otherwise than the index has it."""

import click
from rich.text import Text

from umecrawl.cli.context import Globals
from umecrawl.cli.figures import plural
from umecrawl.cli.output import Column, emit_object, print_table
from umecrawl.cli.screen import Screen, talk
from umecrawl.index.engine import Index
from umecrawl.model.capture import Capture
from umecrawl.pipeline.comparison import compare_with_index
from umecrawl.pipeline.extraction import ExtractionPool
from umecrawl.query.json_form import as_json
from umecrawl.query.rows import ComparisonRow, ReadingChangeRow

_FIELDS = (Column("field", "field"), Column("changes", "changes", right=True))


def show_comparison(state: Globals, *, workers: int, sample: int, seed: int, json: bool) -> None:
    """Compare a sample with the index of the archive and print the differences."""
    root = state.existing_archive()
    index = Index.open(state.database or Index.default_url(root), create=False)
    try:
        with ExtractionPool[Capture](workers) as pool, talk().status(f"Reading {sample} captures anew"):
            found = compare_with_index(root, index, pool=pool, sample=sample, seed=seed)
    finally:
        index.close()
    if json:
        emit_object(found)
    else:
        _print(found)
    for damaged in found.damage:
        state.say(f"Not compared: {damaged}")


def _print(found: ComparisonRow) -> None:
    console = Screen()
    for name, number in found.extractors.items:
        click.echo(f"In the index:  {name} ({plural(number, 'capture')})")
    click.echo(f"Read now with: {found.extractor}")
    click.echo(f"{plural(found.changed, 'capture')} of {found.sampled} would change.")
    if found.fields.items:
        click.echo()
        print_table([{"field": name, "changes": number} for name, number in found.fields.items], _FIELDS)
    last = None
    for one in found.changes:
        if one.capture != last:
            console.print(Text(f"\n{one.url}", style="cyan"), soft_wrap=True)
            console.print(Text(f"  capture {one.capture}, {as_json(one)['captured_at']}", style="dim"))
            last = one.capture
        _print_change(console, one)


def _print_change(console: Screen, one: ReadingChangeRow) -> None:
    where = f" of {one.post}" if one.post is not None and one.post != one.url else ""
    words = "" if one.words_added is None else f": {plural(one.words_added, 'word')} added, {one.words_removed} removed"
    console.print(Text(f"  {one.field}{where}{words}", style="bold"), soft_wrap=True)
    for sign, value, style in (("-", one.before, "red"), ("+", one.after, "green")):
        if value:
            console.print(Text(f"    {sign} {value}", style=style))
