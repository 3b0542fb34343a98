"""The seeds of a run: which of them could not be captured, and which one an event of an earlier stretch came from."""

from dataclasses import dataclass

from umecrawl.config import Source
from umecrawl.model.capture import Capture, FailedFetch
from umecrawl.model.urls import Url


@dataclass(frozen=True, slots=True)
class FailedSeed:
    """A seed that could not be captured, and why."""

    url: Url
    source: str
    reason: str


def seed_of(event: Capture | FailedFetch, source: Source) -> Url:
    """Return the seed that led to what is recalled."""
    if isinstance(event, Capture) and event.seed is not None:
        return event.seed
    # A failure does not say which seed led to it; that matters only for seeds and what they redirect to.
    return next((url for url in (event.url, event.via) if url in source.seeds), source.seeds[0])
