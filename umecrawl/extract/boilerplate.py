"""What stands around an article on a page: chrome elements, and lines that belong to the site and not to the text."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from umecrawl.extract.counters import is_counter
from umecrawl.extract.paragraphs import Paragraph
from umecrawl.extract.tree import class_names, class_words

_CHROME_TAGS = frozenset({"nav", "aside", "footer", "form", "dialog"})
# Whole class names, or their first part before "-" or "_"; WordPress taxonomy classes (tag-x, category-y) never match.
_CHROME = re.compile(
    r"(?:dela|delning|sharedaddy|sd|socials?|heateor|addtoany|addthis|a2a|essb|swp|ssba|sfsi|"
    r"(?:[a-z]+[-_]{1,2})*shar(?:e|es|ing)(?:[-_]?(?:bar|box|buttons?|links?|counts?|widget|icons?|area|tools))?|"
    r"(?:[a-z]+[-_]{1,2})*social[-_](?:share|sharing|links?|icons?|media|buttons?|bar)|"
    r"most-?(?:read|popular)|mest-?last|popular(?:-posts)?|trending|"
    r"(?!(?:above|below|before|with|has|no|open|tag|post_tag|category|topic)[-_])(?:[a-z]+[-_]{1,2})*"
    r"(?:cta|call-?(?:to|2)-?action|recirc(?:ulation)?|after-content|(?:right|left)-?rail|inline-teaser|"
    r"social-placeholder)|"
    r"(?!(?:has|no|open|with|tag|post_tag|category|topic)[-_])(?:[a-z]+[-_]{1,2})+comments?|"
    r"sidebars?(?![-_]+(?:content|center|main))|(?:access|registration)-wall|disclaimer|"
    r"jp-relatedposts|relatedposts|related|relaterat|relaterade|yarpp|crp|simplesocialbuttons|"
    r"newsletter|nyhetsbrev|subscribe|prenumerera|mc4wp|mailchimp|"
    r"post-navigation|post-nav|navigation|nav-links|nav-previous|nav-next|pagination|pager|breadcrumbs?|"
    r"entry-utility|entry-footer|entry-meta|post-meta|postmetadata|taglist|tagcloud|post-tags|tags-links|cat-links|"
    r"comments?|kommentarer|commentlist|comment-respond|respond|disqus|"
    r"wp-block-post-terms|wp-block-post-navigation-link|wp-block-post-date|wp-block-post-author|"
    r"wp-block-post-comments|"
    r"wp-block-latest-posts|wp-block-query|wp-block-post-template|wp-block-comments|wp-block-buttons|wp-block-file|"
    r"wp-block-archives|wp-block-categories|wp-block-tag-cloud|wp-block-rss|wp-block-search|wp-block-social-links|"
    r"(?:[a-z]+[-_]{1,2})*[a-z]*related[-_]?(?:posts?|articles?|content|stories|links?|reading)|"
    r"(?:[a-z]+[-_]{1,2})?(?:table-of-contents|toc)|(?:[a-z]+[-_]{1,2})*pop-?up|wp-embedded-content|wp-embed|"
    r"(?:[a-z]+[-_]{1,2})*ads?[-_](?:wrapper|content|container|slot|unit|box|banner|space|block|zone|label)|"
    r"(?:[a-z]+[-_]{1,2})*(?:author[-_]{1,2}(?:bio|info|section|details?|box|card|profile|description)|about-tab)|"
    r"saboxplugin|tptn_counter|_?brlbs|borlabscookie|abh_box|abh_about_tab|"
    r"screen-reader-text|visuallyhidden|visually-hidden|sr-only|printfriendly|wp-polls|about-author|"
    r"ad|ads|annons|advert|advertisement|adsbygoogle|cookie|cookies|consent|gdpr|skip-link|edit-link|more-link)"
    r"(?:--?[\w-]*|__?[\w-]*)?",
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TEXT_NAMES = frozenset(
    {"entry", "entry-content", "post-content", "article-content", "article-body", "articlebody", "e-content"}
)
_POST_CLASSES = frozenset({"hentry", "type-post", "wp-block-post"})

_TAGS = re.compile(r"(?:etiketter?|taggar|tags?|ämnesord)\s*:\s.{0,120}(?<![.!?])", re.IGNORECASE)
_LINES = re.compile(
    r"(?:"
    # sharing and printing
    r"(?:facebook|twitter|x|e-?mail|linkedin|whatsapp|mejl|e-post|dela|tweeta|skriv ut|print|share|pinterest|"
    r"kopiera länk|"
    r"messenger|threads|bluesky|reddit|mastodon|[\s|·,/•])+"
    r"|(?:dela|share)(?: (?:artikeln|artikel|detta|det här|inlägget|på facebook|på twitter|på x|via mejl|"
    r"this(?: article| post)?|on \w+|med|denna))*:?"
    r"|(?:läs|les|læs) (?:också|även|mer|vidare|hela artikeln|også|mere|mer om ämnet)\W*"
    r"|(?:lue myös|lesen sie auch|schon gelesen|mehr zum thema|read more|read also|see also|also read|"
    r"more on this)\W*"
    r"|(?:continue reading|fortsätt läsa|keep reading)\W*"
    r"|\W*(?:(?:go )?back to (?:the )?top|(?:upp )?till toppen(?: av sidan)?|til toppen|nach oben|takaisin ylös)\W*"
    r"|(?:relaterat|relaterade (?:artiklar|inlägg)|mer i ämnet|mest läst|senaste nytt|related (?:articles|"
    r"posts)|mer från .{1,40})[:.]?"
    # labels of the page
    r"|über (?:den autor|die autorin)|about the author|om (?:författaren|skribenten)"
    r"|annons(?:ering)?|advertisement|anzeige|werbung|annonse|annonce|reklame?|sponsrat innehåll|"
    r"artikeln fortsätter efter annonsen|story continues below.*"
    r"|(?:etiketter?|taggar|tags?|tagged|ämnen|ämnesord|kategori(?:er)?|categories|category|filed under|"
    r"arkiverad under|"
    r"publicerat i|postat i|posted in|märkt|följ ämnen(?: i artikeln)?)\s*:?(?:\s.{0,120})?(?<![.!?])"
    r"|detta inlägg (?:publicerades|postades|skrevs|är publicerat)\b.{0,400}"
    r"|this entry was posted\b.{0,400}|bokmärk permalänken.{0,80}"
    r"|kommentera(?: artikeln| inlägget)?|kommentarer(?: inaktiverade.*)?|comments(?: are closed.*| off.*)?|"
    r"lämna (?:ett svar|en kommentar).*|svara|reply|"
    r"(?:no|inga|ingen) (?:comments?|kommentar(?:er)?)(?: yet| ännu| än)?[.\s»]*"
    r"|(?:relaterat|similar|liknande|gilla detta:?|gilla|like this:?|gilla laddar in….*|like loading\.*)"
    r"|prenumerera på våra nyheter!?|\(?öppnas i (?:ny flik|nytt fönster)\)?|rss|permalänk|permalink|"
    r"javascript är avstängt\.?"
    r"|du behöver java ?s[ck]ript för att kunna spela (?:upp )?videon?\.?|det här är en opinionstext i .{1,60}"
    r"|(?:foto|bild|photo|image|photograph|fotograf|källa bild)\s*:.{1,60}|©.{0,80}|copyright.{0,80}"
    # what Jetpack sets under a post
    r"|(?:discover more from|upptäck mer från|oppdag mer fra|opdag mere fra|entdecke mehr von) .{1,80}"
    r"|(?:subscribe to get the latest posts sent to your email|"
    r"prenumerera för att få de senaste inläggen (?:skickade )?till din e-post)\.?"
    r"|[*\-_=~•·.]{2,}"
    r")",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"(?:läs|les|læs) (?:också|även|mer|vidare|også|mere|mer om ämnet)\s?[:»→\u203a>].{0,150}"
    r"|(?:lue myös|lesen sie auch|schon gelesen|mehr zum thema|read more|read also|see also|also read|"
    r"more on this)\s?[:»→?>].{0,150}",
    re.IGNORECASE,
)
_BARE_DATE = re.compile(
    r"(?:(?:mån|tis|ons|tors|fre|lör|sön)dag\w*,?\s+)?(?:den\s+)?(?:\d{1,2}\s+[a-zåäö]{3,9}\.?,?\s+(?:19|"
    r"20)\d\d|(?:19|20)\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d|"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d{1,2},\s+(?:19|20)\d\d)"
    r"(?:,?\s*(?:kl\.?|klockan)?\s*\d{1,2}[.:]\d\d)?(?:,?\s+(?:av|by)\s.{1,60})?",
    re.IGNORECASE,
)
_SITE_LINE = re.compile(
    r"tipsa oss\b.{0,80}|"
    r"hjälpte informationen (?:på denna sida )?dig\?|ansvarig utgivare:? .{0,80}",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"(?:(?:text|av|by|skriv(?:en|et) av|posted by|publicerad av)\b.{0,60})?[\s|·,\u2013-]*"
    r"(?:publicera[dt]e?s?|uppdatera[dt]e?s?|senast (?:ändrad|uppdaterad)|sidan (?:publicerades|uppdaterades)|skapad|"
    r"published|updated|last updated|posted(?: on)?)\b.{0,90}\b(?:19|20)\d\d\b.{0,60}",
    re.IGNORECASE,
)
_LONGEST_LABEL = 420
_CARD = 40  # characters
_BUTTON = re.compile(r"(?<![a-z])(?:button|btn)(?![a-z])")
_LONGEST_BUTTONS = 60  # characters
_OFTEN = 3  # times that a button's words stand in a text that sells
_PAID = frozenset({"sponsored", "nofollow"})
_LEVELS_IN_BUTTON = 2  # how far in a button its text may stand
_FEWEST_CONTENTS = 3  # links in a table of contents
_NEARLY_ALL = 0.9
_ARTICLE = re.compile(r"schema\.org/\w*(?:Article|BlogPosting)$")
_LONGEST_DATE_LINE = 180


def is_chrome(element: HtmlElement) -> bool:
    """Return whether an element inside an article's container is not the article's text: chrome, or another post."""
    return is_furniture(element) or is_embedded_post(element)


def is_furniture(element: HtmlElement) -> bool:
    """Return whether an element is what a site sets around its texts: menus, forms, sharing, lists of other posts."""
    if not isinstance(element.tag, str):
        return True
    if element.tag in _CHROME_TAGS:
        # A quotation names its source in a footer; an aside is how some editors write a pull quote.
        return not (
            element.tag == "footer" and element.getparent() is not None and element.getparent().tag == "blockquote"
        )
    if element.get("aria-hidden") == "true":
        return True
    # The id of a heading is made of its words.
    words = class_names(element) if element.tag in _HEADINGS else class_words(element)
    return bool(words) and _are_chrome_names(words)


def is_contents(listing: HtmlElement) -> bool:
    """Return whether a list is a table of contents: nothing but links to places of the same page."""
    around = listing.getparent()
    if around is not None and around.tag == "li":
        return False  # a part of a list that was asked already
    links = 0
    linked = 0
    for link in listing.iter("a"):
        href = link.get("href", "")
        if len(href) < 2 or href[0] != "#":  # noqa: PLR2004 - the sign and a name
            return False
        links += 1
        linked += _letters(link)
    return links >= _FEWEST_CONTENTS and linked >= _NEARLY_ALL * _letters(listing)


def _letters(element: HtmlElement) -> int:
    return len("".join(str(element.text_content()).split()))


@lru_cache(maxsize=8192)
def _are_chrome_names(words: tuple[str, ...]) -> bool:
    # What is called the text is not furniture, whatever else a theme calls it.
    return any(map(_is_chrome_name, words)) and _TEXT_NAMES.isdisjoint(words)


# A site uses the same few hundred names on all its pages, and a page the same name on many elements.
@lru_cache(maxsize=8192)
def _is_chrome_name(name: str) -> bool:
    return _CHROME.fullmatch(name) is not None


def is_card(element: HtmlElement) -> bool:
    """Return whether an element is a link around whole paragraphs: it tells of another page."""
    if element.tag != "a" or not element.get("href"):
        return False
    return any(len(str(p.text_content())) >= _CARD for p in element.iterdescendants("p", "div"))


def is_embedded_post(element: HtmlElement) -> bool:
    """Return whether an element shows another post, as WordPress marks them (`post_class`, query loop) or microdata.

    What microdata call an article with an address of its own (`itemprop=url` on a link) is one that is linked to.
    """
    if not isinstance(element.tag, str):
        return False
    if not _POST_CLASSES.isdisjoint(class_words(element)):
        return True
    kind = element.get("itemtype")
    return kind is not None and _ARTICLE.search(kind) is not None and element.find(".//a[@itemprop='url']") is not None


def without_buttons(text: Sequence[Paragraph]) -> list[Paragraph]:
    """Return a text without its buttons that advertise: paid links (`rel`), or the same words again and again.

    A button is a line of nothing but links that are drawn as such. One that stands alone may lead to what the text is
    about, as to a motion, a document or an article elsewhere, and stays with its link.
    """
    buttons = [paragraph for paragraph in text if _is_button_line(paragraph)]
    if not buttons:
        return list(text)
    often = Counter(paragraph.text for paragraph in buttons)
    selling = {paragraph.text for paragraph in buttons if often[paragraph.text] >= _OFTEN or _is_paid_for(paragraph)}
    return [paragraph for paragraph in text if paragraph.text not in selling or not _is_button_line(paragraph)]


def _is_button_line(paragraph: Paragraph) -> bool:
    length = sum(a.end - a.start for a in paragraph.anchors)
    if not length or len(paragraph.text) > _LONGEST_BUTTONS or length < len("".join(paragraph.text.split())):
        return False
    return any(_are_button_names(class_names(link)) for link in _links(paragraph))


def _is_paid_for(paragraph: Paragraph) -> bool:
    return all(not _PAID.isdisjoint(link.get("rel", "").lower().split()) for link in _links(paragraph))


def _links(paragraph: Paragraph) -> Iterator[HtmlElement]:
    """Yield the links in the block of a line, and those around it."""
    block = paragraph.block
    if block is not None:
        yield from block.iter("a")
        yield from (e for e in islice(block.iterancestors(), _LEVELS_IN_BUTTON) if e.tag == "a")


@lru_cache(maxsize=4096)
def _are_button_names(words: tuple[str, ...]) -> bool:
    return any(map(_BUTTON.search, words))


def is_boilerplate(line: str) -> bool:
    """Return whether a line is a label of the page: sharing, related links, tags, counters, credits, dates."""
    if is_counter(line):
        return True
    if len(line) <= _LONGEST_LABEL and _LINES.fullmatch(line):
        return True
    return len(line) <= _LONGEST_DATE_LINE and _DATE_LINE.fullmatch(line) is not None


def is_tag_line(line: str) -> bool:
    """Return whether a line is nothing but tags under their label."""
    return len(line) <= _LONGEST_LABEL and _TAGS.fullmatch(line) is not None


def is_stray(line: str) -> bool:
    """Return whether a line that was found by scoring the page, not by its markup, is none of the article's.

    Links to other articles under a label, a date alone, lines of the newsroom: an author may write such a
    line, so it is kept where the content system says what the author wrote.
    """
    patterns = (_RELATED, _BARE_DATE, _SITE_LINE)
    return len(line) <= _LONGEST_LABEL and any(pattern.fullmatch(line) for pattern in patterns)
