"""umecrawl: an archival crawler for political blogs and the news they cite.

import umecrawl

with umecrawl.open("archive") as archive:
    for version in archive.search("trygghet", site="umesosse.se"):
        print(version.published_at, version.title, version.url)
"""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as _version_of
from os import PathLike

try:
    __version__ = _version_of("umecrawl")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0"

from umecrawl.query.archive import Archive

SOFTWARE = f"umecrawl/{__version__}"  # as records and requests name it

__all__ = ["Archive", "__version__", "open"]


def open(path: str | PathLike[str] = "archive", database: str | None = None) -> Archive:  # noqa: A001  (as in `gzip.open`)
    """Open an archive for reading; `database` is the URL of its index, by default the SQLite file in its folder.

    Raises `NotFoundError` where there is no archive or no index, `ServiceError` where the database cannot be reached.
    """
    return Archive(path, database)
