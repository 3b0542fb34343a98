"""What a run left out, reported once for each URL, a resumed run included."""

from collections.abc import Callable
from datetime import datetime

from umecrawl.model.crawl import CrawlUrl, Decision, Skipped
from umecrawl.model.urls import canonicalize


class SkipLog:
    """Reports each URL that is left out the first time that it is.

    While a run is recalled, its links are judged anew, and what they leave was mostly written already, after the
    page that had them. So reports are held back until `report` is called, and what `recall` names is dropped.
    """

    def __init__(self, run: str, clock: Callable[[], datetime], on_skip: Callable[[Skipped], None]) -> None:
        self._run = run
        self._clock = clock
        self._on_skip = on_skip
        self._known: set[int] = set()  # hashes: a trap may make hundreds of thousands known
        self._held: dict[int, Skipped] | None = None

    def leave(self, candidate: CrawlUrl, decision: Decision) -> None:
        """Report a candidate that was left, unless its URL has been reported."""
        key = hash(canonicalize(candidate.url))
        if key in self._known:
            return
        self._known.add(key)
        skipped = Skipped(
            url=candidate.url,
            rule=decision.rule,
            reason=decision.reason,
            source=candidate.source,
            via=candidate.via,
            hop_path=candidate.hop_path,
            run=self._run,
            at=self._clock(),
        )
        if self._held is None:
            self._on_skip(skipped)
        else:
            self._held[key] = skipped

    def hold(self) -> None:
        """Hold reports back from now on: an earlier stretch is being recalled."""
        if self._held is None:
            self._held = {}

    def recall(self, skipped: Skipped) -> None:
        """Take in that this was reported before."""
        self.hold()
        key = hash(canonicalize(skipped.url))
        self._known.add(key)
        if self._held is not None:
            self._held.pop(key, None)

    def report(self) -> None:
        """Report what the earlier stretch left and had no time to write, and hold nothing back any more."""
        if self._held is not None:
            held, self._held = self._held, None
            for skipped in held.values():
                self._on_skip(skipped)
