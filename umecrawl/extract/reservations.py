"""What a page's markup says about its use: `meta` elements for robots and for text and data mining (TDMRep §6.3)."""

from lxml.html import HtmlElement

from umecrawl.model.reservation import Reservation

# The last three are names of crawlers that sites address; ours is the product token of robots.txt.
_NAMES = frozenset({"robots", "tdm-reservation", "tdm-policy", "umecrawl", "googlebot", "bingbot"})
_MOST = 20


def meta_reservations(root: HtmlElement) -> tuple[Reservation, ...]:
    """Return what the `meta` elements of a page say, in its order, each once."""
    found: list[Reservation] = []
    for element in root.iter("meta"):
        name = (element.get("name") or "").strip().lower()
        value = (element.get("content") or "").strip()
        if name in _NAMES and value:
            found.append(Reservation(name, value[:1000]))
    return tuple(dict.fromkeys(found))[:_MOST]
