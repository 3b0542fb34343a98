"""Shapes of URLs that never end or only show again what stands elsewhere."""

import random

import pytest
from frontiers import configuration
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.frontier.scope import Scope
from umecrawl.model.crawl import CrawlUrl
from umecrawl.model.urls import Url, canonicalize, normalize

SEED = Url("https://blog.example/")
VIA = Url("https://blog.example/2022/05/18/post/")
SCOPE = Scope(
    configuration('[[source]]\nname = "b"\nseeds = ["https://blog.example/", "https://blog.example/anna/"]').sources[0]
)


def decide(path, via=VIA, hop_path="L"):
    """Return the decision on a link to a path of the blog."""
    return SCOPE.decide(CrawlUrl(normalize(path, SEED), SEED, "b", via, hop_path))


TRAPPED = """
page-counters      /nyheter/?paged1=17&paged2=3
page-counters      /nyheter/?paged2=16&paged1=2
page-counters      /arkiv/?query-7-page=2&query-9-page=2
page-counters      /arkiv/?cst&query-9-page=3&query-7-page=4
page-counters      /page/2/?paged1=3
replies            /2022/05/18/post/?replytocom=2
replies            /post/?like_comment=7
sharing            /2022/05/18/post/?share=facebook
sharing            /post/?openidserver=1
sharing            /post/?share=x&nb=1
sharing            /share?url=https%3A%2F%2Fx.example
calendar           /kalender?ar=2024&manad=6
calendar           /kalender?manad=6
calendar           /kalender/2024-06/
calendar           /events/2031/01/
calendar           /?tribe-bar-date=2024-06-01
calendar           /x?year=2024&month=6
calendar           /event/x/?ical=1
session-id         /?PHPSESSID=0123456789abcdef0123
session-id         /?sid=0123456789abcdef0123
facets             /list?sort=date
facets             /list?orderby=title&x=1
facets             /list?filter[a]=1
facets             /list?a=1&b=2&c=3&d=4&e=5&f=6&g=7
facets             /list?t=1&t=2&t=3
repeated-segments  /a/b/a/b/
repeated-segments  /x/a/y/a/z/a
repeated-segments  /om/om/om/
too-long           /a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q
machine-interface  /wp-json/
machine-interface  /wp-json/wp/v2/posts/7
machine-interface  /xmlrpc.php?rsd
machine-interface  /wp-includes/wlwmanifest.xml
machine-interface  /?rest_route=/wp/v2
machine-interface  /post/trackback/
account            /wp-login.php
account            /wp-admin/
account            /logga-in
account            /x?add-to-cart=7
account            /p/?redirect_to=%2F
rendering          /post/?print=1
rendering          /post/print/
rendering          /post/amp/
rendering          /post?amp=1
rendering          /post?output=amp
rendering          /post?open.12.6fa619ad=true
rendering          /post/?preview=true
rendering          /post/?_wpnonce=12ab
rendering          /post/embed/
search-results     /?s=trygghet
search-results     /page/2/?s=trygghet
search-results     /search/x/
search-results     /sok?q=x
short-address      /?p=34
short-address      /?attachment_id=22
short-address      /?m=202205
short-address      /?cat=2
short-address      /?feed=rss2
part-feed          /comments/feed/
part-feed          /2022/05/18/post/feed/
part-feed          /2022/05/18/post/feed/atom/
part-feed          /tag/trygghet/feed/
part-feed          /author/anna/feed/
part-feed          /feeds/123/comments/default
"""


@pytest.mark.parametrize(("rule", "path"), [line.split() for line in TRAPPED.strip().splitlines()])
def test_each_trap_leaves_its_shapes(rule, path):
    """The rule that leaves a URL is named, with a reason in words."""
    decision = decide(path)
    assert (decision.taken, decision.rule) == (False, rule)
    assert decision.reason


@pytest.mark.parametrize("path", ["/a;jsessionid=0123456789ABCDEF", "/(S(lit3py55t21z5v55vlm25s55))/a.aspx"])
def test_a_session_in_the_path_is_caught_too(path):
    """Java and ASP.NET write it there."""
    assert decide(path).rule == "session-id"


def test_a_url_beyond_all_bounds_is_left():
    """Two thousand characters are more than any address that somebody wrote."""
    assert decide("/" + "x" * 2_000).rule == "too-long"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nyheter/?paged1=23",
        "/nyheter/?paged1=1&paged2=3",
        "/arkiv/?query-7-page=4&cst",
        "/page/11/",
        "/category/aktuellt/page/11",
        "/tag/andreas-lundgren/page/2/",
        "/2022/05/",
        "/2022/05/24/umea-ska-rustas-for-trygghet-hallbarhet-valfard-samt-jobb-och-utveckling-i-hela-kommunen/",
        "/2022/05/18/post/bild-kamera/",
        "/feed/",
        "/feed/atom/",
        "/anna/feed/",
        "/kalender",
        "/evenemang/sommarfest/",
        "/2024/01/02/kalender/",
        "/fordjupning/feedback/",
        "/barnochutbildning/fragorochsvar.4.640818217563dc9fe52bfd.html",
        "/article?id=5&view=article",
        "/wp-content/uploads/2022/05/program.pdf",
        "/01/01/01/",
        "/print/",
        "/embed-var-karta/",
        "/sid/?sid=7",
        "/om-oss/vara-politiker/kommunfullmaktige/",
    ],
)
def test_what_looks_similar_and_is_a_page_is_taken(path):
    """One counter, an archive, a main feed and odd slugs are no traps."""
    decision = decide(path)
    assert (decision.taken, decision.rule) == (True, "scope"), decision.reason


def test_the_only_address_of_a_page_is_no_short_one():
    """On a site without readable addresses ?p=12 is where the page lives."""
    assert decide("/?p=12", via=Url("https://blog.example/")).taken
    assert decide("/?p=12", via=Url("https://blog.example/?p=9")).taken
    assert not decide("/?p=12", via=VIA).taken


def test_traps_are_for_pages_only():
    """A picture with a sort of its own, a seed and what a program inferred are not caught."""
    assert decide("/image?sort=1", hop_path="LE").rule == "requisites"
    assert decide("/list?sort=1", hop_path="").rule == "seed"
    assert decide("/wp-json/wp/v2/posts", hop_path="I").taken
    assert not decide("/wp-json/wp/v2/posts", hop_path="LR").taken


NAMES = ("paged1", "paged2", "query-7-page", "cst", "s", "p", "sort", "ar", "manad", "x", "replytocom", "utm_source")
VALUES = (None, "", "1", "2", "17", "2024-01-01", "a%3Db")
PARAMETERS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)), max_size=8)
PAIRS = st.sampled_from([("paged1", "paged2"), ("query-7-page", "query-9-page")])


@given(PARAMETERS, st.randoms(use_true_random=False))
def test_the_order_of_parameters_decides_nothing(parameters, shuffler):
    """Any order of a query is one canonical URL, and so one decision with one reason."""
    written = [name if value is None else f"{name}={value}" for name, value in parameters]
    shuffled = written.copy()
    shuffler.shuffle(shuffled)
    one, other = (normalize(f"/nyheter/?{'&'.join(query)}", SEED) for query in (written, shuffled))
    assert canonicalize(one) == canonicalize(other)
    assert SCOPE.decide(CrawlUrl(one, SEED, "b", VIA, "L")) == SCOPE.decide(CrawlUrl(other, SEED, "b", VIA, "L"))


@given(
    st.integers(2, 400), st.integers(2, 400), st.sampled_from([("paged1", "paged2"), ("query-7-page", "query-9-page")])
)
def test_two_lists_cost_their_sum_and_not_their_product(first, second, names):
    """Each counter alone is taken to its end; any two above their first value are left."""
    one, two = names
    assert decide(f"/nyheter/?{one}={first}").taken
    assert decide(f"/nyheter/?{two}={second}").taken
    assert not decide(f"/nyheter/?{one}={first}&{two}={second}").taken


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_no_url_is_too_odd_for_a_decision(text):
    """Whatever can be normalized is decided on, the same each time."""
    url = normalize(f"https://blog.example/{random.Random(1).random()}/{text}".replace("\\", ""))
    candidate = CrawlUrl(url, SEED, "b", VIA, "L")
    assert SCOPE.decide(candidate) == SCOPE.decide(candidate)
