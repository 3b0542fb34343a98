"""`umecrawl scope explain`: which rule takes or leaves a URL, and why."""

import json
from collections.abc import Sequence

import click
from rich.padding import Padding
from rich.text import Text

import umecrawl
from umecrawl import config
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.screen import Screen
from umecrawl.config import TrapRule
from umecrawl.errors import UmecrawlError
from umecrawl.frontier.scope import Explanation, explain
from umecrawl.model.crawl import Verdict
from umecrawl.model.urls import Url, normalize
from umecrawl.query.rows import SkippedRow


@click.group("scope")
def command() -> None:
    """Look into the scope: which URLs the collection takes, and why.

    \b
    Example:
      umecrawl scope explain 'https://umesosse.se/nyheter/?paged1=3&paged2=2'
    """


@command.command("explain")
@click.argument("url")
@click.option("--via", metavar="URL", help="The page that links to it. [default: a page in scope]")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source. Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, an object for each source.")
@global_options
@pass_globals
def explain_url(state: Globals, url: str, via: str | None, sources: tuple[str, ...], as_json: bool) -> None:
    """Say for each source which rule takes or leaves URL, and why, and when a run left it out last.

    robots.txt is not asked (that needs the network); traps that only their pages give away are known from runs.

    \b
    Examples:
      umecrawl scope explain https://www.vk.se/debatt --via https://umesosse.se/
      umecrawl scope explain 'https://umesosse.se/nyheter/?paged1=3&paged2=2'
    """
    settings = config.load(state.archive / config.FILE_NAME)
    address = normalize(url)
    explanations = explain(settings, address, normalize(via) if via else None, sources)
    left = _left_out(state, address)
    if as_json:
        objects = [_object(one, [row for row in left if row.source == one.source]) for one in explanations]
        click.echo(json.dumps(objects, ensure_ascii=False, indent=2))
    else:
        for one in explanations:
            _print(one, [row for row in left if row.source == one.source])


def _left_out(state: Globals, url: Url) -> list[SkippedRow]:
    """Return when runs left the URL out; nothing where no run was indexed yet."""
    if not state.database and not (state.archive / "index.sqlite").is_file():
        return []
    try:
        with umecrawl.open(state.archive, state.database) as archive:
            return archive.left_out(url)
    except UmecrawlError as error:  # the rules can be told without it
        state.say(f"Note: what runs left out cannot be told: {error.message}")
        return []


def _print(explanation: Explanation, left: Sequence[SkippedRow]) -> None:
    console = Screen()
    decision = explanation.decision
    colour = "green" if decision.taken else "red"
    console.print(
        Text.assemble((explanation.source, "bold"), "  ", (str(decision.verdict), colour), f" by rule {decision.rule}")
    )
    console.print(Padding(Text(decision.reason), (0, 0, 0, 2), expand=False))
    for opinion in explanation.opinions:
        if opinion.verdict is not None:
            mark = "+" if opinion.verdict is Verdict.TAKE else "-"
            console.print(
                Padding(Text(f"{mark} {opinion.rule}: {opinion.reason}", style="dim"), (0, 0, 0, 2), expand=False)
            )
    for row in left[:1]:
        text = f"run {row.run} left it by rule {row.rule}: {row.reason}"
        console.print(Padding(Text(text), (0, 0, 0, 2), expand=False))
    rule = left[0].rule if left and decision.taken else decision.rule
    if rule in set(TrapRule):
        hint = f'to take it: name it with include, or set rules_off = ["{rule}"] for the source'
        console.print(Padding(Text(hint), (0, 0, 0, 2), expand=False))


def _object(explanation: Explanation, left: Sequence[SkippedRow]) -> dict[str, object]:
    decision = explanation.decision
    return {
        "source": explanation.source,
        "url": explanation.url,
        "verdict": decision.verdict.value,
        "rule": decision.rule,
        "reason": decision.reason,
        "opinions": [
            {"rule": o.rule, "verdict": o.verdict.value, "reason": o.reason}
            for o in explanation.opinions
            if o.verdict is not None
        ],
        "left_out": [
            {"run": row.run, "at": row.skipped_at.isoformat(), "rule": row.rule, "reason": row.reason} for row in left
        ],
    }
