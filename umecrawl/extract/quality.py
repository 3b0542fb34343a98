"""How much of an article the capture shows, behind which paywall, and how far its text may be trusted."""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from umecrawl.extract.article import ArticleText
from umecrawl.extract.boilerplate import is_chrome
from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.outline import Outline, is_foreign
from umecrawl.extract.text import joined_key, key, word_count
from umecrawl.extract.tree import select, squeeze, tagged
from umecrawl.extract.walls import Wall, wall_of
from umecrawl.model.article import Quality

_SHORT = 250  # words; what a subscriber alone may read is longer
_HIDDEN_TEXT = 40  # words
_NO_TEXT = 40  # words; fewer beside a wall are the wall's own
_PROMPT = re.compile(
    r"läs hela artikeln|prenumerant|bli prenumerant|logga in för att (?:läsa|fortsätta)|för att läsa (?:vidare|"
    r"hela|mer)|"
    r"(?:du har )?läst dina fria artiklar|endast för (?:prenumeranter|medlemmar|inloggade)|köp (?:prenumeration|"
    r"digital)|"
    r"keep reading with|this post is for (?:paid|paying) subscribers|subscribe to (?:continue|read)|"
    r"subscribers? only|"
    r"already a subscriber|for abonnenter|tilaajille|nur für abonnenten|"
    r"continue reading (?:this article )?(?:with|by)",
    re.IGNORECASE,
)
_PROMPT_PLACES = re.compile(r".*(?:paywall|locked|premium|subscri|prenumer|plusbox|regwall|meter).*")
_PROMPT_SIGN = re.compile("paywall|locked|premium|subscri|prenumer|plusbox|regwall|meter")
_LONGEST_PROMPT = 120  # words


_DEMAND = re.compile(
    r"^\W*(?:läs (?:hela|vidare)|logga in för att|för att läsa|bli prenumerant|köp (?:prenumeration|digital)|"
    r"(?:den här |denna )?(?:artikeln|texten) är (?:bara |endast )?för (?:prenumeranter|medlemmar|inloggade)|"
    r"endast för (?:prenumeranter|medlemmar)|lås upp artikeln|fortsätt läsa|du har läst|"
    r"keep reading with|this post is for (?:paid|paying)|subscribe to (?:continue|read|keep)|to continue reading|"
    r"continue reading (?:this article )?(?:with|by)|already a subscriber|become a (?:paid )?subscriber|"
    r"les (?:hele )?saken|logg inn for å|denne artikkelen er for|kjøp abonnement|læs (?:hele )?artiklen|"
    r"tilaa ja lue|lue koko|weiterlesen mit|jetzt (?:weiterlesen|freischalten))",
    re.IGNORECASE,
)
# Of an address in small letters: ignoring case takes ten times as long.
_DOOR = re.compile(
    r"log-?in|logga-?in|sign-?in|subscri|prenumer|abonne|tilaa|konto|account|medlem|bli-|plus|kop|checkout|paywall"
)
_DEMAND_WORDS = 25  # of the line that makes the demand
_DEMAND_LEVELS = 3  # how far out the link that meets it may stand
_ELSEWHERE = frozenset({"nav", "footer", "aside", "header"})
_CERTAINTY = {"container": 1.0, "trafilatura": 0.9, "plain": 0.6}
_ENOUGH = 150  # words; from here on length says nothing more
_LINKS_ALLOWED = 0.3  # share of a text in links; a text with more looks like a list
_RUNNING = 12  # words of a paragraph that is no label or teaser


@dataclass(frozen=True, slots=True)
class Lock:
    """The signs of a paywall: declared in the data, demanded in words, or a password asked for.

    `wall` is what the page would be if it had no text: a consent page, a challenge, an empty shell.
    """

    declared: bool
    prompt: str
    password: bool
    wall: Wall | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How much of an article the capture shows, and its paywall: `no`, `soft` (sent, but hidden), `hard`, untold."""

    quality: Quality
    paywall: str | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """How far a text may be trusted to be whole and clean: `score` from 0 to 1, and in words what lowers it."""

    score: float
    reasons: tuple[str, ...] = ()


def lock_of(outline: Outline, linked: LinkedArticle | None) -> Lock:
    """Return the signs of a paywall on a page: what its data say, and a visible demand to pay or log in."""
    tiers = [tier.lower() for tier in outline.meta("article:content_tier")]
    declared = (linked is not None and linked.free is False) or any(t in {"locked", "metered"} for t in tiers)
    password = bool(outline.classed("post-password-form"))
    return Lock(declared, _prompt(outline) or _demand(outline.root), password, wall_of(outline.root))


def access_of(text: ArticleText, lock: Lock) -> Access:
    """Return whether the article is whole, and behind which paywall."""
    if lock.password:
        return Access(Quality.TEASER, "no", "protected by a password")
    if lock.wall is not None and text.words < _NO_TEXT and not lock.declared:
        return Access(lock.wall.quality, None, lock.wall.detail)
    if text.hidden_words >= _HIDDEN_TEXT and (lock.declared or lock.prompt):
        return Access(Quality.FULL, "soft", "the text was sent, but the page hides it")
    if (lock.declared or lock.prompt) and text.words < _SHORT:
        return Access(
            Quality.TEASER, "hard", lock.prompt[:120] or "the page says it is not free, and the text is short"
        )
    if lock.declared:
        return Access(Quality.FULL, "soft", "the page says it is not free, but the text was sent")
    return Access(Quality.FULL, "no") if text.paragraphs else Access(Quality.EMPTY, None, "no text")


def assess(text: ArticleText, access: Access, root: HtmlElement, *, cut: bool = False) -> Assessment:
    """Return how far the text of an article may be trusted; `cut` says that the end of the page was not read.

    The score is a product of five factors, each 1 where nothing speaks against the text:

    - certainty of the method: 1 for the container that the content system marks, 0.9 for trafilatura, 0.6 for
      all paragraphs of a page too large to score;
    - length: 0.4 for no word, rising evenly to 1 at 150 words;
    - agreement with a second, cheap measure: 0.5 + half of the share of the words of the page's densest
      block of running text that the text has;
    - cleanliness: 1 up to three tenths of the text in links, falling evenly to 0.3 for a text of links alone;
    - wholeness: 0.5 for a teaser, 0.5 for a page whose end was not read, 0 for a wall or no text.

    `score_of` gives the score of what is no article.
    """
    if not text.words or access.quality not in {Quality.FULL, Quality.TEASER}:
        return Assessment(0.0, (access.detail or "no text",))
    factors = [
        (_CERTAINTY.get(text.method, min(_CERTAINTY.values())), f"the text was found by {text.method}"),
        (_by_length(text.words), f"a text of {text.words} words"),
        (0.5 + 0.5 * (share := _agreement(text, root)), f"{share:.0%} of the densest block of the page is in the text"),
        (_by_links(links := _linked(text)), f"{links:.0%} of the text is links"),
        (0.5 if access.quality is Quality.TEASER else 1.0, f"a teaser: {access.detail}"),
        (0.5 if cut else 1.0, "the end of the page was not read"),
    ]
    score = 1.0
    for factor, _ in factors:
        score *= factor
    return Assessment(round(score, 3), tuple(reason for factor, reason in factors if factor < 1))


def score_of(quality: Quality) -> float:
    """Return the score of a capture that gave no article: 1 for a whole page that holds none, 0 for a wall."""
    return 1.0 if quality is Quality.FULL else 0.0


def _by_length(words: int) -> float:
    return 0.4 + 0.6 * min(1.0, words / _ENOUGH)


def _by_links(share: float) -> float:
    return 1.0 - max(0.0, share - _LINKS_ALLOWED)


def _linked(text: ArticleText) -> float:
    length = sum(len(p.text) for p in text.paragraphs)
    return sum(a.end - a.start for p in text.paragraphs for a in p.anchors) / length if length else 0.0


def _agreement(text: ArticleText, root: HtmlElement) -> float:
    """Return the share of the words of the page's densest block of paragraphs that the text has too; 1 without one."""
    blocks: dict[HtmlElement, list[str]] = {}
    for paragraph in tagged(root, "p", "li"):
        if paragraph.tag == "li" and next(paragraph.iter("p", "ul", "ol"), None) is not None:
            continue
        line = str(paragraph.text_content())
        parent = paragraph.getparent()
        if parent is not None and word_count(line) >= _RUNNING:
            blocks.setdefault(parent, []).append(key(line))
    have = joined_key(p.text for p in text.paragraphs)
    for block in sorted(blocks, key=lambda block: sum(map(len, blocks[block])), reverse=True):
        around = [place for place in (block, *block.iterancestors()) if place.tag not in {"body", "html"}]
        if not is_foreign(block) and not any(map(is_chrome, around)):
            lines = blocks[block]
            return sum(len(line) for line in lines if line in have) / sum(map(len, lines))
    return 1.0


def _prompt(outline: Outline) -> str:
    """Return the words of a visible paywall, of the innermost element that makes the demand; empty without one."""
    found = ""
    for place in outline.matching(_PROMPT_PLACES, _PROMPT_SIGN):
        words = squeeze(str(place.text_content()))
        shorter = not found or len(words) < len(found)
        if shorter and word_count(words) <= _LONGEST_PROMPT and _PROMPT.search(words) and not select(place, ".//h1"):
            found = words
    return found


def _demand(root: HtmlElement) -> str:
    """Return the words of a demand that no class name marks: a line that makes it, beside the link that meets it."""
    for link in root.iter("a"):
        if not _is_door(link):
            continue
        places = [link, *link.iterancestors()]
        if any(place.tag in _ELSEWHERE for place in places):
            continue
        for place in places[: _DEMAND_LEVELS + 1]:
            words = squeeze(str(place.text_content()))
            if word_count(words) > _LONGEST_PROMPT or place.tag == "body":
                break
            # A paragraph of some length is a sentence of the text, which may speak of such demands.
            said = any(_DEMAND.search(str(line)) for line in place.itertext())
            if said and (place.tag != "p" or word_count(words) <= _DEMAND_WORDS):
                return words
    return ""


def _is_door(link: HtmlElement) -> bool:
    """Whether a link leads to where one logs in or pays."""
    return _DOOR.search((link.get("href") or "").split("?")[0].lower()) is not None
