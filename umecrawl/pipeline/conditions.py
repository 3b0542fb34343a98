"""Which requests are conditional: those for what is archived whole, with the validators that came with it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from umecrawl.config import Revisit
from umecrawl.errors import DamageError, NotFoundError
from umecrawl.frontier.revisit import is_unconditional
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.message import Head, parse_head
from umecrawl.model.ports import Histories
from umecrawl.model.urls import InvalidUrlError, canonicalize
from umecrawl.warc.payloads import PayloadStore
from umecrawl.warc.reader import WarcArchive

_TAG: Final = re.compile(r'(?:W/)?"[!#-~\x80-\xff]*"')
# A resource that was changed in the second in which it was sent may change again within it (RFC 9110 §8.8.2.2).
_SETTLED: Final = timedelta(seconds=60)


class Conditions:
    """Makes requests conditional wherever a validator is known and what it stands for is in the archive."""

    def __init__(self, histories: Histories, archive: WarcArchive, payloads: PayloadStore) -> None:
        self._histories = histories
        self._archive = archive
        self._payloads = payloads

    def of(self, candidate: CrawlUrl, plan: Revisit) -> Mapping[str, str]:
        """Return the header fields, none where the whole answer is wanted."""
        try:
            history = self._histories.of(canonicalize(candidate.url))
        except InvalidUrlError:
            return {}
        if history is None or history.whole is None or is_unconditional(history, plan):
            return {}
        try:
            url, head = self._archive.response(history.whole)
        except (DamageError, NotFoundError):  # then the whole answer is what the archive needs
            return {}
        fields = validators(parse_head(head))
        held = self._payloads.newest(candidate.url, fields.get("If-None-Match", ""))
        return fields if fields and url == candidate.url and held is not None else {}


def validators(head: Head) -> dict[str, str]:
    """Return the conditional fields that a response's validators make (RFC 9110 §13.1.2, §13.1.3)."""
    fields = {}
    tag, modified = (head.get("ETag") or "").strip(), (head.get("Last-Modified") or "").strip()
    if _TAG.fullmatch(tag):
        fields["If-None-Match"] = tag
    if modified and (fields or _is_settled(modified, head.get("Date"))):
        fields["If-Modified-Since"] = modified
    return fields


def _is_settled(modified: str, date: str | None) -> bool:
    try:
        return date is None or parsedate_to_datetime(date) - parsedate_to_datetime(modified) >= _SETTLED
    except (ValueError, TypeError):
        return False
