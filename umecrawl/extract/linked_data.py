"""Schema.org data in JSON-LD: what a page says of itself to machines."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from umecrawl.extract.tree import squeeze
from umecrawl.model.urls import InvalidUrlError, resource_key

# A JSON tree as `json.loads` gives it.
Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|LiveBlogPosting|SocialMediaPosting|DiscussionForumPosting)$")
_COLLECTION = frozenset({"CollectionPage", "SearchResultsPage", "ItemList", "ProfilePage", "Blog", "OfferCatalog"})
_ORGANISATION = re.compile(r"(?:Organization|Corporation|Newspaper|WebSite|Brand)$")
_MAX_SCRIPT = 2 * 1024 * 1024
_MAX_NODES = 5_000
_MOST = 1_000_000_000  # comments or likes; NaN and infinity compare as false
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")


@dataclass(frozen=True, slots=True)
class LinkedArticle:
    """An article as JSON-LD describes it; `free` is `isAccessibleForFree`, nothing when not told.

    `organisations` are those of its `authors` that are no persons, `publisher` is the name of who publishes.
    """

    url: str = ""
    headline: str = ""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    free: bool | None = None
    comment_count: int | None = None
    like_count: int | None = None
    body: str = ""
    organisations: tuple[str, ...] = ()
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class LinkedData:
    """All a page tells in JSON-LD: the articles it names, and whether it calls itself a collection."""

    articles: tuple[LinkedArticle, ...] = ()
    collection: bool = False

    def of(self, *urls: str) -> LinkedArticle | None:
        """Return the article that is the page at one of `urls`: the one that names it, or the only one."""
        keys = {key for key in map(_key, urls) if key}
        for article in self.articles:
            if article.url and _key(article.url) in keys:
                return article
        nameless = [a for a in self.articles if not _key(a.url)]
        if len(self.articles) == 1 and not self.collection:
            return self.articles[0]
        return nameless[0] if len(nameless) == 1 and not self.collection else None


def read_linked_data(root: HtmlElement) -> LinkedData:
    """Return what the `application/ld+json` scripts of a page say; broken scripts are passed over."""
    articles: list[LinkedArticle] = []
    collection = False
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        nodes = list(_nodes(_load(script.text or "")))
        names = {str(node["@id"]): node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
        for node in nodes:
            types = _types(node)
            collection = collection or any(t in _COLLECTION for t in types)
            if any(_ARTICLE.search(t) for t in types):
                articles.append(_article(node, names))
    told = [a for a in articles if a.headline or a.published or a.authors]
    return LinkedData(tuple(told), collection)


def _load(script: str) -> Json:
    if len(script) > _MAX_SCRIPT:
        return None
    text = _WRAPPING.sub("", _WRAPPING.sub("", script)).strip()
    for candidate in (text, _TRAILING_COMMA.sub("", text)):
        try:
            loaded: Json = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        return loaded
    return None


def _nodes(data: Json) -> Iterator[dict[str, Json]]:
    """Yield every object of a graph that stands for a thing of its own, outermost first."""
    queue: list[Json] = [data]
    for _ in range(_MAX_NODES):
        if not queue:
            return
        item = queue.pop(0)
        if isinstance(item, list):
            queue.extend(item)
        elif isinstance(item, dict):
            yield item
            queue.extend(item[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in item)


def _types(node: dict[str, Json]) -> list[str]:
    kind = node.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return [k.rsplit("/", 1)[-1] for k in kinds if isinstance(k, str)]


def _article(node: dict[str, Json], names: dict[str, dict[str, Json]]) -> LinkedArticle:
    comments = _number(node.get("commentCount"))
    likes = None
    for counter in _list(node.get("interactionStatistic")):
        if isinstance(counter, dict):
            kind = json.dumps(counter.get("interactionType"))
            number = _number(counter.get("userInteractionCount"))
            if "LikeAction" in kind and "Dislike" not in kind:
                likes = number
            elif "CommentAction" in kind and comments is None:
                comments = number
    authors = list(_authors(node.get("author"), names)) or list(_authors(node.get("creator"), names))
    return LinkedArticle(
        url=_url(node),
        headline=_string(node.get("headline")) or _string(node.get("name")),
        authors=tuple(name for name, _ in authors),
        published=_string(node.get("datePublished")) or _string(node.get("dateCreated")),
        modified=_string(node.get("dateModified")),
        free=_free(node),
        comment_count=comments,
        like_count=likes,
        body=_string(node.get("articleBody")),
        organisations=tuple(name for name, organisation in authors if organisation),
        publisher=next((name for name, _ in _authors(node.get("publisher"), names)), ""),
    )


def _free(node: dict[str, Json]) -> bool | None:
    """Return `isAccessibleForFree` of an article; false too where it is told of a part alone (`hasPart`)."""
    parts = [_flag(part.get("isAccessibleForFree")) for part in _list(node.get("hasPart")) if isinstance(part, dict)]
    own = _flag(node.get("isAccessibleForFree"))
    return False if own is None and False in parts else own


def _url(node: dict[str, Json]) -> str:
    for name in ("mainEntityOfPage", "url", "@id"):
        value = node.get(name)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            return value.partition("#")[0]
    return ""


def _authors(value: Json, names: dict[str, dict[str, Json]]) -> Iterator[tuple[str, bool]]:
    """Yield the names of people or organisations, each with whether the data say that it is an organisation."""
    for author in _list(value):
        if isinstance(author, str):
            if squeeze(author):
                yield squeeze(author), False
        elif isinstance(author, dict):
            node = author if _name(author) else names.get(str(author.get("@id")), author)
            if _name(node):
                yield _name(node), any(_ORGANISATION.search(kind) for kind in _types(node))


def _name(node: dict[str, Json]) -> str:
    return next((_string(n) for n in _list(node.get("name")) if _string(n)), "")


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _string(value: Json) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return squeeze(value) if isinstance(value, str) else ""


def _number(value: Json) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().isdecimal() and int(value) < _MOST:
        return int(value)
    return int(value) if isinstance(value, int | float) and 0 <= value < _MOST else None


def _flag(value: Json) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower().rsplit("/", 1)[-1])
    return None


def _key(url: str) -> str:
    try:
        return resource_key(url)
    except InvalidUrlError:
        return ""
