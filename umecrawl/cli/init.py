"""`umecrawl init`: make an archive with a commented configuration."""

from pathlib import Path

import click

from umecrawl import config
from umecrawl.cli.context import PATH, Globals, global_options, pass_globals
from umecrawl.errors import UsageError


@click.command("init")
@click.argument("directory", required=False, type=PATH)
@click.option(
    "--collection",
    type=click.Choice(config.READY_COLLECTIONS),
    default=config.READY_COLLECTIONS[0],
    show_default=True,
    help="`umea` is the ready collection of the party blog, the politicians' blogs and the local press.",
)
@global_options
@pass_globals
def command(state: Globals, directory: Path | None, collection: str) -> None:
    """Make an archive at DIRECTORY (default: the one --archive names) with a commented umecrawl.toml.

    \b
    Example:
      umecrawl init my-archive --collection umea
    """
    root = directory or state.archive
    target = root / config.FILE_NAME
    if target.exists():
        raise UsageError(f"{target} exists already", hint="Edit it, or name another folder.")
    text = config.ready_collection(collection)
    root.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    state.say(f"Made {target}.")
    state.say("Next: set `operator` and `contact` in it (no contact, no crawl), then run")
    state.say(f"  umecrawl crawl --archive {root}")
