"""The labelled pages: where they are, what they are gold for, and the hash that says which set was measured."""

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from umecrawl.model.urls import InvalidUrlError, Url, normalize

CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)
_BESIDE = Path(__file__).parents[3] / "shared" / "eval"
_NOWHERE = "https://page.invalid/2020/text"  # a page saved without its address


class NoPagesError(Exception):
    """The labelled pages are not there."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A page with its gold: the full text, or segments that must and must not come out, or both."""

    id: str
    source: str
    kind: str
    site: str
    url: str
    cms: str
    language: str
    gold: str | None
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    gold_kind: str
    title: str
    author: str
    date: str
    file: Path

    def markup(self) -> bytes:
        """Return the page's octets."""
        return gzip.decompress(self.file.read_bytes())


def evaluation(told: str | None) -> Path:
    """Return the folder of the labelled pages: as told, from the environment, or beside the project."""
    folder = Path(told or os.environ.get("UMECRAWL_EVAL") or _BESIDE)
    if not (folder / "public" / "pages.jsonl").is_file():
        raise NoPagesError(f"no labelled pages in {folder}: name their folder, or set UMECRAWL_EVAL")
    return folder


def pages(folder: Path) -> Iterator[Labelled]:
    """Give the labelled pages in their order."""
    with (folder / "public" / "pages.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            yield Labelled(
                told["id"],
                told["source"],
                told["kind"],
                told["site_key"],
                told["url"] or "",
                str(told.get("cms") or ""),
                str(told.get("lang") or ""),
                told.get("gold"),
                tuple(told.get("with") or ()),
                tuple(told.get("without") or ()),
                str(told.get("gold_kind") or ""),
                str(told.get("title") or ""),
                _joined(told.get("author")),
                str(told.get("date") or ""),
                folder / "public" / told["html"],
            )


def _joined(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def corpus_hash(folder: Path) -> str:
    """Return the SHA-256 of the labels and of all pages, as hex: another set of pages has another hash."""
    digest = hashlib.sha256()
    listing = folder / "public" / "pages.jsonl"
    digest.update(listing.read_bytes())
    for page in pages(folder):
        digest.update(page.file.read_bytes())
    return digest.hexdigest()


def address(page: Labelled) -> Url:
    """Return the address a page is read under.

    Some sets kept the host and not the address of an article: what is called an article then does not stand at `/`.
    """
    try:
        url = normalize(page.url)
    except InvalidUrlError:
        return normalize(_NOWHERE)
    if page.kind == "article" and urlsplit(url).path == "/" and not urlsplit(url).query:
        return normalize(f"{url}2020/text")
    return url
