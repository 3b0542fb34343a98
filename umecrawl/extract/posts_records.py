"""Posts that come as records of a feed or an API: their markup read as the text of an article page is read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from umecrawl.extract.blocks import blocks_of, plain_text, told_apart
from umecrawl.extract.boilerplate import is_boilerplate
from umecrawl.extract.container import container_paragraphs
from umecrawl.extract.dates import parse_date
from umecrawl.extract.language import language_of
from umecrawl.extract.links import attachments_of, links_of
from umecrawl.extract.markup import MAX_MARKUP, encoded, without_controls
from umecrawl.extract.paragraphs import Paragraph, text_of
from umecrawl.extract.people import read_signatories
from umecrawl.extract.posts_excerpts import is_cut, more_links
from umecrawl.extract.text import text_sha256
from umecrawl.extract.tree import select, squeeze
from umecrawl.model.article import Claim, Post, Sourced
from umecrawl.model.urls import Url

# What plugins put under the text of a feed: "The post X appeared first on Y."
_FEED_TAIL = re.compile(
    r"(?:the post|inlägget|artikeln|innlegget|indlægget) .{1,300} (?:appeared first on|dök först upp på|"
    r"först publicerad på|publicerades först på|dukket først opp på) .{1,200}",
    re.IGNORECASE,
)
_EMOJI = "//img[@alt][contains(@class, 'wp-smiley') or contains(concat(' ', @class, ' '), ' emoji ')]"
_NAME_AND_ADDRESS = re.compile(r"\S+@\S+\s+\((?P<name>[^()]+)\)|(?P<other>[^<>]+?)\s*<\S+@\S+>")


@dataclass(frozen=True, slots=True)
class Record:
    """A post as a feed or an API gives it: markup, and the strings as they stand there.

    `content` is the whole text in HTML, `summary` the beginning of it; `source` is what the values of the post are
    said to come from (`rest`, `feed`). `locked` is a text that asks for a password.
    """

    source: str
    permalink: Url
    title: str
    content: str = ""
    summary: str = ""
    author: str = ""
    published: str = ""
    modified: str = ""
    comment_count: int | None = None
    locked: bool = False


def post_of(record: Record, captured_at: datetime) -> Post:
    """Return the post of a record; one without its content is an excerpt, and so is one that is cut off."""
    root = None if record.locked else fragment(record.content or record.summary)
    text: tuple[Paragraph, ...] = ()
    more: Sequence[HtmlElement] = ()
    if root is not None:
        more = more_links(root, record.permalink, record.permalink)
        for anchor in more:
            anchor.drop_tree()
        found = [p for p in container_paragraphs(root) if not is_boilerplate(p.text)]
        if found and _FEED_TAIL.fullmatch(found[-1].text):
            found.pop()
        text = tuple(told_apart(found))
    plain = plain_text(text)
    title = _line(record.title)
    byline = _byline(record)
    published = _time(record.published, record.source, captured_at)
    modified = _time(record.modified, record.source, captured_at)
    whole = bool(record.content) and bool(text) and not more and not is_cut(text, content=True)
    fields = (("byline", byline), ("published", published), ("modified", modified))
    return Post(
        permalink=record.permalink,
        title=title,
        text=plain,
        text_sha256=text_sha256(plain),
        language=language_of(plain),
        byline=byline,
        published=published,
        modified=modified,
        comment_count=record.comment_count,
        links=links_of(text, record.permalink),
        blocks=blocks_of(text),
        excerpt=not whole,
        signatories=read_signatories(
            [p.text for p in text if p.in_text], title=title, byline=byline.value if byline is not None else ""
        )
        if whole
        else (),
        claims=(
            *((Claim("title", 0, Sourced(title, record.source, record.title)),) if title else ()),
            *(Claim(name, 0, value) for name, value in fields if value is not None),
        ),
        attachments=attachments_of(text, root, record.permalink),
    )


def fragment(markup: str) -> HtmlElement | None:
    """Return the body of a piece of HTML, of which `MAX_MARKUP` characters are read; nothing where there is none."""
    markup = without_controls(markup[:MAX_MARKUP])
    if not markup.strip():
        return None
    parser = HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True, huge_tree=False)
    try:
        root = document_fromstring(encoded(f"<html><body>{markup}</body></html>"), parser=parser)
    except etree.ParserError:
        return None
    for image in select(root, _EMOJI):  # WordPress sends its emoji to feeds as pictures
        image.text = image.get("alt")
        image.drop_tag()
    return next(iter(select(root, "//body")), None)


def _line(markup: str) -> str:
    """Return a title that may hold markup as one line."""
    if "<" not in markup and "&" not in markup:
        return squeeze(markup)
    body = fragment(markup)
    return text_of(body) if body is not None else ""


def _byline(record: Record) -> Sourced | None:
    author = unescape(record.author).strip()
    match = _NAME_AND_ADDRESS.fullmatch(author)
    name = squeeze((match["name"] or match["other"]) if match is not None else author)
    return Sourced(name, record.source, record.author) if name and "@" not in name else None


def _time(raw: str, source: str, captured_at: datetime) -> Sourced | None:
    """Return a time as RFC 3339 in UTC: RFC 822 as in RSS, RFC 3339 as in Atom; a bare date stays one."""
    value = parse_date(raw, captured_at) if raw else None
    if raw and raw[0].isalpha():
        try:
            moment = parsedate_to_datetime(raw)
        except (ValueError, IndexError, OverflowError):
            moment = None
        if moment is not None:
            local = moment.isoformat() if moment.tzinfo is not None else moment.date().isoformat()
            value = parse_date(local, captured_at)
    if value is None:
        return None
    if "T" in value:
        value = datetime.fromisoformat(value).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Sourced(value, source, raw)
