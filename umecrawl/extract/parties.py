"""The parties of the Nordic countries and Germany, by letter and by name, as they stand behind a politician's name."""

import re

from umecrawl.extract.text import small

_SWEDISH = (
    "S",
    "M",
    "C",
    "L",
    "FP",
    "KD",
    "MP",
    "V",
    "SD",
    "FI",
    "F!",
    "AP",
    "PP",
    "KP",
    "RS",
    "ÖP",
    "SJVP",
    "MED",
    "AFS",
)
# Norway, Denmark, Finland, Germany; written as there.
_NEIGHBOURS = (
    *("Ap", "Høyre", "H", "Frp", "FrP", "Sp", "SV", "KrF", "Krf", "MDG", "R", "Rødt", "INP"),
    *("A", "B", "EL", "Ø", "SF", "DF", "RV", "LA", "K", "Alt", "DD", "NB"),
    *(
        "SDP",
        "sd",
        "sd.",
        "kok",
        "kok.",
        "kesk",
        "kesk.",
        "vihr",
        "vihr.",
        "vas",
        "vas.",
        "ps",
        "ps.",
        "SFP",
        "sfp",
        "RKP",
    ),
    *("r", "kd", "saml", "cent", "gröna", "vf", "sannf"),
    *("SPD", "CDU", "CSU", "FDP", "AfD", "Grüne", "Bündnis 90/Die Grünen", "Die Linke", "Linke"),
)
_LETTERS = sorted({*_SWEDISH, *(code.lower() for code in _SWEDISH), *_NEIGHBOURS}, key=lambda c: (-len(c), c))
# What stands between the parentheses, as a pattern without groups.
PARTY = "|".join(map(re.escape, _LETTERS))
_NAMES = {
    "socialdemokraterna": "S",
    "socialdemokrat": "S",
    "moderaterna": "M",
    "moderat": "M",
    "nya moderaterna": "M",
    "centerpartiet": "C",
    "centerpartist": "C",
    "liberalerna": "L",
    "liberal": "L",
    "folkpartiet": "FP",
    "folkpartiet liberalerna": "FP",
    "kristdemokraterna": "KD",
    "kristdemokrat": "KD",
    "miljöpartiet": "MP",
    "miljöpartiet de gröna": "MP",
    "miljöpartist": "MP",
    "vänsterpartiet": "V",
    "vänsterpartist": "V",
    "sverigedemokraterna": "SD",
    "sverigedemokrat": "SD",
    "feministiskt initiativ": "FI",
    "arbetarpartiet": "AP",
    "piratpartiet": "PP",
}
_NAMED = re.compile(r"\b(?:" + "|".join(sorted(_NAMES, key=len, reverse=True)) + r")\b", re.IGNORECASE)


def party_code(written: str) -> str:
    """Return a party's letters as its country writes them: `S` for `(s)`, others as they stand."""
    return written.upper() if written.islower() and written.upper() in _SWEDISH else written


def party_named(text: str) -> str | None:
    """Return the letters of the first Swedish party that a text names in full; nothing where it names none."""
    match = _NAMED.search(text)
    return _NAMES[small(match[0])] if match is not None else None
