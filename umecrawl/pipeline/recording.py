"""What happens to each exchange before anybody may use it: links found, records written, log line, tally."""

import logging

from umecrawl.frontier.links import discover
from umecrawl.model.capture import Capture, Exchange, FailedFetch, FetchFailure
from umecrawl.model.crawl import Outlink
from umecrawl.model.message import decode_content, media_type, parse_head
from umecrawl.model.readable import HTML_TYPES
from umecrawl.pipeline.crawllog import CrawlLog
from umecrawl.pipeline.progress import Tally
from umecrawl.warc.writer import WarcWriter

_log = logging.getLogger(__name__)

# Where links are looked for; anything else is stored without being read.
_LINKED = HTML_TYPES | {"text/css"}


class RecordingSink:
    """A RecordSink that finds the outlinks first, so that they are part of what is written."""

    def __init__(self, writer: WarcWriter, log: CrawlLog, tally: Tally) -> None:
        self._writer = writer
        self._log = log
        self._tally = tally

    def append(self, fetched: Exchange | FetchFailure) -> Capture | FailedFetch:
        """Write and flush the records of what was fetched. Raises NoSpaceError when the disk is full."""
        outlinks = _outlinks(fetched) if isinstance(fetched, Exchange) else ()
        result = self._writer.append(fetched, outlinks)
        self._log.write(result)
        self._tally.count(result)
        return result


def _outlinks(exchange: Exchange) -> tuple[Outlink, ...]:
    head = parse_head(exchange.response_head)
    content_type = head.get("content-type") or ""
    # An error page's links are those of its frame: navigation that every page has.
    if head.status != 200 or media_type(content_type) not in _LINKED:  # noqa: PLR2004 - HTTP
        return ()
    markup = decode_content(exchange.payload, head.joined("content-encoding"))
    try:
        return discover(exchange.crawl_url.url, content_type, markup)
    except Exception as error:  # noqa: BLE001 - whatever a page does to its reader, the page is kept and the crawl goes on
        _log.warning("the links of %s could not be read: %s: %s", exchange.crawl_url.url, type(error).__name__, error)
        return ()
