"""What a server sends in place of a page: a challenge, a consent page, a login, an error in disguise, an empty shell.

A page that is *about* such a thing is none: every rule asks for the few words of a wall, and for what a wall has
besides its words (a button, a form, a script, an instruction not to index).
"""

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_words, select, squeeze, values
from umecrawl.model.article import Quality

_WALL = 300  # words; a page that is nothing but a wall has fewer
_CHALLENGE_WORDS = 150
_SCRIPT_WORDS = 30  # of a challenge that shows itself by its script alone
_SHELL_WORDS = 25
_OTHER_WORDS = 40  # beside a consent dialog; more are a page behind it
_RUNNING = 25  # words of a paragraph that is text
_RUNNING_TEXT = 60  # words in such paragraphs; an error page has fewer
_HARDLY_ANY = 40  # words of a page that may tell of an error in a paragraph only
_LONGEST_TITLE = 12  # words of a title or heading that says nothing but the error
_LONGEST_ACTION = 6  # words on a button
_BOX_WORDS = 15

_CHALLENGE_TITLE = re.compile(
    r"^\W*(?:just a moment|(?:ett|vänta ett) ögonblick|attention required|checking (?:your browser|if the site)|"
    r"are you (?:a )?(?:robot|human)|verify(?:ing)? (?:that )?you are (?:a )?human|pardon our interruption|"
    r"access (?:to this page has been )?denied|request unsuccessful|security check|bot verification|"
    r"är du en (?:robot|människa)|bekräfta att du (?:är en människa|inte är en robot)|ddos-guard|one more step|"
    r"human verification|making sure you.re not a bot|client challenge|sucuri website firewall|"
    r"ovanlig trafik|unusual traffic|please verify)",
    re.IGNORECASE,
)
_CHALLENGE_SAID = re.compile(
    r"\bray id\b|reference #|incident id|checking (?:your|if)|enable javascript|enable js|javascript and cookies|"
    r"verif(?:y|ying)|\bhuman\b|\brobot\b|\bbots?\b|människa|unusual traffic|ovanlig trafik|security service|"
    r"don.t have permission to access|press (?:and|&) hold|captcha|blocked|needs to review|webbläsare",
    re.IGNORECASE,
)
# What only a challenge carries: ordinary pages behind the same services load other scripts of theirs.
_CHALLENGE_MARKUP = re.compile(
    r"/cdn-cgi/challenge-platform/(?!scripts/jsd)|cf-browser-verification|cf_chl_|captcha-delivery\.com|"
    r"_Incapsula_Resource|px-captcha|awsWafCookieDomainList|token\.awswaf\.com|/ddos-guard/|"
    r"sec-cpt|akam/\d+/pixel|/_sec/cp_challenge|geo\.captcha|within\.website/x/cmd/anubis",
    re.IGNORECASE,
)
_CAPTCHA_MARKUP = re.compile(r"g-recaptcha|h-captcha|hcaptcha\.com|recaptcha/api", re.IGNORECASE)
_CONSENT = re.compile(
    r"before you continue|innan du fortsätter|we value your privacy|vi (?:värnar|"
    r"bryr oss) om din (?:personliga )?integritet|"
    r"vi respekterar din integritet|your privacy|din integritet|cookie ?(?:consent|samtycke|inställningar)|"
    r"samtycke till|ditt samtycke|(?:vi|we|wij|wir) (?:använder|use|bruker|bruger|verwenden) (?:cookies|kakor|"
    r"informasjonskapsler)|"
    r"\bpartner(?:s|e|ere)? (?:lagrar|lagrer|gemmer|store|speichern)|får åtkomst till information på (?:en|"
    r"din) enhet|"
    r"privacy (?:gate|settings)|bevor sie fortfahren|evästeitä|personvern|privatliv",
    re.IGNORECASE,
)
_CONSENT_ACTION = re.compile(
    r"\b(?:godkänn|acceptera|tillåt|jag samtycker|samtyck|accept|agree|allow all|i consent|godta|godkend|tillad|"
    r"aksepter|"
    r"hyväksy|zustimmen|akzeptieren|jag förstår|fortsätt till|gå vidare till)",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"\b404\b|\b410\b|sidan (?:kunde inte (?:hittas|visas)|finns (?:inte|ej)|hittades inte|saknas|du (?:söker|"
    r"letar efter))|"
    r"hittar inte sidan|kan inte hitta sidan|hittade inte|(?:page|article|content|document|file) (?:was )?not found|"
    r"page (?:you (?:requested|are looking for)|does not exist|doesn.t exist|cannot be found)|can.t be found|"
    r"(?:artikeln|inlägget) (?:finns (?:inte|ej)|är (?:borttage[nt]|avpublicera[dt])|har (?:tagits bort|avpublicerats)|"
    r"saknas)|nothing found|inget hittades|"
    r"siden (?:ble|blev) ikke funnet|siden finnes ikke|siden findes ikke|sivua ei löydy|sivua ei löytynyt|"
    r"seite nicht gefunden",
    re.IGNORECASE,
)
_NOT_FOUND_SAID = re.compile(
    r"finns inte (?:längre|kvar)|har (?:flyttats|tagits bort|raderats|avpublicerats)|är avpublicera[dt]|"
    r"no longer (?:exists|available)|"
    r"has been (?:removed|deleted|moved)|kontrollera (?:adressen|att du)|check the (?:address|url)|"
    r"kunde inte hittas|could not be found|cannot be found|does not exist|hittades inte|gå till startsidan|"
    r"ikke (?:finnes|findes)|nothing here|try a search|prova att söka",
    re.IGNORECASE,
)
_PARKED = re.compile(
    r"(?:domain|domän(?:en|namnet)?)\b.{0,60}\b(?:is for sale|may be for sale|är till salu|kan vara till salu|"
    r"parked|parkerad)|"
    r"buy this domain|köp (?:den här )?domän(?:en)?|parkeringssida|parked free|related searches.{0,80}privacy policy|"
    r"this domain (?:has )?expired|domänen har (?:löpt ut|gått ut)|sedoparking|future home of something",
    re.IGNORECASE | re.DOTALL,
)
_BROKEN = re.compile(
    r"^\W*(?:briefly unavailable for scheduled maintenance|error establishing a database connection|"
    r"fel vid upprättande av (?:en )?databas(?:anslutning|förbindelse)|"
    r"(?:vi|sajten|webbplatsen|sidan|tjänsten) (?:genomgår|är under|har) (?:just nu )?(?:underhåll|service)|"
    r"underhåll(?:sarbete)?\b|"
    r"(?:site |website |scheduled )?(?:is )?(?:down for |under )?maintenance|service (?:temporarily )?unavailable|"
    r"(?:5\d\d )?(?:internal server error|bad gateway|gateway time-?out)|there has been a critical error|"
    r"det har uppstått ett (?:kritiskt|allvarligt) fel|(?:fatal|parse) error\b|tekniskt fel|"
    r"ett fel (?:har )?(?:uppstod|uppstått))",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"^\W*(?:logga in|login|log in|sign in|inloggning|du måste (?:logga in|vara inloggad)|you must (?:log|sign) in|"
    r"logg inn|log ind|kirjaudu|anmelden|medlemsinloggning)\b",
    re.IGNORECASE,
)
_SCRIPTS_NEEDED = re.compile(
    r"(?:enable|aktivera|slå på|requires?|kräver|needs?|behöver|uten|without) .{0,30}java ?script|"
    r"java ?script .{0,40}(?:enabled?|aktiverat|"
    r"avstängt|disabled|required|krävs|påslaget)",
    re.IGNORECASE,
)
_BUTTONS = "//body//button | //body//a | //body//*[@role='button'] | //body//input[@type='submit' or @type='button']"
_BOX = re.compile(r".*(?:consent|cookie|gdpr|didomi|onetrust|sp_message|usercentrics|cybot|samtycke|kakor).*")
_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "title"})
_ROOTS = frozenset({"root", "app", "__next", "__nuxt", "___gatsby", "svelte", "application", "main-app"})


@dataclass(frozen=True, slots=True)
class Wall:
    """Something that stands in place of the page, with the words that tell it."""

    quality: Quality
    detail: str


@dataclass(frozen=True, slots=True)
class _Front:
    """The little that a page without a text shows: its title, headings, words and running text."""

    root: HtmlElement
    title: str
    heads: tuple[str, ...]
    text: str
    words: int
    running: int


def wall_of(root: HtmlElement) -> Wall | None:
    """Return the challenge, consent page, login, error page or empty shell that a capture shows instead of the page."""
    words = _visible_words(root)
    if words > _WALL:
        return None
    front = _front(root, words)
    return _challenge(front) or _not_found(front) or _broken(front) or _consent(front) or _login(front) or _shell(front)


def _front(root: HtmlElement, words: int) -> _Front:
    texts = root.xpath(
        "//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript or ancestor::template)]"
    )
    assert isinstance(texts, list)
    counts = [word_count(str(p.text_content())) for p in select(root, "//body//p")]
    return _Front(
        root,
        squeeze(" ".join(values(root, "//title[not(ancestor::*[name()='svg'])][1]/text()"))),
        tuple(filter(None, (squeeze(str(h.text_content())) for h in select(root, "//h1 | //h2")[:4]))),
        squeeze(" ".join(str(text) for text in texts)),
        words,
        sum(count for count in counts if count >= _RUNNING),
    )


def _challenge(front: _Front) -> Wall | None:
    named = any(_CHALLENGE_TITLE.search(line) for line in (front.title, *front.heads[:2]))
    markup = " ".join(
        [
            *values(front.root, "//script/@src | //form/@action | //iframe/@src | //div/@class | //div/@id"),
            *(str(script.text or "")[:20_000] for script in select(front.root, "//script[not(@src)]")[:20]),
        ]
    )
    said = _CHALLENGE_SAID.search(front.text) is not None
    few = front.words <= _CHALLENGE_WORDS and front.running < _RUNNING_TEXT
    if (
        (few and named and (said or front.words <= _SCRIPT_WORDS or _CHALLENGE_MARKUP.search(markup)))
        or (front.words <= _SCRIPT_WORDS and _CHALLENGE_MARKUP.search(markup))
        or (front.words <= 2 * _SCRIPT_WORDS and said and not front.running and _CAPTCHA_MARKUP.search(markup))
    ):
        return Wall(Quality.CHALLENGE, f"the server asked for a proof of being human: {front.title[:80]!r}")
    return None


def _not_found(front: _Front) -> Wall | None:
    if front.running >= _RUNNING_TEXT:
        return None
    short = [line for line in (front.title, *front.heads[:2]) if word_count(line) <= _LONGEST_TITLE]
    if front.words <= _HARDLY_ANY:  # "Hoppsan!" as its heading, and what happened below
        paragraphs = [squeeze(str(one.text_content())) for one in select(front.root, "//body//p")]
        short += [line for line in paragraphs if word_count(line) <= _LONGEST_TITLE]
    named = [line for line in short if _NOT_FOUND.search(line)]
    signs = len(named) + (_NOT_FOUND_SAID.search(front.text) is not None) + _hidden_from_search(front.root)
    body = select(front.root, "//body")
    signs += 2 * any("error404" in class_words(element) for element in body)
    if named and (signs > 1 or not front.heads):
        return Wall(Quality.SOFT_404, f"an error page sent as a page: {named[-1][:80]!r}")
    if _PARKED.search(f"{front.title} {front.text}"):
        return Wall(Quality.SOFT_404, f"a parked domain: {front.title[:80]!r}")
    return None


def _hidden_from_search(root: HtmlElement) -> bool:
    told = values(root, "//meta[translate(@name, 'ROBTS', 'robts')='robots']/@content")
    return any("noindex" in value.lower() for value in told)


def _broken(front: _Front) -> Wall | None:
    line = next((line for line in (front.title, *front.heads[:1], front.text) if _BROKEN.search(line)), None)
    if line is None or front.running >= _RUNNING_TEXT or front.words > _CHALLENGE_WORDS:
        return None
    if line is not front.text and word_count(line) > _LONGEST_TITLE:
        return None
    return Wall(Quality.ERROR, f"the site said that it does not work: {line[:80]!r}")


def _consent(front: _Front) -> Wall | None:
    """Tell a page that is nothing but a demand for consent: a button to give it, and hardly a word beside its box."""
    if not _CONSENT.search(f"{front.title} {front.text}"):
        return None
    named = [line for line in (*front.heads[:2], front.title) if _CONSENT.search(line)]
    for button in select(front.root, _BUTTONS):
        label = squeeze(button.get("value") or str(button.text_content()))
        if word_count(label) > _LONGEST_ACTION or not _CONSENT_ACTION.search(label):
            continue
        box = _box(button)
        # Without a box of its own the demand must be what the page calls itself, and hold no text beside it.
        alone = bool(named) and front.running < _RUNNING_TEXT
        if box is not None:
            words = squeeze(str(box.text_content()))
            alone = _CONSENT.search(f"{front.title} {words}") is not None
            alone = alone and front.words - word_count(words) < _OTHER_WORDS
        if alone:
            what = (*named, *front.heads, front.title)[0]
            return Wall(Quality.CONSENT, f"a consent page stands in front: {what[:80]!r}")
    return None


def _box(button: HtmlElement) -> HtmlElement | None:
    """Return the dialog to which a button belongs: the one that is named so, else what says something around it."""
    around = [place for place in button.iterancestors() if place.tag not in {"body", "html"}]
    named = [p for p in around if p.get("role") == "dialog" or any(_BOX.fullmatch(word) for word in class_words(p))]
    if named:
        return named[-1]
    return next((p for p in around if word_count(str(p.text_content())) >= _BOX_WORDS), None)


def _login(front: _Front) -> Wall | None:
    """Tell a page that is nothing but a form to log in."""
    form = select(front.root, "//form[.//input[@type='password']]")
    lines = (front.title, *front.heads[:2])
    if form and front.running < _RUNNING and any(_LOGIN.search(line) for line in lines):
        return Wall(Quality.TEASER, f"nothing but a form to log in: {(front.heads or (front.title,))[0][:80]!r}")
    return None


def _shell(front: _Front) -> Wall | None:
    """Tell a page that scripts would have filled."""
    if front.words > _SHELL_WORDS or not select(front.root, "//script"):
        return None
    hints = squeeze(" ".join(str(e.text_content()) for e in select(front.root, "//noscript")))
    root = any(not set(class_words(e)).isdisjoint(_ROOTS) for e in select(front.root, "//body/*[not(self::script)]"))
    if _SCRIPTS_NEEDED.search(f"{hints} {front.text}") or root:
        return Wall(Quality.EMPTY, "an empty shell that scripts would fill")
    return None


def _visible_words(root: HtmlElement) -> int:
    """Return how many words a reader sees, counted until they are more than a wall has."""
    words = 0
    for element in root.iter(etree.Element):
        text, tail = element.text, element.tail
        if text and not text.isspace() and element.tag not in _UNSEEN:
            words += word_count(text)
        if tail and not tail.isspace() and element.getparent() is not None:
            words += word_count(tail)
        if words > _WALL:
            break
    return words
