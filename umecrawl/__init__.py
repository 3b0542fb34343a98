"""umecrawl: an archival crawler for political blogs and the news they cite."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("umecrawl")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0.0.0"
