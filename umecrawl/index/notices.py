"""Lines by which newsrooms and blogs tell that a text was changed, and those that only tell times and counts."""

import re
from typing import Final

# A word that opens a line, perhaps in brackets or behind a star: "Rättelse: …", "(Uppdaterad)", "UPPDATERING 14.30".
_OPENS: Final = re.compile(
    r"^[\W_]*(?:uppdatera[dt]|uppdatering(?:ar)?|rättelser?|rättad|rättat|korrigera[dt]|korrigeringar|korrigering|"
    r"korrektion|förtydligande|redigera[dt]|ändra[dt]|kompletterat|tillägg|fotnot|"
    r"updated?|corrections?|corrected|clarification|editor's note|oppdatert|rettelse|rettet|opdateret)\b[\W_]*"
    r"(?:$|[:.(\d]|kl\b|den\b|i dag\b|idag\b|igår\b|\w+dag(?:en)?\b|\d)",
    re.IGNORECASE | re.MULTILINE,
)
# The same within a line, with a time or a colon behind it: "(uppdaterad 12 mars)".
_DATED: Final = re.compile(
    r"\b(?:uppdatera[dt]|rättad|rättat|korrigera[dt]|redigera[dt]|ändra[dt]|updated|corrected)"
    r"(?::| (?:den |kl\.? ?|klockan |on |at )?\d)|\b(?:rättelse|korrigering|förtydligande|uppdatering|correction):",
    re.IGNORECASE,
)
# Sentences that say so: "Texten har uppdaterats", "I en tidigare version stod …".
_SAYS: Final = re.compile(
    r"\b(?:artikeln|texten|inlägget|nyheten|sidan|rubriken|debattartikeln|insändaren|ingressen|(?:den här|denna) "
    r"(?:artikel|text|sida)n?|this (?:article|post|story|page))\b[^.\n]{0,40}?\b(?:uppdatera[dt]s?|rätta[dt]s?|"
    r"korrigera[dt]s?|ändra[dt]s?|redigera[dt]s?|komplettera[dt]s?|updated|corrected|amended|edited)\b|"
    r"\b(?:tidigare|ursprunglig|första|earlier|previous) (?:version|lydelse)(?:en)? (?:av|of)\b|"
    r"\b(?:i en|in an?|en) (?:tidigare|earlier) version\b|"
    r"\b(?:stod|skrev vi|angavs|uppgavs|hette) det? ?(?:tidigare|felaktigt)\b|"
    r"\b(?:tidigare|felaktigt) (?:stod|skrev vi|angavs|uppgavs) (?:det|att)\b|\bvi (?:har )?rättat\b",
    re.IGNORECASE,
)


# A line of the frame that extraction took for text: when it was published, how often it was read.
_FRAME: Final = re.compile(
    r"\W*(?:(?:publicera[dt]|uppdatera[dt]|senast (?:uppdatera[dt]|ändra[dt])|ändra[dt]|skapa[dt]|published|updated|"
    r"posted)(?:[\W\d_]|\b(?:kl|klockan|den|i|dag|idag|igår|jan|feb|mar|apr|aug|sept?|okt|nov|dec|januari|februari|"
    r"mars|april|maj|juni|juli|augusti|september|oktober|november|december|january|february|march|may|june|july|"
    r"august|october|\w{2,4}dag|am|pm|at|on|cet|cest)\b)*|"
    r"\d[\d \u00a0]*(?:kommentarer?|delningar|gillar|visningar|reaktioner|"
    r"läsningar|comments?|likes?|shares?|views?)|(?:kommentarer?|delningar|gillar|visningar|reaktioner|comments?|likes?|"
    r"shares?|views?)\W*\d[\d \u00a0]*)\W*",
    re.IGNORECASE,
)


def is_frame(body: str, start: int, end: int) -> bool:
    """Return whether all lines that a span touches only tell times of publication or counts."""
    lines = _lines(body, start, end)[0].split("\n")
    return all(not line.strip() or _FRAME.fullmatch(line) for line in lines)


def has_notice(body: str, spans: list[tuple[int, int]]) -> bool:
    """Return whether one of these places of a text, read with the lines they stand in, tells of a change.

    `Vi har uppdaterat vårt program` tells of a programme; what counts is how the line is built.
    """
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
