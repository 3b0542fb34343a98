"""Control characters of texts made visible, so that octets from pages, records and file names command no terminal.

A title may hold ESC ] 0 ; … BEL, a WARC header ESC [ 2 J: on the screen each is one visible character.
"""

from typing import Final

_PICTURES: Final = 0x2400  # U+2400 to U+2421 are pictures of C0 and DEL
VISIBLE: Final = {
    **{code: _PICTURES + code for code in range(0x20) if code not in b"\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),  # C1: U+009B alone begins a command
    **dict.fromkeys(range(0xDC80, 0xDD00), 0xFFFD),  # octets of a file name that are no UTF-8
}


def one_line(text: str) -> str:
    """Return a text as one line without control characters."""
    return " ".join(text.split("\n")).translate(VISIBLE)
