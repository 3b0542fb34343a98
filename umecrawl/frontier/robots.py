"""What robots.txt asks of this crawler (RFC 9309), and which line of it asked."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import unquote

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
_AGENT = re.compile(r"^([ \t]*user[ \t_-]?agent[ \t]*[: \t][ \t]*)([^\r\n#]*)", re.IGNORECASE | re.MULTILINE)
_TOKEN = re.compile(r"[A-Za-z_-]+")
_LITERAL = re.compile(r"[*$]")
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z -]*?)\s*:\s*(.*?)\s*(?:#.*)?$")
_MAX_CRAWL_DELAY = 86_400.0


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one origin: parsed, or a blanket permission or refusal with its reason.

    `refusal` says why everything is refused; it is empty where the parsed rules (or their absence) decide. `record` is
    the id of the capture that the rules stand in, where it is known.
    """

    text: str = ""
    parsed: Protego | None = None
    refusal: str = ""
    record: str = ""

    def refused(self, url: str) -> str:
        """Return why the URL must not be fetched, with line and capture where they are known; empty when it may be."""
        reason = self.refusal
        if not reason:
            if self.parsed is None or self.parsed.can_fetch(url, PRODUCT_TOKEN):
                return ""
            line = _deciding_line(self.text, url)
            reason = f"robots.txt says {line!r}" if line else "robots.txt forbids it"
        return f"{reason} (capture {self.record})" if self.record else reason

    @property
    def crawl_delay(self) -> timedelta | None:
        """The Crawl-delay for this crawler, where one is asked for."""
        seconds = self.parsed.crawl_delay(PRODUCT_TOKEN) if self.parsed is not None else None
        if seconds is None or not 0 <= seconds < float("inf"):
            return None
        return timedelta(seconds=min(float(seconds), _MAX_CRAWL_DELAY))


ALLOW_ALL = RobotsRules()


def _is_unreachable(status: int) -> bool:
    """Return whether a status means that the rules exist but cannot be had now (RFC 9309 §2.3.1.4); 429 too."""
    return status >= 500 or status == _TOO_MANY_REQUESTS  # noqa: PLR2004 - HTTP


def rules_of(status: int, body: bytes) -> RobotsRules:
    """Return the rules that an answer to a request for robots.txt gives.

    2xx is parsed, up to 500 KiB; 4xx and redirects that lead nowhere allow everything; an unreachable file
    refuses everything (RFC 9309 §2.3.1). `body` is the decoded entity.
    """
    if _is_unreachable(status) or status <= 0:
        return refuse_all(f"robots.txt cannot be had (status {status})")
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP
        return ALLOW_ALL
    text = body[:_MAX_BYTES].decode("utf-8", errors="replace").removeprefix("\ufeff")
    return RobotsRules(text=text, parsed=Protego.parse(_addressed(text)))


def answer_of(result: Capture | FailedFetch, body: bytes) -> RobotsRules | Url:
    """Return what a fetch of robots.txt gives: rules, or the URL it redirects to. `body` is the decoded entity."""
    if isinstance(result, FailedFetch):
        if result.kind is FailureKind.NOT_ARCHIVED:  # of a replay: no file holds it, as if there were none
            return ALLOW_ALL
        return refuse_all(
            f"robots.txt cannot be had ({result.kind}: {result.detail}; failure {result.record.record_id})"
        )
    if result.location is not None and is_redirect(result.status):
        return result.location
    return replace(rules_of(result.status, body), record=result.id)


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


def _addressed(text: str) -> str:
    """Return the rules with nobody addressed but this crawler and everybody.

    A group is ours where its product token is, whatever version follows it (RFC 9309 §2.2.1); Protego also takes one
    for ours that is addressed to the beginning of our name.
    """

    def agent(match: re.Match[str]) -> str:
        name = match[2].strip()
        token = _TOKEN.match(name)
        if token is not None and token[0].lower() == PRODUCT_TOKEN:
            return f"{match[1]}{PRODUCT_TOKEN}"
        return match[0] if name.startswith("*") else f"{match[1]}another"

    return _AGENT.sub(agent, text)


def _deciding_line(text: str, url: str) -> str:
    path = url.partition("://")[2].partition("/")[2]
    plain = f"/{unquote(path)}"
    longest = ""
    for literal, rule in _disallowed(text):
        if len(rule) <= len(longest) or not plain.startswith(literal):
            continue
        if not Protego.parse(f"User-agent: *\nDisallow: {rule}\n").can_fetch(url, PRODUCT_TOKEN):
            longest = rule
    return f"Disallow: {longest}" if longest else ""


@lru_cache(maxsize=64)
def _disallowed(text: str) -> tuple[tuple[str, str], ...]:
    """Return the Disallow rules of the groups that address this crawler, or of those for everyone.

    Each comes with what a path, percent-encoding undone, must begin with to match it.
    """
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
            token = _TOKEN.match(value)
            agents.append(token[0].lower() if token else value[:1])
            addressed = addressed or agents[-1] == PRODUCT_TOKEN
        elif field in {"disallow", "allow", "crawl-delay"}:
            in_rules = True
            if field == "disallow" and value:
                for by_name, agent in ((True, PRODUCT_TOKEN), (False, "*")):
                    if agent in agents:
                        groups[by_name].append(value)
    return tuple((unquote(_LITERAL.split(rule, maxsplit=1)[0]), rule) for rule in groups[addressed])
