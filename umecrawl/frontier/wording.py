"""What a page says, for comparing it with others of its site: the words outside of links, scripts and forms.

The names of days and months are left out, for they are nearly all that changes on the pages of a calendar; the text of
links is left out, for what they lead to counts by itself.
"""

import html
import re
import zlib
from functools import lru_cache

from umecrawl.model.sketch import TextSketch

# More text than a page needs to be told from others.
_MAX_MARKUP = 1_000_000
_MAX_WORDS = 20_000
_RUN = 3

_MARK = re.compile(
    rb"<(?:!--.*?(?:-->|\Z)|"
    rb"(/?)(script|style|a|option|button|noscript|template|textarea|title)(?=[\s/>])[^>]*+(?:>|\Z)|[/!?a-zA-Z][^>]*+(?:>|\Z))",
    re.IGNORECASE | re.DOTALL,
)
_RAW_ENDS = {
    name: re.compile(rb"</" + name + rb"(?=[\s/>])", re.IGNORECASE)
    for name in (b"script", b"style", b"textarea", b"title", b"template", b"noscript", b"option", b"button")
}
_WORD = re.compile(r"[^\W_]+")
_MASK = 0xFFFFFFFF
# Swedish, English, Norwegian and Danish, with what they are cut to.
_OF_CALENDARS = frozenset(
    word
    for line in (
        "januari februari mars april maj juni juli augusti september oktober november december",
        "january february march may june july august october januar februar marts mai desember",
        "jan feb mar apr jun jul aug sep sept okt oct nov dec des",
        "måndag tisdag onsdag torsdag fredag lördag söndag mån tis ons tors tor fre lör sön må ti on to fr lö sö",
        "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
        "mandag tirsdag lørdag søndag man tir lør søn vecka week uke uge idag today",
    )
    for word in line.split()
)


def sketch_of(markup: bytes) -> TextSketch:
    """Return the sketch of a page's text. `markup` is HTML without content coding; never raises."""
    text = b" ".join(_pieces(markup[:_MAX_MARKUP])).decode("utf-8", "replace")
    if "&" in text:
        text = html.unescape(text)
    words = [word for word in _WORD.findall(text.lower()) if word not in _OF_CALENDARS][:_MAX_WORDS]
    if not words:
        return TextSketch(0, ())
    hashes = list(map(_hash, words))
    if len(hashes) < _RUN:
        return TextSketch.of(set(hashes))
    runs = zip(hashes, hashes[1:], hashes[2:], strict=False)
    return TextSketch.of({(first * 69_069 + second * 1_664_525 + third) & _MASK for first, second, third in runs})


@lru_cache(maxsize=32_768)
def _hash(word: str) -> int:
    # The low bits choose the sample, so they are mixed with the high ones.
    check = zlib.crc32(word.encode("utf-8", "surrogatepass"))
    return check ^ (check >> 16)


def _pieces(markup: bytes) -> list[bytes]:
    """Return the text between the tags, without what stands in links, scripts, styles and choices."""
    pieces: list[bytes] = []
    position = 0
    linked = False
    while (match := _MARK.search(markup, position)) is not None:
        if not linked and match.start() > position:
            pieces.append(markup[position : match.start()])
        position = match.end()
        name = (match[2] or b"").lower()
        if name == b"a":
            linked = not match[1]
        elif name and not match[1]:
            end = _RAW_ENDS[name].search(markup, position)
            position = end.start() if end else len(markup)
    if not linked:
        pieces.append(markup[position:])
    return pieces
