"""Traps that are known by what their pages show."""

import random
import re
import zlib

import pytest
from frontiers import Crawl, configuration, links
from hypothesis import given
from hypothesis import strategies as st

from umecrawl.frontier.address import address_of
from umecrawl.frontier.shapes import shape_of, wide_shape_of
from umecrawl.frontier.wording import sketch_of
from umecrawl.model.crawl import Hop
from umecrawl.model.sketch import MOST, TextSketch, read_sketch
from umecrawl.model.urls import Url, normalize

SITE = "https://site.example/"
FAST = '[politeness]\ndelay = "0s"\nmax_delay = "0s"\n[[source]]\nname = "site"\nseeds = ["https://site.example/"]\n'
FRAME = "<nav><a href=/>Hem</a></nav><p>Kommunens anslagstavla, kontakt och öppettider för biblioteket i centrum.</p>"


def words(seed, count=80):
    """Return made-up words, the same for the same seed."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("abcdefghijklmnoprstuvåäö", k=6)) for _ in range(count))


class Site:
    """Pages by a function from URL to (text outside of links, URLs linked to), crawled to the end or to a number."""

    def __init__(self, page, settings="", most=3_000):
        self.crawl = Crawl(configuration(FAST + settings))
        self.crawl.frontier.seed_all()
        self.longest = 0
        asked = 0
        while asked < most and (candidate := self.crawl.next()) is not None:
            asked += 1
            if candidate.hop_path.endswith(("P", "E")):
                self.crawl.captured(candidate, 404)
                continue
            text, targets, *images = page(candidate.url)
            body = (
                f"<html>{FRAME}<p>{text}</p>{''.join(f'<a href={url}>{words(url, 3)}</a>' for url in targets)}".encode()
            )
            embedded = links(*images, hop=Hop.EMBED)
            self.crawl.captured(
                candidate,
                body=body,
                outlinks=links(*targets) + embedded,
                sketch=sketch_of(body),
                payload_digest=f"sha256:{zlib.crc32(body):08x}",
            )
            self.longest = max(self.longest, self.crawl.frontier.queued)

    def asked(self, part=""):
        """Return the addresses asked for that hold a text."""
        return [c.url for c in self.crawl.asked if part in c.url and not c.hop_path.endswith(("P", "E"))]


def closed(crawl):
    """Return the shapes that were closed, each with its rule, as whoever runs the crawl is told."""
    told = (re.search(r"more addresses like (\S+) \(([\w-]+)\):", line) for line in crawl.frontier.notices.lines())
    return [match.groups() for match in told if match]


def test_a_page_that_spins_links_to_itself_is_stopped_soon():
    """Of ten thousand addresses a page, a handful is asked for, few wait, and each that is left is told once."""
    chance = random.Random(7)

    def page(url):
        return "Alltid samma text.", [f"{SITE}spin?z={chance.randrange(10**9)}" for _ in range(1_000)]

    site = Site(page)
    assert len(site.asked()) < 20
    assert site.longest <= 6_000
    assert site.crawl.idle
    left = site.crawl.left("same-text") + site.crawl.left("endless")
    assert len(left) == len(set(left)) > 9_000
    [notice] = site.crawl.frontier.notices.lines()
    assert notice.startswith(
        "site was not asked for more addresses like site.example/spin?z (same-text): "
        "15 pages in a row showed nothing that others had not shown; "
    )
    assert 'rules_off = ["same-text"]' in notice


def test_a_calendar_that_no_rule_knows_ends_within_thirty_pages():
    """Months and days change on each page and nothing else does; what stands beside it is taken."""
    months = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti")

    def page(url):
        if url == SITE:
            return "Start.", [f"{SITE}plan/2026-1-vy", f"{SITE}om-oss/", f"{SITE}kontakt/"]
        if "/plan/" not in url:
            return words(url), []
        year, month = (int(part) for part in url.rpartition("/")[2].split("-")[:2])
        later = f"{SITE}plan/{year + month // 12}-{month % 12 + 1}-vy"
        sooner = f"{SITE}plan/{year - (month == 1)}-{(month - 2) % 12 + 1}-vy"
        return f"<h1>{months[month % 8]} {year}</h1> må ti on to fr lö sö {' '.join(map(str, range(31)))}", [
            later,
            sooner,
        ]

    site = Site(page)
    assert len(site.asked("/plan/")) <= 30
    assert site.asked("/om-oss/")
    assert site.asked("/kontakt/")
    assert closed(site.crawl) == [("site.example/plan/*", "same-text")]


def test_addresses_made_of_random_words_are_known_by_their_depth():
    """Where each folder has a name of its own, no shape has many pages; together they show that nothing comes."""
    chance = random.Random(3)

    def page(url):
        return "Alltid samma text.", [
            f"{SITE}{words(chance.random(), 1)}-s/{words(chance.random(), 1)}/" for _ in range(9)
        ]

    site = Site(page)
    assert len(site.asked()) < 100
    assert ("site.example/*/*/", "same-text") in closed(site.crawl)


def test_a_chain_that_always_says_something_else_ends_too():
    """A generator with ever new text is known by this: nothing but its own pages has ever named one of them."""

    def page(url):
        number = int(url.rpartition("=")[2] or 0) if "=" in url else 0
        return words(number), [f"{SITE}story?n={number + 1}"]

    site = Site(page)
    assert len(site.asked()) <= 502
    assert closed(site.crawl) == [("site.example/story?n", "endless")]


def test_a_blog_whose_posts_only_link_to_each_other_is_taken_whole():
    """Posts of one shape, each found on the one before, are no trap: each says something."""

    def page(url):
        number = int(url.rstrip("/").rpartition("-")[2]) if url != SITE else 0
        return words(number, 40), [f"{SITE}2024/inlagg-{number + 1}/"] if number < 300 else []

    assert len(Site(page).asked()) == 301


def test_short_posts_with_pictures_are_no_trap():
    """A new picture is something new, also where hardly a word is."""

    def page(url):
        number = int(url.rstrip("/").rpartition("-")[2]) if url != SITE else 0
        targets = [f"{SITE}bild-{number + 1}/"] if number < 100 else []
        return "Dagens bild.", targets, f"https://cdn.example/{number}.jpg"

    assert len(Site(page).asked()) == 101


def test_lists_that_lead_to_posts_are_followed_to_their_end():
    """A list says nothing itself; the posts first found on it speak for it."""

    def page(url):
        if "/inlagg-" in url:
            return words(url), []
        number = int(url.rpartition("=")[2]) if "=" in url else 1
        posts = [f"{SITE}inlagg-{number}-{one}/" for one in range(3)]
        return "Nyheter.", posts + ([f"{SITE}?sida={number + 1}"] if number < 200 else [])

    site = Site(page)
    assert len(site.asked("/inlagg-")) == 600
    assert closed(site.crawl) == []


def test_a_list_without_end_that_repeats_itself_is_closed():
    """Beyond the last page some sites show the last page again, with a link to the next."""

    def page(url):
        number = int(url.rpartition("/page/")[2].rstrip("/")) if "/page/" in url else 1
        if "/inlagg-" in url:
            return words(url), []
        return "Nyheter.", [f"{SITE}inlagg-{min(number, 5)}/", f"{SITE}page/{number + 1}/"]

    site = Site(page)
    assert len(site.asked("/page/")) < 60
    assert len(site.asked("/inlagg-")) == 5


@pytest.mark.parametrize("settings", ["include = ['[?]z=']\n", 'rules_off = ["same-text", "endless"]\n'])
def test_the_configuration_can_take_it_all_the_same(settings):
    """By naming the addresses, or by switching the rule off for the source."""

    def page(url):
        number = int(url.rpartition("=")[2]) if "=" in url else 0
        return "Samma text.", [f"{SITE}x?z={number + 1}"] if number < 100 else []

    site = Site(page, settings)
    assert len(site.asked()) == 101


def test_a_run_taken_up_again_knows_the_trap():
    """What was learned from pages is learned from their records as well."""

    def page(url):
        number = int(url.rpartition("=")[2]) if "=" in url else 0
        return "Samma text.", [f"{SITE}x?z={number + step}" for step in range(1, 20)]

    whole = Site(page)
    first = Site(page, most=9)
    second = Crawl(first.crawl.config)
    second.frontier.seed_all()
    for event, body in first.crawl.written:
        second.frontier.recall(event, entity=body)
    while (candidate := second.next()) is not None:
        text, targets = page(candidate.url)
        body = f"<html>{FRAME}<p>{text}</p>".encode()
        second.captured(candidate, outlinks=links(*targets), sketch=sketch_of(body))
    asked = [c.url for c in first.crawl.asked + second.asked if not c.hop_path.endswith("P")]
    assert asked == whole.asked()
    assert second.frontier.notices.lines() == whole.crawl.frontier.notices.lines() != ()


def test_memory_stays_flat_whatever_a_site_makes_up():
    """The shapes remembered and the addresses that wait have a bound; shapes come and go."""
    from umecrawl.frontier import symptoms  # noqa: PLC0415 - for its bounds only

    judge = symptoms.Symptoms()
    crawl = Crawl(configuration(FAST))
    crawl.frontier.seed_all()
    candidate = crawl.next()
    crawl.captured(candidate, sketch=TextSketch(0, ()))
    capture = crawl.events[-1][0]
    for number in range(symptoms._SHAPES_KEPT + 500):
        url = Url(f"{SITE}{words(number, 1)}{'x' * (number % 7)}/page.html")
        judge.saw(type(candidate)(url, Url(SITE), "site", Url(SITE), "L"), capture)
    assert len(judge._shapes) <= symptoms._SHAPES_KEPT


@pytest.mark.parametrize(
    ("path", "shape", "wide"),
    [
        ("", "/", "/"),
        ("2022/05/18/ett-inlagg/", "/#/#/#/*/", "/*/*/*/*/"),
        ("nyheter/lokalt/umea/en-artikel", "/nyheter/lokalt/umea/*", "/*/*/*/*"),
        ("nyheter/?paged1=3", "/nyheter/?paged1", "/*/?*"),
        ("kalender?manad=6&ar=2024", "/kalender?ar&manad", "/*?*&*"),
        ("a/b7c.html", "/a/*.html", "/*/*"),
        ("x?q=1&Q=2", "/x?q", "/*?*"),
    ],
)
def test_the_shape_of_an_address(path, shape, wide):
    """Figures, the page's own name and values are left open."""
    address = address_of(normalize(f"{SITE}{path}"))
    assert (shape_of(address), wide_shape_of(address)) == (f"site.example{shape}", f"site.example{wide}")


def test_pages_that_differ_in_their_numbers_only_are_worth_some_patience():
    """A small site of numbered pages is taken whole; behind a query, a counter on each page does not hide a trap."""

    def page(url):
        number = int(url.rpartition("-")[2]) if "-" in url else 0
        return f"Stycke {number} av protokollet.", [f"{SITE}sida-{number + 1}"] if number < 400 else []

    assert len(Site(page).asked()) == 401

    def counted(url):
        number = int(url.rpartition("=")[2]) if "=" in url else 0
        return f"Sidan har visats {number * 7} gånger.", [f"{SITE}visa?nr={number + 1}"]

    assert len(Site(counted).asked()) <= 102


def test_links_and_names_of_months_are_no_text():
    """A page is compared by what it says, not by where it leads or what day it is."""
    one = "<p>Kalender för kommunens bibliotek</p><h1>maj 2024</h1><a href=/1>läs om torget</a><script>var a=1</script>"
    other = "<p>Kalender f&ouml;r kommunens bibliotek</p><h1>June 2024</h1><a href=/2>nytt bad</a><style>b{}</style>"
    assert sketch_of(one.encode()) == sketch_of(other.encode())
    assert sketch_of(one.encode()) != sketch_of(one.replace("bibliotek", "museum").encode())


@given(st.binary(max_size=500))
def test_no_markup_is_too_odd_for_a_sketch(markup):
    """Any bytes have one, the same each time, and it survives being written."""
    sketch = sketch_of(markup)
    assert sketch == sketch_of(markup)
    assert read_sketch(str(sketch)) == sketch
    assert len(sketch.hashes) <= MOST


@given(st.sets(st.integers(0, 2**32 - 1), max_size=300))
def test_a_sketch_is_a_fair_sample(hashes):
    """Each hash kept is divisible by the level's power of two, and none that is was left out."""
    sketch = TextSketch.of(hashes)
    assert set(sketch.hashes) == {one for one in hashes if not one % (1 << sketch.level)}
    assert read_sketch(str(sketch)) == sketch


@given(st.text(max_size=40))
def test_what_is_no_sketch_is_read_as_none(text):
    """A record by another tool, or a damaged one, has none."""
    sketch = read_sketch(text)
    assert sketch is None or str(sketch).split()[0] == str(sketch.level)
