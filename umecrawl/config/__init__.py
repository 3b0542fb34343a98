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
    TrapRule,
)
from umecrawl.config.loader import FILE_NAME, READY_COLLECTIONS, load, parse, ready_collection
from umecrawl.config.quantity import format_duration, format_size
from umecrawl.config.quiet import QuietHours

__all__ = [
    "FILE_NAME",
    "READY_COLLECTIONS",
    "Collection",
    "Config",
    "Kind",
    "Politeness",
    "QuietHours",
    "Revisit",
    "Robots",
    "Schedule",
    "Source",
    "SourceScope",
    "TrapRule",
    "format_duration",
    "format_size",
    "load",
    "parse",
    "ready_collection",
]
