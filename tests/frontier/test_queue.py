"""The queue of a run: order, robots.txt, retries, limits, redirects, resuming."""

from datetime import timedelta
from itertools import pairwise

import pytest
from frontiers import SOURCE, START, Crawl, configuration, links
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.model.capture import FailureKind, Truncation
from umecrawl.model.crawl import CrawlUrl, Hop, Skipped
from umecrawl.model.urls import Url

BLOG = "https://blog.example/"
SECOND = timedelta(seconds=1)
FAST = '[politeness]\ndelay = "0s"\n'


def urls(*paths):
    """Return URLs of the blog."""
    return [f"{BLOG}{path}" for path in paths]


def test_robots_txt_is_asked_for_before_anything_else(crawl):
    """The first request to an origin is for its rules, with a hop path that says so."""
    robots = crawl.next()
    assert (robots.url, robots.hop_path, robots.via) == (f"{BLOG}robots.txt", "P", BLOG)
    assert crawl.frontier.next(crawl.now + timedelta(hours=1)) is None
    assert (crawl.frontier.queued, crawl.frontier.in_flight) == (1, 1)
    crawl.captured(robots, 404)
    assert crawl.next() == CrawlUrl(Url(BLOG), Url(BLOG), "blog")
    assert crawl.now == START + SECOND


def test_a_forbidden_url_is_reported_and_never_handed_out(crawl):
    """The reason quotes the line of robots.txt."""
    home = crawl.past_robots(b"User-agent: *\nDisallow: /private\n")
    crawl.captured(home, outlinks=links(f"{BLOG}private/1", f"{BLOG}open"))
    assert crawl.next().url == f"{BLOG}open"
    assert crawl.left("robots") == [f"{BLOG}private/1"]
    assert "Disallow: /private" in crawl.skipped[0].reason
    assert (crawl.skipped[0].via, crawl.skipped[0].run) == (BLOG, "20240301060000-aaaa")


def test_robots_txt_is_named_where_another_rule_leaves_the_url_too(crawl):
    """It is the last rule: widening the scope would not bring the page."""
    home = crawl.past_robots(b"User-agent: *\nDisallow: /wp-login.php\n")
    crawl.captured(home, outlinks=links(f"{BLOG}wp-login.php", f"{BLOG}wp-admin/"))
    assert crawl.left("robots") == [f"{BLOG}wp-login.php"]
    assert crawl.left("account") == [f"{BLOG}wp-admin/"]


def test_a_forbidden_seed_is_a_failed_seed(crawl):
    """A run whose seed robots.txt forbids has not done what was asked."""
    crawl.captured(crawl.next(), body=b"User-agent: *\nDisallow: /\n")
    assert crawl.next() is None
    assert crawl.idle
    assert [(seed.url, seed.source) for seed in crawl.frontier.failed_seeds] == [(BLOG, "blog")]
    assert "robots" in crawl.frontier.failed_seeds[0].reason


def test_ignored_rules_are_fetched_and_kept_all_the_same(start):
    """With robots = "ignore" the file is archived first, and then not heeded."""
    crawl = start(SOURCE + 'robots = "ignore"\nrobots_reason = "agreed"\n')
    assert crawl.past_robots(b"User-agent: *\nDisallow: /\n").url == BLOG


def test_a_crawl_delay_holds_from_the_first_request_on(start):
    """The time since robots.txt was asked for counts."""
    crawl = start()
    crawl.past_robots(b"User-agent: *\nCrawl-delay: 7\n")
    assert crawl.now == START + 7 * SECOND
    assert crawl.frontier.hosts()[0].delay == 7 * SECOND


def test_rules_that_redirect_are_followed_to_their_place(start):
    """The redirect is a request of hop P on the other host; both origins then share one answer."""
    crawl = start(FAST + '[[source]]\nname = "a"\nseeds = ["http://a.example/", "https://www.a.example/"]\n')
    first = crawl.next()
    assert first.url == "http://a.example/robots.txt"
    crawl.captured(first, 301, location="https://www.a.example/robots.txt")
    moved = crawl.next()
    assert moved.url == "https://www.a.example/robots.txt"
    assert moved.hop_path.endswith("P")
    assert crawl.next() is None
    crawl.captured(moved, body=b"User-agent: *\nDisallow: /x")
    assert {crawl.next().url, crawl.next().url} == {"http://a.example/", "https://www.a.example/"}


def test_a_robots_txt_that_cannot_be_had_is_tried_again_and_then_refuses(crawl):
    """Six tries, further and further apart; then nothing of the host is asked."""
    attempts = []
    for _ in range(6):
        robots = crawl.next()
        attempts.append((robots.attempt, crawl.now - START))
        crawl.captured(robots, 503)
    assert [attempt for attempt, _ in attempts] == [1, 2, 3, 4, 5, 6]
    assert attempts[1][1] >= 5 * SECOND
    assert attempts[2][1] - attempts[1][1] >= 10 * SECOND
    assert crawl.next() is None
    assert "503" in crawl.skipped[0].reason
    assert crawl.idle


def test_hosts_take_turns(start):
    """While one host rests, the others are asked; none is asked faster than its delay."""
    sources = "".join(f'[[source]]\nname = "s{n}"\nseeds = ["https://h{n}.example/"]\n' for n in range(3))
    crawl = start(sources)
    pages = {f"https://h{n}.example/": links(*(f"https://h{n}.example/{i}" for i in range(5))) for n in range(3)}
    times = {}
    while (candidate := crawl.next()) is not None:
        times.setdefault(candidate.url[:18], []).append(crawl.now)
        crawl.captured(
            candidate, 404 if candidate.hop_path.endswith("P") else 200, outlinks=pages.get(candidate.url, ())
        )
    assert {len(moments) for moments in times.values()} == {7}
    for moments in times.values():
        assert all(later - sooner >= SECOND for sooner, later in pairwise(moments))
    assert crawl.now - START < 7 * SECOND


def test_pages_come_before_what_lists_them_again(start):
    """A seed, then pages, then followed pages, then lists, then archives; requisites in between."""
    crawl = start(FAST + SOURCE + 'follow = ["blog.example"]\n')
    home = crawl.past_robots()
    listed = ("tag/a/", "page/2/", "p1", "p2", "p3", "p4", "p5")
    images = links(*(f"{BLOG}{i}.png" for i in range(3)), hop=Hop.EMBED)
    crawl.captured(home, outlinks=links(*urls(*listed)) + images)
    order = []
    while (candidate := crawl.next()) is not None:
        order.append(candidate.url.removeprefix(BLOG))
        crawl.captured(candidate)
    assert [path for path in order if "png" not in path] == ["p1", "p2", "p3", "p4", "p5", "page/2/", "tag/a/"]
    assert order.index("0.png") < order.index("p4") < order.index("1.png")


def test_a_url_is_handed_out_once_however_it_is_written(crawl):
    """Order of parameters, fragment and tracking make no new URL; another scheme does."""
    home = crawl.past_robots()
    crawl.captured(home, outlinks=links(f"{BLOG}a?x=1&y=2", f"{BLOG}a?y=2&x=1#c", f"{BLOG}a?y=2&utm_source=z&x=1"))
    assert crawl.run() == [f"{BLOG}a?x=1&y=2"]
    assert crawl.skipped == []
    assert crawl.frontier.offer(CrawlUrl(Url("http://blog.example/"), Url(BLOG), "blog", Url(BLOG), "L")).taken
    assert crawl.frontier.offer(CrawlUrl(Url(BLOG), Url(BLOG), "blog", Url(BLOG), "L")).rule == "seen"


def test_each_url_that_is_left_is_reported_once(crawl):
    """A link that stands on every page is one skipped URL."""
    page = links("https://facebook.example/", f"{BLOG}?replytocom=1", f"{BLOG}a", f"{BLOG}b")
    crawl.run({BLOG: page, f"{BLOG}a": page, f"{BLOG}b": page})
    assert [(skipped.url, skipped.rule, skipped.hop_path) for skipped in crawl.skipped] == [
        ("https://facebook.example/", "scope", "L"),
        (f"{BLOG}?replytocom=1", "replies", "L"),
    ]


def test_what_one_page_leaves_may_still_be_needed_by_another(crawl):
    """A link off the site is left, the same file as an image is fetched."""
    picture = "https://cdn.example/p.jpg"
    found = crawl.run({BLOG: links(picture, f"{BLOG}a"), f"{BLOG}a": links(picture, hop=Hop.EMBED)})
    assert picture in found


def test_a_redirect_is_a_step_of_its_own(crawl):
    """The target is offered with hop R and the redirecting URL as via."""
    home = crawl.past_robots()
    crawl.captured(home, outlinks=links(f"{BLOG}old"))
    crawl.captured(crawl.next(), 301, location="/new")
    target = crawl.next()
    assert (target.url, target.hop_path, target.via) == (f"{BLOG}new", "LR", f"{BLOG}old")


def test_a_loop_of_redirects_ends_by_itself(crawl):
    """Each URL of the loop is asked for once."""
    home = crawl.past_robots()
    crawl.captured(home, outlinks=links(f"{BLOG}a"))
    crawl.captured(crawl.next(), 302, location="/b")
    crawl.captured(crawl.next(), 302, location="/a")
    assert crawl.next() is None
    assert crawl.idle


def test_a_seed_that_moved_within_its_domain_moves_the_source(start):
    """A blog that moved to a subdomain is crawled there; a lapsed name does not bring in a stranger's site."""
    crawl = start(FAST + SOURCE)
    crawl.captured(crawl.past_robots(), 301, location="https://ny.blog.example/start")
    crawl.captured(crawl.past_robots(), outlinks=links("https://ny.blog.example/a"))
    assert crawl.next().url == "https://ny.blog.example/a"
    stranger = start(FAST + SOURCE)
    stranger.captured(stranger.past_robots(), 301, location="https://parked.example/")
    stranger.captured(stranger.past_robots(), outlinks=links("https://parked.example/a"))
    assert stranger.next() is None
    assert stranger.left("scope") == ["https://parked.example/a"]


def test_a_page_in_two_sources_is_fetched_once_and_serves_both(start):
    """Who fetched it first makes no difference to what the other source takes from it."""
    crawl = start(
        FAST
        + '[[source]]\nname = "party"\nseeds = ["https://party.example/"]\nfollow = ["blogs.example"]\n'
        + '[[source]]\nname = "anna"\nseeds = ["https://blogs.example/anna/"]\nscope = "prefix"\n'
        + 'follow = ["news.example"]\n'
    )
    shared = "https://blogs.example/anna/2022/post"
    found = crawl.run(
        {
            "https://party.example/": links(shared),
            shared: links(
                "https://blogs.example/anna/2022/other", "https://news.example/1", "https://blogs.example/bo/"
            ),
        }
    )
    assert sorted(found) == sorted(
        ["https://party.example/", "https://blogs.example/anna/", shared, "https://blogs.example/anna/2022/other", "https://news.example/1"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("result", "tries"),
    [
        (FailureKind.TIMEOUT, 6),
        (FailureKind.DISCONNECT, 6),
        (FailureKind.REFUSED, 6),
        (FailureKind.DNS, 6),
        (FailureKind.TLS, 2),
        (FailureKind.PROTOCOL, 1),
        (FailureKind.FORBIDDEN_ADDRESS, 1),
        (500, 6),
        (502, 6),
        (503, 6),
        (429, 6),
        (501, 1),
        (404, 1),
        (410, 1),
        (200, 1),
        (Truncation.DISCONNECT, 5),
        (Truncation.LENGTH, 1),
    ],
)
def test_only_what_may_pass_is_tried_again(start, result, tries):
    """Each try has its own number; with one other answer known, six are worth it, and five of what broke off."""
    crawl = start(FAST + SOURCE)
    crawl.captured(crawl.next(), 404)
    attempts = []
    while (candidate := crawl.next()) is not None:
        attempts.append(candidate.attempt)
        if isinstance(result, FailureKind):
            crawl.failed(candidate, result)
        elif isinstance(result, Truncation):
            crawl.captured(candidate, truncated=result)
        else:
            crawl.captured(candidate, result)
    assert attempts == list(range(1, tries + 1))
    assert crawl.idle
    assert bool(crawl.frontier.failed_seeds) == (
        isinstance(result, FailureKind) or (type(result) is int and result >= 400)
    )


def test_a_second_try_that_succeeds_counts_as_success(crawl):
    """500 and then 200 is a captured seed, with its links."""
    crawl.captured(crawl.past_robots(), 500, outlinks=links(f"{BLOG}error"))
    again = crawl.next()
    assert (again.url, again.attempt) == (BLOG, 2)
    crawl.captured(again, outlinks=links(f"{BLOG}a"))
    assert crawl.run() == [f"{BLOG}a"]
    assert crawl.frontier.failed_seeds == ()


def test_retry_after_makes_the_whole_host_wait(crawl):
    """Other pages of the host wait too, other hosts do not."""
    home = crawl.past_robots()
    crawl.captured(home, outlinks=links(f"{BLOG}a", f"{BLOG}b"))
    throttled = crawl.next()
    before = crawl.now
    crawl.captured(throttled, 429, retry_after="90")
    assert crawl.frontier.next(before + 89 * SECOND) is None
    assert crawl.next().url in urls("a", "b")
    assert crawl.now == before + 90 * SECOND


def test_a_host_that_is_gone_is_given_up(start):
    """After three times a dozen failures in a row, with a rest between, the rest is left with a reason."""
    crawl = start(FAST + SOURCE)
    home = crawl.past_robots()
    crawl.captured(home, outlinks=links(*urls(*map(str, range(50)))))
    while (candidate := crawl.next()) is not None:
        crawl.failed(candidate)
    assert len(crawl.asked) < 45
    assert len(crawl.left("host-down")) > 40
    assert crawl.idle


def test_a_limit_counts_pages_and_nothing_else(start):
    """robots.txt, redirects and requisites are not pages; the rest is left with the limit named."""
    crawl = start(FAST + SOURCE, max_pages=3)
    home = crawl.past_robots()
    crawl.captured(home, outlinks=links(*urls("a", "b", "c", "d")) + links(f"{BLOG}i.png", hop=Hop.EMBED))
    found = []
    while (candidate := crawl.next()) is not None:
        found.append(candidate.url.removeprefix(BLOG))
        redirect = candidate.url.endswith("/a")
        crawl.captured(candidate, 301 if redirect else 200, location="/a2" if redirect else None)
    assert sorted(found) == ["a", "b", "c", "i.png"]
    assert crawl.left("max-pages") == urls("d", "a2")
    assert crawl.frontier.limited
    assert crawl.idle


def test_a_limit_is_never_overshot_by_what_is_under_way(start):
    """While as many pages are under way as are left, no more are started."""
    sources = "".join(f'[[source]]\nname = "s{n}"\nseeds = ["https://h{n}.example/"]\n' for n in range(5))
    crawl = start(FAST + sources, max_pages=2)
    for _ in range(5):
        crawl.captured(crawl.next(), 404)
    first, second = crawl.next(), crawl.next()
    assert crawl.next() is None
    assert not crawl.idle
    crawl.failed(first, FailureKind.PROTOCOL)
    third = crawl.next()
    assert third is not None
    crawl.captured(second)
    crawl.captured(third)
    assert crawl.next() is None
    assert len(crawl.left("max-pages")) == 2
    assert crawl.idle


def test_each_source_has_a_limit_of_its_own(start):
    """One source at its limit does not stop another."""
    crawl = start(FAST + SOURCE + 'max_pages = 1\n[[source]]\nname = "b"\nseeds = ["https://b.example/"]\n')
    found = crawl.run({BLOG: links(f"{BLOG}a"), "https://b.example/": links("https://b.example/a")})
    assert sorted(found) == ["https://b.example/", "https://b.example/a", BLOG]


def test_lists_that_find_nothing_new_end_with_their_budget(start):
    """Tags that all lead to the same post are left after a hundred; what `include` names is not."""
    crawl = start(FAST + SOURCE + "include = ['/tag/keep']\n")
    tags = urls(*(f"tag/{n}/" for n in range(150)), *(f"tag/keep{n}/" for n in range(9)))
    found = crawl.run({BLOG: links(f"{BLOG}post", *tags)})
    assert sum("/tag/keep" in url for url in found) == 9
    assert 100 <= sum("/tag/" in url for url in found) <= 109
    assert len(crawl.left("listing-budget")) >= 50


def test_the_same_list_under_another_address_is_left(crawl):
    """Counters at 1 and parameters without meaning do not make another page."""
    arkiv = urls("arkiv/", "arkiv/?query-7-page=2", "arkiv/?query-7-page=2&cst", "arkiv/?query-7-page=1", "arkiv/?cst")
    assert crawl.run({BLOG: links(*arkiv)})[1:] == arkiv[:2]
    assert crawl.left("page-counters") == arkiv[2:]


def test_an_abandoned_candidate_waits_again(crawl):
    """What was handed out and not fetched comes back, robots.txt too; its host is free."""
    robots = crawl.next()
    crawl.frontier.abandon(robots)
    assert crawl.frontier.in_flight == 0
    assert crawl.next() == robots
    crawl.captured(robots, 404)
    home = crawl.next()
    crawl.frontier.abandon(home)
    assert (crawl.frontier.queued, crawl.frontier.in_flight) == (1, 0)
    assert crawl.next() == home


def test_a_candidate_of_a_source_that_is_not_crawled_is_left(crawl):
    """A run of some sources takes nothing for the others."""
    decision = crawl.frontier.offer(CrawlUrl(Url(f"{BLOG}a"), Url(BLOG), "other", Url(BLOG), "L"))
    assert not decision.taken
    assert "other" in decision.reason


def test_the_state_of_each_host_can_be_shown(crawl):
    """Rows for the progress display: what waits, what is under way, how fast."""
    home = crawl.past_robots()
    picture = links("https://cdn.example/y.png", hop=Hop.EMBED)
    crawl.captured(home, outlinks=links(*urls("a", "b"), "https://cdn.example/x.png") + picture)
    crawl.next()
    blog, cdn = crawl.frontier.hosts()
    assert (blog.host, blog.queued + blog.in_flight, blog.delay) == ("blog.example", 2, SECOND)
    assert (cdn.host, cdn.queued) == ("cdn.example", 1)
    assert sum(state.requested for state in crawl.frontier.hosts()) == len(crawl.asked)


SITE = {
    BLOG: links(*urls("a", "b", "gone", "moved", "flaky", "private/1", "tag/x/", "arkiv/?query-7-page=2&cst"), "https://off.example/")
    + links(f"{BLOG}style.css", hop=Hop.EMBED),
    f"{BLOG}a": links(*urls("c", "?replytocom=4", "arkiv/?query-7-page=2")),
    f"{BLOG}style.css": links("https://cdn.example/font.woff", hop=Hop.EMBED),
    f"{BLOG}tag/x/": links(*urls("d")),
}  # fmt: skip


def answer(crawl, candidate):
    """Answer as the made-up site does: a robots.txt, a redirect, an error, a page that works at the second try."""
    path = candidate.url.removeprefix(BLOG)
    if path == "robots.txt":
        crawl.captured(candidate, body=b"User-agent: *\nDisallow: /private/\n")
    elif candidate.hop_path.endswith("P"):
        crawl.failed(candidate, FailureKind.DNS) if candidate.attempt < 2 else crawl.captured(candidate, 404)
    elif path == "moved":
        crawl.captured(candidate, 301, location="/b2")
    elif path == "gone":
        crawl.captured(candidate, 404)
    elif path == "flaky" and candidate.attempt == 1:
        crawl.captured(candidate, 500)
    else:
        crawl.captured(candidate, outlinks=SITE.get(candidate.url, ()))


def finish(crawl):
    """Run to the end and return what was asked for."""
    while (candidate := crawl.next()) is not None:
        answer(crawl, candidate)
    assert crawl.idle
    return {(candidate.url, candidate.attempt) for candidate in crawl.asked}


@given(stop=st.integers(0, 16), seeds_first=st.booleans())
def test_a_run_that_is_resumed_anywhere_does_what_one_piece_would_have_done(stop, seeds_first):
    """Nothing is fetched twice, nothing is forgotten, nothing is reported twice."""
    whole = Crawl(configuration(FAST + SOURCE))
    whole.frontier.seed_all()
    wanted = finish(whole)
    first = Crawl(configuration(FAST + SOURCE))
    first.frontier.seed_all()
    for _ in range(stop):
        candidate = first.next()
        if candidate is None:
            break
        answer(first, candidate)
    second = Crawl(configuration(FAST + SOURCE), now=first.now + timedelta(minutes=5))
    if seeds_first:
        second.frontier.seed_all()
    for event, body in first.written:
        second.frontier.recall(event, entity=body)
    if not seeds_first:
        second.frontier.seed_all()
    asked_first = {(candidate.url, candidate.attempt) for candidate in first.asked}
    asked_second = finish(second)
    pages = {(url, attempt) for url, attempt in asked_first & asked_second if not url.endswith("robots.txt")}
    assert pages == set()
    # A robots.txt that had not been had yet is asked for anew, from the first try on.
    assert {url for url, _ in asked_first | asked_second} == {url for url, _ in wanted}
    assert not {s.url for s in first.skipped} & {s.url for s in second.skipped}
    assert {s.url for s in first.skipped + second.skipped} == {s.url for s in whole.skipped}
    assert second.frontier.failed_seeds == whole.frontier.failed_seeds == ()


def test_a_run_resumed_after_its_limit_goes_on(start):
    """What the limit left is no longer left when there is room, and is not reported again when there is not."""
    crawl = start(FAST + SOURCE, max_pages=1)
    crawl.run({BLOG: links(f"{BLOG}a")})
    skipped = crawl.skipped[0]
    assert isinstance(skipped, Skipped)
    wider = Crawl(configuration(FAST + SOURCE), max_pages=5)
    for event, body in crawl.events:
        wider.frontier.recall(event, entity=body)
    wider.frontier.recall(skipped)
    wider.frontier.seed_all()
    assert wider.run() == [f"{BLOG}a"]
    same = Crawl(configuration(FAST + SOURCE), max_pages=1)
    for event, body in crawl.events:
        same.frontier.recall(event, entity=body)
    same.frontier.recall(skipped)
    assert same.run() == []
