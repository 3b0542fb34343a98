"""What kind of page this is: the permalink of one text, a listing of several, or the page of a file."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml.html import HtmlElement

from umecrawl.extract.boilerplate import is_embedded_post
from umecrawl.extract.container import container_paragraphs, is_wordpress, wordpress_container
from umecrawl.extract.linked_data import LinkedData
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_words, select, values
from umecrawl.model.urls import InvalidUrlError, normalize, resource_key, site_of


class PageKind(StrEnum):
    """The kinds of page that extraction tells apart."""

    PERMALINK = "permalink"
    LISTING = "listing"
    ATTACHMENT = "attachment"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind with the sign that told it.

    `fixed` is a page of the menu, which may hold lists of posts in its text; `by_shape` a guess that the text may
    refute.
    """

    kind: PageKind
    reason: str
    fixed: bool = False
    by_shape: bool = False


_PAGED_QUERY = re.compile(r"(?:paged\d*|query-\d+-page|pagenum|sida)$", re.IGNORECASE)
_LIST_QUERY = frozenset({"s", "cat", "tag", "author", "m", "category_name", "post_type", "search", "year", "monthnum"})
_PAGED_PATH = re.compile(r"/(?:page|sida|seite)/\d+/?$", re.IGNORECASE)
_DATE_PATH = re.compile(r"/(?:19|20)\d\d(?:/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12]\d|3[01]))?)?/?$")
_BLOGGER_ARCHIVE = re.compile(r"/(?:search(?:/label/[^/]+)?|(?:19|20)\d\d[_\d]*archive\.html)/?$")
_TERM_PATH = re.compile(
    r"/(?:tags?|etikett(?:er)?|category|categories|kategori(?:er)?|amne|ämne|authors?|forfattare|författare|"
    r"skribent|journalist|label|byline|emne|stikkord)/[^/]+/?$",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"topics?|subjects?|series?|serie|tema")
_SECTION = re.compile(
    r"(?:arkiv|archives?|kalender|calendar|evenemang|sok|sök|search|nyheter|news|senaste|latest|blogg?|blogs?|debatt|"
    r"insandare|ledare|opinion|sport|kultur|aktuellt|pressmeddelanden|artiklar|articles|posts|inlagg|tags?|kategorier|"
    r"categories|topics|lokalt|inrikes|utrikes|ekonomi|noje|feed|forum)",
    re.IGNORECASE,
)
_HOME = re.compile(r"/?(?:(?:index|default|start|hem|home)\.\w{3,5})?$", re.IGNORECASE)
_INDEX_FILE = re.compile(r"/index\.\w{3,5}$")
_CALENDAR = re.compile(r"/(?:kalender|calendar|kalendarium)(?:/|$)", re.IGNORECASE)
_SINGLE = re.compile(r"single|single-[\w-]+|postid-\d+")
_PAGE = re.compile(r"page-id-\d+|page-template(?:-[\w-]+)?|page")
_ARCHIVE = frozenset(
    {"archive", "blog", "search", "search-results", "search-no-results", "category", "tag", "author", "date", "paged"}
)
_TEASER_ROOM = "not(ancestor::nav or ancestor::aside or ancestor::footer)"
_ENOUGH_TEASERS = 3
_OWN_WORDS = 60  # a page has more text of its own for each of its teasers, a page of news blocks less
_OWN_SENTENCE = 5  # words; fewer are the heading of a list
_WORDS_ABOVE = 80  # an article stands above the teasers under it
_WORDS_ABOVE_TOLD = 30  # the same, where the page says that it is an article
_RUNNING = 12  # words of a paragraph that is no label or teaser
_ONE_TEXT = 120  # words
_LONG_TEXT = 250  # words
_DENSE = 0.6
_MANY_LINKS = 5


def kind_of(root: HtmlElement, url: str, canonical: str, linked: LinkedData) -> Kind:
    """Return what kind of page this is, by the strongest sign there is.

    In order: page counters and searches in the URL, the body classes of WordPress and HubSpot, the home page, JSON-LD
    that names this page an article, archive paths, `og:type`, and the shape of the page.
    """
    return (
        _by_query(url)
        or _by_publisher(root, url)
        or _by_data(root, url, canonical, linked)
        or _by_path(root, url, linked)
        or _by_shape(root, url, canonical)
        or Kind(PageKind.UNTOLD, "nothing says what kind of page it is")
    )


def is_home(url: str) -> bool:
    """Return whether a URL is the home page of its host."""
    parts = urlsplit(url)
    return not parts.query and _HOME.fullmatch(parts.path) is not None


def is_archive_address(url: str) -> bool:
    """Return whether a URL is that of a list by its form: a page counter, a search, a date, a term, an author."""
    path = _INDEX_FILE.sub("/", unquote(urlsplit(url).path))
    paths = (_PAGED_PATH, _DATE_PATH, _BLOGGER_ARCHIVE, _TERM_PATH, _CALENDAR)
    return _by_query(url) is not None or any(pattern.search(path) for pattern in paths)


def is_beside(root: HtmlElement, pieces: Collection[HtmlElement]) -> bool:
    """Return whether the running text of a page is one: beside the pieces it was split into, or in one of them."""
    beside = 0
    inside: dict[HtmlElement, int] = {}
    for paragraph in select(root, f"//body//p[{_TEASER_ROOM}]"):
        count = word_count(str(paragraph.text_content()))
        if count >= _RUNNING:
            piece = next((place for place in (paragraph, *paragraph.iterancestors()) if place in pieces), None)
            if piece is None:
                beside += count
            else:
                inside[piece] = inside.get(piece, 0) + count
    text = beside + max(inside.values(), default=0)
    return text >= _LONG_TEXT and text > 2 * (beside + sum(inside.values()) - text)


def link_density(paragraph_words: int, anchor_words: int, anchors: int) -> bool:
    """Return whether a text is mostly links, as a list of titles is."""
    return anchors >= _MANY_LINKS and anchor_words >= _DENSE * max(1, paragraph_words)


def _og_type(root: HtmlElement) -> str:
    """Return the Open Graph type of a page in lower case; empty when it has none."""
    found = values(root, "//meta[@property='og:type' or @name='og:type']/@content")
    return found[0].lower() if found else ""


def _by_query(url: str) -> Kind | None:
    parts = urlsplit(url)
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    for name in names:
        if _PAGED_QUERY.match(name):
            return Kind(PageKind.LISTING, f"the URL counts pages ({name})")
    if _PAGED_PATH.search(parts.path):
        return Kind(PageKind.LISTING, "the URL counts pages")
    if _HOME.fullmatch(parts.path) or parts.path.count("/") <= 2:  # noqa: PLR2004 - a blog below its host: /blog/?s=x
        for name in names:
            if name in _LIST_QUERY:
                return Kind(PageKind.LISTING, f"the URL asks for a list ({name})")
    return None


def _by_publisher(root: HtmlElement, url: str) -> Kind | None:
    body = next(root.iter("body"), None)
    classes = class_words(body) if body is not None else ()
    if "hs-blog-post" in classes:
        return Kind(PageKind.PERMALINK, "HubSpot says it shows one post")
    telling = any(re.fullmatch(r"postid-\d+|page-id-\d+|attachmentid-\d+", c) for c in classes)
    if not telling and not is_wordpress(root):
        return None
    archive = next((c for c in classes if c in _ARCHIVE), None)
    kind: Kind | None = None
    if any(c.startswith("attachmentid-") for c in classes):
        kind = Kind(PageKind.ATTACHMENT, "a WordPress attachment page, which shows a file")
    elif "home" in classes or is_home(url):
        # A front page of its own has the class of a page beside `home`; one that shows the latest posts that of a blog.
        fixed = any(c.startswith("page-id-") for c in classes) and "blog" not in classes
        if fixed and len(_teasers(root, url, url)) < _ENOUGH_TEASERS:
            return _fixed_page(root)
        guess = "home" not in classes and _og_type(root) == "article"
        kind = Kind(PageKind.LISTING, "the front page", by_shape=guess)
    elif any(_SINGLE.fullmatch(c) for c in classes):
        kind = Kind(PageKind.PERMALINK, "WordPress says it shows one post")
    elif any(c.startswith("page-id-") for c in classes) or (archive is None and any(map(_PAGE.fullmatch, classes))):
        kind = _fixed_page(root)
    elif archive is not None:
        kind = Kind(PageKind.LISTING, f"WordPress says it is an archive ({archive})")
    return kind


def _fixed_page(root: HtmlElement) -> Kind:
    """Tell a fixed page with a sentence of its own from one that holds nothing but lists of posts and their headings.

    The lists beside its words belong to the posts they show and are left out of its text.
    """
    container = wordpress_container(root)
    if container is not None:
        embedded = [e for e in container.iterdescendants() if isinstance(e.tag, str) and is_embedded_post(e)]
        own = max((word_count(p.text) for p in container_paragraphs(container)), default=0)
        if len(embedded) > 1 and own < _OWN_SENTENCE:
            return Kind(PageKind.LISTING, f"a fixed page with {len(embedded)} posts and no sentence of its own")
    return Kind(PageKind.PERMALINK, "WordPress says it is a fixed page", fixed=True)


def _by_data(root: HtmlElement, url: str, canonical: str, linked: LinkedData) -> Kind | None:
    if is_home(url):
        guess = _og_type(root) == "article" or linked.of(url, canonical) is not None
        return Kind(PageKind.LISTING, "the home page of its host", by_shape=guess)
    if linked.of(url, canonical) is not None:
        return Kind(PageKind.PERMALINK, "JSON-LD names it an article")
    if values(root, "//meta[@property='article:published_time']/@content") and _og_type(root) == "article":
        return Kind(PageKind.PERMALINK, "Open Graph names it an article")
    return None


def _by_path(root: HtmlElement, url: str, linked: LinkedData) -> Kind | None:
    path = unquote(urlsplit(url).path)
    for pattern in (_DATE_PATH, _BLOGGER_ARCHIVE, _TERM_PATH, _CALENDAR):
        if pattern.search(path):
            return Kind(PageKind.LISTING, "the path of the URL is that of an archive")
    if linked.collection and not linked.articles:
        return Kind(PageKind.LISTING, "JSON-LD calls it a collection")
    last = path.rstrip("/").rsplit("/", 1)[-1]
    if _SECTION.fullmatch(last) and _og_type(root) != "article":
        return Kind(PageKind.LISTING, f"the URL is that of a section ({last})")
    return None


def _by_shape(root: HtmlElement, url: str, canonical: str) -> Kind | None:
    teasers = _teasers(root, url, canonical)
    targets = {target for target, _ in teasers}
    article = _og_type(root) == "article"
    if len(targets) >= _ENOUGH_TEASERS and not _one_text(root, teasers):
        above = _words_before(root, teasers[0][1])
        if above < (_WORDS_ABOVE_TOLD if article else _WORDS_ABOVE):
            return Kind(
                PageKind.LISTING,
                f"{len(targets)} headings link to other pages, {above} words stand above them",
                by_shape=True,
            )
    if targets and _og_type(root) in {"website", "blog"} and not _one_text(root, teasers):
        words = sum(word_count(str(p.text_content())) for p in select(root, f"//body//p[{_TEASER_ROOM}]"))
        if words < _OWN_WORDS * len(targets):
            return Kind(
                PageKind.LISTING, "it calls itself a website and has headings that link to other pages", by_shape=True
            )
    if article:
        return Kind(PageKind.PERMALINK, "Open Graph names it an article")
    last = unquote(urlsplit(url).path).rstrip("/").rsplit("/", 2)[-2:]
    if len(last) > 1 and _TOPIC.fullmatch(last[0]) and not _one_text(root, teasers):
        return Kind(PageKind.LISTING, "the path of the URL is that of a topic")
    return None


def _one_text(root: HtmlElement, teasers: list[tuple[str, HtmlElement]]) -> bool:
    """Whether most running text of the page stands in one block, and the teasers elsewhere."""
    words: dict[HtmlElement, int] = {}
    for paragraph in select(root, f"//body//p[{_TEASER_ROOM}]"):
        count = word_count(str(paragraph.text_content()))
        parent = paragraph.getparent()
        if count >= _RUNNING and parent is not None:
            words[parent] = words.get(parent, 0) + count
    if not words:
        return False
    block = max(words, key=lambda parent: words[parent])
    inside = sum(1 for _, heading in teasers if any(a is block for a in heading.iterancestors()))
    return words[block] >= max(_ONE_TEXT, _DENSE * sum(words.values())) and inside < _ENOUGH_TEASERS


def _teasers(root: HtmlElement, url: str, canonical: str) -> list[tuple[str, HtmlElement]]:
    """Return the largest run of headings alike in tag and class that link to other pages of the site."""
    own = {_key(url), _key(canonical)}
    runs: dict[tuple[str, str], list[tuple[str, HtmlElement]]] = {}
    for heading in select(root, f"//body//*[self::h1 or self::h2 or self::h3 or self::h4][{_TEASER_ROOM}]"):
        links = select(heading, ".//a[@href] | ancestor::a[@href]")
        if not links:
            continue
        target = _key(links[0].get("href") or "", url)
        if not target or target in own or site_of(links[0].get("href") or "") not in {"", site_of(url)}:
            continue
        shape = (str(heading.tag), " ".join(sorted(class_words(heading))[:3]))
        runs.setdefault(shape, []).append((target, heading))
    return max(runs.values(), key=lambda run: len({t for t, _ in run}), default=[])


def _words_before(root: HtmlElement, heading: HtmlElement) -> int:
    """How many words of running text stand before an element, navigation and sidebars left out."""
    count = 0
    for element in root.iter("p", heading.tag):
        if element is heading:
            break
        if element.tag == "p" and not any(a.tag in {"nav", "aside", "footer"} for a in element.iterancestors()):
            count += word_count(str(element.text_content()))
    return count


def _key(url: str, base: str | None = None) -> str:
    try:
        return resource_key(normalize(url, base))
    except InvalidUrlError:
        return ""
