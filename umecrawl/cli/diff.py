"""`umecrawl diff`: what changed from one version of an article to another."""

import json
from dataclasses import asdict

import click
from rich.text import Text

import umecrawl
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.screen import Screen
from umecrawl.index.diff import Difference
from umecrawl.query.json_form import rfc3339
from umecrawl.query.redline import Line, Mark, changed_only, html_page, redline
from umecrawl.query.rows import VersionRow

_STYLES = {
    Mark.REMOVED: "red strike",
    Mark.ADDED: "green",
    Mark.MOVED_AWAY: "yellow strike",
    Mark.MOVED_HERE: "yellow",
}
# Without colours the marks are those of wdiff.
_SIGNS = {
    Mark.REMOVED: ("[-", "-]"),
    Mark.ADDED: ("{+", "+}"),
    Mark.MOVED_AWAY: ("[<", "<]"),
    Mark.MOVED_HERE: ("{>", ">}"),
}


@click.command("diff")
@click.argument("url")
@click.argument("a", required=False)
@click.argument("b", required=False)
@click.option("--html", "form", flag_value="html", help="A page that shows the whole text with the changes marked.")
@click.option("--json", "form", flag_value="json", help="One JSON object with every place that differs.")
@click.option("--whole", is_flag=True, help="Show unchanged paragraphs too.")
@global_options
@pass_globals
def command(state: Globals, url: str, a: str | None, b: str | None, form: str | None, whole: bool) -> None:
    """Show word by word what changed in the article at URL from version A to version B.

    A version is named by its number in `umecrawl versions`, its id, or the beginning of that; by default the last two
    are compared, and A with the last where only A is given. Without colours, [-words-] went and {+words+} came,
    [<moved away<] and {>moved here>}.

    \b
    Examples:
      umecrawl diff https://umesosse.se/2023/05/07/debatt/
      umecrawl diff https://umesosse.se/2023/05/07/debatt/ 1 3
      umecrawl diff https://umesosse.se/2023/05/07/debatt/ --html > debatt.html
    """
    with umecrawl.open(state.asked_archive(), state.database) as archive:
        old, new = archive.pair(url, a, b)
        difference = archive.diff(url, old.id, new.id)
    if form == "json":
        click.echo(json.dumps(_object(old, new, difference), ensure_ascii=False, indent=2))
    elif form == "html":
        lines = redline(old.text, new.text)
        click.echo(html_page(new.title or new.url, tuple(_facts(old, new, difference)), lines), nl=False)
    else:
        _print(old, new, difference, whole=whole)


def _object(old: VersionRow, new: VersionRow, difference: Difference) -> dict[str, object]:
    return {
        "url": new.url,
        "from_version": old.id,
        "to_version": new.id,
        "from_seen": rfc3339(old.first_seen),
        "to_seen": rfc3339(new.first_seen),
        "from_title": old.title,
        "to_title": new.title,
        "words_added": difference.words_added,
        "words_removed": difference.words_removed,
        "words_moved": difference.words_moved,
        "similarity": round(difference.similarity, 4),
        "evidence": [old.last_capture, new.first_capture],
        "hunks": [asdict(hunk) for hunk in difference.hunks],
        "moves": [asdict(move) for move in difference.moves],
    }


def _facts(old: VersionRow, new: VersionRow, difference: Difference) -> list[str]:
    facts = [new.url]
    if old.title != new.title:
        facts.append(f"headline: “{old.title}” became “{new.title}”")
    facts += [
        f"from {old.id}, last shown {old.last_seen:%Y-%m-%d %H:%M} UTC by capture {old.last_capture}",
        f"to {new.id}, first shown {new.first_seen:%Y-%m-%d %H:%M} UTC by capture {new.first_capture}",
        f"{plural(difference.words_added, 'word')} added, {difference.words_removed} removed"
        + (f", {difference.words_moved} moved" if difference.words_moved else ""),
    ]
    return facts


def _print(old: VersionRow, new: VersionRow, difference: Difference, *, whole: bool) -> None:
    console = Screen()
    console.print(Text(new.title or "(no title)", style="bold"))
    for fact in _facts(old, new, difference):
        console.print(Text(fact, style="dim"), soft_wrap=True)
    console.print()
    if not difference.changed:
        console.print(Text("The texts do not differ."))
        return
    lines = redline(old.text, new.text)
    for line in lines if whole else changed_only(lines):
        console.print(
            Text("…", style="dim") if line is None else _marked(line, colours=console.color_system is not None)
        )
        console.print()


def _marked(line: Line, *, colours: bool) -> Text:
    text = Text()
    for stretch in line:
        before, after = ("", "") if colours else _SIGNS.get(stretch.mark, ("", ""))
        text.append(f"{before}{stretch.text}{after}", style=_STYLES.get(stretch.mark, ""))
    return text
