"""umecrawl: an archival crawler for political blogs and the news they cite.

import umecrawl

with umecrawl.open("archive") as archive:
    for version in archive.search("trygghet", site="umesosse.se"):
        print(version.published_at, version.title, version.url)
"""

__version__ = "0.1.0"

SOFTWARE = f"umecrawl/{__version__}"  # as records and requests name it

__all__ = ["Archive", "__version__", "open"]


def __getattr__(name: str) -> object:
    """Bring in what reads archives when it is asked for: most commands, and Scrapy handlers, have no use for it."""
    if name not in {"Archive", "open"}:
        raise AttributeError(f"module 'umecrawl' has no attribute {name!r}")
    from umecrawl.query import archive  # noqa: PLC0415  (measured start-up cost)

    return getattr(archive, name)
