"""The scheduler that hands requests over as they come: their order was decided by the frontier."""

from collections import deque

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler


class HandoverScheduler(BaseScheduler):
    """First in, first out, without fingerprints, priorities or a disk queue.

    The frontier has seen to all of these and gives out no more than may be fetched at once; the queue is
    therefore never longer than the number of connections.
    """

    def __init__(self) -> None:
        self._requests: deque[Request] = deque()

    def has_pending_requests(self) -> bool:
        """Return whether a request waits to be sent."""
        return bool(self._requests)

    def enqueue_request(self, request: Request) -> bool:
        """Take a request; none is ever refused."""
        self._requests.append(request)
        return True

    def next_request(self) -> Request | None:
        """Return the request that has waited longest."""
        return self._requests.popleft() if self._requests else None
