"""`umecrawl verify`: prove that nothing was lost or altered."""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import click

from umecrawl import SOFTWARE
from umecrawl.cli.context import PATH, Globals, global_options, pass_globals
from umecrawl.cli.figures import plural
from umecrawl.cli.output import Column, Form, emit, listing_options
from umecrawl.errors import DamageError, UmecrawlError, UsageError
from umecrawl.pipeline.audit import Recording, audit
from umecrawl.warc.findings import Finding
from umecrawl.warc.rules import Severity

_HISTORY = (
    Column("at", "checked", moment=True),
    Column("ok", "ok"),
    Column("file", "file", gives_way=True, fold=True),
    Column("records", "records", right=True),
    Column("findings", "findings", gives_way=True, fold=True),
)
_FINDINGS = (Column("severity", "severity"), Column("rule", "rule"), Column("path", "path"))
_WORKERS = click.IntRange(min=1, max=256)


@click.command("verify")
@click.argument("paths", nargs=-1, type=PATH, metavar="[PATH]...")
@click.option("--no-index", is_flag=True, help="Check the files alone, not the index against them.")
@click.option("--repair", is_flag=True, help="First mend what can be mended; what is cut off is kept beside.")
@click.option("--explain", is_flag=True, help="Say which sound records other validators report; -v names them.")
@click.option("--history", is_flag=True, help="Print what earlier checks found, newest first, and check nothing.")
@click.option("--no-record", is_flag=True, help="Do not add this check to the archive's history.")
@click.option(
    "--workers", type=_WORKERS, metavar="N", help="Share the work among N processes. [default: one a processor]"
)
@listing_options
@global_options
@pass_globals
def command(
    state: Globals,
    paths: tuple[Path, ...],
    no_index: bool,
    repair: bool,
    explain: bool,
    history: bool,
    no_record: bool,
    workers: int | None,
    form: Form,
    limit: int | None,
) -> None:
    """Check every file, record and digest of the archive, and WARC against index both ways.

    With PATH only those WARC files, WACZ files or folders are checked. Exit code 5 when damage was found; notes and
    warnings alone leave it 0. Each check is added to the archive's history, audits.jsonl.

    \b
    Examples:
      umecrawl verify
      umecrawl verify --repair
      umecrawl verify --history --limit 10
      umecrawl verify archive/warc/umea --explain --json
    """
    if history:
        if paths or repair:
            raise UsageError("--history checks nothing", hint="Leave out PATH and --repair.")
        from umecrawl.pipeline.audit_rows import audit_rows  # noqa: PLC0415  (measured start-up cost)

        emit(audit_rows(state.existing_archive())[:limit], form, _HISTORY, empty="No check has been recorded yet.")
        return
    root = state.archive if paths else state.existing_archive()
    if repair:
        _repair(state, root, paths)
    found = audit(
        root,
        paths,
        database=state.database,
        index=not no_index,
        workers=workers or _processors(),
        explain=explain,
        recording=None if no_record else Recording(SOFTWARE),
    )
    severities = _show(state, found, form, limit, notes=explain or not state.quiet)
    _conclude(state, root, paths, severities)


def _repair(state: Globals, root: Path, paths: Sequence[Path]) -> None:
    if paths:
        raise UsageError("--repair mends a whole archive", hint="Leave out PATH, or leave out --repair.")
    from umecrawl.warc.lock import ArchiveLock  # noqa: PLC0415  (measured start-up cost)
    from umecrawl.warc.repair import repair as mend  # noqa: PLC0415  (measured start-up cost)

    with ArchiveLock(root):
        for mended in mend(root):
            state.say(f"Mended {mended.path.name}: {mended.detail}.")


def _show(state: Globals, found: Iterable[Finding], form: Form, limit: int | None, *, notes: bool) -> Counter[Severity]:
    """Print findings as they come, at most `limit`, and return how many there were of each severity.

    Raises what ended the check, unless damage was found before.
    """
    severities: Counter[Severity] = Counter()
    shown: list[Finding] = []
    printed = 0
    trouble: UmecrawlError | None = None
    with _status():
        try:
            for finding in found:
                severities[finding.severity] += 1
                if printed == limit or (finding.severity is Severity.NOTE and not notes):
                    continue
                printed += 1
                if form is Form.TABLE:
                    from umecrawl.cli.damage import print_finding  # noqa: PLC0415  (measured start-up cost)

                    print_finding(finding, verbose=state.verbose)
                else:
                    shown.append(finding)
        except UmecrawlError as error:  # no index, or a history that cannot be written, hides no damage
            trouble = error
    if form is not Form.TABLE:
        from umecrawl.pipeline.audit_rows import finding_row  # noqa: PLC0415  (measured start-up cost)

        emit([finding_row(finding) for finding in shown], form, _FINDINGS)
    if trouble is not None:
        if not severities[Severity.ERROR]:
            raise trouble
        state.say(f"Note: {trouble.message}. {trouble.hint}")
    return severities


def _status() -> AbstractContextManager[object]:
    if not sys.stderr.isatty():  # even unseen it is a thread, beside which processes cannot be forked
        return nullcontext()
    from umecrawl.cli.screen import talk  # noqa: PLC0415  (measured start-up cost)

    return talk().status("Checking")


def _conclude(state: Globals, root: Path, paths: Sequence[Path], severities: Counter[Severity]) -> None:
    if state.quiet and not severities[Severity.ERROR]:
        return
    if paths:
        checked = plural(len(paths), "path")
    else:
        from umecrawl.warc.reader import WarcArchive  # noqa: PLC0415  (measured start-up cost)

        checked = plural(len(WarcArchive(root).names()), "WARC file")
    if not severities:
        state.say(f"Checked {checked}: no findings.")
        return
    summary = ", ".join(plural(severities[s], str(s)) for s in Severity if severities[s])
    if severities[Severity.ERROR]:
        raise DamageError(f"damage found in {checked}: {summary}", hint="Each finding above says what to do.")
    state.say(f"Checked {checked}: no damage ({summary}).")


def _processors() -> int:
    with suppress(AttributeError):  # Linux knows which processors this process may use
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
