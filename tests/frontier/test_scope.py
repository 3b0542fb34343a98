"""Which URLs a source takes, and what each rule says of one."""

import pytest
from frontiers import SOURCE, configuration

from umecrawl.frontier.scope import Scope, explain
from umecrawl.model.crawl import CrawlUrl, Verdict
from umecrawl.model.urls import Url, normalize


def scope_of(**keys):
    """Return the scope of a source with these keys as TOML."""
    text = '[[source]]\nname = "s"\n' + "".join(f"{key} = {value}\n" for key, value in keys.items())
    return Scope(configuration(text).sources[0])


def link(url, via="https://blog.example/", hop_path="L"):
    """Return a candidate that a page links to."""
    return CrawlUrl(normalize(url), Url("https://blog.example/"), "s", normalize(via) if via else None, hop_path)


@pytest.mark.parametrize(
    ("scope", "seed", "inside", "outside"),
    [
        (
            "host",
            "https://blog.example/anna/",
            ["https://blog.example/x", "http://blog.example/", "https://www.blog.example/anna/", "http://www.blog.example/"],
            ["https://img.blog.example/", "https://blog.example:8443/", "https://blog.example.net/", "https://notblog.example/"],
        ),
        (
            "prefix",
            "http://blog.example/anna/",
            ["http://blog.example/anna/2022/", "https://www.blog.example/anna/", "http://blog.example/anna"],
            ["http://blog.example/", "http://blog.example/annabella/", "http://other.example/anna/"],
        ),
        ("prefix", "https://blog.example/anna", ["https://blog.example/anna/x"], ["https://blog.example/annab"]),
        ("prefix", "https://blog.example/a/b.html", ["https://blog.example/a/c.html"], ["https://blog.example/b.html"]),
        ("prefix", "https://blog.example/a/", ["https://blog.example/a/"], ["https://blog.example/A/"]),
        (
            "domain",
            "https://www.blog.example/",
            ["https://blog.example/", "https://img.blog.example/x", "http://a.b.blog.example:8080/"],
            ["https://example/", "https://myblog.example/"],
        ),
        (
            "page",
            "https://blog.example/a/",
            ["http://www.blog.example/a", "https://blog.example/a/?utm_source=x"],
            ["https://blog.example/a/?x=1", "https://blog.example/", "https://blog.example/a/b"],
        ),
        ("host", "http://127.0.0.1:8080/", ["http://127.0.0.1:8080/x"], ["http://127.0.0.1:8081/x"]),
    ],
)  # fmt: skip
def test_a_scope_reaches_as_far_as_its_name_says(scope, seed, inside, outside):
    """Scheme and www make no difference; ports, subdomains and folders do where they should."""
    judged = scope_of(seeds=f'["{seed}"]', scope=f'"{scope}"')
    for url in inside:
        assert judged.contains(normalize(url)), url
        assert judged.decide(link(url)).rule == "scope"
        assert judged.decide(link(url)).taken
    for url in outside:
        assert not judged.contains(normalize(url)), url
        assert not judged.decide(link(url)).taken


def test_pages_on_followed_domains_are_taken_one_hop_off():
    """A link from a page in scope is followed, one from there is not."""
    scope = scope_of(seeds='["https://blog.example/"]', follow='["news.example"]')
    decision = scope.decide(link("https://www.news.example/a", hop_path="LL"))
    assert decision.taken
    assert decision.rule == "follow"
    assert "news.example" in decision.reason
    assert not scope.decide(link("https://www.news.example/b", via="https://www.news.example/a", hop_path="LLL")).taken
    assert not scope.decide(link("https://fakenews.example/", hop_path="L")).taken
    assert scope.decide(link("https://blog.example/c", via="https://www.news.example/a", hop_path="LLL")).taken


def test_a_redirect_of_a_followed_page_is_still_the_same_hop():
    """Short links of a paper lead to the article; a redirect to elsewhere is left."""
    scope = scope_of(seeds='["https://blog.example/"]', follow='["news.example"]')
    assert scope.decide(link("https://www.news.example/a", via="https://news.example/1", hop_path="LR")).taken
    assert scope.decide(link("https://www.news.example/b", via="https://www.news.example/a", hop_path="LRR")).taken
    assert scope.decide(link("https://news.example/b", via="https://blog.example/go/1", hop_path="LR")).taken
    assert not scope.decide(link("https://login.example/", via="https://news.example/1", hop_path="LR")).taken
    assert not scope.decide(link("https://news.example/c", via="https://www.news.example/b", hop_path="LRL")).taken


def test_a_star_follows_any_domain():
    """With ["*"] every linked page is taken, one hop off."""
    scope = scope_of(seeds='["https://blog.example/"]', follow='["*"]')
    assert scope.decide(link("https://any.example/x")).taken
    assert not scope.decide(link("https://more.example/x", via="https://any.example/x", hop_path="LL")).taken
    assert not scope.decide(link("https://www.facebook.com/share.php?u=x")).taken


def test_requisites_come_from_any_host_and_one_style_sheet_deep():
    """An image of a page, a font of its style sheet and their redirects; nothing deeper."""
    scope = scope_of(seeds='["https://blog.example/"]')
    for hop_path in ("E", "LE", "LLRE", "LER", "LEE", "LEER"):
        assert scope.decide(link("https://cdn.example/x", hop_path=hop_path)).rule == "requisites"
        assert scope.decide(link("https://cdn.example/x", hop_path=hop_path)).taken
    assert not scope.decide(link("https://cdn.example/x", hop_path="LEEE")).taken
    assert not scope.decide(link("https://cdn.example/page", via="https://cdn.example/frame", hop_path="LEL")).taken
    bare = scope_of(seeds='["https://blog.example/"]', requisites="false")
    assert not bare.decide(link("https://blog.example/x.png", hop_path="E")).taken


def test_a_seed_is_taken_whatever_its_shape():
    """A seed that looks like a trap is what the user asked for; what it redirects to is too."""
    scope = scope_of(seeds='["https://blog.example/?s=x"]')
    assert scope.decide(link("https://blog.example/?s=x", via=None, hop_path="")).rule == "seed"
    assert scope.decide(link("https://elsewhere.example/", hop_path="R")).rule == "seed"
    assert not scope.decide(link("https://elsewhere.example/", hop_path="R" * 11)).taken


def test_endless_chains_end():
    """Redirects and hops are limited."""
    scope = scope_of(seeds='["https://blog.example/"]')
    assert scope.decide(link("https://blog.example/x", hop_path="L" * 1000)).taken
    assert scope.decide(link("https://blog.example/x", hop_path="L" * 1001)).rule == "hops"
    assert scope.decide(link("https://blog.example/x", hop_path="L" + "R" * 11)).rule == "hops"


def test_the_user_has_the_last_word():
    """`exclude` leaves what is in scope, `include` takes what a trap or another host would leave."""
    scope = scope_of(
        seeds='["https://blog.example/"]',
        exclude="['/private/', '/wp-json/']",
        include=r"['^https://blog\.example/wp-json/wp/v2/posts', '^https://other\.example/topic/']",
    )
    assert scope.decide(link("https://blog.example/private/1")).rule == "exclude"
    assert scope.decide(link("https://blog.example/wp-json/wp/v2/posts?page=2")).rule == "include"
    assert scope.decide(link("https://blog.example/wp-json/wp/v2/pages")).rule == "exclude"
    assert scope.decide(link("https://other.example/topic/1")).taken
    assert not scope.decide(link("https://other.example/1")).taken


def test_patterns_see_the_canonical_url():
    """A pattern need not care for the order of parameters or for tracking."""
    scope = scope_of(seeds='["https://blog.example/"]', exclude=r"['\?a=1&b=2$']")
    assert not scope.decide(link("https://blog.example/?b=2&utm_source=x&a=1")).taken


def test_an_explanation_lists_every_rule_with_what_it_says():
    """Rules without an opinion are listed too, and the last opinion is the decision."""
    config = configuration(
        SOURCE + 'include = [\'/nyheter/\']\n[[source]]\nname = "other"\nseeds = ["https://other.example/"]\n'
    )
    blog, other = explain(config, Url("https://blog.example/nyheter/?paged1=2&paged2=3"))
    said = [(row.rule, row.verdict) for row in blog.opinions if row.verdict is not None]
    assert said == [("scope", Verdict.TAKE), ("page-counters", Verdict.LEAVE), ("include", Verdict.TAKE)]
    assert len({row.rule for row in blog.opinions}) == len(blog.opinions) > 15
    assert blog.decision.taken
    assert blog.decision.rule == "include"
    assert (other.source, other.decision.taken) == ("other", False)
    assert explain(config, Url("https://blog.example/"), sources=["blog"])[0].decision.rule == "seed"
    assert len(explain(config, Url("https://blog.example/"), sources=["blog"])) == 1


def test_what_a_page_elsewhere_links_to_can_be_explained():
    """With the linking page given, the one-hop rule is explained as it will be applied."""
    config = configuration(SOURCE + 'follow = ["news.example"]\n')
    url = Url("https://news.example/b")
    assert explain(config, url)[0].decision.taken
    assert not explain(config, url, via=Url("https://news.example/a"))[0].decision.taken


def test_what_names_pages_is_asked_whatever_its_shape_but_only_on_own_ground():
    """No rule on traps looks at a feed, sitemap or API; `follow` never reaches one, nor what one names elsewhere."""
    scope = scope_of(seeds='["https://blog.example/"]', follow='["paper.example"]', exclude='["/hemligt/"]')
    for url in ("https://blog.example/wp-json/wp/v2/posts?per_page=100", "https://blog.example/tag/x/feed/"):
        assert scope.decide(link(url, hop_path="X")).taken
        assert not scope.decide(link(url, hop_path="L")).taken
    assert scope.decide(link("https://blog.example/hemligt/s.xml", hop_path="X")).rule == "exclude"
    assert scope.decide(link("https://paper.example/artikel", hop_path="L")).rule == "follow"
    sitemap = "https://blog.example/sitemap.xml"
    for hop_path in ("X", "XX", "XM"):
        assert scope.decide(link("https://paper.example/artikel", sitemap, hop_path)).rule == "scope"
    assert not scope.decide(link("https://blog.example/?replytocom=7", sitemap, "XM")).taken
