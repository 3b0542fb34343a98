"""Writes what is generated from the code, docs/reference/ and what Datasette is told; checks it and the docs' links.

python docs/reference.py            write the pages anew
python docs/reference.py --check    write nothing; name what is stale or broken and exit with 1
"""  # noqa: INP001  (a script beside the pages it writes, not a package)

import enum
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, Field, fields
from datetime import datetime, timedelta
from pathlib import Path
from types import GenericAlias, NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import click
import datasette
from links import broken_links
from sqlalchemy import Boolean, Column, Float, Integer, Table
from sqlalchemy.sql import visitors

import umecrawl as umecrawl_package
from umecrawl import config, errors
from umecrawl.cli import umecrawl
from umecrawl.config.quantity import format_duration, format_size
from umecrawl.index import schema, views
from umecrawl.index.columns import UtcTime
from umecrawl.query import rows

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NOTICE = "<!-- Made by docs/reference.py from the code. Do not edit: change the code and run `just docs`. -->"
WIDTH = 80

# What the columns say that a view works out itself; every other column says what its table says.
FIGURES = {
    "entity_sha256": "Hex of the payload digest alone",
    "first_capture": "UUID of the first capture that shows it",
    "last_capture": "UUID of the last capture that shows it",
    "requested": "Fetches tried: `captured` + `failed`",
    "captured": "Captures",
    "not_modified": "Captures with status 304",
    "revisits": "Captures with the same octets as an earlier one",
    "failed": "Fetches that brought no response",
    "skipped": "URLs left out",
    "skipped_by_reason": "The same by rule, a JSON object",
    "bytes_wire": "Octets received, those of failed fetches too",
    "due_at": "The time that a scheduled run serves; of several sources the first",
    "late_seconds": "How much later than due a scheduled run began; of several sources the most",
    "missed": "Times that passed unserved before a scheduled run, of all its sources",
    "bytes_stored": "Octets of the files of the run; of a run by another tool, of the records of its captures",
    "new_versions": "Versions first seen in this run",
    "outcome": "captured, revisit, not-modified or failed",
    "reason": "Why it failed, or why octets are missing",
    "detail": "What was said about a failure",
    "article": "Canonical URL of the article",
    "differs": "1 where the article's own page never had this text, 0 where it had; null for an excerpt",
    "taken_value": "The value that was taken",
    "taken_source": "Where the value that was taken stood",
    "readings": "How many readings of pages say so",
    "captures": "How many captures show it",
    "versions.signatories": "Who signs the text, from the first capture: a JSON array of {name, party, office}",
    "articles.signatories": "Who signs the text, from the first capture: a JSON array of {name, party, office}",
    "place": "`header` or `meta`",
    "noarchive": "1 where the value asks not to keep a copy; whom it addresses stands in it",
    "tdm_reserved": "1 where text and data mining is reserved",
    "counts.own": "1 on the article's own page, 0 on a listing, in a feed or beside another article",
    "claims.own": "1 on the article's own page, 0 on a listing, in a feed or beside another article",
    "sightings.excerpt": "1 where the beginning of the text only is shown, or none of it",
    "claims.differs": "1 where it contradicts the value that was taken",
    "signatories.url": "Canonical URL of the article",
    "claims.url": "Canonical URL of the article",
    "disagreements.url": "Canonical URL of the article",
    "disagreements.first_seen": "Time of the first capture that says so",
    "comments.url": "Canonical URL of the article",
    "comments.author": "Pseudonym of who wrote it: 10 hex digits, the same for one name on one site",
    "comments.first_seen": "Time of the first capture that shows it",
    "comments.last_seen": "Time of the last capture that shows it",
    "citations.from_url": "Canonical URL of the article that links",
    "citations.from_version": "Public id of the version the link stands in",
    "citations.site": "Host of that article",
    "citations.to_url": "URL as it is linked",
    "citations.target_site": "Host of the target",
    "citations.first_seen": "Time of the first capture in which the link stands",
    "citations.target_state": "archived, gone, blocked, excluded or pending",
    "citations.target_capture": "UUID of the latest good capture of the target, past one redirect too",
    "citations.anchor": "Words of the link",
    "citations.sentence": "Sentence of the article that the link stands in",
    "citations.kind": "link, image, media, embed, attachment",
    "coverage.day": "The day, in UTC",
    "coverage.runs": "Runs that asked for something that day",
    "coverage.requested": "Attempts to fetch: captured and failed",
    "coverage.captured": "Answers of whatever status",
    "coverage.unchanged": "Answers with the same octets as before, or 304",
    "coverage.pages": "Answers that can be read, below status 400",
    "coverage.gone": "Answers 404 and 410",
    "coverage.blocked": "Answers 401, 402, 403, 429, 451 and 503",
    "coverage.errors": "Other answers from status 400 on",
    "coverage.failed": "Attempts that brought no answer",
    "coverage.robots": "URLs that robots.txt forbade",
    "coverage.left_out": "URLs left out by any rule, those of robots.txt among them",
    "coverage.new_versions": "Versions of articles of the site that were seen for the first time",
    "coverage.first_at": "Time of the first attempt of the day",
    "coverage.last_at": "Time of the last attempt of the day",
    "missed.url": "Canonical URL that is named",
    "missed.named_by": "sitemap, listing (also feeds and API answers) or article (a link in its text)",
    "missed.first_named_at": "Time of the first capture that names it",
    "missed.state": "failed, blocked, excluded or pending",
    "missed.reason": "Why the last attempt failed, or the rule that left it out",
    "removals.url": "Canonical URL of the article",
    "removals.since": "Time of the step that made the state",
    "removals.title": "Headline of the version that was last shown before it went",
    "removal_steps.url": "Canonical URL of the article",
    "removal_steps.list": "URL of the sitemap, feed, API answer or listing that was left",
    "changes.url": "Canonical URL of the article",
    "reuse.source_url": "Canonical URL of the article that had the passage first, as far as `ordering` tells",
    "reuse.target_url": "Canonical URL of the other article",
    "reuse.source_version": "Public id of the version of the source",
    "reuse.target_version": "Public id of the version of the target",
    "reuse.passage": "The passage, as it stands in the source",
    "reuse.first_seen_source": "Time of the first capture that shows the version of the source",
    "reuse.first_seen_target": "Time of the first capture that shows the version of the target",
    "changes.confirmed": "0 for a removal that captures of fewer than three days have shown, else 1",
    "quality": "full, teaser, consent, challenge, soft-404, empty, error; null for what is no page",
}

CLI = """\
Global options stand before or after the verb.
Data goes to stdout; talk, progress and warnings go to stderr.
A known failure is one `Error:` line, most often with a `Hint:` line, and an [exit code](exit-codes.md).
Precedence: flag, then environment, then `umecrawl.toml`, then default.
"""

CONFIGURATION = """\
An archive is described by one file, `umecrawl.toml`, in its folder; `umecrawl init` writes one with comments.
The format is [TOML](https://toml.io).

- A duration is a string of numbers and units: `"500ms"`, `"1s"`, `"6h"`, `"1h30m"` (ms, s, m, h, d, w).
- A size is a string with its unit: `"100MB"` is 10^8 octets, `"64MiB"` is 2^26.
- A regular expression is searched (not matched whole) in the canonical URL.
  Write it in single quotes, so that backslashes stay as they are.

An unknown key, a wrong type or value, a missing contact or two sources of one name end the command
with [exit code 3](exit-codes.md); the message names file, line, key and the nearest known key.
Every setting of a run is written into the `warcinfo` record of each of its files ([warc.md](warc.md)).
"""

SCHEMA = """\
The index is a database: `index.sqlite` in the archive folder, or PostgreSQL.
It is derived: `umecrawl index --rebuild` makes it anew from the WARC files.
Ask the views; they are the same on both databases and change only with a line in the changelog.
The tables below them may change with any release.

Times in views are text in RFC 3339, UTC, with six decimals: text order is time order.
Absent values are null.
"""

EXIT_CODES = """\
Code 0 means done.
Scripts may rely on the numbers.
Without `--debug` a known failure is one line on stderr and a hint.
"""

PYTHON = """\
`umecrawl.open()` opens an archive for reading, for scripts and notebooks.
Answers are frozen dataclasses; their fields are listed in [Fields of answers](rows.md).

```python
import umecrawl

with umecrawl.open("my-archive") as archive:
    for hit in archive.search("trygghet", site="partiet.example", limit=5):
        print(hit.published_at, hit.title, hit.url)
```
"""

ROWS = """\
The fields of an answer are the same in `--json`, `--nl`, `--csv` and in Python, where each row is a frozen dataclass.
Times are RFC 3339 in UTC; absent values are `null` (JSON) or `None` (Python).
"""


def pages() -> dict[Path, str]:
    """Return every generated page with its text."""
    made = {
        "cli.md": ("Command line", CLI, _cli()),
        "configuration.md": ("Configuration: umecrawl.toml", CONFIGURATION, _configuration()),
        "schema.md": ("SQL schema", SCHEMA, _schema()),
        "exit-codes.md": ("Exit codes", EXIT_CODES, _exit_codes()),
        "rows.md": ("Fields of answers", ROWS, _rows()),
        "python.md": ("Python", PYTHON, _python()),
    }
    written = {
        HERE / "reference" / name: f"# {title}\n\n{NOTICE}\n\n{about}\n{body.rstrip()}\n"
        for name, (title, about, body) in made.items()
    }
    return written | {ROOT / "examples" / "datasette" / "metadata.json": datasette.metadata()}


def commands(command: click.Command = umecrawl, path: tuple[str, ...] = ("umecrawl",)) -> Iterator[tuple[str, str]]:
    """Yield each command's name as typed and its help, groups before their commands."""
    context = click.Context(command, info_name=" ".join(path), max_content_width=WIDTH, terminal_width=WIDTH)
    context.help_option_names = ["-h", "--help"]
    yield " ".join(path), command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None and not found.hidden:
                yield from commands(found, (*path, name))


def _cli() -> str:
    return "\n".join(f"## {name}\n\n```text\n{text}\n```\n" for name, text in commands())


def _configuration() -> str:
    contact, seed = "https://archive.example/", "https://site.example/"
    smallest = f'[collection]\nname = "n"\ncontact = "{contact}"\n[[source]]\nname = "n"\nseeds = ["{seed}"]\n'
    parsed = config.parse(smallest, Path(config.FILE_NAME))
    parts = []
    for heading, defaults in (
        ("[collection]", parsed.collection),
        ("[politeness]", parsed.politeness),
        ("[revisit]", parsed.revisit),
        ("[schedule]", parsed.schedule),
        ("[[source]]", parsed.sources[0]),
    ):
        kind = type(defaults)
        listed = []
        for field in fields(kind):
            if field.name in {"politeness", "revisit"}:  # a source's own are keys and a table of its own
                continue
            required = field.default is MISSING and field.default_factory is MISSING
            default = "" if required else _as_written(field.name, getattr(defaults, field.name))
            written = f"`{default}`" if default and default not in {contact, "n"} else ""
            type_name = _toml_type(get_type_hints(kind)[field.name], default)
            listed.append((f"`{field.name}`", type_name, "*required*" if required else written, _help(kind, field)))
        parts.append(f"## {heading}\n\n" + _table(("key", "type", "default", "meaning"), listed))
    parts.append(
        "A `[[source]]` may also set any key of `[politeness]` for itself, and any key of `[revisit]` in a table "
        "`[source.revisit]` behind it.\n"
    )
    return "\n".join(parts)


def _as_written(name: str, value: object) -> str:
    match value:
        case None | ():
            return ""
        case bool():
            return "true" if value else "false"
        case timedelta():
            return format_duration(value)
        case int() if name.endswith("_bytes"):
            return format_size(value)
        case _:
            return str(value)


def _help(kind: type, field: Field[Any]) -> str:
    text = field.metadata.get("help", "")
    if not text:
        sys.exit(f"{kind.__name__}.{field.name} has no help: add metadata={{'help': ...}} to the field")
    return str(text)


def _toml_type(hint: Any, default: str) -> str:
    if isinstance(hint, UnionType):
        hint = next(one for one in get_args(hint) if one is not NoneType)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return " \\| ".join(f"`{word.value}`" for word in hint)
    if isinstance(hint, GenericAlias) or get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return "list of regular expressions" if get_origin(inner) is re.Pattern else "list of strings"
    if hint is int:
        return "whole number" if default.isdigit() else "size"
    return {str: "string", bool: "boolean", timedelta: "duration"}[hint]


def _schema() -> str:
    parts = ["## Views\n"]
    known: dict[str, str] = {}
    for name, view in views.views_metadata.tables.items():
        listed = [(f"`{column.name}`", _sql_type(column), meaning) for column, meaning in _view_columns(view)]
        columns = _table(("column", "type", "meaning"), listed)
        alike = known.setdefault(columns, name)
        about = f"{views.DESCRIPTIONS[name]}."
        parts += [f"### {name}\n", f"{about}\n", columns if alike == name else f"Columns: those of `{alike}`.\n"]
    parts.append("## Tables\n")
    for table in schema.metadata.sorted_tables:
        listed = [(f"`{column.name}`", _sql_type(column), _meaning(column)) for column in table.columns]
        parts += [f"### {table.name}\n", f"{table.comment}.\n", _table(("column", "type", "meaning"), listed)]
    return "\n".join(parts)


def _view_columns(view: Table) -> Iterator[tuple[Column[Any], str]]:
    # SQLAlchemy keeps the statement of a view only in the DDL element that makes it.
    statement = view._creator_ddl.selectable  # type: ignore[union-attr]  # noqa: SLF001
    selected = getattr(statement, "selects", [statement])[0].selected_columns
    for column, source in zip(view.columns, selected, strict=True):
        inner = [one for one in visitors.iterate(source) if isinstance(one, Column) and one.comment]
        meaning = inner[0].comment if len(inner) == 1 else FIGURES.get(column.name)
        if view.name == "fetches":
            meaning = FIGURES.get(column.name, meaning)
        meaning = FIGURES.get(f"{view.name}.{column.name}", meaning)
        if not meaning:
            sys.exit(f"the column {view.name}.{column.name} has no meaning: add it to FIGURES in docs/reference.py")
        yield column, meaning


def _meaning(column: Column[Any]) -> str:
    if not column.comment:
        sys.exit(f"the column {column.table.name}.{column.name} has no comment")
    key = next(iter(column.foreign_keys), None)
    return column.comment + (f" (`{key.column.table.name}.{key.column.name}`)" if key is not None else "")


def _sql_type(column: Column[Any]) -> str:
    if isinstance(column.type, UtcTime):
        return "time"
    names = {Integer: "integer", Boolean: "boolean", Float: "number"}
    return next((name for kind, name in names.items() if isinstance(column.type, kind)), "text")


def _exit_codes() -> str:
    listed = [("0", "", "Done.")]
    found: list[type[errors.UmecrawlError]] = [errors.UmecrawlError, *_below(errors.UmecrawlError)]
    for kind in sorted(found, key=lambda one: one.exit_code):
        about = (kind.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip()
        if kind is errors.UmecrawlError:
            about = "Unexpected, or of no narrower kind."
        listed.append((str(kind.exit_code), f"`{kind.__name__}`", about))
    return _table(("code", "exception", "meaning"), listed)


def _below(kind: type[errors.UmecrawlError]) -> Iterator[type[errors.UmecrawlError]]:
    for one in kind.__subclasses__():
        if one.__module__ == errors.__name__:
            yield one
            yield from _below(one)


def _rows() -> str:
    parts = []
    for kind in get_args(rows.Row):
        about = _doc(kind)
        hints = get_type_hints(kind)
        listed = [(f"`{field.name}`", _json_type(hints[field.name])) for field in fields(kind)]
        parts += [f"## {kind.__name__}\n", f"{about}\n", _table(("field", "type in JSON"), listed)]
    return "\n".join(parts)


def _python() -> str:
    parts = [
        _callable("umecrawl.open", umecrawl_package.open, "##"),
        "## Archive\n",
        f"{_doc(umecrawl_package.Archive)}\n",
    ]
    for kind in inspect.getmro(umecrawl_package.Archive):
        for name, method in vars(kind).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                parts.append(_callable(f"archive.{name}", method))
    return "\n".join(parts)


def _callable(name: str, function: Callable[..., object], level: str = "###") -> str:
    signature = re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Za-z])", "", str(inspect.signature(function)))
    signature = signature.replace("(self, ", "(").replace("(self)", "()")
    return f"{level} {name.rpartition('.')[2]}\n\n```text\n{name}{signature}\n```\n\n{_doc(function)}\n"


def _doc(thing: object) -> str:
    return inspect.getdoc(thing) or ""


def _json_type(hint: Any) -> str:
    if isinstance(hint, UnionType):
        return " or ".join("null" if one is NoneType else _json_type(one) for one in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return "string: " + ", ".join(word.value for word in hint)
    if isinstance(hint, GenericAlias):
        return "array"
    names = {str: "string", int: "integer", float: "number", bool: "boolean", datetime: "time", rows.Counts: "object"}
    return names[hint]


def _table(heads: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    """Write the pages, or check them."""
    wanted = pages()
    if "--check" not in sys.argv[1:]:
        for path, text in wanted.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return
    problems = [
        f"{path.relative_to(ROOT)}: stale; run: python docs/reference.py"
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    problems += broken_links(ROOT)
    for problem in problems:
        click.echo(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
