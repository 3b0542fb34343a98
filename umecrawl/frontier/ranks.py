"""How soon a page is asked for: what is most likely new first, what lists it again last."""

from enum import IntEnum

from umecrawl.frontier.address import address_of
from umecrawl.frontier.hops import hops_of
from umecrawl.frontier.listings import ListingKind, listing_kind
from umecrawl.frontier.revisit import Due, Role, Why
from umecrawl.frontier.visits import role_of
from umecrawl.model.crawl import CrawlUrl


class Rank(IntEnum):
    """The place of a page among those that wait for its host; the lowest comes first."""

    SEED = 0
    SOURCE = 1  # a feed, a sitemap, an answer of an API
    HINTED = 2  # something says that it has changed
    PAGE = 3  # no run has captured it
    KNOWN = 4  # its plan says that it is due
    FOLLOWED = 5
    LIST = 6
    ARCHIVE = 7


def rank_of(candidate: CrawlUrl, *, inside: bool, due: Due | None = None) -> Rank:
    """Return the rank of a candidate.

    `inside` says whether it lies within the scope of its source, `due` why it is asked for; without it, the candidate
    was taken before and waits again.
    """
    if hops_of(candidate.hop_path).is_seed:
        return Rank.SEED
    if role_of(candidate, inside=inside) is Role.SOURCE:
        return Rank.SOURCE
    if due is not None and due.why is Why.HINT:
        return Rank.HINTED
    if not inside:
        return Rank.FOLLOWED
    kind = listing_kind(address_of(candidate.url))
    if kind is None:
        return Rank.PAGE if due is None or due.why is Why.NEVER_SEEN else Rank.KNOWN
    return Rank.LIST if kind is ListingKind.PAGES else Rank.ARCHIVE
