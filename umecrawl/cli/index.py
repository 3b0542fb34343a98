"""`umecrawl index`: bring the SQL index up to the WARC files, or make it anew from them."""

import shlex
from contextlib import suppress
from pathlib import Path

import click

from umecrawl.cli.comparison import show_comparison
from umecrawl.cli.context import Globals, global_options, pass_globals
from umecrawl.cli.figures import count, plural
from umecrawl.cli.screen import talk
from umecrawl.errors import ArchiveInUseError, DamageError, InterruptedRunError, UsageError
from umecrawl.index.engine import Index
from umecrawl.pipeline.indexing import bring_up_to_date, default_workers, indexing_pool
from umecrawl.pipeline.progress import IndexSummary
from umecrawl.warc.lock import ArchiveLock
from umecrawl.warc.recovery import recover


@click.command("index")
@click.option("--rebuild", is_flag=True, help="Empty the index first and make it anew from the WARCs alone.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Extraction processes. [default: one a core]")
@click.option(
    "--compare", is_flag=True, help="Change nothing: tell what this extractor reads otherwise than the index."
)
@click.option(
    "--sample", type=click.IntRange(min=1), default=200, metavar="N", help="With --compare: captures to read."
)
@click.option("--seed", type=int, default=0, metavar="S", help="With --compare: another number, another sample.")
@click.option("--json", "json", is_flag=True, help="With --compare: one JSON object.")
@global_options
@pass_globals
def command(
    state: Globals, rebuild: bool, workers: int | None, compare: bool, sample: int, seed: int, json: bool
) -> None:
    """Bring the SQL index up to the WARC files.

    Before a new release reads everything anew, --compare shows for a sample what that would change.

    \b
    Examples:
      umecrawl index
      umecrawl index --rebuild --workers 4
      umecrawl index --compare --sample 500 --json
    """
    state.set_up_logging()
    if compare and rebuild:
        raise UsageError("--compare changes nothing, --rebuild does", hint="Compare first, then rebuild.")
    if compare:
        show_comparison(state, workers=workers or default_workers(), sample=sample, seed=seed, json=json)
        return
    root = state.existing_archive()
    with suppress(ArchiveInUseError), ArchiveLock(root):  # a crawl that goes on sees to its files itself
        for mended in recover(root):
            state.say(f"Note: {mended.path.name}: {mended.detail}.")
    index = Index.open(state.database or Index.default_url(root), rebuild=rebuild, tell=state.say)
    try:
        summary = _bring_up(root, index, workers or default_workers(), anew=rebuild)
    except KeyboardInterrupt as error:
        raise InterruptedRunError(
            "indexing was stopped; what was indexed so far stays",
            hint=f"Go on with: umecrawl index --archive {shlex.quote(str(root))}",
        ) from error
    state.say(
        f"Indexed {plural(summary.captures, 'new capture')}, read {plural(summary.extracted, 'page')}."
        if summary.events
        else "The index is up to date."
    )
    for fault in summary.faults:
        often = f"{count(fault.count)} times, first" if fault.count > 1 else "once,"
        state.say(f"Note: {fault.warc}: {fault.meaning} ({often} at offset {fault.first_offset}).")
    if summary.damage:
        raise DamageError(
            summary.damage[0] + (f" (and {len(summary.damage) - 1} more)" if len(summary.damage) > 1 else ""),
            hint="Everything before the damage is indexed. `umecrawl verify` shows each finding.",
        )


def _bring_up(root: Path, index: Index, workers: int, *, anew: bool) -> IndexSummary:
    with indexing_pool(workers, anew=anew) as pool, talk().status("Indexing") as shown:

        def tell(summary: IndexSummary) -> None:
            shown.update(f"Indexing: {count(summary.captures)} captures, {count(summary.extracted)} pages read")

        return bring_up_to_date(root, index, pool=pool, on_progress=tell)
