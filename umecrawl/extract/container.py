"""The element in which WordPress puts a post's own text: exact where it is there, so it goes before any scoring."""

import re
from itertools import islice

from lxml.html import HtmlElement

from umecrawl.extract.boilerplate import is_card, is_chrome, is_contents, is_embedded_post
from umecrawl.extract.paragraphs import Paragraph, paragraphs
from umecrawl.extract.text import word_count
from umecrawl.extract.tree import class_names, class_words, select, squeeze, tagged

_CONTAINERS = ("wp-block-post-content", "entry-content", "e-content", "post-content", "post-entry")
# What all names have in common is asked first: most classes have neither.
_NAMED = (
    "//*[contains(@class, '-content') or contains(@class, '-entry')]["
    + " or ".join(f"contains(@class, '{name}')" for name in _CONTAINERS)
    + "]"
)
_ASSET = re.compile(r"/wp-(?:content|includes)/")
_LOOPS = frozenset({"wp-block-query", "wp-block-latest-posts", "tb-loop", "display-posts-listing"})
_LISTS = frozenset({"ul", "ol"})
_OUTSIDE = frozenset({"aside", "footer", "nav", "li"})
_FEWEST_WORDS = 1
_SHORT = 1_000  # characters of a place, white space included
_FEWEST_BESIDE = 2  # words beside chrome, for which it is not the post itself
# Chrome that makes up more of a container than this is none: some themes name the whole text `social-…`.
_LARGEST_CHROME = 0.4
# A post that is nearly all of its container is the post itself, marked twice.
_WHOLE_POST = 0.9
_POSTS = "//body//*[contains(@class, 'hentry') or contains(@class, 'type-p')]"
_POST_CLASSES = frozenset({"hentry", "type-post", "type-page"})
_RUNNING = 30  # characters of a paragraph that is no label
_FEWEST_RUNNING = 250  # characters of running text in a post that has a place for it
_NEARLY_ALL = 0.9
_FEWEST_BLOCKS = 2


def is_wordpress(root: HtmlElement) -> bool:
    """Return whether a page was made by WordPress: its generator or the paths of its assets say so."""
    generators = (squeeze(m.get("content") or "") for m in root.iter("meta") if m.get("name") == "generator")
    if any(generator.lower().startswith("wordpress") for generator in generators):
        return True
    assets = (element.get("href" if element.tag == "link" else "src") for element in root.iter("link", "script"))
    return any(_ASSET.search(asset) for asset in assets if asset)


def wordpress_container(root: HtmlElement) -> HtmlElement | None:
    """Return the element that holds the post's own text on a WordPress page, if exactly one does."""
    if not is_wordpress(root):
        return None
    named: dict[str, list[HtmlElement]] = {}
    for element in select(root, _NAMED):
        for name in set(_CONTAINERS).intersection(class_words(element)):
            if not _inside(element, _OUTSIDE):
                named.setdefault(name, []).append(element)
    for name in _CONTAINERS:
        found = named.get(name, [])
        every = set(found)
        outer = [e for e in found if every.isdisjoint(e.iterancestors())]
        if len(outer) == 1 and word_count(str(outer[0].text_content())) >= _FEWEST_WORDS:
            return outer[0]
        if outer:
            return None
    return None


def densest_container(root: HtmlElement) -> HtmlElement | None:
    """Return the innermost element that holds nearly all running text of the only post that a WordPress page marks.

    Themes call the place of the text what they like (`td-post-content`, `entry`, `elementor-widget-container`). On a
    page that marks no post, the only `article`, else the only `main`, is one if its text is of the block editor.
    """
    if not is_wordpress(root):
        return None
    posts = [e for e in select(root, _POSTS) if not _POST_CLASSES.isdisjoint(class_words(e))]
    every = set(posts)
    outer = [e for e in posts if every.isdisjoint(e.iterancestors())]
    marked = bool(outer)
    if not outer:
        outer = next((found for tag in ("article", "main") if len(found := tagged(root, tag)) == 1), [])
    if len(outer) != 1:
        return None
    place = outer[0]
    running = _running_below(place)
    everything = running.get(place, 0)
    if everything < _FEWEST_RUNNING:
        return None
    while True:
        inner = next((e for e in place if running.get(e, 0) >= _NEARLY_ALL * everything), None)
        if inner is None or inner.tag == "p":
            if marked:
                return None if place is outer[0] else place
            return place if _is_of_blocks(place) else None
        place = inner


def _is_of_blocks(place: HtmlElement) -> bool:
    """Return whether blocks of WordPress's editor stand side by side in an element."""
    blocks = (e for e in place if any(name.startswith("wp-block-") for name in class_names(e)))
    return sum(1 for _ in islice(blocks, _FEWEST_BLOCKS)) == _FEWEST_BLOCKS


def _running_below(post: HtmlElement) -> dict[HtmlElement, int]:
    """Return how many characters of running text stand in each element of a post that holds any."""
    running: dict[HtmlElement, int] = {}
    for paragraph in post.iter("p", "li"):
        length = len(str(paragraph.text_content()))
        if length < _RUNNING or (paragraph.tag == "li" and paragraph.find(".//p") is not None):
            continue
        running[paragraph] = running.get(paragraph, 0) + length
        for element in paragraph.iterancestors():
            running[element] = running.get(element, 0) + length
            if element is post:
                break
    return running


def container_paragraphs(container: HtmlElement) -> list[Paragraph]:
    """Return the paragraphs of a container without chrome and without the posts that it lists."""
    everything = str(container.text_content())
    size = len(everything)
    largest, whole = _LARGEST_CHROME * size, _WHOLE_POST * size
    # Beside a post of a line or two, boxes of links may be most of what there is.
    words = word_count(everything) if size <= _SHORT else 0

    def skip(element: HtmlElement) -> bool:
        if not _LOOPS.isdisjoint(class_words(element)):
            return True
        if is_embedded_post(element):
            return len(str(element.text_content())) <= whole
        if element.tag in _LISTS and is_contents(element):
            return True
        if not (is_chrome(element) or is_card(element)):
            return False
        text = str(element.text_content())
        return len(text) <= largest or word_count(text) <= words - _FEWEST_BESIDE

    return paragraphs(container, skip)


def _inside(element: HtmlElement, tags: frozenset[str]) -> bool:
    return any(ancestor.tag in tags for ancestor in element.iterancestors())
