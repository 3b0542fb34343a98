"""Which results are worth another try, each try being an exchange of its own, and what was wrong with them."""

from enum import StrEnum

from umecrawl.model.capture import Capture, FailedFetch, FailureKind, Truncation

THROTTLING = frozenset({429, 503})
_BROKEN = frozenset({408, 425, 500, 502, 504, 520, 521, 522, 523, 524})


class Trouble(StrEnum):
    """What was wrong with a result that may be better at another time."""

    BUSY = "busy"  # 429 and 503: the host asks for patience
    BROKEN = "broken"  # another error of the server
    LOST = "lost"  # the connection broke off or nothing came in time
    GONE = "gone"  # no connection could be made at all
    HANDSHAKE = "handshake"  # TLS: mostly a certificate, now and then a connection lost
    CUT = "cut"  # the answer broke off


_FAILURES = {
    FailureKind.TIMEOUT: Trouble.LOST,
    FailureKind.DISCONNECT: Trouble.LOST,
    FailureKind.REFUSED: Trouble.GONE,
    FailureKind.UNREACHABLE: Trouble.GONE,
    FailureKind.DNS: Trouble.GONE,
    FailureKind.TLS: Trouble.HANDSHAKE,
}


def trouble_of(result: Capture | FailedFetch) -> Trouble | None:
    """Return what was wrong with a result, nothing where another try would bring the same."""
    if isinstance(result, FailedFetch):
        return _FAILURES.get(result.kind)
    if result.status in THROTTLING:
        return Trouble.BUSY
    if result.status in _BROKEN:
        return Trouble.BROKEN
    return Trouble.CUT if result.truncated is Truncation.DISCONNECT else None
