"""What is printed for people: octets from pages, records and file names cannot command the terminal.

A title may hold ESC ] 0 ; … BEL, a WARC header ESC [ 2 J. Programs get them as they are (JSON, CSV, `show --raw`);
on the screen each control character is one visible character.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

_PICTURES: Final = 0x2400  # U+2400 to U+2421 are pictures of C0 and DEL
_VISIBLE: Final = {
    **{code: _PICTURES + code for code in range(0x20) if code not in b"\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),  # C1: U+009B alone begins a command
    **dict.fromkeys(range(0xDC80, 0xDD00), 0xFFFD),  # octets of a file name that are no UTF-8
}


class Screen(Console):
    """A console that shows control characters of texts instead of obeying them."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is printed, piece by piece."""
        if isinstance(renderable, Text):  # before it is broken into lines, for what is shown takes room
            renderable = renderable.copy()
            renderable.plain = renderable.plain.translate(_VISIBLE)
        return _visible(super().render(renderable, options))


def one_line(text: str) -> str:
    """Return a text as one line without control characters."""
    return " ".join(text.split("\n")).translate(_VISIBLE)


def _visible(segments: Iterable[Segment]) -> Iterator[Segment]:
    for segment in segments:
        yield segment if segment.control else Segment(segment.text.translate(_VISIBLE), segment.style)
