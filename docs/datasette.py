"""What Datasette is told about an index: what views hold, which tables are hidden, what their rows are called."""  # noqa: INP001  (a script beside the pages it writes, not a package)

import json
from typing import Any, Final

from umecrawl.index import schema, views

# What is shown in place of the number of a row that another row points to.
_LABELS: Final = {
    "site": "host",
    "run": "uid",
    "warc": "name",
    "extractor": "name",
    "resource": "url",
    "payload": "digest",
    "capture": "uid",
    "version": "title",
    "person": "name",
}
# Tables of the full text, which no model describes; a virtual table keeps its rows in others.
_FULL_TEXT: Final = ("term", "version_fts", *(f"version_fts_{part}" for part in ("data", "idx", "docsize", "config")))


def metadata() -> str:
    """Return the metadata for a file `index.sqlite`, as JSON.

    What columns mean is left to the reference: Datasette would put it before the rows, a page long.
    """
    tables: dict[str, Any] = {
        name: {"description": f"{views.DESCRIPTIONS[name]}.", **({"facets": ["site"]} if "site" in view.c else {})}
        for name, view in views.views_metadata.tables.items()
    }
    for table in schema.metadata.sorted_tables:
        label = {"label_column": _LABELS[table.name]} if table.name in _LABELS else {}
        tables[table.name] = {"hidden": True, "description": f"{table.comment}.", **label}
    tables |= {name: {"hidden": True} for name in _FULL_TEXT}
    about = {
        "title": "An archive of umecrawl",
        "description": "The views are made for reading; what they are made from is hidden.",
        "databases": {"index": {"tables": tables}},
    }
    return json.dumps(about, ensure_ascii=False, indent=2) + "\n"
