"""Connections kept open between requests, by origin, for a while and up to a number."""

import asyncio

from umecrawl.fetch.connection import Connection, Origin

# Seconds a connection is kept without use; most servers close earlier.
KEEP_SECONDS = 60.0
# Connections kept in all; beyond that the one unused for longest is closed.
KEEP_MOST = 100


class KeptConnections:
    """What is kept is closed after a time without use, and the one unused for longest where there are too many."""

    def __init__(self) -> None:
        self._kept: dict[Connection, tuple[Origin, asyncio.TimerHandle]] = {}
        self._by_origin: dict[Origin, list[Connection]] = {}

    def forget_all(self) -> None:
        """Keep none any longer; whoever opened them closes them."""
        for connection in list(self._kept):
            self.forget(connection)

    def keep(self, connection: Connection, origin: Origin) -> None:
        """Keep a connection for the next request to its origin."""
        loop = asyncio.get_running_loop()
        self._kept[connection] = (origin, loop.call_later(KEEP_SECONDS, self._drop, connection))
        self._by_origin.setdefault(origin, []).append(connection)
        if len(self._kept) > KEEP_MOST:
            self._drop(next(iter(self._kept)))

    def take(self, origin: Origin) -> Connection | None:
        """Return a kept connection to an origin that is still alive, if there is one; it is kept no longer."""
        # The one used last is the one least likely to be closed.
        while kept := self._by_origin.get(origin):
            connection = kept[-1]
            self.forget(connection)
            if connection.alive:
                return connection
            connection.close()
        return None

    def leave(self, origin: Origin) -> None:
        """Close what is kept to other origins on the same host (http and https), which has one connection at a time."""
        others = [one for one, (kept, _) in self._kept.items() if kept.host == origin.host and kept != origin]
        for connection in others:
            self._drop(connection)

    def forget(self, connection: Connection) -> None:
        """Keep a connection no longer; nothing where it was not kept."""
        entry = self._kept.pop(connection, None)
        if entry is None:
            return
        origin, timer = entry
        timer.cancel()
        kept = self._by_origin[origin]
        kept.remove(connection)
        if not kept:
            del self._by_origin[origin]

    def _drop(self, connection: Connection) -> None:
        self.forget(connection)
        connection.close()
