"""From a captured page to its article, or a named outcome: the order of the steps and nothing else."""

from importlib.metadata import version

from lxml.html import HtmlElement

from umecrawl import __version__
from umecrawl.extract.article import ArticleText, read_article
from umecrawl.extract.counters import comment_count, like_count
from umecrawl.extract.language import language_of
from umecrawl.extract.linked_data import LinkedArticle, read_linked_data
from umecrawl.extract.links import links_of
from umecrawl.extract.listing import Kind, PageKind, kind_of, link_density
from umecrawl.extract.markup import MAX_MARKUP, Document, parse
from umecrawl.extract.metadata import permalink, read_metadata
from umecrawl.extract.outline import outline_of
from umecrawl.extract.quality import Access, access_of, lock_of, wall_of
from umecrawl.extract.text import text_sha256, word_count
from umecrawl.extract.tree import values
from umecrawl.model.article import Extraction, Outcome, Page, Post, Quality
from umecrawl.model.message import media_type
from umecrawl.model.urls import InvalidUrlError, Url, normalize

EXTRACTOR = f"umecrawl {__version__} / trafilatura {version('trafilatura')} / lxml {version('lxml')}"

_MARKUP_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
_MARKUP_SIGNS = (b"<!doctype html", b"<html", b"<head", b"<body")
_PRESCAN = 1024
_OK = 200
_REDIRECTS = range(300, 400)
_FIRST_ERROR = 400
_FEWEST_WORDS = 20  # of a page that nothing marks as an article


def extract(page: Page) -> Extraction:
    """Return what a page gives; never raises for what a page may contain.

    `page.markup` is the entity without content coding. At most `markup.MAX_MARKUP` octets of it are read.
    """
    try:
        return _extract(page)
    # lxml and trafilatura raise many kinds on broken markup, RecursionError among them; each is the same
    # outcome here, and the page stays in the archive for a better extractor.
    except Exception as error:  # noqa: BLE001 - named in the outcome, see above
        return _outcome(Outcome.FAILED, Quality.ERROR, f"{type(error).__name__}: {error}"[:300])


def _extract(page: Page) -> Extraction:
    unread = _unreadable(page)
    if unread is not None:
        return unread
    document = parse(page.markup, page.content_type)
    if page.status >= _FIRST_ERROR:
        wall = wall_of(document.root) if document is not None else None
        quality = Quality.CHALLENGE if wall is not None and wall.quality is Quality.CHALLENGE else Quality.ERROR
        return _outcome(Outcome.ERROR_PAGE, quality, f"status {page.status}")
    if document is None:
        return _outcome(Outcome.EMPTY, Quality.EMPTY, "no markup")
    canonical = permalink(document.root, page.url)
    linked = read_linked_data(document.root)
    article = linked.of(page.url, canonical)
    kind = kind_of(document.root, page.url, canonical, linked)
    return _other_than_article(document, kind, article) or _article(page, document, canonical, kind, article)


def _other_than_article(document: Document, kind: Kind, article: LinkedArticle | None) -> Extraction | None:
    """Return the outcome of a page that stands in front of an article, lists several or shows a file."""
    if article is None and kind.kind is not PageKind.PERMALINK:
        wall = wall_of(document.root)
        if wall is not None:
            outcome = Outcome.EMPTY if wall.quality is Quality.CONSENT else Outcome.ERROR_PAGE
            return _outcome(outcome, wall.quality, wall.detail)
    if kind.kind is PageKind.LISTING:
        return _outcome(Outcome.LISTING, Quality.FULL, kind.reason)
    if kind.kind is PageKind.ATTACHMENT:
        return _outcome(Outcome.NOT_A_PAGE, Quality.FULL, kind.reason)
    return None


def _article(page: Page, document: Document, canonical: Url, kind: Kind, article: LinkedArticle | None) -> Extraction:
    outline = outline_of(document.root)
    metadata = read_metadata(outline, page.url, page.captured_at, article)
    comments, likes = comment_count(outline, article), like_count(outline, article)
    lock = lock_of(outline, article)
    byline = metadata.byline.value if metadata.byline is not None else ""
    text = read_article(
        document, outline, metadata.title.forms, metadata.descriptions, byline=byline, demand=lock.prompt
    )
    access = access_of(text, lock)
    refused = _refused(kind, text, access, dated=metadata.published is not None)
    if refused is not None:
        return refused
    plain = "" if lock.password else text.text
    post = Post(
        permalink=canonical,
        title=metadata.title.text,
        text=plain,
        text_sha256=text_sha256(plain),
        language=language_of(plain),
        byline=metadata.byline,
        published=metadata.published,
        modified=metadata.modified,
        paywall=access.paywall,
        comment_count=comments,
        like_count=likes,
        links=links_of(text.paragraphs, _base(document.root, page.url)) if plain else (),
    )
    return _outcome(Outcome.ARTICLE, access.quality, _detail(kind, text, access, document), post)


def _unreadable(page: Page) -> Extraction | None:
    """Return the outcome of what is no page at all: redirects, other types, nothing."""
    if page.status in _REDIRECTS:
        return _outcome(Outcome.NOT_A_PAGE, Quality.EMPTY, f"a redirect (status {page.status})")
    if page.status < _OK:
        return _outcome(Outcome.NOT_A_PAGE, Quality.EMPTY, f"no final response (status {page.status})")
    kind = media_type(page.content_type)
    if kind not in _MARKUP_TYPES or (not kind and not _looks_like_html(page.markup)):
        if page.status >= _FIRST_ERROR:
            return _outcome(Outcome.ERROR_PAGE, Quality.ERROR, f"status {page.status}")
        return _outcome(Outcome.NOT_A_PAGE, Quality.FULL, f"not HTML ({kind or 'no type given'})")
    if not page.markup.strip() and page.status < _FIRST_ERROR:
        return _outcome(Outcome.EMPTY, Quality.EMPTY, "no octets")
    return None


def _looks_like_html(markup: bytes) -> bool:
    head = markup[:_PRESCAN].lower()
    return any(sign in head for sign in _MARKUP_SIGNS)


def _refused(kind: Kind, text: ArticleText, access: Access, *, dated: bool) -> Extraction | None:
    """Return the outcome of a page that nothing marks as an article and whose text does not read like one."""
    if kind.kind is PageKind.PERMALINK:
        return None
    anchors = [p.text[a.start : a.end] for p in text.paragraphs for a in p.anchors]
    if not dated and link_density(text.words, sum(map(word_count, anchors)), len(anchors)):
        return _outcome(Outcome.LISTING, Quality.FULL, f"{len(anchors)} links and little text between them")
    if text.words < _FEWEST_WORDS and not (dated and text.paragraphs) and access.quality is not Quality.TEASER:
        return _outcome(Outcome.EMPTY, Quality.EMPTY, f"{text.words} words, and nothing says it is an article")
    return None


def _base(root: HtmlElement, url: str) -> str:
    for href in values(root, "//head/base/@href"):
        try:
            return normalize(href, url)
        except InvalidUrlError:
            break
    return url


def _detail(kind: Kind, text: ArticleText, access: Access, document: Document) -> str:
    parts = [kind.reason, f"text by {text.method}"]
    if access.detail:
        parts.append(access.detail)
    if document.cut:
        parts.append(f"read only the first {MAX_MARKUP} octets")
    return "; ".join(parts)


def _outcome(outcome: Outcome, quality: Quality, detail: str, *posts: Post) -> Extraction:
    return Extraction(outcome, quality, EXTRACTOR, posts, detail)
