"""`umecrawl fixture`: captures saved as test fixtures, with the extraction that is expected of them."""

import json
from datetime import datetime
from pathlib import Path

import click

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.moments import MOMENT
from umecrawl.errors import DamageError
from umecrawl.pipeline.saved import Deviation, deviations, save, saved_pages

_WIDEST = 300  # characters of a value that are shown


@click.group("fixture")
def command() -> None:
    """Save captures as fixtures, and see whether extraction still gives what they expect.

    \b
    Example:
      umecrawl fixture add https://umesosse.se/2023/05/07/debatt/ tests/pages
    """


@command.command("add")
@click.argument("capture", metavar="ID|URL")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--at", type=MOMENT, help="With a URL: the capture closest to this time. [default: the latest]")
@global_options
@pass_globals
def add(state: Globals, capture: str, folder: Path, at: datetime | None) -> None:
    """Save a capture in DIR as a page with its expected extraction; read the expectation and mend what is wrong in it.

    Pages by others are under copyright, and may hold personal data: mind what you publish.

    \b
    Examples:
      umecrawl fixture add https://umesosse.se/2023/05/07/debatt/ tests/pages
      umecrawl fixture add https://umesosse.se/ tests/pages --at 2023-06-01
    """
    with umecrawl.open(state.existing_archive(), state.database) as archive:
        row = archive.capture(capture, at=at)
        stem = save(archive.page(row.id), folder, capture=row.id)
    for path in sorted(stem.parent.glob(f"{stem.name}.*")):
        click.echo(path)


@command.command("check")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@global_options
@pass_globals
def check(_: Globals, folder: Path) -> None:
    """Extract every fixture below DIR anew and print where the result is not what it expects (exit code 5).

    \b
    Example:
      umecrawl fixture check tests/pages
    """
    pages = wrong = 0
    for saved in saved_pages(folder):
        pages += 1
        found = list(deviations(saved))
        wrong += bool(found)
        for deviation in found:
            _print(deviation)
    click.echo(f"{plural(pages, 'fixture')} read, {wrong} otherwise than expected", err=True)
    if wrong:
        raise DamageError(
            f"{plural(wrong, 'fixture')} gave another extraction", hint="Mend the extractor, or the expectation."
        )


def _print(deviation: Deviation) -> None:
    click.echo(f"{deviation.fixture}: {deviation.field}")
    click.echo(f"  expected {_short(deviation.expected)}")
    click.echo(f"  found    {_short(deviation.found)}")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "\u2026"
