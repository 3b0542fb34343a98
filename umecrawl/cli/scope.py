"""`umecrawl scope explain`: which rule takes or leaves a URL, and why."""

import click

from umecrawl import config
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.output import Column, Form, emit, listing_options


@click.group("scope")
def command() -> None:
    """Look into the scope: which URLs the collection takes."""
