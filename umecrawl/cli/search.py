"""`umecrawl search`: full text over article versions."""

from datetime import date

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.moments import DAY
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.rows import SearchHit

_DEFAULT_LIMIT = 20


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@click.option("--site", metavar="HOST", help="Only articles of this site.")
@click.option("--author", metavar="NAME", help="Only articles by or signed by this name, or part of it.")
@click.option(
    "--kind",
    type=click.Choice(["article", "document", "any"]),
    default="article",
    show_default=True,
    help="Search articles, documents (PDF), or both.",
)
@click.option("--from", "since", type=DAY, help="Published, or else first seen, at or after this date.")
@click.option("--to", "until", type=DAY, help="Published, or else first seen, at or before this date.")
@click.option("--current", is_flag=True, help="Only what the articles say now, not their earlier versions.")
@listing_options
@global_options
@pass_globals
def command(
    state: Globals,
    query: tuple[str, ...],
    site: str | None,
    author: str | None,
    kind: str,
    since: date | None,
    until: date | None,
    current: bool,
    form: Form,
    limit: int | None,
) -> None:
    """Search the texts of all article versions.

    QUERY takes words (in any Swedish form), "phrases", AND OR NOT, parentheses, prefix*, title:word.
    The best 20 are shown; --limit asks for more or fewer.

    \b
    Examples:
      umecrawl search trygghet
      umecrawl search '"utsatta områden"' --site umesosse.se --from 2022-01-01
      umecrawl search 'title:skatt*' --current --json
    """
    with umecrawl.open(state.existing_archive(), state.database) as archive:
        hits = archive.search(
            " ".join(query),
            site=site,
            author=author,
            kind=None if kind == "any" else kind,
            since=since,
            until=until,
            current=current,
            limit=limit or _DEFAULT_LIMIT,
        )
    if form is Form.TABLE:
        _print(hits)
        more = " (there may be more: --limit)" if len(hits) == (limit or _DEFAULT_LIMIT) else ""
        state.say(plural(len(hits), "article version") + more)
    else:
        emit(hits, form, ())


def _print(hits: list[SearchHit]) -> None:
    console = Screen()
    for hit in hits:
        day = (hit.published_at or hit.first_seen.isoformat())[:10]
        console.print(Text.assemble((hit.title or "(no title)", "bold"), f"  {day}  {hit.site}"))
        console.print(Text(hit.url, style="cyan"), soft_wrap=True)
        snippet = Text("  " + hit.snippet)
        for start, end in hit.marks:
            snippet.stylize("bold yellow", start + 2, end + 2)
        console.print(snippet)
        console.print()
