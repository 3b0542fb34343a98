"""A sketch of a page's text: enough to tell whether a page shows anything that others have not shown.

It is a sample of the hashes of all runs of three words, after Broder (On the resemblance and containment of
documents, 1997): those divisible by two to the power of `level`, the lowest level at which no more than `MOST` are
left. Two pages with the same words have the same sketch, and what is new on one of them shows in proportion.
"""

import base64
import binascii
import struct
from dataclasses import dataclass
from typing import Final, Self

MOST: Final = 64
_MAX_LEVEL: Final = 31


@dataclass(frozen=True, slots=True)
class TextSketch:
    """A sample of hashes (32 bits, ascending); each stands for two to the power of `level` runs of words."""

    level: int
    hashes: tuple[int, ...]

    @classmethod
    def of(cls, hashes: set[int]) -> Self:
        """Return the sketch of a text with these hashes."""
        level = 0
        while len(hashes) > MOST and level < _MAX_LEVEL:
            level += 1
            hashes = {one for one in hashes if not one % (1 << level)}
        return cls(level, tuple(sorted(hashes)))

    def __str__(self) -> str:
        """Return it in letters, as a metadata record keeps it: the level, and the hashes in Base64."""
        packed = struct.pack(f">{len(self.hashes)}I", *self.hashes)
        return f"{self.level} {base64.b64encode(packed).decode('ascii')}"


def read_sketch(text: str) -> TextSketch | None:
    """Return the sketch that a metadata record keeps; nothing where there is none or it cannot be read."""
    level, _, letters = text.partition(" ")
    try:
        packed = base64.b64decode(letters, validate=True)
        return TextSketch(int(level), struct.unpack(f">{len(packed) // 4}I", packed))
    except (ValueError, binascii.Error, struct.error):
        return None
