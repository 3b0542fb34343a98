"""What is printed for people: octets from pages, records and file names cannot command the terminal.

Programs get them as they are (JSON, CSV, `show --raw`); on the screen they are as `umecrawl.cli.visible` has it.
"""

from collections.abc import Iterable, Iterator
from functools import cache

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from umecrawl.cli.visible import VISIBLE


class Screen(Console):
    """A console that shows control characters of texts instead of obeying them."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is printed, piece by piece."""
        if isinstance(renderable, Text):  # before it is broken into lines, for what is shown takes room
            renderable = renderable.copy()
            renderable.plain = renderable.plain.translate(VISIBLE)
        return _visible(super().render(renderable, options))


@cache
def talk() -> Screen:
    """Return the screen on stderr: there is one, so that what is said stands above what is shown live."""
    return Screen(stderr=True)


def _visible(segments: Iterable[Segment]) -> Iterator[Segment]:
    for segment in segments:
        yield segment if segment.control else Segment(segment.text.translate(VISIBLE), segment.style)
