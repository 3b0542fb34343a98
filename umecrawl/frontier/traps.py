"""Shapes of URLs that never end or that only show again what stands elsewhere.

Each rule asks one question of the canonical URL of a page hop and answers with a reason to leave it, or not at
all. None names a site. What they leave can be taken back with `include`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from umecrawl.frontier.address import Address
from umecrawl.frontier.listings import counters_above_first

_MAX_URL = 2_000
_MAX_SEGMENTS = 16
_MAX_REPEATS = 3
_MAX_PARAMETERS = 6


@dataclass(frozen=True, slots=True)
class Trap:
    """A named question: `reason(address, via)` says why to leave the URL, or is empty.

    `via` is the address of the page that links to it, where that is known. A trap `in_query` lies in the query
    alone and need not be asked about a URL without one.
    """

    name: str
    reason: Callable[[Address, Address | None], str]
    in_query: bool = False


_REPLIES = frozenset({"replytocom", "replyto", "like_comment", "unapproved", "moderation-hash"})
_SHARES = frozenset({"share", "openidserver", "like", "nb", "shared", "sharer"})
_SHARE_PATH = re.compile(
    r"/(?:share(?:r)?\.php|sharer(?:/sharer\.php)?|share|intent/(?:tweet|post)|sharearticle|share-offsite|dialog/(?:share|feed)|"
    r"pin/create/button|submit)/?$",
    re.IGNORECASE,
)
_SHARED = frozenset({"u", "url", "text", "status", "title", "href", "media", "mini"})
_DATES = frozenset(
    {"year", "month", "day", "week", "yr", "mo", "dy", "monthnum", "ar", "%c3%a5r", "manad", "m%c3%a5nad", "dag",
     "vecka", "date", "datum", "eventdate", "event-date", "tribe-bar-date", "cal_month", "cal_year", "calendar"}
)  # fmt: skip
_ISO_DATE = re.compile(r"(?:19|20)\d\d-?[01]\d(?:-?[0-3]\d)?")
_CALENDAR = re.compile(r"(?:my-)?(?:kalender|kalendarium|calendar|events?|evenemang|almanacka)", re.IGNORECASE)
_DATE_SEGMENT = re.compile(r"(?:19|20)\d\d(?:-[01]?\d(?:-[0-3]?\d)?)?|(?:today|idag|month|week|manad|vecka)")
_SESSIONS = re.compile(
    r"phpsessid|jsessionid|session_?id|aspsessionid\w*|cfid|cftoken|zenid|oscsid|s?sid", re.IGNORECASE
)
_SESSION_VALUE = re.compile(r"[0-9A-Za-z,-]{16,}")
_SESSION_PATH = re.compile(r";jsessionid=|/\([A-Z]\([0-9a-z]{20,}\)\)", re.IGNORECASE)
_SORTS = re.compile(
    r"(?:sort|order)(?:[-_]?(?:by|dir|order|direction))?|filters?(?:\[.*|%5b.*|[-_].*)?|per[-_]?page|pagesize|page[-_]size",
    re.IGNORECASE,
)
_FEED_FORMATS = frozenset({"rss", "rss2", "atom", "rdf"})
_MACHINE_SEGMENTS = frozenset(
    {"wp-json", "xmlrpc.php", "wp-cron.php", "wp-trackback.php", "wlwmanifest.xml", "wp-comments-post.php", "oembed",
     "cdn-cgi", "admin-ajax.php", "opensearch.xml", "osd.xml"}
)  # fmt: skip
_ACCOUNT_SEGMENTS = frozenset({"wp-login.php", "wp-admin", "wp-signup.php", "wp-activate.php"})
_ACCOUNT_ENDS = frozenset(
    {"login", "logga-in", "loggain", "logout", "logga-ut", "signin", "signup", "sign-in", "sign-up", "register",
     "registrera", "lost-password", "cart", "varukorg", "checkout", "kassa", "my-account", "login.php"}
)  # fmt: skip
_ACCOUNT_PARAMETERS = frozenset({"redirect_to", "add-to-cart", "add_to_wishlist", "loggedout"})
_RENDERINGS = frozenset({"print", "printable", "printview", "print_view", "utskrift", "amp", "preview", "preview_id"})
_RENDERING_VALUES = re.compile(
    r"(?:format|output|outputtype|view|display|tmpl|style)=(?:print|printable|amp|pdf-print)", re.IGNORECASE
)
_RENDERING_ENDS = frozenset({"print", "utskrift", "skriv-ut", "amp", "embed", "print.html"})
_OPENED = re.compile(r"open\.\d+(?:\.[0-9a-f]+)?", re.IGNORECASE)
_EDITING = re.compile(
    r"_wpnonce|preview_nonce|customize_\w+|doing_wp_cron|elementor-preview|fl_builder|et_fb", re.IGNORECASE
)
_SEARCHES = frozenset({"s", "q", "query", "search", "sok", "keyword", "keywords", "searchword"})
_SEARCH_SEGMENTS = frozenset({"search", "sok", "s%c3%b6k", "sokresultat"})
_SHORT = re.compile(r"(?:p|page_id|attachment_id|cat|author|m)=\d+|feed=\w[\w-]*")


def _page_counters(address: Address, _via: Address | None) -> str:
    counters = counters_above_first(address)
    if len(counters) < 2:  # noqa: PLR2004 - "several" begins at two
        return ""
    return f"turns the pages of several lists at once ({', '.join(counters)}); each list is paged alone"


def _replies(address: Address, _via: Address | None) -> str:
    names = address.names & _REPLIES
    return f"shows the page again to answer a comment ({', '.join(sorted(names))})" if names else ""


def _shares(address: Address, _via: Address | None) -> str:
    names = address.names
    if names & _SHARES or (_SHARE_PATH.search(address.path) and names & _SHARED):
        return "shares or likes a page instead of showing one"
    return ""


def _calendar(address: Address, _via: Address | None) -> str:
    if "ical" in address.names or "outlook-ical" in address.names:
        return "exports a calendar"
    dates = [(name.lower(), value or "") for name, value in address.parameters if name.lower() in _DATES]
    in_calendar = [index for index, segment in enumerate(address.segments) if _CALENDAR.fullmatch(segment)]
    if len(dates) > 1 or any(_ISO_DATE.fullmatch(value) for _, value in dates) or (in_calendar and dates):
        return f"a calendar has a page for every date ({', '.join(name for name, _ in dates)})"
    if in_calendar and any(map(_DATE_SEGMENT.fullmatch, address.segments[in_calendar[0] + 1 :])):
        return "a calendar has a page for every date"
    return ""


def _session(address: Address, _via: Address | None) -> str:
    if _SESSION_PATH.search(address.path):
        return "carries a session id in its path"
    for name, value in address.parameters:
        if value and _SESSIONS.fullmatch(name) and _SESSION_VALUE.fullmatch(value):
            return f"carries a session id ({name})"
    return ""


def _facets(address: Address, _via: Address | None) -> str:
    names = [name for name, _ in address.parameters]
    for name in names:
        if _SORTS.fullmatch(name):
            return f"sorts or filters a list that is reached without ({name})"
    if len(names) > _MAX_PARAMETERS:
        return f"combines {len(names)} parameters, more than {_MAX_PARAMETERS}"
    if any(names.count(name) >= _MAX_REPEATS for name in names):
        return "repeats a parameter three times"
    return ""


def _repeated_segments(address: Address, _via: Address | None) -> str:
    segments = address.segments
    for segment in segments:
        if not segment.isdigit() and segments.count(segment) >= _MAX_REPEATS:
            return f"has the path segment {segment!r} {segments.count(segment)} times"
    for length in range(2, len(segments) // 2 + 1):
        for start in range(len(segments) - 2 * length + 1):
            run = segments[start : start + length]
            if run == segments[start + length : start + 2 * length]:
                return f"has the path segments {'/'.join(run)!r} twice in a row"
    return ""


def _too_long(address: Address, _via: Address | None) -> str:
    if len(address.url) > _MAX_URL:
        return f"is {len(address.url)} characters long, more than {_MAX_URL}"
    if len(address.segments) > _MAX_SEGMENTS:
        return f"has {len(address.segments)} path segments, more than {_MAX_SEGMENTS}"
    return ""


def _machine_interfaces(address: Address, _via: Address | None) -> str:
    for segment in address.segments:
        if segment.lower() in _MACHINE_SEGMENTS:
            return f"is an interface for programs ({segment})"
    if address.segments and address.segments[-1].lower() == "trackback":
        return "is an interface for programs (trackback)"
    return "is an interface for programs (rest_route)" if "rest_route" in address.names else ""


def _accounts(address: Address, _via: Address | None) -> str:
    segments = [segment.lower() for segment in address.segments]
    if _ACCOUNT_SEGMENTS.intersection(segments) or (segments and segments[-1] in _ACCOUNT_ENDS):
        return "leads to an account, a basket or the back office"
    return "acts on an account or a basket" if address.names & _ACCOUNT_PARAMETERS else ""


def _renderings(address: Address, _via: Address | None) -> str:
    if address.segments and address.segments[-1].lower() in _RENDERING_ENDS and len(address.segments) > 1:
        return f"is another rendering of a page ({address.segments[-1]})"
    for name, value in address.parameters:
        if name.lower() in _RENDERINGS or _RENDERING_VALUES.fullmatch(f"{name}={value}") or _OPENED.fullmatch(name):
            return f"is another rendering of a page ({name})"
        if _EDITING.fullmatch(name):
            return f"belongs to editing a page ({name})"
    return ""


def _searches(address: Address, _via: Address | None) -> str:
    for name, value in address.parameters:
        if value is not None and name.lower() in _SEARCHES:
            return f"is a page of search results ({name})"
    segments = [segment.lower() for segment in address.segments]
    if segments and (segments[0] in _SEARCH_SEGMENTS or _SEARCH_SEGMENTS.intersection(segments[:-1])):
        return "is a page of search results"
    return ""


def _short_addresses(address: Address, via: Address | None) -> str:
    # A site without readable addresses has all its pages on one path; there ?p=12 is the page's only address.
    if via is not None and via.path == address.path and via.site == address.site:
        return ""
    for name, value in address.parameters:
        if _SHORT.fullmatch(f"{name}={value}"):
            return f"is the short form of an address that leads there by itself ({name})"
    return ""


TRAPS: tuple[Trap, ...] = (
    Trap("page-counters", _page_counters, in_query=True),
    Trap("replies", _replies, in_query=True),
    Trap("sharing", _shares, in_query=True),
    Trap("calendar", _calendar),
    Trap("session-id", _session),
    Trap("facets", _facets, in_query=True),
    Trap("repeated-segments", _repeated_segments),
    Trap("too-long", _too_long),
    Trap("machine-interface", _machine_interfaces),
    Trap("account", _accounts),
    Trap("rendering", _renderings),
    Trap("search-results", _searches),
    Trap("short-address", _short_addresses, in_query=True),
)


def part_feeds(roots: frozenset[tuple[str, str]]) -> Trap:
    """Return the trap for feeds of posts, comments, tags and so on; the main feed of a host or seed passes.

    `roots` holds the site and directory of each seed, as `("blogg.example", "/name/")`.
    """

    def reason(address: Address, _via: Address | None) -> str:
        segments = [segment.lower() for segment in address.segments]
        if "feeds" in segments and "comments" in segments:
            return "is a feed of comments"
        if "feed" not in segments:
            return ""
        place = segments.index("feed")
        rest = segments[place + 1 :]
        if rest and not (len(rest) == 1 and rest[0] in _FEED_FORMATS):
            return ""
        directory = "/" + "".join(f"{segment}/" for segment in address.segments[:place])
        if directory == "/" or (address.site, directory) in roots:
            return ""
        return "is the feed of a part of the site, whose posts the main feed and the pages name as well"

    return Trap("part-feed", reason)
