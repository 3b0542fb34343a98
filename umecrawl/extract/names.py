"""Names of people as texts write them, told from organisations, headings and places."""

import re

_UPPER = "A-ZÀ-ÖØ-ÞŠŽŁČĆŚŻĞİŞĐ"
_LOWER = "a-zà-öø-ÿšžłčćśżğışđńęąőű"
_PART = rf"[{_UPPER}](?:[{_LOWER}'\u2019]+(?:[{_UPPER}][{_LOWER}]+)?|[{_UPPER}'\u2019]*\.?)"
_WORD = rf"{_PART}(?:[-\u2010\u2011]{_PART})*\.?"
_PARTICLE = r"(?:von|af|av|de|la|van|der|den|ter|di|da|du|del|dos|zu|le|el|al|bin|ibn|ben)"
# Two to five words, particles not counted: Carl von Linné, Karl-Göran P. Öst, Marie de la Cour.
NAME = rf"{_WORD}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_WORD}){{1,4}}"
FULL_NAME = re.compile(NAME)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,8}")
JOINT = re.compile(
    r"\s*(?:,|;|/|&|\+|\boch\b|\bsamt\b|\bog\b|\bja\b|\band\b|\bund\b|\bsekä\b)\s*(?:\boch\b|\bsamt\b)?\s*"
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


def is_name(text: str) -> bool:
    """Return whether a text is nothing but the full names of people, parted by commas or `och`."""
    parts = [part for part in JOINT.split(text.strip()) if part]
    return bool(parts) and all(
        (FULL_NAME.fullmatch(part) is not None and person_name(part) is not None) or _CJK.fullmatch(part) is not None
        for part in parts
    )


def person_name(text: str) -> str | None:
    """Return a name with single spaces; nothing for an organisation, a heading or a place."""
    words = text.split()
    if any(_NO_PERSON.match(word) for word in words[:1]) or any(_ORGANISATION.search(word) for word in words):
        return None
    return " ".join(words)
