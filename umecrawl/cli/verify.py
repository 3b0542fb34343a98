"""`umecrawl verify`: prove that nothing was lost or altered."""

import json
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from umecrawl.cli.context import FOLDER, Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.errors import DamageError, UsageError
from umecrawl.pipeline.audit import audit
from umecrawl.warc.lock import ArchiveLock
from umecrawl.warc.reader import WarcArchive
from umecrawl.warc.repair import repair as mend
from umecrawl.warc.rules import Severity
from umecrawl.warc.verify import Finding

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


@click.command("verify")
@click.argument("paths", nargs=-1, type=FOLDER, metavar="[PATH]...")
@click.option("--no-index", is_flag=True, help="Check the files alone, not the index against them.")
@click.option("--repair", is_flag=True, help="First mend what can be mended; what is cut off is kept beside.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array of findings.")
@global_options
@pass_globals
def command(state: Globals, paths: tuple[Path, ...], no_index: bool, repair: bool, as_json: bool) -> None:
    """Check every file, record and digest of the archive, and WARC against index both ways.

    With PATH only those WARC files or folders are checked. Exit code 5 when damage was found; notes and warnings
    alone leave it 0.

    \b
    Examples:
      umecrawl verify
      umecrawl verify --repair
      umecrawl verify archive/warc/umea --json
    """
    root = state.archive if paths else state.existing_archive()
    if repair:
        if paths:
            raise UsageError("--repair mends a whole archive", hint="Leave out PATH, or leave out --repair.")
        with ArchiveLock(root):
            for mended in mend(root):
                state.say(f"Mended {mended.path.name}: {mended.detail}.")
    findings = []
    console = Console(highlight=False)
    with state.err.status("Checking"):
        for finding in audit(root, paths, database=state.database, index=not no_index):
            findings.append(finding)
            if not as_json:
                _print(console, finding)
    if as_json:
        click.echo(json.dumps([_object(finding) for finding in findings], ensure_ascii=False, indent=2))
    severities = Counter(finding.severity for finding in findings)
    checked = plural(len(paths), "path") if paths else plural(len(WarcArchive(root).names()), "WARC file")
    if not findings:
        state.say(f"Checked {checked}: no findings.")
        return
    summary = ", ".join(plural(severities[s], str(s)) for s in Severity if severities[s])
    if severities[Severity.ERROR]:
        raise DamageError(f"damage found in {checked}: {summary}", hint="Each finding above says what to do.")
    state.say(f"Checked {checked}: no damage ({summary}).")


def _print(console: Console, finding: Finding) -> None:
    where = str(finding.path) + (f", offset {finding.offset}" if finding.offset is not None else "")
    console.print(
        Text.assemble((str(finding.severity), _COLOURS[finding.severity]), f"  {finding.rule}  ", (where, "bold")),
        soft_wrap=True,
    )
    console.print(Padding(Text(finding.message), (0, 0, 0, 4), expand=False))
    console.print(Padding(Text(finding.remedy, style="dim"), (0, 0, 0, 4), expand=False))


def _object(finding: Finding) -> dict[str, object]:
    return {
        "path": str(finding.path),
        "offset": finding.offset,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "remedy": finding.remedy,
    }
