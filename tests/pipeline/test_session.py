"""Finding a run again among the files of an archive."""

import gzip

import pytest

from umecrawl.errors import NotFoundError
from umecrawl.pipeline.runs import events_of, run_of
from umecrawl.warc.reader import WarcArchive


@pytest.fixture
def archive(tmp_path):
    """Return an archive that holds one file by somebody else, damaged in its first record."""
    folder = tmp_path / "warc" / "test"
    folder.mkdir(parents=True)
    (folder / "other-20260101000000-00000-host.warc.gz").write_bytes(gzip.compress(b"WARC/1.0\r\nbroken"))
    return WarcArchive(tmp_path)


def test_a_damaged_file_of_somebody_else_does_not_hide_the_runs(archive):
    """What cannot be read is nobody's run; the answer is about the run that was asked for."""
    with pytest.raises(NotFoundError, match="no run 'last' in the archive"):
        run_of(archive, "last")


def test_a_damaged_file_of_somebody_else_is_passed_over_on_resuming(archive):
    """A run is recalled from its own files alone."""
    assert [] == list(events_of(archive, "20260101000000-aaaa"))
