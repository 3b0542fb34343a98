"""What a page says about its article: permalink, title, byline and dates, each value with where it came from."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from lxml.html import HtmlElement

from umecrawl.extract.byline import byline_said
from umecrawl.extract.claims import claims_of
from umecrawl.extract.date_places import Places
from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.outline import Outline
from umecrawl.extract.publication import modified_said, published_said
from umecrawl.extract.title import Title, read_title
from umecrawl.extract.tree import squeeze, values
from umecrawl.model.article import Claim, Sourced
from umecrawl.model.urls import InvalidUrlError, Url, canonicalize, normalize, resource_key, site_of

# Parameters that choose a comment to answer or a button to press: the page is the same.
_REPLY = re.compile(r"(?:^|&)(?:replytocom|like_comment|share|nb|preview)=[^&]*")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about its article; `descriptions` are its own summaries of itself.

    `account` is the office or login that published, where the page names one; `claims` is all that the page says of
    title, byline and dates, ranked within each field; `refused` tells in words which of it cannot be true.
    """

    title: Title
    descriptions: tuple[str, ...]
    byline: Sourced | None
    published: Sourced | None
    modified: Sourced | None
    account: Sourced | None = None
    claims: tuple[Claim, ...] = ()
    refused: tuple[str, ...] = ()


def read_metadata(outline: Outline, url: str, captured_at: datetime, linked: LinkedArticle | None) -> Metadata:
    """Return what the page at `url` says of its article; a change dated before the publication is dropped."""
    places = Places(outline)
    title = read_title(outline, linked)
    published = published_said(outline, url, captured_at, linked, places)
    modified = modified_said(outline, url, captured_at, linked, places)
    author = byline_said(outline, linked, url, places)
    refused = [*published.refused, *modified.refused]
    changed = modified.taken
    if changed is not None and published.taken is not None and changed.value[:10] < published.taken.value[:10]:
        refused.append(f"date of change refused: {changed.value[:10]} lies before the publication")
        changed = None
    return Metadata(
        title=title,
        descriptions=tuple(dict.fromkeys(outline.meta("og:description", "description", "twitter:description"))),
        byline=author.byline,
        published=published.taken,
        modified=changed,
        account=author.account,
        claims=(
            *claims_of("title", title.said),
            *claims_of("byline", author.said.values),
            *claims_of("published", published.values),
            *(claims_of("modified", modified.values) if changed is not None else ()),
        ),
        refused=tuple(dict.fromkeys(refused)),
    )


def permalink(root: HtmlElement, url: str) -> Url:
    """Return the address under which an article is one article: `rel=canonical` of the same site, else the URL.

    A canonical link to the home page is a template's mistake and is passed over, unless the page is the home
    page. Parameters that choose a comment to reply to are dropped from the URL.
    """
    parts = urlsplit(url)
    own = canonicalize(urlunsplit(parts._replace(query=_REPLY.sub("", parts.query).lstrip("&"))))
    for link in root.iter("link"):
        href = squeeze(link.get("href") or "") if " canonical " in f" {link.get('rel')} " else ""
        if not href:
            continue
        try:
            found = canonicalize(normalize(href, url))
        except InvalidUrlError:
            continue
        same = resource_key(found) == resource_key(own)
        if site_of(found) == site_of(url) and (same or not _is_home(found, root, url)):
            return found
    return own


def _is_home(found: Url, root: HtmlElement, url: str) -> bool:
    parts = urlsplit(found)
    homes = (_key(href, url) for href in values(root, "//a[@rel='home']/@href"))
    return (parts.path == "/" and not parts.query) or _key(found) in homes


def _key(href: str, base: str | None = None) -> str:
    try:
        return resource_key(normalize(href, base))
    except InvalidUrlError:
        return ""
