"""Where a page is written: the zone of its clock and the order of its numbers, told from address and language."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from umecrawl.extract.dates import STOCKHOLM
from umecrawl.extract.outline import Outline
from umecrawl.extract.tree import values
from umecrawl.model.urls import host_of

_HELSINKI = ZoneInfo("Europe/Helsinki")
_OSLO = ZoneInfo("Europe/Oslo")
_COPENHAGEN = ZoneInfo("Europe/Copenhagen")
_BERLIN = ZoneInfo("Europe/Berlin")
_VIENNA = ZoneInfo("Europe/Vienna")
_ZURICH = ZoneInfo("Europe/Zurich")
# The country of a host outweighs its language, which is often that of its software: WordPress comes as en-US.
_BY_HOST = {
    "se": STOCKHOLM,
    "nu": STOCKHOLM,
    "fi": _HELSINKI,
    "ax": _HELSINKI,
    "no": _OSLO,
    "dk": _COPENHAGEN,
    "de": _BERLIN,
    "at": _VIENNA,
    "ch": _ZURICH,
}
_BY_LANGUAGE = {
    "sv": STOCKHOLM,
    "nb": _OSLO,
    "nn": _OSLO,
    "no": _OSLO,
    "da": _COPENHAGEN,
    "fi": _HELSINKI,
}
_MONTH_FIRST_HOSTS = frozenset({"us", "gov", "mil", "edu", "ph"})
_ENGLISH = re.compile(r"\b(?:the|and|of|with|your|how|what|from)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Locality:
    """The zone of times without an offset, where known, and whether `3/4` is the third of April (None: not known)."""

    zone: ZoneInfo | None
    day_first: bool | None


def locality_of(outline: Outline, url: str) -> Locality:
    """Return where a page is written.

    Times of the Nordic countries and of German pages belong to one zone; elsewhere nothing is known. Numbers stand
    day first outside America; a page that calls itself English without a country could be either.
    """
    languages = [
        tag.lower().replace("_", "-") for tag in (*values(outline.root, "/html/@lang"), *outline.meta("og:locale"))
    ]
    host = host_of(url).rpartition(".")[2]
    zone = _BY_HOST.get(host) or next((z for z in map(_zone, languages) if z is not None), None)
    if zone is None and not languages and values(outline.root, "//body//text()[contains(., 'Publicerad')][1]"):
        # An older page may name no language; this word is Swedish and neither Norwegian nor Danish.
        zone = STOCKHOLM
    return Locality(zone, _day_first(outline, host, languages, zone))


def _zone(language: str) -> ZoneInfo | None:
    return _BY_LANGUAGE.get(language.partition("-")[0])


def _day_first(outline: Outline, host: str, languages: list[str], zone: ZoneInfo | None) -> bool | None:
    if zone is not None:
        return True
    if host in _MONTH_FIRST_HOSTS:
        return False
    other = [language for language in languages if not language.startswith("en")]
    if other or len(host) == 2:  # noqa: PLR2004 - the code of a country
        return True
    if any(language not in {"en", "en-us"} for language in languages):
        return True
    told = " ".join(outline.meta("description", "og:description", "og:title"))
    return False if "en-us" in languages and _ENGLISH.search(told) else None
