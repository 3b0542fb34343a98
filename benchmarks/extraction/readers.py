"""What is measured: umecrawl and the programs beside it, each as a function from a labelled page to what it tells."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import trafilatura
from corpus import CAPTURED, Labelled, address
from lxml import html

from umecrawl.extract import extract
from umecrawl.extract.paragraphs import paragraphs
from umecrawl.model.article import Page


@dataclass(frozen=True, slots=True)
class Told:
    """The text and the metadata that a program tells; nothing for what it does not tell at all."""

    text: str = ""
    title: str | None = None
    author: str | None = None
    date: str | None = None


def umecrawl(page: Labelled) -> Told:
    """Read a page with this project."""
    found = extract(Page(address(page), CAPTURED, 200, "text/html", page.markup()))
    if not found.posts:
        return Told("", "", "", "")
    post = found.posts[0]
    return Told(
        "\n".join(one.text for one in found.posts),
        post.title,
        post.byline.value if post.byline is not None else "",
        post.published.value if post.published is not None else "",
    )


def trafilatura_default(page: Labelled) -> Told:
    """Read a page with trafilatura, comments off, which is its best setting on articles."""
    return _trafilatura(page, with_metadata=True)


def trafilatura_recall(page: Labelled) -> Told:
    """Read a page with trafilatura's `favor_recall`."""
    return _trafilatura(page, favor_recall=True)


def trafilatura_precision(page: Labelled) -> Told:
    """Read a page with trafilatura's `favor_precision`."""
    return _trafilatura(page, favor_precision=True)


def _trafilatura(page: Labelled, **way: bool) -> Told:
    found = trafilatura.bare_extraction(page.markup(), url=str(address(page)), include_comments=False, **way)
    if found is None:
        return Told("", "", "", "")
    if not way.get("with_metadata"):
        return Told(found.text or "")
    return Told(found.text or "", found.title or "", found.author or "", found.date or "")


def htmldate(page: Labelled) -> Told:
    """Date a page with htmldate."""
    from htmldate import find_date  # noqa: PLC0415 - one of the programs beside

    return Told("", date=find_date(page.markup().decode("utf-8", "replace"), url=str(address(page))) or "")


def readability(page: Labelled) -> Told:
    """Read a page with readability-lxml."""
    from readability import Document  # noqa: PLC0415 - may be missing

    found = Document(_decoded(page))
    shown = html.fromstring(found.summary())
    return Told("\n".join(p.text for p in paragraphs(shown)), found.short_title())


def newspaper4k(page: Labelled) -> Told:
    """Read a page with newspaper4k."""
    from newspaper import Article  # noqa: PLC0415 - may be missing

    article = Article(str(address(page)), fetch_images=False)
    article.download(input_html=_decoded(page))
    article.parse()
    day = str(article.publish_date)[:10] if article.publish_date else ""
    return Told(article.text, article.title, "; ".join(article.authors), day)


def resiliparse(page: Labelled) -> Told:
    """Read a page with resiliparse's main content."""
    from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415 - may be missing

    return Told(extract_plain_text(_decoded(page), main_content=True, alt_texts=False))


def _decoded(page: Labelled) -> str:
    return trafilatura.utils.decode_file(page.markup())


Reader = Callable[[Labelled], Told]
OTHERS: dict[str, tuple[str, Reader]] = {
    "trafilatura": ("trafilatura", trafilatura_default),
    "trafilatura, recall": ("trafilatura", trafilatura_recall),
    "trafilatura, precision": ("trafilatura", trafilatura_precision),
    "readability-lxml": ("readability", readability),
    "newspaper4k": ("newspaper", newspaper4k),
    "resiliparse": ("resiliparse", resiliparse),
    "htmldate": ("htmldate", htmldate),
}


def installed() -> dict[str, Reader]:
    """Return the programs beside that are installed here."""
    return {name: reader for name, (module, reader) in OTHERS.items() if importlib.util.find_spec(module) is not None}
