"""`umecrawl search`: full text over article versions."""

from typing import Unpack

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import count, plural
from umecrawl.cli.filters import Filtered, filter_options
from umecrawl.cli.output import Form, emit, listing_options
from umecrawl.cli.screen import Screen
from umecrawl.query.ranking import RANKED
from umecrawl.query.rows import SearchHit

_DEFAULT_LIMIT = 20


@click.command("search")
@click.argument("query", nargs=-1, required=True)
@filter_options
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Leave out the N best: go on there.")
@listing_options
@global_options
@pass_globals
def command(
    state: Globals,
    query: tuple[str, ...],
    offset: int,
    form: Form,
    limit: int | None,
    **filters: Unpack[Filtered],
) -> None:
    """Search the texts of all article versions.

    QUERY takes words (in any Swedish form), "phrases", AND OR NOT, parentheses, prefix*, *ending, *within*,
    title:word, and NEAR: skola NEAR/5 budget finds the two with at most five words between.
    The best 20 are shown; --limit asks for more or fewer, --offset for those after. Of more than 5 000 that are found
    the newest 5 000 are ranked, and the others follow by their age.

    \b
    Examples:
      umecrawl search trygghet
      umecrawl search '"utsatta områden"' --site umesosse.se --from 2022-01-01
      umecrawl search 'title:skatt*' --current --json
      umecrawl search '*omsorg NEAR/5 (budget OR besparing)' --limit 20 --offset 20
    """
    most = limit or _DEFAULT_LIMIT
    whole = " ".join(query)
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        hits = archive.search(whole, limit=most, offset=offset, **filters)
        state.doubt(archive, hits, filters["site"])
        more = form is Form.TABLE and (len(hits) == most or offset)
        found = sum(row.versions for row in archive.count(whole, by="year", **filters)) if more else len(hits)
    if form is Form.TABLE:
        _print(hits)
        state.say(place(offset, len(hits), found))
    else:
        emit(hits, form, ())


def place(offset: int, shown: int, found: int) -> str:
    """Return the line that says which of all versions that were found were shown, from `offset` on."""
    all_of_them = plural(found, "article version")
    if shown == found:
        return all_of_them
    if not shown:
        return f"No more: there are {all_of_them}."
    ranked = f"; the newest {count(RANKED)} are ranked" if found > RANKED else ""
    return f"{offset + 1}-{offset + shown} of {all_of_them}{ranked} (more: --offset)"


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
