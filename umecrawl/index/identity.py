"""What a version is: its public id, its kind, and what it was read from."""

import hashlib
from collections.abc import Mapping
from typing import Final

from umecrawl.model.article import Outcome

# The kinds of page that are an article's own, with the kind of version each shows.
KIND_OF_OUTCOME: Final[Mapping[Outcome, str]] = {Outcome.ARTICLE: "article", Outcome.DOCUMENT: "document"}
# What versions are read from: the article's own page, or listings alone.
PAGE: Final = "page"
LISTING: Final = "listing"


def version_uid(resource_key: str, title: str, text_sha256: str) -> str:
    """Return the public id of a version: 32 hex digits of SHA-256 over its article's key, title and text digest."""
    return hashlib.sha256(f"{resource_key}\x00{title}\x00{text_sha256}".encode()).hexdigest()[:32]
