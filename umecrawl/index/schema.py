"""The tables of the index that most statements ask for, in one place; the module of each subject says what they hold.

Everything in them is a function of the WARC files, the extractor and its rules, so the whole may be deleted
and made again. A row's `id` is a number of this database only; what may be cited is `uid`, which comes from
the archive: the UUID of a WARC record, the id of a run, or a digest of a version. The meaning of each column stands
beside it; the data dictionary is printed from there.
"""

from typing import Final

from sqlalchemy import Column, Table, Text

from umecrawl.index.article_tables import change, version
from umecrawl.index.capture_tables import capture, failure, payload, resource, site, skip
from umecrawl.index.columns import Key, metadata
from umecrawl.index.reading_tables import FACT_NAMES, extraction, extractor, link, post, text
from umecrawl.index.run_tables import run, run_due, run_end, warc

__all__ = [
    "FACT_NAMES",
    "SCHEMA_VERSION",
    "about",
    "capture",
    "change",
    "extraction",
    "extractor",
    "failure",
    "link",
    "metadata",
    "payload",
    "post",
    "resource",
    "run",
    "run_due",
    "run_end",
    "site",
    "skip",
    "text",
    "version",
    "warc",
]

# Raised whenever a table or the meaning of a column changes; an index of another number is made anew.
SCHEMA_VERSION: Final = 13

about = Table(
    "about",
    metadata,
    Column("name", Key, primary_key=True, comment="Name of the fact: `schema`, `software`, `analyser`, `tables` …"),
    Column("value", Text, nullable=False, comment="Its value"),
    comment="What made this index: the schema, the program and the analyser it was made by",
)
