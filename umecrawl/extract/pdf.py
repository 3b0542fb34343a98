"""The text of a PDF file with its title and dates, for posts that are nothing but a link to one."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from pypdf import Configuration, PasswordType, PdfReader, apply_configuration
from pypdf.errors import LimitReachedError

from umecrawl.extract.tree import squeeze
from umecrawl.model.article import Block, BlockKind, Sourced

# It reports every fault that it reads past; what matters is in the outcome.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

MAX_PAGES = 500
MAX_TEXT = 2_000_000  # characters
# What is done for the text of one file, in steps: an operator is one, so are eight octets of a page's drawing; a form,
# which is drawn anew at each mention, costs as many as a short page.
_MAX_STEPS = 1_500_000
_FORM_STEPS = 5_000
_OCTETS_A_STEP = 8
# Bounds of pypdf, below its own: of a stream in tokens and octets, of the forms on a page.
_BOUNDS = Configuration(
    stream_parsing_work_maximum_count=200_000,
    zlib_maximum_output_length=4_000_000,
    lzw_maximum_output_length=4_000_000,
    run_length_maximum_output_length=4_000_000,
    array_based_stream_maximum_output_length=4_000_000,
    xform_maximum_invocations_per_extraction=50,
)
# pypdf goes into what is nested and, where that is too deep, begins anew a level higher, time and again.
_TOO_DEEP = re.compile(rb"(?:<<[^<>]{0,64}){64}|(?:\[\s*){64}")
_BULLET = re.compile(r"(?:[\u2022\u25cf\u25aa\u2013*-]|\d{1,2}[.)])\s+")
_FULL_LINE = 0.85  # of the longest line of its page: what is shorter is a heading or the end of a paragraph
_FILE_TITLE = re.compile(
    r".*\.(?:pdf|docx?|indd|odt|pptx?|xlsx?)|microsoft \w+ - .*|untitled.*|namnlös.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF file says: title (empty when it has none), blocks, dates; `problem` where no text could be had.

    `cut` tells that pages beyond `MAX_PAGES`, characters beyond `MAX_TEXT` or drawing without end were left out.
    """

    title: str = ""
    blocks: tuple[Block, ...] = ()
    published: Sourced | None = None
    modified: Sourced | None = None
    pages: int = 0
    cut: bool = False
    problem: str = ""


def read_pdf(octets: bytes) -> PdfText:
    """Return what a PDF file says (ISO 32000-1); raises nothing but `MemoryError`.

    Lines are joined to paragraphs, hyphens at the end of lines taken out where the word goes on in lower case.
    """
    try:
        with apply_configuration(_BOUNDS):
            return _read(octets)
    except MemoryError:
        raise
    # pypdf raises many kinds on broken files, RecursionError among them; each is the same outcome here.
    except Exception as error:  # noqa: BLE001 - named in the outcome, see above
        return PdfText(problem=f"the PDF cannot be read ({type(error).__name__}: {error})"[:300])


def _read(octets: bytes) -> PdfText:
    if _TOO_DEEP.search(octets):
        return PdfText(problem="the objects of the PDF are nested too deep")
    reader = PdfReader(BytesIO(octets), strict=False)
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        return PdfText(problem="the PDF asks for a password")
    count = len(reader.pages)
    blocks: list[Block] = []
    size = 0
    cut = count > MAX_PAGES
    budget = _Budget()
    for number in range(min(count, MAX_PAGES)):
        try:
            page = reader.pages[number]
            drawing = page.get_contents()
            budget.spend(len(drawing.get_data()) // _OCTETS_A_STEP if drawing is not None else 0)
            text = page.extract_text(visitor_operand_before=budget.take)
        except LimitReachedError:
            cut = True
            continue
        except _SpentError:
            cut = True
            break
        for block in _blocks(text.split("\n")):
            blocks.append(block)
            size += len(block.text)
        if size > MAX_TEXT:
            cut = True
            break
    about = reader.metadata
    title = squeeze(about.title or "") if about is not None else ""
    if not title or _FILE_TITLE.fullmatch(title):
        title = blocks[0].text if blocks else ""
    return PdfText(
        title=title,
        blocks=tuple(blocks),
        published=_dated(lambda: about.creation_date, about.creation_date_raw) if about is not None else None,
        modified=_dated(lambda: about.modification_date, about.modification_date_raw) if about is not None else None,
        pages=count,
        cut=cut,
        problem="" if blocks else "the PDF holds no text, only pictures of it or nothing",
    )


class _SpentError(Exception):
    """All steps that a file may take are taken."""


class _Budget:
    """Counts the steps of a file's drawing, those of its forms among them."""

    def __init__(self) -> None:
        self._left = _MAX_STEPS

    def take(self, operator: bytes, *_: object) -> None:
        """Count an operator; raises `_SpentError` when there were too many."""
        self.spend(_FORM_STEPS if operator == b"Do" else 1)

    def spend(self, steps: int) -> None:
        """Count steps; raises `_SpentError` when there were too many."""
        self._left -= steps
        if self._left < 0:
            raise _SpentError


def _dated(told: Callable[[], datetime | None], raw: object) -> Sourced | None:
    try:
        at = told()
    except ValueError:  # what stands there is no date (ISO 32000-1 §7.9.4)
        return None
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
