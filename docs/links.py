"""Checks the relative links of README, CONTRIBUTING and the docs: file and heading must exist."""  # noqa: INP001  (beside the pages it checks)

import re
from collections.abc import Iterator
from pathlib import Path


def broken_links(root: Path) -> list[str]:
    """Return a sentence for each relative link that leads nowhere, in README, CONTRIBUTING and docs."""
    sources = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
    broken = []
    for source in sources:
        for target in _links(source.read_text(encoding="utf-8")):
            path, _, anchor = target.partition("#")
            file = (source.parent / path).resolve() if path else source
            if not file.exists() or not file.is_relative_to(root):
                broken.append(f"{source.relative_to(root)}: no such file: {target}")
            elif anchor and anchor not in _anchors(file.read_text(encoding="utf-8")):
                broken.append(f"{source.relative_to(root)}: no such heading: {target}")
    return broken


def _links(text: str) -> Iterator[str]:
    prose = re.sub(r"(?ms)^ *```.*?^ *```|`[^`\n]*`", "", text)
    for match in re.finditer(r"\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)", prose, re.MULTILINE):
        target = match[1] or match[2]
        if not re.match(r"[a-z]+:", target):
            yield target


def _anchors(text: str) -> set[str]:
    prose = re.sub(r"(?ms)^ *```.*?^ *```", "", text)
    headings = re.findall(r"(?m)^#+ +(.+?) *$", prose)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
