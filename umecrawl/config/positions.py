"""On which line of a TOML text each key stands.

`tomllib` gives values without positions, and so do the TOML libraries that keep style. A valid text needs only
a small scanner: keys and headers begin a line, and strings, comments and brackets are all that can hide a line end.
"""

import re
import tomllib

# A key's way from the root: names, and the index of each table in an array of tables.
KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SEGMENT = re.compile(r"""[ \t]*("(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*(\.?)""")
_VALUE_PART = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*'|"
    r"\#[^\n]*|"
    r"[\[{]|[\]}]|\n|"
    r"""[^"'\#\[\]{}\n]+""",
    re.DOTALL,
)


class KeyLines:
    """The line numbers of the keys of one TOML text; `of` never fails, it names the nearest key above."""

    def __init__(self, text: str) -> None:
        self._lines = _scan(text)

    def of(self, path: KeyPath) -> int:
        """Return the line (from 1) of a key or table, or of the table that holds it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)


def _scan(text: str) -> dict[KeyPath, int]:
    lines: dict[KeyPath, int] = {}
    tables: dict[KeyPath, int] = {}  # how many tables each array of tables has so far
    table: KeyPath = ()
    position = _end(_BLANK, text, 0)
    while position < len(text):
        begin = position
        line = text.count("\n", 0, position) + 1
        if text[position] == "[":
            is_array = text.startswith("[[", position)
            keys, position = _dotted_key(text, position + (2 if is_array else 1))
            table = _resolve(keys, tables, is_array=is_array)
            lines.setdefault(table, line)
            position = _line_end(text, position)
        else:
            keys, position = _dotted_key(text, position)
            path = table
            for key in keys:
                path = (*path, key)
                lines.setdefault(path, line)
            position = _value_end(text, position)
        if position == begin:  # no TOML at all
            position = _line_end(text, position)
        position = _end(_BLANK, text, position)
    return lines


def _dotted_key(text: str, position: int) -> tuple[tuple[str, ...], int]:
    keys: list[str] = []
    while match := _SEGMENT.match(text, position):
        key = match[1]
        keys.append(str(tomllib.loads(f"key = {key}")["key"]) if key[0] in "\"'" else key)
        position = match.end()
        if not match[2]:
            break
    return tuple(keys), position


def _resolve(keys: tuple[str, ...], tables: dict[KeyPath, int], *, is_array: bool) -> KeyPath:
    path: KeyPath = ()
    for depth, key in enumerate(keys, start=1):
        path = (*path, key)
        if is_array and depth == len(keys):
            tables[path] = tables.get(path, 0) + 1
        if path in tables:
            path = (*path, tables[path] - 1)
    return path


def _value_end(text: str, position: int) -> int:
    depth = 0
    while match := _VALUE_PART.match(text, position):
        position = match.end()
        part = match[0]
        if part in "[{":
            depth += 1
        elif part in "]}":
            depth -= 1
        elif part == "\n" and depth == 0:
            break
    return max(position, _line_end(text, position)) if depth else position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
