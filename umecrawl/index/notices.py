"""Lines by which newsrooms and blogs tell that a text was changed, and those that are none of the text.

A notice is known by how its line is built, for `Vi har uppdaterat vårt program` tells of a programme: either the line
opens with the word, or a sentence names the text (`artikeln`, `inlägget`, `rubriken`) or a mistake in it.
"""

import re
from typing import Final

_MONTHS: Final = (
    r"jan(?:uari)?|feb(?:ruari)?|mars?|apr(?:il)?|maj|juni?|juli?|aug(?:usti)?|sept?(?:ember)?|okt(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|january|february|march|may|june|july|august|october"
)
# A word that opens a line, perhaps in brackets or behind a star: "Rättelse: …", "(Uppdaterad)", "UPPDATERING 14.30".
_OPENS: Final = re.compile(
    r"^(?:[\W_]|PS\b)*(?:uppdatera[dt]|uppdatering(?:ar)?|rättelser?|rättning(?:ar)?|rättad|rättat|korrigera[dt]|"
    r"korrigering(?:ar)?|korr|korrektion|förtydligande|redigera[dt]|redigering|edit(?:erat)?|ändra[dt]|"
    r"komplettera[dt]|komplettering|justera[dt]|justering|tillägg|"
    r"updated?|corrections?|corrected|clarification|editor's note|oppdatert|rettelse|rettet|opdateret)\b[\W_]*"
    r"(?:$|[:.(\d]|kl\b|den\b|i dag\b|idag\b|igår\b|efter publicering|med\b|\w+dag(?:en)?\b|\d)",
    re.IGNORECASE | re.MULTILINE,
)
# The same within a line, with a time or a colon behind it: "(uppdaterad 12 mars)".
_DATED: Final = re.compile(
    r"\b(?:uppdatera[dt]|rättad|rättat|korrigera[dt]|redigera[dt]|ändra[dt]|updated|corrected)"
    r"(?::| (?:den |kl\.? ?|klockan |on |at )?\d)|\b(?:rättelse|korrigering|förtydligande|uppdatering|correction):",
    re.IGNORECASE,
)
_TEXT: Final = (
    r"(?:artikel|artikeln|debattartikeln|text|texten|bildtexten|brödtexten|inlägg|inlägget|blogginlägget|nyheten|"
    r"notisen|sidan|rubriken|underrubriken|ingressen|insändaren|krönikan|ledaren|intervjun|reportaget|recensionen|"
    r"referatet|faktarutan|grafiken|diagrammet|kartan|article|post|story|page|headline)"
)
# What may stand between the text and what was done to it: "Artikeln har efter publiceringen …".
_MEANWHILE: Final = (
    rf"(?:har|hade|är|blev|blivit|nu|senare|sedan|därefter|också|även|delvis|i efterhand|efter|publicering(?:en)?|"
    rf"den|kl\.?|klockan|has|have|was|been|is|since|\d[\d./:-]*|{_MONTHS}|\w+dag(?:en)?)"
)
_DONE: Final = (
    r"(?:(?:uppdatera|rätta|korrigera|ändra|redigera|komplettera|justera|förtydliga)(?:ts|des|d|t|s)|"
    r"updated|corrected|amended|edited)"
)
_VERSION: Final = r"(?:version|versionen|lydelse|lydelsen|text|texten|artikel|artikeln|inlägg|inlägget|stadium)"
_MISTAKE: Final = (
    r"(?:(?:fakta|sak|skriv|stav|räkne|namn|syftnings)?fel(?:et)?|misstag(?:et)?|felaktighet(?:en|er|erna)?|"
    r"felaktiga? (?:uppgift(?:en|er|erna)?|siffra|siffror|summa|namn|årtal|citat)|uppgift(?:en|erna)|siffran|"
    r"siffrorna|namnet|beloppet|summan|årtalet|citatet)"
)
_STOOD: Final = r"(?:stod|stått|angavs|angetts|uppgavs|skrevs|skrev vi|påstods|hette|framgick)"
_HERE: Final = rf"i (?:den här |denna )?{_TEXT}"
_WRONG: Final = (
    r"(?:felaktigt (?:att|en|ett)|fel (?:namn|årtal|år|summa|belopp|uppgift\w*|siffr\w+|datum|titel|parti|plats|"
    r"bild\w*|efternamn|förnamn|ålder|ort))"
)
# Sentences that say so; what somebody else changed (`har ändrats av nämnden`) is news.
_SAYS: Final = re.compile(
    # "Texten har uppdaterats", "Artikeln är nu rättad", "This article was amended"
    rf"\b{_TEXT}(?: {_MEANWHILE})* {_DONE}\b(?! av\b)|"
    # "I en tidigare version stod …", "i den ursprungliga versionen av artikeln"
    rf"\b(?:tidigare|ursprungliga?|första|earlier|previous|original) {_VERSION}(?:"
    rf" (?:av|of)(?: (?:den här|denna|the|this))? {_TEXT}\b|"
    rf"(?: här)? (?:{_STOOD}|fanns|saknades|innehöll|said|stated)\b)|"
    # "Tidigare stod det att …", "I artikeln angavs felaktigt …", "Artikeln innehöll en felaktig uppgift"
    rf"\b(?:tidigare|felaktigt) {_STOOD} (?:det|vi)? ?(?:att\b|fel\b)|"
    rf"\bdet {_STOOD} (?:tidigare|först) (?:att|fel)\b|\b{_STOOD} (?:det |vi |tidigare )?{_WRONG}\b|"
    rf"\b{_HERE} {_STOOD} (?:det )?(?:tidigare|först|felaktigt)\b|"
    rf"\b(?:tidigare|felaktigt) {_STOOD} (?:det )?{_HERE}\b|"
    rf"\b{_TEXT} innehöll (?:tidigare |först )?(?:en |ett |flera )?fel|"
    # "Felet har rättats", "Vi har rättat en uppgift", "Vi beklagar felet"
    rf"\b{_MISTAKE}(?: {_HERE})?(?: (?:har|är|nu|blivit))* (?:rättat?s?|rättad|korrigera(?:ts|d|t))\b(?! av\b)|"
    rf"\b{_MISTAKE}(?: {_HERE})? har (?:ändrats|tagits bort) (?:ur {_TEXT}|efter publicering)|"
    rf"\bhar (?:nu )?(?:rättat|korrigerat)(?: i)?(?: en| ett| den| det)? (?:{_MISTAKE}|{_TEXT})\b|"
    rf"\b(?:vi|redaktionen) har (?:nu )?ändrat(?: i)? {_TEXT}\b|"
    r"\bvi (?:har )?rättat\b|\bvi beklagar (?:fel|misstag|sammanblandning|förväxling)",
    re.IGNORECASE,
)

# Lines of the frame that extraction took for text: when it was published, how long it is, how often it was read, how
# much a meter leaves, what to read next.
_TIMES: Final = (
    rf"(?:publicera[dt]|uppdatera[dt]|senast (?:uppdatera[dt]|ändra[dt])|ändra[dt]|skapa[dt]|published|updated|posted)"
    rf"(?:[\W\d_]|\b(?:publicera[dt]|uppdatera[dt]|kl|klockan|den|i|för|sedan|dag|går|idag|igår|just nu|nyss|{_MONTHS}|"
    rf"(?:sekund|minut|timm|dag|veck|månad)(?:er|ar|or|e|en|a)?|min|tim|h|\w{{2,4}}dag|am|pm|at|on|ago|hours?|minutes?|"
    rf"days?|cet|cest)\b)*"
)
_COUNTED: Final = (
    r"(?:kommentar(?:er)?|delning(?:ar)?|gillar|gilla|visning(?:ar)?|reaktion(?:er)?|läsning(?:ar)?|röst(?:er)?|"
    r"comments?|likes?|shares?|views?)"
)
_COUNTS: Final = (
    rf"\d[\d \u00a0]*(?:personer |läsare |andra )?{_COUNTED}(?: (?:detta|det här|inlägget))?|"
    rf"{_COUNTED}\W*\d[\d \u00a0]*|"
    r"(?:läst|visad|visats|delad|delats|gillad) (?:av )?\d[\d \u00a0]*(?: (?:gång(?:er)?|personer|läsare))?|"
    r"(?:lästid|läslängd|reading time)\W*(?:ca\.? |cirka )?\d+(?:[-\u2013]\d+)? ?(?:min(?:uter|uts?)?|minutes)|"
    r"\d+ ?min(?:uters?|uts?|utes)? (?:läsning|lästid|att läsa|read)"
)
_METER: Final = (
    r"du har (?:läst )?(?:\d+|en|ett|två|tre|fyra|fem|inga)(?: av (?:dina )?\d+)? (?:kvarvarande )?(?:fria? |gratis ?|"
    r"kostnadsfria? )?artik(?:el|lar)(?: kvar)?(?: (?:den här|denna) (?:månaden?|veckan?)| i dag| att läsa)*"
)
_NEXT: Final = r"(?:läs|se|lyssna) (?:också|även|mer|vidare) ?(?::|\u2013|->|>>|»).{1,200}"
_LABEL: Final = r"plus|premium|(?:endast )?för prenumeranter|annons"
_FRAME: Final = re.compile(rf"\W*(?:{_TIMES}|{_COUNTS}|{_METER}|{_NEXT}|{_LABEL})\W*", re.IGNORECASE)


def is_frame(body: str, start: int, end: int) -> bool:
    """Return whether all lines that a span touches are of the frame; where nothing stands in it, none is touched."""
    if start == end:
        return True
    lines = _lines(body, start, end)[0].split("\n")
    return all(not line.strip() or _FRAME.fullmatch(line) for line in lines)


def has_notice(body: str, spans: list[tuple[int, int]]) -> bool:
    """Return whether one of these places of a text, read with the lines they stand in, tells of a change."""
    return any(_tells(body, start, end) for start, end in spans)


def _tells(body: str, start: int, end: int) -> bool:
    lines, opens = _lines(body, start, end)
    inside = range(start - opens, end - opens)
    return any(
        match.start() in inside or (match.start() < inside.start < match.end())
        for sign in (_OPENS, _DATED, _SAYS)
        for match in sign.finditer(lines)
    )


def _lines(body: str, start: int, end: int) -> tuple[str, int]:
    """Return the lines that a span touches, and where the first of them begins."""
    opens = body.rfind("\n", 0, start) + 1
    closes = body.find("\n", end)
    return body[opens : len(body) if closes < 0 else closes], opens
