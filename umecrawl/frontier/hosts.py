"""The hosts of a run: each with its queue and pace, and whose turn it is."""

import heapq
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from umecrawl.config import Politeness
from umecrawl.frontier.lanes import Lanes
from umecrawl.frontier.patience import Record
from umecrawl.frontier.politeness import HostPace
from umecrawl.frontier.quiet import free_at

# What is due since then is due at once, and no clock shows an earlier time.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class HostState:
    """One host as the progress display shows it; `next_at` is when it may be asked again, `delay` its pace."""

    host: str
    queued: int
    in_flight: int
    requested: int
    failures: int
    next_at: datetime
    delay: timedelta


class Host:
    """What waits for one host, and its pace; `queued` counts candidates, `requested` what was handed out."""

    def __init__(self, name: str, politeness: Politeness) -> None:
        self.name = name
        self.pace = HostPace(politeness)
        self.record = Record()
        self.lanes = Lanes()
        self.queued = 0
        self.requested = 0
        # Which entry of the pool's heap is the valid one, and for when it stands there.
        self.ticket = 0
        self.ready_at: datetime | None = None


class HostPool:
    """All hosts met so far, in a heap by the time at which they may be asked; the longest-waiting comes first.

    Quiet hours are those of `zone`.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._hosts: dict[str, Host] = {}
        self._ready: list[tuple[datetime, int, Host]] = []
        self._tickets = itertools.count(1)

    def get(self, name: str, politeness: Politeness) -> Host:
        """Return the host of that name; the settings of one more source may make its pace gentler."""
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name, politeness)
        else:
            host.pace.admit(politeness)
        return host

    def schedule(self, host: Host, earliest: datetime = _LONG_AGO) -> None:
        """Note when the host may be asked next, if anything waits for it and a connection is free."""
        due = host.lanes.due_at()
        if due is None or not host.pace.has_room:
            return
        ready_at = self._free_at(host, max(due, host.pace.next_at, earliest))
        if host.ready_at is not None and host.ready_at <= ready_at:
            return
        host.ticket = next(self._tickets)
        host.ready_at = ready_at
        heapq.heappush(self._ready, (ready_at, host.ticket, host))

    def take(self, now: datetime) -> Host | None:
        """Return a host that may be asked now; it has to be scheduled anew afterwards."""
        while self._ready and self._ready[0][0] <= now:
            _, ticket, host = heapq.heappop(self._ready)
            if ticket != host.ticket:
                continue
            host.ready_at = None
            if host.pace.has_room and host.pace.next_at <= now and self._free_at(host, now) <= now:
                return host
            self.schedule(host, now)
        return None

    def wait(self, now: datetime) -> timedelta | None:
        """Return how long until a host may be asked; nothing when none is scheduled."""
        while self._ready and self._ready[0][1] != self._ready[0][2].ticket:
            heapq.heappop(self._ready)
        return max(self._ready[0][0] - now, timedelta(0)) if self._ready else None

    def states(self) -> tuple[HostState, ...]:
        """Return the hosts in the order in which they were met."""
        return tuple(
            HostState(
                host=host.name,
                queued=host.queued,
                in_flight=host.pace.in_flight,
                requested=host.requested,
                failures=host.pace.failures,
                next_at=self._free_at(host, host.pace.next_at),
                delay=host.pace.delay,
            )
            for host in self._hosts.values()
        )

    def _free_at(self, host: Host, moment: datetime) -> datetime:
        hours = host.pace.politeness.quiet_hours
        return free_at(moment, hours, self._zone) if hours and moment > _LONG_AGO else moment
