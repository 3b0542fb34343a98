"""How much of a page the capture shows: whole, a teaser, a consent wall, a challenge, an error in disguise, nothing."""

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from umecrawl.extract.article import ArticleText
from umecrawl.extract.linked_data import LinkedArticle
from umecrawl.extract.outline import Outline
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import select, squeeze, values
from umecrawl.model.article import Quality

_SHORT = 250  # words; what a subscriber alone may read is longer
_WALL = 300  # words; a page that is nothing but a wall has fewer
_HIDDEN_TEXT = 40  # words

_CHALLENGE_TITLE = re.compile(
    r"just a moment|attention required|checking your browser|are you (?:a )?(?:robot|human)|"
    r"verify (?:that )?you are (?:a )?human|"
    r"pardon our interruption|access (?:to this page has been )?denied|security check|bot verification|"
    r"är du en robot|bekräfta att du är en människa|ddos-guard|one more step|human verification",
    re.IGNORECASE,
)
_CHALLENGE_MARKUP = re.compile(
    r"challenge-platform|cf-browser-verification|cf_chl_|captcha-delivery\.com|_Incapsula_Resource|px-captcha|"
    r"g-recaptcha|h-captcha|hcaptcha\.com|awswaf|/ddos-guard/",
)
_CONSENT_TITLE = re.compile(
    r"before you continue|innan du fortsätter|we value your privacy|vi värnar om din (?:personliga )?integritet|"
    r"vi respekterar din integritet|your privacy|din integritet|cookie ?(?:consent|samtycke|inställningar)|"
    r"samtycke till (?:cookies|kakor)|(?:vi|we) (?:använder|use) (?:cookies|kakor)|privacy (?:gate|settings)|"
    r"bevor sie fortfahren",
    re.IGNORECASE,
)
_CONSENT_WORD = re.compile(
    r"\b(?:godkänn|acceptera|tillåt|jag samtycker|samtycke|accept all|i agree|accept|consent)\b", re.IGNORECASE
)
_NOT_FOUND = re.compile(
    r"\b404\b|\b410\b|sidan (?:kunde inte (?:hittas|visas)|finns inte|hittades inte|saknas|du (?:söker|letar efter))|"
    r"hittar inte sidan|kan inte hitta sidan|hittade inte|(?:page|article|content|document|file) (?:was )?not found|"
    r"page (?:you (?:requested|are looking for)|does not exist|doesn.t exist|cannot be found)|can.t be found|"
    r"(?:artikeln|inlägget) (?:finns inte|är borttagen|har tagits bort|saknas)|nothing found|inget hittades|"
    r"siden (?:ble|blev) ikke funnet|sivua ei löytynyt|seite nicht gefunden",
    re.IGNORECASE,
)
_NOT_FOUND_SAID = re.compile(
    r"finns inte (?:längre|kvar)|har (?:flyttats|tagits bort|raderats)|no longer (?:exists|available)|"
    r"has been (?:removed|deleted|moved)|"
    r"kunde inte hittas|could not be found|cannot be found|does not exist|hittades inte",
    re.IGNORECASE,
)
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
_LONGEST_PROMPT = 120  # words


@dataclass(frozen=True, slots=True)
class Wall:
    """Something that stands in place of the page, with the words that tell it."""

    quality: Quality
    detail: str


@dataclass(frozen=True, slots=True)
class Lock:
    """The signs of a paywall: declared in the data, demanded in words, or a password asked for."""

    declared: bool
    prompt: str
    password: bool


@dataclass(frozen=True, slots=True)
class Access:
    """How much of an article the capture shows, and its paywall: `no`, `soft` (sent, but hidden), `hard`, untold."""

    quality: Quality
    paywall: str | None
    detail: str = ""


def wall_of(root: HtmlElement) -> Wall | None:
    """Return the challenge, consent page or error page that a capture shows instead of the page."""
    words = _visible_words(root)
    if words > _WALL:
        return None
    title = squeeze(" ".join(values(root, "//title[1]/text()")))
    heads = squeeze(" ".join(str(h.text_content()) for h in select(root, "//h1 | //h2")[:4]))
    if (
        _CHALLENGE_TITLE.search(title)
        or (_CHALLENGE_TITLE.search(heads) and words < _WALL // 2)
        or _challenged(root, words)
    ):
        return Wall(Quality.CHALLENGE, f"the server asked for a proof of being human: {title[:80]!r}")
    main = squeeze(" ".join(str(h.text_content()) for h in select(root, "//h1")[:2]))
    text = squeeze(" ".join(str(p.text_content()) for p in select(root, "//body//p")))
    said = _NOT_FOUND.search(title) and (_NOT_FOUND.search(main) or _NOT_FOUND_SAID.search(text) or not main)
    if said or (_NOT_FOUND.search(main) and _NOT_FOUND_SAID.search(f"{main} {text}")):
        return Wall(Quality.SOFT_404, f"an error page sent as a page: {(main or title)[:80]!r}")
    if (_CONSENT_TITLE.search(title) or _CONSENT_TITLE.search(heads)) and _CONSENT_WORD.search(
        str(root.text_content())
    ):
        return Wall(Quality.CONSENT, f"a consent page stands in front: {(heads or title)[:80]!r}")
    return None


def lock_of(outline: Outline, linked: LinkedArticle | None) -> Lock:
    """Return the signs of a paywall on a page: what its data say, and a visible demand to pay or log in."""
    tiers = [tier.lower() for tier in outline.meta("article:content_tier")]
    declared = (linked is not None and linked.free is False) or any(t in {"locked", "metered"} for t in tiers)
    password = bool(outline.classed("post-password-form"))
    return Lock(declared, _prompt(outline), password)


def access_of(text: ArticleText, lock: Lock) -> Access:
    """Return whether the article is whole, and behind which paywall."""
    if lock.password:
        return Access(Quality.TEASER, "no", "protected by a password")
    if text.hidden_words >= _HIDDEN_TEXT and (lock.declared or lock.prompt):
        return Access(Quality.FULL, "soft", "the text was sent, but the page hides it")
    if (lock.declared or lock.prompt) and text.words < _SHORT:
        return Access(
            Quality.TEASER, "hard", lock.prompt[:120] or "the page says it is not free, and the text is short"
        )
    if lock.declared:
        return Access(Quality.FULL, "soft", "the page says it is not free, but the text was sent")
    if not text.paragraphs:
        return Access(Quality.EMPTY, None, "no text")
    return Access(Quality.FULL, "no")


@dataclass(frozen=True, slots=True)
class Assessment:
    """How far a text may be trusted to be whole and clean: `score` from 0 to 1, and in words what lowers it."""

    score: float
    reasons: tuple[str, ...] = ()


def assess(text: ArticleText, access: Access, root: HtmlElement, *, cut: bool = False) -> Assessment:
    """Return how far the text of an article may be trusted; `cut` says that the end of the page was not read.

    The score of what is no article follows from its quality alone: `score_of`.
    """
    del text, root
    return Assessment(0.5 if cut else score_of(access.quality))


def score_of(quality: Quality) -> float:
    """Return the score of a capture that gave no text: 1 for a whole page that holds none, 0 for a wall."""
    return 1.0 if quality is Quality.FULL else 0.0


def _prompt(outline: Outline) -> str:
    """Return the words of a visible paywall, of the innermost element that makes the demand; empty without one."""
    found = ""
    for place in outline.matching(_PROMPT_PLACES):
        words = squeeze(str(place.text_content()))
        shorter = not found or len(words) < len(found)
        if shorter and word_count(words) <= _LONGEST_PROMPT and _PROMPT.search(words) and not select(place, ".//h1"):
            found = words
    return found


def _challenged(root: HtmlElement, words: int) -> bool:
    if words > _WALL // 3:
        return False
    found = root.xpath("//script/@src | //script/text() | //form/@action | //div/@class | //div/@id | //iframe/@src")
    assert isinstance(found, list)
    return any(_CHALLENGE_MARKUP.search(str(item)[:20_000]) for item in found)


def _visible_words(root: HtmlElement) -> int:
    """Return how many words a reader sees, counted until they are more than a wall has."""
    texts = root.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]")
    assert isinstance(texts, list)
    words = 0
    for text in texts:
        words += word_count(str(text))
        if words > _WALL:
            break
    return words
