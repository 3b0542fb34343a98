"""How often a URL is worth another try: often on a host that fails now and then, seldom on one that is sound.

On a host that answers all else, a page that fails three times is broken. On one that fails every third request, three
tries lose a page in forty that could have been had; there the number grows until a loss by chance is one in a million.
"""

import math
from typing import Final

from umecrawl.frontier.retries import Trouble
from umecrawl.model.urls import Url

MIN_TRIES: Final = 3
MAX_TRIES: Final = 12
# What answers with an error of its own is more likely broken than busy.
_MAX_TRIES_BROKEN: Final = 8
# A host that nobody has reached yet is more likely gone than flaky.
_MAX_TRIES_GONE: Final = 3
# A response that breaks off may always break off (a wrong Content-Length), and its bytes are kept anyway.
_MAX_TRIES_CUT: Final = 8
_MIN_TRIES_CUT: Final = 2
_MAX_TRIES_HANDSHAKE: Final = 2
_LOSS: Final = 1e-6
# Before anything is known, one request in ten is expected to fail.
_PRIOR_FAILED: Final = 0.5
_PRIOR_ASKED: Final = 5.0


# Where so many URLs of a host have failed, and nothing between them came, that says nothing of any one of them.
_OUTAGE: Final = 3
_OF_THE_HOST: Final = frozenset({Trouble.BUSY, Trouble.LOST, Trouble.GONE})


class Record:
    """How a host has done so far in this run, judged by the URLs that it answered in the end.

    A page that always fails says nothing of how often one fails that does not; so of `asked` tries that ended with an
    answer, `failed` were in vain.
    """

    def __init__(self, asked: int = 0, failed: int = 0) -> None:
        self.asked = asked
        self.failed = failed
        self._failing: set[Url] = set()  # what has failed since the last answer

    def note(self, url: Url, trouble: Trouble | None, attempt: int) -> None:
        """Count the `attempt`-th try of a URL and what was wrong with its result."""
        if trouble is None:
            self.asked += attempt
            self.failed += attempt - 1
        if trouble not in _OF_THE_HOST:
            self._failing.clear()
        elif len(self._failing) < _OUTAGE:
            self._failing.add(url)

    def worth(self, url: Url, trouble: Trouble, attempt: int, *, minor: bool = False) -> bool:
        """Return whether a URL is worth another try whose `attempt`-th try (from 1) has just ended so.

        What fails while nothing of the host comes is; the host's own pauses and rests end that. What is `minor` (an
        image, and the robots.txt asked for because of one) is worth few tries on a host that has answered nothing yet.
        """
        if trouble in _OF_THE_HOST and len(self._failing | {url}) >= _OUTAGE:
            return True
        return attempt < self.tries(trouble, minor=minor)

    def tries(self, trouble: Trouble, *, minor: bool = False) -> int:
        """Return how many tries in all a URL is worth that has this trouble."""
        unknown = not self.asked
        share = (self.failed + _PRIOR_FAILED) / (self.asked + _PRIOR_ASKED)
        wanted = math.ceil(math.log(_LOSS) / math.log(share))
        match trouble:
            case Trouble.HANDSHAKE:
                return _MAX_TRIES_HANDSHAKE
            case Trouble.CUT:
                return max(_MIN_TRIES_CUT, min(wanted - 1, _MAX_TRIES_CUT))
            case Trouble.GONE if unknown:
                longest = _MAX_TRIES_GONE
            case _ if minor and unknown:
                longest = _MAX_TRIES_GONE
            case Trouble.BROKEN:
                longest = _MAX_TRIES_BROKEN
            case _:
                longest = MAX_TRIES
        return max(MIN_TRIES, min(wanted, longest))
