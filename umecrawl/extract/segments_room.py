"""Where on a page posts may stand and which links may lead to one: no menus, side columns, comments, archives."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from umecrawl.extract.listing import is_archive_address, is_home
from umecrawl.extract.tree import class_words, select
from umecrawl.model.urls import InvalidUrlError, Url, canonicalize, normalize, resource_key, site_of

_OUTSIDE_TAGS = frozenset({"nav", "aside", "footer", "dialog"})
_OUTSIDE_ROLES = frozenset({"navigation", "complementary", "contentinfo", "search", "dialog", "menu"})
# Whole names, so that a post in the category `comments` or a page with `one-sidebar` is none of these.
_OUTSIDE_NAME = re.compile(
    r"comments?(?:[-_](?:list|area|body|meta|author|content|respond|section|wrapper|block|template|item|thread))?|"
    r"comment-?list|commentlist|wp-block-comments?(?:-.*)?|pingback|trackback|respond|disqus_thread|"
    r"(?:[a-z]+[-_]+)*sidebar(?:[-_].*)?|secondary|tertiary|colophon|(?:site-)?footer(?:[-_].*)?|"
    r"widget(?:[-_](?:area|container|title|content))?|widgets?|widget_\w+|"
    r"related(?:[-_]?(?:posts?|articles?|content|stories|items))?|(?:[a-z]+[-_])+related|relaterat|relaterade|"
    r"jp-relatedposts|yarpp.*|"
    r"(?:posts?[-_])?(?:latest|recent|popular|trending)(?:[-_]?(?:posts?|comments?|articles?|entries|list))?|"
    r"wp-block-latest-(?:posts|comments)(?:__\w+)?|most-?read|mest-?last|mest-?lasta|blogroll|"
    r"archives?[-_](?:list|widget)|blogarchive|calendar|wp-calendar|breadcrumbs?|(?:main-|site-)?menu|megamenu|"
    r"navigation|pagination|nav-links|post-navigation|cookie[-\w]*|newsletter|nyhetsbrev"
)
# Names that themes also give to the frame of a page that has such a part.
_FRAME_NAME = re.compile(r"sidebar|secondary|tertiary|widget|latest|recent|menu|navigation")
_WHOLE = frozenset({"html", "body", "main"})
# What holds more of the page's text than the first is no side matter if the main part stands in it; than the second,
# never, whatever it is called.
_MOSTLY = 0.4
_NEARLY_ALL = 0.8
_MAIN = "(.//main | .//*[@role='main'] | .//*[@id='content' or @id='main' or @id='primary'])[1]"
_TERMS = ("category-", "tag-")  # WordPress names a post after its terms, `category-sidebar` among them
_LONGEST_NAME = 64  # characters of a class or id
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|docx?|xlsx?|pptx?|mp[34]|zip|ics|css|js)$", re.IGNORECASE)
_NO_POST = re.compile(
    r"/(?:wp-login\.php|wp-admin|wp-content|wp-json|feed|rss|atom|login|logga-in|prenumerera|subscribe|sok|search)(?:/|$)",
    re.IGNORECASE,
)
_REPLY = re.compile(r"(?:^|&)(?:replytocom|like_comment|share|nb|preview|utm_\w+|fbclid)=[^&]*")


@dataclass(slots=True)
class Room:
    """A page as the place of posts: its root, the address its links begin at, and the keys of its own addresses."""

    root: HtmlElement
    url: str
    base: str
    own: frozenset[str]
    _size: int = 0
    _outside: dict[HtmlElement, bool] = field(default_factory=dict)

    def is_outside(self, element: HtmlElement) -> bool:
        """Return whether an element stands in a menu, a side column, among comments, related or latest posts."""
        chain: list[HtmlElement] = []
        place: HtmlElement | None = element
        answer = False
        while place is not None and place.tag not in _WHOLE:
            known = self._outside.get(place)
            if known is not None:
                answer = known
                break
            chain.append(place)
            if self._is_side(place):
                answer = True
                break
            place = place.getparent()
        for one in chain:
            self._outside[one] = answer
        return answer

    def target(self, href: str, rel: str = "") -> Url | None:
        """Return the address of a post that a link leads to; nothing where it leads elsewhere.

        Elsewhere are other sites, this page itself, home pages, files, pages of the software, and archives by the
        form of their address, unless the link says that it is a permalink (`rel=bookmark`).
        """
        href = href.strip()
        if not href or href.startswith("#"):
            return None
        try:
            url = normalize(href, self.base)
        except InvalidUrlError:
            return None
        if site_of(url) != site_of(self.url):
            return None
        parts = urlsplit(url)
        path = unquote(parts.path)
        if (
            is_home(url)
            or _FILE.search(path)
            or _NO_POST.search(path)
            or (is_archive_address(url) and "bookmark" not in rel.split())
        ):
            return None
        query = _REPLY.sub("", parts.query).lstrip("&")
        found = canonicalize(parts._replace(query=query, fragment="").geturl())
        return None if resource_key(found) in self.own else found

    def _is_side(self, element: HtmlElement) -> bool:
        if not isinstance(element.tag, str) or element.tag in _OUTSIDE_TAGS:
            return True
        names = [
            word
            for word in class_words(element)
            if len(word) <= _LONGEST_NAME and not word.startswith(_TERMS) and _OUTSIDE_NAME.fullmatch(word)
        ]
        if not names and element.tag != "form" and element.get("role") not in _OUTSIDE_ROLES:
            return False
        if any(not _FRAME_NAME.search(name) for name in names):
            return True
        # A layout class on the frame of the page, or a form around it, as old systems have it.
        share = self._share(element)
        return share <= _MOSTLY or (share <= _NEARLY_ALL and not select(element, _MAIN))

    def _share(self, element: HtmlElement) -> float:
        if not self._size:
            bodies = select(self.root, "//body")  # broken markup has more than one
            self._size = max(1, sum(len(str(body.text_content())) for body in bodies))
        return len(str(element.text_content())) / self._size


def room_of(root: HtmlElement, url: str, base: str, canonical: str) -> Room:
    """Return the room of a page captured at `url`, whose links begin at `base`."""
    return Room(root, url, base, frozenset(resource_key(one) for one in (url, canonical)))
