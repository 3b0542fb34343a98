"""An archive opened for reading: the connection to its index and its WARC files, until it is closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

from umecrawl.errors import NotFoundError
from umecrawl.index.engine import Index
from umecrawl.query.catalog import Catalog
from umecrawl.warc.reader import WarcArchive


class OpenedArchive:
    """Holds what every question to an archive needs; each is answered in one transaction of its own."""

    def __init__(self, root: str | PathLike[str], database: str | None = None) -> None:
        self.root = Path(root)
        # An index on a server is asked from where no WARC file is, too.
        if database is None and not self.root.is_dir():
            raise NotFoundError(f"there is no archive at {self.root}", hint="Make one: umecrawl init DIR")
        self._index = Index.open(database or Index.default_url(self.root), create=False)
        self._warcs = WarcArchive(self.root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._index.close()

    @contextmanager
    def _catalog(self) -> Iterator[Catalog]:
        with self._index.connect() as connection:
            yield Catalog(connection)
