"""Which URLs a source takes: a sequence of one-question rules, of which the last with an opinion wins and is named.

The shape is that of Heritrix's DecideRules. Each rule accepts, rejects or has no opinion; where none has one,
the URL is left. Order: what the source reaches, what it follows off its own ground, requisites, limits, traps,
seeds, then the user's own `exclude` and `include`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from umecrawl.config import Config, Source, SourceScope
from umecrawl.frontier.address import Address, address_of
from umecrawl.frontier.hops import Hops, hops_of
from umecrawl.frontier.traps import TRAPS, Trap, part_feeds
from umecrawl.model.crawl import CrawlUrl, Decision, Hop, Verdict
from umecrawl.model.urls import Url, in_domain, resource_key

_MAX_PAGE_HOPS = 1_000
_MAX_REDIRECTS = 10
_MAX_EMBEDS = 2  # a page's style sheet, and what that names

# Rules that look at nothing but the URL, the kind of hop, and whether the linking page is in scope: what one of them
# leaves is left for every such link. `hops` counts steps, and `short-address` looks at the linking page itself.
STEADY_RULES = frozenset(
    {"scheme", "scope", "follow", "requisites", "exclude", "part-feed", *(trap.name for trap in TRAPS)}
) - {"short-address"}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one rule says of a candidate; `verdict` is `None` where it has no opinion."""

    rule: str
    verdict: Verdict | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What every rule of a source says of a URL, in order, and the decision that follows."""

    source: str
    url: Url
    decision: Decision
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    address: Address
    hops: Hops
    via: Address | None
    via_in_scope: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    answer: Callable[[_Question], tuple[Verdict, str] | None]


class Scope:
    """The rules of one source; a seed that redirects brings its target in as a further seed (`admit`)."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._seeds: list[Url] = []
        self._reaches: list[Callable[[Address], bool]] = []
        self._known: dict[Url, bool] = {}
        for seed in source.seeds:
            self.admit(seed)
        self._rules = self._build()

    def admit(self, seed: Url) -> None:
        """Count `seed` among the source's seeds: what it reaches is in scope from now on."""
        if seed in self._seeds:
            return
        self._seeds.append(seed)
        self._reaches.append(_reach(self.source.scope, address_of(seed)))
        self._known.clear()
        self._rules = self._build()

    def contains(self, url: Url) -> bool:
        """Return whether the URL lies on the source's own ground, whatever the other rules say."""
        known = self._known.get(url)
        if known is None:
            address = address_of(url)
            known = self._known[url] = any(reach(address) for reach in self._reaches)
        return known

    def decide(self, candidate: CrawlUrl) -> Decision:
        """Return the verdict on a candidate with the rule that had the last word."""
        question = self._question(candidate)
        last = Decision(Verdict.LEAVE, "scope", "no rule takes it")
        for rule in self._rules:
            answer = rule.answer(question)
            if answer is not None:
                last = Decision(answer[0], rule.name, answer[1])
        return last

    def opinions(self, candidate: CrawlUrl) -> tuple[Opinion, ...]:
        """Return what each rule says of a candidate, in order; those without opinion too."""
        question = self._question(candidate)
        rows: list[Opinion] = []
        for rule in self._rules:
            answer = rule.answer(question)
            rows.append(Opinion(rule.name, *answer) if answer else Opinion(rule.name, None))
        return tuple(rows)

    def _question(self, candidate: CrawlUrl) -> _Question:
        via = candidate.via
        return _Question(
            address=address_of(candidate.url),
            hops=hops_of(candidate.hop_path),
            via=address_of(via) if via is not None else None,
            via_in_scope=via is None or self.contains(via),
        )

    def _build(self) -> tuple[_Rule, ...]:
        source = self.source
        roots = frozenset((address.site, _directory(address)) for address in map(address_of, self._seeds))
        return (
            _Rule("scheme", _scheme),
            _Rule("scope", self._scope),
            _Rule("follow", _follow(source.follow)),
            _Rule("hops", _limits),
            *(_trap(trap) for trap in (*TRAPS, part_feeds(roots)) if trap.name not in source.rules_off),
            _Rule("requisites", _requisites(wanted=source.requisites)),
            _Rule("robots-txt", _prerequisite),
            _Rule("seed", _seed),
            _Rule("exclude", _matching(source.exclude, Verdict.LEAVE, "exclude")),
            _Rule("include", _matching(source.include, Verdict.TAKE, "include")),
        )

    def _scope(self, question: _Question) -> tuple[Verdict, str] | None:
        if any(reach(question.address) for reach in self._reaches):
            return Verdict.TAKE, f"lies within the {self.source.scope} of a seed"
        return Verdict.LEAVE, f"lies outside the {self.source.scope} of every seed"


def explain(config: Config, url: Url, via: Url | None = None, sources: Sequence[str] = ()) -> tuple[Explanation, ...]:
    """Return what each source of the collection says of a URL that a page links to.

    `via` is the linking page; without it the link is taken to stand on a page within the source's scope.
    `sources` narrows the answer to those named. robots.txt is not asked: that needs the network.
    """
    explanations: list[Explanation] = []
    for source in config.sources:
        if sources and source.name not in sources:
            continue
        scope = Scope(source)
        hop = "" if url in source.seeds else Hop.LINK.value
        candidate = CrawlUrl(url=url, seed=source.seeds[0], source=source.name, via=via, hop_path=hop)
        explanations.append(Explanation(source.name, url, scope.decide(candidate), scope.opinions(candidate)))
    return tuple(explanations)


def _reach(scope: SourceScope, seed: Address) -> Callable[[Address], bool]:
    if scope is SourceScope.DOMAIN:
        domain = seed.host.removeprefix("www.")
        return lambda address: in_domain(address.host, domain)
    if scope is SourceScope.HOST:
        return lambda address: address.site == seed.site
    if scope is SourceScope.PREFIX:
        directory = _directory(seed)
        bare = directory.rstrip("/") or "/"
        return lambda address: (
            address.site == seed.site and (address.path.startswith(directory) or address.path == bare)
        )
    key = resource_key(seed.url)
    return lambda address: address.site == seed.site and resource_key(address.url) == key


def _directory(seed: Address) -> str:
    if seed.path.endswith("/"):
        return seed.path
    head, _, last = seed.path.rpartition("/")
    # /blog is a folder written short, /blog/index.html a file in one.
    return f"{head}/" if "." in last else f"{seed.path}/"


def _scheme(question: _Question) -> tuple[Verdict, str] | None:
    if question.address.scheme in {"http", "https"}:
        return None
    return Verdict.LEAVE, f"{question.address.scheme} is not crawled"


def _follow(domains: tuple[str, ...]) -> Callable[[_Question], tuple[Verdict, str] | None]:
    def answer(question: _Question) -> tuple[Verdict, str] | None:
        hops = question.hops
        # A feed or sitemap that names pages of another site is no page in scope that cites them.
        if not domains or not hops.is_page or hops.is_seed or hops.last == Hop.MANIFEST:
            return None
        # A redirect of a page that was itself followed is still the same hop.
        if not (question.via_in_scope or hops.redirects):
            return None
        for domain in domains:
            if domain == "*" or in_domain(question.address.host, domain):
                return Verdict.TAKE, f"linked from a page in scope to a followed domain ({domain})"
        return None

    return answer


def _limits(question: _Question) -> tuple[Verdict, str] | None:
    hops = question.hops
    if hops.pages > _MAX_PAGE_HOPS:
        return Verdict.LEAVE, f"{hops.pages} hops from its seed, more than {_MAX_PAGE_HOPS}"
    if hops.redirects > _MAX_REDIRECTS:
        return Verdict.LEAVE, f"{hops.redirects} redirects in a row, more than {_MAX_REDIRECTS}"
    return None


def _requisites(*, wanted: bool) -> Callable[[_Question], tuple[Verdict, str] | None]:
    def answer(question: _Question) -> tuple[Verdict, str] | None:
        hops = question.hops
        if not hops.is_requisite:
            return None
        if not wanted:
            return Verdict.LEAVE, "needed for replay only, and the source wants no requisites"
        if hops.embeds > _MAX_EMBEDS or hops.redirects > _MAX_REDIRECTS:
            return Verdict.LEAVE, f"embedded {hops.embeds} deep, more than {_MAX_EMBEDS}, or redirected too often"
        return Verdict.TAKE, "needed to replay a page that is taken"

    return answer


def _prerequisite(question: _Question) -> tuple[Verdict, str] | None:
    return (Verdict.TAKE, "has to be read before its site is asked") if question.hops.is_prerequisite else None


def _seed(question: _Question) -> tuple[Verdict, str] | None:
    if not question.hops.is_seed or question.hops.redirects > _MAX_REDIRECTS:
        return None
    return Verdict.TAKE, "a seed redirects here" if question.hops.redirects else "is a seed"


def _trap(trap: Trap) -> _Rule:
    find, in_query = trap.reason, trap.in_query

    def answer(question: _Question) -> tuple[Verdict, str] | None:
        if in_query and not question.address.parameters:
            return None
        # What a program inferred was wanted for what it is, as is a feed, sitemap or API that is asked what it names
        # (hop X, no page); a requisite cannot lead astray.
        if not question.hops.is_page or question.hops.last == Hop.INFERRED:
            return None
        reason = find(question.address, question.via)
        return (Verdict.LEAVE, reason) if reason else None

    return _Rule(trap.name, answer)


def _matching(
    patterns: Iterable[re.Pattern[str]], verdict: Verdict, key: str
) -> Callable[[_Question], tuple[Verdict, str] | None]:
    def answer(question: _Question) -> tuple[Verdict, str] | None:
        if question.hops.is_prerequisite:
            return None
        for pattern in patterns:
            if pattern.search(question.address.url):
                return verdict, f"matches {key} {pattern.pattern!r}"
        return None

    return answer
