"""Posts from feeds: RSS 2.0, RSS 1.0 (RDF), Atom (RFC 4287) and JSON Feed 1.1.

feedparser was looked at and left out: it mends and cleans the markup of entries, so that the text of a feed and that of
the page would no longer be the same string; what is needed here are ten elements by name.
"""

import html
import json
import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from umecrawl.extract.linked_data import Json
from umecrawl.extract.posts_records import Record, post_of
from umecrawl.extract.text import word_count
from umecrawl.model.article import Post
from umecrawl.model.urls import InvalidUrlError, Url, canonicalize, normalize, site_of

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
# Nothing of a document type is needed, and an entity that grows is not declared without one.
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_DOCTYPE_ROOM = 65_536
_ENTITY = re.compile(r"&([a-zA-Z]{2,31}\d{0,2});")
_NUMBERED = re.compile(r"&#(?:(\d{1,9})|x([\da-f]{1,8}));", re.IGNORECASE)
_SURROGATES = range(0xD800, 0xE000)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_BARE_AND = re.compile(r"&(?!#?\w{1,32};)")
_COMMENT = re.compile(r"#(?:comment|c\d)", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:p|br|div|li|h[1-6]|blockquote)\b", re.IGNORECASE)
_WHOLE = 120  # words; a description with paragraphs that is longer is the text itself
_MOST = 2_000  # entries
_FEEDS = frozenset({"rss", "feed", "RDF"})

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_SLASH = "http://purl.org/rss/1.0/modules/slash/"
_THREAD = "http://purl.org/syndication/thread/1.0"
_FEEDBURNER = "http://rssnamespace.org/feedburner/ext/1.0"
_PREFIXES = {
    "atom": _ATOM,
    "content": _CONTENT,
    "dc": _DC,
    "slash": _SLASH,
    "thr": _THREAD,
    "feedburner": _FEEDBURNER,
}


def read_feed(answer: str, url: str, captured_at: datetime) -> tuple[Post, ...] | None:
    """Return the posts of a feed, in its order; nothing where the answer is no feed, as a sitemap is none.

    The text is `content:encoded` or Atom's `content`; a `description` or `summary` is an excerpt, unless it is the
    whole text by its length and form. Comments that come as a feed are no posts, nor are entries of other sites.
    Entities of a document type are never read and nothing is fetched.
    """
    stripped = answer.lstrip("\ufeff \t\r\n")
    records = _json_records(stripped, url) if stripped.startswith("{") else _xml_records(stripped, url)
    if records is None:
        return None
    posts: dict[Url, Post] = {}
    for _, record in zip(range(_MOST), records, strict=False):
        post = post_of(record, captured_at)
        posts.setdefault(post.permalink, post)
    return tuple(posts.values())


def _xml_records(answer: str, url: str) -> Iterator[Record] | None:
    head = _DOCTYPE.sub("", _DECLARATION.sub("", answer[:_DOCTYPE_ROOM], count=1), count=1)
    text = _NUMBERED.sub(_numbered, head + answer[_DOCTYPE_ROOM:])
    text = _BARE_AND.sub("&amp;", _ENTITY.sub(_character, text))
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if root is None or _name(root) not in _FEEDS:
        return None
    sites = {site_of(url)}
    channel = next((e for e in root.iterchildren("*") if _name(e) == "channel"), root)
    for element in channel.iterchildren("*"):
        if _name(element) == "link":
            home = _address(element.get("href") or element.text or "", url)
            sites |= {site_of(home)} if home is not None else set()
    return _entries(root, url, sites)


def _entries(root: etree._Element, url: str, sites: set[str]) -> Iterator[Record]:
    for element in root.iter("{*}item", "{*}entry"):
        entry = _Entry(element)
        permalink = _permalink(entry, url)
        if permalink is None or site_of(permalink) not in sites:
            continue
        content = entry.text("encoded", _CONTENT) or entry.markup("content")
        summary = entry.markup("summary") or entry.text("description")
        if not content and _MARKUP.search(summary) and word_count(summary) > _WHOLE:
            content = summary
        counts = entry.text("comments", _SLASH) or entry.text("total", _THREAD)
        yield Record(
            source="feed",
            permalink=permalink,
            title=entry.markup("title"),
            content=content,
            summary=summary,
            author=", ".join(dict.fromkeys(entry.authors())),
            published=entry.text("published")
            or entry.text("pubDate")
            or entry.text("date", _DC)
            or entry.text("issued"),
            modified=entry.text("updated", _ATOM) or entry.text("modified"),
            comment_count=int(counts) if counts.isdecimal() and len(counts) < len(str(_MOST)) + 3 else None,
        )


class _Entry:
    """An entry of a feed: its elements by local name, of the feed's own namespace unless another is asked for."""

    def __init__(self, element: etree._Element) -> None:
        self.element = element

    def text(self, name: str, space: str | None = None) -> str:
        """Return the text of an element, stripped; empty where the entry has none."""
        for child in self.every(name, space):
            text = "".join(map(str, child.itertext())).strip()
            if text:
                return text
        return ""

    def markup(self, name: str) -> str:
        """Return the HTML of an element: XHTML as it stands there (Atom), text with its markup escaped."""
        for child in self.every(name, None):
            if child.get("type") == "xhtml" or (len(child) and child.get("type") != "text"):
                inner = (etree.tostring(one, encoding="unicode", with_tail=True) for one in child.iterchildren("*"))
                return (child.text or "") + "".join(re.sub(r"(</?)\w+:", r"\1", one) for one in inner)
            text = "".join(map(str, child.itertext())).strip()
            if child.get("type") == "text":
                return html.escape(text, quote=False)
            if text:
                return text
        return ""

    def authors(self) -> Iterator[str]:
        """Yield the names of the authors."""
        for child in self.every("creator", _DC):
            yield (child.text or "").strip()
        for child in self.every("author", None):
            names = [one.text for one in child.iterchildren("*") if _name(one) == "name"]
            yield ((names[0] if names else child.text) or "").strip()

    def every(self, name: str, space: str | None) -> Iterator[etree._Element]:
        """Yield the elements of a name; of the feed's own namespace where none is given."""
        own = _space(self.element)
        for child in self.element.iterchildren("*"):
            if _name(child) == name and _space(child) == (own if space is None else space):
                yield child


def _permalink(entry: _Entry, url: str) -> Url | None:
    """Return where an entry lives; nothing for a comment."""
    if any(True for _ in entry.every("in-reply-to", _THREAD)):
        return None
    links = list(entry.every("link", None))
    hrefs = [link.get("href") or "" for link in links if link.get("rel") in {None, "alternate"}]
    guid = next(iter(entry.every("guid", None)), None)
    guids = [guid.text or ""] if guid is not None and (guid.get("isPermaLink") or "true").lower() == "true" else []
    texts = [(link.text or "") for link in links]
    for raw in (entry.text("origLink", _FEEDBURNER), *hrefs, *texts, *guids):
        if not raw.strip():
            continue
        if _COMMENT.search(raw.strip()):
            return None
        found = _address(raw, url)
        if found is not None:
            return found
    return None


def _address(raw: str, base: str) -> Url | None:
    try:
        return canonicalize(normalize(raw.strip(), base))
    except InvalidUrlError:
        return None


def _json_records(answer: str, url: str) -> Iterator[Record] | None:
    """Yield the items of a JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
    try:
        data: Json = json.loads(answer, strict=False)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or "jsonfeed.org/version" not in str(data.get("version")):
        return None
    items = data.get("items")
    home = _address(str(data.get("home_page_url") or url), url)
    sites = {site_of(url), site_of(home or url)}
    return _json_entries(items if isinstance(items, list) else [], url, sites)


def _json_entries(items: list[Json], url: str, sites: set[str]) -> Iterator[Record]:
    for item in items:
        if not isinstance(item, dict):
            continue
        permalink = _address(str(item.get("url") or ""), url) if item.get("url") else None
        if permalink is None or site_of(permalink) not in sites:
            continue
        plain = item.get("content_text")
        authors = item.get("authors")
        people = authors if isinstance(authors, list) else [item.get("author")]
        names = [str(one.get("name") or "") for one in people if isinstance(one, dict)]
        yield Record(
            source="feed",
            permalink=permalink,
            title=html.escape(str(item.get("title") or ""), quote=False),
            content=str(item.get("content_html") or "") or (_as_markup(plain) if isinstance(plain, str) else ""),
            summary=html.escape(str(item.get("summary") or ""), quote=False),
            author=", ".join(dict.fromkeys(filter(None, names))),
            published=str(item.get("date_published") or ""),
            modified=str(item.get("date_modified") or ""),
        )


def _as_markup(text: str) -> str:
    return "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in text.splitlines() if line.strip())


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].rpartition(":")[2]


def _space(element: etree._Element) -> str:
    """Return the namespace of an element; that of a well-known prefix where the feed forgot to declare it."""
    if element.tag.startswith("{"):
        return element.tag[1:].partition("}")[0]
    return _PREFIXES.get(element.tag.partition(":")[0], "") if ":" in element.tag else ""


def _character(match: re.Match[str]) -> str:
    """Write a named character of HTML, which XML does not know, as itself."""
    return match[0] if match[1] in _XML_ENTITIES else html.escape(html.unescape(match[0]), quote=False)


def _numbered(match: re.Match[str]) -> str:
    """Leave out half a character: libxml2, told to go on after errors, takes it and gives text that is no UTF-8."""
    number = int(match[1]) if match[1] else int(match[2], 16)
    return "" if number in _SURROGATES else match[0]
