from umecrawl.query.archive import Archive as Archive
from umecrawl.query.archive import open as open  # noqa: A004  (as in `gzip.open`)

__version__: str
SOFTWARE: str
