"""What became of a request goes to the sink of its crawler first, and only then to Scrapy: no record, no page."""

import ipaddress
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from scrapy.http import HtmlResponse, Response
from scrapy.responsetypes import responsetypes

from umecrawl.model.capture import Exchange, FailureKind, FetchFailure
from umecrawl.model.message import parse_head
from umecrawl.model.ports import RecordSink

# Scrapy makes a handler for each scheme; the sink is that of the run.
_SINKS: WeakKeyDictionary[Crawler, RecordSink] = WeakKeyDictionary()

# Only what Scrapy's RetryMiddleware should not try again is a cancelled download.
_RAISED: dict[FailureKind, type[Exception]] = {
    FailureKind.DNS: CannotResolveHostError,
    FailureKind.REFUSED: DownloadConnectionRefusedError,
    FailureKind.TIMEOUT: DownloadTimeoutError,
    FailureKind.FORBIDDEN_ADDRESS: DownloadCancelledError,
}
_NOT_FOUND = 404


def bind_sink(crawler: Crawler, sink: RecordSink) -> None:
    """Record what this crawler fetches from now on; without a sink its handlers record nothing."""
    _SINKS[crawler] = sink


def deliver(crawler: Crawler, request: Request, fetched: Exchange | FetchFailure) -> Response:
    """Record what was fetched for a request, and return the response; `meta["capture"]` is what was recorded.

    A response that was cut short has the flag `truncated`; what no WARC file holds is a 404 with the flag
    `not-archived`. Raises one of `scrapy.exceptions` for every other failure, and whatever the sink raises.
    """
    sink = _SINKS.get(crawler)
    if sink is not None:
        request.meta["capture"] = sink.append(fetched)
    if isinstance(fetched, Exchange):
        return _response(request, fetched)
    if fetched.kind is FailureKind.NOT_ARCHIVED:
        # For the spider alone: what the archive keeps is the failure, never an answer that no server gave.
        return HtmlResponse(request.url, status=_NOT_FOUND, flags=[fetched.kind.value], encoding="utf-8")
    raise _RAISED.get(fetched.kind, DownloadFailedError)(f"{request.url}: {fetched.detail}")


def _response(request: Request, exchange: Exchange) -> Response:
    """Return what the spider sees: the entity without transfer coding, content coding kept."""
    head = parse_head(exchange.response_head)
    body = exchange.payload
    # A plain dict will do for the choice; Response makes Scrapy's Headers, which are costly, itself.
    last_values = {name.title(): value for name, value in head.fields}
    chosen = responsetypes.from_args(headers=last_values, url=request.url, body=body)
    return chosen(
        url=request.url,
        status=head.status,
        headers=head.fields,
        body=body,
        flags=["truncated"] if exchange.truncated else None,
        certificate=exchange.tls.chain[0] if exchange.tls and exchange.tls.chain else None,
        ip_address=ipaddress.ip_address(exchange.ip) if exchange.ip else None,
        protocol=head.version.decode("latin-1").upper(),
    )
