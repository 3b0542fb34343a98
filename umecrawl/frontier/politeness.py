"""When a host may be asked: delays, connections and back-off, as a function of the clock that is passed in."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from umecrawl.config import Politeness, format_duration
from umecrawl.frontier.retries import THROTTLING
from umecrawl.model.capture import Capture, FailedFetch

# After so many requests in a row that brought nothing, a host rests for long; after so many rests it is given up.
_IN_VAIN_BEFORE_REST = 12
_MAX_RESTS = 2
_REST = 5  # as many times the longest delay

_FIRST_BACKOFF = timedelta(seconds=1)
_BACKOFF_DELAYS = 5  # the first pause is as long as five delays
_LONGEST_RETRY_AFTER = timedelta(hours=1)
_NO_TIME = timedelta(0)

# A host that asks for patience is asked half as often again from then on; each good answer takes a part of that back.
_SLOWER, _FASTER = 1.5, 0.7
_SHORTEST_STRETCH = timedelta(milliseconds=250)
_FORGOTTEN_STRETCH = timedelta(milliseconds=20)


def _longest_wait(politeness: Politeness) -> timedelta:
    """Return the longest pause between two tries: `max_delay`, a second at least."""
    return max(politeness.max_delay, politeness.delay, _FIRST_BACKOFF)


def retry_wait(attempt: int, politeness: Politeness) -> timedelta:
    """Return how long to wait after the `attempt`-th try (from 1): doubling from five delays, up to `max_delay`.

    It is a second at least, so that a delay of nothing does not become a hammer.
    """
    first = max(_FIRST_BACKOFF, politeness.delay * _BACKOFF_DELAYS)
    return min(first * (1 << min(max(attempt, 1) - 1, 20)), _longest_wait(politeness))


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return the pause that a Retry-After asks for, in seconds or as a date (RFC 9110 §10.2.3).

    It is not bounded here; what is beyond all time counts as a hundred years.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, _NO_TIME)


class HostPace:
    """The pace of one host: how many requests are under way and when the next may start.

    Where several sources ask the same host, the gentlest of their settings holds. The delay runs from start to
    start; a host that took longer over an answer than the delay rests as long as the answer took, up to
    `max_delay`. `given_up` says why the host is not asked any more in this run; it is empty while it may be.
    `news` are sentences that whoever runs the crawl should read.
    """

    def __init__(self, politeness: Politeness) -> None:
        self._politeness = politeness
        self._crawl_delay = _NO_TIME
        self._stretch = _NO_TIME
        self._troubles = 0
        self._in_vain = 0
        self._rests = 0
        self._reached = False
        self._started_at: datetime | None = None
        self.in_flight = 0
        self.failures = 0
        self.next_at = datetime.min.replace(tzinfo=UTC)
        self.given_up = ""
        self.news: list[str] = []

    def admit(self, politeness: Politeness) -> None:
        """Take the gentler of the settings held so far and those of one more source."""
        held = self._politeness
        if politeness is held or politeness == held:
            return
        self._politeness = Politeness(
            delay=max(held.delay, politeness.delay),
            max_delay=max(held.max_delay, politeness.max_delay),
            connections_per_host=min(held.connections_per_host, politeness.connections_per_host),
            quiet_hours=tuple(dict.fromkeys((*held.quiet_hours, *politeness.quiet_hours))),
            robots=held.robots,
            robots_reason=held.robots_reason,
            max_bytes=held.max_bytes,
            timeout=held.timeout,
        )

    def ask_delay(self, crawl_delay: timedelta) -> None:
        """Keep a Crawl-delay of robots.txt; the longest of a host's origins holds."""
        if crawl_delay > self._crawl_delay:
            self._crawl_delay = crawl_delay
            if crawl_delay > max(self._politeness.max_delay, self._politeness.delay):
                kept = format_duration(self.delay)
                self.news.append(f"asks for a Crawl-delay of {format_duration(crawl_delay)}; max_delay allows {kept}")
            if self._started_at is not None:
                self.next_at = max(self.next_at, self._started_at + self.delay)

    @property
    def politeness(self) -> Politeness:
        """The settings that hold for this host."""
        return self._politeness

    @property
    def delay(self) -> timedelta:
        """The time from one request to the next.

        It is the configured delay, or a longer Crawl-delay up to `max_delay`, or what the host has come to since it
        asked for patience.
        """
        return max(self._politeness.delay, min(self._crawl_delay, self._politeness.max_delay), self._stretch)

    @property
    def has_room(self) -> bool:
        """Whether a further connection is allowed."""
        return self.in_flight < self._politeness.connections_per_host

    def start(self, now: datetime) -> None:
        """Count a request that starts now."""
        self.in_flight += 1
        self._started_at = now
        self.next_at = max(self.next_at, now + self.delay)

    def sent(self, at: datetime) -> None:
        """Count the delay from when a request was sent, where that was later than when it was given out."""
        self.next_at = max(self.next_at, at + self.delay)

    def release(self) -> None:
        """Count a request that is over."""
        self.in_flight = max(0, self.in_flight - 1)

    def learn(self, result: Capture | FailedFetch, now: datetime, retry_after: str | None) -> None:
        """Take in what became of a request; `retry_after` is the value of that header, if it was sent."""
        took = timedelta(milliseconds=result.elapsed_ms or 0)
        if result.elapsed_ms is not None:
            self.sent(now - took)
        if isinstance(result, FailedFetch):
            self.unreached(now, took)
        elif result.status in THROTTLING:
            self.throttled(now, parse_retry_after(retry_after, now))
        else:
            self.answered(now, took)

    def answered(self, now: datetime, took: timedelta = _NO_TIME) -> None:
        """Forget earlier trouble: the host answered and did not ask for patience; `took` is how long it needed."""
        self._troubles = self._in_vain = self._rests = self.failures = 0
        self._reached = True
        self._stretch *= _FASTER
        if self._stretch < _FORGOTTEN_STRETCH:
            self._stretch = _NO_TIME
        self._breathe(now, took)

    def throttled(self, now: datetime, retry_after: timedelta | None) -> None:
        """Pause because the host asked for it (429, 503): as long as it says, an hour at most, or longer each time."""
        self.failures = 0
        self._reached = True
        stretched = max(self._stretch, self._politeness.delay, _SHORTEST_STRETCH) * _SLOWER
        self._stretch = min(stretched, self._politeness.max_delay)
        if retry_after is not None and retry_after > _LONGEST_RETRY_AFTER:
            self.news.append(
                f"asks to be left alone for {_readable(retry_after)} (Retry-After); it is asked again after an hour"
            )
            retry_after = _LONGEST_RETRY_AFTER
        self._pause(now, retry_after)
        self._rest(now, "asked for patience")

    def unreached(self, now: datetime, took: timedelta = _NO_TIME) -> None:
        """Pause because the host could not be reached; the first time may be chance."""
        self.failures += 1
        if self.failures > 1:
            self._pause(now, None)
        self._breathe(now, took)
        self._rest(now, "could not be reached")

    def _breathe(self, now: datetime, took: timedelta) -> None:
        if took > self.delay:
            self.next_at = max(self.next_at, now + max(min(took, self._politeness.max_delay), self.delay))

    def _pause(self, now: datetime, wanted: timedelta | None) -> None:
        self._troubles += 1
        pause = retry_wait(self._troubles, self._politeness) if wanted is None else wanted
        self.next_at = max(self.next_at, now + max(pause, self.delay))

    def _rest(self, now: datetime, what: str) -> None:
        self._in_vain += 1
        if self._in_vain % _IN_VAIN_BEFORE_REST:
            return
        if self._reached and self._rests < _MAX_RESTS:
            # It was there before: a restart or a storm passes.
            self._rests += 1
            rest = _REST * _longest_wait(self._politeness)
            self.next_at = max(self.next_at, now + rest)
            self.news.append(f"{what} {self._in_vain} times in a row; it rests for {format_duration(rest)}")
            return
        self.given_up = f"{what} {self._in_vain} times in a row"
        self.news.append(f"{self.given_up}; what waits for it is left to the next run")


def _readable(duration: timedelta) -> str:
    hours = duration // timedelta(hours=1)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"  # noqa: PLR2004 - two days
