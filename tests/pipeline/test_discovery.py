"""Discovery: what a run asks of a site's interfaces, whatever they answer, and what it learns for the next run."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from frontiers import configuration

from umecrawl.frontier.scope import Scope
from umecrawl.model.capture import Capture, FailedFetch, FailureKind, RecordRef, RecordType
from umecrawl.model.crawl import CrawlUrl, Hop, Outlink, Skipped
from umecrawl.model.discovery import Audit, Interface, Place, Reading, Standing
from umecrawl.model.urls import normalize
from umecrawl.pipeline.discovery import Discovery
from umecrawl.warc.interfaces import PastReading

SEED = "https://blog.example/"
START = datetime(2024, 3, 1, 6, tzinfo=UTC)
OFFERED, ABSENT, BROKEN = Standing.OFFERED, Standing.ABSENT, Standing.BROKEN


def named(*urls, hop=Hop.MANIFEST):
    """Return links of one kind."""
    return tuple(Outlink(normalize(url, SEED), hop) for url in urls)


@dataclass
class Site:
    """A site as it answers: by URL its reading and links; runs over it one after the other, each knowing the last."""

    answers: dict[str, tuple[Reading, tuple[Outlink, ...]]] = field(default_factory=dict)
    home: tuple[Outlink, ...] = ()
    sitemaps: tuple[Outlink, ...] = ()
    now: datetime = START
    kind: str = "auto"
    scope: str = "host"
    forbidden: tuple[str, ...] = ()
    past: list[PastReading] = field(default_factory=list)
    stored: dict[str, tuple[Outlink, ...]] = field(default_factory=dict)

    def run(self, *, known=True):
        """Ask whatever is to be asked; return the URLs, and the discovery."""
        text = f'[[source]]\nname = "blog"\nkind = "{self.kind}"\nscope = "{self.scope}"\nseeds = ["{SEED}"]\n'
        config = configuration(text)
        scope = Scope(config.sources[0])
        discovery = Discovery(
            config.sources,
            list(self.past) if known else (),
            run="20240301060000-aaaa",
            contains=lambda _, url: scope.contains(url),
            links_of=lambda ref: self.stored[ref.record_id],
            clock=lambda: self.now,
        )
        discovery.start()
        asked = []
        robots = CrawlUrl(normalize("/robots.txt", SEED), normalize(SEED), "blog", hop_path="P")
        discovery.take(robots, self.capture(robots, None, self.sitemaps))
        seed = CrawlUrl(normalize(SEED), normalize(SEED), "blog")
        discovery.take(seed, self.capture(seed, Reading(Interface.LIST, OFFERED), self.home))
        while questions := discovery.questions():
            for one in questions:
                decision = scope.decide(one)
                if not decision.taken or one.url in self.forbidden:
                    rule = decision.rule if not decision.taken else "robots"
                    discovery.skip(Skipped(one.url, rule, "no", "blog", one.via, one.hop_path, "r", self.now))
                    continue
                asked.append(one.url.removeprefix(SEED))
                reading, links = self.answers.get(asked[-1], (None, ()))
                discovery.take(one, self.capture(one, reading, links))
        return asked, discovery

    def capture(self, candidate, reading, links):
        """Return an answer, and remember it for the next run as the archive would; 404 where there is none."""
        if reading is None and candidate.hop_path.endswith("X"):
            reading = Reading(Interface.REST if "wp-json" in candidate.url else Interface.SITEMAP, ABSENT)
        status = 404 if reading is not None and reading.standing is ABSENT else 200
        status = 503 if reading is not None and reading.standing is BROKEN else status
        ref = RecordRef(f"{len(self.stored)}", "a.warc.gz", 0, 1)
        self.stored[ref.record_id] = links
        if reading is not None:
            self.past.append(PastReading("blog", candidate.url, self.now, candidate.hop_path, reading, ref))
        return Capture(
            record=ref, record_type=RecordType.RESPONSE, url=candidate.url, captured_at=self.now, status=status,
            mime="text/html", payload_digest="", size=1, run="r", source="blog", seed=candidate.seed,
            via=candidate.via, hop_path=candidate.hop_path, attempt=9, outlinks=links, reading=reading,
        )  # fmt: skip


def rest(*urls, pages=1, total=None, **more):
    """Return a page of a collection."""
    return Reading(Interface.REST, OFFERED, len(urls), total=total, pages=pages, **more), named(*urls)


def index(*urls, interface=Interface.REST):
    """Return an answer that names interfaces."""
    return Reading(interface, OFFERED, len(urls), index=True), named(*urls, hop=Hop.SPECULATIVE)


def sitemap(*urls):
    """Return a sitemap."""
    return Reading(Interface.SITEMAP, OFFERED, len(urls)), named(*urls)


POSTS, PAGES = "wp-json/wp/v2/posts", "wp-json/wp/v2/pages"


def wordpress(**more):
    """Return a site with a REST API that has no posts yet."""
    answers = {"wp-json/": index(f"/{POSTS}", f"/{PAGES}"), f"{PAGES}?per_page=100": rest("/om/")}
    return Site(home=named("/wp-json/", hop=Hop.SPECULATIVE), answers=answers | more)


def test_a_wordpress_is_swept_by_its_api():
    """The index names the collections; each is read page by page, a hundred at a time."""
    site = wordpress()
    site.answers[f"{POSTS}?per_page=100"] = rest("/a/", pages=3)
    site.answers[f"{POSTS}?per_page=100&page=2"] = rest("/b/", pages=3)
    site.answers[f"{POSTS}?per_page=100&page=3"] = rest("/c/", pages=3)
    asked, discovery = site.run()
    swept = [url for url in asked if "wp-json" in url]
    assert sorted(swept[:3]) == ["wp-json/", f"{PAGES}?per_page=100", f"{POSTS}?per_page=100"]
    assert swept[3:] == [f"{POSTS}?per_page=100&page=2", f"{POSTS}?per_page=100&page=3"]
    whole = {one.place: {url.removeprefix(SEED) for url in one.urls} for one in discovery.enumerations()}
    assert whole == {f"{SEED}{POSTS}": {"a/", "b/", "c/"}, f"{SEED}{PAGES}": {"om/"}}


def test_a_site_that_refuses_a_hundred_is_asked_for_ten():
    """The next run begins with what was answered."""
    site = wordpress()
    site.answers[POSTS] = rest("/a/", pages=2)
    site.answers[f"{POSTS}?per_page=10&page=2"] = rest("/b/", pages=2)
    asked, _ = site.run()
    assert [url for url in asked if "posts" in url] == [
        f"{POSTS}?per_page=100", POSTS, f"{POSTS}?per_page=10&page=2",
    ]  # fmt: skip
    site.now += timedelta(hours=6)
    asked, _ = site.run()
    assert [url for url in asked if "posts" in url] == [POSTS, f"{POSTS}?per_page=10&page=2"]


def test_what_is_absent_is_not_asked_for_in_each_run():
    """Once a month it is, a wall once a week, a broken one once a day."""
    site = Site()
    asked, _ = site.run()
    assert asked == ["wp-json/", "wp-sitemap.xml", "feed/", "sitemap_index.xml", "sitemap.xml"]
    site.now += timedelta(days=29)
    assert site.run()[0] == []
    site.now += timedelta(days=2)
    assert site.run()[0] == asked
    site.past.clear()
    site.answers["wp-json/"] = (Reading(Interface.REST, Standing.BLOCKED), ())
    site.answers["feed/"] = (Reading(Interface.FEED, BROKEN), ())
    site.run()
    site.now += timedelta(days=1)
    assert site.run()[0] == ["feed/"]
    site.now += timedelta(days=6)
    assert sorted(site.run()[0]) == ["feed/", "wp-json/"]


def test_an_unchanged_site_is_asked_for_a_handful():
    """The API and the feed; its sitemap once a week, because the API names as much."""
    site = wordpress(**{f"{POSTS}?per_page=100": rest("/a/"), "wp-sitemap.xml": sitemap("/a/", "/om/")})
    site.home += named("/feed/", hop=Hop.LINK)
    site.answers["feed/"] = (Reading(Interface.FEED, OFFERED, 1), named("/a/"))
    assert "wp-sitemap.xml" in site.run()[0]
    site.now += timedelta(hours=6)
    usual = ["feed/", f"{PAGES}?per_page=100", f"{POSTS}?per_page=100"]
    assert sorted(site.run()[0]) == usual
    site.now += timedelta(days=7)
    assert sorted(site.run()[0]) == [*usual, "wp-sitemap.xml"]


def test_a_large_collection_is_asked_for_its_changes_and_comes_round_in_parts():
    """A first run reads it whole; later ones read what changed, its first page, and two pages in rotation."""
    pages = 12
    site = wordpress()
    start = f"{POSTS}?per_page=100"
    for page in range(1, pages + 1):
        site.answers[start if page == 1 else f"{start}&page={page}"] = rest(f"/{page}/", pages=pages)
    assert len([url for url in site.run()[0] if "posts" in url]) == pages
    seen = []
    for _ in range(6):
        site.now += timedelta(days=1)
        posts = [url for url in site.run()[0] if "posts" in url]
        changed = [url for url in posts if "modified_after" in url]
        assert changed == [f"{start}&modified_after={site.now - timedelta(days=2):%Y-%m-%d}T00:00:00"]
        assert start in posts
        assert len(posts) == 4
        seen += [url for url in posts if "&page=" in url]
    assert {f"{start}&page={page}" for page in range(2, pages + 1)} == set(seen)


def test_totals_of_a_billion_are_not_believed():
    """Pages are asked for while they name what earlier ones did not."""
    site = wordpress()
    start = f"{POSTS}?per_page=100"
    site.answers[start] = rest("/a/", pages=10**9, total=10**11)
    site.answers[f"{start}&page=2"] = rest("/b/", pages=10**9)
    site.answers[f"{start}&page=3"] = rest("/a/", "/b/", pages=10**9)
    asked, discovery = site.run()
    assert [url for url in asked if "posts" in url] == [start, f"{start}&page=2", f"{start}&page=3"]
    assert [one.place for one in discovery.enumerations()] == [f"{SEED}{PAGES}"]


def test_sitemaps_are_followed_down_but_not_for_ever():
    """A cycle is asked once, a chain of indexes ends."""
    places = {"s.xml": index("/s.xml", "/1.xml", interface=Interface.SITEMAP)}
    places |= {f"{n}.xml": index(f"/{n + 1}.xml", interface=Interface.SITEMAP) for n in range(1, 50)}
    asked, _ = Site(sitemaps=named("/s.xml", hop=Hop.SPECULATIVE), answers=places).run()
    assert [url for url in asked if url.endswith(".xml")] == ["s.xml", "1.xml", "2.xml", "3.xml"]


def test_a_sitemap_off_the_source_is_not_asked():
    """What robots.txt and indexes name elsewhere is refused by scope; the guess goes on."""
    elsewhere = named("https://cdn.example/s.xml", hop=Hop.SPECULATIVE)
    asked, _ = Site(sitemaps=elsewhere).run()
    assert "wp-sitemap.xml" in asked
    site = Site(sitemaps=named("/s.xml", hop=Hop.SPECULATIVE))
    site.answers["s.xml"] = index("https://cdn.example/1.xml", interface=Interface.SITEMAP)
    asked, discovery = site.run()
    assert not any("cdn" in url for url in asked)
    assert discovery.enumerations() == ()


def test_what_robots_txt_forbids_is_noted_as_a_wall():
    """And the next place is asked."""
    site = Site(forbidden=(f"{SEED}wp-sitemap.xml", f"{SEED}wp-json/"), answers={"sitemap.xml": sitemap("/a/")})
    asked, discovery = site.run()
    assert asked[-1] == "sitemap.xml"
    standing = {
        place.url.removeprefix(SEED): place.reading.standing
        for place in discovery.findings()
        if isinstance(place, Place)
    }
    assert standing["wp-json/"] is Standing.BLOCKED
    assert standing["sitemap.xml"] is OFFERED


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("wordpress", ["wp-json/", "wp-sitemap.xml", "feed/", "?rest_route=/", "sitemap_index.xml", "sitemap.xml"]),
        ("news", ["sitemap.xml", "feed/", "sitemap_index.xml"]),
        ("site", ["sitemap.xml", "sitemap_index.xml"]),
    ],
)
def test_the_kind_of_a_source_narrows_what_is_asked(kind, first):
    """A paper has no WordPress API to be asked for, a plain site no feed unless it names one."""
    assert Site(kind=kind).run()[0] == first


def test_a_single_page_has_no_interfaces():
    """A source of scope `page` asks for its page and nothing else."""
    assert Site(scope="page", home=named("/wp-json/", hop=Hop.SPECULATIVE)).run()[0] == []


def test_what_left_a_list_is_a_departure():
    """Compared with the last reading before this run, also where the run in between failed."""
    site = wordpress()
    start = f"{POSTS}?per_page=100"
    site.answers[start] = rest("/a/", "/b/", "/c/")
    _, discovery = site.run()
    assert discovery.departures() == ()
    site.now += timedelta(hours=6)
    site.answers[start] = (Reading(Interface.REST, BROKEN), ())
    assert site.run()[1].departures() == ()
    site.now += timedelta(days=1)
    site.answers[start] = rest("/a/", "/c/", "/d/")
    (gone,) = site.run()[1].departures()
    assert (gone.url, gone.interface, gone.named_at) == (f"{SEED}b/", Interface.REST, START)
    site.now += timedelta(hours=6)
    assert site.run()[1].departures() == ()


def test_what_leaves_one_of_many_sitemaps_is_noticed_though_few_are_read():
    """Of ten, the one that is said to have changed is read; the others count as they were."""
    site = Site(sitemaps=named("/s.xml", hop=Hop.SPECULATIVE))
    reading, links = index(*(f"/{number}.xml" for number in range(10)), interface=Interface.SITEMAP)
    site.answers["s.xml"] = reading, links
    site.answers |= {f"{number}.xml": sitemap(f"/{number}a/", f"/{number}b/") for number in range(10)}
    assert len(site.run()[0]) == 13
    site.now += timedelta(hours=6)
    changed = tuple(Outlink(link.url, link.hop, site.now) if "7.xml" in link.url else link for link in links)
    site.answers |= {"s.xml": (reading, changed), "7.xml": sitemap("/7b/")}
    asked, discovery = site.run()
    assert "7.xml" in asked
    assert len(asked) <= 4
    assert [gone.url for gone in discovery.departures()] == [f"{SEED}7a/"]


def test_a_list_that_lost_most_of_what_it_named_is_another_list():
    """A sitemap that a new plugin rewrites sends nobody to a thousand pages."""
    site = Site(sitemaps=named("/s.xml", hop=Hop.SPECULATIVE))
    site.answers["s.xml"] = sitemap(*(f"/{number}/" for number in range(100)))
    site.run()
    site.now += timedelta(hours=6)
    site.answers["s.xml"] = sitemap("/1/")
    assert site.run()[1].departures() == ()


def test_without_api_and_sitemap_the_main_list_is_the_enumeration():
    """Its further pages are asked in every run, and what no page of it names any more has left."""
    listing = Reading(Interface.LIST, OFFERED)
    site = Site(home=named("/a/", "/page/2/", hop=Hop.LINK))
    site.answers["page/2/"] = (listing, named("/b/", "/c/", "/page/2/", hop=Hop.LINK))
    site.run()
    second = CrawlUrl(normalize("/page/2/", SEED), normalize(SEED), "blog", hop_path="L")
    site.capture(second, *site.answers["page/2/"])
    site.now += timedelta(hours=6)
    site.answers["page/2/"] = (listing, named("/c/", "/page/2/", hop=Hop.LINK))
    asked, discovery = site.run()
    assert asked == ["page/2/"]
    assert [(gone.url, gone.interface) for gone in discovery.departures()] == [(f"{SEED}b/", Interface.LIST)]


def test_interfaces_that_contradict_each_other_are_noted():
    """Totals that do not match, a feed that has stood still."""
    site = wordpress()
    site.answers[f"{POSTS}?per_page=100"] = rest("/a/", "/b/", total=3, newest=START)
    site.answers["feed/"] = (Reading(Interface.FEED, OFFERED, 1, newest=START - timedelta(days=30)), named("/a/"))
    standing = {one.url.removeprefix(SEED): one.reading for one in site.run()[1].findings() if isinstance(one, Place)}
    assert standing[f"{POSTS}?per_page=100"].detail == "says that there are 3, and names 2"
    assert standing[f"{POSTS}?per_page=100"].standing is Standing.LYING
    assert standing["feed/"].standing is Standing.LYING


def test_links_are_the_audit():
    """Pages that only links led to, and pages that the API names and nobody links to."""
    site = wordpress(**{f"{POSTS}?per_page=100": rest("/a/", "/b/")})
    _, discovery = site.run()
    for url, hop in (("/a/", "XM"), ("/b/", "XM"), ("/gomd/", "L")):
        page = CrawlUrl(normalize(url, SEED), normalize(SEED), "blog", hop_path=hop)
        discovery.take(page, site.capture(page, None, named("/a/", hop=Hop.LINK)))
    found = {(one.named_by, one.missed_by): one.examples for one in discovery.findings() if isinstance(one, Audit)}
    assert found == {("links", "rest"): (f"{SEED}gomd/",), ("rest", "links"): (f"{SEED}b/",)}


def test_a_host_that_does_not_answer_is_broken():
    """The failure is the standing of what was asked."""
    discovery = Site().run()[1]
    one = CrawlUrl(normalize("/x.xml", SEED), normalize(SEED), "blog", hop_path="X", attempt=9)
    failed = FailedFetch(
        RecordRef("1", "a", 0, 1), one.url, START, FailureKind.TIMEOUT, "60 s", "r", "blog", None, "X", 9
    )
    discovery.take(one, failed)
    (place,) = [found for found in discovery.findings() if isinstance(found, Place) and found.url == one.url]
    assert place.reading.standing is BROKEN
