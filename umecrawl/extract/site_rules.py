"""What the general way of reading does not know about single sites: a registry by host and date of capture.

The rules stand in `site_rules.toml` beside this module. A rule holds for captures from `valid_from` on and before
`valid_until`, so that a page archived under an old design is read with the rules of its time. All that a rule can do is
to take parts of a page away before it is read; what is left is read as any other page.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from umecrawl.errors import UmecrawlError
from umecrawl.extract.tree import select, squeeze
from umecrawl.model.urls import host_of, in_domain

_LONGEST_LINE = 600  # characters; what is longer is a paragraph of an article
_BLOCKS = "//body//*[self::p or self::li or self::h2 or self::h3 or self::h4 or self::div or self::span]"


@dataclass(frozen=True, slots=True)
class SiteRule:
    """What is taken off the pages of a host (and of the hosts below it) that were captured in a span of days.

    `keep` (XPath, empty for none) names the element outside of which the body holds nothing of the article, `drop`
    elements that are no part of it, `drop_lines` regular expressions that a whole line has to match; `why` says what
    goes wrong without the rule.
    """

    host: str
    why: str
    valid_from: date | None = None
    valid_until: date | None = None
    keep: str = ""
    drop: tuple[str, ...] = ()
    drop_lines: tuple[str, ...] = ()

    def holds(self, url: str, captured_at: datetime) -> bool:
        """Return whether a page of this URL, captured then, is read by this rule."""
        day = captured_at.date()
        if (self.valid_from and day < self.valid_from) or (self.valid_until and day >= self.valid_until):
            return False
        return in_domain(host_of(url), self.host)


def read_rules(text: str) -> tuple[SiteRule, ...]:
    """Return the rules of a TOML document; raises `UmecrawlError` naming the rule that is wrong."""
    rules = []
    for number, facts in enumerate(tomllib.loads(text).get("rule", ()), 1):
        try:
            rule = _rule(**facts)
            for path in (*rule.drop, *filter(None, (rule.keep,))):
                etree.XPath(path)
            for line in rule.drop_lines:
                re.compile(line)
        except (TypeError, re.error, etree.XPathError) as error:
            raise UmecrawlError(f"site rule {number} ({facts.get('host')}): {error}") from error
        rules.append(rule)
    return tuple(rules)


def _rule(*, drop: Sequence[str] = (), drop_lines: Sequence[str] = (), **facts: Any) -> SiteRule:
    return SiteRule(drop=tuple(drop), drop_lines=tuple(drop_lines), **facts)


@cache
def site_rules() -> tuple[SiteRule, ...]:
    """Return the rules that umecrawl brings."""
    return read_rules(files("umecrawl.extract").joinpath("site_rules.toml").read_text(encoding="utf-8"))


def apply_rules(root: HtmlElement, url: str, captured_at: datetime, rules: Iterable[SiteRule]) -> tuple[SiteRule, ...]:
    """Take off a page what the rules for it name; return the rules that held."""
    held = tuple(rule for rule in rules if rule.holds(url, captured_at))
    for rule in held:
        if rule.keep:
            _keep(root, rule.keep)
        for path in rule.drop:
            for element in select(root, path):
                _take_off(element)
        patterns = [re.compile(line, re.IGNORECASE) for line in rule.drop_lines]
        if patterns:
            _drop_lines(root, patterns)
    return held


def _keep(root: HtmlElement, path: str) -> None:
    kept = select(root, path)
    if not kept:  # another kind of page of that site
        return
    inside = {element for one in kept for element in (one, *one.iterancestors())}
    for element in list(inside):
        for child in list(element) if element not in kept else ():
            if child not in inside and child.tag != "head":
                _take_off(child)


def _drop_lines(root: HtmlElement, patterns: list[re.Pattern[str]]) -> None:
    for element in select(root, _BLOCKS):
        if len(text := str(element.text_content())) > 2 * _LONGEST_LINE:
            continue
        line = squeeze(text)
        if 0 < len(line) <= _LONGEST_LINE and any(pattern.fullmatch(line) for pattern in patterns):
            _take_off(element)


def _take_off(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()
