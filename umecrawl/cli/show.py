"""`umecrawl show`: one capture, as facts, text, body, head or record, and what its page says beside the text."""

import sys
from datetime import datetime

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.moments import MOMENT
from umecrawl.cli.output import Column, Form, emit, emit_object
from umecrawl.cli.screen import Screen
from umecrawl.errors import UsageError
from umecrawl.query.json_form import as_json
from umecrawl.query.rows import CaptureRow
from umecrawl.query.statement_rows import CommentRow

_CLAIMS = (
    Column("field", "field"),
    Column("rank", "rank", right=True),
    Column("source", "source"),
    Column("value", "value", gives_way=True),
    Column("differs", "differs"),
    Column("raw", "as it stood there", gives_way=True),
)


@click.command("show")
@click.argument("capture", metavar="ID|URL")
@click.option("--at", type=MOMENT, help="With a URL: the capture closest to this time. [default: the latest]")
@click.option("--body", "part", flag_value="body", help="Write the entity as served to stdout, content coding kept.")
@click.option("--raw", "part", flag_value="raw", help="Write the whole WARC record, decompressed, to stdout.")
@click.option("--headers", "part", flag_value="headers", help="Print the response head as it was sent.")
@click.option(
    "--markdown", "part", flag_value="markdown", help="Print the article as Markdown, read anew from the WARC."
)
@click.option("--claims", "part", flag_value="claims", help="List what each source says of title, byline and dates.")
@click.option("--comments", "part", flag_value="comments", help="List what readers wrote; authors under pseudonyms.")
@click.option("--unmask", is_flag=True, help="With --comments: the names that authors gave. They are personal data.")
@click.option("--json", "json", is_flag=True, help="One JSON object; of claims and comments, one array.")
@global_options
@pass_globals
def command(state: Globals, capture: str, at: datetime | None, part: str | None, unmask: bool, json: bool) -> None:
    """Show one capture, by its id or by URL and time: where it lies, what it is, and the text it shows.

    Comments are those of the article at all times. A pseudonym is no anonymity: whoever knows a name can work it out.

    \b
    Examples:
      umecrawl show https://umesosse.se/2023/05/07/debatt/ --at 2023-06-01
      umecrawl show https://umesosse.se/2023/05/07/debatt/ --claims
      umecrawl show 0f5f3c1e-5d0c-4c7a-9d3a-0c2f3f7f1a55 --body > page.html
    """
    if unmask and part != "comments":
        raise UsageError("--unmask goes with --comments", hint="Add --comments, or leave --unmask out.")
    if json and part in {"body", "raw", "headers", "markdown"}:
        raise UsageError(f"--{part} is no JSON", hint="Leave out one of the two.")
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        row = archive.capture(capture, at=at)
        form = Form.JSON if json else Form.TABLE
        match part:
            case "body":
                _write(archive.read(row.id))
            case "raw":
                _write(archive.record(row.id))
            case "headers":
                _write(archive.head(row.id))
            case "markdown":
                click.echo(archive.markdown(row.id), nl=False)
            case "claims":
                emit(archive.claims(row.id), form, _CLAIMS, empty="The page claims nothing.")
            case "comments":
                _print_comments(archive.comments(row.canonical_url, unmask=unmask), form)
            case _ if json:
                emit_object(row)
            case _:
                _print(archive, row)


def _print(archive: "umecrawl.Archive", row: CaptureRow) -> None:
    version = archive.version(row.version) if row.version else None
    console = Screen()
    for name, value in as_json(row).items():
        if value is not None and value != []:
            shown = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
            console.print(Text.assemble((f"{name:<15} ", "dim"), shown), soft_wrap=True)
    if version is not None:
        console.print()
        console.print(Text(version.title, style="bold"))
        for paragraph in version.text.split("\n"):
            console.print()
            console.print(Text(paragraph))


def _print_comments(rows: list[CommentRow], form: Form) -> None:
    if form is Form.JSON or not rows:
        emit(rows, form, (), empty="No comment was seen.")
        return
    console = Screen()
    for row in rows:
        answers = f", answers {row.reply_to}" if row.reply_to else ""
        seen = f"seen {row.first_seen:%Y-%m-%d %H:%M} to {row.last_seen:%Y-%m-%d %H:%M} UTC"
        console.print(Text.assemble((row.author, "bold"), (f"  {row.at or ''}  {row.key}{answers}; {seen}", "dim")))
        console.print(Text(row.text))
        console.print()


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
