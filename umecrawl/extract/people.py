"""Who signs a text in the text itself: names with party and office, told from people whom it only mentions.

Knows lines of text and nothing of markup. A name counts as a signature only where a signature stands: in a line that
opens with `Det skriver` or `Av`, in a lede that ends so, or in the block of short lines under the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from umecrawl.extract.parties import PARTY, party_code, party_named
from umecrawl.extract.text import key, word_count
from umecrawl.model.article import Person

_UPPER = "A-ZÀ-ÖØ-ÞŠŽŁČĆŚŻĞİŞĐ"
_LOWER = "a-zà-öø-ÿšžłčćśżğışđńęąőű"
_PART = rf"[{_UPPER}](?:[{_LOWER}'\u2019]+(?:[{_UPPER}][{_LOWER}]+)?|[{_UPPER}'\u2019]*\.?)"
_WORD = rf"{_PART}(?:[-\u2010\u2011]{_PART})*\.?"
_PARTICLE = r"(?:von|af|av|de|la|van|der|den|ter|di|da|du|del|dos|zu|le|el|al|bin|ibn|ben)"
# Two to five words, particles not counted: Carl von Linné, Karl-Göran P. Öst, Marie de la Cour.
_NAME = rf"{_WORD}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_WORD}){{1,4}}"
_TAG = rf"(?:\s*,?\s*\((?P<party>{PARTY})(?P<place>[,;]\s*[^()]{{2,40}})?\))"
_TAGGED = re.compile(rf"(?P<name>{_NAME}){_TAG}")
_PLAIN = re.compile(_NAME)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,8}")
_JOINT = re.compile(
    r"\s*(?:,|;|/|&|\+|\boch\b|\bsamt\b|\bog\b|\bja\b|\band\b|\bund\b|\bsekä\b)\s*(?:\boch\b|\bsamt\b)?\s*"
)
_OFFICE = re.compile(
    r"\b(?:\w*ordf(?:örande|\.)?|\w*ordförande|\w*råd(?:et)?|\w*ledamot|\w*ledamöter|\w*suppleant|\w*ersättare|"
    r"\w*gruppledare|\w*talesperson|\w*talesman|\w*talesmän|\w*minister|\w*partiledare|\w*sekreterare|"
    r"\w*kandidat(?:er)?|"
    r"\w*ombudsman|\w*chef|\w*direktör|vd|\w*professor|docent|doktor(?:and)?|\w*skribent|krönikör|\w*redaktör|"
    r"kyrkoherde|\w*politiker|\w*företrädare|\w*representant(?:er)?|\w*styrelsen?|\w*fullmäktige|\w*nämnd(?:en)?|"
    r"\w*ordfører|\w*leder|\w*representant|\w*medlem(?:mar|mer)?|\w*borgmester|\w*ordstyrer|"
    r"kansanedustaja|valtuutettu|puheenjohtaja|ministeri|varapuheenjohtaja|"
    r"councillor|chair(?:man|woman|person)?|mayor|mp|leader|spokesperson|president|secretary|"
    r"bürgermeister(?:in)?|\w*abgeordneter?|\w*vorsitzender?|stadtrat|stadträtin|"
    r"(?:distrikts|förbunds|klubb|ungdoms)\w+|\w*lärare|\w*läkare|\w*sköterska|\w*pensionär|student)\b",
    re.IGNORECASE,
)
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
_CONTACT = re.compile(
    r"@|\b\d[\d\s-]{5,}\d\b|\b(?:press)?kontakt(?:a|person(?:er)?|uppgifter)?\b|\bför (?:mer|"
    r"ytterligare) information\b|"
    r"\b(?:foto|bild|photo|illustration|grafik|källa|kuva|källor|fotograf|översättning|läs mer|läs också)\s*:|"
    r"\btel\b",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"^(?:Foto|Bild|Läs|Mer|Dela|Fakta|Region|Kommun|Nyheter|Sverige|Umeå|Stockholm|Göteborg|Malmö|Norge|"
    r"Danmark|Finland|"
    r"Svenska|Dagens|Norra|Södra|Västra|Östra|Nya|Relaterade|Publicerad|Uppdaterad|Kommentarer|Facebook|Twitter|"
    r"Instagram|"
    r"The|Read|Share|Photo|About|Den|Det|Ett|En|Vi|Jag|Om|För|På|Var|Vår|Våra|Presskontakt|Tack|Hej|Kära|Stöd|Rösta|"
    r"Välkommen|Bli|God|Glad|Trevlig|Bästa|Hälsningar|Vänliga|Med|Mvh)$"
)
_ORGANISATION = re.compile(
    r"(?:partiet|erna|bladet|posten|tidningen|föreningen|förbundet|nämnden|rådet|kommun|kommunen|kuriren|styrelsen|"
    r"universitet|stiftelsen|kyrkan|verket|distriktet|förlag|redaktionen|klubben|arbetarekommun|ungdomsförbund|"
    r"sverige|"
    r"demokrater|vänstern|alliansen|koalitionen|nyheter)$",
    re.IGNORECASE,
)
# What follows a name where another writer is quoted: in a paper, on a network, in a letter.
_ELSEWHERE = re.compile(
    r"^\s*,?\s*(?:i|på|om|till|att|när|efter|vidare|också|in|on|to|that|ifrån|under|hos|via)\b", re.IGNORECASE
)
_LAST_LINES = 14  # how far from the end a block of signatures may stand
_TRAILING = 3  # lines under it: where it was published, a note
_NOTE = 25  # words of such a line
_LISTED = 12  # words of a line that is an item of a list
_FIRST_LINES = 3
_LONGEST = 220  # characters of a line of signatures
_LONGEST_OFFICE = 110
_MOST = 40  # people


@dataclass(frozen=True, slots=True)
class _Signed:
    """What a line of signatures holds; `strong` says that the line alone shows that it is one."""

    people: tuple[Person, ...]
    strong: bool


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


def is_name(text: str) -> bool:
    """Return whether a text is nothing but the full names of people, parted by commas or `och`."""
    parts = [part for part in _JOINT.split(text.strip()) if part]
    return bool(parts) and all(
        (_PLAIN.fullmatch(part) is not None and _person_name(part) is not None) or _CJK.fullmatch(part) is not None
        for part in parts
    )


def _fuller(one: Person, other: Person) -> Person:
    return replace(one, party=one.party or other.party, office=one.office or other.office)


def _opening(line: str) -> list[Person]:
    """Read a line that opens by saying who writes; it must hold nothing else."""
    match = _SAYS.match(line)
    if match is None or len(line) > _LONGEST:
        return []
    signed = _line(line[match.end() :], line)
    return list(signed.people) if signed is not None else []


def _lede(line: str) -> list[Person]:
    """Read the end of a lede, as `… det är dags att handla, skriver Eva Ek (S), kommunalråd.` has it."""
    if _SPEECH.match(line):
        return []
    matches = list(_LEDE_SAYS.finditer(line))
    if not matches:
        return []
    signed = _line(line[matches[-1].end() :], line)
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
    if len(line) > _LONGEST or _CONTACT.search(line):
        return None
    if _GREETING.fullmatch(line.strip()):
        return "greeting"
    if _SAYS.match(line) and _opening(line):
        return "people"
    if _line(_MARK.sub("", line), line) is not None:
        return "people"
    if _bare_office(line):
        return "office"
    return "people" if known and key(line) and key(line) in known and _PLAIN.search(line) else None


def _bare_office(line: str) -> bool:
    office = line.strip().rstrip(".")
    return len(office) <= _LONGEST_OFFICE and bool(_OFFICE.search(office)) and not _sentence(office)


def _block(lines: Sequence[str], block: list[int], known: str) -> Iterator[Person]:
    people: list[Person] = []
    strong = False
    above = lines[block[0] - 1].rstrip() if block[0] > 0 else ""
    if above.endswith(":") and not _GREETING.fullmatch(above):
        return  # a list of people under its heading: who was elected, whom to call
    if _CONTACT.search(above) and len(above) <= _LONGEST_OFFICE:
        return
    named = _PLAIN.match(above)
    if named is not None and _person_name(named[0]) and word_count(above) <= _LISTED and not above.endswith("."):
        return  # an item of a list of people, of which this is the end
    for number in block:
        line = lines[number]
        if _GREETING.fullmatch(line.strip()):
            strong, people = True, []
            continue
        body = line[match.end() :] if (match := _SAYS.match(line)) else _MARK.sub("", line)
        marked = match is not None or _MARK.match(line) is not None
        signed = _line(body, line)
        if signed is None:
            if people and people[-1].office is None and _bare_office(line):
                people[-1] = replace(people[-1], office=line.strip().rstrip("."), raw=f"{people[-1].raw}\n{line}")
                strong = True
            continue
        strong = strong or signed.strong or marked or any(key(p.name) in known for p in signed.people if known)
        people += signed.people
    if strong:
        yield from people


def _line(text: str, raw: str) -> _Signed | None:
    """Return the people of a line that holds nothing but people, parties and offices."""
    text = text.strip().rstrip(".").strip()
    if not text or _CONTACT.search(text):
        return None
    tagged = list(_TAGGED.finditer(text))
    if tagged:
        return _tagged_line(text, tagged, raw)
    return _plain_line(text, raw)


def _tagged_line(text: str, tagged: list[re.Match[str]], raw: str) -> _Signed | None:
    people: list[Person] = []
    before = text[: tagged[0].start()].strip(" ,")
    if before:
        # `kommunalrådet Eva Ek (S)`, or people without a party before those with one.
        led = _plain_line(before, raw) if before[0].isupper() and _PLAIN.match(before) else None
        if led is not None:
            people += led.people
        elif len(before) > _LONGEST_OFFICE or not _OFFICE.search(before) or _sentence(before):
            return None
    for number, match in enumerate(tagged):
        end = tagged[number + 1].start() if number + 1 < len(tagged) else len(text)
        rest = text[match.end() : end]
        if _ELSEWHERE.match(rest) or _sentence(rest):
            return None
        name = _person_name(match["name"])
        if name is None:
            return None
        extra = _JOINT.sub("", rest, count=1) if _JOINT.fullmatch(rest) else rest
        office = _office(extra)
        people.append(Person(name, party_code(match["party"]), office, raw))
    if before and not people[0].office and not _PLAIN.match(before):
        people[0] = replace(people[0], office=before)
    return _Signed(tuple(_shared(people, tagged)), strong=True)


def _shared(people: list[Person], tagged: list[re.Match[str]]) -> list[Person]:
    """Give people named together the office that stands once, in the plural, behind the last of them."""
    last = people[-1].office
    alone = all(person.office is None for person in people[:-1])
    plural = last is not None and re.match(
        r"(?:båda |samtliga |alla )?\w*(?:råd|ledamöter|ordförande|talespersoner|"
        r"gruppledare|kandidater|politiker|företrädare|representanter)\b",
        last,
    )
    if len(people) > 1 and alone and plural and len(tagged) == len(people):
        return [replace(person, office=last) for person in people]
    return people


def _plain_line(text: str, raw: str) -> _Signed | None:
    """Read `Eva Ek, kommunalråd`, `Eva Ek och Bo Al`, `Eva Ek, Socialdemokraterna`: names without a party's letter."""
    people: list[Person] = []
    strong = False
    position = 0
    while position < len(text):
        match = _PLAIN.match(text, position)
        name = _person_name(match[0]) if match is not None else None
        if match is None or name is None:
            if not people:
                return None
            rest = text[position:].strip(" ,;")
            party = party_named(rest)
            if party is None and (not _OFFICE.search(rest) or _sentence(rest) or len(rest) > _LONGEST_OFFICE):
                return None
            office, after = _until_name(rest)
            people[-1] = replace(people[-1], office=None if party_only(office) else office, party=party_named(office))
            strong = True
            if not after:
                break
            text, position = after, 0
            continue
        people.append(Person(name, None, None, raw))
        joint = _JOINT.match(text, match.end())
        if joint is None:
            if match.end() == len(text):
                break
            return None
        position = joint.end()
    return _Signed(tuple(people), strong) if people and not text.endswith(("?", "!")) else None


def party_only(text: str) -> bool:
    """Return whether a text is nothing but the name of a party."""
    party = party_named(text)
    return party is not None and _OFFICE.search(text) is None


def _until_name(text: str) -> tuple[str, str]:
    """Part an office from the people named behind it: `ordförande, Bo Al, ledamot`."""
    for joint in _JOINT.finditer(text):
        match = _PLAIN.match(text, joint.end())
        if joint[0].strip() and match is not None and _person_name(match[0]) is not None:
            after = text[match.end() :]
            if not after or _JOINT.match(after):
                return text[: joint.start()].strip(" ,;"), text[joint.end() :]
    return text.strip(" ,;"), ""


def _office(text: str) -> str | None:
    office = text.strip(" ,;/&").strip()
    office = re.sub(r"\s*(?:,|\boch|\bsamt|\bog|\band|\bund|&)$", "", office).strip(" ,;")
    return office if 1 < len(office) <= _LONGEST_OFFICE else None


def _sentence(text: str) -> bool:
    """Whether a text says something of someone instead of naming an office."""
    return bool(
        re.search(
            r"\b(?:är|var|har|hade|ska|vill|säger|sade|sa|menar|anser|tycker|berättar|skriver|kommer|blir|blev|"
            r"kan|får|"
            r"fick|tror|is|was|has|says|said|er|sier|siger|on|oli|sanoo|ist|sagt|inte|jag|vi|du|han|hon|avgår|"
            r"föreslår|kräver|lovar|gör|går)\b|[.!?]\s+[A-ZÅÄÖ]|[\"\u201d:]",
            text,
            re.IGNORECASE,
        )
    )


def _person_name(text: str) -> str | None:
    """Return a name with single spaces; nothing for an organisation, a heading or a place."""
    words = text.split()
    if any(_NO_PERSON.match(word) for word in words[:1]) or any(_ORGANISATION.search(word) for word in words):
        return None
    return " ".join(words)
