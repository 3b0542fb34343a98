"""`umecrawl show`: one capture, as facts, text, body, head or record."""

import sys
from datetime import datetime

import click
from rich.console import Console
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.moments import MOMENT
from umecrawl.cli.output import emit_object
from umecrawl.query.rows import as_json


@click.command("show")
@click.argument("capture", metavar="ID|URL")
@click.option("--at", type=MOMENT, help="With a URL: the capture closest to this time. [default: the latest]")
@click.option("--body", "part", flag_value="body", help="Write the entity as served to stdout, content coding kept.")
@click.option("--raw", "part", flag_value="raw", help="Write the whole WARC record, decompressed, to stdout.")
@click.option("--headers", "part", flag_value="headers", help="Print the response head as it was sent.")
@click.option("--json", "part", flag_value="json", help="One JSON object.")
@global_options
@pass_globals
def command(state: Globals, capture: str, at: datetime | None, part: str | None) -> None:
    """Show one capture, by its id or by URL and time: where it lies, what it is, and the text it shows.

    \b
    Examples:
      umecrawl show https://umesosse.se/2023/05/07/debatt/ --at 2023-06-01
      umecrawl show 0f5f3c1e-5d0c-4c7a-9d3a-0c2f3f7f1a55 --body > page.html
    """
    with umecrawl.open(state.existing_archive(), state.database) as archive:
        row = archive.capture(capture, at=at)
        if part == "json":
            emit_object(row)
        elif part == "body":
            _write(archive.read(row.id))
        elif part == "raw":
            _write(archive.record(row.id))
        elif part == "headers":
            _write(archive.head(row.id))
        else:
            version = archive.version(row.version) if row.version else None
            console = Console(highlight=False)
            for name, value in as_json(row).items():
                if value is not None:
                    console.print(Text.assemble((f"{name:<15} ", "dim"), str(value)), soft_wrap=True)
            if version is not None:
                console.print()
                console.print(Text(version.title, style="bold"))
                for paragraph in version.text.split("\n"):
                    console.print()
                    console.print(Text(paragraph))


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
