"""Rules for single sites: by host and date of capture, and nothing but taking parts away."""

from datetime import UTC, date, datetime

import pytest
from lxml.html import document_fromstring

from umecrawl.errors import UmecrawlError
from umecrawl.extract import extract
from umecrawl.extract.site_rules import SiteRule, apply_rules, read_rules, site_rules
from umecrawl.model.article import Page
from umecrawl.model.urls import Url

AT = datetime(2024, 5, 1, 12, tzinfo=UTC)
TEXT = "Kommunen bygger en ny skola i Exempelköping, och den ska stå färdig om tre år."
# The build of each site with a rule, with words of our own: URL, body, what must go, what must stay.
_SVT = f"""<main><article><h1>Ny skola</h1><p>{TEXT}</p></article><section><h2>Så arbetar vi</h2>
<p>SVT:s nyheter ska stå för saklighet och opartiskhet. Det vi publicerar ska vara sant.</p></section></main>"""
BUILDS = [("https://www.svt.se/nyheter/lokalt/exempel/ny-skola", _SVT, ["Så arbetar vi", "opartiskhet"], [TEXT])]


def told(root):
    """Return the text of a page."""
    return " ".join(root.text_content().split())


@pytest.mark.parametrize(("url", "body", "gone", "stays"), BUILDS, ids=[build[0] for build in BUILDS])
def test_each_rule_takes_away_what_it_is_there_for(url, body, gone, stays):
    """On a page of the build that the rule was written for, and not on the same page elsewhere."""
    root = document_fromstring(f"<html><body>{body}</body></html>")
    assert apply_rules(root, url, AT, site_rules())
    assert [] == [words for words in gone if words in told(root)]
    assert [] == [words for words in stays if words not in told(root)]
    elsewhere = document_fromstring(f"<html><body>{body}</body></html>")
    assert () == apply_rules(elsewhere, "https://blogg.example/", AT, site_rules())
    assert all(words in told(elsewhere) for words in gone)


def test_every_rule_has_a_build():
    """No rule without a page that shows what it is for."""
    assert {rule.host for rule in site_rules()} == {
        rule.host for rule in site_rules() if any(rule.holds(url, AT) for url, *_ in BUILDS)
    }
    assert all(rule.why for rule in site_rules())


@pytest.mark.parametrize(("day", "holds"), [(1, False), (2, True), (9, True), (10, False)])
def test_a_rule_holds_for_its_days(day, holds):
    """From the first day on and before the last one: old captures are read with old rules."""
    rule = SiteRule("blogg.example", "test", date(2024, 5, 2), date(2024, 5, 10))
    assert holds is rule.holds("https://blogg.example/a", datetime(2024, 5, day, 23, 59, tzinfo=UTC))


def test_a_rule_holds_for_its_host_and_those_below():
    """Www. and other names below, but no host that only ends alike."""
    rule = SiteRule("blogg.example", "test")
    assert rule.holds("https://www.blogg.example/", AT)
    assert not rule.holds("https://minblogg.example/", AT)


def test_all_outside_the_kept_element_goes():
    """But for the head; a page without such an element stays as it is."""
    markup = (
        "<html><head><title>T</title></head><body><nav>Meny</nav><div id='a'><p>Text</p></div><p>Fot</p></body></html>"
    )
    rule = SiteRule("blogg.example", "test", keep="//div[@id='a']")
    root = document_fromstring(markup)
    apply_rules(root, "https://blogg.example/", AT, [rule])
    assert "TText" == told(root)
    other = document_fromstring(markup.replace("'a'", "'b'"))
    apply_rules(other, "https://blogg.example/", AT, [rule])
    assert "Meny" in told(other)


def test_elements_named_by_a_path_go_with_all_in_them():
    """What stands behind them stays."""
    root = document_fromstring("<body><p>Ett</p><aside><p>Två</p></aside> Tre</body>")
    apply_rules(root, "https://blogg.example/", AT, [SiteRule("blogg.example", "test", drop=("//aside",))])
    assert "Ett Tre" == told(root)


@pytest.mark.parametrize("wrong", ["drop = ['//[']", "drop_lines = ['(']", "colour = 'red'"])
def test_a_wrong_rule_is_named(wrong):
    """By number and host, when the rules are read and not when a page comes."""
    with pytest.raises(UmecrawlError, match=r"site rule 1 \(blogg.example\)"):
        read_rules(f"[[rule]]\nhost = 'blogg.example'\nwhy = 'test'\n{wrong}\n")


def test_a_rule_for_a_site_is_named_where_it_held():
    """The detail says so, and the text is without what the rule takes away."""
    markup = f"<html><head><title>Ny skola</title></head><body>{_SVT}</body></html>".encode()
    found = extract(Page(Url("https://www.svt.se/nyheter/lokalt/exempel/ny"), AT, 200, "text/html", markup))
    assert "rules for svt.se" in found.detail
    assert all("opartiskhet" not in post.text for post in found.posts)
