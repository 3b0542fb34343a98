"""On which line of a TOML text a key stands."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from umecrawl.config.positions import KeyLines

TEXT = """\
# a comment with = and [brackets]
title = "a # no comment"   # but this

[collection]
name = 'x'
list = [
    "one",   # ] no end
    "two",
]
"quoted key" = 1

[[source]]
name = \"\"\"
[not.a.header]
name = "no key"
\"\"\"

[[source]]
name = '''
x = 1'''
follow.deep = true
[source.inner]
key = { a = 1, b = [2] }
"""


def test_each_key_stands_where_the_text_has_it():
    """Strings, comments and brackets do not hide or feign keys; tables of an array are told apart."""
    assert tomllib.loads(TEXT)
    lines = KeyLines(TEXT)
    assert lines.of(("title",)) == 2
    assert lines.of(("collection",)) == 4
    assert lines.of(("collection", "list")) == 6
    assert lines.of(("collection", "quoted key")) == 10
    assert lines.of(("source", 0, "name")) == 13
    assert lines.of(("source", 1)) == 18
    assert lines.of(("source", 1, "name")) == 19
    assert lines.of(("source", 1, "follow", "deep")) == 21
    assert lines.of(("source", 1, "inner", "key")) == 23


def test_a_missing_key_is_told_where_its_table_begins():
    """What is not there has no line of its own; the nearest table above is named."""
    lines = KeyLines(TEXT)
    assert lines.of(("collection", "contact")) == 4
    assert lines.of(("source", 1, "seeds")) == 18
    assert lines.of(("source", 1, "inner", "key", "a")) == 23
    assert lines.of(("politeness", "delay")) == 1


KEYS = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
VALUES = st.sampled_from(
    [
        '"a"',
        "'b # c'",
        "1",
        "true",
        '["x",\n  "]",\n]',
        '"""\nk = 1\n[t]\n"""',
        "'''\n\\\n'''",
        "{ a = 1 }",
        "1979-05-27",
    ]
)
COMMENTS = st.sampled_from(["", " # note", "\n", "\n# [x]\n"])


@given(st.lists(st.tuples(KEYS, st.lists(st.tuples(KEYS, VALUES, COMMENTS), unique_by=lambda k: k[0]), st.booleans())))
def test_a_line_that_is_named_holds_the_key(tables):
    """In any valid text the line of a key begins with that key."""
    text, seen, arrays, wanted = "", set(), {}, []
    for name, pairs, wants_array in tables:
        if name in seen and name not in arrays:
            continue
        is_array = name in arrays or wants_array
        seen.add(name)
        text += f"[[{name}]]\n" if is_array else f"[{name}]\n"
        path = (name,)
        if is_array:
            arrays[name] = arrays.get(name, 0) + 1
            path = (name, arrays[name] - 1)
        for key, value, comment in pairs:
            wanted.append(((*path, key), key))
            text += f"{key} = {value}{comment}\n"
    assert tomllib.loads(text) is not None
    lines, rows = KeyLines(text), text.split("\n")
    for path, key in wanted:
        assert rows[lines.of(path) - 1].startswith(f"{key} = ")


@given(st.text())
def test_no_text_is_too_broken_to_scan(text):
    """Whatever the text, the scan ends and every question gets a line."""
    assert KeyLines(text).of(("a", 1, "b")) >= 1
