"""What the documentation prints is what the program does: commands, options, generated pages, links, examples."""

import inspect
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from umecrawl import config
from umecrawl.cli import umecrawl

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = [page for page in PAGES if "Made by docs/reference.py" not in page.read_text(encoding="utf-8")]


def all_commands(command=umecrawl, path=()):
    """Yield every command with the words that call it."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from all_commands(command.get_command(context, name), (*path, name))


def code_lines(page):
    """Return the lines of code blocks of a page, those continued by a backslash joined."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"(?ms)^```(?:sh|console|cron)?\n(.*?)^```", text)
    return "\n".join(blocks).replace("\\\n", " ").splitlines()


def printed_commands():
    """Return each `umecrawl …` command that a hand-written page prints, with its page."""
    found = []
    for page in WRITTEN:
        inline = re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```.*?^```", "", page.read_text(encoding="utf-8")))
        for line in [*code_lines(page), *inline]:
            match = re.search(r"(?:^|[ /])umecrawl ([a-z-].*)$", line.strip())
            if match and not re.search(r"pip install|uv build|rsync|^cd |python -m|import umecrawl", line):
                found.append((str(page.relative_to(ROOT)), match[1]))
    return sorted(set(found))


def test_the_generated_pages_are_up_to_date_and_every_link_leads_somewhere():
    """`docs/reference.py --check` names nothing."""
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "reference.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stdout), done.stderr


@pytest.mark.parametrize(
    ("path", "command"),
    [pytest.param(path, command, id=" ".join(("umecrawl", *path))) for path, command in all_commands()],
)
def test_every_command_is_documented_with_an_example(path, command):
    """Each help says what the command does and shows a call of it."""
    name = " ".join(("umecrawl", *path))
    assert command.help
    text = inspect.cleandoc(command.help)
    assert f"\n  {name}" in text
    if path:
        last = text.splitlines()[-1]
        assert last.startswith("  umecrawl "), "the help ends in an example"
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert f"## {name}\n" in page


@pytest.mark.parametrize(("page", "line"), printed_commands())
def test_every_command_that_the_docs_print_exists_with_its_options(page, line):
    """No page shows a verb or an option that the program does not know."""
    words = shlex.split(re.split(r" [|>&] ?", line)[0], comments=True)
    command = umecrawl
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command = command.get_command(click.Context(command), words.pop(0))
        assert command is not None, f"{page} prints an unknown command: umecrawl {line}"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0] in known | {"-h", "--help"}, f"{page}: umecrawl {line}"


def test_the_readme_fits_a_terminal_of_80_columns():
    """No line is longer, but for one that is a URL and nothing else."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [] == [line for line in lines if len(line) > 80 and len(line.split()) > 1]


def toml_blocks():
    """Return each piece of configuration that a page shows, with its page."""
    for page in WRITTEN:
        for block in re.findall(r"(?ms)^```toml\n(.*?)^```", page.read_text(encoding="utf-8")):
            yield pytest.param(block, id=str(page.relative_to(ROOT)))


@pytest.mark.parametrize("block", list(toml_blocks()))
def test_every_piece_of_configuration_that_the_docs_show_is_valid(block):
    """Pieces are completed to a whole file by what a reader would have above them."""
    collection = '[collection]\nname = "n"\ncontact = "https://archive.example/"\n'
    source = '[[source]]\nname = "n"\nseeds = ["https://site.example/"]\n'
    before = "" if "[collection]" in block else collection if "[[source]]" in block else collection + source
    assert config.parse(before + block, Path("umecrawl.toml")).sources


def test_every_rule_of_verify_is_explained():
    """Whoever gets a finding can look its rule up."""
    names = ("rules", "scan", "inspection", "companions", "references", "wacz_check")
    sources = (*(f"warc/{name}.py" for name in names), "pipeline/audit.py")
    code = "\n".join((ROOT / "umecrawl" / source).read_text(encoding="utf-8") for source in sources)
    rules = re.findall(r'(?:Flaw|_error|_broken|_kind|BreakKind\.\w+:) ?\(\s*"([a-z-]+)"', code)
    rules += re.findall(r'Finding\([^,]+,[^,]+,\s*"([a-z-]+)"', code)
    assert len(rules) > 20
    page = (ROOT / "docs" / "how-to" / "verify.md").read_text(encoding="utf-8")
    assert [] == [rule for rule in sorted(set(rules)) if f"`{rule}`" not in page]


def test_every_dependency_is_explained():
    """Whoever adds a package says why, and what else was looked at."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    groups.append(project["dependency-groups"]["dev"])
    text = (ROOT / "docs" / "explanation" / "dependencies.md").read_text(encoding="utf-8")
    assert [] == [
        name for name in (re.match(r"[\w-]+", line)[0] for group in groups for line in group) if name not in text
    ]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_folder_of_the_machine_it_was_written_on(page):
    """Paths in examples are invented, and nothing is left to be done."""
    text = page.read_text(encoding="utf-8")
    assert "/work/" not in text
    assert "TODO" not in text
