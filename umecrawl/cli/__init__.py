"""The command line: one module per group of verbs, loaded when its verb is called."""

import errno
import gc
import sys
from importlib import import_module
from typing import NoReturn

import click

from umecrawl import __version__
from umecrawl.cli.context import Globals, global_options
from umecrawl.cli.interrupts import one_interrupt
from umecrawl.cli.visible import one_line
from umecrawl.errors import InterruptedRunError, NoSpaceError, UmecrawlError

# Verb: what it does, in the words of the list of commands. A verb's module is imported when the verb is called:
# Scrapy alone takes most of a second to load, and `umecrawl history` has no use for it.
_VERBS = {
    "demo": "Do the whole job on built-in sample sites, without network.",
    "init": "Make an archive with a commented umecrawl.toml.",
    "crawl": "Crawl the collection into WARC files and the index.",
    "schedule": "Crawl each source when it is due, for as long as it runs.",
    "index": "Bring the SQL index up to the WARC files.",
    "search": "Search the texts of all article versions.",
    "count": "Count articles that answer a query, by month, site or author.",
    "timeline": "Show a term over time, with its share of all articles.",
    "similar": "List the articles most like another.",
    "history": "List every capture of a URL.",
    "versions": "List the texts an article has had, and what changed.",
    "diff": "Show word by word what changed between two versions.",
    "changes": "List edits, stealth edits, removals and returns.",
    "removals": "List the articles that went, with the evidence.",
    "citations": "List who links to whom, with the sentence.",
    "reuse": "List passages that articles share.",
    "cite": "Cite a capture, with what proves it.",
    "show": "Show one capture: facts, text, body, headers, record.",
    "coverage": "Say how well each site was watched, by day or month.",
    "status": "Show runs, storage, dedup and problems.",
    "export": "Write the archive, or a choice of it, as WACZ, WARC or tables.",
    "verify": "Prove that nothing was lost or altered.",
    "scope": "Explain which rule takes or leaves a URL.",
    "fixture": "Save captures as test fixtures, with their expected extraction.",
}


class _Verbs(click.Group):
    """A group whose commands are imported when they are asked for, listed in the order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's
        if cmd_name not in _VERBS:
            return None
        # What is imported stays: looking through it for cycles, now and at the end, takes a sixth of a short command.
        enabled = gc.isenabled()
        gc.disable()
        try:
            command: click.Command = import_module(f"umecrawl.cli.{cmd_name}").command
        finally:
            if enabled:
                gc.enable()
        gc.freeze()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click's
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96})
@click.version_option(__version__, prog_name="umecrawl")
@global_options
def umecrawl() -> None:
    """Archive political blogs and the news they cite; ask what was said, changed and removed.

    \b
    A first look, without network:
      umecrawl demo
    An archive of your own:
      umecrawl init my-archive
      umecrawl crawl --archive my-archive
      umecrawl search trygghet --archive my-archive

    Exit codes: 0 done; 1 unexpected error; 2 wrong usage; 3 configuration invalid; 4 not found; 5 damage found;
    6 a seed failed; 7 archive in use; 8 no space left; 9 service unreachable; 130 interrupted.
    """


def main(argv: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; known failures are one line and a hint."""
    with one_interrupt():
        _main(argv)


def _main(argv: list[str] | None) -> NoReturn:
    state = Globals()
    try:
        code = umecrawl.main(args=argv, prog_name="umecrawl", obj=state, standalone_mode=False)
    except UmecrawlError as error:
        _say(error, debug=state.debug)
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = InterruptedRunError.exit_code
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing to say, and nobody to say it to.
        sys.stderr.close()
        code = 0
    except OSError as error:
        failure = _of_the_system(error)
        _say(failure, debug=state.debug)
        code = failure.exit_code
    except Exception as error:  # noqa: BLE001  # the last border: whatever it is, the user gets one line
        _say(
            UmecrawlError(f"{type(error).__name__}: {error}", hint="This is a fault of umecrawl; --debug shows where."),
            debug=state.debug,
        )
        code = UmecrawlError.exit_code
    sys.exit(code if isinstance(code, int) else 0)


def _of_the_system(error: OSError) -> UmecrawlError:
    what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return NoSpaceError(what, hint="Make room on the disk, then go on; what was acknowledged is safe.")
    return UmecrawlError(what, hint="Check the path and its rights; --debug shows where this happened.")


def _say(error: UmecrawlError, *, debug: bool) -> None:
    if debug:
        import traceback  # noqa: PLC0415  (measured start-up cost)

        traceback.print_exc()
    click.echo(f"Error: {one_line(error.message)}", err=True)
    if error.hint:
        click.echo(f"Hint: {one_line(error.hint)}", err=True)
