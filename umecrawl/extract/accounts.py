"""Names that are no person's: the site itself, an editorial office, a party, a login; told from names of authors."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.outline import Outline
from umecrawl.extract.parties import party_named
from umecrawl.extract.text import key
from umecrawl.extract.tree import values

_OFFICE = re.compile(
    r"\b(?:redaktion(?:en)?|\w+redaktion(?:en)?|redaksjon(?:en)?|toimitus|redaction|rédaction|redacción|"
    r"newsroom|newsdesk|staff|"
    r"team|editors?|editorial|webmaster|webbredaktion\w*|kommunikation(?:savdelningen)?|press(?:avdelningen|"
    r"kontoret|tjänsten)?|"
    r"kansli(?:et)?|kundtjänst|nyheter|nyhetsbyrån|kommun|kommune|kunta|kaupunki|region(?:en)?|arbetarekommun|"
    r"föreningen|förening|förbund(?:et)?|distrikt(?:et)?|partidistrikt|universitet|högskola|stiftelse|"
    r"myndighet(?:en)?|"
    r"verlag|gmbh|e\.\s?v|ltd|inc|llc|ab|as|oy|magazine?|tidning(?:en)?|blad(?:et)?|times|news|zeitung|media|archiv|"
    r"afp|dpa|tt|ntb|ritzau|stt|reuters|associated press|ap)\b\.?",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:chefredaktör|redaktör|reporter|editor-in-chief|news editor)\b", re.IGNORECASE)
# Names that content systems make up: they tell nobody anything.
_PLACEHOLDER = re.compile(
    r"(?:wordpress|wp|site|web|blog)?[-_ ]?(?:admin(?:istrator)?|webmaster|editor|user|root|test)\d*|guest|gäst|"
    r"superuser",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"[a-zåäöæø][a-zåäöæø0-9]*(?:[._-][a-z0-9åäöæø]+)*\d*|[\w.-]*\d[\w.-]*")
_DIVIDER = re.compile(r"\s+[\-\u2013\u2014|\u00b7\u2022\u00bb:]\s+|\s*[|\u00bb]\s*")


def site_names(outline: Outline, url: str, linked: LinkedArticle | None) -> frozenset[str]:
    """Return the names by which a page calls its own site, as keys: in its data, its title's end, its host."""
    names = [*outline.meta("og:site_name", "application-name", "twitter:site", "dc.publisher", "article:publisher")]
    if linked is not None:
        names.append(linked.publisher)
    for title in values(outline.root, "/html/head/title/text()"):
        parts = _DIVIDER.split(title)
        names += parts[-1:] if len(parts) > 1 else []
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    return frozenset(_joined(name) for name in (*names, host, *labels[-2:-1]) if _joined(name))


def is_account(name: str, sites: Iterable[str] = (), organisations: Iterable[str] = ()) -> bool:
    """Return whether a name is that of a site, an office, a party or a login, and not of a person.

    `sites` are the keys of `site_names`; `organisations` are names that the page's data call organisations.
    """
    joined = _joined(name)
    if joined in sites or any(joined == _joined(other) for other in organisations):
        return True
    if is_placeholder(name) or _is_login(name) or party_named(name) is not None:
        return True
    return _OFFICE.search(name) is not None and not _PERSONAL.search(name)


def _is_login(name: str) -> bool:
    """Return whether a name is one word written as people log in: in small letters, or with digits."""
    return _LOGIN.fullmatch(name) is not None


def is_placeholder(name: str) -> bool:
    """Return whether a name is one that a content system makes up for whoever installed it."""
    return _PLACEHOLDER.fullmatch(name) is not None


def _joined(name: str) -> str:
    return key(name).replace(" ", "")
