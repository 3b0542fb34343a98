"""The filters of exports on the command line: those of `umecrawl search`, and those of captures."""

from collections.abc import Callable
from typing import TypeVar, cast

import click

from umecrawl.cli.moments import DAY
from umecrawl.query.selection import Choice

F = TypeVar("F", bound=Callable[..., object])


def choice_options(function: F) -> F:
    """Add the filters; their values are passed on as one `choice`."""
    options = [
        click.argument("query", nargs=-1),
        click.option("--site", metavar="HOST", help="Only captures of this site."),
        click.option("--url", metavar="URL", help="Only captures of this URL and its aliases."),
        click.option("--run", metavar="RUN", help="Only captures of this run."),
        click.option("--source", metavar="NAME", help="Only captures for this source of the collection."),
        click.option("--author", metavar="NAME", help="Only articles by or signed by this name, or part of it."),
        click.option("--signatory", metavar="NAME", help="Only articles signed by this name, or part of it."),
        click.option("--kind", type=click.Choice(["article", "document"]), help="Only articles, or documents (PDF)."),
        click.option(
            "--from", "since", type=DAY, help="Only articles published, or else first seen, from this date on."
        ),
        click.option("--to", "until", type=DAY, help="Only articles published, or else first seen, up to this date."),
        click.option("--quality", metavar="NAME", help="Only articles that a capture shows in this quality."),
        click.option("--current", is_flag=True, help="Only what articles say now, not their earlier versions."),
    ]
    decorated: Callable[..., object] = function
    for option in reversed(options):
        decorated = option(decorated)
    return cast("F", decorated)


def choice_of(filters: dict[str, object]) -> Choice:
    """Return the values of the filters as one choice; what is in `filters` and is none of them must be taken out."""
    query = " ".join(cast("tuple[str, ...]", filters.pop("query"))).strip()
    return Choice(query=query or None, **cast("dict[str, str | None]", filters))  # type: ignore[arg-type]
