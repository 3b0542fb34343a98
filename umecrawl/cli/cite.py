"""`umecrawl cite`: a citation of one capture, with what proves it."""

from datetime import datetime

import click

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.moments import MOMENT
from umecrawl.query.cite import STYLES


@click.command("cite")
@click.argument("capture", metavar="ID|URL")
@click.option(
    "--at", type=MOMENT, help="With a URL: the capture closest to this time. [default: the latest that shows a text]"
)
@click.option("--style", type=click.Choice(list(STYLES)), default="text", show_default=True, help="How it is written.")
@click.option("--quote", metavar="PASSAGE", help="A passage of the text; the link leads to it.")
@global_options
@pass_globals
def command(state: Globals, capture: str, at: datetime | None, style: str, quote: str | None) -> None:
    """Cite one capture, by its id or by URL and time: title, signatories, dates, and the record that proves it.

    The digests are those of the octets that the server sent and of the text read from them. A passage that does not
    stand in the text is refused.

    \b
    Examples:
      umecrawl cite https://umesosse.se/2023/05/07/debatt/
      umecrawl cite https://umesosse.se/2023/05/07/debatt/ --at 2023-06-01 --style bibtex
      umecrawl cite 0f5f3c1e-5d0c-4c7a-9d3a-0c2f3f7f1a55 --style csl-json
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        found = archive.cite(capture, at=at, quote=quote)
    click.echo(STYLES[style](found), nl=False)
