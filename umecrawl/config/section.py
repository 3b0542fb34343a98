"""One table of `umecrawl.toml` while it is read: each value is checked where it is asked for."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import NoReturn, TypeVar

from umecrawl.config.positions import KeyLines, KeyPath
from umecrawl.config.quantity import parse_duration, parse_size
from umecrawl.errors import ConfigError

# A name becomes part of file and folder names on any system, and of URLs.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")

_TYPE_NAMES: dict[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


class Section:
    """A table of the file with its place in it; each method reads one key and raises `ConfigError` when it is wrong."""

    def __init__(self, table: Mapping[str, object], where: KeyPath, path: Path, lines: KeyLines) -> None:
        self._table = table
        self._where = where
        self._path = path
        self._lines = lines

    def refuse(self, key: str | None, wanted: str, hint: str = "") -> NoReturn:
        """Raise `ConfigError` for a key of this table (or for the table): file, line, key and what is wanted."""
        place: KeyPath = self._where if key is None else (*self._where, key)
        dotted = ".".join(str(part) for part in place if not isinstance(part, int))
        raise ConfigError(f"{self._path}, line {self._lines.of(place)}: {dotted}: {wanted}", hint=hint)

    def only(self, known: Iterable[str]) -> None:
        """Refuse the first key that is not known, with the nearest that is."""
        names = tuple(known)
        for key in self._table:
            if key in names:
                continue
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
            self.refuse(
                key, "unknown key", f"Did you mean {near[0]!r}?" if near else f"Known keys here: {', '.join(names)}."
            )

    def has(self, key: str) -> bool:
        """Return whether the table has this key."""
        return key in self._table

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string; without a default the key is required and must not be empty."""
        if key not in self._table and default is not None:
            return default
        if key not in self._table:
            self.refuse(key, "is missing; a string is wanted")
        value = self._typed(key, str)
        if default is None and not value.strip():
            self.refuse(key, "must not be empty")
        return value.strip()

    def name(self) -> str:
        """Return the name of what the table describes, which is required."""
        name = self.text("name")
        if not _NAME.fullmatch(name):
            self.refuse(
                "name",
                f"letters a-z, digits, - and _ are wanted, at most 64, not {name!r}",
                "The name becomes part of file names.",
            )
        return name

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return self._typed(key, bool) if key in self._table else default

    def count(self, key: str, default: int) -> int:
        """Return a whole number from 1."""
        value = self._typed(key, int) if key in self._table else default
        if value < 1:
            self.refuse(key, f"a whole number from 1 is wanted, not {value}")
        return value

    def word(self, key: str, words: type[Word], default: Word) -> Word:
        """Return one of a few words."""
        if key not in self._table:
            return default
        value = self._typed(key, str)
        try:
            return words(value)
        except ValueError:
            choices = [str(word) for word in words]
            near = difflib.get_close_matches(value, choices, n=1)
            self.refuse(
                key,
                f"one of {', '.join(choices)} is wanted, not {value!r}",
                f"Did you mean {near[0]!r}?" if near else "",
            )

    def words(self, key: str, words: type[Word]) -> tuple[Word, ...]:
        """Return a list of some of a few words, empty when the key is missing."""
        chosen: list[Word] = []
        for text in self.strings(key):
            try:
                chosen.append(words(text))
            except ValueError:
                choices = [str(word) for word in words]
                near = difflib.get_close_matches(text, choices, n=1)
                self.refuse(
                    key,
                    f"{text!r} is none of {', '.join(choices)}",
                    f"Did you mean {near[0]!r}?" if near else "",
                )
        return tuple(dict.fromkeys(chosen))

    def duration(self, key: str, default: timedelta, *, zero: bool = True) -> timedelta:
        """Return a length of time; `zero` says whether none at all is allowed."""
        if key not in self._table:
            return default
        value = self._parsed(key, parse_duration, 'a duration such as "1s", "500ms" or "6h"')
        if not value and not zero:
            self.refuse(key, "a duration longer than nothing is wanted")
        return value

    def size(self, key: str, default: int) -> int:
        """Return a number of octets above 0."""
        if key not in self._table:
            return default
        value = self._parsed(key, parse_size, 'a size such as "100MB"')
        if value < 1:
            self.refuse(key, "a size above 0 is wanted")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, empty when the key is missing."""
        if key not in self._table:
            return ()
        values = self._typed(key, list)
        for value in values:
            if not isinstance(value, str):
                self.refuse(key, f"a list of strings is wanted, but it holds {_type_name(value)}: {value!r}")
        return tuple(value.strip() for value in values)

    def patterns(self, key: str) -> tuple[re.Pattern[str], ...]:
        """Return a list of regular expressions."""
        compiled: list[re.Pattern[str]] = []
        for text in self.strings(key):
            if not text:
                self.refuse(key, "an empty regular expression matches everything", "Remove it.")
            try:
                compiled.append(re.compile(text))
            except re.error as error:
                self.refuse(
                    key,
                    f"not a regular expression: {text!r} ({error})",
                    "Write it in single quotes, so that backslashes stay as they are.",
                )
        return tuple(compiled)

    def table(self, key: str) -> "Section":
        """Return a table inside this one, empty when it is missing."""
        if key not in self._table:
            return Section({}, (*self._where, key), self._path, self._lines)
        return Section(self._typed(key, dict), (*self._where, key), self._path, self._lines)

    def tables(self, key: str) -> tuple["Section", ...]:
        """Return an array of tables (`[[key]]`), empty when it is missing."""
        if key not in self._table:
            return ()
        value = self._table[key]
        if not isinstance(value, list):
            self.refuse(key, f"an array of tables is wanted, not {_type_name(value)}", f"Write [[{key}]].")
        sections: list[Section] = []
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                self.refuse(key, f"an array of tables is wanted, but it holds {_type_name(item)}", f"Write [[{key}]].")
            sections.append(Section(item, (*self._where, key, index), self._path, self._lines))
        return tuple(sections)

    def _typed(self, key: str, wanted: type[Value]) -> Value:
        value = self._table[key]
        # A TOML boolean is an int to Python; nobody who writes `true` means 1.
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            self.refuse(key, f"{_TYPE_NAMES[wanted]} is wanted, not {_type_name(value)}")
        return value

    def _parsed(self, key: str, parse: Callable[[str], Value], wanted: str) -> Value:
        value = self._table[key]
        if not isinstance(value, str):
            self.refuse(key, f"{wanted} is wanted, not {_type_name(value)}", "Write it in quotes, with its unit.")
        try:
            return parse(value)
        except ValueError:
            self.refuse(key, f"{wanted} is wanted, not {value!r}")


def _type_name(value: object) -> str:
    return _TYPE_NAMES.get(type(value), "a date or time")
