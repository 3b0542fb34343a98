"""Replaying WARC files: which files answer a run, and a frontier that need not wait for anybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from umecrawl.config import Source
from umecrawl.errors import UsageError
from umecrawl.pipeline.runs import CrawlOptions
from umecrawl.warc.collection import WarcFiles
from umecrawl.warc.recorded import RecordedAnswers, files_named

# Records are read one after the other; so many requests keep the spider from waiting for the next.
_AT_ONCE = 16


@contextmanager
def open_answers(root: Path, options: CrawlOptions) -> Iterator[RecordedAnswers]:
    """Open the files that `options` name as the source of all answers, and close them behind the run.

    Raises NotFoundError for a path that is not there, UsageError for files of the archive at `root` itself: their
    captures would be copied beside themselves.
    """
    paths = tuple(path for text in options.from_warc for path in files_named(text))
    inside = next((path for path in paths if _meet(path, root)), None)
    if inside is not None:
        raise UsageError(
            f"{inside} belongs to the archive {root} that the replay would write into",
            hint="Make an archive for the replay: umecrawl init replayed, and name it with --archive.",
        )
    with WarcFiles(paths) as files:
        yield RecordedAnswers(files, options.at)


def at_once(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Return the sources without delays: no host is asked, so none needs to be spared; robots.txt holds as ever."""
    return tuple(
        replace(
            source,
            max_run_time=None,
            politeness=replace(
                source.politeness,
                delay=timedelta(0),
                max_delay=timedelta(0),
                connections_per_host=_AT_ONCE,
                quiet_hours=(),
            ),
        )
        for source in sources
    )


def _meet(path: Path, root: Path) -> bool:
    """Whether a path is the archive's folder, lies in it, or holds it."""
    one, other = path.resolve(), root.resolve()
    return one == other or other in one.parents or (one.is_dir() and one in other.parents)
