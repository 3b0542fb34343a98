"""The options that narrow what is searched, counted and compared; the same for every command that does."""

from collections.abc import Callable
from datetime import date
from typing import TypedDict, TypeVar, cast

import click

from umecrawl.cli.moments import DAY
from umecrawl.model.article import Quality

F = TypeVar("F", bound=Callable[..., object])


class Filtered(TypedDict):
    """The values of the options, as the methods of an archive take them."""

    site: str | None
    author: str | None
    signatory: str | None
    kind: str | None
    since: date | None
    until: date | None
    current: bool
    run: str | None
    quality: str | None


def _kind(_ctx: click.Context, _param: click.Parameter, value: str) -> str | None:
    return None if value == "any" else value


def filter_options(command: F) -> F:
    """Add the filters to a command; their values come to it as `Filtered`."""
    options = [
        click.option("--site", metavar="HOST", help="Only articles of this site."),
        click.option("--author", metavar="NAME", help="Only articles by or signed by this name, or part of it."),
        click.option("--signatory", metavar="NAME", help="Only articles signed by this name, or part of it."),
        click.option(
            "--kind",
            type=click.Choice(["article", "document", "any"]),
            default="article",
            show_default=True,
            callback=_kind,
            help="Articles, documents (PDF), or both.",
        ),
        click.option("--from", "since", type=DAY, help="Published, or else first seen, at or after this date."),
        click.option("--to", "until", type=DAY, help="Published, or else first seen, at or before this date."),
        click.option("--current", is_flag=True, help="Only what the articles say now, not their earlier versions."),
        click.option("--run", metavar="RUN", help="Only versions that a capture of this run shows."),
        click.option(
            "--quality",
            type=click.Choice([str(quality) for quality in Quality]),
            help="Only versions that a capture of this quality shows.",
        ),
    ]
    decorated: Callable[..., object] = command
    for option in reversed(options):
        decorated = option(decorated)
    return cast("F", decorated)
