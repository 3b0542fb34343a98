"""A citation of one capture: who said what, where and when, with the record and digests that prove it.

Written as plain text, as BibTeX (biblatex's `@online`) or as CSL-JSON (citeproc, schema 1.0.2). A passage is cited
with a link that leads to it (text fragments, https://wicg.github.io/scroll-to-text-fragment/).
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote as percent

from umecrawl.errors import NotFoundError
from umecrawl.query.json_form import rfc3339
from umecrawl.query.rows import CaptureRow, VersionRow

_LONG_QUOTE = 200  # characters; a longer passage is named by its ends
_END_WORDS = 6
_TEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited, and what proves it; `number` of `versions` counts texts of the article from 1.

    `authors` are those who sign the text, else its byline. `link` leads to the passage quoted, or is the URL. Where a
    capture shows no article, title and all that follows from a version is empty or None.
    """

    url: str
    link: str
    site: str
    title: str
    authors: tuple[str, ...]
    published_at: str | None
    captured_at: datetime
    capture: str
    payload_digest: str
    warc: str
    offset: int
    version: str | None
    text_sha256: str | None
    number: int | None
    versions: int
    quote: str | None


def citation_of(capture: CaptureRow, versions: Sequence[VersionRow], site: str, quote: str | None = None) -> Citation:
    """Return the citation of a capture; `versions` are all of its article in time order.

    Raises `NotFoundError` where the passage quoted does not stand in the text that the capture shows.
    """
    shown = next((one for one in versions if one.id == capture.version), None)
    passage = _passage(shown, capture, quote) if quote else None
    authors = tuple(one.name for one in shown.signatories) if shown else ()
    if shown is not None and not authors and shown.byline:
        authors = (shown.byline,)
    return Citation(
        url=capture.url,
        link=f"{capture.url}#:~:text={_fragment(passage)}" if passage else capture.url,
        site=shown.site if shown else site,
        title=shown.title if shown else "",
        authors=authors,
        published_at=shown.published_at if shown else None,
        captured_at=capture.captured_at,
        capture=capture.id,
        payload_digest=capture.payload_digest,
        warc=capture.warc,
        offset=capture.offset,
        version=capture.version,
        text_sha256=shown.text_sha256 if shown else None,
        number=versions.index(shown) + 1 if shown else None,
        versions=len(versions),
        quote=passage,
    )


def as_text(one: Citation) -> str:
    """Return the citation as sentences."""
    title = f"“{one.title}”" if one.title else one.url
    lead = f"{', '.join(one.authors)}: {title}" if one.authors else title
    published = f", published {one.published_at[:10]}" if one.published_at else ""
    which = f" (text {one.number} of {one.versions} seen)" if one.number is not None else ""
    said = f" “{one.quote}”" if one.quote else ""
    return (
        f"{lead}. {one.site}{published}.{said}\n{one.link}\n"
        f"Captured {rfc3339(one.captured_at)}{which}.\n{_proof(one)}\n"
    )


def as_bibtex(one: Citation) -> str:
    """Return the citation as an entry of biblatex, in UTF-8."""
    fields = {
        "author": " and ".join(f"{{{_tex(name)}}}" for name in one.authors),
        "title": f"{{{_tex(one.title or one.url)}}}",
        "organization": _tex(one.site),
        "date": (one.published_at or "")[:10],
        "url": _url(one.link),
        "urldate": f"{one.captured_at:%Y-%m-%d}",
        "note": _tex(" ".join(_proof(one).split())),
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@online{{{_key(one)},\n{body}}}\n"


def as_csl(one: Citation) -> str:
    """Return the citation as CSL-JSON, an array of one item."""
    item: dict[str, object] = {
        "id": _key(one),
        "type": "webpage",
        "title": one.title or one.url,
        "container-title": one.site,
        "URL": one.link,
        "accessed": _date(one.captured_at.date().isoformat()),
        "archive": "umecrawl (WARC)",
        "archive_location": f"{one.warc}, offset {one.offset}, urn:uuid:{one.capture}",
        "note": " ".join(_proof(one).split()),
    }
    if one.authors:
        item["author"] = [{"literal": name} for name in one.authors]
    if one.published_at:
        item["issued"] = _date(one.published_at[:10])
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


STYLES = {"text": as_text, "bibtex": as_bibtex, "csl-json": as_csl}


def _proof(one: Citation) -> str:
    text = f"Text sha256:{one.text_sha256}.\n" if one.text_sha256 else ""
    return (
        f"WARC record urn:uuid:{one.capture} in {one.warc} at offset {one.offset}.\n"
        f"Payload {one.payload_digest}.\n{text}"
        f"To check: umecrawl verify, then umecrawl show {one.capture}."
    )


def _passage(shown: VersionRow | None, capture: CaptureRow, quote: str) -> str:
    wanted = " ".join(quote.split())
    text = " ".join(shown.text.split()) if shown else ""
    # Not in texts made small, whose places are others behind a letter that two stand for.
    found = re.search(re.escape(wanted), text, re.IGNORECASE)
    if not wanted or found is None:
        raise NotFoundError(
            f"the passage does not stand in the text that capture {capture.id} shows",
            hint=f"Read the text: umecrawl show {capture.id}",
        )
    return found[0]


def _fragment(passage: str) -> str:
    words = passage.split()
    if len(passage) <= _LONG_QUOTE or len(words) <= 2 * _END_WORDS:
        return _percent(passage)
    return f"{_percent(' '.join(words[:_END_WORDS]))},{_percent(' '.join(words[-_END_WORDS:]))}"


def _percent(text: str) -> str:
    # A dash and a comma have a meaning of their own in a text fragment.
    return percent(text, safe="").replace("-", "%2D")


def _key(one: Citation) -> str:
    name = re.sub(r"[^a-z0-9]+", "", one.site.lower()) or "capture"
    return f"{name}{one.captured_at:%Y%m%d}{one.capture[:8]}"


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in " ".join(text.split()))


def _url(text: str) -> str:
    # biblatex takes a URL as it is, but for what would end its field.
    return text.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _date(day: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in day.split("-")]]}
