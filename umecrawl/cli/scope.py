"""`umecrawl scope explain`: which rule takes or leaves a URL, and why."""

import json

import click
from rich.padding import Padding
from rich.text import Text

from umecrawl import config
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.screen import Screen
from umecrawl.frontier.scope import Explanation, explain
from umecrawl.model.crawl import Verdict
from umecrawl.model.urls import normalize


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
    """Say for each source which rule takes or leaves URL, and why. robots.txt is not asked (that needs the network).

    \b
    Examples:
      umecrawl scope explain https://www.vk.se/debatt --via https://umesosse.se/
      umecrawl scope explain 'https://umesosse.se/nyheter/?paged1=3&paged2=2'
    """
    settings = config.load(state.archive / config.FILE_NAME)
    explanations = explain(settings, normalize(url), normalize(via) if via else None, sources)
    if as_json:
        click.echo(json.dumps([_object(one) for one in explanations], ensure_ascii=False, indent=2))
    else:
        for one in explanations:
            _print(one)


def _print(explanation: Explanation) -> None:
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


def _object(explanation: Explanation) -> dict[str, object]:
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
    }
