"""What robots.txt asks of this crawler (RFC 9309), and which line of it asked."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

from umecrawl.model.capture import Capture, FailedFetch, FailureKind
from umecrawl.model.message import is_redirect
from umecrawl.model.urls import Url, origin_of

# The product token that a site addresses this crawler by (RFC 9309 §2.2.1).
PRODUCT_TOKEN = "umecrawl"  # noqa: S105 - a name, no secret
MAX_REDIRECTS = 5
LIFETIME = timedelta(hours=24)

_MAX_BYTES = 500 * 1024
_TOO_MANY_REQUESTS = 429
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z -]*?)\s*:\s*(.*?)\s*(?:#.*)?$")
_MAX_CRAWL_DELAY = 86_400.0


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one origin: parsed, or a blanket permission or refusal with its reason.

    `refusal` says why everything is refused; it is empty where the parsed rules (or their absence) decide.
    """

    text: str = ""
    parsed: Protego | None = None
    refusal: str = ""

    def refused(self, url: str) -> str:
        """Return why the URL must not be fetched, naming the line where that can be told; empty when it may be."""
        if self.refusal:
            return self.refusal
        if self.parsed is None or self.parsed.can_fetch(url, PRODUCT_TOKEN):
            return ""
        line = _deciding_line(self.text, url)
        return f"robots.txt says {line!r}" if line else "robots.txt forbids it"

    @property
    def crawl_delay(self) -> timedelta | None:
        """The Crawl-delay for this crawler, where one is asked for."""
        seconds = self.parsed.crawl_delay(PRODUCT_TOKEN) if self.parsed is not None else None
        if seconds is None or not 0 <= seconds < float("inf"):
            return None
        return timedelta(seconds=min(float(seconds), _MAX_CRAWL_DELAY))


ALLOW_ALL = RobotsRules()


def is_unreachable(status: int) -> bool:
    """Return whether a status means that the rules exist but cannot be had now (RFC 9309 §2.3.1.4); 429 too."""
    return status >= 500 or status == _TOO_MANY_REQUESTS  # noqa: PLR2004 - HTTP


def rules_of(status: int, body: bytes) -> RobotsRules:
    """Return the rules that an answer to a request for robots.txt gives.

    2xx is parsed, up to 500 KiB; 4xx and redirects that lead nowhere allow everything; an unreachable file
    refuses everything (RFC 9309 §2.3.1). `body` is the decoded entity.
    """
    if is_unreachable(status) or status <= 0:
        return refuse_all(f"robots.txt cannot be had (status {status})")
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP
        return ALLOW_ALL
    text = body[:_MAX_BYTES].decode("utf-8", errors="replace").removeprefix("\ufeff")
    return RobotsRules(text=text, parsed=Protego.parse(text))


def answer_of(result: Capture | FailedFetch, body: bytes) -> RobotsRules | Url:
    """Return what a fetch of robots.txt gives: rules, or the URL it redirects to. `body` is the decoded entity."""
    if isinstance(result, FailedFetch):
        if result.kind is FailureKind.NOT_ARCHIVED:  # of a replay: no file holds it, as if there were none
            return ALLOW_ALL
        return refuse_all(f"robots.txt cannot be had ({result.kind}: {result.detail})")
    if result.location is not None and is_redirect(result.status):
        return result.location
    return rules_of(result.status, body)


def refuse_all(reason: str) -> RobotsRules:
    """Return rules that refuse everything: robots.txt could not be read."""
    return RobotsRules(refusal=reason)


def robots_url(url: Url) -> Url:
    """Return where the rules of the URL's origin stand (RFC 9309 §2.3)."""
    return Url(f"{origin_of(url)}/robots.txt")


class RobotsMemory:
    """What each robots.txt answered: rules, or where it redirects to; an answer holds for a day (RFC 9309 §2.4)."""

    def __init__(self) -> None:
        self._answers: dict[Url, tuple[RobotsRules | Url, datetime]] = {}

    def remember(self, url: Url, answer: RobotsRules | Url, now: datetime) -> None:
        """Keep what the robots.txt at `url` answered."""
        self._answers[url] = (answer, now + LIFETIME)

    def rules_for(self, url: Url, now: datetime) -> RobotsRules | Url:
        """Return the rules for a page, or the URL of the robots.txt that has to be fetched first.

        Redirects are followed five times, then the rules count as missing (RFC 9309 §2.3.1.2).
        """
        place = robots_url(url)
        for _ in range(MAX_REDIRECTS + 1):
            known = self._answers.get(place)
            if known is None or known[1] <= now:
                return place
            answer = known[0]
            if isinstance(answer, RobotsRules):
                return answer
            place = answer
        return ALLOW_ALL


def _deciding_line(text: str, url: str) -> str:
    longest = ""
    for path in _disallowed(text):
        alone = Protego.parse(f"User-agent: *\nDisallow: {path}\n")
        if len(path) > len(longest) and not alone.can_fetch(url, PRODUCT_TOKEN):
            longest = path
    return f"Disallow: {longest}" if longest else ""


def _disallowed(text: str) -> list[str]:
    """Return the Disallow paths of the groups that address this crawler, or of those for everyone."""
    groups: dict[bool, list[str]] = {True: [], False: []}
    addressed = False
    agents: list[str] = []
    in_rules = False
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        field, value = match[1].lower(), match[2]
        if field == "user-agent":
            if in_rules:
                agents, in_rules = [], False
            agents.append(value.lower())
            addressed = addressed or value.lower() == PRODUCT_TOKEN
        elif field in {"disallow", "allow", "crawl-delay"}:
            in_rules = True
            if field == "disallow" and value:
                for by_name, agent in ((True, PRODUCT_TOKEN), (False, "*")):
                    if agent in agents:
                        groups[by_name].append(value)
    return groups[addressed]
