"""The text of a PDF file with its title and dates, for posts that are nothing but a link to one."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pypdf import PasswordType, PdfReader

from umecrawl.extract.tree import squeeze
from umecrawl.model.article import Block, BlockKind, Sourced

# It reports every fault that it reads past; what matters is in the outcome.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

MAX_PAGES = 500
MAX_TEXT = 2_000_000  # characters
_BULLET = re.compile(r"(?:[\u2022\u25cf\u25aa\u2013*-]|\d{1,2}[.)])\s+")
_FULL_LINE = 0.85  # of the longest line of its page: what is shorter is a heading or the end of a paragraph
_FILE_TITLE = re.compile(
    r".*\.(?:pdf|docx?|indd|odt|pptx?|xlsx?)|microsoft \w+ - .*|untitled.*|namnlös.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF file says: title (empty when it has none), blocks, dates; `problem` where no text could be had.

    `cut` tells that pages beyond `MAX_PAGES` or characters beyond `MAX_TEXT` were left out.
    """

    title: str = ""
    blocks: tuple[Block, ...] = ()
    published: Sourced | None = None
    modified: Sourced | None = None
    pages: int = 0
    cut: bool = False
    problem: str = ""


def read_pdf(octets: bytes) -> PdfText:
    """Return what a PDF file says (ISO 32000-1); never raises for what a file may contain.

    Lines are joined to paragraphs, hyphens at the end of lines taken out where the word goes on in lower case.
    """
    try:
        return _read(octets)
    # pypdf raises many kinds on broken files, RecursionError among them; each is the same outcome here.
    except Exception as error:  # noqa: BLE001 - named in the outcome, see above
        return PdfText(problem=f"the PDF cannot be read ({type(error).__name__}: {error})"[:300])


def _read(octets: bytes) -> PdfText:
    reader = PdfReader(BytesIO(octets), strict=False)
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        return PdfText(problem="the PDF asks for a password")
    count = len(reader.pages)
    blocks: list[Block] = []
    size = 0
    for number in range(min(count, MAX_PAGES)):
        for block in _blocks(reader.pages[number].extract_text().split("\n")):
            blocks.append(block)
            size += len(block.text)
        if size > MAX_TEXT:
            break
    about = reader.metadata
    title = squeeze(about.title or "") if about is not None else ""
    if not title or _FILE_TITLE.fullmatch(title):
        title = blocks[0].text if blocks else ""
    return PdfText(
        title=title,
        blocks=tuple(blocks),
        published=_dated(about.creation_date, about.creation_date_raw) if about is not None else None,
        modified=_dated(about.modification_date, about.modification_date_raw) if about is not None else None,
        pages=count,
        cut=count > MAX_PAGES or size > MAX_TEXT,
        problem="" if blocks else "the PDF holds no text, only pictures of it or nothing",
    )


def _dated(at: datetime | None, raw: object) -> Sourced | None:
    return Sourced(at.isoformat(), "pdf", str(raw)) if at is not None else None


def _blocks(lines: Iterable[str]) -> Iterator[Block]:
    cleaned = [squeeze(line) for line in lines]
    longest = max(map(len, cleaned), default=0)
    text, last = "", 0
    for line in [*cleaned, ""]:
        if text and not _goes_on(line, full=last >= _FULL_LINE * longest):
            yield Block(BlockKind.PARAGRAPH, text)
            text = ""
        text, last = _joined(text, line), len(line)


def _goes_on(line: str, *, full: bool) -> bool:
    """Whether a line continues the paragraph before it, whose last line fills the page's width or does not."""
    if not line or _BULLET.match(line):
        return False
    return full or line[0].islower()


def _joined(text: str, line: str) -> str:
    if not text or not line:
        return text or line
    if text.endswith(("-", "\u00ad")) and line[0].islower():
        return text[:-1] + line
    return f"{text} {line}"
