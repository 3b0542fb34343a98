"""Which results are worth another try, each try being an exchange of its own."""

from umecrawl.model.capture import Capture, FailedFetch, FailureKind, Truncation

MAX_TRIES = 3
# A response that breaks off may always break off (a wrong Content-Length), and its bytes are kept anyway.
_MAX_TRIES_CUT = 2
_RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_RETRIED_FAILURES = frozenset(
    {
        FailureKind.TIMEOUT,
        FailureKind.DISCONNECT,
        FailureKind.REFUSED,
        FailureKind.UNREACHABLE,
        FailureKind.DNS,
    }
)
THROTTLING = frozenset({429, 503})


def worth_retrying(result: Capture | FailedFetch, attempt: int) -> bool:
    """Return whether the same URL is tried again after this result of its `attempt`-th try (from 1)."""
    if isinstance(result, FailedFetch):
        return attempt < MAX_TRIES and result.kind in _RETRIED_FAILURES
    if result.status in _RETRIED_STATUSES:
        return attempt < MAX_TRIES
    return attempt < _MAX_TRIES_CUT and result.truncated is Truncation.DISCONNECT
