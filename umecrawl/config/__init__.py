"""The collection of an archive as `umecrawl.toml` describes it, read once into frozen values."""

from umecrawl.config.collection import (
    Collection,
    Config,
    Kind,
    Politeness,
    Revisit,
    Robots,
    Schedule,
    Source,
    SourceScope,
)
from umecrawl.config.loader import FILE_NAME, READY_COLLECTIONS, load, parse, ready_collection

__all__ = [
    "FILE_NAME",
    "READY_COLLECTIONS",
    "Collection",
    "Config",
    "Kind",
    "Politeness",
    "Revisit",
    "Robots",
    "Schedule",
    "Source",
    "SourceScope",
    "load",
    "parse",
    "ready_collection",
]
