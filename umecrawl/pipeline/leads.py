"""What a run looks for when its frontier is empty: pages that something says have changed, although not yet due."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from umecrawl.errors import UmecrawlError
from umecrawl.index.engine import Index
from umecrawl.index.leads import find_leads
from umecrawl.model.clock import utc_now
from umecrawl.model.history import Lead
from umecrawl.pipeline.follower import IndexFollower
from umecrawl.pipeline.session import CrawlSession

_log = logging.getLogger(__name__)

# No lead is followed twice in a run, so the rounds end by themselves; this bounds what a site can make of that.
_MOST_ROUNDS: Final = 10
_PAUSE: Final = 0.1


class LeadSeeker:
    """Asks session and index for further candidates, round after round, until there are none.

    Without a follower nobody keeps the index up: the next run that does finds the leads. Where nothing rests, as in a
    first or full run, there are none.
    """

    def __init__(
        self, session: CrawlSession, follower: IndexFollower | None, database: str, stopped: Callable[[], bool]
    ) -> None:
        self._session = session
        self._follower = follower
        self._database = database
        self._stopped = stopped
        self._rounds = 0
        self._asked_at = -1  # requests made when the index was last asked

    async def more(self) -> bool:
        """Offer further candidates; return whether there may be something to fetch now."""
        if await self._session.more():
            return True
        requests = self._session.tally.requests
        # Only what rests can be brought forward: a first run, and a full one, do not wait for their index.
        if not self._session.frontier.not_due or self._rounds >= _MOST_ROUNDS or requests == self._asked_at:
            return False
        self._rounds += 1
        self._asked_at = requests
        # What left a list needs no index, and what is there instead may be what the index would ask for.
        return self._follow(self._departed()) or self._follow(await self._differing())

    def _follow(self, leads: Sequence[Lead]) -> bool:
        taken = [lead for lead in leads if self._session.frontier.lead(lead.url, lead.at)]
        for lead in taken:
            _log.info("asked for before its time: %s (%s)", lead.url, lead.why)
        return bool(taken)

    def _departed(self) -> list[Lead]:
        """Return what a whole list of its source named at its last reading and does not name any more."""
        now = utc_now()
        return [
            Lead(one.url, now, f"{one.place} does not name it any more") for one in self._session.discovery.departures()
        ]

    async def _differing(self) -> Sequence[Lead]:
        """Return the pages of which the index knows that something shows them otherwise than they were."""
        if not await self._caught_up():
            return ()
        try:
            return await asyncio.to_thread(self._leads)
        except UmecrawlError as error:
            _log.warning("no leads: %s", error.message)
            return ()

    async def _caught_up(self) -> bool:
        if self._follower is None:
            return False
        self._follower.ask_to_catch_up()
        while not self._follower.has_caught_up:
            if self._stopped() or not self._follower.is_alive:
                return False
            await asyncio.sleep(_PAUSE)
        return self._follower.is_alive

    def _leads(self) -> list[Lead]:
        # What was sighted longer ago than the longest pause has been followed by a visit of the plan.
        longest = max(source.revisit.longest for source in self._session.sources)
        index = Index.open(self._database, create=False)
        try:
            with index.connect() as connection:
                return find_leads(connection, self._session.run.started_at - longest)
        finally:
            index.close()
