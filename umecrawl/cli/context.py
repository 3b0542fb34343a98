"""What every command knows: the archive, the database and how much to say; given before or after the verb."""

import os
import sys
from collections.abc import Callable, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from umecrawl.cli.visible import VISIBLE
from umecrawl.errors import NotFoundError

if TYPE_CHECKING:
    from umecrawl.query.archive import Archive

F = TypeVar("F", bound=Callable[..., object])


@dataclass(slots=True)
class Globals:
    """The global options; a flag after the verb wins over one before it, and both over the environment."""

    archive: Path = Path("archive")
    database: str | None = None
    debug: bool = False
    quiet: bool = False
    verbose: bool = False

    def existing_archive(self) -> Path:
        """Return the archive's folder. Raises NotFoundError where none was made."""
        if not (self.archive / "umecrawl.toml").is_file() and not (self.archive / "warc").is_dir():
            raise NotFoundError(
                f"there is no archive at {self.archive}",
                hint="Make one with `umecrawl init`, or name it with --archive DIR.",
            )
        return self.archive

    def asked_archive(self) -> Path:
        """Return the archive's folder for a question to its index; it need not be here where a database is named."""
        return self.existing_archive() if self.database is None else self.archive

    def set_up_logging(self) -> None:
        """Let the libraries speak on stderr: warnings, or with --verbose all they have to tell."""
        import logging  # noqa: PLC0415  (measured start-up cost)

        level = logging.ERROR if self.quiet else logging.INFO if self.verbose else logging.WARNING
        logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)

    def doubt(self, archive: "Archive", rows: Sized, site: str | None) -> None:
        """Say of an empty answer about a site that nothing was ever captured of it: its name may be written wrong."""
        if site is not None and not rows and next(archive.captures(site=site), None) is None:
            self.say(f"Note: the archive has no capture of the site {site}.")

    def say(self, text: str) -> None:
        """Print talk to stderr, unless the user asked for quiet."""
        if self.quiet:
            return
        if not sys.stderr.isatty():
            click.echo(text.translate(VISIBLE), err=True)
            return
        from umecrawl.cli.screen import talk  # noqa: PLC0415  (measured start-up cost: rich)

        # A path or a command must stay in one piece for copying; sentences are wrapped between words.
        whole = "/" in text or "umecrawl " in text
        talk().print(text, markup=False, soft_wrap=whole)


class _Path(click.Path):
    """A path; an empty one (an unset variable of a script, say) is refused, for it would mean the current folder."""

    name = "path"

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        if value == "":
            self.fail("an empty path is no path; write . for the current one", param, ctx)
        return Path(str(value))


PATH = _Path()


def _keep(ctx: click.Context, param: click.Parameter, value: object) -> object:
    # An option that was not given must not undo one that was given before the verb.
    if value not in (None, False):
        state = ctx.ensure_object(Globals)
        setattr(state, str(param.name), value)
    return value


def global_options(command: F) -> F:
    """Add the global options to a command; their values are in the `Globals` of its context."""
    of_group = getattr(command, "__name__", "") == "umecrawl"
    options = [
        click.option(
            "--archive",
            type=PATH,
            metavar="DIR",
            envvar="UMECRAWL_ARCHIVE" if of_group else None,
            expose_value=False,
            callback=_keep,
            help="The archive's folder. [env: UMECRAWL_ARCHIVE; default: ./archive]",
        ),
        click.option(
            "--database",
            metavar="URL",
            envvar="UMECRAWL_DATABASE" if of_group else None,
            expose_value=False,
            callback=_keep,
            help="The index's database. [env: UMECRAWL_DATABASE; default: SQLite in the archive]",
        ),
        click.option("--debug", is_flag=True, expose_value=False, callback=_keep, help="Show tracebacks."),
        click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_keep, help="Say only what failed."),
        click.option("-v", "--verbose", is_flag=True, expose_value=False, callback=_keep, help="Say more."),
    ]
    decorated: Callable[..., object] = command
    for option in reversed(options):
        decorated = option(decorated)
    return cast("F", decorated)


pass_globals = click.make_pass_decorator(Globals, ensure=True)
