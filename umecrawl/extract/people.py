"""Who signs a text in the text itself: names with party and office, told from people whom it only mentions.

Knows lines of text and nothing of markup. A name counts as a signature only where a signature stands: in a line that
opens with `Det skriver` or `Av`, in a lede that ends so, or in the block of short lines under the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from umecrawl.extract.names import FULL_NAME, person_name
from umecrawl.extract.signed_lines import CONTACT, LONGEST_OFFICE, OFFICE, is_sentence, signed_line
from umecrawl.extract.text import key, word_count
from umecrawl.model.article import Person

_SAYS = re.compile(
    r"^(?:(?:(?:det|detta|så) )?skriver|insändare (?:av|från)|debattinlägg (?:av|från)|debattörer?n?a?:|"
    r"skribent(?:er)?:|repliken? (?:av|från)|(?:slut)?replik:?|debatt:|undertecknat(?:\s+av)?:?|undertecknare:|"
    r"signerat:?|det skriv|skrivet av|skriven av|text:|av|by|von|kirjoittanut|kirjoittaja:|skribentar?:|"
    r"(?:det )?skriv(?:e)?r)\s+",
    re.IGNORECASE,
)
_LEDE_SAYS = re.compile(r"[,.!?\"\u201d]\s+(?:(?:det )?skriver|skriver debattören|skriver debattörerna)\s+")
_SPEECH = re.compile(r"^\s*[-\u2013\u2014\u2022]\s|^\s*[\"\u201d\u201c\u00bb\u00ab]")
_MARK = re.compile(r"^\s*(?:/{1,2}|[-\u2013\u2014~]{1,2}|\*|\u2022)\s*(?=\w)")
_GREETING = re.compile(
    r"(?:(?:med )?(?:vänlig(?:a)?|bästa|varma|socialdemokratiska|soliga|många) hälsning(?:ar)?|hälsning(?:ar)?|"
    r"vid pennan|"
    r"undertecknat?e?|underteckna(?:de|re)|(?:med )?vennlig hilsen|venlig hilsen|mvh|terveisin|"
    r"(?:kind |best )?regards|sincerely|mit freundlichen grüßen)[\s,.:!]*(?:av)?[:]?",
    re.IGNORECASE,
)
_LAST_LINES = 14  # how far from the end a block of signatures may stand
_TRAILING = 3  # lines under it: where it was published, a note
_NOTE = 25  # words of such a line
_LISTED = 12  # words of a line that is an item of a list
_FIRST_LINES = 3
_LONGEST = 220  # characters of a line of signatures
_MOST = 40  # people


def read_signatories(lines: Sequence[str], *, title: str = "", byline: str = "") -> tuple[Person, ...]:
    """Return those who sign a text, in the order in which they stand; empty where nobody does.

    `lines` are the paragraphs of the text, `title` and `byline` what the page says beside it: a line under the text
    that is nothing but a name counts when the byline has it too. A person with a party who is only mentioned, quoted
    or named as a contact is left out.
    """
    known = key(byline)
    found: list[Person] = []
    for number, line in enumerate(lines[:_FIRST_LINES]):
        if key(line) != key(title):
            found += _opening(line) or (_lede(line) if number < _FIRST_LINES - 1 else [])
    found += _closing(lines, known)
    merged: dict[str, Person] = {}
    for person in found[:_MOST]:
        other = merged.get(key(person.name))
        merged[key(person.name)] = person if other is None else _fuller(other, person)
    return tuple(merged.values())


def _fuller(one: Person, other: Person) -> Person:
    return replace(one, party=one.party or other.party, office=one.office or other.office)


def _opening(line: str) -> list[Person]:
    """Read a line that opens by saying who writes; it must hold nothing else."""
    match = _SAYS.match(line)
    if match is None or len(line) > _LONGEST:
        return []
    signed = signed_line(line[match.end() :], line)
    return list(signed.people) if signed is not None else []


def _lede(line: str) -> list[Person]:
    """Read the end of a lede, as `… det är dags att handla, skriver Eva Ek (S), kommunalråd.` has it."""
    if _SPEECH.match(line):
        return []
    matches = list(_LEDE_SAYS.finditer(line))
    if not matches:
        return []
    signed = signed_line(line[matches[-1].end() :], line)
    return [p for p in signed.people if p.party or p.office] if signed is not None and signed.strong else []


def _closing(lines: Sequence[str], known: str) -> list[Person]:
    """Read the block of signatures under a text, or the one line that says who writes."""
    first = max(_FIRST_LINES - 1, len(lines) - _LAST_LINES) if len(lines) > _FIRST_LINES else 0
    start = len(lines)
    blocks: list[list[int]] = []
    trailing = 0
    position = start - 1
    while position >= first and trailing <= _TRAILING:
        if _kind(lines, position, known) is None:
            if word_count(lines[position]) > _NOTE:
                break  # the text goes on: who stands above it is a list within it
            trailing += 1
            position -= 1
            continue
        block: list[int] = []
        while position >= first and _kind(lines, position, known) is not None:
            block.insert(0, position)
            position -= 1
        blocks.insert(0, block)
        break
    return [person for block in blocks for person in _block(lines, block, known)]


def _kind(lines: Sequence[str], number: int, known: str) -> str | None:
    """Tell a line that could stand in a block of signatures: `people`, `office` or `greeting`."""
    line = lines[number]
    if len(line) > _LONGEST or CONTACT.search(line):
        return None
    if _GREETING.fullmatch(line.strip()):
        return "greeting"
    if _SAYS.match(line) and _opening(line):
        return "people"
    if signed_line(_MARK.sub("", line), line) is not None:
        return "people"
    if _bare_office(line):
        return "office"
    return "people" if known and key(line) and key(line) in known and FULL_NAME.search(line) else None


def _bare_office(line: str) -> bool:
    office = line.strip().rstrip(".")
    return len(office) <= LONGEST_OFFICE and bool(OFFICE.search(office)) and not is_sentence(office)


def _block(lines: Sequence[str], block: list[int], known: str) -> Iterator[Person]:
    people: list[Person] = []
    strong = False
    above = lines[block[0] - 1].rstrip() if block[0] > 0 else ""
    if above.endswith(":") and not _GREETING.fullmatch(above):
        return  # a list of people under its heading: who was elected, whom to call
    if CONTACT.search(above) and len(above) <= LONGEST_OFFICE:
        return
    named = FULL_NAME.match(above)
    if named is not None and person_name(named[0]) and word_count(above) <= _LISTED and not above.endswith("."):
        return  # an item of a list of people, of which this is the end
    for number in block:
        line = lines[number]
        if _GREETING.fullmatch(line.strip()):
            strong, people = True, []
            continue
        body = line[match.end() :] if (match := _SAYS.match(line)) else _MARK.sub("", line)
        marked = match is not None or _MARK.match(line) is not None
        signed = signed_line(body, line)
        if signed is None:
            if people and people[-1].office is None and _bare_office(line):
                people[-1] = replace(people[-1], office=line.strip().rstrip("."), raw=f"{people[-1].raw}\n{line}")
                strong = True
            continue
        strong = strong or signed.strong or marked or any(key(p.name) in known for p in signed.people if known)
        people += signed.people
    if strong:
        yield from people
