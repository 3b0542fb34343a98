"""What a page says about its article: permalink, title, byline and dates, each value with where it came from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from umecrawl.extract.dates import STOCKHOLM, find_dates, parse_date, same_day, url_date
from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.text import key, word_count
from umecrawl.extract.tree import by_class, class_words, select, squeeze, text_of, values
from umecrawl.model.article import Sourced
from umecrawl.model.urls import InvalidUrlError, Url, canonicalize, host_of, normalize, resource_key, site_of

_REPLY = re.compile(r"(?:^|&)(?:replytocom|like_comment|share|nb|preview|mobilmeny)=[^&]*")
# Places that belong to other posts, to readers or to the site.
_FOREIGN = (
    "ancestor-or-self::aside or ancestor-or-self::nav or ancestor-or-self::footer or ancestor::form or "
    "ancestor-or-self::*[@id='comments' or @id='respond' or @id='sidebar' or @id='secondary'] or "
    "ancestor-or-self::*[contains(@class, 'comment')] or "
    "ancestor::li[contains(@class, 'post') or contains(@class, 'teaser') or contains(@class, 'widget')] or "
    "ancestor::*[contains(@class, 'teaser') or contains(@class, 'related') or contains(@class, 'widget') or "
    "contains(@class, 'latest') or contains(@class, 'recent') or contains(@class, 'wp-block-query')]"
)
_HEADINGS = "self::h1 or self::h2 or self::h3"
_TITLE_CLASSES = ("entry-title", "wp-block-post-title", "post-title", "p-name", "article-title", "article__headline")
_SITE_TITLES = re.compile(r"site-?(?:title|name|header)|logo|brand|blog-?title|masthead", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s+[-–—|·•»:/~]+\s+|\s*[|»]\s*")
_NO_TITLE = re.compile(
    r"(?:write a reply or comment|leave a (?:reply|comment)|lämna (?:ett svar|en kommentar)|kommentarer|menu|meny)",
    re.IGNORECASE,
)

_BYLINE_LABEL = re.compile(
    r"^(?:(?:av|by|text|text:?\s*(?:&|och)\s*foto|skriv(?:en|et) av|publicerad av|posted by|written by|författare|author|"
    r"skribent|inlägg av|von|af|kirjoittanut|reporter)\s*:?\s+|[\s|·,–:-]+)+",
    re.IGNORECASE,
)
_BYLINE_TAIL = re.compile(
    r"\s*(?:[|·•]|\b(?:publicera[dt]|uppdatera[dt]|published|updated|posted|den \d|on \w+ \d)|\d{1,2}[:.]\d\d|"
    r"\b(?:19|20)\d\d\b|\b\d{1,2} [a-zåäö]{3,9}\b).*$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(?:name|namn|navn|nimi|admin|administrator|author|authors|författare|av|by|posted by|webmaster|editor|guest|gäst|unknown|"
    r"anonym|anonymous|null|none|undefined|view all posts.*|all posts by.*|visa alla inlägg.*|skriven av|\W*|\d+)",
    re.IGNORECASE,
)
_BYLINE_CLASS = re.compile(
    r"(?:[a-z]+[-_]{1,2})*(?:byline|author|skribent|forfattare|writer|reporter)(?:[-_]{1,2}(?:name|title|namn|link|names|info))?"
)
_BYLINE_EXACT = re.compile(
    r"(?:[a-z]+[-_]{1,2})*(?:byline|author|skribent|forfattare|writer)[-_]{1,2}(?:name|title|namn|names)|skribent|forfattare"
)
_LONGEST_BYLINE = 120
_MOST_NAMES = 14  # words

_PUBLISHED_NAMES = (
    "article:published_time og:published_time article:published date pubdate publishdate publish_date publish-date "
    "publication_date dc.date dc.date.issued dcterms.created dcterms.date dcterms.issued sailthru.date parsely-pub-date "
    "datepublished article.published cxenseparse:recs:publishtime cxenseparse:publishtime citation_publication_date "
    "originalpublicationdate article_date_original rnews:datepublished displaydate"
).split()
_MODIFIED_NAMES = (
    "article:modified_time og:updated_time article:modified dcterms.modified dc.date.modified lastmod last-modified "
    "datemodified modified_time revision_date"
).split()
_PUBLISHED_CLASSES = (
    "published",
    "dt-published",
    "entry-date",
    "post-date",
    "wp-block-post-date",
    "posted-on",
    "date-published",
)
_MODIFIED_CLASSES = ("dt-updated", "updated", "modified", "date-modified")
_DATE_CLASS = re.compile(
    r"(?:[a-z0-9]+[-_]{1,2})*(?:date|datum|pubdate|published|publicerad|posted-?on|time|timestamp|dateline|postmeta|byline|meta|"
    r"publishing-?info|submitted|tid)(?:[-_]{1,2}[\w-]*)?"
)
_PUBLISHED_LABEL = re.compile(
    r"publicer|published|posted|skap(?:ad|at)|skrev|postad|postat|inlagd|upplagd|lagd|opprettet|julkaistu",
    re.IGNORECASE,
)
_MODIFIED_LABEL = re.compile(
    r"uppdater|updated|ändrad|modified|redigera|oppdatert|opdateret|päivitetty|reviderad", re.IGNORECASE
)
_LONGEST_DATE_PLACE = 200


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says about its article; `titles` are all forms of its title, `descriptions` its own summaries."""

    permalink: Url
    title: str
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    byline: Sourced | None
    published: Sourced | None
    modified: Sourced | None


def read_metadata(root: HtmlElement, url: Url, captured_at: datetime, linked: LinkedArticle | None) -> Metadata:
    """Return title, byline and dates of the article at `url`.

    For each value the first source that has a usable one wins: JSON-LD, meta elements, marked-up elements
    (`time`, h-entry, microdata), the URL, visible text in a place for dates; never the text of the article.
    """
    title, titles = _title(root, linked)
    zone = STOCKHOLM if _is_swedish(root, url) else None
    published = _published(root, url, captured_at, zone, linked)
    modified = _modified(root, captured_at, zone, linked)
    if modified is not None and published is not None and modified.value[:10] < published.value[:10]:
        modified = None
    return Metadata(
        permalink=permalink(root, url),
        title=title,
        titles=titles,
        descriptions=tuple(dict.fromkeys(_meta(root, "og:description", "description", "twitter:description"))),
        byline=_byline(root, linked),
        published=published,
        modified=modified,
    )


def permalink(root: HtmlElement, url: str) -> Url:
    """Return the address under which an article is one article: `rel=canonical` of the same site, else the URL.

    A canonical link to the home page is a template's mistake and is passed over, unless the page is the home
    page. Parameters that choose a comment to reply to are dropped from the URL.
    """
    parts = urlsplit(url)
    own = canonicalize(urlunsplit(parts._replace(query=_REPLY.sub("", parts.query).lstrip("&"))))
    homes = {_key(href, url) for href in values(root, "//a[@rel='home']/@href")}
    for href in values(root, "//link[contains(concat(' ', @rel, ' '), ' canonical ')]/@href"):
        try:
            found = canonicalize(normalize(href, url))
        except InvalidUrlError:
            continue
        home = urlsplit(found).path in {"", "/"} and not urlsplit(found).query
        if site_of(found) == site_of(url) and (
            resource_key(found) == resource_key(own) or not (home or _key(found) in homes)
        ):
            return found
    return own


def _key(href: str, base: str | None = None) -> str:
    try:
        return resource_key(normalize(href, base))
    except InvalidUrlError:
        return ""


def _meta(root: HtmlElement, *names: str) -> list[str]:
    """Return the contents of meta elements by name or property, in the order of the names."""
    found: dict[str, list[str]] = {}
    for element in select(root, "//meta[@content and (@name or @property or @itemprop)]"):
        for attribute in ("property", "name", "itemprop"):
            label = (element.get(attribute) or "").strip().lower()
            if label:
                found.setdefault(label, []).append(squeeze(element.get("content") or ""))
    return [content for name in names for content in found.get(name, []) if content]


def _title(root: HtmlElement, linked: LinkedArticle | None) -> tuple[str, tuple[str, ...]]:
    document = values(root, "//head/title/text() | /html/title/text() | //title[not(ancestor::*[name()='svg'])]/text()")
    graph = _meta(root, "og:title", "twitter:title")
    sites = [*_meta(root, "og:site_name", "application-name"), *document[:0]]
    headings = [squeeze(text_of(h)) for h in _headings(root)]
    main = [squeeze(text_of(h)) for h in select(root, f"//h1[not({_FOREIGN})]") if not _is_site_title(h)]
    main = [h for h in main if h and not _NO_TITLE.fullmatch(h)]
    headline = linked.headline if linked is not None else ""
    short = [_without_site(t, sites, [*headings, *main, headline]) for t in (*graph[:1], *document[:1])]
    candidates = [
        headings[0] if len(set(headings)) == 1 else "",
        headline,
        next((h for h in main if any(key(h) and key(h) in key(t) for t in (*graph, *document))), ""),
        *short[:1],
        main[0] if len(set(main)) == 1 else "",
        *short[1:],
        *headings[:1],
        *main[:1],
    ]
    title = next((c for c in candidates if c and not _NO_TITLE.fullmatch(c)), "")
    forms = (title, headline, *short, *graph, *document[:1], *(h for h in (*headings, *main) if h))
    return title, tuple(dict.fromkeys(form for form in forms if form))


def _headings(root: HtmlElement) -> list[HtmlElement]:
    """The headings marked as the title of an entry, those of other posts on the page left out."""
    wanted = " or ".join(by_class(name) for name in _TITLE_CLASSES)
    found = select(root, f"//*[{_HEADINGS}][{wanted} or contains(@itemprop, 'headline')][not({_FOREIGN})]")
    return [h for h in found if not _is_site_title(h)]


def _is_site_title(heading: HtmlElement) -> bool:
    if any(_SITE_TITLES.search(word) for word in class_words(heading)):
        return True
    parent = heading.getparent()
    if parent is not None and any(_SITE_TITLES.search(word) for word in class_words(parent)):
        return True
    return bool(select(heading, ".//a[@rel='home']"))


def _without_site(title: str, sites: list[str], headings: list[str]) -> str:
    """Drop the name of the site from the end (or start) of a title."""
    parts = _SEPARATOR.split(title)
    if len(parts) == 1:
        return title
    for heading in headings:
        if heading and key(title).startswith(key(heading)):
            return heading
    known = {key(site) for site in sites if site}
    cut = _SEPARATOR.split(title)
    last = title.rfind(cut[-1])
    head = re.sub(r"\s*[-–—|·•»:/~]+\s*$", "", title[:last])
    if key(cut[-1]) in known or (len(cut) > 1 and word_count(cut[-1]) <= 4 and word_count(head) > word_count(cut[-1])):  # noqa: PLR2004
        return head
    if key(cut[0]) in known:
        return re.sub(r"^\s*[-–—|·•»:/~]+\s*", "", title[len(cut[0]) :])
    return title


def _byline(root: HtmlElement, linked: LinkedArticle | None) -> Sourced | None:
    if linked is not None:
        names = [name for name in map(_name, linked.authors) if name]
        if names:
            return Sourced(", ".join(dict.fromkeys(names)), "json-ld", "; ".join(linked.authors))
    for raw in _meta(
        root, "author", "article:author", "dc.creator", "dcterms.creator", "sailthru.author", "parsely-author", "byl"
    ):
        name = _name(raw)
        if name:
            return Sourced(name, "meta", raw)
    for source, raw in _marked_names(root):
        name = _name(raw)
        if name:
            return Sourced(name, source, raw)
    return None


def _marked_names(root: HtmlElement) -> Iterator[tuple[str, str]]:
    foreign = f"[not({_FOREIGN})]"
    for source, path in (
        ("h-entry", f"//*[{by_class('wp-block-post-author__name')}]{foreign}"),
        ("microdata", f"//*[@itemprop='author']//*[@itemprop='name']{foreign}"),
        ("microdata", f"//*[@itemprop='author']{foreign}"),
        (
            "h-entry",
            f"//*[{by_class('author')} or {by_class('p-author')} or {by_class('byline')}]//*[{by_class('fn')} or {by_class('p-name')}]{foreign}",
        ),
        ("rel-author", f"//a[contains(concat(' ', @rel, ' '), ' author ')]{foreign}"),
    ):
        names = []
        for element in select(root, path):
            text = squeeze(element.get("content") or "") or text_of(element)
            if text and text not in names:
                names.append(text)
        if names:
            yield source, names[0]
    for pattern in (_BYLINE_EXACT, _BYLINE_CLASS):
        for element in select(root, f"//body//*[@class][not({_FOREIGN})]"):
            if any(pattern.fullmatch(word) for word in class_words(element)):
                text = text_of(element)
                if 0 < len(text) <= _LONGEST_BYLINE:
                    yield "text", text


def _name(raw: str) -> str:
    """Return the names of a byline without labels, dates and addresses; empty when none is left."""
    text = _BYLINE_LABEL.sub("", squeeze(raw))
    text = _BYLINE_TAIL.sub("", text).strip(" ,;:|·•–-")
    if not text or _NO_NAME.fullmatch(text) or "@" in text or "://" in text or "www." in text:
        return ""
    if len(text) > _LONGEST_BYLINE or word_count(text) > _MOST_NAMES:
        return ""
    return text


def _published(
    root: HtmlElement, url: str, captured_at: datetime, zone: ZoneInfo | None, linked: LinkedArticle | None
) -> Sourced | None:
    candidates: list[tuple[str, str]] = []
    if linked is not None and linked.published:
        candidates.append(("json-ld", linked.published))
    candidates += [
        ("opengraph" if i == 0 else "meta", raw) for i, raw in enumerate(_meta(root, "article:published_time"))
    ]
    candidates += [("meta", raw) for raw in _meta(root, *_PUBLISHED_NAMES)]
    candidates += [("microdata", raw) for raw in _stamps(root, "contains(@itemprop, 'datePublished')")]
    for name in _PUBLISHED_CLASSES:
        candidates += [("h-entry", raw) for raw in _stamps(root, by_class(name))]
    candidates += [("time", raw) for raw in _stamps(root, "self::time[@pubdate]")]
    told = _first(candidates, captured_at, zone)
    if told is not None and told.source in {"json-ld", "opengraph", "meta"}:
        return told
    day = url_date(url, captured_at)
    stamps = _first([("time", raw) for raw in _times(root)], captured_at, zone)
    visible = _visible(root, captured_at, zone, modified=False)
    for found in (told, stamps, visible):
        if found is not None and (day is None or same_day(found.value, day)):
            return found
    return None if day is None else Sourced(day, "url", urlsplit(url).path)


def _modified(
    root: HtmlElement, captured_at: datetime, zone: ZoneInfo | None, linked: LinkedArticle | None
) -> Sourced | None:
    candidates: list[tuple[str, str]] = []
    if linked is not None and linked.modified:
        candidates.append(("json-ld", linked.modified))
    candidates += [("opengraph", raw) for raw in _meta(root, "article:modified_time")]
    candidates += [("meta", raw) for raw in _meta(root, *_MODIFIED_NAMES)]
    candidates += [("microdata", raw) for raw in _stamps(root, "contains(@itemprop, 'dateModified')")]
    for name in _MODIFIED_CLASSES:
        candidates += [("h-entry", raw) for raw in _stamps(root, by_class(name))]
    return _first(candidates, captured_at, zone) or _visible(root, captured_at, zone, modified=True)


def _first(candidates: list[tuple[str, str]], captured_at: datetime, zone: ZoneInfo | None) -> Sourced | None:
    for source, raw in candidates:
        value = parse_date(raw, captured_at, zone)
        if value is not None:
            return Sourced(value, source, raw)
    return None


def _stamps(root: HtmlElement, condition: str) -> list[str]:
    """The machine-readable dates of elements, or their text where they have none."""
    found = []
    for element in select(root, f"//body//*[{condition}][not({_FOREIGN})]"):
        inner = [element, *select(element, ".//time[@datetime] | .//abbr[@title]")]
        raw = next((squeeze(v) for e in inner for v in (e.get("datetime"), e.get("content"), e.get("title")) if v), "")
        raw = raw or text_of(element)
        if raw and len(raw) <= _LONGEST_DATE_PLACE:
            found.append(raw)
    return found


def _times(root: HtmlElement) -> list[str]:
    """The `time` elements of the article, unless one is labelled as the time of a change."""
    found = []
    for element in select(root, f"//body//time[not({_FOREIGN})]"):
        label = (
            f"{text_of(element)} {element.get('class') or ''} {element.get('itemprop') or ''} {_text_before(element)}"
        )
        if _MODIFIED_LABEL.search(label) and not _PUBLISHED_LABEL.search(label):
            continue
        raw = squeeze(element.get("datetime") or "") or text_of(element)
        if raw:
            found.append(raw)
    return found


def _text_before(element: HtmlElement) -> str:
    previous = element.getprevious()
    if previous is not None:
        return (previous.tail or "")[-40:] or (text_of(previous)[-40:] if previous.tag == "span" else "")
    parent = element.getparent()
    return (parent.text or "")[-40:] if parent is not None else ""


def _visible(root: HtmlElement, captured_at: datetime, zone: ZoneInfo | None, *, modified: bool) -> Sourced | None:
    """A date written out in a place for dates: one labelled as such, or one whose class says so."""
    wanted, other = (_MODIFIED_LABEL, _PUBLISHED_LABEL) if modified else (_PUBLISHED_LABEL, _MODIFIED_LABEL)
    unlabelled: Sourced | None = None
    for element in select(root, f"//body//*[not({_FOREIGN})][not(self::script or self::style)]"):
        own = "".join([element.text or "", *(child.tail or "" for child in element)])
        if not own.strip() or not any(c.isdigit() for c in own):
            continue
        line = squeeze(str(element.text_content()))
        if not 0 < len(line) <= _LONGEST_DATE_PLACE:
            continue
        named = any(
            _DATE_CLASS.fullmatch(w) for e in (element, element.getparent()) if e is not None for w in class_words(e)
        )
        labelled = wanted.search(line) is not None
        if not named and not (labelled and _starts_with_label(line)):
            continue
        for found in find_dates(line, captured_at, zone):
            before = line[: found.start]
            mine = max((m.end() for m in wanted.finditer(before)), default=-1)
            theirs = max((m.end() for m in other.finditer(before)), default=-1)
            if mine > theirs:
                return Sourced(found.value, "text", line)
            if not modified and theirs < 0 and named and unlabelled is None:
                unlabelled = Sourced(found.value, "text", line)
    return unlabelled


def _starts_with_label(line: str) -> bool:
    head = line[:60]
    return bool(_PUBLISHED_LABEL.search(head) or _MODIFIED_LABEL.search(head))


def _is_swedish(root: HtmlElement, url: str) -> bool:
    languages = [*values(root, "/html/@lang"), *_meta(root, "og:locale")]
    return any(language.lower().startswith("sv") for language in languages) or host_of(url).endswith((".se", ".nu"))
