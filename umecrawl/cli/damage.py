"""Findings of a check as people read them."""

from typing import Final

from rich.padding import Padding
from rich.text import Text

from umecrawl.cli.screen import Screen
from umecrawl.warc.findings import Finding
from umecrawl.warc.rules import Severity

_COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def print_finding(finding: Finding, *, verbose: bool) -> None:
    """Print a finding on stdout; with `verbose` also the records it names."""
    console = Screen()
    where = str(finding.path) + (f", offset {finding.offset}" if finding.offset is not None else "")
    console.print(
        Text.assemble((str(finding.severity), _COLOURS[finding.severity]), f"  {finding.rule}  ", (where, "bold")),
        soft_wrap=True,
    )
    console.print(Padding(Text(finding.message), (0, 0, 0, 4), expand=False))
    console.print(Padding(Text(finding.remedy, style="dim"), (0, 0, 0, 4), expand=False))
    for record in finding.records if verbose else ():
        console.print(Padding(Text(record), (0, 0, 0, 6), expand=False))
