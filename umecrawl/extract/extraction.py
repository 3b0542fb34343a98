"""From a captured page, feed or API answer to its posts, or a named outcome: the order of the steps."""

import gc
from dataclasses import replace
from importlib.metadata import version

from lxml.html import HtmlElement

from umecrawl import __version__
from umecrawl.extract.article import ArticleText, read_article
from umecrawl.extract.blocks import blocks_of, lines_of, plain_text
from umecrawl.extract.byline import credit
from umecrawl.extract.claims import claims_of
from umecrawl.extract.comments import read_comments
from umecrawl.extract.counters import comment_count, like_count
from umecrawl.extract.feeds import read_feed
from umecrawl.extract.language import language_of
from umecrawl.extract.linked_data import LinkedData, read_linked_data
from umecrawl.extract.links import attachments_of, links_of
from umecrawl.extract.listing import Kind, PageKind, is_beside, kind_of, link_density
from umecrawl.extract.markup import MAX_MARKUP, Document, decode, parse
from umecrawl.extract.metadata import permalink, read_metadata
from umecrawl.extract.outline import outline_of
from umecrawl.extract.pdf import read_pdf
from umecrawl.extract.people import read_signatories
from umecrawl.extract.posts import Surroundings, posts_of
from umecrawl.extract.publication import zone_of
from umecrawl.extract.quality import Access, access_of, assess, lock_of, score_of
from umecrawl.extract.reservations import meta_reservations
from umecrawl.extract.rest import read_rest
from umecrawl.extract.segments import marked_segments
from umecrawl.extract.segments_page import segments_of
from umecrawl.extract.segments_room import Room, room_of
from umecrawl.extract.site_rules import apply_rules, site_rules
from umecrawl.extract.text import text_sha256, word_count
from umecrawl.extract.tree import values
from umecrawl.extract.walls import wall_of
from umecrawl.model.article import Extraction, Outcome, Page, Post, Quality, Sourced
from umecrawl.model.message import media_type
from umecrawl.model.readable import HTML_TYPES, PDF_TYPE, is_readable, is_rest_address
from umecrawl.model.urls import InvalidUrlError, Url, canonicalize, normalize

EXTRACTOR = f"umecrawl {__version__} / trafilatura {version('trafilatura')} / lxml {version('lxml')}"

_MARKUP_SIGNS = (b"<!doctype html", b"<html", b"<head", b"<body")
_PRESCAN = 1024
_MAX_ANSWER = 4 * MAX_MARKUP  # octets of a feed or an API's answer: a hundred posts
_OK = 200
_REDIRECTS = range(300, 400)
_FIRST_ERROR = 400
_FEWEST_EMBEDDED = 2
_FEWEST_WORDS = 20  # of a page that nothing marks as an article


def extract(page: Page) -> Extraction:
    """Return what a page gives; never raises for what a page may contain.

    `page.markup` is the entity without content coding. At most `markup.MAX_MARKUP` octets of a page are read, and
    four times as many of a feed or an API's answer.
    """
    # What reading a page makes lives until it is read: looking for cycles in it takes time and finds none.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _extract(page)
    except MemoryError:
        return _outcome(Outcome.FAILED, Quality.ERROR, "the page asks for more memory than its process may have")
    # lxml and trafilatura raise many kinds on broken markup, RecursionError among them; each is the same
    # outcome here, and the page stays in the archive for a better extractor.
    except Exception as error:  # noqa: BLE001 - named in the outcome, see above
        return _outcome(Outcome.FAILED, Quality.ERROR, f"{type(error).__name__}: {error}"[:300])
    finally:
        if collects:
            gc.enable()


def _extract(page: Page) -> Extraction:
    unread = _unreadable(page)
    if unread is not None:
        return unread
    if media_type(page.content_type) == PDF_TYPE:
        return _document(page)
    if not _is_markup(page):
        return _records(page)
    document = parse(page.markup, page.content_type)
    if page.status >= _FIRST_ERROR:
        wall = wall_of(document.root) if document is not None else None
        quality = Quality.CHALLENGE if wall is not None and wall.quality is Quality.CHALLENGE else Quality.ERROR
        return _outcome(Outcome.ERROR_PAGE, quality, f"status {page.status}")
    if document is None:
        return _outcome(Outcome.EMPTY, Quality.EMPTY, "no markup")
    rules = apply_rules(document.root, page.url, page.captured_at, site_rules())
    said = meta_reservations(document.root)  # before anything takes the page apart
    found = _read(page, document)
    if rules:
        found = replace(found, detail="; ".join((found.detail, f"with {len(rules)} rules for {rules[0].host}")))
    doubled = ("its letters were encoded twice before it was sent",) if document.double_encoded else ()
    return replace(found, encoding=document.encoding, reasons=(*found.reasons, *doubled), reservations=said)


def _read(page: Page, document: Document) -> Extraction:
    canonical = permalink(document.root, page.url)
    linked = read_linked_data(document.root)
    kind = kind_of(document.root, page.url, canonical, linked)
    other = _other_than_article(page, document, canonical, kind, linked)
    return other or _article(page, document, canonical, kind, linked)


def _unreadable(page: Page) -> Extraction | None:
    """Return the outcome of what is nothing to read: redirects, other types, nothing."""
    if page.status in _REDIRECTS:
        return _outcome(Outcome.NOT_A_PAGE, Quality.EMPTY, f"a redirect (status {page.status})")
    if page.status < _OK:
        return _outcome(Outcome.NOT_A_PAGE, Quality.EMPTY, f"no final response (status {page.status})")
    kind = media_type(page.content_type)
    markup = _is_markup(page)
    if page.status >= _FIRST_ERROR and not markup:
        return _outcome(Outcome.ERROR_PAGE, Quality.ERROR, f"status {page.status}")
    if not markup and not is_readable(kind, page.url):
        return _outcome(Outcome.NOT_A_PAGE, Quality.FULL, f"no page and no feed ({kind or 'no type given'})")
    if not page.markup.strip() and page.status < _FIRST_ERROR:
        return _outcome(Outcome.EMPTY, Quality.EMPTY, "no octets")
    return None


def _is_markup(page: Page) -> bool:
    kind = media_type(page.content_type)
    return kind in HTML_TYPES or (not kind and _looks_like_html(page.markup))


def _looks_like_html(markup: bytes) -> bool:
    head = markup[:_PRESCAN].lower()
    return any(sign in head for sign in _MARKUP_SIGNS)


def _document(page: Page) -> Extraction:
    """Return the text of a PDF file."""
    found = read_pdf(page.markup)
    if found.problem:
        return _outcome(Outcome.NOT_A_PAGE, Quality.FULL, found.problem)
    plain = "\n".join(block.text for block in found.blocks)
    post = Post(
        permalink=canonicalize(page.url),
        title=found.title,
        text=plain,
        text_sha256=text_sha256(plain),
        language=language_of(plain),
        published=found.published,
        modified=found.modified,
        blocks=found.blocks,
        claims=(*claims_of("published", _given(found.published)), *claims_of("modified", _given(found.modified))),
    )
    told = f"a PDF of {found.pages} pages" + (", read in part" if found.cut else "")
    return _outcome(Outcome.DOCUMENT, Quality.FULL, told, post)


def _given(value: Sourced | None) -> tuple[Sourced, ...]:
    return (value,) if value is not None else ()


def _records(page: Page) -> Extraction:
    """Return the posts of a feed or of an API's answer."""
    markup = page.markup[:_MAX_ANSWER]
    if is_rest_address(page.url):
        what, posts = "an answer of WordPress's API", read_rest(decode(markup), page.url, page.captured_at)
    else:
        what, posts = "a feed", read_feed(decode(markup, page.content_type), page.url, page.captured_at)
    if posts is None:
        return _outcome(Outcome.NOT_A_PAGE, Quality.FULL, f"it does not read as {what}")
    return _outcome(Outcome.LISTING, Quality.FULL, what, *posts)


def _other_than_article(
    page: Page, document: Document, canonical: Url, kind: Kind, linked: LinkedData
) -> Extraction | None:
    """Return the outcome of a page that stands in front of an article, lists several or shows a file."""
    if linked.of(page.url, canonical) is None and kind.kind is not PageKind.PERMALINK:
        wall = wall_of(document.root)
        if wall is not None:
            outcome = Outcome.EMPTY if wall.quality is Quality.CONSENT else Outcome.ERROR_PAGE
            return _outcome(outcome, wall.quality, wall.detail)
    if kind.kind is PageKind.LISTING:
        return _listing(page, document, canonical, linked, kind)
    if kind.kind is PageKind.ATTACHMENT:
        return _outcome(Outcome.NOT_A_PAGE, Quality.FULL, kind.reason)
    return None


def _listing(page: Page, document: Document, canonical: Url, linked: LinkedData, kind: Kind) -> Extraction | None:
    """Return the posts of a listing; nothing for a page that was taken for one and holds a text of its own."""
    room = room_of(document.root, page.url, _base(document.root, page.url), canonical)
    segments = segments_of(room, page.captured_at)
    if kind.by_shape and is_beside(document.root, {element for one in segments for element in one.elements}):
        return None
    return _outcome(Outcome.LISTING, Quality.FULL, kind.reason, *posts_of(segments, _around(page, room, linked)))


def _embedded(page: Page, document: Document, canonical: Url, kind: Kind, linked: LinkedData) -> tuple[Post, ...]:
    """Return the posts in the lists that a fixed page holds; what stands under an article is none of them."""
    if not kind.fixed:
        return ()
    room = room_of(document.root, page.url, _base(document.root, page.url), canonical)
    segments = marked_segments(room)
    if len({segment.permalink for segment in segments}) < _FEWEST_EMBEDDED:
        return ()
    return posts_of(segments, _around(page, room, linked))


def _around(page: Page, room: Room, linked: LinkedData) -> Surroundings:
    return Surroundings(room.base, page.captured_at, room.root, linked)


def _article(page: Page, document: Document, canonical: Url, kind: Kind, linked: LinkedData) -> Extraction:
    article = linked.of(page.url, canonical)
    embedded = _embedded(page, document, canonical, kind, linked)
    outline = outline_of(document.root)
    metadata = read_metadata(outline, page.url, page.captured_at, article)
    comments, likes = comment_count(outline, article), like_count(outline, article)
    answers = read_comments(outline, page.captured_at, zone_of(outline, page.url))
    lock = lock_of(outline, article)
    byline = metadata.byline.value if metadata.byline is not None else ""
    text = read_article(
        document, outline, metadata.title.forms, metadata.descriptions, byline=byline, demand=lock.prompt
    )
    access = access_of(text, lock)
    refused = _refused(kind, text, access, dated=metadata.published is not None)
    if refused is not None:
        if refused.outcome is Outcome.LISTING:
            return _listing(page, document, canonical, linked, Kind(PageKind.LISTING, refused.detail)) or refused
        return refused
    told = () if lock.password else text.paragraphs
    plain = plain_text(told)
    signatories = read_signatories(lines_of(told), title=metadata.title.text, byline=byline)
    credited = credit(metadata.byline, metadata.account, signatories)
    base = _base(document.root, page.url)
    post = Post(
        permalink=canonical,
        title=metadata.title.text,
        text=plain,
        text_sha256=text_sha256(plain),
        language=language_of(plain),
        byline=credited.byline,
        published=metadata.published,
        modified=metadata.modified,
        paywall=access.paywall,
        comment_count=comments,
        like_count=likes,
        links=links_of(told, base),
        blocks=blocks_of(told),
        account=credited.account,
        signatories=signatories,
        claims=metadata.claims,
        comments=answers,
        attachments=attachments_of(told, None if lock.password else text.container, base),
    )
    trust = assess(text, access, document.root, cut=document.cut)
    found = _outcome(Outcome.ARTICLE, access.quality, _detail(kind, text, access, document), post, *embedded)
    return replace(found, score=trust.score, reasons=(*trust.reasons, *metadata.refused))


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
    return Extraction(outcome, quality, EXTRACTOR, posts, detail, score_of(quality))
