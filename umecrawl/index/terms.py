"""Swedish search terms: what the full text index holds of a text, and what a query is turned into before it looks.

    as written -> NFC, lower case -> lemma (simplemma) -> stem (Snowball Swedish)

Text and query take the same way, so a query finds every inflected form of its words. The letters å, ä and ö are
letters of their own and stay (`rad` is not `råd`). Snowball alone brings together half of the forms of a Swedish
word (it never strips -an), the lemma nearly all. A name that the dictionary knows is left unstemmed, for the
stemmer would cut Jonas to jon. Endings that make another word (-het, -lig, -else, -are) stay, for the stemmer would
find trygga texts for who asks for trygghet.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

import Stemmer

from umecrawl.index.lexicon import lexicon
from umecrawl.index.pieces import WORD, words_of
from umecrawl.index.remembered import Remembered

_INSIDE = str.maketrans("", "", "\u00ad")
_SHORTEST_GENITIVE = 4
_SHORTEST_PART = 3
_SHORTEST_HEAD = 5
# Last parts of compounds in -s that are too short to be looked for in any unknown word.
_SHORT_HEADS = ("hus", "gas", "fas", "mus")
# PostgreSQL refuses lexemes of 2 KB; nothing in Swedish that is longer than this is a word.
_LONGEST = 100
# No word is written in more characters than that; to compose thousands of accents takes the square of their number.
_LONGEST_WRITTEN = 1_000

# Forms so frequent that the lemma the dictionary gives them would drown another word: who looks for schools (skola)
# or goods (vara) does not want every text with `ska` or `är`.
_READ_AS = {
    **dict.fromkeys(("ska", "skall", "skulle"), "ska"),
    **dict.fromkeys(("är", "var", "varit", "vore"), "är"),
    **dict.fromkeys(("vår", "vårt", "våra"), "vår"),
    **dict.fromkeys(("första", "förste"), "första"),
    **dict.fromkeys(("sin", "sitt", "sina"), "sin"),
    "inte": "inte",
}

# Words that the dictionary takes for a form of another one, though they are far more often one by themselves: nämnd is
# the committee, not a form of nämna. All their other forms are known as theirs.
_BY_THEMSELVES = frozenset(
    (  # noqa: SIM905  (a list of this length is read as a text)
        "avgjord boende dans dom drev ek fakta fett framväxt följd handla jämställd kabel knep kris misstag nämnd "
        "pendel snaps studie svek sås tips träna uppdrag uppväxt varsel vuxen åker återstod öken öl övertag överdrag"
    ).split()
)
# Endings that make another word and not a form of one; the stemmer would cut them off and give whoever looks for
# fastigheter (property) every text with fast (firm). A lemma with one of them keeps it, its inflection goes.
_DERIVED = re.compile(
    r"(?P<word>\w{2,}(?:het(?=(?:en|er|erna|ens|ers|ernas|s)?$)|l?ig(?=(?:t|a|e|en|are|ast|aste|as|es|s)?$)"
    r"|else(?=(?:n|r|rna|ns|rs|rnas|s)?$)))\w*"
)
# The same for who does something, where the dictionary knows the word: politiker is not politik, lärare not lära.
_DOERS = ("are", "iker")
# Of unknown words in -bar the stemmer knows one form only.
_ABLE = ("bart", "bara")
_DEFINITE_PLURAL = re.compile(r"(\w+)arnas?")

# Which analysis made a term. An index is searched only with the analysis it was built with.
ANALYSER: str = f"sv-3 simplemma-{metadata.version('simplemma')} snowball-{Stemmer.version()}"


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a text: `form` as indexed; `text[start:end]` is the word as written (offsets in characters)."""

    form: str
    start: int
    end: int


def terms(text: str) -> list[Term]:
    """Return the terms of a text in order, with the place of each word for highlighting."""
    return [Term(form_of(m[0]), m.start(), m.end()) for m in WORD.finditer(text)]


def forms(text: str) -> list[str]:
    """Return the terms of a text in order without their places, which is all that indexing needs."""
    return forms_of(WORD.findall(text))


def forms_of(words: Iterable[str]) -> list[str]:
    """Return the terms of the words (`umecrawl.index.pieces.WORD`) of a text, as `forms` does of the text."""
    return list(map(_FORMS.__getitem__, words))


def joined_forms(pieces: Iterable[bytes]) -> str:
    """Return the terms of the pieces of a text (`umecrawl.index.pieces`) in order, parted by spaces."""
    return " ".join(map(_FORMS_OF_PIECES.__getitem__, pieces))


def expect(characters: int) -> None:
    """Prepare for so much text that will be turned into terms one after the other."""
    lexicon().expect(characters)


def spelling(text: str) -> str:
    """Return a word in the spelling that is analysed: NFC, lower case, without soft hyphens, not stemmed."""
    if text.isascii():  # as most words are: nothing to compose, no soft hyphen
        return text.lower()[:_LONGEST]
    lower = unicodedata.normalize("NFC", text[:_LONGEST_WRITTEN]).translate(_INSIDE).lower()
    # Lower-casing may decompose a letter (İ), and some are one character in lower case only (ǰ).
    return unicodedata.normalize("NFC", lower)[:_LONGEST]


def is_known(word: str) -> bool:
    """Return whether a word, in whatever form and case, stands in the dictionary of Swedish."""
    return lexicon().lemma(spelling(word)) is not None


def _form(word: str) -> str:
    spelt = spelling(word)
    form = _READ_AS.get(spelt) or _stem_of(spelt)
    if not form.isascii():
        form = unicodedata.normalize("NFC", form)
    # A form is never empty: that would shift the terms behind it.
    return form or spelt


def _forms_in(piece: bytes) -> str:
    return " ".join(map(_FORMS.__getitem__, words_of(piece)))


_FORMS = Remembered(_form)
_FORMS_OF_PIECES = Remembered(_forms_in)


def form_of(word: str) -> str:
    """Return the term of one word."""
    return _FORMS[word]


def _stem_of(word: str) -> str:
    dictionary = lexicon()
    found = word if word in _BY_THEMSELVES else dictionary.lemma(word)
    if word.endswith("s") and len(word) >= _SHORTEST_GENITIVE:
        bare = word[:-1]
        # A genitive goes the way of its nominative, also where that is read as another word (Sävar, Teg). Snowball
        # cuts -s after consonants only, so that of an unknown word is undone here, too.
        if found.lower() == bare if found is not None else not _has_head_in_s(word):
            return _stem_of(bare)
    if found is not None and found[:1].isupper():
        return found.lower()
    if found is None:
        head = _head_of(word)
        if head is not None:
            return word[: -len(head)] + _stem_of(head)
        found = word[:-1] if word.endswith(_ABLE) else word
    lemma = found.lower()
    # One of these stands in each of them; most words have none.
    if "ig" in lemma or "het" in lemma or "else" in lemma:
        derived = _DERIVED.fullmatch(lemma)
        if derived is not None:
            return derived["word"]
    if lemma.endswith(_DOERS) and dictionary.lemma(lemma) == lemma:
        plural = _DEFINITE_PLURAL.fullmatch(word)
        # The dictionary reads vägarna (the roads) as a form of vägare, for väg has the same plural.
        if plural is None or dictionary.lemma(f"{plural[1]}ar") != plural[1]:
            return lemma
    return dictionary.stem(lemma)


def _head_of(word: str) -> str | None:
    """Return the last part of a word that is unknown as a whole, if it is a compound of known ones.

    A compound is inflected as its last part is, and the dictionary has few of them; the stemmer alone takes
    medborgarlöfte and medborgarlöftet for two words.
    """
    dictionary = lexicon()
    for start in range(_SHORTEST_PART, len(word) - _SHORTEST_HEAD + 1):
        if dictionary.knows(word[start:]) and _is_first_part(word[:start]):
            return word[start:]
    return None


def _is_first_part(part: str) -> bool:
    """Return whether something may open a compound: a word, or one with a joint (trygghets-, medborgar-, gatu-)."""
    dictionary = lexicon()
    words = [part, f"{part}e", f"{part}a"]
    if part.endswith("s"):
        words.append(part[:-1])
    if part.endswith(("u", "o")):
        words.append(f"{part[:-1]}a")
    return any(map(dictionary.knows, words))


def _has_head_in_s(word: str) -> bool:
    """Return whether a word unknown as a whole is a compound whose last part ends in -s by itself (energikris)."""
    if word.endswith(("ss", *_SHORT_HEADS)):
        return True
    dictionary = lexicon()
    for start in range(_SHORTEST_PART, len(word) - _SHORTEST_GENITIVE + 1):
        head = word[start:]
        lemma = dictionary.lemma(head)
        if lemma is not None:
            return lemma.lower() != head[:-1]
    return False
