"""Pages saved as fixtures: the bytes of a capture, what they were served with, and what extraction must make of them.

A saved page is three files of one stem: `<date>-<slug>.html` (the entity, content coding removed), `….meta.toml` (URL,
time, status, Content-Type, where it came from) and `….expected.json` (the gold, to be read and mended by a person).
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from umecrawl.errors import NotFoundError, UmecrawlError, UsageError
from umecrawl.extract import EXTRACTOR, extract
from umecrawl.model.article import Extraction, Page, Post, Sourced
from umecrawl.model.message import media_type
from umecrawl.model.urls import Url

_SUFFIXES: Final = {
    "application/json": ".json", "application/pdf": ".pdf", "application/rss+xml": ".xml",
    "application/atom+xml": ".xml", "application/xml": ".xml", "text/xml": ".xml", "text/plain": ".txt",
}  # fmt: skip
_META: Final = ".meta.toml"
_EXPECTED: Final = ".expected.json"
_NO_SLUG: Final = re.compile(r"[^\w-]+")
_LONGEST_SLUG: Final = 60


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A fixture: its files share `stem`; `expected` is the gold as it stands there."""

    stem: Path
    page: Page
    expected: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A field in which extraction gave something else than a fixture expects."""

    fixture: Path
    field: str
    expected: Any
    found: Any


def save(page: Page, folder: Path, *, capture: str) -> Path:
    """Write the fixture of a page into a folder and return its stem; `capture` is the id it came from.

    Raises `UsageError` when a fixture of that name is there: a gold that somebody mended is not written over.
    """
    stem = folder / f"{page.captured_at:%Y-%m-%d}-{_slug(page.url)}"
    body = stem.with_name(stem.name + _SUFFIXES.get(media_type(page.content_type), ".html"))
    taken = next((path for path in (body, _beside(stem, _META), _beside(stem, _EXPECTED)) if path.exists()), None)
    if taken is not None:
        raise UsageError(f"{taken} is there already", hint="Name another folder, or remove the old fixture first.")
    folder.mkdir(parents=True, exist_ok=True)
    body.write_bytes(page.markup)
    _beside(stem, _META).write_text(_meta(page, body.name, capture), encoding="utf-8")
    expected = json.dumps(told(extract(page)), ensure_ascii=False, indent=2)
    _beside(stem, _EXPECTED).write_text(expected + "\n", encoding="utf-8")
    return stem


def saved_pages(folder: Path) -> Iterator[SavedPage]:
    """Yield the fixtures below a folder in the order of their names.

    Raises `NotFoundError` for a folder without any, `UmecrawlError` with the file's name for one that cannot be read.
    """
    found = sorted(folder.rglob(f"*{_META}"))
    if not found:
        raise NotFoundError(f"no fixture in {folder}", hint=f"A fixture has a file that ends in {_META}.")
    for meta in found:
        yield _load(meta)


def deviations(saved: SavedPage) -> Iterator[Deviation]:
    """Yield where the extraction of a saved page is not what it should be.

    Fields that the gold leaves out are not compared; strings in `absent` must stand in no text.
    """
    found = told(extract(saved.page))
    for field, expected in saved.expected.items():
        if field == "absent":
            texts = [*found.get("text", ()), *(line for post in found.get("posts", ()) for line in post["text"])]
            kept = [words for words in expected if any(words in line for line in texts)]
            if kept:
                yield Deviation(saved.stem, field, [], kept)
        elif found.get(field) != expected:
            yield Deviation(saved.stem, field, expected, found.get(field))


def told(extraction: Extraction) -> dict[str, Any]:
    """Return an extraction in the form of a gold: an article's fields at the top, a listing's in `posts`."""
    facts: dict[str, Any] = {"outcome": extraction.outcome.value, "quality": extraction.quality.value}
    if extraction.outcome.value in {"article", "document"} and extraction.posts:
        first, *others = extraction.posts
        facts |= _post(first) | {"absent": []}
        if others:
            facts["posts"] = [_post(post) for post in others]
    elif extraction.posts:
        facts["posts"] = [_post(post) for post in extraction.posts]
    return facts


def _post(post: Post) -> dict[str, Any]:
    return {
        "permalink": post.permalink,
        "title": post.title,
        "excerpt": post.excerpt,
        "byline": _value(post.byline),
        "signatories": [
            {"name": person.name, "party": person.party, "office": person.office} for person in post.signatories
        ],
        "published": _value(post.published),
        "modified": _value(post.modified),
        "language": post.language,
        "paywall": post.paywall,
        "comment_count": post.comment_count,
        "like_count": post.like_count,
        "text": post.text.split("\n") if post.text else [],
        "links": [link.url for link in post.links],
    }


def _value(sourced: Sourced | None) -> str | None:
    return sourced.value if sourced is not None else None


def _load(meta: Path) -> SavedPage:
    stem = meta.with_name(meta.name.removesuffix(_META))
    try:
        facts = tomllib.loads(meta.read_text(encoding="utf-8"))
        page = Page(
            url=Url(facts["url"]),
            captured_at=datetime.fromisoformat(str(facts["captured_at"])),
            status=int(facts["status"]),
            content_type=str(facts["content_type"]),
            markup=meta.with_name(facts["file"]).read_bytes(),
        )
        expected = json.loads(_beside(stem, _EXPECTED).read_text(encoding="utf-8"))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UmecrawlError(
            f"the fixture {stem} cannot be read: {type(error).__name__}: {error}",
            hint=f"It is a page, {stem.name}{_META} and {stem.name}{_EXPECTED}.",
        ) from error
    if not isinstance(expected, dict):
        raise UmecrawlError(f"{stem}{_EXPECTED} is no JSON object")
    return SavedPage(stem, page, expected)


def _meta(page: Page, file: str, capture: str) -> str:
    lines = {
        "url": page.url,
        "captured_at": page.captured_at.isoformat(),
        "content_type": page.content_type,
        "file": file,
        "capture": capture,
        "expected_by": EXTRACTOR,
    }
    # A JSON string is a TOML basic string, but for DEL.
    facts = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in lines.items())
    return f"# Saved by `umecrawl fixture add`.\n{facts}status = {page.status}\n".replace("\x7f", "\\u007f")


def _slug(url: str) -> str:
    parts = urlsplit(url)
    last = unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]) or parts.hostname or "page"
    words = f"{last.partition('.')[0] if '.' in last and parts.path.strip('/') else last} {parts.query}"
    return _NO_SLUG.sub("-", unquote(words)).strip("-").lower()[:_LONGEST_SLUG] or "page"


def _beside(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)
