"""When a host may be asked: delays, connections and back-off, as a function of the clock that is passed in."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from umecrawl.config import Politeness

# After so many failures to reach a host, with no answer between them, it is left alone for the rest of the run.
UNREACHABLE_AFTER = 12

_FIRST_BACKOFF = timedelta(seconds=1)
_BACKOFF_DELAYS = 5  # the first pause is as long as five delays
_LONGEST_RETRY_AFTER = timedelta(hours=1)


def retry_wait(attempt: int, politeness: Politeness) -> timedelta:
    """Return how long to wait after the `attempt`-th try (from 1): doubling from five delays, up to `max_delay`.

    It is a second at least, so that a delay of nothing does not become a hammer.
    """
    first = max(_FIRST_BACKOFF, politeness.delay * _BACKOFF_DELAYS)
    longest = max(politeness.max_delay, politeness.delay, _FIRST_BACKOFF)
    return min(first * (1 << min(max(attempt, 1) - 1, 20)), longest)


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return the pause that a Retry-After asks for, in seconds or as a date (RFC 9110 §10.2.3), an hour at most."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), _LONGEST_RETRY_AFTER)


class HostPace:
    """The pace of one host: how many requests are under way and when the next may start.

    Where several sources ask the same host, the gentlest of their settings holds. The delay runs from start to
    start; a host that answers slowly is not asked more often, since its connections stay in use meanwhile.
    """

    def __init__(self, politeness: Politeness) -> None:
        self._politeness = politeness
        self._crawl_delay = timedelta(0)
        self._troubles = 0
        self._started_at: datetime | None = None
        self.in_flight = 0
        self.failures = 0
        self.next_at = datetime.min.replace(tzinfo=UTC)

    def admit(self, politeness: Politeness) -> None:
        """Take the gentler of the settings held so far and those of one more source."""
        held = self._politeness
        if politeness is held or politeness == held:
            return
        self._politeness = Politeness(
            delay=max(held.delay, politeness.delay),
            max_delay=max(held.max_delay, politeness.max_delay),
            connections_per_host=min(held.connections_per_host, politeness.connections_per_host),
            robots=held.robots,
            robots_reason=held.robots_reason,
            max_bytes=held.max_bytes,
            timeout=held.timeout,
        )

    def ask_delay(self, crawl_delay: timedelta) -> None:
        """Keep a Crawl-delay of robots.txt; the longest of a host's origins holds."""
        if crawl_delay > self._crawl_delay:
            self._crawl_delay = crawl_delay
            if self._started_at is not None:
                self.next_at = max(self.next_at, self._started_at + self.delay)

    @property
    def delay(self) -> timedelta:
        """The time from one request to the next: the configured delay, or a longer Crawl-delay up to `max_delay`."""
        return max(self._politeness.delay, min(self._crawl_delay, self._politeness.max_delay))

    @property
    def has_room(self) -> bool:
        """Whether a further connection is allowed."""
        return self.in_flight < self._politeness.connections_per_host

    def start(self, now: datetime) -> None:
        """Count a request that starts now."""
        self.in_flight += 1
        self._started_at = now
        self.next_at = max(self.next_at, now + self.delay)

    def release(self) -> None:
        """Count a request that is over."""
        self.in_flight = max(0, self.in_flight - 1)

    def answered(self) -> None:
        """Forget earlier trouble: the host answered and did not ask for patience."""
        self._troubles = 0
        self.failures = 0

    def throttled(self, now: datetime, retry_after: timedelta | None) -> None:
        """Pause because the host asked for it (429, 503): as long as it says, or longer each time."""
        self.failures = 0
        self._pause(now, retry_after)

    def unreached(self, now: datetime) -> None:
        """Pause because the host could not be reached; the first time may be chance."""
        self.failures += 1
        if self.failures > 1:
            self._pause(now, None)

    def _pause(self, now: datetime, wanted: timedelta | None) -> None:
        self._troubles += 1
        pause = retry_wait(self._troubles, self._politeness) if wanted is None else wanted
        self.next_at = max(self.next_at, now + max(pause, self.delay))
