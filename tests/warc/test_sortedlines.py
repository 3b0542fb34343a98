"""Sorting more lines than memory holds."""

import resource
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.errors import DamageError
from umecrawl.warc.sortedlines import SortedLines

LINES = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b" ").replace(b"!", b"?") + b"x\n"))


@given(LINES, st.integers(1, 40))
def test_lines_come_back_sorted_whatever_is_spooled(lines, at_once):
    """The same lines in the order of octets, twice if asked twice."""
    with SortedLines(at_once=at_once) as sorting:
        for line in lines:
            sorting.add(line)
        assert sorted(lines) == list(sorting)
        assert sorted(lines) == list(sorting)


def test_files_are_merged_with_what_was_added(tmp_path):
    """A line that no line end follows gets one, lines of metadata are left out, and `sort -c` agrees."""
    (tmp_path / "a.cdxj").write_bytes(b'!meta {"format": "cdxj"}\na\nc\n\xc3\xa5')
    (tmp_path / "b.cdxj").write_bytes(b"b\n")
    with SortedLines() as sorting:
        sorting.add_file(tmp_path / "a.cdxj")
        sorting.add_file(tmp_path / "b.cdxj")
        sorting.add(b"B\n")
        (tmp_path / "all").write_bytes(b"".join(sorting))
    assert (tmp_path / "all").read_bytes() == b"B\na\nb\nc\n\xc3\xa5\n"
    subprocess.run(["sort", "-c", tmp_path / "all"], env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}, check=True)


def test_there_may_be_more_files_than_may_be_open(tmp_path):
    """Three hundred files are merged where a process may open a few dozen."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with SortedLines() as sorting:
        for number in range(300):
            path = tmp_path / f"{number}.cdxj"
            path.write_bytes(b"".join(b"%06d\n" % (number + 300 * line) for line in range(5)))
            sorting.add_file(path)
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
        try:
            merged = list(sorting)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [b"%06d\n" % number for number in range(1500)] == merged


def test_a_file_that_is_not_sorted_is_told(tmp_path):
    """Merged unsorted lines would hide captures from every player."""
    (tmp_path / "a.cdxj").write_bytes(b"b\na\n")
    with SortedLines() as sorting:
        sorting.add_file(tmp_path / "a.cdxj")
        with pytest.raises(DamageError, match=r"a\.cdxj: the lines are not sorted"):
            list(sorting)
