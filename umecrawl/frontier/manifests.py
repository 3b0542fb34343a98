"""URLs that by their look name what is new on a site: feeds, sitemaps, answers of WordPress's API."""

import re
from functools import lru_cache
from typing import Final

from umecrawl.frontier.address import address_of
from umecrawl.model.urls import Url

_FEED: Final = re.compile(
    r"/(?:feed|rss|atom|rdf)(?:/(?:rss2?|atom|rdf))?/?$|/(?:index|feed|rss|atom)\.(?:xml|rss|rdf)$", re.IGNORECASE
)
_SITEMAP: Final = re.compile(r"/[^/]*sitemap[^/]*\.(?:xml|txt)(?:\.gz)?$", re.IGNORECASE)


@lru_cache(maxsize=16_384)
def is_manifest(url: Url) -> bool:
    """Return whether a URL looks like a feed, a sitemap or an answer of WordPress's API."""
    address = address_of(url)
    if "wp-json" in address.segments or "rest_route" in address.names:
        return True
    return bool(_FEED.search(address.path) or _SITEMAP.search(address.path))
