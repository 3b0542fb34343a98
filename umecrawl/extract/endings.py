"""What a page sets under a text and scoring takes for its end: lists of other pages, calls to subscribe or to share."""

import re
from collections.abc import Sequence

from umecrawl.extract.paragraphs import Paragraph
from umecrawl.extract.text import word_count
from umecrawl.model.article import BlockKind

_LISTED = re.compile(
    r"(?:related|recommended|further reading|keep reading|read (?:next|more|also)|what to read next|don['\u2019]t miss|"
    r"more (?:must-reads|stories|news|articles|from|on)|"
    r"you (?:may|might|will|['\u2019]ll) (?:also )?(?:like|enjoy|be interested)|"
    r"popular|trending|latest|additional \w+(?: \w+)? resources|"
    r"läs (?:också|även|mer|vidare)|relatera\w+|mer (?:om|från|i ämnet)|fler (?:artiklar|nyheter|inlägg)|"
    r"senaste|mest lästa?|rekommendera\w+|les (?:også|mer)|læs (?:også|mere)|lue myös|"
    r"mehr (?:zum thema|von|aus|über)|les(?:t|en sie) auch|weitere|neueste|auch interessant|das könnte)\b.{0,80}",
    re.IGNORECASE,
)
# At the beginning of a sentence: an article about a newsletter says the same words elsewhere.
_CALL = re.compile(
    r"(?:^|[.!?:\u2026]\W*)(?:please )?(?:(?:click here to )?subscribe|"
    r"sign up (?:for|to|here)\b.*(?:newsletter|updates|inbox)|"
    r"get the latest|follow us|like this (?:story|article)|have a (?:news )?tip|contact the author|write to\b.*@|"
    r"prenumerera på|anmäl dig\b.*nyhetsbrev|följ oss|gilla oss|tipsa oss|"
    r"abonnier\w*|melde? dich\b.*newsletter|folg(?:st|t|en|e) (?:du|ihr|sie|uns))\b",
    re.IGNORECASE,
)
_SOURCES = re.compile(
    r"\b(?:käll(?:or|a|förteckning)|kilder?|kjelder?|lähteet|quellen?|sources?|referens\w*|references?|bibliography|"
    r"fotnoter|noter|notes|länkar|lenker|links)\b\W*$|:$",
    re.IGNORECASE,
)
_LONGEST_LABEL = 12  # words
_LONGEST_LINE = 50  # words of a line in a list, and of a call
_MOST_CALLS = 3  # at the end of a text
_LARGEST = 0.35  # of the words: a list of pages that is more than this is what the page is about
_FEWEST_LINKED = 1 / 3  # of the lines of a list
_FEWEST_LINKS = 2  # in a list at the end
_MOSTLY = 0.5


def without_ending(found: Sequence[Paragraph]) -> list[Paragraph]:
    """Return the paragraphs without the calls to readers and the lists of other pages that stand under the text."""
    return _without_calls(_without_links(_without_list(_without_calls(found))))


def _without_links(found: Sequence[Paragraph]) -> list[Paragraph]:
    """Drop a list at the end that is nothing but links, unless the author says that they are the sources."""
    end = len(found)
    while end > 1 and found[end - 1].kind is BlockKind.ITEM and _is_link(found[end - 1]):
        end -= 1
    few = len(found) - end < _FEWEST_LINKS
    return list(found if few or _SOURCES.search(found[end - 1].text) else found[:end])


def _without_calls(found: Sequence[Paragraph]) -> list[Paragraph]:
    kept = list(found)
    for _ in range(_MOST_CALLS):
        last = kept[-1] if len(kept) > 1 else None
        if last is None or last.kind in {BlockKind.ITEM, BlockKind.QUOTE} or word_count(last.text) > _LONGEST_LINE:
            break
        if not _CALL.search(last.text):
            break
        kept.pop()
    return kept


def _without_list(found: Sequence[Paragraph]) -> list[Paragraph]:
    room = _LARGEST * sum(word_count(p.text) for p in found)
    end = len(found)
    behind = linked = 0
    for place in range(len(found) - 1, 0, -1):
        paragraph = found[place]
        words = word_count(paragraph.text)
        behind += words
        if behind > room or (words > _LONGEST_LINE and not _is_link(paragraph)):
            break
        item = paragraph.kind is BlockKind.ITEM and _is_link(paragraph)
        if words <= _LONGEST_LABEL and linked and not item and _LISTED.fullmatch(paragraph.text):
            end = place if linked >= _FEWEST_LINKED * (len(found) - 1 - place) else end
        linked += _is_link(paragraph)
    return list(found[:end])


def _is_link(paragraph: Paragraph) -> bool:
    return sum(a.end - a.start for a in paragraph.anchors) >= _MOSTLY * len(paragraph.text)
