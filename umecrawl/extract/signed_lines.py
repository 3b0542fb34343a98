"""One line that holds nothing but people, their parties and their offices."""

import re
from dataclasses import dataclass, replace

from umecrawl.extract.names import FULL_NAME, JOINT, NAME, person_name
from umecrawl.extract.parties import PARTY, party_code, party_named
from umecrawl.model.article import Person

_TAG = rf"(?:\s*,?\s*\((?P<party>{PARTY})(?P<place>[,;]\s*[^()]{{2,40}})?\))"
_TAGGED = re.compile(rf"(?P<name>{NAME}){_TAG}")
OFFICE = re.compile(
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
CONTACT = re.compile(
    r"@|\b\d[\d\s-]{5,}\d\b|\b(?:press)?kontakt(?:a|person(?:er)?|uppgifter)?\b|\bför (?:mer|"
    r"ytterligare) information\b|"
    r"\b(?:foto|bild|photo|illustration|grafik|källa|kuva|källor|fotograf|översättning|läs mer|läs också)\s*:|"
    r"\btel\b",
    re.IGNORECASE,
)
# What follows a name where another writer is quoted: in a paper, on a network, in a letter.
_ELSEWHERE = re.compile(
    r"^\s*,?\s*(?:i|på|om|till|att|när|efter|vidare|också|in|on|to|that|ifrån|under|hos|via)\b", re.IGNORECASE
)
LONGEST_OFFICE = 110  # characters


@dataclass(frozen=True, slots=True)
class Signed:
    """What a line of signatures holds; `strong` says that the line alone shows that it is one."""

    people: tuple[Person, ...]
    strong: bool


def signed_line(text: str, raw: str) -> Signed | None:
    """Return the people of a line that holds nothing but people, parties and offices."""
    text = text.strip().rstrip(".").strip()
    if not text or CONTACT.search(text):
        return None
    tagged = list(_TAGGED.finditer(text))
    if tagged:
        return _tagged_line(text, tagged, raw)
    return _plain_line(text, raw)


def _tagged_line(text: str, tagged: list[re.Match[str]], raw: str) -> Signed | None:
    people: list[Person] = []
    before = text[: tagged[0].start()].strip(" ,")
    if before:
        # `kommunalrådet Eva Ek (S)`, or people without a party before those with one.
        led = _plain_line(before, raw) if before[0].isupper() and FULL_NAME.match(before) else None
        if led is not None:
            people += led.people
        elif len(before) > LONGEST_OFFICE or not OFFICE.search(before) or is_sentence(before):
            return None
    for number, match in enumerate(tagged):
        end = tagged[number + 1].start() if number + 1 < len(tagged) else len(text)
        rest = text[match.end() : end]
        if _ELSEWHERE.match(rest) or is_sentence(rest):
            return None
        name = person_name(match["name"])
        if name is None:
            return None
        extra = JOINT.sub("", rest, count=1) if JOINT.fullmatch(rest) else rest
        office = _office(extra)
        people.append(Person(name, party_code(match["party"]), office, raw))
    if before and not people[0].office and not FULL_NAME.match(before):
        people[0] = replace(people[0], office=before)
    return Signed(tuple(_shared(people, tagged)), strong=True)


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


def _plain_line(text: str, raw: str) -> Signed | None:
    """Read `Eva Ek, kommunalråd`, `Eva Ek och Bo Al`, `Eva Ek, Socialdemokraterna`: names without a party's letter."""
    people: list[Person] = []
    strong = False
    position = 0
    while position < len(text):
        match = FULL_NAME.match(text, position)
        name = person_name(match[0]) if match is not None else None
        if match is None or name is None:
            if not people:
                return None
            rest = text[position:].strip(" ,;")
            party = party_named(rest)
            if party is None and (not OFFICE.search(rest) or is_sentence(rest) or len(rest) > LONGEST_OFFICE):
                return None
            office, after = _until_name(rest)
            people[-1] = replace(people[-1], office=None if _party_only(office) else office, party=party_named(office))
            strong = True
            if not after:
                break
            text, position = after, 0
            continue
        people.append(Person(name, None, None, raw))
        joint = JOINT.match(text, match.end())
        if joint is None:
            if match.end() == len(text):
                break
            return None
        position = joint.end()
    return Signed(tuple(people), strong) if people and not text.endswith(("?", "!")) else None


def _party_only(text: str) -> bool:
    """Return whether a text is nothing but the name of a party."""
    party = party_named(text)
    return party is not None and OFFICE.search(text) is None


def _until_name(text: str) -> tuple[str, str]:
    """Part an office from the people named behind it: `ordförande, Bo Al, ledamot`."""
    for joint in JOINT.finditer(text):
        match = FULL_NAME.match(text, joint.end())
        if joint[0].strip() and match is not None and person_name(match[0]) is not None:
            after = text[match.end() :]
            if not after or JOINT.match(after):
                return text[: joint.start()].strip(" ,;"), text[joint.end() :]
    return text.strip(" ,;"), ""


def _office(text: str) -> str | None:
    office = text.strip(" ,;/&").strip()
    office = re.sub(r"\s*(?:,|\boch|\bsamt|\bog|\band|\bund|&)$", "", office).strip(" ,;")
    return office if 1 < len(office) <= LONGEST_OFFICE else None


def is_sentence(text: str) -> bool:
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
