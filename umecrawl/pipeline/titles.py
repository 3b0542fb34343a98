"""Titles of pages that show no article, such as front pages and lists: what `<title>` says, read from the WARC."""

import re
from html import unescape
from typing import Final

from umecrawl.errors import DamageError, NotFoundError
from umecrawl.extract.markup import decode
from umecrawl.extract.tree import squeeze
from umecrawl.model.message import decode_content, parse_head
from umecrawl.query.selection import Selection
from umecrawl.warc.reader import WarcArchive

_TITLE: Final = re.compile(r"<title\b[^>]*>([^<]*)", re.IGNORECASE)
_FRONT: Final = 64 * 1024  # octets of a page in which its title stands
_LONGEST: Final = 500  # letters
_KEPT: Final = 512  # titles; an unchanged front page is met again and again


class Titles:
    """Reads titles capture by capture, those of equal payloads once."""

    def __init__(self, selection: Selection, archive: WarcArchive) -> None:
        self._selection = selection
        self._archive = archive
        self._known: dict[str, str] = {}

    def of(self, capture_id: str) -> str:
        """Return the title of the page that a capture shows; empty where it has none, or cannot be read."""
        capture = self._selection.by_id(capture_id)
        if capture is None:
            return ""
        if capture.payload_digest not in self._known:
            try:
                head = parse_head(self._archive.payload_head(capture))
                page = decode_content(self._archive.payload(capture), head.joined("content-encoding"))
            except (DamageError, NotFoundError):
                return ""
            front = page[:_FRONT]
            if len(page) > _FRONT:  # not within a letter, which would make it look like another encoding
                front = front[: front.rfind(b">") + 1]
            found = _TITLE.search(decode(front, head.get("Content-Type") or ""))
            self._known[capture.payload_digest] = squeeze(unescape(found[1]))[:_LONGEST] if found else ""
            if len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]
        return self._known.get(capture.payload_digest, "")
